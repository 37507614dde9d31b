#include <algorithm>
#include <map>
#include <set>

#include "tests/taint/plain_account_tracer.h"

namespace spoor::plain {
namespace {

std::vector<Side> NetsOf(const std::vector<Transfer>& transfers, size_t begin, size_t end,
                         const AccountOptions& options) {
  std::vector<Side> sides;
  const auto add = [&](const std::optional<uint64_t>& account, uint32_t asset, const Number& net) {
    std::optional<uint64_t> who = account;
    if (!account.has_value() && options.issuers.contains(asset)) who = options.issuers.at(asset);
    for (Side& side : sides) {
      if (side.account == who && side.asset == asset && side.issue == !account.has_value()) {
        side.net += net;
        return;
      }
    }
    sides.push_back({who, asset, !account.has_value(), net});
  };
  for (size_t i = begin; i < end; ++i) {
    add(transfers[i].from, transfers[i].asset, -transfers[i].amount);
    add(transfers[i].to, transfers[i].asset, transfers[i].amount);
  }
  std::erase_if(sides, [](const Side& side) { return side.net == 0; });
  return sides;
}

}  // namespace

std::optional<Swap> SwapOf(const std::vector<Transfer>& transfers, size_t begin, size_t end,
                           const AccountOptions& options) {
  Swap swap;
  swap.sides = NetsOf(transfers, begin, end, options);
  std::set<size_t> converting;
  for (size_t i = 0; i < swap.sides.size(); ++i) {
    for (size_t j = 0; j < swap.sides.size(); ++j) {
      const Side& from = swap.sides[i];
      const Side& to = swap.sides[j];
      if (!from.account.has_value() || from.account != to.account) continue;
      const auto mine = std::count_if(swap.sides.begin(), swap.sides.end(), [&](const Side& side) {
        return side.account == from.account;
      });
      if (mine != 2 || from.net > 0 || to.net < 0 || from.asset == to.asset) continue;
      swap.conversions.emplace_back(i, j);
      converting.insert({i, j});
    }
  }
  if (swap.conversions.empty()) return std::nullopt;
  std::map<uint32_t, std::vector<size_t>> receivers;
  for (size_t i = 0; i < swap.sides.size(); ++i) {
    if (converting.contains(i)) continue;
    if (swap.sides[i].net > 0) {
      receivers[swap.sides[i].asset].push_back(i);
    } else if (swap.giver.has_value()) {
      return std::nullopt;
    } else {
      swap.giver = i;
    }
  }
  if (swap.giver.has_value()) {
    const Side& giver = swap.sides[*swap.giver];
    swap.same = receivers[giver.asset];
    receivers.erase(giver.asset);
    if (swap.Sum(swap.same) < giver.amount()) {
      if (receivers.size() != 1) return std::nullopt;
      swap.converted = receivers.begin()->second;
      receivers.clear();
    }
  }
  for (const auto& [asset, sides] : receivers) {
    swap.clean.insert(swap.clean.end(), sides.begin(), sides.end());
  }
  return swap;
}

}  // namespace spoor::plain
