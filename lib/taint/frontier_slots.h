#ifndef SPOOR_LIB_TAINT_FRONTIER_SLOTS_H_
#define SPOOR_LIB_TAINT_FRONTIER_SLOTS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/taint/step.h"
#include "spoor/ledger/model.h"

namespace spoor {

// The holdings that are in the frontier of some policy, each with a number, its slot: so a holding
// is looked up once for all policies, each of which keeps what it has there under the slot. Slots
// are used again.
class FrontierSlots {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  // A step begins.
  template <typename U>
  void Begin(const Step<U>& step) {
    entries_.clear();
    for (const auto& entry : step.entries) {
      const auto it = entry.holding.has_value() ? slots_.find(*entry.holding) : slots_.end();
      entries_.push_back(it == slots_.end() ? kNone : it->second);
      if (it != slots_.end()) slots_.erase(it);
    }
    exits_.assign(step.exits.size(), kNone);
  }
  // The slot of entry `i`; kNone if no policy has anything there.
  uint32_t entry(size_t i) const { return entries_[i]; }
  // The same; if it has none, from now until the step is over it has one.
  uint32_t NeedEntry(size_t i) {
    if (entries_[i] == kNone) entries_[i] = Take();
    return entries_[i];
  }
  // The slot of exit `i`, which is at `holding`; from now on it has one.
  uint32_t NeedExit(size_t i, const Holding& holding) {
    if (exits_[i] != kNone) return exits_[i];
    const auto [it, added] = slots_.try_emplace(holding, kNone);
    if (added) it->second = Take();
    return exits_[i] = it->second;
  }
  // The step is over: every policy has taken what it had at its entries.
  void End() {
    for (const uint32_t slot : entries_) {
      if (slot != kNone) free_.push_back(slot);
    }
  }

  uint64_t memory() const {
    // A hash table has a byte for each slot besides.
    return slots_.capacity() * (sizeof(decltype(slots_)::value_type) + 1) +
           free_.capacity() * sizeof(uint32_t);
  }

 private:
  uint32_t Take() {
    if (free_.empty()) return next_++;
    const uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }

  absl::flat_hash_map<Holding, uint32_t> slots_;
  std::vector<uint32_t> free_;
  uint32_t next_ = 0;
  std::vector<uint32_t> entries_;  // of the step at hand
  std::vector<uint32_t> exits_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FRONTIER_SLOTS_H_
