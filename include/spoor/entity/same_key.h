#ifndef SPOOR_ENTITY_SAME_KEY_H_
#define SPOOR_ENTITY_SAME_KEY_H_

#include <optional>
#include <string>
#include <vector>

#include "spoor/chain/key.h"
#include "spoor/chain/script.h"

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

}  // namespace spoor

#endif  // SPOOR_ENTITY_SAME_KEY_H_
