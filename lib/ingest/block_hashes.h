#ifndef SPOOR_LIB_INGEST_BLOCK_HASHES_H_
#define SPOOR_LIB_INGEST_BLOCK_HASHES_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "lib/ingest/keyed_hash.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/input.h"

namespace spoor {

// Whether a hash can stand for the script.
inline bool IsShort(ByteSpan script_pubkey) {
  return script_pubkey.size() <= KeyHasher::kMostBytes;
}

KeyHash HashOf(const KeyHasher& hasher, const bitcoin::OutPoint& outpoint);
// Of a script that is not short, KeyHash().
KeyHash HashOf(const KeyHasher& hasher, ByteSpan script_pubkey);

// The hashes by which a resolver looks up what a block spends and pays. Whoever decodes the block
// has its bytes at hand, the resolver may be on another processor.
struct BlockHashes {
  // By input of the transactions after the coinbase, one after another.
  std::vector<KeyHash> spent;     // outpoints
  std::vector<KeyHash> revealed;  // the scripts of what inputs reveal; KeyHash() of nothing
  // By output, one after another.
  std::vector<KeyHash> paid;  // scripts
  std::vector<KeyHash> made;  // outpoints

  // Sets all of them; `block_revealed` is what RevealedByInputs() found. Memory is reused.
  void Set(const KeyHasher& hasher, const bitcoin::Block& block,
           absl::Span<const std::optional<bitcoin::Revealed>> block_revealed);

  // In bytes.
  uint64_t MemoryUse() const;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_BLOCK_HASHES_H_
