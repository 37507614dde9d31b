#ifndef SPOOR_TAINT_POLICY_H_
#define SPOOR_TAINT_POLICY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <vector>

#include "absl/container/inlined_vector.h"
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

  friend bool operator==(const Lot&, const Lot&) = default;
};

// What a holding holds, in arrival order. Under a conserving policy the lots fill the holding
// exactly, none is empty, and neighbours differ in source.
template <typename U>
using Parcel = std::vector<Lot<U>>;

// A run of units inside a movement, which also knows who brought it.
template <typename U>
struct Piece {
  U units = 0;
  SourceId source = kClean;
  // Which of the movement's gives. Of no meaning in a slice under a policy that is not ordered().
  uint32_t giver = 0;

  friend bool operator==(const Piece&, const Piece&) = default;
};

template <typename U>
using Slice = absl::InlinedVector<Piece<U>, 2>;

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
  // amounts. `*slices` comes with one empty slice for each taker and leaves with what each got. At
  // least one piece is tainted.
  virtual void Share(absl::Span<const Piece<U>> sequence, absl::Span<const Taker<U>> takers,
                     std::vector<Slice<U>>* slices) const = 0;

  // The rule against the stream: `sequence` is what the takers have, one after another, each Piece
  // naming its taker as its giver; the movement's givers share it. For a policy by which every unit
  // has its place, that is where Share() takes it from; for the others it is Share() itself.
  virtual void ShareBack(absl::Span<const Piece<U>> sequence, absl::Span<const Taker<U>> givers,
                         std::vector<Slice<U>>* slices) const {
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
