#ifndef SPOOR_CHAIN_DIGEST_H_
#define SPOOR_CHAIN_DIGEST_H_

#include <array>
#include <cstdint>
#include <initializer_list>

#include "absl/types/span.h"
#include "spoor/base/bytes.h"

namespace spoor {

using Digest256 = std::array<uint8_t, 32>;
using Digest160 = std::array<uint8_t, 20>;

// Each takes its input in pieces, so that a hash over parts of a buffer needs no copy of them.
Digest256 Sha256(std::initializer_list<ByteSpan> pieces);
// SHA-256 of SHA-256: Bitcoin's txids, block hashes and checksums.
Digest256 Sha256d(std::initializer_list<ByteSpan> pieces);
Digest160 Ripemd160(ByteSpan bytes);
// RIPEMD-160 of SHA-256: Bitcoin's key and script hashes.
Digest160 Hash160(ByteSpan bytes);
// Keccak with the padding that Ethereum uses, not that of SHA3-256.
Digest256 Keccak256(ByteSpan bytes);
// BIP 340: SHA-256 of SHA-256(tag) twice and the message.
Digest256 TaggedHash(absl::string_view tag, std::initializer_list<ByteSpan> pieces);

inline Digest256 Sha256(ByteSpan bytes) { return Sha256({bytes}); }
inline Digest256 Sha256d(ByteSpan bytes) { return Sha256d({bytes}); }

// The same of many messages at once: digests[i] is that of messages[i]. On x86-64 the messages
// stand beside each other in vector registers (Gueron and Krasnov, "Simultaneous hashing of
// multiple messages", 2012), or go two by two through the processor's SHA instructions, whichever
// is faster. Requires as many digests as messages, none of them inside a message.
void Sha256OfEach(absl::Span<const ByteSpan> messages, absl::Span<Digest256> digests);
void Sha256dOfEach(absl::Span<const ByteSpan> messages, absl::Span<Digest256> digests);

}  // namespace spoor

#endif  // SPOOR_CHAIN_DIGEST_H_
