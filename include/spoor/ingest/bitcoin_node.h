#ifndef SPOOR_INGEST_BITCOIN_NODE_H_
#define SPOOR_INGEST_BITCOIN_NODE_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "spoor/bitcoin/node.h"
#include "spoor/chain/network.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

// What happens while a ledger follows a node.
struct NodeEvent {
  enum class Kind {
    kAdded,      // `block`, with `transactions`
    kTakenBack,  // `blocks` blocks, of which `block` was the highest
    kTrouble,    // the node does not answer (`message`); it is asked again until it does
    kRecovered,  // it answers again
    kBehind,     // the node's chain has less work than the ledger's, which stays (`message`)
  };
  Kind kind = Kind::kAdded;
  BlockInfo block;
  uint64_t transactions = 0;
  uint64_t blocks = 0;
  std::string message;
};

struct NodeIngestOptions {
  // `first_height` is where an empty ledger begins, by default with the network's first block.
  // `event` does not hear of history, so a new block, whatever its size, counts as 16 KiB of
  // `history`: by default 32 of them are. `progress` hears of history, block by block.
  IngestOptions ingest;
  // Whether to go on with every new block, until `stop`; a node that does not answer is then waited
  // for instead of being an error.
  bool follow = false;
  // Asked between blocks and while waiting. What has been added then is kept.
  std::function<bool()> stop;
  // Hears of what is not history.
  std::function<void(const NodeEvent&)> event;
  // With `follow`, called when the ledger has come to where the node's chain ends, at first and
  // after every change. An error ends the ingest.
  std::function<absl::Status(const BlockInfo& tip)> at_tip;
};

// The network whose first block the node has. FAILED_PRECONDITION, naming the block, if it is none
// of those known; the node's errors, and CANCELLED if stopped while waiting for it.
absl::StatusOr<const Network*> FindNetworkOfNode(bitcoin::NodeClient* node,
                                                 const NodeIngestOptions& options);

// Brings `writer`'s chain up to the node's active chain, whatever source the ledger's blocks came
// from: down to the last block that both have, then up, each block checked as IngestBlockFiles()
// does it. Blocks are taken back only for others with more work in all, which are in memory or have
// been seen whole by then; a node with less, or as much, leaves the ledger as it is. Inputs from
// outside a ledger that begins in mid-chain take their values from the node, if it tells them. When
// this returns, what was added is durable, also after an error.
//
// FAILED_PRECONDITION if the node is of another network, or has no block in common with the ledger,
// or not the ones that are needed any more. DATA_LOSS for a block that does not stand up to the
// checks, and for replies that cannot be: the ledger then ends with the block before. CANCELLED if
// stopped before it was done, unless it follows, which is never done. The node's and the writer's
// errors.
absl::StatusOr<IngestReport> IngestFromNode(bitcoin::NodeClient* node, const Network& network,
                                            LedgerWriter* writer, const NodeIngestOptions& options);

}  // namespace spoor

#endif  // SPOOR_INGEST_BITCOIN_NODE_H_
