#include "lib/ingest/resolver.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/input.h"
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

// What a filter of all addresses takes, with ten bits for each: of those that there are, and of
// those that so many bytes of blocks may bring. In simulated ledgers a new one comes with 225
// bytes, in all of Bitcoin's with 600. Where there are more of them, or less memory, it tells less
// often that one is new.
uint64_t FilterBytes(uint64_t addresses, uint64_t bytes_to_come, uint64_t most) {
  constexpr uint64_t kLeastForOne = 200;
  return std::min((addresses + bytes_to_come / kLeastForOne) / 8 * 10, most);
}

std::string OutPointText(const bitcoin::OutPoint& outpoint) {
  return absl::StrCat(ToText(outpoint.txid), ":", outpoint.index);
}

}  // namespace

Resolver::Coins::Value Resolver::Pack(const Coin& coin) {
  static_assert(Amount::kMaxSat < uint64_t{1} << 56);
  Coins::Value value;
  Store(coin.holding.major, 5, value.data());
  Store(coin.owner.number, 5, value.data() + 5);
  Store(coin.amount, 7, value.data() + 10);
  Store(*coin.script, 4, value.data() + 17);
  return value;
}

Resolver::Coin Resolver::Unpack(const Coins::Value& value, uint32_t index) {
  return {Holding{Load(value.data(), 5), index}, Load(value.data() + 10, 7),
          AddressId{Load(value.data() + 5, 5)}, static_cast<uint32_t>(Load(value.data() + 17, 4))};
}

Resolver::Resolver(const Network& network, const KeyHasher* hasher, LedgerWriter* writer,
                   uint64_t memory, uint64_t bytes)
    : network_(network),
      writer_(writer),
      bytes_to_come_(bytes),
      hasher_(*hasher),
      filter_bytes_(FilterBytes(writer->tip().has_value() ? writer->tip()->totals.addresses : 0,
                                bytes, memory / 4)),
      tables_bytes_(memory - filter_bytes_),
      coins_(memory / 2),
      addresses_(memory / 4),
      known_revealed_(memory / 64,
                      writer->tip().has_value() ? writer->tip()->totals.addresses : 0) {
  if (const auto tip = writer->tip(); tip.has_value()) {
    // That the ledger begins at height 0 does not tell: heights may have been counted from there.
    const absl::StatusOr<BlockInfo> first = writer->view().BlockAt(0);
    complete_ = first.ok() && first->hash == network.genesis;
    has_strange_addresses_ = tip->totals.addresses > 0;
  }
}

absl::StatusOr<AddressId> Resolver::FindOrAdd(const std::string& key, bool surely_new) {
  if (!surely_new) {
    SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> stored, writer_->view().FindAddress(key));
    if (stored.has_value()) return *stored;
  }
  const auto tip = writer_->tip();
  const AddressId id{(tip.has_value() ? tip->totals.addresses : 0) + new_addresses_};
  if (new_addresses_ == block_.new_addresses.size()) block_.new_addresses.emplace_back();
  block_.new_addresses[new_addresses_++] = key;
  known_revealed_.GiveOut(id.number);
  return id;
}

absl::StatusOr<AddressId> Resolver::NumberAddress(ByteSpan script_pubkey, const KeyHash& hash) {
  // Scripts are equal if their address keys are, so that only new ones need be taken apart.
  if (IsShort(script_pubkey)) {
    if (const uint8_t* known = addresses_.Find(hash)) return AddressId{Load(known, 5)};
  }
  const std::optional<ScriptIdView> view = ViewScript(script_pubkey);
  if (view.has_value()) {
    SetAddressKey(*view, &key_);
  } else {
    const ScriptId script = ClassifyScript(script_pubkey);
    if (script.kind == ScriptKind::kUnspendable) return AddressId();
    SetAddressKey({script.kind, script.payload}, &key_);
  }
  // What is no standard form cannot be had back from its key, as LearnAddresses() must.
  if (!IsShort(script_pubkey) || key_[0] == static_cast<char>(ScriptKind::kOther)) {
    if (const auto it = long_addresses_.find(key_); it != long_addresses_.end()) return it->second;
    SPOOR_ASSIGN_OR_RETURN(const AddressId id, FindOrAdd(key_, /*surely_new=*/false));
    long_addresses_.emplace(key_, id);
    return id;
  }
  SPOOR_ASSIGN_OR_RETURN(const AddressId id, FindOrAdd(key_, SurelyNew(hash)));
  Addresses::Value value;
  Store(id.number, value.size(), value.data());
  addresses_.Put(hash, value);
  if (known_.has_value()) known_->Add(hash);
  return id;
}

