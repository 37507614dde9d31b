#ifndef SPOOR_TAINT_BOUNDS_H_
#define SPOOR_TAINT_BOUNDS_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/seed.h"

// What no account of where the stolen units went can leave, whatever policy it follows, if only it
// conserves value along recorded movements (docs/model.md, "Bounds").

namespace spoor {

// How near the bounds are to what some account attains.
enum class BoundTightness {
  kAttained,  // for each of the two there is an account that ends just so many units there
  // They hold, but may be wider than need be: what a limit stops, or what a limited seed marks in
  // money that comes back, is decided by policies.
  kLoose,
  kTooLarge,  // they hold, but more than BoundsOptions::most_edges were reached, and only sums told
};
// As results print it: "attained", "loose", "too-large".
absl::string_view BoundTightnessName(BoundTightness tightness);

// The stolen units that end at some endpoints of one chain: between `lower` and `upper` of them.
struct Bound {
  uint32_t chain = 0;            // which of the views
  AssetId asset = kNativeAsset;  // as which they were stolen
  // Which endpoints: those of a kind, or of a kind and of owners of one category, or of a group.
  std::optional<EndpointKind> kind;
  std::string category;  // empty: any
  std::string group;     // OwnerGroup::name
  Units lower;
  Units upper;
  // How many units were stolen at all: that differs between accounts where money came back to
  // where a seed marks it again.
  Units stolen_least;
  Units stolen;  // at most
  BoundTightness tightness = BoundTightness::kAttained;
};

struct BoundsResult {
  // By chain, asset, kind and category; after them the groups, as asked for.
  std::vector<Bound> bounds;
  uint64_t movements = 0;          // that stolen units can have gone through
  uint64_t unresolved_inputs = 0;  // of those movements: their amounts are not known (Give)
  // Whether some can have been converted on an account chain: what came of those is not followed,
  // and counted as if it could have ended anywhere.
  bool conversions = false;
};

// Owners asked about together: what can have arrived there, backwards what can have come from
// there. For this question tracing stops at them, as at FollowOptions::stop_at. Of owners whose
// coins are pooled (Pooling) it must have all or none.
struct OwnerGroup {
  std::string name;
  std::function<absl::StatusOr<bool>(uint32_t chain, AddressId owner)> has;
};

struct BoundsOptions {
  // The category of an owner at whom tracing stops, empty if none is known. If null, none is.
  std::function<absl::StatusOr<std::string>(uint32_t chain, AddressId owner)> category;
  std::vector<OwnerGroup> groups;
  // A graph of more edges is not kept: about 150 bytes of memory each at the worst.
  uint64_t most_edges = 10'000'000;
};

// The bounds for every kind of endpoint that stolen units can reach, for each category of services,
// and for each group. `limits` is as Follow() has it; its policies, flows, paths and patterns do
// not count, and every conserving policy's figures lie within the bounds whatever its limits. Reads
// every movement that units can have reached, as poison would, once, and once more for each group.
//
// INVALID_ARGUMENT if fees are to be followed on a chain whose subsidy is not known;
// FAILED_PRECONDITION beyond Pooling::most_receipts, DATA_LOSS if a ledger contradicts itself; the
// views' errors, and those of the functions in the options.
absl::StatusOr<BoundsResult> ComputeBounds(absl::Span<const LedgerView* const> views,
                                           absl::Span<const Seed> seeds,
                                           const FollowOptions& limits,
                                           const BoundsOptions& options);

// The same for FollowBack(): where the units that the seeds name can have come from.
absl::StatusOr<BoundsResult> ComputeBoundsBack(absl::Span<const LedgerView* const> views,
                                               absl::Span<const Seed> seeds,
                                               const FollowOptions& limits,
                                               const BoundsOptions& options);

}  // namespace spoor

#endif  // SPOOR_TAINT_BOUNDS_H_
