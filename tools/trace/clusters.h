#ifndef SPOOR_TOOLS_TRACE_CLUSTERS_H_
#define SPOOR_TOOLS_TRACE_CLUSTERS_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/report/cluster_report.h"
#include "tools/trace/session.h"

namespace spoor::tools {

// The clusters of the chains that have any.
struct OpenClusters {
  std::vector<std::unique_ptr<LedgerTable>> tables;
  std::vector<std::unique_ptr<Clusters>> clusters;
  std::vector<ChainClusters> chains;
};
// `ledger` must outlive what it returns. Those of a chain that has been reorganised since are left
// out. Warns of that, and if they are behind.
absl::StatusOr<OpenClusters> OpenClustersOf(const OpenLedger& ledger);
// The same; FAILED_PRECONDITION also if there are none.
absl::StatusOr<OpenClusters> NeedClustersOf(const OpenLedger& ledger);

// What is known of the owners of each view, by tags and clusters. `ledger` must outlive it.
struct Owners {
  OpenClusters clusters;
  bool tags = false;  // whether the ledger has any
  std::vector<OwnerLabels> labels;
};
absl::StatusOr<Owners> OwnersOf(const OpenLedger& ledger);

}  // namespace spoor::tools

#endif  // SPOOR_TOOLS_TRACE_CLUSTERS_H_
