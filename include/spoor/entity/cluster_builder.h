#ifndef SPOOR_ENTITY_CLUSTER_BUILDER_H_
#define SPOOR_ENTITY_CLUSTER_BUILDER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/heuristic.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

struct ClusterOptions {
  // Those of the table where nullopt; where nothing was ever computed, DefaultHeuristics() and
  // kDefaultGuard. Of those chosen, the ones that are for the chain's family.
  std::optional<HeuristicSet> heuristics;
  // Two clusters that both have so many addresses or more are not merged: that is a conflict.
  std::optional<uint64_t> guard;
  // Bytes of rows that are gathered before they are written, all or none.
  uint64_t batch_bytes = 4 << 20;
  // The most that may be kept in memory, in bytes; 0: no limit.
  uint64_t memory = 0;
  // Hears, now and then, how many movements have been looked at, and how many there are.
  std::function<void(uint64_t done, uint64_t total)> progress;
};
inline constexpr uint64_t kDefaultGuard = 10'000;

// An address that is tagged as an actor's, under some number of that actor. On account chains
// kServiceTag is set in it where the address is one at which a service takes in what its customers
// paid: actors are told apart without it.
using TaggedAddress = std::pair<AddressId, uint64_t>;
inline constexpr uint64_t kServiceTag = uint64_t{1} << 63;

// Computes the clusters of a chain, and keeps them in step with it. Holds all of them in memory,
// in BytesFor(). For one thread; reads addresses on another.
class ClusterBuilder {
 public:
  // `table` must outlive this, and be written by nobody else. FAILED_PRECONDITION if the table is
  // of a newer format; one of an older is begun anew.
  static absl::StatusOr<std::unique_ptr<ClusterBuilder>> Open(LedgerTable* table,
                                                              ClusterOptions options);
  virtual ~ClusterBuilder() = default;

  // The memory that the clusters of such a chain take: 16 bytes for each address, 11.3 more with
  // Heuristic::kSameKey, a byte more for each address or movement with some others, and what is
  // gathered before it is written.
  static uint64_t BytesFor(HeuristicSet heuristics, const LedgerTotals& totals,
                           uint64_t batch_bytes);

  // Brings the clusters to the tip of `view`: takes back what came from blocks that are no longer
  // in it, exactly, and goes on from there. Clusters that conflict by `tagged` are not merged, nor
  // are large ones. What it ends with depends on the chain, the options and `tagged` alone, not on
  // the states that it went through: if the table was computed with others, it begins anew.
  // Killed, it goes on the next time from the last batch it wrote; until it comes to its end, the
  // table tells of the clusters that there were before, or of none if it began anew.
  // RESOURCE_EXHAUSTED, before anything is changed, if it would take more memory than it may;
  // INVALID_ARGUMENT if none of the heuristics is for chains of the view's family. After an error
  // this is of no more use; the table stands.
  virtual absl::Status Update(const LedgerView& view,
                              absl::Span<const TaggedAddress> tagged = {}) = 0;

  // The table's; its settings are those of a run that was killed, if one was.
  virtual const ClusterState& state() const = 0;
};

}  // namespace spoor

#endif  // SPOOR_ENTITY_CLUSTER_BUILDER_H_
