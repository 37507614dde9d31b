#ifndef SPOOR_LIB_INGEST_BEST_CHAIN_H_
#define SPOOR_LIB_INGEST_BEST_CHAIN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// What must happen for a ledger to hold the most-work chain of a set of blocks.
struct ChainPlan {
  uint64_t undo = 0;  // blocks to take off the ledger's tip
  // Then these are to be added, in this order: indices into the records. Records of one block are
  // alternatives: the first that can be read serves.
  std::vector<std::vector<size_t>> append;
  uint64_t stale = 0;        // distinct blocks that connect and are not on the chosen chain
  uint64_t unconnected = 0;  // distinct blocks that connect to nothing
};

// `records` in the order in which they were found: among branches of equal work the ledger's own
// wins, then the one whose tip was found first. FAILED_PRECONDITION if no record connects to a
// ledger that is not empty.
absl::StatusOr<ChainPlan> PlanChain(const Network& network, const LedgerView& ledger,
                                    const std::vector<bitcoin::BlockRecord>& records);

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_BEST_CHAIN_H_
