#ifndef SPOOR_TAINT_FOLLOW_H_
#define SPOOR_TAINT_FOLLOW_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/policy.h"
#include "spoor/taint/seed.h"

namespace spoor {

// Why units are not followed further. Every stolen unit ends at one of these.
enum class EndpointKind {
  kUnspent,  // they rest where they are
  kFee,      // a movement's fee took them
  kBurned,   // in an output that nobody can spend
};
// As results print it: "unspent", "fee", "burned".
absl::string_view EndpointKindName(EndpointKind kind);

// A place where stolen units ended.
struct Endpoint {
  EndpointKind kind = EndpointKind::kUnspent;
  uint32_t chain = 0;  // which of the views
  AssetId asset = kNativeAsset;
  Position position;  // of the movement that brought them there
  uint32_t height = 0;
  Txid txid;
  uint32_t output = 0;  // of kUnspent and kBurned
  AddressId owner;      // nobody for kFee and kBurned
  Units amount;         // all that is there, stolen or not
  Units tainted;        // the stolen part; under a policy that does not conserve, all
  // The stolen part by source, in the order of SourceId, none empty. Under a policy that does not
  // conserve each is as large as `amount`.
  std::vector<std::pair<SourceId, Units>> by_source;
  uint32_t hops = 0;  // the fewest movements from a seed
};

// Stolen units that went from one owner to another, over all movements. `to` may be one of two that
// stand for no address.
struct Flow {
  static constexpr AddressId kToFees{AddressId::kNobody - 1};
  static constexpr AddressId kToBurned{AddressId::kNobody - 2};

  uint32_t chain = 0;
  AssetId asset = kNativeAsset;
  AddressId from;
  AddressId to;
  Units tainted;
  uint64_t movements = 0;
};

// What one source stole on one chain.
struct Stolen {
  SourceId source = 0;
  uint32_t chain = 0;
  AssetId asset = kNativeAsset;
  Units units;
};

struct PolicyResult {
  std::string policy;
  bool conserving = true;
  // The units that the seeds marked, by source. Under a conserving policy the endpoints' by_source
  // add up to it exactly; Follow() checks that itself.
  std::vector<Stolen> stolen;
  std::vector<Endpoint> endpoints;  // by tainted descending, then the text of their places
  std::vector<Flow> flows;          // by tainted descending, then chain, from, to
  uint64_t movements = 0;           // that moved stolen units
  uint64_t unresolved_inputs = 0;   // of those movements: their amounts are not known (Give)
};

struct TraceResult {
  std::vector<std::string> sources;  // by SourceId, from 1 on
  std::vector<PolicyResult> policies;
};

struct FollowOptions {
  std::vector<std::string> policies = {"fifo"};
  // Whether to compute PolicyResult::flows.
  bool flows = true;
  // Hears, now and then, how many movements have been read and how many wait to be.
  std::function<void(uint64_t done, uint64_t waiting)> progress;
};

// Follows the seeds' units forward to where they end, under every policy at once. The views must be
// those that FindSeeds() had. Reads only the movements that stolen units touch.
//
// INVALID_ARGUMENT for an unknown or repeated policy; the views' errors.
absl::StatusOr<TraceResult> Follow(absl::Span<const LedgerView* const> views,
                                   absl::Span<const Seed> seeds, const FollowOptions& options);

}  // namespace spoor

#endif  // SPOOR_TAINT_FOLLOW_H_
