#ifndef SPOOR_LIB_ENTITY_LINK_LOG_H_
#define SPOOR_LIB_ENTITY_LINK_LOG_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "lib/entity/cluster_rows.h"
#include "spoor/ledger/ledger_table.h"

namespace spoor {

// The links in the order in which they were made. Keeps in memory those that are not written yet,
// and of the others the last row's at most.
class LinkLog {
 public:
  using Link = cluster_rows::Link;

  // The first `size` links that `table` has.
  absl::Status Load(const LedgerTable* table, uint8_t generation, uint64_t size);

  uint64_t size() const { return first_ + links_.size(); }
  void Append(const Link& link) { links_.push_back(link); }
  // The last one, which is read if need be. Requires that there is one.
  absl::Status Last(Link* link);
  void RemoveLast() { links_.pop_back(); }  // Requires Last() before.

  // Adds the changes that make the rows say what this says.
  void AppendChanges(std::vector<LedgerTable::Change>* changes) const;
  // They have been made.
  void ForgetChanges();

 private:
  absl::Status LoadChunk(uint64_t chunk);

  const LedgerTable* table_ = nullptr;
  uint8_t generation_ = 0;
  uint64_t first_ = 0;       // the number of the first in memory: a row begins with it
  std::vector<Link> links_;  // from there on
  uint64_t rows_ = 0;        // written
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_LINK_LOG_H_
