#ifndef SPOOR_REPORT_CLUSTER_REPORT_H_
#define SPOOR_REPORT_CLUSTER_REPORT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/entity/clusters.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/report/show.h"

namespace spoor {

// How many clusters there are and how they came to be: the document `spoor.clusters.v1`, or a table
// with the first `rows` conflicts of each chain. Errors are the views' and the tables'.
absl::StatusOr<std::string> ReportClusters(absl::Span<const ChainClusters> chains, ReportForm form,
                                           size_t rows);

// Why two addresses are in one cluster, or that they are not: the document `spoor.why.v1`, or a
// list of steps. Addresses are written as in Show(). INVALID_ARGUMENT if no chain has both.
absl::StatusOr<std::string> ReportWhy(absl::Span<const ChainClusters> chains,
                                      absl::string_view from, absl::string_view to,
                                      ReportForm form);

// The cluster that `what` is in, an address or what ClusterName() makes of one: a document
// `spoor.show.v1`, or a table of its first `rows` addresses and tags. `tags` may be null.
// INVALID_ARGUMENT if no chain has it.
absl::StatusOr<std::string> ShowCluster(absl::Span<const ChainClusters> chains,
                                        const TagTable* tags, absl::string_view what,
                                        ReportForm form, size_t rows);

}  // namespace spoor

#endif  // SPOOR_REPORT_CLUSTER_REPORT_H_
