#ifndef SPOOR_LIB_TAINT_FRONTIER_SLOTS_H_
#define SPOOR_LIB_TAINT_FRONTIER_SLOTS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/types/span.h"
#include "lib/taint/step.h"
#include "spoor/ledger/model.h"

namespace spoor {

// The holdings that are in the frontier of some policy, each with a number, its slot: so a holding
// is looked up once for all policies, each of which keeps what it has there under the slot. Slots
// are used again.
//
// A holding waits with the movement that touches it next, so finding it takes no search among all
// that there are.
class FrontierSlots {
 public:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  // `window` positions are taken together.
  explicit FrontierSlots(Direction direction, uint64_t window = 8192)
      : forward_(direction == Direction::kForward), size_(window), first_(window, kNone) {}

  // A step begins.
  template <typename U>
  void Begin(const Step<U>& step) {
    const uint64_t number = step.position.number;
    if (window_ != number / size_) Enter(number / size_);
    entries_.clear();
    for (const auto& entry : step.entries) {
      entries_.push_back(entry.holding.has_value() ? Take(number % size_, *entry.holding) : kNone);
    }
    exits_.assign(step.exits.size(), kNone);
    Look(number % size_, kSoon, &soon_);
    Look(number % size_, kVerySoon, &very_soon_);
  }
  // The slot of entry `i`; kNone if no policy has anything there.
  uint32_t entry(size_t i) const { return entries_[i]; }
  // The same; if it has none, from now until the step is over it has one.
  uint32_t NeedEntry(size_t i) {
    if (entries_[i] == kNone) entries_[i] = NewSlot();
    return entries_[i];
  }
  // The slot of exit `i`, which is at `holding`, and which the movement at `next` touches next;
  // from now on it has one.
  uint32_t NeedExit(size_t i, const Holding& holding, Position next) {
    if (exits_[i] != kNone) return exits_[i];
    const uint32_t slot = NewSlot();
    const Waiting waiting{holding.major, holding.minor, slot,
                          static_cast<uint32_t>(next.number % size_), kNone};
    const uint64_t window = next.number / size_;
    if (window == window_) {
      Link(waiting_.size(), waiting);
    } else {
      later_[window].push_back(waiting);
      ++in_later_;
    }
    return exits_[i] = slot;
  }
  // Slots that a step will have at its entries before long, and some of these again when that is
  // closer: so that what is there can be fetched.
  absl::Span<const uint32_t> soon() const { return soon_; }
  absl::Span<const uint32_t> very_soon() const { return very_soon_; }
  // The step is over: every policy has taken what it had at its entries.
  void End() {
    for (const uint32_t slot : entries_) {
      if (slot != kNone) free_.push_back(slot);
    }
  }

  uint64_t memory() const {
    // Where they grow they have half as much again.
    return (in_later_ + waiting_.size()) * sizeof(Waiting) / 2 * 3 +
           free_.capacity() * sizeof(uint32_t);
  }

 private:
  // Positions are taken together window by window: what waits in the one at hand is in lists, one
  // for each position, and what waits in others is just put down.
  static constexpr uint64_t kSoon = 8;  // steps
  static constexpr uint64_t kVerySoon = 3;
  struct Waiting {
    uint64_t major = 0;
    uint32_t minor = 0;
    uint32_t slot = kNone;
    uint32_t inside = 0;    // the window
    uint32_t next = kNone;  // in the list
  };

  uint32_t NewSlot() {
    if (free_.empty()) return next_slot_++;
    const uint32_t slot = free_.back();
    free_.pop_back();
    return slot;
  }
  uint32_t Take(uint64_t inside, const Holding& holding) {
    for (uint32_t* at = &first_[inside]; *at != kNone; at = &waiting_[*at].next) {
      const Waiting& waiting = waiting_[*at];
      if (waiting.major != holding.major || waiting.minor != holding.minor) continue;
      *at = waiting.next;
      return waiting.slot;
    }
    return kNone;
  }
  void Look(uint64_t inside, uint64_t steps, std::vector<uint32_t>* slots) const {
    slots->clear();
    // Beyond the window, or before it, where the number wraps around.
    inside = forward_ ? inside + steps : inside - steps;
    if (inside >= size_) return;
    for (uint32_t i = first_[inside]; i != kNone; i = waiting_[i].next) {
      slots->push_back(waiting_[i].slot);
    }
  }
  void Link(size_t i, Waiting waiting) {
    waiting.next = std::exchange(first_[waiting.inside], static_cast<uint32_t>(i));
    if (i == waiting_.size()) {
      waiting_.push_back(waiting);
    } else {
      waiting_[i] = waiting;
    }
  }
  void Enter(uint64_t window) {
    // A coinbase with its block's fees comes after movements of later windows, so not all may have
    // been taken.
    for (const Waiting& waiting : waiting_) {
      for (uint32_t i = std::exchange(first_[waiting.inside], kNone); i != kNone;
           i = waiting_[i].next) {
        later_[*window_].push_back(waiting_[i]);
        ++in_later_;
      }
    }
    waiting_.clear();
    window_ = window;
    const auto found = later_.find(window);
    if (found == later_.end()) return;
    waiting_ = std::move(found->second);
    later_.erase(found);
    in_later_ -= waiting_.size();
    for (size_t i = 0; i < waiting_.size(); ++i) Link(i, waiting_[i]);
  }

  bool forward_;
  uint64_t size_;                   // of a window
  std::optional<uint64_t> window_;  // the one at hand
  std::vector<uint32_t> first_;     // in waiting_
  std::vector<Waiting> waiting_;
  absl::btree_map<uint64_t, std::vector<Waiting>> later_;
  uint64_t in_later_ = 0;
  std::vector<uint32_t> free_;
  uint32_t next_slot_ = 0;
  // Of the step at hand.
  std::vector<uint32_t> entries_;
  std::vector<uint32_t> exits_;
  std::vector<uint32_t> soon_;
  std::vector<uint32_t> very_soon_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FRONTIER_SLOTS_H_
