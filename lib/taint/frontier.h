#ifndef SPOOR_LIB_TAINT_FRONTIER_H_
#define SPOOR_LIB_TAINT_FRONTIER_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "lib/taint/chunk_pool.h"
#include "lib/taint/sequence.h"
#include "lib/taint/window_table.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/policy.h"

namespace spoor {

// The tainted holdings that a later movement touches, under each of some policies, each with its
// parcel.
//
// They are of no order in the ledger, and so many that most are in no cache. So positions are taken
// together in windows, and a holding is put down at the end of what waits for the window of the
// movement that touches it next. All that waits for one window, under all policies, stands together
// and is in the cache from when it is entered until it is left.
template <typename U>
class Frontier {
 public:
  struct Held {
    absl::Span<const Lot<U>> parcel;  // not empty
    U amount = 0;                     // that the holding has
    uint32_t hops = 0;
    uint32_t height = 0;  // of the movement that put it there
    bool padded = false;  // whether Slices::kPadding lots may be read behind the parcel
  };

  // 2 to the power of `window_bits` positions are taken together.
  explicit Frontier(size_t policies, int window_bits = 10)
      : policies_(policies), bits_(window_bits), first_(policies << window_bits, nullptr) {}
  // Not all is taken where a trace ends with an error.
  ~Frontier();
  Frontier(const Frontier&) = delete;
  Frontier& operator=(const Frontier&) = delete;

  // From now on `held` is at `holding` under `policy`, where nothing is, and which the movement at
  // `next` touches next.
  void Put(uint32_t policy, const Holding& holding, Position next, const Held& held);
  // What is at `holding` under `policy`, which the movement at `next` touches next; nullopt if
  // nothing. The parcel stands until a position of another window is asked about.
  std::optional<Held> Find(uint32_t policy, const Holding& holding, Position next);
  // The same, and takes it away.
  std::optional<Held> Take(uint32_t policy, const Holding& holding, Position next);

  // How many holdings there are, counted under each policy.
  uint64_t size() const { return size_; }
  // About how many bytes it takes.
  uint64_t memory() const { return pool_.memory() + later_.memory(); }

 private:
  // What waits, in a chunk of its window; its lots stand behind it.
  struct Waiting {
    uint64_t major = 0;
    U amount = 0;
    Waiting* next = nullptr;  // of those that wait for the same position under the same policy
    uint32_t minor = 0;
    uint32_t lots = 0;  // how many
    uint32_t hops = 0;
    uint32_t height = 0;
    uint32_t list = 0;  // of first_
    bool taken = false;
  };
  static_assert(sizeof(Waiting) % alignof(Lot<U>) == 0 && sizeof(Lot<U>) % alignof(Waiting) == 0 &&
                alignof(Lot<U>) <= alignof(ChunkPool::Chunk) &&
                std::is_trivially_destructible_v<Lot<U>>);
  struct Window {
    ChunkPool::Chunk* first = nullptr;
    ChunkPool::Chunk* last = nullptr;
    // Where in the last one what comes next is put, and how much room there is.
    std::byte* at = nullptr;
    size_t room = 0;
    size_t left = 0;  // that are not taken

    bool empty() const { return first == nullptr; }
  };
  // Of a chunk's room, behind all that waits in it.
  static constexpr size_t kPadding = Slices<U>::kPadding * sizeof(Lot<U>);
  static size_t SizeOf(size_t lots) { return sizeof(Waiting) + lots * sizeof(Lot<U>); }
  static const Lot<U>* LotsOf(const Waiting* waiting) {
    return std::launder(reinterpret_cast<const Lot<U>*>(waiting + 1));
  }

  // Of the last chunk.
  static uint32_t UsedOf(const Window& window) {
    return static_cast<uint32_t>(window.at - window.last->bytes());
  }
  void Enter(uint64_t number);
  // Has the processor fetch the bytes from `begin` to `end` behind `from`.
  static void Fetch(const void* from, size_t begin, size_t end);
  // Has room for so many bytes at the end of the window's last chunk.
  void MakeRoom(size_t bytes, Window* window);
  void Link(Waiting* waiting) { waiting->next = std::exchange(first_[waiting->list], waiting); }
  // Where in a list what waits at the holding is named; it names nullptr at the list's end.
  Waiting** Look(uint32_t policy, const Holding& holding, Position next);
  static Held HeldBy(const Waiting* waiting) {
    return {absl::MakeConstSpan(LotsOf(waiting), waiting->lots), waiting->amount, waiting->hops,
            waiting->height,
            /*padded=*/true};
  }

  uint64_t WindowOf(Position position) const { return position.number >> bits_; }
  uint32_t ListOf(uint32_t policy, Position position) const {
    const uint64_t inside = position.number & ((uint64_t{1} << bits_) - 1);
    return static_cast<uint32_t>(inside * policies_ + policy);
  }

