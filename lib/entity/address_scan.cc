#include "lib/entity/address_scan.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

constexpr uint64_t kChunk = 1 << 15;

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
  switch (static_cast<ScriptKind>(key[0])) {
    case ScriptKind::kWitness:
      return true;
    case ScriptKind::kP2pk:
    case ScriptKind::kP2pkh:
    case ScriptKind::kP2wpkh:
    case ScriptKind::kP2tr:
      return false;
    default:
      return known->contains(key);
  }
}

}  // namespace

uint64_t AddressScan::Start(const LedgerView* view, uint64_t first) {
  Stop();
  view_ = view;
  const std::optional<BlockInfo> tip = view->tip();
  addresses_ = tip.has_value() ? tip->totals.addresses : 0;
  const bool same_key = heuristics_.Has(Heuristic::kSameKey);
  if (same_key && !table_.Fits(addresses_)) known_ = false;
  if (!known_) {
    first = 0;
    if (same_key) table_.Reset(addresses_);
  }
  known_ = true;
  ReadAhead(first);
  return first;
}

void AddressScan::ReadAhead(uint64_t first) {
  if (first >= addresses_) return;
  ahead_ = std::async(std::launch::async, [this, first] { return Read(first); });
}

absl::StatusOr<AddressChunk> AddressScan::Next() {
  if (!ahead_.valid()) {
    return absl::DataLossError(absl::StrCat("found ", addresses_, " addresses, wanted more"));
  }
  absl::StatusOr<AddressChunk> chunk = ahead_.get();
  if (chunk.ok()) ReadAhead(chunk->end);
  return chunk;
}

void AddressScan::Stop() {
  if (ahead_.valid()) {
    ahead_.wait();
    ahead_ = {};
    known_ = false;  // what was read is not what was used
  }
}

absl::StatusOr<AddressChunk> AddressScan::Read(uint64_t first) {
  const uint64_t count = std::min(kChunk, addresses_ - first);
  SPOOR_RETURN_IF_ERROR(view_->ReadAddresses(AddressId{first}, count, &keys_));
  AddressChunk chunk;
  chunk.end = first + count;
  for (uint64_t i = 0; i < count; ++i) {
    if (keys_[i].empty()) {
      return absl::DataLossError(absl::StrCat("address ", first + i, " is empty"));
    }
    if (static_cast<uint8_t>(keys_[i][0]) > static_cast<uint8_t>(ScriptKind::kUnspendable)) {
      return absl::DataLossError(absl::StrCat("address ", first + i, " is of no kind of script"));
    }
    if (AnyoneCanSpend(keys_[i])) chunk.anyones.push_back(first + i);
  }
  if (TellsKinds(heuristics_)) {
    for (const std::string& key : keys_) chunk.kinds.push_back(static_cast<ScriptKind>(key[0]));
  }
  if (heuristics_.Has(Heuristic::kSameKey)) {
    SPOOR_RETURN_IF_ERROR(table_.Add(*view_, first, keys_, &chunk.same));
  }
  return chunk;
}

void AddressScan::Shrink(uint64_t end) {
  if (known_ && heuristics_.Has(Heuristic::kSameKey)) table_.Shrink(end);
}

}  // namespace spoor
