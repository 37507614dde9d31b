#include "lib/entity/sign_finder.h"

#include <algorithm>
#include <iterator>
#include <set>

#include "absl/strings/str_cat.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/script.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

// Addresses whose keys are read at once.
constexpr uint64_t kKeysAhead = 1 << 16;

// Whether no key is needed to spend from the address with that key, so that to do so says nothing
// of who did: outputs that pay to anchor (BIP 433) and of other witness versions without a meaning
// yet (BIP 141), and OP_TRUE and the empty script, bare or hashed.
bool AnyoneCanSpend(const std::string& key) {
  static const auto* const known = [] {
    const Bytes op_true = {0x51};
    Bytes nested = {0xa9, 0x14};
    const Digest160 hash160 = Hash160(op_true);
    nested.insert(nested.end(), hash160.begin(), hash160.end());
    nested.push_back(0x87);
    Bytes witness = {0x00, 0x20};
    const Digest256 sha256 = Sha256(op_true);
    witness.insert(witness.end(), sha256.begin(), sha256.end());
    auto* const keys = new std::set<std::string>();
    for (const Bytes& script : {Bytes(), op_true, nested, witness}) {
      keys->insert(AddressKey(ClassifyScript(script)));
    }
    return keys;
  }();
  return static_cast<ScriptKind>(key[0]) == ScriptKind::kWitness || known->contains(key);
}

}  // namespace

absl::Status SignFinder::Prepare(const LedgerView& view, uint64_t movements, uint64_t addresses) {
  const std::optional<BlockInfo> tip = view.tip();
  chain_addresses_ = tip.has_value() ? tip->totals.addresses : 0;
  keys_ahead_.clear();
  facts_.kinds = &kinds_;
  const bool same_key = Uses(Heuristic::kSameKey);
  if (!prepared_) peeling_.Reset(movements);
  const bool anew = !prepared_ || (same_key && !keys_.Fits(chain_addresses_));
  prepared_ = true;
  if (!anew) return absl::OkStatus();
  kinds_.clear();
  anyones_.clear();
  if (same_key) keys_.Reset(chain_addresses_);
  for (uint64_t id = 0; id < addresses; ++id) {
    const std::string* key = nullptr;
    SPOOR_RETURN_IF_ERROR(ReadKey(view, id, &key));
    SPOOR_RETURN_IF_ERROR(AddKey(view, id, *key));
  }
  return absl::OkStatus();
}

absl::Status SignFinder::AddKey(const LedgerView& view, uint64_t id, const std::string& key) {
  if (AnyoneCanSpend(key)) anyones_.insert(AddressId{id});
  if (Uses(Heuristic::kAddressTypeChange)) {
    kinds_.resize(id);
    kinds_.push_back(static_cast<ScriptKind>(key[0]));
  }
  same_.clear();
  return Uses(Heuristic::kSameKey) ? keys_.Add(view, AddressId{id}, key, &same_) : absl::OkStatus();
}

void SignFinder::BeginBlock(uint64_t before, uint64_t after) {
  facts_.seen = before;
  block_addresses_ = after;
}

void SignFinder::Shrink(uint64_t movements, uint64_t addresses) {
  if (!prepared_) return;
  if (Uses(Heuristic::kSameKey)) keys_.Shrink(addresses);
  anyones_.erase(anyones_.lower_bound(AddressId{addresses}), anyones_.end());
  kinds_.resize(std::min<size_t>(kinds_.size(), addresses));
  peeling_.Shrink(movements);
}

absl::Status SignFinder::ReadKey(const LedgerView& view, uint64_t id, const std::string** key) {
  if (id < keys_ahead_from_ || id - keys_ahead_from_ >= keys_ahead_.size()) {
    keys_ahead_from_ = id;
    SPOOR_RETURN_IF_ERROR(view.ReadAddresses(
        AddressId{id}, std::min(kKeysAhead, chain_addresses_ - id), &keys_ahead_));
  }
  *key = &keys_ahead_[id - keys_ahead_from_];
  if ((*key)->empty()) return absl::DataLossError(absl::StrCat("address ", id, " is empty"));
  return absl::OkStatus();
}

