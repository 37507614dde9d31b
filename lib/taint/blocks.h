#ifndef SPOOR_LIB_TAINT_BLOCKS_H_
#define SPOOR_LIB_TAINT_BLOCKS_H_

#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/follow.h"

namespace spoor {

// The lowest block for which `holds`, nullopt if there is none. Where it holds for a block it must
// hold for all above.
absl::StatusOr<std::optional<BlockInfo>> FirstBlock(
    const LedgerView& view, absl::FunctionRef<bool(const BlockInfo&)> holds);

// The block that the movement at `position` is in.
absl::StatusOr<BlockInfo> BlockOf(const LedgerView& view, Position position);

// Where a movement's fee waits for the coinbase of its block.
Holding FeeHolding(Position position);

// The coinbase of `block` as a movement that spends: the subsidy, as units from outside, and the
// block's fees share what it pays out, and its own fee takes what it did not claim.
// INVALID_ARGUMENT if the chain's subsidy is not known; DATA_LOSS if the block does not begin with
// a coinbase, or spends it.
absl::StatusOr<Movement> CoinbaseWithFees(const LedgerView& view, const BlockInfo& block,
                                          FeeRule rule);

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_BLOCKS_H_
