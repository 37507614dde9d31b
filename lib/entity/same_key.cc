// Addresses of one public key. A key can stand behind addresses of several kinds; whoever can spend
// from one of them can spend from all, because the definitions say so: BIP 13 and 16 (P2SH), 141
// (P2WPKH and P2SH-P2WPKH), 173, 341 and 86 (P2TR). No guess is made.
//
// Addresses of one encoding of a key, but P2TR, show by their hashes that they are of one key
// (key_table.h); that others are too is known when an input or a P2PK output shows the key.
//
// Weakness: an address whose key somebody else holds too (a sold or a leaked key) is still one
// cluster. Keys in other scripts than multisig are not known, and members of multisig, who may be
// several people, are listed and not joined.

#include "spoor/entity/same_key.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "lib/entity/key_table.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/revealed.h"
#include "spoor/ledger/names.h"

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

absl::StatusOr<AddressKeys> KeysOfAddress(const LedgerView& view, AddressId id) {
  SPOOR_ASSIGN_OR_RETURN(const std::string address_key, view.ReadAddress(id));
  SPOOR_ASSIGN_OR_RETURN(const ScriptId script, ScriptFromAddressKey(address_key));
  AddressKeys known;
  known.key = KeyOfScript(script);
  Bytes shown = script.payload;
  if (script.kind != ScriptKind::kMultisig) {
    SPOOR_ASSIGN_OR_RETURN(const auto revealed, view.ReadRevealed(id));
    if (!revealed.has_value() || !IsRevealedBy(script, AsBytes(revealed->bytes))) return known;
    known.revealed = revealed->first;
    const ByteSpan bytes = AsBytes(revealed->bytes);
    shown.assign(bytes.begin(), bytes.end());
  }
  std::vector<PublicKey> keys = KeysOfRevealed(shown);
  if (const std::optional<MultisigScript> multisig = ParseMultisig(shown)) {
    known.required = multisig->required;
    known.members = std::move(keys);
  } else if (!keys.empty()) {
    known.key = keys[0];
  }
  return known;
}

absl::StatusOr<std::vector<AddressId>> AddressesOfKey(const LedgerView& view,
                                                      const PublicKey& key) {
  std::vector<AddressId> ids;
  for (const ScriptId& script : ScriptsOfKey(key)) {
    SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> id, view.FindAddress(AddressKey(script)));
    if (id.has_value()) ids.push_back(*id);
  }
  return ids;
}

}  // namespace spoor
