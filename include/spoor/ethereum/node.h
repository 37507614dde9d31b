#ifndef SPOOR_ETHEREUM_NODE_H_
#define SPOOR_ETHEREUM_NODE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/chain/hash.h"
#include "spoor/ethereum/block_data.h"

namespace spoor::ethereum {

// Where a node stands.
struct NodeChain {
  uint64_t chain_id = 0;  // 1: the main network
  uint64_t height = 0;    // of its last block
};

// A running node of Ethereum's kin, asked over JSON-RPC. Every reply is bounded in size and time,
// every field checked, and that the parts of a block are of one block; that what the node says did
// happen is not. For one thread. Every method fails with
// - UNAVAILABLE if the node cannot be reached, does not answer in time, breaks off or is busy;
// - PERMISSION_DENIED if it refuses user and password, or this machine;
// - DATA_LOSS if what it says cannot be, or is not what was asked for;
// - FAILED_PRECONDITION, with the node's own words, if it says that it cannot do what was asked;
// - CANCELLED if `Options::stop` said so.
// No message has the password in it.
class NodeClient {
 public:
  struct Options {
    std::string url;  // http://[USER:PASSWORD@]HOST:PORT, or https
    std::chrono::milliseconds timeout = std::chrono::seconds(120);  // for one request, at most
    std::function<bool()> stop;                                     // asked once a second, at least
  };

  // Does not speak to the node yet. INVALID_ARGUMENT if the URL is none.
  static absl::StatusOr<std::unique_ptr<NodeClient>> Create(const Options& options);
  virtual ~NodeClient() = default;

  // Which chain the node is on, and how far.
  virtual absl::StatusOr<NodeChain> Chain() = 0;

  // The blocks of its chain at `heights`, in that order. NOT_FOUND if it is not so high.
  virtual absl::StatusOr<std::vector<BlockHash>> BlockHashes(
      absl::Span<const uint64_t> heights) = 0;

  // The blocks from `first` on, whole: up to `most` of them, or fewer if they are large. Receipts
  // come for all of a block at once or one by one, traces from trace_block or
  // debug_traceBlockByNumber, whichever the node offers; if neither, they are missing. ABORTED if
  // the chain changed meanwhile; NOT_FOUND if it is not so high.
  virtual absl::StatusOr<std::vector<BlockData>> Blocks(uint64_t first, uint64_t most) = 0;

  // Whether it offers traces: a node with a chain of no transactions may not have been asked yet.
  virtual absl::StatusOr<bool> HasTraces() = 0;
};

}  // namespace spoor::ethereum

#endif  // SPOOR_ETHEREUM_NODE_H_