bool Resolver::SurelyNew(const KeyHash& hash) const {
  if (has_strange_addresses_) return false;
  return !known_.has_value() || !known_->MayHave(hash);
}

absl::Status Resolver::LearnAddresses() {
  known_.emplace(filter_bytes_);
  const LedgerView& ledger = writer_->view();
  const uint64_t count = ledger.tip().has_value() ? ledger.tip()->totals.addresses : 0;
  std::vector<std::string> keys;
  for (uint64_t first = 0; first < count; first += keys.size()) {
    SPOOR_RETURN_IF_ERROR(ledger.ReadAddresses(
        AddressId{first}, static_cast<size_t>(std::min<uint64_t>(count - first, 4096)), &keys));
    for (const std::string& key : keys) {
      SPOOR_ASSIGN_OR_RETURN(const ScriptId id, ScriptFromAddressKey(key));
      const std::optional<Bytes> script = ScriptFromId(id);
      if (script.has_value() && IsShort(*script)) {
        known_->Add(HashOf(hasher_, *script));
      }
    }
  }
  has_strange_addresses_ = false;
  return absl::OkStatus();
}

absl::StatusOr<bool> Resolver::TakeCoin(const bitcoin::OutPoint& outpoint, const KeyHash& hash,
                                        Coin* coin) {
  if (const auto known = coins_.Take(hash)) {
    *coin = Unpack(*known, outpoint.index);
    spent_.Add(coin->holding);
    return true;
  }
  SPOOR_RETURN_IF_ERROR(writer_->view().ReadTransaction(outpoint.txid, &asked_));
  if (asked_.empty()) return false;
  // Of two coinbases with one txid the later replaced the earlier (BIP 30).
  const Movement& movement = asked_.back();
  const bool there = outpoint.index < movement.takes.size() &&
                     movement.takes[outpoint.index].kind == TakerKind::kHolding;
  if (!there) {
    return absl::DataLossError(absl::StrCat("spends ", OutPointText(outpoint),
                                            ", which does not exist or cannot be spent"));
  }
  const Take& take = movement.takes[outpoint.index];
  // The logs know what blocks have spent that are appended and not yet committed.
  if (take.next.has_value() || spent_before_.Has(take.holding) || spent_.Has(take.holding)) {
    return absl::DataLossError(
        absl::StrCat("spends ", OutPointText(outpoint), ", which is spent already"));
  }
  spent_.Add(take.holding);
  *coin = {take.holding, static_cast<uint64_t>(take.amount), take.owner, std::nullopt};
  return true;
}

absl::StatusOr<bool> Resolver::IsScriptOf(AddressId id, const bitcoin::Revealed& revealed,
                                          const KeyHash& hash) {
  if (const uint8_t* known = addresses_.Find(hash)) return AddressId{Load(known, 5)} == id;
  SPOOR_ASSIGN_OR_RETURN(const std::string key, writer_->view().ReadAddress(id));
  return key == AddressKey(ClassifyScript(revealed.script_pubkey()));
}

absl::Status Resolver::AddRevealed(
    const CheckedBlock& checked, size_t input, const Movement& movement, size_t give,
    absl::FunctionRef<absl::StatusOr<bool>(const bitcoin::Revealed& revealed, const KeyHash& hash)>
        is_of) {
  const std::optional<bitcoin::Revealed>& revealed = checked.revealed[input];
  const uint64_t owner = movement.gives[give].owner.number;
  if (!revealed.has_value() || known_revealed_.Has(owner)) return absl::OkStatus();
  SPOOR_ASSIGN_OR_RETURN(const bool of_address, is_of(*revealed, checked.hashes.revealed[input]));
  if (!of_address) return absl::OkStatus();
  known_revealed_.Add(owner);
  if (revealed_ == block_.revealed.size()) block_.revealed.emplace_back();
  NewBlock::Revealed& out = block_.revealed[revealed_++];
  out.movement = static_cast<uint32_t>(&movement - block_.movements.data());
  out.give = static_cast<uint32_t>(give);
  const absl::string_view bytes = AsChars(revealed->bytes);
  out.bytes.assign(bytes.data(), bytes.size());
  return absl::OkStatus();
}

void Resolver::NoteCommits() {
  const auto committed = writer_->view().tip();
  const uint64_t movements = committed.has_value() ? committed->totals.movements : 0;
  if (movements == committed_) return;
  // Whatever was spent before the commit last seen is in this one.
  committed_ = movements;
  std::swap(spent_before_, spent_);
  spent_.Clear();
}

