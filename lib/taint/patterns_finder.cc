#include "lib/taint/patterns_finder.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace spoor {
namespace {

// Read at a time.
constexpr size_t kBatch = 1024;

template <typename T>
void Append(std::vector<T>* from, std::vector<T>* to) {
  to->insert(to->end(), from->begin(), from->end());
  from->clear();
}

}  // namespace

absl::Status PatternsFinder::NameDormancies() {
  std::sort(dormancies_.begin(), dormancies_.end(), [](const Dormancy& a, const Dormancy& b) {
    return std::tie(a.moved, a.made, a.output) < std::tie(b.moved, b.made, b.output);
  });
  std::vector<Position> positions;
  std::vector<Movement> movements;
  for (size_t begin = 0; begin < dormancies_.size(); begin += kBatch) {
    const size_t end = std::min(begin + kBatch, dormancies_.size());
    positions.clear();
    for (size_t i = begin; i < end; ++i) positions.push_back(dormancies_[i].made);
    SPOOR_RETURN_IF_ERROR(view_->ReadMovements(positions, &movements));
    for (size_t i = begin; i < end; ++i) dormancies_[i].txid = movements[i - begin].txid;
  }
  return absl::OkStatus();
}

absl::Status PatternsFinder::Finish(PolicyResult* result) {
  if (direction_ == Direction::kBack) std::reverse(coinjoins_.begin(), coinjoins_.end());
  Append(&coinjoins_, &result->coinjoins);
  for (PeelChain& chain : peel_chains_.Finish()) {
    result->peel_chains.push_back({chain_, std::move(chain)});
  }
  SPOOR_RETURN_IF_ERROR(NameDormancies());
  Append(&dormancies_, &result->dormancies);
  Append(&splits_, &result->splits);
  Append(&merges_, &result->merges);
  return absl::OkStatus();
}

}  // namespace spoor
