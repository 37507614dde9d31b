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
// `ledger` must outlive what it returns. FAILED_PRECONDITION if they are of a chain that has been
// reorganised since. Warns if they are behind.
absl::StatusOr<OpenClusters> OpenClustersOf(const OpenLedger& ledger);
// The same; FAILED_PRECONDITION also if there are none.
absl::StatusOr<OpenClusters> NeedClustersOf(const OpenLedger& ledger);

// What is known of the owners of each view, by tags and clusters. Of a chain that has been
// reorganised since, the clusters are left out, with a warning. `ledger` must outlive it.
struct Owners {
  OpenClusters clusters;
  bool tags = false;  // whether the ledger has any
  std::vector<OwnerLabels> labels;
};
absl::StatusOr<Owners> OwnersOf(const OpenLedger& ledger);

}  // namespace spoor::tools

#endif  // SPOOR_TOOLS_TRACE_CLUSTERS_H_
