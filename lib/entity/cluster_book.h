#ifndef SPOOR_LIB_ENTITY_CLUSTER_BOOK_H_
#define SPOOR_LIB_ENTITY_CLUSTER_BOOK_H_

#include <cstdint>
#include <future>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/entity/cluster_forest.h"
#include "lib/entity/cluster_rows.h"
#include "lib/entity/link_log.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// A sign that two addresses have one controller.
struct Sign {
  uint64_t a = 0;
  uint64_t b = 0;
  uint64_t position = 0;
  Heuristic heuristic = Heuristic::kCoSpend;
};

// The clusters of a chain in memory, and how they are kept in a table: signs and blocks come in,
// are taken back, and are written.
//
// What is more than a batch is written as it comes but for the nodes, which nearly every batch
// would change; the rows go on to tell of the state before, and when all is done they tell of the
// new one at once. A run that is killed goes on from its last batch.
class ClusterBook {
 public:
  ClusterBook(LedgerTable* table, uint64_t batch_bytes)
      : table_(*table), batch_bytes_(batch_bytes) {}

  // Reads the state alone.
  absl::Status Open();
  const cluster_rows::State& state() const { return state_; }

  // Makes room for so many addresses.
  void Reserve(uint64_t addresses) { forest_.Reserve(addresses); }
  // Reads the rest. Once, and before all that follows.
  absl::Status Load();
  // Begins anew, and takes the rows of before away.
  absl::Status Restart(HeuristicSet heuristics, uint64_t guard);

  // Whether the addresses looked at are tagged as these, ascending, and not otherwise.
  bool HasTags(absl::Span<const TaggedAddress> tagged) const;
  // Takes the last block back; EndUndo() when all are that go.
  absl::Status UndoBlock();
  absl::Status EndUndo();

  // A block comes, with whose addresses the chain has so many; those of them that are tagged are
  // among `tagged`, ascending.
  void BeginBlock(uint64_t addresses, absl::Span<const TaggedAddress> tagged);
  // Follows signs, or holds them back. They come in the order of their positions, and may be of
  // blocks that have ended, but none may be left when something is written.
  void Follow(absl::Span<const Sign> signs);
  void EndBlock(const BlockInfo& block);
  // Whether what is to be written has come to a batch.
  bool IsBatch() const;
  // Writes what there is but for the nodes.
  absl::Status WritePart();
  // Writes all of it.
  absl::Status Finish();

 private:
  // How many addresses of the tree of clusters below an address are tagged, all as one actor's.
  struct Tagged {
    uint64_t actor = 0;
    uint64_t count = 0;
  };

  absl::Status LoadForest();
  // The last block below `height` that was looked at: heights may be left out.
  absl::StatusOr<std::pair<uint32_t, cluster_rows::Block>> BlockBefore(uint32_t height) const;
  absl::Status LoadConflicts();
  absl::Status LoadTags();
  // Takes away the rows from `from` on whose keys begin with `prefix`, up to those that begin with
  // `until`.
  absl::Status RemoveRows(absl::string_view prefix, absl::string_view from,
                          absl::string_view until);
  absl::Status RemoveNodes(uint8_t nodes);
  absl::Status RemoveOtherGenerations();
  void Follow(const Sign& sign);
  void HoldBack(const Sign& sign, ClusterConflict::Reason reason, uint64_t a_root, uint64_t b_root);
  std::optional<ClusterConflict::Reason> ReasonAgainst(uint64_t a_root, uint64_t b_root) const;
  void CountTag(uint64_t root, const Tagged& more);
  void Change(std::string key, std::optional<std::string> value);

  void BringStateUpToDate();
  std::vector<LedgerTable::Change> TakeChanges();
  // Writes on a thread of its own, one batch at a time; what went wrong comes with the next.
  absl::Status WriteBehind(std::vector<LedgerTable::Change> changes);
  absl::Status AwaitWriting();
  absl::Status WriteNodesAnew();
  std::string RowKey(char kind, uint64_t number, int bytes = 5) const {
    return cluster_rows::Key(state_.generation, kind, number, bytes);
  }

  LedgerTable& table_;
  const uint64_t batch_bytes_;
  cluster_rows::State state_;
  cluster_rows::State kept_;  // what the rows tell
  bool in_parts_ = false;     // the state is ahead of that, and its nodes are not written
  bool part_written_ = false;
  bool has_rows_ = false;
  bool has_older_rows_ = false;  // of an older format

  ClusterForest forest_;
  LinkLog links_;
  std::vector<cluster_rows::Conflict> conflicts_;
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> kept_apart_;  // roots, the lesser first
  std::map<uint64_t, uint64_t> tags_;                              // of addresses looked at
  absl::flat_hash_map<uint64_t, Tagged> tagged_below_;
  std::vector<LedgerTable::Change> changes_;  // besides nodes and links
  uint64_t change_bytes_ = 0;
  bool largest_known_ = true;
  std::future<absl::Status> writing_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_CLUSTER_BOOK_H_
