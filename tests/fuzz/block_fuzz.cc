// Decoding and encoding a block are inverses; on Litecoin, up to an extension block behind it.

#include <algorithm>
#include <cstdlib>

#include "spoor/bitcoin/block.h"

using namespace spoor;           // NOLINT
using namespace spoor::bitcoin;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteSpan input(data, size);
  for (const NetworkId id : {NetworkId::kRegtest, NetworkId::kLitecoin}) {
    const Network& network = GetNetwork(id);
    const auto block = DecodeBlock(network, input);
    if (!block.ok()) continue;
    Bytes encoded;
    EncodeBlock(*block, &encoded);
    const bool extended = network.mweb && block->transactions.back().hogex;
    if (!extended && encoded.size() != size) std::abort();
    if (encoded.size() > size || input.first(encoded.size()) != ByteSpan(encoded)) std::abort();
    if (HashBlockHeader(input) != block->hash) std::abort();
    CoinbaseHeight(block->transactions[0]);
    // Scrypt would be all that the fuzzer does.
    if (!network.scrypt_pow) CheckBlock(network, *block).IgnoreError();
  }
  return 0;
}
