#include "lib/taint/block_times.h"

#include <algorithm>

#include "spoor/base/status_macros.h"

namespace spoor {

absl::StatusOr<bool> BlockTimes::Apart(uint32_t from, uint32_t to) {
  if (!tip_.has_value() || to <= from || (from >= near_from_ && to <= near_to_)) return false;
  const uint64_t first = uint64_t{tip_->height} + 1 - tip_->totals.blocks;
  const auto below = [&](uint32_t height) {
    return static_cast<uint32_t>(std::max<uint64_t>(first, height - height % kRound));
  };
  const auto above = [&](uint32_t height) {
    return static_cast<uint32_t>(
        std::min<uint64_t>(tip_->height, (uint64_t{height} + kRound - 1) / kRound * kRound));
  };
  SPOOR_ASSIGN_OR_RETURN(const int64_t earliest, TimeAt(below(from)));
  SPOOR_ASSIGN_OR_RETURN(const int64_t latest, TimeAt(above(to)));
  if (latest - earliest < seconds_) {
    near_from_ = below(from);
    near_to_ = above(to);
    return false;
  }
  SPOOR_ASSIGN_OR_RETURN(const int64_t begin, TimeAt(from));
  SPOOR_ASSIGN_OR_RETURN(const int64_t end, TimeAt(to));
  return end - begin >= seconds_;
}

absl::StatusOr<int64_t> BlockTimes::TimeAt(uint32_t height) {
  const auto it = times_.find(height);
  if (it != times_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, view_.BlockAt(height));
  times_.emplace(height, block.order_time);
  return block.order_time;
}

}  // namespace spoor
