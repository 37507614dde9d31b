#ifndef SPOOR_LIB_INGEST_NODE_BLOCKS_H_
#define SPOOR_LIB_INGEST_NODE_BLOCKS_H_

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/status/status.h"
#include "lib/ingest/checked_block.h"
#include "lib/ingest/keyed_hash.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/node.h"
#include "spoor/chain/network.h"

namespace spoor {

// The blocks of a node's active chain one after another, decoded and checked, each the successor of
// the one before.
class NodeBlocks {
 public:
  // From height `first` to `last`. The first one follows `previous`, if that is given. `hasher` is
  // the resolver's.
  NodeBlocks(bitcoin::NodeClient* node, const Network& network, const KeyHasher* hasher,
             uint32_t first, uint32_t last, const std::optional<BlockHash>& previous)
      : node_(node),
        network_(network),
        hasher_(*hasher),
        next_(first),
        last_(last),
        previous_(previous) {}

  uint64_t remaining() const { return last_ + uint64_t{1} - next_; }

  // The next block, into `*read`; requires one to remain. ABORTED if the node's chain has changed
  // meanwhile. DATA_LOSS, naming the block, as DecodeBlock() and CheckBlock(); the node's errors.
  absl::Status Next(CheckedBlock* read);

 private:
  absl::Status Fetch();

  bitcoin::NodeClient* node_;
  const Network& network_;
  const KeyHasher& hasher_;
  uint64_t next_;
  uint64_t last_;
  std::optional<BlockHash> previous_;
  std::deque<BlockHash> hashes_;  // from next_ on
  std::deque<Bytes> blocks_;      // theirs, as far as fetched
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_NODE_BLOCKS_H_