absl::Status SignFinder::Look(const LedgerView& view, const Movement& movement, Sign sign) {
  // Addresses are numbered as they appear, so those that are new here follow each other.
  uint64_t end = facts_.seen;
  const auto see = [&end](AddressId id) {
    if (!id.IsNobody()) end = std::max(end, id.number + 1);
  };
  for (const Give& give : movement.gives) see(give.owner);
  for (const Take& take : movement.takes) see(take.owner);
  if (end > block_addresses_) {
    return absl::DataLossError(absl::StrCat("movement ", movement.position.number, " has address ",
                                            end - 1, " of ", block_addresses_));
  }
  SPOOR_RETURN_IF_ERROR(LookAtNewAddresses(view, end, sign));
  if (Uses(Heuristic::kCoSpend)) {
    CoSpend(
        movement, [&](AddressId id) { return anyones_.contains(id); },
        [&](AddressId a, AddressId b) { sign(a, b, Heuristic::kCoSpend); });
  }
  SPOOR_RETURN_IF_ERROR(LookForChange(view, movement, sign));
  facts_.seen = end;
  return absl::OkStatus();
}

absl::Status SignFinder::LookAtNewAddresses(const LedgerView& view, uint64_t end, Sign sign) {
  for (uint64_t id = facts_.seen; id < end; ++id) {
    const std::string* key = nullptr;
    SPOOR_RETURN_IF_ERROR(ReadKey(view, id, &key));
    SPOOR_RETURN_IF_ERROR(AddKey(view, id, *key));
    for (const AddressId other : same_) sign(AddressId{id}, other, Heuristic::kSameKey);
  }
  return absl::OkStatus();
}

absl::Status SignFinder::LookForChange(const LedgerView& view, const Movement& movement,
                                       Sign sign) {
  constexpr Heuristic kChange[] = {Heuristic::kOneTimeChange, Heuristic::kAddressTypeChange,
                                   Heuristic::kOptimalChange, Heuristic::kRoundAmountChange,
                                   Heuristic::kPeelingChange};
  if (std::none_of(std::begin(kChange), std::end(kChange), [&](Heuristic h) { return Uses(h); })) {
    return absl::OkStatus();
  }
  const std::optional<Payment> payment = PaymentOf(movement);
  std::optional<uint32_t> rest;
  if (Uses(Heuristic::kPeelingChange)) {
    SPOOR_ASSIGN_OR_RETURN(
        rest, peeling_.Next(view, movement, payment.has_value() ? &*payment : nullptr));
  }
  if (!payment.has_value()) return absl::OkStatus();
  const auto tell = [&](Heuristic heuristic, std::optional<uint32_t> change) {
    if (!change.has_value()) return;
    const AddressId giver = movement.gives[0].owner;
    const AddressId taker = payment->output(*change).owner;
    if (anyones_.contains(giver) || anyones_.contains(taker)) return;
    sign(giver, taker, heuristic);
  };
  if (Uses(Heuristic::kOneTimeChange)) {
    tell(Heuristic::kOneTimeChange, OneTimeChange(*payment, facts_));
  }
  if (Uses(Heuristic::kAddressTypeChange)) {
    tell(Heuristic::kAddressTypeChange, AddressTypeChange(*payment, facts_));
  }
  if (Uses(Heuristic::kOptimalChange)) tell(Heuristic::kOptimalChange, OptimalChange(*payment));
  if (Uses(Heuristic::kRoundAmountChange)) {
    tell(Heuristic::kRoundAmountChange, RoundAmountChange(*payment));
  }
  tell(Heuristic::kPeelingChange, rest);
  return absl::OkStatus();
}

}  // namespace spoor
