#ifndef SPOOR_LIB_TAINT_FRONTIER_H_
#define SPOOR_LIB_TAINT_FRONTIER_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "spoor/base/status_macros.h"
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

  // What waits, in its window's bytes; its lots stand behind it.
  struct Waiting {
    uint64_t major = 0;
    uint32_t minor = 0;
    uint32_t lots = 0;  // how many
    uint32_t hops = 0;
    uint32_t height = 0;
    uint32_t inside = 0;    // the window; kNone once it is taken
    uint32_t next = kNone;  // of those that wait for the same position
  };
  // All sizes are multiples of it, and places are counted in it.
  static constexpr size_t kUnit = alignof(std::max_align_t);
  static_assert(sizeof(Waiting) % kUnit == 0 && sizeof(Lot<U>) % kUnit == 0 &&
                alignof(Lot<U>) <= kUnit && std::is_trivially_copyable_v<Waiting> &&
                std::is_trivially_copyable_v<Lot<U>>);
  struct Window {
    std::vector<std::byte> bytes;
    size_t left = 0;  // that are not taken

    Waiting& At(size_t place) {
      return *std::launder(reinterpret_cast<Waiting*>(bytes.data() + place * kUnit));
    }
  };
  static size_t SizeOf(size_t lots) { return sizeof(Waiting) + lots * sizeof(Lot<U>); }
  static const Lot<U>* LotsOf(const Waiting* waiting) {
    return std::launder(reinterpret_cast<const Lot<U>*>(
        reinterpret_cast<const std::byte*>(waiting) + sizeof(Waiting)));
  }

  void Enter(uint64_t number);
  void Link(uint32_t place) {
    Waiting& waiting = window_.At(place);
    waiting.next = std::exchange(first_[waiting.inside], place);
  }
  // Where in a list the place of what waits at the holding stands, or kNone at the list's end.
  uint32_t* Look(const Holding& holding, Position next);
  static Held HeldBy(Waiting* waiting) {
    return {absl::MakeConstSpan(LotsOf(waiting), waiting->lots), waiting->hops, waiting->height};
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
  const size_t place = window.bytes.size() / kUnit;
  SPOOR_CHECK(place < kNone);
  const size_t lots = held.parcel.size();
  bytes_ -= window.bytes.capacity();
  window.bytes.resize(window.bytes.size() + SizeOf(lots));
  bytes_ += window.bytes.capacity();
  Waiting* const waiting = new (window.bytes.data() + place * kUnit) Waiting;
  waiting->major = holding.major;
  waiting->minor = holding.minor;
  waiting->lots = static_cast<uint32_t>(lots);
  waiting->hops = held.hops;
  waiting->height = held.height;
  waiting->inside = InsideOf(next);
  std::byte* out = window.bytes.data() + place * kUnit + sizeof(Waiting);
  // Not at once: what was written just now as units and source is slow to read as one.
  for (const Lot<U>& lot : held.parcel) {
    auto* const copy = new (out) Lot<U>;
    copy->units = lot.units;
    copy->source = lot.source;
    out += sizeof(Lot<U>);
  }
  ++window.left;
  ++size_;
  if (at_hand) Link(static_cast<uint32_t>(place));
}

template <typename U>
uint32_t* Frontier<U>::Look(const Holding& holding, Position next) {
  if (number_ != WindowOf(next)) Enter(WindowOf(next));
  uint32_t* at = &first_[InsideOf(next)];
  while (*at != kNone) {
    Waiting& waiting = window_.At(*at);
    if (waiting.major == holding.major && waiting.minor == holding.minor) break;
    at = &waiting.next;
  }
  return at;
}

template <typename U>
std::optional<typename Frontier<U>::Held> Frontier<U>::Find(const Holding& holding, Position next) {
  const uint32_t place = *Look(holding, next);
  return place == kNone ? std::nullopt : std::optional(HeldBy(&window_.At(place)));
}

template <typename U>
std::optional<typename Frontier<U>::Held> Frontier<U>::Take(const Holding& holding, Position next) {
  uint32_t* const at = Look(holding, next);
  if (*at == kNone) return std::nullopt;
  Waiting& waiting = window_.At(*at);
  *at = waiting.next;
  waiting.inside = kNone;
  --window_.left;
  --size_;
  return HeldBy(&waiting);
}

template <typename U>
void Frontier<U>::Enter(uint64_t number) {
  // A coinbase with its block's fees comes after movements of later windows, so not all may have
  // been taken.
  if (window_.left > 0) {
    later_[*number_] = std::move(window_);
  } else {
    bytes_ -= window_.bytes.capacity();
  }
  window_ = {};
  number_ = number;
  first_.assign(first_.size(), kNone);
  const auto found = later_.find(number);
  if (found == later_.end()) return;
  window_ = std::move(found->second);
  later_.erase(found);
  for (size_t at = 0; at < window_.bytes.size();) {
    const Waiting& waiting = window_.At(at / kUnit);
    if (waiting.inside != kNone) Link(static_cast<uint32_t>(at / kUnit));
    at += SizeOf(waiting.lots);
  }
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FRONTIER_H_
