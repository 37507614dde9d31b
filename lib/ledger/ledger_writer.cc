#include "spoor/ledger/ledger_writer.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/revealed.h"

namespace spoor {
namespace {

HashText HashTextOf(Family family) {
  return family == Family::kUtxo ? HashText::kReversed : HashText::kPrefixed;
}

// What a movement of a UTXO chain looks like: a coinbase mints and pays no fee, any other spends
// and pays one, last; nobody owns what is burned; no sum passes 64 bits.
bool IsUtxoMovement(const Movement& movement, const Units& given) {
  const size_t outputs = movement.takes.size() - (movement.coinbase ? 0 : 1);
  if (movement.kind != MovementKind::kTransaction || movement.takes.empty() ||
      movement.coinbase != movement.gives.empty() || (!movement.coinbase && movement.minted != 0) ||
      given > std::numeric_limits<uint64_t>::max()) {
    return false;
  }
  for (size_t i = 0; i < movement.takes.size(); ++i) {
    const Take& take = movement.takes[i];
    if ((take.kind == TakerKind::kFee) != (i == outputs) ||
        (take.kind == TakerKind::kHolding) == take.owner.IsNobody()) {
      return false;
    }
  }
  return true;
}

// What a movement of an account chain states: that something moves from a balance, or from nobody,
// to a balance or a sink.
bool IsStatedMovement(const Movement& movement, uint64_t addresses, uint64_t assets) {
  const auto is_balance = [&](const Holding& holding, AddressId owner) {
    return owner.number < addresses && holding == Holding::Balance(owner, movement.asset);
  };
  if (movement.coinbase || movement.asset > assets || movement.gives.size() > 1 ||
      movement.takes.empty()) {
    return false;
  }
  for (const Give& give : movement.gives) {
    if (give.kind != GiveKind::kHolding || !is_balance(give.holding, give.owner)) return false;
  }
  const Take& first = movement.takes[0];
  const Take& last = movement.takes.back();
  Units sum = 0;
  for (const Take& take : movement.takes) {
    if (take.kind == TakerKind::kHolding ? !is_balance(take.holding, take.owner)
                                         : !take.owner.IsNobody()) {
      return false;
    }
    if (take.amount > std::numeric_limits<Units>::max() - sum) return false;
    sum += take.amount;
  }
  switch (movement.kind) {
    case MovementKind::kTransaction:
      return false;
    case MovementKind::kFee:
      return !movement.gives.empty() && last.kind == TakerKind::kFee && movement.index == 0 &&
             (movement.takes.size() == 1 ||
              (movement.takes.size() == 2 && first.kind == TakerKind::kBurned));
    case MovementKind::kTransfer:
    case MovementKind::kReward:
      return movement.takes.size() == 1 && first.kind != TakerKind::kFee &&
             (first.kind == TakerKind::kHolding || !movement.gives.empty()) &&
             (movement.kind == MovementKind::kTransfer || movement.gives.empty());
  }
  return false;
}

absl::Status CheckMovement(Family family, const Movement& movement, Position position,
                           const LedgerTotals& totals) {
  const auto error = [&](absl::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("movement ", position.number, " (",
                                                   ToText(movement.txid, HashTextOf(family)),
                                                   "): ", what));
  };
  const uint64_t addresses = totals.addresses;
  const auto known = [&](AddressId owner) { return owner.IsNobody() || owner.number < addresses; };
  if (movement.position != position) return error("its position is not the next one");
  if (family == Family::kAccount) {
    if (IsStatedMovement(movement, addresses, totals.assets)) return absl::OkStatus();
    return error("it is not what may be stated of an account chain");
  }
  Units given = movement.minted;
  for (const Give& give : movement.gives) {
    if (give.kind == GiveKind::kHolding && give.holding.major >= position.number) {
      return error("it spends a holding that does not exist yet");
    }
    if (!known(give.owner)) return error("it names an address that does not exist");
    given += give.amount;
  }
  Units taken = 0;
  for (const Take& take : movement.takes) {
    if (!known(take.owner)) return error("it names an address that does not exist");
    taken += take.amount;
  }
  if (given != taken) {
    return error(
        absl::StrCat("it was given ", ToDecimal(given), ", its takers took ", ToDecimal(taken)));
  }
  if (family == Family::kUtxo && !IsUtxoMovement(movement, given)) {
    return error("it is not shaped like a transaction of a UTXO chain");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<BlockInfo> CheckNewBlock(Family family, const std::optional<BlockInfo>& tip,
                                        const NewBlock& block) {
  // Whoever exports an account chain may leave out what is of no interest.
  const bool gap =
      family == Family::kAccount && tip.has_value() && block.height > uint64_t{tip->height} + 1;
  if (tip.has_value() && !gap &&
      (block.height != uint64_t{tip->height} + 1 || block.previous != tip->hash)) {
    const HashText form = HashTextOf(family);
    return absl::FailedPreconditionError(
        absl::StrCat("block ", ToText(block.hash, form), " at height ", block.height, " follows ",
                     ToText(block.previous, form), "; the tip is ", ToText(tip->hash, form),
                     " at height ", tip->height));
  }
  BlockInfo info;
  info.height = block.height;
  info.hash = block.hash;
  info.previous = block.previous;
  info.time = block.time;
  info.bits = block.bits;
  info.order_time = tip.has_value() ? std::max(block.time, tip->order_time) : block.time;
  if (tip.has_value()) info.totals = tip->totals;
  info.first = Position{info.totals.movements};
  info.totals.blocks += 1;
  info.totals.transactions += block.transactions;
  info.totals.transfers += block.transfers;
  info.totals.addresses += block.new_addresses.size();
  info.totals.assets += block.new_assets.size();
  if (family == Family::kUtxo && (!block.new_assets.empty() || !block.transaction_texts.empty())) {
    return absl::InvalidArgumentError("a UTXO chain has no assets but its own, and no other txids");
  }
  if (family == Family::kAccount && !block.revealed.empty()) {
    return absl::InvalidArgumentError("inputs reveal nothing on an account chain");
  }
  for (const NewBlock::Revealed& revealed : block.revealed) {
    if (revealed.movement >= block.movements.size() ||
        revealed.give >= block.movements[revealed.movement].gives.size() ||
        block.movements[revealed.movement].gives[revealed.give].owner.IsNobody() ||
        !IsRevealable(AsBytes(revealed.bytes))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "input ", revealed.give, " of movement ", info.totals.movements + revealed.movement,
          " is none that can reveal ", ToHex(AsBytes(revealed.bytes))));
    }
  }
  for (const Movement& movement : block.movements) {
    SPOOR_RETURN_IF_ERROR(
        CheckMovement(family, movement, Position{info.totals.movements}, info.totals));
    info.totals.movements += 1;
    info.totals.inputs += movement.gives.size();
    for (const Give& give : movement.gives)
      info.totals.unresolved_inputs += give.kind == GiveKind::kUnresolved ? 1 : 0;
    for (const Take& take : movement.takes) {
      const bool paid = take.kind == TakerKind::kFee || movement.kind == MovementKind::kFee;
      info.totals.outputs += paid ? 0 : 1;
    }
  }
  return info;
}

}  // namespace spoor