absl::Status Resolver::Trim() {
  // Coins are spent, addresses only come to be more: they have what coins leave.
  addresses_.SetMost(tables_bytes_ - std::min(coins_.bytes(), tables_bytes_ / 3 * 2));
  if (!coins_.Full() && !addresses_.Full()) return absl::OkStatus();
  if (addresses_.Full() && !known_.has_value() && !has_strange_addresses_) {
    known_.emplace(filter_bytes_);
    addresses_.VisitKeys([&](const KeyHash& hash) { known_->Add(hash); });
  }
  ForgetCommitted();
  if (!coins_.Full() && !addresses_.Full()) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(writer_->Commit());
  ForgetCommitted();
  return absl::OkStatus();
}

void Resolver::ForgetCommitted() {
  // Until it is committed, nothing but these maps knows of a new output or address. Values begin
  // with the position of the one and the number of the other.
  const auto committed = writer_->view().tip();
  const uint64_t movements = committed.has_value() ? committed->totals.movements : 0;
  const uint64_t addresses = committed.has_value() ? committed->totals.addresses : 0;
  if (coins_.Full()) {
    coins_.Trim([&](const uint8_t* value) { return Load(value, 5) >= movements; });
  }
  if (addresses_.Full()) {
    addresses_.Trim([&](const uint8_t* value) { return Load(value, 5) >= addresses; });
  }
  absl::erase_if(long_addresses_,
                 [&](const auto& known) { return known.second.number < addresses; });
}

absl::Status Resolver::AddGives(const CheckedBlock& checked, const bitcoin::Transaction& tx,
                                FindOutside outside, Movement* movement) {
  movement->gives.resize(tx.inputs.size());
  for (size_t i = 0; i < tx.inputs.size(); ++i) {
    Give& give = movement->gives[i];
    give = Give();
    const size_t input = next_input_++;
    Coin coin;
    const absl::StatusOr<bool> found =
        TakeCoin(tx.inputs[i].prevout, checked.hashes.spent[input], &coin);
    if (absl::IsDataLoss(found.status())) return BadTransaction(tx, found.status().message());
    SPOOR_RETURN_IF_ERROR(found.status());
    if (*found) {
      give.kind = GiveKind::kHolding;
      give.holding = coin.holding;
      give.owner = coin.owner;
      give.amount = coin.amount;
      SPOOR_RETURN_IF_ERROR(AddRevealed(
          checked, input, *movement, i,
          [&](const bitcoin::Revealed& revealed, const KeyHash& hash) -> absl::StatusOr<bool> {
            if (coin.script.has_value()) return *coin.script == static_cast<uint32_t>(hash.a);
            return IsScriptOf(coin.owner, revealed, hash);
          }));
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
      SPOOR_ASSIGN_OR_RETURN(
          give.owner, NumberAddress(spent->script_pubkey, HashOf(hasher_, spent->script_pubkey)));
      SPOOR_RETURN_IF_ERROR(AddRevealed(checked, input, *movement, i,
                                        [&](const bitcoin::Revealed& revealed, const KeyHash&) {
                                          return revealed.script_pubkey() == spent->script_pubkey;
                                        }));
      ++inputs_from_undo_;
    }
  }
  return absl::OkStatus();
}

absl::Status Resolver::AddTakes(const CheckedBlock& checked, const bitcoin::Transaction& tx,
                                Movement* movement) {
  movement->takes.reserve(tx.outputs.size() + 1);  // and the fee
  movement->takes.resize(tx.outputs.size());
  for (size_t i = 0; i < tx.outputs.size(); ++i) {
    const auto index = static_cast<uint32_t>(i);
    Take& take = movement->takes[i];
    take = Take();
    const KeyHash& hash = checked.hashes.paid[next_output_];
    const KeyHash& made_hash = checked.hashes.made[next_output_];
    ++next_output_;
    SPOOR_ASSIGN_OR_RETURN(take.owner, NumberAddress(tx.outputs[i].script_pubkey, hash));
    take.kind = take.owner.IsNobody() ? TakerKind::kBurned : TakerKind::kHolding;
    take.holding = Holding::Output(movement->position, index);
    take.amount = tx.outputs[i].value.sat();
    if (take.kind == TakerKind::kHolding) {
      coins_.Put(made_hash, Pack({take.holding, tx.outputs[i].value.sat(), take.owner,
                                  static_cast<uint32_t>(hash.a)}));
    }
  }
  return absl::OkStatus();
}

