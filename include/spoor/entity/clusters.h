#ifndef SPOOR_ENTITY_CLUSTERS_H_
#define SPOOR_ENTITY_CLUSTERS_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/chain/hash.h"
#include "spoor/entity/heuristic.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// The table of a ledger that has a chain's clusters: "clusters.CHAIN". Its rows are described in
// lib/entity/cluster_rows.h.
std::string ClusterTableName(absl::string_view chain);

// What the clusters of a chain were computed from, and how many there are.
struct ClusterState {
  HeuristicSet heuristics;
  uint64_t guard = 0;  // see ClusterOptions
  uint32_t height = 0;
  BlockHash hash;          // of the last block that was looked at
  uint64_t movements = 0;  // up to and including that block, as the two below
  uint64_t addresses = 0;
  uint64_t clusters = 0;  // an address that is joined with no other is one too
  uint64_t shared = 0;    // those of two addresses or more
  uint64_t largest = 0;   // addresses of the largest
  uint64_t conflicts = 0;
  std::map<Heuristic, uint64_t> merges;  // of each heuristic chosen, 0 included

  friend bool operator==(const ClusterState&, const ClusterState&) = default;
};

// A sign that `from` and `to` have one controller: a heuristic found it in the movement.
struct Evidence {
  AddressId from;
  AddressId to;
  Heuristic heuristic = Heuristic::kCoSpend;
  Position position;

  friend bool operator==(const Evidence&, const Evidence&) = default;
};

// A sign that was not followed, because it would have joined what is probably not one.
struct ClusterConflict {
  enum class Reason : uint8_t {
    kTwoLarge = 1,   // two large clusters
    kTwoActors = 2,  // clusters tagged as different actors
  };
  Reason reason = Reason::kTwoLarge;
  Evidence evidence;
  // How many addresses the two clusters had then, that of `evidence.from` first.
  uint64_t from_size = 0;
  uint64_t to_size = 0;

  friend bool operator==(const ClusterConflict&, const ClusterConflict&) = default;
};

// The clusters of one chain as they are kept; ClusterBuilder computes them. Reads what it is asked
// and no more: some rows for an address. Const methods may be called from several threads at once;
// every one fails with DATA_LOSS where the rows contradict themselves and with the table's errors.
//
// Addresses that came after the last block that was looked at are each in a cluster of their own.
class Clusters {
 public:
  // `table` must outlive this. NOT_FOUND if nothing was ever computed; FAILED_PRECONDITION if it is
  // of another format.
  static absl::StatusOr<Clusters> Open(const LedgerTable* table);

  const ClusterState& state() const { return state_; }

  // Whether the last block that was looked at is in `view`: if not, the chain has been reorganised
  // since, and the numbers of addresses may mean others. OK also if `view` has gone further.
  absl::Status CheckAgainst(const LedgerView& view) const;

  // An address of the cluster that `id` is in, the same one for all its addresses. It may change
  // when the cluster grows.
  absl::StatusOr<AddressId> Find(AddressId id) const;
  // Of many at once, in their order, which is much cheaper.
  absl::Status Find(absl::Span<const AddressId> ids, std::vector<AddressId>* found) const;

  // How many addresses the cluster of `id` has.
  absl::StatusOr<uint64_t> Size(AddressId id) const;
  // The first address of the cluster that the chain saw: the cluster goes by its name, which only
  // changes when it is joined with an older one.
  absl::StatusOr<AddressId> First(AddressId id) const;
  // The addresses of the cluster of `id`, ascending.
  absl::StatusOr<std::vector<AddressId>> Members(AddressId id) const;

  // The chain of signs that joins two addresses of one cluster, from `from` to `to`; empty if they
  // are the same; nullopt if they are not in one cluster.
  absl::StatusOr<std::optional<std::vector<Evidence>>> Why(AddressId from, AddressId to) const;

  // The sign behind every merge, in the order in which they were made, which is that of positions.
  absl::Status VisitMerges(absl::FunctionRef<absl::Status(const Evidence&)> visit) const;
  // The first `most` of them, in order of position.
  absl::Status VisitConflicts(uint64_t most,
                              absl::FunctionRef<absl::Status(const ClusterConflict&)> visit) const;

 private:
  Clusters(const LedgerTable* table, ClusterState state, uint8_t generation, uint8_t nodes)
      : table_(table), state_(std::move(state)), generation_(generation), nodes_(nodes) {}

  const LedgerTable* table_;
  ClusterState state_;
  uint8_t generation_;  // which of the rows are meant
  uint8_t nodes_;       // and which of theirs
};

// "cluster:ADDRESS", the address being Clusters::First().
absl::StatusOr<std::string> ClusterName(const LedgerView& view, AddressId first);
inline constexpr absl::string_view kClusterPrefix = "cluster:";

}  // namespace spoor

#endif  // SPOOR_ENTITY_CLUSTERS_H_
