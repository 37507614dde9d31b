#ifndef SPOOR_BITCOIN_INPUT_H_
#define SPOOR_BITCOIN_INPUT_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "spoor/base/bytes.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/transaction.h"
#include "spoor/chain/fingerprint.h"

namespace spoor::bitcoin {

// What an input shows of the script that it spends from (chain/revealed.h).
struct Revealed {
  ByteSpan bytes;  // a public key or a multisig script; points into the input
  // The one script_pubkey of which it is what was hashed.
  std::array<uint8_t, 34> script{};
  size_t script_size = 0;

  ByteSpan script_pubkey() const { return ByteSpan(script.data(), script_size); }
};

// By the form of the input alone: P2PKH, P2WPKH, P2SH-P2WPKH, or multisig in P2SH, P2WSH or
// P2SH-P2WSH. Whoever makes an input may give it any of these forms: only where script_pubkey() is
// that of the output spent has anything been shown. nullopt for other forms.
std::optional<Revealed> RevealedBy(const TxIn& input);
// The same of each input of the block's transactions but the coinbase's, one after another, into
// `*revealed`: hashed together, which takes less time.
void RevealedByInputs(const Block& block, std::vector<std::optional<Revealed>>* revealed);

// What the transaction tells of the wallet that made it, but for Fingerprint::lock_time. A
// signature is what has the form of one. Nothing is told of a coinbase.
Fingerprint FingerprintOf(const Transaction& tx);
// And that, in a block at `height`; kNone of a coinbase.
Fingerprint::LockTime LockTimeOf(const Transaction& tx, uint32_t height);

}  // namespace spoor::bitcoin

#endif  // SPOOR_BITCOIN_INPUT_H_
