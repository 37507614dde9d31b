#include "spoor/chain/scrypt.h"

#include <cryptopp/scrypt.h>

namespace spoor {

Digest256 ScryptPow(ByteSpan header) {
  Digest256 hash;
  CryptoPP::Scrypt().DeriveKey(hash.data(), hash.size(), header.data(), header.size(),
                               header.data(), header.size(), /*cost=*/1024, /*blockSize=*/1,
                               /*parallelization=*/1);
  return hash;
}

}  // namespace spoor
