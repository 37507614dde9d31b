#ifndef SPOOR_CHAIN_SCRYPT_H_
#define SPOOR_CHAIN_SCRYPT_H_

#include "spoor/base/bytes.h"
#include "spoor/chain/digest.h"

namespace spoor {

// Litecoin's proof of work: scrypt (RFC 7914) with N = 1024, r = p = 1, of a block header, which is
// both password and salt. About a thousand times as slow as a double SHA-256.
Digest256 ScryptPow(ByteSpan header);

}  // namespace spoor

#endif  // SPOOR_CHAIN_SCRYPT_H_
