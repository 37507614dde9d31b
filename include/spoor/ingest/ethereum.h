#ifndef SPOOR_INGEST_ETHEREUM_H_
#define SPOOR_INGEST_ETHEREUM_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/ethereum/block_data.h"
#include "spoor/ethereum/etl.h"
#include "spoor/ethereum/node.h"
#include "spoor/ingest/account_block.h"
#include "spoor/ingest/bitcoin_node.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

// The chain's entry in a ledger: `name` is "ethereum" for the main network; any other name is a
// chain of its kin, whose coin is called `symbol`.
ChainInfo EthereumChainInfo(const std::string& name, const std::string& symbol);

// What an ingest did, and what its source did not tell.
struct EthereumReport {
  uint64_t blocks_added = 0;
  uint64_t blocks_undone = 0;
  uint64_t blocks_known = 0;      // that the ledger had
  uint64_t blocks_too_early = 0;  // left out: from before the ledger's first, or in a gap of it
  uint64_t transactions = 0;      // added, and so the following
  uint64_t failed_transactions = 0;
  uint64_t token_transfers = 0;
  uint64_t gaps = 0;  // where blocks are missing before one that was added
  // Transactions with this or that not known, and blocks.
  uint64_t without_traces = 0;      // internal transfers are missing
  uint64_t without_receipt = 0;     // their fees are missing
  uint64_t success_unknown = 0;     // taken to have succeeded
  uint64_t success_inferred = 0;    // failed or not, as their gas tells
  uint64_t uncles_unknown = 0;      // blocks, rewards for and of whose uncles are missing
  uint64_t without_logs = 0;        // blocks, of which there are neither logs nor token transfers
  uint64_t repeated_rows = 0;       // of an export: the same row again
  uint64_t rows_without_block = 0;  // of an export: left out
  uint64_t first_without_block = 0;
};

struct EthereumOptions {
  uint64_t memory = 512ull << 20;
  struct Progress {
    absl::string_view what;  // "reading blocks", "ingesting"
    uint64_t done = 0;
    uint64_t total = 0;
    absl::string_view unit;
  };
  std::function<void(const Progress&)> progress;
};

// The block's transfers in the order of execution: of each transaction its fee, native coins as
// they moved (calls that failed move none), then tokens by log index; what the fee recipient earned
// before it next pays, or at the end of the block; then rewards and withdrawals. On the main
// network rewards that no trace tells are as the schedule has them. Counts into `*report`.
// DATA_LOSS if the data do not fit together: a transaction missing, or a receipt, trace or log of
// none.
absl::StatusOr<AccountBlock> MakeAccountBlock(const ethereum::BlockData& data,
                                              const ChainInfo& chain, EthereumReport* report);

// Brings `writer`'s chain up to the blocks of an export. Blocks may be missing between others; ones
// with other hashes than the ledger's are taken in their place if the export goes as far as the
// ledger does. Rows are sorted in bounded memory, and with temporary files. Nothing is changed
// before all files have been read.
//
// DATA_LOSS for rows that cannot be, that contradict each other, or transactions missing of a
// block; FAILED_PRECONDITION if the export is of another branch and shorter; RESOURCE_EXHAUSTED if
// one block is more than memory holds. The reader's and the writer's errors.
absl::StatusOr<EthereumReport> IngestEtl(const ethereum::EtlFiles& files, LedgerWriter* writer,
                                         const EthereumOptions& options);

// The same from a file of raw blocks, one after another, by ascending number. Receipts and traces
// are missing: there are no fees, no tokens, nothing that contracts did, and of what failed it is
// not known that it did. FAILED_PRECONDITION if a block is not the ledger's.
absl::StatusOr<EthereumReport> IngestRlp(const std::string& path, LedgerWriter* writer,
                                         const EthereumOptions& options);

// Whether the file begins with a block. Errors as IngestRlp().
absl::Status CheckRlpFile(const std::string& path);

struct EthereumNodeOptions {
  EthereumOptions ingest;
  // Where an empty ledger begins.
  std::optional<uint64_t> first_height;
  // Whether to go on with every new block, until `stop`; a node that does not answer is then waited
  // for instead of being an error.
  bool follow = false;
  std::function<bool()> stop;  // asked between blocks and while waiting
  std::function<void(const NodeEvent&)> event;
};

// Whether the node offers traces; waits for it if it is to be followed.
absl::StatusOr<bool> HasTraces(ethereum::NodeClient* node, const EthereumNodeOptions& options);

// Brings `writer`'s chain up to the node's: down to the last block that both have, then up. The
// node says which chain is the best; the ledger leaves a block only for a chain that goes as far.
// When this returns, what was added is durable, also after an error. FAILED_PRECONDITION if no
// block of the ledger is the node's; CANCELLED if stopped before it was done, unless it follows.
// Errors as MakeAccountBlock(), the node's and the writer's.
absl::StatusOr<EthereumReport> IngestFromNode(ethereum::NodeClient* node, LedgerWriter* writer,
                                              const EthereumNodeOptions& options);

}  // namespace spoor

#endif  // SPOOR_INGEST_ETHEREUM_H_
