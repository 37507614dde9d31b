#include "lib/simulate/coin_selection.h"

#include <algorithm>
#include <numeric>

namespace spoor::simulate {
namespace {

// Bitcoin Core tries 100,000 times; small wallets need far fewer, and this runs for every payment.
constexpr int kMostTries = 1'000;

std::optional<std::vector<size_t>> TakeInOrder(absl::Span<const int64_t> values,
                                               absl::Span<const size_t> order, int64_t target) {
  std::vector<size_t> taken;
  int64_t sum = 0;
  for (const size_t i : order) {
    if (values[i] <= 0) continue;
    taken.push_back(i);
    sum += values[i];
    if (sum >= target) {
      std::sort(taken.begin(), taken.end());
      return taken;
    }
  }
  return std::nullopt;
}

// Depth first over the coins from the largest down, taking each before leaving it out.
std::optional<std::vector<size_t>> BranchAndBound(absl::Span<const int64_t> values,
                                                  absl::Span<const size_t> descending,
                                                  int64_t target, int64_t slack) {
  int64_t behind = 0;  // the sum of what is not yet decided
  size_t n = 0;
  for (; n < descending.size() && values[descending[n]] > 0; ++n) behind += values[descending[n]];
  std::vector<size_t> taken;  // places in `descending`
  int64_t sum = 0;
  size_t at = 0;
  for (int tries = 0; tries < kMostTries; ++tries) {
    if (sum >= target && sum <= target + slack) {
      std::vector<size_t> found;
      found.reserve(taken.size());
      for (const size_t place : taken) found.push_back(descending[place]);
      std::sort(found.begin(), found.end());
      return found;
    }
    if (sum > target + slack || sum + behind < target || at == n) {
      if (taken.empty()) return std::nullopt;
      for (; at > taken.back() + 1; --at) behind += values[descending[at - 1]];
      sum -= values[descending[taken.back()]];
      taken.pop_back();  // and go on behind it, without it
      continue;
    }
    const int64_t value = values[descending[at]];
    behind -= value;
    sum += value;
    taken.push_back(at++);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::vector<size_t>> SelectCoins(CoinSelection how, absl::Span<const int64_t> values,
                                               int64_t target, int64_t slack) {
  std::vector<size_t> order(values.size());
  std::iota(order.begin(), order.end(), size_t{0});
  if (how == CoinSelection::kOldestFirst) return TakeInOrder(values, order, target);
  std::vector<size_t> descending = order;
  // Stable, so that equal coins fall in one order everywhere.
  std::stable_sort(descending.begin(), descending.end(),
                   [&values](size_t a, size_t b) { return values[a] > values[b]; });
  if (how == CoinSelection::kLargestFirst) return TakeInOrder(values, descending, target);
  auto exact = BranchAndBound(values, descending, target, slack);
  return exact ? exact : TakeInOrder(values, order, target);
}

}  // namespace spoor::simulate
