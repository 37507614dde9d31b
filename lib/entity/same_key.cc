// Addresses of one public key. A key can stand behind addresses of several kinds; whoever can spend
// from one of them can spend from all, because the definitions say so: BIP 13 and 16 (P2SH), 141
// (P2WPKH and P2SH-P2WPKH), 173, 341 and 86 (P2TR). No guess is made.
//
// Weakness: what an input reveals is not in the ledger, only what outputs say. So the uncompressed
// form, and P2TR, are found where a P2PK output names the key, and keys in scripts not at all. An
// address whose key somebody else holds too (a sold or a leaked key) is still one cluster.

#include "spoor/entity/same_key.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "absl/hash/hash.h"
#include "lib/entity/key_table.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

constexpr uint64_t kIdMask = (uint64_t{1} << 40) - 1;

template <size_t kSize>
Bytes ToBytes(const std::array<uint8_t, kSize>& bytes) {
  return Bytes(bytes.begin(), bytes.end());
}

// The hash of the P2SH-P2WPKH script of a key with that hash.
Digest160 NestedHash(ByteSpan key_hash) {
  std::array<uint8_t, 22> script = {0, 20};
  std::copy_n(key_hash.begin(), 20, script.begin() + 2);
  return Hash160(script);
}

// Calls `visit` with each mark of the address of that key, until it returns false.
template <typename Visit>
void ForEachMark(absl::string_view key, const Visit& visit) {
  if (key.empty()) return;
  const ByteSpan payload = AsBytes(key.substr(1));
  const auto visit_digest = [&visit](const auto& digest) { return visit(AsChars(digest)); };
  switch (static_cast<ScriptKind>(key[0])) {
    case ScriptKind::kP2pkh:
    case ScriptKind::kP2wpkh:
      if (payload.size() == 20) visit_digest(NestedHash(payload));
      return;
    case ScriptKind::kP2sh:
      if (payload.size() == 20) visit(AsChars(payload));
      return;
    case ScriptKind::kP2tr:
      if (payload.size() == 32) visit(AsChars(payload));
      return;
    case ScriptKind::kP2pk: {
      // A key that is no point of the curve has no other form; its hash still is one.
      const absl::StatusOr<PublicKey> point = PublicKey::Parse(payload);
      if (!point.ok()) {
        visit_digest(NestedHash(Hash160(payload)));
      } else if (visit_digest(NestedHash(Hash160(point->Compressed()))) &&
                 visit_digest(NestedHash(Hash160(point->Uncompressed())))) {
        visit_digest(point->TaprootOutputKey());
      }
      return;
    }
    default:
      return;
  }
}

bool HasMark(absl::string_view key, absl::string_view mark) {
  bool found = false;
  ForEachMark(key, [&](absl::string_view other) { return !(found = found || other == mark); });
  return found;
}

}  // namespace

std::vector<ScriptId> ScriptsOfKey(const PublicKey& key) {
  const Bytes compressed = ToBytes(key.Compressed());
  const Bytes uncompressed = ToBytes(key.Uncompressed());
  const Digest160 hash = Hash160(compressed);
  return {{ScriptKind::kP2pk, compressed},
          {ScriptKind::kP2pk, uncompressed},
          {ScriptKind::kP2pkh, ToBytes(hash)},
          {ScriptKind::kP2pkh, ToBytes(Hash160(uncompressed))},
          {ScriptKind::kP2wpkh, ToBytes(hash)},
          {ScriptKind::kP2sh, ToBytes(NestedHash(hash))},
          {ScriptKind::kP2tr, ToBytes(key.TaprootOutputKey())}};
}

std::string AccountOfKey(const PublicKey& key) {
  const std::array<uint8_t, 65> point = key.Uncompressed();
  const Digest256 hash = Keccak256(ByteSpan(point).subspan(1));
  std::string digits = ToHex(ByteSpan(hash).subspan(12));
  const Digest256 checksum = Keccak256(AsBytes(digits));
  for (size_t i = 0; i < digits.size(); ++i) {
    const int nibble = i % 2 == 0 ? checksum[i / 2] >> 4 : checksum[i / 2] & 0xf;
    if (nibble >= 8) digits[i] = static_cast<char>(std::toupper(digits[i]));
  }
  return "0x" + digits;
}

