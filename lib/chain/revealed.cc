#include "spoor/chain/revealed.h"

#include <algorithm>
#include <optional>

#include "spoor/chain/digest.h"

namespace spoor {
namespace {

template <size_t kSize>
bool IsHash(const Bytes& payload, const std::array<uint8_t, kSize>& hash) {
  return std::equal(payload.begin(), payload.end(), hash.begin(), hash.end());
}

// The Hash160 of the script of witness version 0 with that program: what P2SH holds of it.
template <size_t kSize>
Digest160 NestedHash(const std::array<uint8_t, kSize>& program) {
  Bytes script = {0, kSize};
  AppendBytes(program, &script);
  return Hash160(script);
}

}  // namespace

bool IsKeySized(ByteSpan key) {
  if (key.empty()) return false;
  const uint8_t form = key[0];
  if (form == 2 || form == 3) return key.size() == 33;
  return (form == 4 || form == 6 || form == 7) && key.size() == 65;
}

bool IsRevealable(ByteSpan bytes) { return IsKeySized(bytes) || ParseMultisig(bytes).has_value(); }

bool IsRevealedBy(const ScriptId& id, ByteSpan bytes) {
  const bool key = IsKeySized(bytes);
  if (!key && !ParseMultisig(bytes).has_value()) return false;
  switch (id.kind) {
    case ScriptKind::kP2pkh:
    case ScriptKind::kP2wpkh:
      return key && IsHash(id.payload, Hash160(bytes));
    case ScriptKind::kP2sh:
      if (key) return IsHash(id.payload, NestedHash(Hash160(bytes)));
      return IsHash(id.payload, Hash160(bytes)) || IsHash(id.payload, NestedHash(Sha256(bytes)));
    case ScriptKind::kP2wsh:
      return !key && IsHash(id.payload, Sha256(bytes));
    default:
      return false;
  }
}

std::vector<PublicKey> KeysOfRevealed(ByteSpan bytes) {
  std::vector<ByteSpan> members;
  if (IsKeySized(bytes)) {
    members.push_back(bytes);
  } else if (std::optional<MultisigScript> script = ParseMultisig(bytes)) {
    members = std::move(script->public_keys);
  }
  std::vector<PublicKey> keys;
  for (const ByteSpan member : members) {
    const absl::StatusOr<PublicKey> key = PublicKey::Parse(member);
    if (key.ok()) keys.push_back(*key);
  }
  return keys;
}

}  // namespace spoor