  size_t policies_;
  int bits_;
  ChunkPool pool_;
  // The window at hand, and in it for each position and policy the first that waits for it.
  std::optional<uint64_t> number_;
  Window window_;
  std::vector<Waiting*> first_;
  WindowTable<Window> later_;
  uint64_t size_ = 0;
};

template <typename U>
Frontier<U>::~Frontier() {
  pool_.Return(window_.first);
  for (std::optional<uint64_t> number; (number = later_.FirstFrom(number.value_or(0)));) {
    pool_.Return(later_.Take(*number).first);
  }
}

template <typename U>
void Frontier<U>::Put(uint32_t policy, const Holding& holding, Position next, const Held& held) {
  const uint64_t number = WindowOf(next);
  const bool at_hand = number == number_;
  Window& window = at_hand ? window_ : later_.At(number);
  const size_t lots = held.parcel.size();
  const size_t size = SizeOf(lots);
  if (window.room < size) MakeRoom(size, &window);
  std::byte* const at = window.at;
  window.at += size;
  window.room -= size;
  auto* const waiting = new (at) Waiting;
  waiting->major = holding.major;
  waiting->minor = holding.minor;
  waiting->amount = held.amount;
  waiting->lots = static_cast<uint32_t>(lots);
  waiting->hops = held.hops;
  waiting->height = held.height;
  waiting->list = ListOf(policy, next);
  auto* const out = reinterpret_cast<Lot<U>*>(at + sizeof(Waiting));
  if (held.padded) {
    CopyInBlocks(held.parcel, out);
  } else {
    std::uninitialized_copy(held.parcel.begin(), held.parcel.end(), out);
  }
  ++window.left;
  ++size_;
  if (at_hand) Link(waiting);
}

template <typename U>
void Frontier<U>::MakeRoom(size_t bytes, Window* window) {
  // As much again as there is in the last one, so that few wait in little memory and many in few
  // chunks.
  constexpr size_t kMost = 8192 - sizeof(ChunkPool::Chunk);
  const size_t wanted = window->last == nullptr ? ChunkPool::kLeastRoom
                                                : std::min<size_t>(2 * window->last->room, kMost);
  ChunkPool::Chunk* const chunk = pool_.Get(std::max(wanted, bytes + kPadding));
  if (window->last == nullptr) {
    window->first = chunk;
  } else {
    window->last->next = chunk;
    window->last->used = UsedOf(*window);
  }
  window->last = chunk;
  window->at = chunk->bytes();
  window->room = chunk->room - kPadding;
}

template <typename U>
typename Frontier<U>::Waiting** Frontier<U>::Look(uint32_t policy, const Holding& holding,
                                                  Position next) {
  if (number_ != WindowOf(next)) Enter(WindowOf(next));
  Waiting** at = &first_[ListOf(policy, next)];
  while (*at != nullptr && Holding{(*at)->major, (*at)->minor} != holding) at = &(*at)->next;
  return at;
}

template <typename U>
std::optional<typename Frontier<U>::Held> Frontier<U>::Find(uint32_t policy, const Holding& holding,
                                                            Position next) {
  const Waiting* const waiting = *Look(policy, holding, next);
  return waiting == nullptr ? std::nullopt : std::optional(HeldBy(waiting));
}

template <typename U>
std::optional<typename Frontier<U>::Held> Frontier<U>::Take(uint32_t policy, const Holding& holding,
                                                            Position next) {
  Waiting** const at = Look(policy, holding, next);
  if (*at == nullptr) return std::nullopt;
  Waiting* const waiting = *at;
  *at = waiting->next;
  waiting->taken = true;
  --window_.left;
  --size_;
  return HeldBy(waiting);
}

template <typename U>
void Frontier<U>::Fetch(const void* from, size_t begin, size_t end) {
  constexpr size_t kLine = 64;
  // As a number, for it may be beyond what is ours: to ask for that does no harm.
  const auto at = reinterpret_cast<uintptr_t>(from);
  for (size_t i = begin; i < end; i += kLine) {
    __builtin_prefetch(reinterpret_cast<const void*>(at + i));
  }
}

template <typename U>
void Frontier<U>::Enter(uint64_t number) {
  // What waits is mostly in no cache. So far ahead it is asked for, and with one that waits as much
  // as most take.
  constexpr size_t kAhead = 1024;
  constexpr size_t kTogether = 192;
  // A coinbase with its block's fees comes after movements of later windows, so not all may have
  // been taken.
  if (window_.left > 0) {
    later_.At(*number_) = window_;
  } else {
    pool_.Return(window_.first);
  }
  window_ = {};
  number_ = number;
  std::fill(first_.begin(), first_.end(), nullptr);
  if (later_.Find(number) == nullptr) return;
  window_ = later_.Take(number);
  window_.last->used = UsedOf(window_);
  for (ChunkPool::Chunk* chunk = window_.first; chunk != nullptr; chunk = chunk->next) {
    Fetch(chunk->next, 0, kAhead);
    for (size_t at = 0; at < chunk->used;) {
      auto* const waiting = std::launder(reinterpret_cast<Waiting*>(chunk->bytes() + at));
      Fetch(waiting, kAhead, kAhead + kTogether);
      if (!waiting->taken) Link(waiting);
      at += SizeOf(waiting->lots);
    }
  }
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FRONTIER_H_
