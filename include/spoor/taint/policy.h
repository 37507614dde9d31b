#ifndef SPOOR_TAINT_POLICY_H_
#define SPOOR_TAINT_POLICY_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

// The movement algebra (docs/model.md, "Taint"). `U` is an integer of base units: uint64_t where a
// chain's amounts and their sums fit, Uint256 anywhere.

namespace spoor {

// A theft source of a request: 1, 2, ... in the order in which the request first names them.
// 0 stands for clean.
using SourceId = uint32_t;
inline constexpr SourceId kClean = 0;

// A run of base units with one origin.
template <typename U>
struct Lot {
  U units = 0;
  SourceId source = kClean;
  // Inside a movement, which of its gives brought it, for those who want to know: of no meaning in
  // what a policy hands out that is not ordered(), and 0 in what a holding holds.
  uint32_t giver = 0;

  friend bool operator==(const Lot&, const Lot&) = default;
};

// What a holding holds, in arrival order, or what a movement's taker gets. Under a conserving
// policy the lots fill it exactly, none is empty, and neighbours differ in source; of what a taker
// gets, in source or giver.
template <typename U>
using Parcel = std::vector<Lot<U>>;

// What the takers of a movement get: their parcels in one piece of memory, which is used again from
// movement to movement. Begin(), Room() and Replace() end what was told of where they are.
template <typename U>
class Slices {
 public:
  // So many lots more may be read behind a parcel, whatever they are: who copies in blocks need not
  // look where it ends.
  static constexpr size_t kPadding = 8;

  // Of `takers` none has anything yet. Returns where what they get is to be written; there is room
  // for so many lots.
  Lot<U>* Begin(size_t takers, size_t lots) {
    places_.assign(takers, {});
    used_ = 0;
    return Room(lots_.data(), lots);
  }
  // Has room for so many lots from `out` on, up to which has been written. Returns where that is
  // now.
  Lot<U>* Room(const Lot<U>* out, size_t lots) {
    const auto written = static_cast<size_t>(out - lots_.data());
    used_ = written + lots;
    MakeRoom();
    return lots_.data() + written;
  }
  // The taker gets what was written from `begin` to `end`.
  void Set(size_t taker, const Lot<U>* begin, const Lot<U>* end) {
    places_[taker] = {static_cast<size_t>(begin - lots_.data()), static_cast<size_t>(end - begin)};
  }
  // The taker gets `parcel` instead, which is not of this memory.
  void Replace(size_t taker, absl::Span<const Lot<U>> parcel) {
    Place& place = places_[taker];
    // Replaced again and again it takes no more.
    const bool last = place.lots > 0 && place.begin + place.lots == used_;
    place = {last ? place.begin : used_, parcel.size()};
    used_ = place.begin + place.lots;
    MakeRoom();
    std::copy(parcel.begin(), parcel.end(), lots_.data() + place.begin);
  }
  // The taker gets the first so many lots of what it got.
  void Shorten(size_t taker, size_t lots) { places_[taker].lots = lots; }

  size_t size() const { return places_.size(); }
  absl::Span<Lot<U>> operator[](size_t taker) {
    return {lots_.data() + places_[taker].begin, places_[taker].lots};
  }
  absl::Span<const Lot<U>> operator[](size_t taker) const {
    return {lots_.data() + places_[taker].begin, places_[taker].lots};
  }

 private:
  struct Place {
    size_t begin = 0;
    size_t lots = 0;
  };

  void MakeRoom() {
    if (lots_.size() < used_ + kPadding) lots_.resize(used_ + used_ / 2 + kPadding);
  }

  std::vector<Lot<U>> lots_ = std::vector<Lot<U>>(kPadding);
  std::vector<Place> places_;  // by taker
  size_t used_ = 0;            // of lots_, or where it may be written
};

// One taker of a movement, as a policy sees it.
template <typename U>
struct Taker {
  U amount = 0;
  bool fee = false;
};

// A rule by which the takers of a movement share what its givers brought. A policy holds no state:
// one object serves any number of movements and threads.
template <typename U>
class Policy {
 public:
  virtual ~Policy() = default;

  // As `--policy` takes it and results print it.
  virtual absl::string_view name() const = 0;

  // Whether what the takers get is what the givers had, unit for unit, source by source. The slices
  // of a policy that does not conserve are a ceiling: each tainted lot is as large as its holding.
  virtual bool conserving() const { return true; }

  // Whether every unit goes a way of its own, whatever its source: a source counts only as clean or
  // not. Then a unit's path is a fact of the policy, and Path can tell it.
  virtual bool ordered() const { return true; }

  // Shares `sequence`, the givers' parcels one after another, whose units add up to the takers'
  // amounts; under a conserving policy no lot of it is empty. `*slices` leaves with what each got.
  virtual void Share(absl::Span<const Lot<U>> sequence, absl::Span<const Taker<U>> takers,
                     Slices<U>* slices) const = 0;

  // The rule against the stream: `sequence` is what the takers have, one after another, each Lot
  // naming its taker as its giver; the movement's givers share it. For a policy by which every unit
  // has its place, that is where Share() takes it from; for the others it is Share() itself.
  virtual void ShareBack(absl::Span<const Lot<U>> sequence, absl::Span<const Taker<U>> givers,
                         Slices<U>* slices) const {
    Share(sequence, givers, slices);
  }

  // If ordered(): the takers in the order in which Share() gives them the parts of one run of
  // units, from its front on. `order` has room for so many.
  virtual void FrontFirst(absl::Span<const Taker<U>> takers, absl::Span<size_t> order) const {
    std::iota(order.begin(), order.begin() + takers.size(), size_t{0});
  }
  // The same of ShareBack().
  virtual void FrontFirstBack(absl::Span<const Taker<U>> givers, absl::Span<size_t> order) const {
    FrontFirst(givers, order);
  }
};

// The names of all policies, in the order in which reports show them.
const std::vector<absl::string_view>& PolicyNames();

// INVALID_ARGUMENT, listing the names there are, if `name` is none of them. For U = uint64_t and
// Uint256.
template <typename U>
absl::StatusOr<std::unique_ptr<Policy<U>>> MakePolicy(absl::string_view name);

}  // namespace spoor

#endif  // SPOOR_TAINT_POLICY_H_
