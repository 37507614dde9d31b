#ifndef SPOOR_LIB_INGEST_CHECKED_BLOCK_H_
#define SPOOR_LIB_INGEST_CHECKED_BLOCK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "lib/ingest/block_hashes.h"
#include "lib/ingest/keyed_hash.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/input.h"
#include "spoor/chain/fingerprint.h"
#include "spoor/chain/network.h"

namespace spoor {

// A block, and what can be told of it without the ledger. Does not move: its parts point into
// `bytes`. To be used again for another block, which spares the memory to be had anew.
struct CheckedBlock {
  CheckedBlock() = default;
  CheckedBlock(const CheckedBlock&) = delete;
  CheckedBlock& operator=(const CheckedBlock&) = delete;

  Bytes bytes;
  bitcoin::Block block;
  // By input of the transactions after the coinbase, one after another.
  std::vector<std::optional<bitcoin::Revealed>> revealed;
  BlockHashes hashes;
  // By transaction, without the lock times: those depend on the height.
  std::vector<Fingerprint> fingerprints;

  // Sets the other members from `bytes`. Errors as DecodeBlock() and CheckBlock().
  absl::Status Decode(const Network& network, const KeyHasher& hasher);

  // In bytes.
  uint64_t MemoryUse() const;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_CHECKED_BLOCK_H_
