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
    }
    exits_.assign(step.exits.size(), kNone);
  }
  // The slot of entry `i`; kNone if no policy has anything there.
  uint32_t entry(size_t i) const { return entries_[i]; }
  // The same, and that of exit `i`, which is at `holding`; from now on it has one.
  uint32_t NeedEntry(size_t i, const Holding& holding) { return Need(holding, &entries_[i]); }
  uint32_t NeedExit(size_t i, const Holding& holding) { return Need(holding, &exits_[i]); }
  // The step is over: every policy has taken what it had at its entries.
  template <typename U>
  void End(const Step<U>& step) {
    for (size_t i = 0; i < entries_.size(); ++i) {
      if (entries_[i] == kNone || slots_.erase(*step.entries[i].holding) == 0) continue;
      free_.push_back(entries_[i]);
    }
  }

  uint64_t memory() const {
    // A hash table has a byte for each slot besides.
    return slots_.capacity() * (sizeof(decltype(slots_)::value_type) + 1) +
           free_.capacity() * sizeof(uint32_t);
  }

 private:
  uint32_t Need(const Holding& holding, uint32_t* slot) {
    if (*slot != kNone) return *slot;
    const auto [it, added] = slots_.try_emplace(holding, kNone);
    if (added) {
      if (free_.empty()) {
        it->second = next_++;
      } else {
        it->second = free_.back();
        free_.pop_back();
      }
    }
    return *slot = it->second;
  }

  absl::flat_hash_map<Holding, uint32_t> slots_;
  std::vector<uint32_t> free_;
  uint32_t next_ = 0;
  std::vector<uint32_t> entries_;  // of the step at hand
  std::vector<uint32_t> exits_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FRONTIER_SLOTS_H_
