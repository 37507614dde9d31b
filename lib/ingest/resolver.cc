#include "lib/ingest/resolver.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/script.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

void Store(uint64_t v, size_t size, uint8_t* out) {
  for (size_t i = 0; i < size; ++i) out[i] = static_cast<uint8_t>(v >> (8 * i));
}

uint64_t Load(const uint8_t* p, size_t size) {
  uint64_t v = 0;
  for (size_t i = 0; i < size; ++i) v |= uint64_t{p[i]} << (8 * i);
  return v;
}

absl::Status BadTransaction(const bitcoin::Transaction& tx, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("transaction ", ToText(tx.txid), " ", what));
}

std::string OutPointText(const bitcoin::OutPoint& outpoint) {
  return absl::StrCat(ToText(outpoint.txid), ":", outpoint.index);
}

}  // namespace

Resolver::PackedCoin::PackedCoin(const Coin& coin) : bytes{} {
  Store(coin.holding.major, 5, bytes.data());
  Store(coin.owner.number, 5, bytes.data() + 5);
  Store(coin.amount, 8, bytes.data() + 10);
}

Resolver::Coin Resolver::PackedCoin::Unpack(uint32_t index) const {
  return {Holding{Load(bytes.data(), 5), index}, Load(bytes.data() + 10, 8),
          AddressId{Load(bytes.data() + 5, 5)}};
}

Resolver::Resolver(const Network& network, LedgerWriter* writer, uint64_t memory)
    : network_(network), writer_(writer), coins_(memory / 2), addresses_(memory / 2) {
  if (const auto tip = writer->tip(); tip.has_value()) {
    // That the ledger begins at height 0 does not tell: heights may have been counted from there.
    const absl::StatusOr<BlockInfo> first = writer->view().BlockAt(0);
    complete_ = first.ok() && first->hash == network.genesis;
    began_with_addresses_ = tip->totals.addresses > 0;
  }
}

absl::StatusOr<AddressId> Resolver::FindOrAdd(std::string key, bool surely_new, NewBlock* block) {
  if (!surely_new) {
    SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> stored, writer_->view().FindAddress(key));
    if (stored.has_value()) return *stored;
  }
  const auto tip = writer_->tip();
  const AddressId id{(tip.has_value() ? tip->totals.addresses : 0) + block->new_addresses.size()};
  block->new_addresses.push_back(std::move(key));
  return id;
}

absl::StatusOr<AddressId> Resolver::NumberAddress(ByteSpan script_pubkey, NewBlock* block) {
  const ScriptId script = ClassifyScript(script_pubkey);
  if (script.kind == ScriptKind::kUnspendable) return AddressId();
  std::string key = AddressKey(script);
  ShortKey short_key;
  if (key.size() >= short_key.bytes.size()) {
    if (const auto it = long_addresses_.find(key); it != long_addresses_.end()) return it->second;
    SPOOR_ASSIGN_OR_RETURN(const AddressId id, FindOrAdd(key, /*surely_new=*/false, block));
    long_addresses_.emplace(std::move(key), id);
    return id;
  }
  std::copy(key.begin(), key.end(), short_key.bytes.begin());
  short_key.bytes.back() = static_cast<char>(key.size());
  if (const PackedId* known = addresses_.Find(short_key)) {
    return AddressId{Load(known->bytes.data(), known->bytes.size())};
  }
  const bool surely_new = !began_with_addresses_ && !addresses_.has_forgotten();
  SPOOR_ASSIGN_OR_RETURN(const AddressId id, FindOrAdd(std::move(key), surely_new, block));
  PackedId packed;
  Store(id.number, packed.bytes.size(), packed.bytes.data());
  addresses_.Put(short_key, packed);
  return id;
}

