#ifndef SPOOR_CHAIN_ADDRESS_H_
#define SPOOR_CHAIN_ADDRESS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/chain/network.h"
#include "spoor/chain/script.h"

namespace spoor {

// Base58Check of a version byte and a payload (no size limit of its own).
std::string EncodeBase58Check(uint8_t version, ByteSpan payload);
// The version byte and the payload. INVALID_ARGUMENT on a foreign character, a wrong checksum, or
// more than 200 characters.
absl::StatusOr<Bytes> DecodeBase58Check(absl::string_view text);

// The address of a script, as wallets write it: base58check for P2PKH and P2SH, bech32 for witness
// version 0, bech32m (BIP 350) for later versions. nullopt for scripts that have none: P2PK, bare
// multisig, other, unspendable, and witness version 0 with a program of neither 20 nor 32 bytes.
std::optional<std::string> EncodeAddress(const Network& network, const ScriptId& id);

// The script that `text` pays on `network`. INVALID_ARGUMENT, saying why, on a wrong checksum, an
// address of another network, mixed case, a length or version that no script has.
absl::StatusOr<ScriptId> DecodeAddress(const Network& network, absl::string_view text);

// A name for any script, so that holders without an address can be named too: its address if it has
// one, else an output descriptor (BIP 380) without its checksum: "pk(KEY)", and "raw(SCRIPT)" where
// we keep the script; for a script known by hash alone "script:SHA256", and "unspendable".
std::string ScriptText(const Network& network, const ScriptId& id);
// The inverse, addresses included, with INVALID_ARGUMENT as above; not of "unspendable".
absl::StatusOr<ScriptId> ScriptFromText(const Network& network, absl::string_view text);

}  // namespace spoor

#endif  // SPOOR_CHAIN_ADDRESS_H_
