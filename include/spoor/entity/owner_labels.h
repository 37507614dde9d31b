#ifndef SPOOR_ENTITY_OWNER_LABELS_H_
#define SPOOR_ENTITY_OWNER_LABELS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/label.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// An address that stands for all addresses of the cluster that `id` is in (Clusters::Find()).
using FindCluster = std::function<absl::StatusOr<AddressId>(AddressId id)>;

// What is known of the owners of one chain: by the tags of their address, and of the addresses
// clustered with it. Const methods may be called from several threads at once if the view, the
// table, `find` and `first` may.
class OwnerLabels {
 public:
  // All must outlive this. Where `find` is null, every address is by itself. `first` tells the
  // address that a cluster goes by (Clusters::First()).
  OwnerLabels(const LedgerView* view, LedgerTable* tags, FindCluster find = nullptr,
              FindCluster first = nullptr)
      : view_(view), tags_(tags), find_(std::move(find)), first_(std::move(first)) {}

  // Without claims if there are no tags, or if `id` is nobody. A few reads.
  absl::StatusOr<Label> Of(AddressId id) const;
  // The address that the cluster of `id` goes by; nobody if there are no clusters, or if `id` is.
  absl::StatusOr<AddressId> FirstOf(AddressId id) const;
  // The name of the cluster (ClusterName()); empty if there are no clusters, or if `id` is nobody.
  absl::StatusOr<std::string> ClusterOf(AddressId id) const;

 private:
  const LedgerView* view_;
  LedgerTable* tags_;
  FindCluster find_;
  FindCluster first_;
};

// The address of an owner as tags are kept under it.
absl::StatusOr<std::string> TagKeyOfOwner(const LedgerView& view, AddressId id);

// The tagged addresses of the cluster that `id` is in, ascending. Costs what the addresses of the
// cluster cost, or all tagged ones, whichever are fewer.
absl::StatusOr<std::vector<AddressId>> TaggedOfCluster(const LedgerView& view,
                                                       const Clusters& clusters,
                                                       const TagTable& tags, AddressId id);

// Writes what the tags of each cluster's addresses say together, for OwnerLabels to read, and that
// `state` is that of the clusters. To be called when tags or clusters have changed. Costs what the
// tagged addresses cost, all of them.
absl::Status WriteClusterLabels(const LedgerView& view, const FindCluster& find,
                                const ClusterState& state, LedgerTable* tags);
// Whether what was last written is of these clusters, and no tags have changed since.
absl::StatusOr<bool> ClusterLabelsAreOf(absl::string_view chain, const ClusterState& state,
                                        const LedgerTable& tags);
// To be called before tags change: what was written is of no more use.
absl::Status ForgetClusterLabels(absl::string_view chain, LedgerTable* tags);

// The addresses of the chain whose actor some list names, each with a number of that actor: for
// merges of clusters that are different actors' (ClusterBuilder::Update()). On account chains also
// those that are only put to a service, as that of their label, and kServiceTag with all that are;
// there "HTX 33" and "HTX 34" are wallets of one. In order of address.
absl::StatusOr<std::vector<std::pair<AddressId, uint64_t>>> TaggedActors(const LedgerView& view,
                                                                         LedgerTable* tags);

}  // namespace spoor

#endif  // SPOOR_ENTITY_OWNER_LABELS_H_
