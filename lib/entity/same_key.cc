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

#include "lib/entity/key_table.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/digest.h"

namespace spoor {
namespace {

template <size_t kSize>
Bytes ToBytes(const std::array<uint8_t, kSize>& bytes) {
  return Bytes(bytes.begin(), bytes.end());
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

}  // namespace spoor
