#ifndef SPOOR_TOOLS_TRACE_CLUSTER_KEEPER_H_
#define SPOOR_TOOLS_TRACE_CLUSTER_KEEPER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/ledger/store.h"

namespace spoor::tools {

// Keeps the clusters that a chain has in step with it, and what tags say of them: a follower keeps
// every other writer out.
class ClusterKeeper {
 public:
  // Null if the chain has no clusters. They stay what they are: of the heuristics and the guard
  // that were once chosen, and take `memory` bytes at most. `store` must outlive it, and be written
  // by nobody else.
  static absl::StatusOr<std::unique_ptr<ClusterKeeper>> Open(LedgerStore* store,
                                                             const std::string& chain,
                                                             uint64_t memory);

  // Brings them to the tip.
  absl::Status Update();

 private:
  ClusterKeeper(LedgerStore* store, std::string chain);

  LedgerStore* store_;
  std::string chain_;
  std::unique_ptr<LedgerTable> table_;
  std::unique_ptr<LedgerTable> tags_;
  std::unique_ptr<ClusterBuilder> builder_;
};

}  // namespace spoor::tools

#endif  // SPOOR_TOOLS_TRACE_CLUSTER_KEEPER_H_
