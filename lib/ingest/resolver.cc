#include "lib/ingest/resolver.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/script.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

// What an entry of each map costs, allowing for a hash table that is half full.
constexpr uint64_t kCoinBytes = 2 * 72;
constexpr uint64_t kAddressBytes = 2 * 104;

absl::Status BadTransaction(const bitcoin::Transaction& tx, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("transaction ", ToText(tx.txid), " ", what));
}

std::string OutPointText(const bitcoin::OutPoint& outpoint) {
  return absl::StrCat(ToText(outpoint.txid), ":", outpoint.index);
}

}  // namespace

Resolver::Resolver(const Network& network, const LedgerView* ledger, uint64_t memory)
    : network_(network),
      ledger_(ledger),
      coins_(memory / 2 / kCoinBytes),
      addresses_(memory / 2 / kAddressBytes) {
  if (const auto tip = ledger->tip(); tip.has_value()) {
    complete_ = tip->totals.blocks == uint64_t{tip->height} + 1;
  }
}

absl::StatusOr<AddressId> Resolver::NumberAddress(ByteSpan script_pubkey, NewBlock* block) {
  const ScriptId script = ClassifyScript(script_pubkey);
  if (script.kind == ScriptKind::kUnspendable) return AddressId();
  std::string key = AddressKey(script);
  if (const AddressId* known = addresses_.Find(key)) return *known;
  SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> stored, ledger_->FindAddress(key));
  AddressId id;
  if (stored.has_value()) {
    id = *stored;
  } else {
    const auto tip = ledger_->tip();
    id.number = (tip.has_value() ? tip->totals.addresses : 0) + block->new_addresses.size();
    block->new_addresses.push_back(key);
  }
  addresses_.Put(std::move(key), id);
  return id;
}

absl::StatusOr<bool> Resolver::TakeCoin(const bitcoin::OutPoint& outpoint, Coin* coin) {
  if (const Coin* known = coins_.Find(outpoint)) {
    *coin = *known;
    coins_.Erase(outpoint);
    return true;
  }
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> positions,
                         ledger_->FindTransaction(outpoint.txid));
  if (positions.empty()) return false;
  // Of two coinbases with one txid the later replaced the earlier (BIP 30).
  SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(*ledger_, positions.back()));
  if (outpoint.index >= movement.takes.size()) return false;
  const Take& take = movement.takes[outpoint.index];
  if (take.kind != TakerKind::kHolding || take.next.has_value()) return false;
  *coin = {take.holding, static_cast<uint64_t>(take.amount), take.owner};
  return true;
}

absl::Status Resolver::AddGives(const bitcoin::Transaction& tx,
                                const std::vector<bitcoin::TxOut>* spent, NewBlock* block,
                                Movement* movement) {
  movement->gives.resize(tx.inputs.size());
  for (size_t i = 0; i < tx.inputs.size(); ++i) {
    Give& give = movement->gives[i];
    Coin coin;
    SPOOR_ASSIGN_OR_RETURN(const bool found, TakeCoin(tx.inputs[i].prevout, &coin));
    if (found) {
      give.kind = GiveKind::kHolding;
      give.holding = coin.holding;
      give.owner = coin.owner;
      give.amount = coin.amount;
    } else if (complete_) {
      return BadTransaction(tx, absl::StrCat("spends ", OutPointText(tx.inputs[i].prevout),
                                             ", which does not exist or is spent"));
    } else if (spent != nullptr) {
      give.kind = GiveKind::kOutside;
      give.amount = (*spent)[i].value.sat();
      SPOOR_ASSIGN_OR_RETURN(give.owner, NumberAddress((*spent)[i].script_pubkey, block));
      ++inputs_from_undo_;
    } else {
      give.kind = GiveKind::kUnresolved;
      give.amount = 0;
    }
  }
  return absl::OkStatus();
}

absl::Status Resolver::AddTakes(const bitcoin::Transaction& tx, NewBlock* block,
                                Movement* movement) {
  movement->takes.resize(tx.outputs.size());
  for (size_t i = 0; i < tx.outputs.size(); ++i) {
    const auto index = static_cast<uint32_t>(i);
    Take& take = movement->takes[i];
    SPOOR_ASSIGN_OR_RETURN(take.owner, NumberAddress(tx.outputs[i].script_pubkey, block));
    take.kind = take.owner.IsNobody() ? TakerKind::kBurned : TakerKind::kHolding;
    take.holding = Holding::Output(movement->position, index);
    take.amount = tx.outputs[i].value.sat();
    if (take.kind == TakerKind::kHolding) {
      coins_.Put({tx.txid, index}, {take.holding, tx.outputs[i].value.sat(), take.owner});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<NewBlock> Resolver::Resolve(
    const bitcoin::Block& block, uint32_t height,
    const std::function<absl::StatusOr<SpentOutputs>()>& undo) {
  const auto tip = ledger_->tip();
  if (!tip.has_value()) complete_ = block.hash == network_.genesis;
  NewBlock out;
  out.height = height;
  out.hash = block.hash;
  out.previous = block.header.previous;
  out.time = block.header.time;
  out.bits = block.header.bits;
  out.transactions = block.transactions.size();
  out.movements.resize(block.transactions.size());
  const uint64_t first = tip.has_value() ? tip->totals.movements : 0;

  std::optional<SpentOutputs> spent;
  if (!complete_) {
    absl::StatusOr<SpentOutputs> outputs = undo();
    if (outputs.ok()) {
      spent = *std::move(outputs);
    } else if (!absl::IsNotFound(outputs.status())) {
      return outputs.status();
    }
  }

  uint64_t fees = 0;
  for (size_t t = 0; t < block.transactions.size(); ++t) {
    const bitcoin::Transaction& tx = block.transactions[t];
    Movement& movement = out.movements[t];
    movement.position = Position{first + t};
    movement.txid = tx.txid;
    movement.height = height;
    movement.coinbase = t == 0;
    uint64_t paid = 0;
    for (const bitcoin::TxOut& output : tx.outputs) paid += output.value.sat();
    if (t == 0) {
      movement.minted = paid;
      SPOOR_RETURN_IF_ERROR(AddTakes(tx, &out, &movement));
      continue;
    }
    SPOOR_RETURN_IF_ERROR(
        AddGives(tx, spent.has_value() ? &(*spent)[t - 1] : nullptr, &out, &movement));
    SPOOR_RETURN_IF_ERROR(AddTakes(tx, &out, &movement));
    uint64_t given = 0;
    Give* unresolved = nullptr;
    for (Give& give : movement.gives) {
      given += static_cast<uint64_t>(give.amount);
      if (give.kind == GiveKind::kUnresolved && unresolved == nullptr) unresolved = &give;
    }
    if (given < paid) {
      if (unresolved == nullptr) {
        return BadTransaction(tx, absl::StrCat("pays out ", paid, ", its inputs hold ", given));
      }
      unresolved->amount = paid - given;
      given = paid;
    }
    Take& fee = movement.takes.emplace_back();
    fee.kind = TakerKind::kFee;
    fee.amount = given - paid;
    fees += given - paid;
  }
  const uint64_t may_claim = BlockSubsidy(network_, height) + fees;
  if (complete_ && out.movements[0].minted > may_claim) {
    return BadTransaction(block.transactions[0],
                          absl::StrCat("claims ", ToDecimal(out.movements[0].minted),
                                       ", subsidy and fees are ", may_claim));
  }
  coins_.Trim();
  addresses_.Trim();
  return out;
}

}  // namespace spoor
