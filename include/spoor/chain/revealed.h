#ifndef SPOOR_CHAIN_REVEALED_H_
#define SPOOR_CHAIN_REVEALED_H_

#include <vector>

#include "spoor/base/bytes.h"
#include "spoor/chain/key.h"
#include "spoor/chain/script.h"

// Scripts that hold a hash say who may spend only when somebody spends: then what was hashed must
// be shown. It is kept as it was shown: a public key in SEC 1 form, of 33 or 65 bytes, for P2PKH,
// P2WPKH and P2SH-P2WPKH; a multisig script (ParseMultisig) for P2SH, P2WSH and P2SH-P2WSH. What
// else a P2SH or P2WSH script may be is not kept, and P2TR shows no more than its address does.

namespace spoor {

// Whether `key` has the length that its first byte announces (Bitcoin Core's CPubKey::ValidSize).
// It need not be a point of the curve.
bool IsKeySized(ByteSpan key);

// Whether `bytes` can be what is kept of any script: a key by its size, or a multisig script.
bool IsRevealable(ByteSpan bytes);

// Whether `bytes` are what whoever spends from `id` must show, by its hash.
bool IsRevealedBy(const ScriptId& id, ByteSpan bytes);

// The public key that `bytes` are, or those of the members of the multisig script that they are, as
// far as they are points of the curve, in order.
std::vector<PublicKey> KeysOfRevealed(ByteSpan bytes);

}  // namespace spoor

#endif  // SPOOR_CHAIN_REVEALED_H_
