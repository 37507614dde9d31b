#include "tools/trace/cluster_keeper.h"

#include <utility>

#include "spoor/base/status_macros.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/entity/tag_table.h"

namespace spoor::tools {

ClusterKeeper::ClusterKeeper(LedgerStore* store, std::string chain)
    : store_(store),
      chain_(std::move(chain)),
      table_(store->Table(ClusterTableName(chain_))),
      tags_(store->Table(kTagTable)) {}

absl::StatusOr<std::unique_ptr<ClusterKeeper>> ClusterKeeper::Open(LedgerStore* store,
                                                                   const std::string& chain,
                                                                   uint64_t memory) {
  auto keeper = std::unique_ptr<ClusterKeeper>(new ClusterKeeper(store, chain));
  const absl::StatusOr<Clusters> clusters = Clusters::Open(keeper->table_.get());
  if (absl::IsNotFound(clusters.status())) return nullptr;
  SPOOR_RETURN_IF_ERROR(clusters.status());
  ClusterOptions options;
  options.memory = memory;
  SPOOR_ASSIGN_OR_RETURN(keeper->builder_,
                         ClusterBuilder::Open(keeper->table_.get(), std::move(options)));
  return keeper;
}

absl::Status ClusterKeeper::Update() {
  SPOOR_ASSIGN_OR_RETURN(const std::unique_ptr<LedgerView> view, store_->View(chain_));
  SPOOR_ASSIGN_OR_RETURN(const auto tagged, TaggedActors(*view, tags_.get()));
  SPOOR_RETURN_IF_ERROR(builder_->Update(*view, tagged));
  SPOOR_ASSIGN_OR_RETURN(const Clusters clusters, Clusters::Open(table_.get()));
  return WriteClusterLabels(
      *view, [&](AddressId id) { return clusters.Find(id); }, clusters.state(), tags_.get());
}

}  // namespace spoor::tools
