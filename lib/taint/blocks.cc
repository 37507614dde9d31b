#include "lib/taint/blocks.h"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/network.h"

namespace spoor {

absl::StatusOr<std::optional<BlockInfo>> FirstBlock(
    const LedgerView& view, absl::FunctionRef<bool(const BlockInfo&)> holds) {
  const std::optional<BlockInfo> tip = view.tip();
  if (!tip.has_value() || !holds(*tip)) return std::nullopt;
  BlockInfo found = *tip;
  if (view.chain().family == Family::kAccount) {
    // Heights may be left out, but not positions. A block without movements need not be found.
    uint64_t below = 0;
    uint64_t above = tip->totals.movements;
    while (below < above) {
      const uint64_t middle = below + (above - below) / 2;
      SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(view, Position{middle}));
      SPOOR_ASSIGN_OR_RETURN(BlockInfo block, view.BlockAt(movement.height));
      if (holds(block)) {
        above = block.first.number;
        found = std::move(block);
      } else {
        below = block.totals.movements;
      }
    }
    return found;
  }
  // A chain has a block at every height from its first to its tip.
  uint64_t below = uint64_t{tip->height} + 1 - tip->totals.blocks;
  while (below < found.height) {
    const auto height = static_cast<uint32_t>((below + found.height) / 2);
    SPOOR_ASSIGN_OR_RETURN(BlockInfo block, view.BlockAt(height));
    if (holds(block)) {
      found = std::move(block);
    } else {
      below = height + 1;
    }
  }
  return found;
}

absl::StatusOr<BlockInfo> BlockOf(const LedgerView& view, Position position) {
  SPOOR_ASSIGN_OR_RETURN(const std::optional<BlockInfo> block,
                         FirstBlock(view, [&](const BlockInfo& candidate) {
                           return position.number < candidate.totals.movements;
                         }));
  if (!block.has_value()) {
    return absl::DataLossError(
        absl::StrCat("movement ", position.number, " is past the chain's tip"));
  }
  return *block;
}

Holding FeeHolding(Position position) {
  // No transaction has so many outputs.
  return Holding::Output(position, std::numeric_limits<uint32_t>::max());
}

absl::StatusOr<Movement> CoinbaseWithFees(const LedgerView& view, const BlockInfo& block,
                                          FeeRule rule) {
  const auto network = FindNetwork(view.chain().network);
  if (view.chain().family != Family::kUtxo || !network.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("fees cannot be followed on ", view.chain().name,
                                                   ": its blocks' subsidy is not known"));
  }
  std::vector<Position> positions;
  for (uint64_t n = block.first.number; n < block.totals.movements; ++n) positions.push_back({n});
  std::vector<Movement> movements;
  SPOOR_RETURN_IF_ERROR(view.ReadMovements(positions, &movements));
  if (movements.empty() || !movements[0].coinbase) {
    return absl::DataLossError(
        absl::StrCat("block ", block.height, " does not begin with a coinbase"));
  }
  Movement coinbase = std::move(movements[0]);
  Units fees = 0;
  for (size_t i = 1; i < movements.size(); ++i) {
    const Take& fee = movements[i].takes.back();
    if (fee.kind != TakerKind::kFee) continue;
    coinbase.gives.push_back(
        {GiveKind::kHolding, FeeHolding(movements[i].position), Flow::kToFees, fee.amount});
    fees += fee.amount;
  }
  for (const Take& take : coinbase.takes) {
    if (take.next.has_value() && take.next->number < block.totals.movements) {
      return absl::DataLossError(absl::StrCat("block ", block.height, " spends its own coinbase"));
    }
  }
  // A ledger that begins in mid-life may not know all fees.
  Units subsidy = BlockSubsidy(**network, block.height);
  if (coinbase.minted > subsidy + fees) subsidy = coinbase.minted - fees;
  const Give minted{GiveKind::kOutside, Holding(), Flow::kFromMinted, subsidy};
  coinbase.gives.insert(
      rule == FeeRule::kSubsidyFirst ? coinbase.gives.begin() : coinbase.gives.end(), minted);
  Take unclaimed;
  unclaimed.kind = TakerKind::kFee;
  unclaimed.amount = subsidy + fees - coinbase.minted;
  coinbase.takes.push_back(unclaimed);
  coinbase.minted = 0;
  return coinbase;
}

}  // namespace spoor
