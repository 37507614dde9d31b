#ifndef SPOOR_LIB_ENTITY_LINK_LOG_H_
#define SPOOR_LIB_ENTITY_LINK_LOG_H_

#include <cstdint>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "lib/entity/cluster_rows.h"
#include "spoor/ledger/ledger_table.h"

namespace spoor {

// The links in the order in which they were made. Keeps in memory the rows that are not written
// yet, and of the others the last one at most.
class LinkLog {
 public:
  using Link = cluster_rows::Link;

  // The first `size` links that `table` has.
  absl::Status Load(const LedgerTable* table, uint8_t generation, uint64_t size);

  uint64_t size() const { return first_ + links_.size(); }
  void Append(const Link& link);
  // The last one, which is read if need be. Requires that there is one.
  absl::Status Last(Link* link);
  void RemoveLast();  // Requires Last() before.

  // Visits the links from `from` on as the table has them, with their numbers. Requires that all
  // are written.
  absl::Status Visit(uint64_t from,
                     absl::FunctionRef<absl::Status(const Link&, uint64_t number)> visit) const;

  // Bytes of the rows that are not written yet, about.
  uint64_t unwritten_bytes() const { return unwritten_bytes_; }
  // Adds the changes that make the rows say what this says. They must be made then.
  void TakeChanges(std::vector<LedgerTable::Change>* changes);

 private:
  absl::Status LoadChunk(uint64_t chunk);
  LedgerTable::Change RowOfLast() const;
  void CloseRow();

  const LedgerTable* table_ = nullptr;
  uint8_t generation_ = 0;
  uint64_t first_ = 0;                      // of links_: a row begins with it
  std::vector<Link> links_;                 // of the last row
  std::vector<LedgerTable::Change> whole_;  // rows before it that are not written yet
  uint64_t rows_ = 0;                       // written
  uint64_t unwritten_bytes_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_LINK_LOG_H_
