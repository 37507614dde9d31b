#ifndef SPOOR_LIB_TAINT_FRONTIER_H_
#define SPOOR_LIB_TAINT_FRONTIER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/policy.h"

namespace spoor {

// The tainted holdings that a later movement touches, under one policy, each with its parcel.
//
// They are of no order in the ledger, and so many that most are in no cache. So positions are taken
// together in windows, and a holding is put down at the end of what waits for the window of the
// movement that touches it next. All that waits for one window stands together and is in the cache
// from when it is entered until it is left.
template <typename U>
class Frontier {
 public:
  struct Held {
    absl::Span<const Lot<U>> parcel;  // not empty
    uint32_t hops = 0;
    uint32_t height = 0;  // of the movement that put it there
  };

  // 2 to the power of `window_bits` positions are taken together.
  explicit Frontier(int window_bits = 10)
      : bits_(window_bits), first_(size_t{1} << window_bits, kNone) {}

  // From now on `held` is at `holding`, where nothing is, and which the movement at `next` touches
  // next. Its parcel must not be one that Find() told.
  void Put(const Holding& holding, Position next, const Held& held);
  // What is at `holding`, which the movement at `next` touches next; nullopt if nothing. The parcel
  // stands until the next call of Put(), or until another position is asked about.
  std::optional<Held> Find(const Holding& holding, Position next);
  // The same, and takes it away.
  std::optional<Held> Take(const Holding& holding, Position next);

  // How many holdings there are.
  uint64_t size() const { return size_; }
  // About how many bytes it takes.
  uint64_t memory() const { return bytes_ + later_.capacity() * (sizeof(*later_.begin()) + 1); }

 private:
  static constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

  struct Waiting {
    uint64_t major = 0;
    uint64_t begin = 0;  // of its lots in Window::lots
    uint32_t minor = 0;
    uint32_t lots = 0;  // how many; 0 once it is taken
    uint32_t hops = 0;
    uint32_t height = 0;
    uint32_t inside = 0;    // the window
    uint32_t next = kNone;  // of those that wait for the same position
  };
  struct Window {
    std::vector<Waiting> waiting;
    std::vector<Lot<U>> lots;
    size_t left = 0;  // that are not taken

    uint64_t bytes() const {
      return waiting.capacity() * sizeof(Waiting) + lots.capacity() * sizeof(Lot<U>);
    }
  };

  void Enter(uint64_t number);
  void Link(uint32_t i) {
    Waiting& waiting = window_.waiting[i];
    waiting.next = std::exchange(first_[waiting.inside], i);
  }
  // Where in a list the holding's number in Window::waiting stands, or kNone at the list's end.
  uint32_t* Look(const Holding& holding, Position next);
  Held At(const Waiting& waiting) const {
    return {absl::MakeConstSpan(window_.lots).subspan(waiting.begin, waiting.lots), waiting.hops,
            waiting.height};
  }

  uint64_t WindowOf(Position position) const { return position.number >> bits_; }
  uint32_t InsideOf(Position position) const {
    return static_cast<uint32_t>(position.number & (first_.size() - 1));
  }

  int bits_;
  // The window at hand, and in it for each position the first that waits for it.
  std::optional<uint64_t> number_;
  Window window_;
  std::vector<uint32_t> first_;
  absl::flat_hash_map<uint64_t, Window> later_;
  uint64_t size_ = 0;
  uint64_t bytes_ = 0;  // of all windows
};

template <typename U>
void Frontier<U>::Put(const Holding& holding, Position next, const Held& held) {
  const uint64_t number = WindowOf(next);
  const bool at_hand = number == number_;
  Window& window = at_hand ? window_ : later_[number];
  bytes_ -= window.bytes();
  Waiting& waiting = window.waiting.emplace_back();
  waiting.major = holding.major;
  waiting.minor = holding.minor;
  waiting.begin = window.lots.size();
  waiting.lots = static_cast<uint32_t>(held.parcel.size());
  waiting.hops = held.hops;
  waiting.height = held.height;
  waiting.inside = InsideOf(next);
  window.lots.resize(waiting.begin + waiting.lots);
  Lot<U>* out = window.lots.data() + waiting.begin;
  // Not at once: what was written just now as units and source is slow to read as one.
  for (const Lot<U>& lot : held.parcel) {
    out->units = lot.units;
    out->source = lot.source;
    ++out;
  }
  bytes_ += window.bytes();
  ++window.left;
  ++size_;
  if (at_hand) Link(static_cast<uint32_t>(window.waiting.size() - 1));
}

template <typename U>
uint32_t* Frontier<U>::Look(const Holding& holding, Position next) {
  if (number_ != WindowOf(next)) Enter(WindowOf(next));
  uint32_t* at = &first_[InsideOf(next)];
  while (*at != kNone) {
    Waiting& waiting = window_.waiting[*at];
    if (waiting.major == holding.major && waiting.minor == holding.minor) break;
    at = &waiting.next;
  }
  return at;
}

template <typename U>
std::optional<typename Frontier<U>::Held> Frontier<U>::Find(const Holding& holding, Position next) {
  const uint32_t i = *Look(holding, next);
  return i == kNone ? std::nullopt : std::optional(At(window_.waiting[i]));
}

template <typename U>
std::optional<typename Frontier<U>::Held> Frontier<U>::Take(const Holding& holding, Position next) {
  uint32_t* const at = Look(holding, next);
  if (*at == kNone) return std::nullopt;
  Waiting& waiting = window_.waiting[*at];
  const Held held = At(waiting);
  *at = waiting.next;
  waiting.lots = 0;
  --window_.left;
  --size_;
  return held;
}

template <typename U>
void Frontier<U>::Enter(uint64_t number) {
  // A coinbase with its block's fees comes after movements of later windows, so not all may have
  // been taken.
  if (window_.left > 0) {
    later_[*number_] = std::move(window_);
  } else {
    bytes_ -= window_.bytes();
  }
  window_ = {};
  number_ = number;
  first_.assign(first_.size(), kNone);
  const auto found = later_.find(number);
  if (found == later_.end()) return;
  window_ = std::move(found->second);
  later_.erase(found);
  for (uint32_t i = 0; i < window_.waiting.size(); ++i) {
    if (window_.waiting[i].lots > 0) Link(i);
  }
  // They will be read in the order of the positions, of which the processor can make nothing.
  for (const Lot<U>& lot : window_.lots) __builtin_prefetch(&lot);
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FRONTIER_H_