std::optional<PublicKey> KeyOfScript(const ScriptId& script) {
  if (script.kind != ScriptKind::kP2pk) return std::nullopt;
  const absl::StatusOr<PublicKey> key = PublicKey::Parse(script.payload);
  if (!key.ok()) return std::nullopt;
  return *key;
}

std::vector<PublicKey> KeysOfMultisig(const ScriptId& script) {
  std::vector<PublicKey> keys;
  if (script.kind != ScriptKind::kMultisig) return keys;
  const std::optional<MultisigScript> multisig = ParseMultisig(script.payload);
  if (!multisig.has_value()) return keys;
  for (const ByteSpan bytes : multisig->public_keys) {
    const absl::StatusOr<PublicKey> key = PublicKey::Parse(bytes);
    if (key.ok()) keys.push_back(*key);
  }
  return keys;
}

void KeyTable::Reset(uint64_t addresses) {
  room_ = addresses + addresses / 16;
  slots_.assign(room_ + room_ / 3 + 16, 0);
  of_p2pk_.clear();
}

absl::Status KeyTable::Visit(const LedgerView& view, AddressId id, absl::string_view mark,
                             bool of_p2pk, std::vector<AddressId>* same) {
  // Of this process alone: anybody may choose the bytes of a mark, so that many begin alike.
  const uint64_t head = absl::Hash<absl::string_view>()(mark);
  const auto found = [&](uint64_t other) -> absl::StatusOr<bool> {
    SPOOR_ASSIGN_OR_RETURN(const std::string key, view.ReadAddress(AddressId{other}));
    if (!HasMark(key, mark)) return false;
    if (std::find(same->begin(), same->end(), AddressId{other}) == same->end()) {
      same->push_back(AddressId{other});
    }
    return true;
  };
  if (const auto it = of_p2pk_.find(head); it != of_p2pk_.end()) {
    SPOOR_ASSIGN_OR_RETURN(const bool is_same, found(it->second));
    if (is_same) return absl::OkStatus();
  }
  const uint64_t tag = head << 40;
  const auto wide = static_cast<unsigned __int128>(head) * slots_.size();
  size_t place = static_cast<size_t>(wide >> 64);
  for (; slots_[place] != 0; place = place + 1 == slots_.size() ? 0 : place + 1) {
    if ((slots_[place] & ~kIdMask) != tag) continue;
    SPOOR_ASSIGN_OR_RETURN(const bool is_same, found((slots_[place] & kIdMask) - 1));
    if (is_same) return absl::OkStatus();
  }
  if (of_p2pk) {
    of_p2pk_.try_emplace(head, id.number);
  } else {
    slots_[place] = tag | (id.number + 1);
  }
  return absl::OkStatus();
}

absl::Status KeyTable::Add(const LedgerView& view, AddressId id, absl::string_view key,
                           std::vector<AddressId>* same) {
  same->clear();
  SPOOR_CHECK(id.number < room_);
  absl::Status status;
  const bool of_p2pk = !key.empty() && static_cast<ScriptKind>(key[0]) == ScriptKind::kP2pk;
  ForEachMark(key, [&](absl::string_view mark) {
    status = Visit(view, id, mark, of_p2pk, same);
    return status.ok();
  });
  return status;
}

void KeyTable::Shrink(uint64_t end) {
  for (uint64_t& slot : slots_) {
    if ((slot & kIdMask) > end) slot = 0;
  }
  for (auto it = of_p2pk_.begin(); it != of_p2pk_.end();) {
    const auto here = it++;
    if (here->second >= end) of_p2pk_.erase(here);
  }
}

}  // namespace spoor
