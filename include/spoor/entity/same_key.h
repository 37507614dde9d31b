#ifndef SPOOR_ENTITY_SAME_KEY_H_
#define SPOOR_ENTITY_SAME_KEY_H_

#include <optional>
#include <string>
#include <vector>

#include "spoor/chain/key.h"
#include "spoor/chain/script.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Every script that one key alone can spend, as wallets make them: P2PK and P2PKH with the key
// compressed and not, P2WPKH, P2SH-P2WPKH, and P2TR without scripts (BIP 86).
std::vector<ScriptId> ScriptsOfKey(const PublicKey& key);

// The address of the key's account on Ethereum and its kin, with its checksum (EIP-55).
std::string AccountOfKey(const PublicKey& key);

// The key that a P2PK script names; nullopt for other scripts and for what is no point of the
// curve.
std::optional<PublicKey> KeyOfScript(const ScriptId& script);

// The keys of a bare multisig script that are points of the curve, in order. Their owners may be
// several, so they are told and not joined.
std::vector<PublicKey> KeysOfMultisig(const ScriptId& script);

// What is known of the keys behind an address.
struct AddressKeys {
  // The one key that can spend from it, if that is known.
  std::optional<PublicKey> key;
  // Of multisig, the members as far as they are points of the curve, and how many of all must sign.
  std::vector<PublicKey> members;
  int required = 0;
  // The movement that revealed it first; nullopt if the address itself names it.
  std::optional<Position> revealed;
};

// From the address, and from what inputs revealed of it if that is what the address is the hash of.
// OUT_OF_RANGE if there is no such address.
absl::StatusOr<AddressKeys> KeysOfAddress(const LedgerView& view, AddressId id);

// The addresses of the ledger that are scripts of one key alone, in the order of ScriptsOfKey().
absl::StatusOr<std::vector<AddressId>> AddressesOfKey(const LedgerView& view, const PublicKey& key);

}  // namespace spoor

#endif  // SPOOR_ENTITY_SAME_KEY_H_
