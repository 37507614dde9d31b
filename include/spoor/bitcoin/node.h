#ifndef SPOOR_BITCOIN_NODE_H_
#define SPOOR_BITCOIN_NODE_H_

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/transaction.h"
#include "spoor/chain/hash.h"

namespace spoor::bitcoin {

// Where a node stands.
struct NodeChain {
  std::string name;  // as the node calls its network: "main", "regtest"; descendants say the same
  BlockHash genesis;
  uint32_t height = 0;  // of the last block of its active chain
  BlockHash best;       // that block
  // The lowest block that a pruned node still has.
  std::optional<uint32_t> pruned_below;
};

// A running node of Bitcoin Core or one of its descendants, asked over JSON-RPC. The node is not
// trusted: blocks are what was asked for by their hashes, every reply is bounded in size and time,
// every field checked. May be used by several threads at once; they take turns. Every method fails
// with
// - UNAVAILABLE if the node cannot be reached, does not answer in time, breaks off, is starting or
//   is busy: worth trying again;
// - PERMISSION_DENIED if it refuses user and password, or this machine;
// - DATA_LOSS if what it says cannot be, or is not what was asked for;
// - FAILED_PRECONDITION, with the node's own words, if it says that it cannot do what was asked;
// - CANCELLED if `Options::stop` said so.
// No message has the password in it.
class NodeClient {
 public:
  struct Options {
    // http://[USER:PASSWORD@]HOST:PORT, or https.
    std::string url;
    // A file that holds USER:PASSWORD, as nodes write it when they start (".cookie"); read again
    // when the node has been started anew. Empty: none.
    std::string cookie_file;
    // For one request, at most.
    std::chrono::milliseconds timeout = std::chrono::seconds(120);
    // Asked once a second, at least, while a request is under way; from the thread that made it.
    std::function<bool()> stop;
  };

  // Does not speak to the node yet. INVALID_ARGUMENT if the URL is none, or if it has a user and
  // there is a cookie file as well; NOT_FOUND or DATA_LOSS for the cookie file.
  static absl::StatusOr<std::unique_ptr<NodeClient>> Create(const Options& options);
  virtual ~NodeClient() = default;

  // Which chain the node is on, and how far.
  virtual absl::StatusOr<NodeChain> Chain() = 0;
  // The last block of the active chain.
  virtual absl::StatusOr<BlockHash> BestBlock() = 0;

  // The blocks of the active chain at `heights`, in that order. NOT_FOUND if it is not so high.
  virtual absl::StatusOr<std::vector<BlockHash>> BlockHashes(
      absl::Span<const uint32_t> heights) = 0;

  // The blocks' bytes, in that order: all, or, if they are too many bytes for one reply, the first
  // of them. Only the header's hash is checked. NOT_FOUND if the node does not have one of them, or
  // no more.
  virtual absl::StatusOr<std::vector<Bytes>> Blocks(absl::Span<const BlockHash> hashes) = 0;

  // What the block's inputs spend, as BlockDirectory::ReadUndo() tells it. This the node must be
  // believed. NOT_FOUND if it does not tell (`getblock` with verbosity 3 is of Bitcoin Core 23;
  // pruned nodes forget).
  virtual absl::StatusOr<std::vector<std::vector<TxOut>>> ReadSpent(const Block& block,
                                                                    Bytes* buffer) = 0;
};

}  // namespace spoor::bitcoin

#endif  // SPOOR_BITCOIN_NODE_H_
