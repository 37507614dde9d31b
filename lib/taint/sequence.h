#ifndef SPOOR_LIB_TAINT_SEQUENCE_H_
#define SPOOR_LIB_TAINT_SEQUENCE_H_

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "absl/types/span.h"
#include "spoor/taint/policy.h"

namespace spoor {

// Copies lots in whole blocks: most parcels are one, and a processor that cannot guess how long
// each is loses more by it than by copying too much. Behind both there is room for Slices::kPadding
// lots.
template <typename U>
void CopyInBlocks(absl::Span<const Lot<U>> from, Lot<U>* to) {
  static_assert(std::is_trivially_copyable_v<Lot<U>>);
  constexpr size_t kBlock = Slices<U>::kPadding;
  size_t copied = 0;
  do {
    std::memcpy(to + copied, from.data() + copied, kBlock * sizeof(Lot<U>));
    copied += kBlock;
  } while (copied < from.size());
}

// What the givers of a movement bring, one after another.
template <typename U>
class Sequence {
 public:
  Sequence() : lots_(1 + kPadding) { lots_[0].source = std::numeric_limits<SourceId>::max(); }

  void Clear() { end_ = 1; }
  // Behind what is there; of one source and giver with the last lot it becomes one with it.
  void Add(const U& units, SourceId source, uint32_t giver) {
    MakeRoom(1);
    Lot<U>* const last = &lots_[end_ - 1];
    const bool same = last->source == source && last->giver == giver;
    Lot<U>* const out = same ? last : last + 1;
    const U before = same ? last->units : U(0);
    *out = {before + units, source, giver};
    end_ += same ? 0 : 1;
  }
  // The same with a parcel, which is not empty, whose neighbours differ in source and of which it
  // is not asked who brought it. Slices::kPadding lots may be read behind it.
  void AddPadded(absl::Span<const Lot<U>> parcel) {
    MakeRoom(parcel.size());
    Lot<U>* const last = &lots_[end_ - 1];
    const bool same = last->source == parcel[0].source;
    Lot<U>* const out = same ? last : last + 1;
    const U before = same ? last->units : U(0);
    CopyInBlocks(parcel, out);
    out->units += before;
    end_ += parcel.size() - (same ? 1 : 0);
  }

  absl::Span<const Lot<U>> lots() const { return {lots_.data() + 1, end_ - 1}; }

 private:
  static constexpr size_t kPadding = Slices<U>::kPadding;

  void MakeRoom(size_t lots) {
    if (lots_.size() < end_ + lots + kPadding) lots_.resize(2 * (end_ + lots) + kPadding);
  }

  std::vector<Lot<U>> lots_;  // the first is of no source, so that none needs to ask for one before
  size_t end_ = 1;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_SEQUENCE_H_