absl::StatusOr<bool> Resolver::TakeCoin(const bitcoin::OutPoint& outpoint, Coin* coin) {
  if (const auto known = coins_.Take(outpoint)) {
    *coin = known->Unpack(outpoint.index);
    spent_.insert(coin->holding);
    return true;
  }
  const LedgerView& ledger = writer_->view();
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> positions,
                         ledger.FindTransaction(outpoint.txid));
  if (positions.empty()) return false;
  // Of two coinbases with one txid the later replaced the earlier (BIP 30).
  SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(ledger, positions.back()));
  const bool there = outpoint.index < movement.takes.size() &&
                     movement.takes[outpoint.index].kind == TakerKind::kHolding;
  if (!there) {
    return absl::DataLossError(absl::StrCat("spends ", OutPointText(outpoint),
                                            ", which does not exist or cannot be spent"));
  }
  const Take& take = movement.takes[outpoint.index];
  // The sets know what blocks have spent that are appended and not yet committed.
  if (take.next.has_value() || spent_before_.contains(take.holding) ||
      !spent_.insert(take.holding).second) {
    return absl::DataLossError(
        absl::StrCat("spends ", OutPointText(outpoint), ", which is spent already"));
  }
  *coin = {take.holding, static_cast<uint64_t>(take.amount), take.owner};
  return true;
}

void Resolver::NoteCommits() {
  const auto committed = writer_->view().tip();
  const uint64_t movements = committed.has_value() ? committed->totals.movements : 0;
  if (movements == committed_) return;
  // Whatever was spent before the commit last seen is in this one.
  committed_ = movements;
  spent_before_ = std::exchange(spent_, {});
}

absl::Status Resolver::Trim() {
  if (!coins_.Full() && !addresses_.Full()) return absl::OkStatus();
  // Until it is committed, nothing but these maps knows of a new output or address.
  SPOOR_RETURN_IF_ERROR(writer_->Commit());
  long_addresses_.clear();
  if (coins_.Full()) coins_.Trim();
  if (addresses_.Full()) addresses_.Trim();
  return absl::OkStatus();
}

absl::Status Resolver::AddGives(const bitcoin::Transaction& tx, FindOutside outside,
                                NewBlock* block, Movement* movement) {
  movement->gives.resize(tx.inputs.size());
  for (size_t i = 0; i < tx.inputs.size(); ++i) {
    Give& give = movement->gives[i];
    Coin coin;
    const absl::StatusOr<bool> found = TakeCoin(tx.inputs[i].prevout, &coin);
    if (absl::IsDataLoss(found.status())) return BadTransaction(tx, found.status().message());
    SPOOR_RETURN_IF_ERROR(found.status());
    if (*found) {
      give.kind = GiveKind::kHolding;
      give.holding = coin.holding;
      give.owner = coin.owner;
      give.amount = coin.amount;
    } else if (complete_) {
      return BadTransaction(tx, absl::StrCat("spends ", OutPointText(tx.inputs[i].prevout),
                                             ", which does not exist"));
    } else {
      SPOOR_ASSIGN_OR_RETURN(const bitcoin::TxOut* spent, outside(i));
      if (spent == nullptr) {
        give.kind = GiveKind::kUnresolved;
        give.amount = 0;
        continue;
      }
      give.kind = GiveKind::kOutside;
      give.amount = spent->value.sat();
      SPOOR_ASSIGN_OR_RETURN(give.owner, NumberAddress(spent->script_pubkey, block));
      ++inputs_from_undo_;
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
      coins_.Put({tx.txid, index},
                 PackedCoin({take.holding, tx.outputs[i].value.sat(), take.owner}));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<NewBlock> Resolver::Resolve(
    const bitcoin::Block& block, uint32_t height,
    const std::function<absl::StatusOr<SpentOutputs>()>& undo) {
  SPOOR_RETURN_IF_ERROR(Trim());
  NoteCommits();
  const auto tip = writer_->tip();
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

  std::optional<absl::StatusOr<SpentOutputs>> spent;
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
    const auto outside = [&](size_t input) -> absl::StatusOr<const bitcoin::TxOut*> {
      if (!spent.has_value()) spent = undo();
      if (absl::IsNotFound(spent->status())) return nullptr;
      SPOOR_RETURN_IF_ERROR(spent->status());
      return &(**spent)[t - 1][input];
    };
    SPOOR_RETURN_IF_ERROR(AddGives(tx, outside, &out, &movement));
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
  return out;
}

absl::Status Resolver::Append(const bitcoin::Block& block, uint32_t height,
                              const std::function<absl::StatusOr<SpentOutputs>()>& undo) {
  const absl::StatusOr<NewBlock> resolved = Resolve(block, height, undo);
  if (!resolved.ok()) {
    return Annotate(resolved.status(),
                    absl::StrCat("block ", ToText(block.hash), " at height ", height));
  }
  return writer_->Append(*resolved);
}

}  // namespace spoor