void Resolver::FetchAhead(const CheckedBlock& checked, size_t transactions) {
  const bitcoin::Block& block = checked.block;
  const BlockHashes& hashes = checked.hashes;
  for (; fetched_ < std::min(transactions, block.transactions.size()); ++fetched_) {
    const bitcoin::Transaction& tx = block.transactions[fetched_];
    for (size_t i = 0; i < (fetched_ == 0 ? 0 : tx.inputs.size()); ++i) {
      coins_.Prefetch(hashes.spent[fetched_inputs_++]);
    }
    for (size_t i = 0; i < tx.outputs.size(); ++i, ++fetched_outputs_) {
      const KeyHash& paid = hashes.paid[fetched_outputs_];
      addresses_.Prefetch(paid);
      if (known_.has_value()) known_->Prefetch(paid);
      coins_.Prefetch(hashes.made[fetched_outputs_]);
    }
  }
}

absl::Status Resolver::Resolve(const CheckedBlock& checked, uint32_t height,
                               const std::function<absl::StatusOr<SpentOutputs>()>& undo) {
  const bitcoin::Block& block = checked.block;
  // A lookup costs as much as reading some thirty addresses in their order.
  if (has_strange_addresses_ && bytes_to_come_ / 2 > writer_->tip()->totals.addresses) {
    SPOOR_RETURN_IF_ERROR(LearnAddresses());
  }
  SPOOR_RETURN_IF_ERROR(Trim());
  NoteCommits();
  const auto tip = writer_->tip();
  if (!tip.has_value()) complete_ = block.hash == network_.genesis;
  NewBlock& out = block_;
  out.height = height;
  out.hash = block.hash;
  out.previous = block.header.previous;
  out.time = block.header.time;
  out.bits = block.header.bits;
  new_addresses_ = 0;
  revealed_ = 0;
  out.transactions = block.transactions.size();
  out.movements.resize(block.transactions.size());
  const uint64_t first = tip.has_value() ? tip->totals.movements : 0;

  for (size_t* count :
       {&next_input_, &next_output_, &fetched_, &fetched_inputs_, &fetched_outputs_}) {
    *count = 0;
  }
  std::optional<absl::StatusOr<SpentOutputs>> spent;
  uint64_t fees = 0;
  for (size_t t = 0; t < block.transactions.size(); ++t) {
    const bitcoin::Transaction& tx = block.transactions[t];
    Movement& movement = out.movements[t];
    // So far ahead that memory answers in time, and not so far that the caches forget it again.
    constexpr size_t kAhead = 32;
    FetchAhead(checked, t + kAhead);
    movement.position = Position{first + t};
    movement.txid = tx.txid;
    movement.height = height;
    movement.coinbase = t == 0;
    movement.fingerprint = checked.fingerprints[t];
    movement.fingerprint.lock_time = bitcoin::LockTimeOf(tx, height);
    uint64_t paid = 0;
    for (const bitcoin::TxOut& output : tx.outputs) paid += output.value.sat();
    movement.minted = t == 0 ? paid : 0;
    if (t == 0) {
      movement.gives.clear();
      SPOOR_RETURN_IF_ERROR(AddTakes(checked, tx, &movement));
      continue;
    }
    const auto outside = [&](size_t input) -> absl::StatusOr<const bitcoin::TxOut*> {
      if (!spent.has_value()) spent = undo();
      if (absl::IsNotFound(spent->status())) return nullptr;
      SPOOR_RETURN_IF_ERROR(spent->status());
      return &(**spent)[t - 1][input];
    };
    SPOOR_RETURN_IF_ERROR(AddGives(checked, tx, outside, &movement));
    SPOOR_RETURN_IF_ERROR(AddTakes(checked, tx, &movement));
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
  out.new_addresses.resize(new_addresses_);
  out.revealed.resize(revealed_);
  const uint64_t may_claim = BlockSubsidy(network_, height) + fees;
  if (complete_ && out.movements[0].minted > may_claim) {
    return BadTransaction(block.transactions[0],
                          absl::StrCat("claims ", ToDecimal(out.movements[0].minted),
                                       ", subsidy and fees are ", may_claim));
  }
  return absl::OkStatus();
}

absl::Status Resolver::Append(const CheckedBlock& block, uint32_t height,
                              const std::function<absl::StatusOr<SpentOutputs>()>& undo) {
  const absl::Status resolved = Resolve(block, height, undo);
  if (!resolved.ok()) {
    return Annotate(resolved,
                    absl::StrCat("block ", ToText(block.block.hash), " at height ", height));
  }
  return writer_->Append(block_);
}

}  // namespace spoor
