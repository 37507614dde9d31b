#ifndef SPOOR_LIB_TAINT_BLOCK_TIMES_H_
#define SPOOR_LIB_TAINT_BLOCK_TIMES_H_

#include <cstdint>
#include <limits>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// Which blocks are far apart in time, of many pairs, for the price of few reads: the order of times
// never decreases, so the blocks at round heights tell of nearly all pairs. For one thread.
class BlockTimes {
 public:
  BlockTimes(const LedgerView& view, int64_t seconds)
      : view_(view), seconds_(seconds), tip_(view.tip()) {}

  // Whether the block at `to` stands `seconds` or more after the one at `from`, both of the ledger.
  absl::StatusOr<bool> Apart(uint32_t from, uint32_t to);

 private:
  // About a week of Bitcoin.
  static constexpr uint32_t kRound = 1024;

  absl::StatusOr<int64_t> TimeAt(uint32_t height);

  const LedgerView& view_;
  int64_t seconds_;
  std::optional<BlockInfo> tip_;
  // The last answer at round heights that was no: it holds for all blocks between.
  uint32_t near_from_ = std::numeric_limits<uint32_t>::max();
  uint32_t near_to_ = 0;
  absl::flat_hash_map<uint32_t, int64_t> times_;  // by height
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_BLOCK_TIMES_H_
