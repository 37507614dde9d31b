#ifndef SPOOR_TESTS_SUPPORT_CLUSTER_TRUTH_H_
#define SPOOR_TESTS_SUPPORT_CLUSTER_TRUTH_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "spoor/chain/hash.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/entity/heuristic.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/simulate/simulate.h"

namespace spoor {

// A simulated ledger whose owners are known.
struct TrueLedger {
  std::unique_ptr<MemoryLedger> ledger;
  std::vector<uint32_t> owner;      // by AddressId
  std::vector<bool> is_service;     // by owner
  std::vector<TaggedAddress> tags;  // what an investigator would know, by the actor's owner number
  absl::flat_hash_set<Txid> coinjoins;
};
absl::StatusOr<std::unique_ptr<TrueLedger>> MakeTrueLedger(
    const simulate::SimulationOptions& options);

// How right clusters are. All but the last two are sums that can be added over ledgers.
struct ClusterAccuracy {
  uint64_t merges = 0;
  uint64_t right_merges = 0;  // of two addresses of one owner
  uint64_t pairs = 0;         // of addresses in one cluster
  uint64_t right_pairs = 0;
  uint64_t true_pairs = 0;       // of addresses of one owner
  uint64_t clusters = 0;         // of two addresses or more
  uint64_t pure_clusters = 0;    // of those, of one owner
  uint64_t owners = 0;           // of two addresses or more
  uint64_t whole_owners = 0;     // of those, in one cluster
  uint64_t services_merged = 0;  // pairs of services with an address each in one cluster
  uint64_t conflicts = 0;

  void Add(const ClusterAccuracy& other);
};

struct MeasureOptions {
  bool use_tags = false;
  // Alters the ledger that the heuristics see: CoinJoins' outputs of equal amounts are made
  // different, so that they are taken for payments,
  bool hide_coinjoins = false;
  // or are taken out of it.
  bool drop_coinjoins = false;
};
absl::StatusOr<ClusterAccuracy> MeasureClusters(const TrueLedger& truth, HeuristicSet heuristics,
                                                const MeasureOptions& options);

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_CLUSTER_TRUTH_H_
