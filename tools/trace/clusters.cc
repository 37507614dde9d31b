#include "tools/trace/clusters.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/tag_table.h"

namespace spoor::tools {

absl::StatusOr<OpenClusters> OpenClustersOf(const OpenLedger& ledger) {
  OpenClusters open;
  for (const auto& view : ledger.views) {
    std::unique_ptr<LedgerTable> table = ledger.store->Table(ClusterTableName(view->chain().name));
    absl::StatusOr<Clusters> clusters = Clusters::Open(table.get());
    if (absl::IsNotFound(clusters.status())) continue;
    SPOOR_RETURN_IF_ERROR(clusters.status());
    const absl::Status current = clusters->CheckAgainst(*view);
    if (absl::IsFailedPrecondition(current)) {
      Warn(absl::StrCat("the clusters of ", view->chain().name, " are left out: ",
                        current.message(), "; trace cluster brings them up to date"));
      continue;
    }
    SPOOR_RETURN_IF_ERROR(current);
    if (view->tip().has_value() && view->tip()->height > clusters->state().height) {
      Warn(absl::StrCat("the clusters of ", view->chain().name, " are those of block ",
                        clusters->state().height, " of ", view->tip()->height,
                        "; trace cluster brings them up to date"));
    }
    open.tables.push_back(std::move(table));
    open.clusters.push_back(std::make_unique<Clusters>(*std::move(clusters)));
    open.chains.push_back({view.get(), open.clusters.back().get()});
  }
  return open;
}

absl::StatusOr<OpenClusters> NeedClustersOf(const OpenLedger& ledger) {
  SPOOR_ASSIGN_OR_RETURN(OpenClusters open, OpenClustersOf(ledger));
  if (open.chains.empty()) {
    return absl::FailedPreconditionError(
        "the ledger has no clusters of the chains as they are; trace cluster computes them");
  }
  return open;
}

absl::StatusOr<Owners> OwnersOf(const OpenLedger& ledger) {
  Owners owners;
  SPOOR_ASSIGN_OR_RETURN(const TagTable table, TagTable::Open(ledger.tags.get()));
  SPOOR_ASSIGN_OR_RETURN(const std::vector<TagList> lists, table.Lists());
  owners.tags = !lists.empty();
  SPOOR_ASSIGN_OR_RETURN(owners.clusters, OpenClustersOf(ledger));
  for (const auto& view : ledger.views) {
    const auto& chains = owners.clusters.chains;
    const auto chain = std::find_if(chains.begin(), chains.end(), [&](const ChainClusters& open) {
      return open.view == view.get();
    });
    if (chain == chains.end()) {
      owners.labels.emplace_back(view.get(), ledger.tags.get());
      continue;
    }
    SPOOR_ASSIGN_OR_RETURN(
        const bool labelled,
        ClusterLabelsAreOf(view->chain().name, chain->clusters->state(), *ledger.tags));
    FindCluster find;
    if (labelled) {
      find = [clusters = chain->clusters](AddressId id) { return clusters->Find(id); };
    } else if (owners.tags) {
      Warn(absl::StrCat("what tags say of the clusters of ", view->chain().name,
                        " is not up to date, and left out; trace cluster writes it"));
    }
    owners.labels.emplace_back(
        view.get(), ledger.tags.get(), std::move(find),
        [clusters = chain->clusters](AddressId id) { return clusters->First(id); });
  }
  return owners;
}

}  // namespace spoor::tools
