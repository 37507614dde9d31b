#ifndef SPOOR_TAINT_FOLLOW_H_
#define SPOOR_TAINT_FOLLOW_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/entity/coinjoin.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/patterns.h"
#include "spoor/taint/peel_chain.h"
#include "spoor/taint/policy.h"
#include "spoor/taint/seed.h"

namespace spoor {

// Why units are not followed further. Every unit ends at one of these.
enum class EndpointKind {
  kUnspent,     // they rest where they are
  kService,     // their owner is one of FollowOptions::stop_at, or found by its size
  kFee,         // a movement's fee took them
  kBurned,      // in an output that nobody can spend
  kHopLimit,    // they moved on, but FollowOptions::max_hops movements had been followed,
  kTimeLimit,   // at a time outside FollowOptions::since and until,
  kBelowLeast,  // or they were fewer than FollowOptions::min_taint
  // Backwards, where units came from:
  kMinted,      // a coinbase made them
  kOutside,     // from before the ledger's first block, and it knows from whom
  kUnresolved,  // from before the ledger's first block, and nothing is known of it
};
// As results print it: "unspent", "service", "fee", "burned", "hop-limit", "time-limit",
// "below-least", "minted", "outside", "unresolved".
absl::string_view EndpointKindName(EndpointKind kind);

// The way that some units of an endpoint took, from the credit that a seed marked; backwards, from
// the endpoint asked about (docs/model.md, "Paths").
struct Path {
  // Of a longer way than twice so many places, so many are told at its beginning and at its end.
  static constexpr uint32_t kToldAtEachEnd = 500;
  struct Place {
    Position position;
    Txid txid;
    bool at_output = true;  // as of Endpoint
    uint32_t output = 0;
  };
  SourceId source = kClean;
  // The units of the endpoint that came by it; under a policy that does not conserve, the smallest
  // amount on it.
  Units tainted;
  std::vector<Place> places;  // each spent by the movement that made the next
  uint64_t omitted = 0;       // places left out in the middle
};

// Units at an endpoint that one source stole as one asset of the endpoint's chain.
struct OfOrigin {
  SourceId source = 0;
  AssetId asset = kNativeAsset;  // when they were stolen
  Units tainted;                 // of the endpoint's asset, into which they may have been converted
  Units stolen;                  // so many they were when they were stolen

  friend bool operator==(const OfOrigin&, const OfOrigin&) = default;
};

// A place where stolen units ended.
struct Endpoint {
  EndpointKind kind = EndpointKind::kUnspent;
  uint32_t chain = 0;  // which of the views
  AssetId asset = kNativeAsset;
  Position position;  // of the movement that brought them there, the last if there were several
  uint32_t height = 0;
  Txid txid;
  uint32_t first_height = 0;  // of the movement that first brought some of them
  // Whether the place is an output of that movement; on an account chain, what the transfer
  // `output` of its transaction burned. If not, it is the movement itself: its fee, what it minted,
  // or an input from outside; or it is a pool or a balance.
  bool at_output = true;
  uint32_t output = 0;  // which output; of an input from outside, which input; else 0
  AddressId owner;      // nobody for fees, burned outputs and what was minted
  // How reports print the place, if it is more than an output or a movement. Of a pool, its name:
  // the address or "cluster:ADDRESS"; `owner` is the address that stands for it, and `position`
  // that of the last movement that brought stolen units. On an account chain always: of a balance,
  // and of all that came to a service, the address.
  std::string place;
  // All that is there, stolen or not; of a service on an account chain, all that came there with
  // stolen units in it.
  Units amount;
  Units tainted;  // the stolen part; under a policy that does not conserve, all
  Units stolen;   // so many they were when they were stolen: `tainted`, unless they were converted
  // `stolen` by source, in the order of SourceId. Under a policy that does not conserve each is as
  // large as `amount`.
  absl::InlinedVector<std::pair<SourceId, Units>, 1> by_source;
  std::vector<OfOrigin> origins;  // on an account chain: by source and asset
  uint32_t hops = 0;              // the fewest movements from a seed
  // If asked for, the ways by which most came, by tainted descending.
  std::vector<Path> paths;
  // Of a service that was found by FollowOptions::service_degree: how many movements have touched
  // its balance of `asset`. Else 0.
  uint64_t by_size = 0;
};

// Stolen units that went from one owner to another, over all movements. Both may be one that stands
// for no address.
struct Flow {
  static constexpr AddressId kToFees{AddressId::kNobody - 1};  // and from, if fees are followed
  static constexpr AddressId kToBurned{AddressId::kNobody - 2};
  static constexpr AddressId kFromMinted{AddressId::kNobody - 3};  // backwards only

  uint32_t chain = 0;
  AssetId asset = kNativeAsset;
  AddressId from;
  AddressId to;
  Units tainted;
  uint64_t movements = 0;
  struct Transaction {
    Txid txid;
    uint32_t height = 0;
    Units tainted;  // under a ceiling, as Flow::tainted is one
  };
  // The first transactions that it went by, in the chain's order (backwards, the last ones).
  static constexpr size_t kMostTransactions = 8;
  absl::InlinedVector<Transaction, 1> transactions;
};

// What one source stole on one chain.
struct Stolen {
  SourceId source = 0;
  uint32_t chain = 0;
  AssetId asset = kNativeAsset;
  Units units;
};

// A transaction on the way that looks like a CoinJoin: whose units are whose after it is a
// policy's convention more than anywhere else.
struct CoinJoinOnTheWay {
  uint32_t chain = 0;
  Position position;
  Txid txid;
  CoinJoinKind kind = CoinJoinKind::kGeneric;
};

struct PeelChainOnTheWay {
  uint32_t chain = 0;
  PeelChain peel_chain;
};

// An account that gave one asset for another in a transaction, with stolen units in it.
struct ConversionOnTheWay {
  uint32_t chain = 0;
  Position position;  // of the transaction's last transfer
  uint32_t height = 0;
  Txid txid;
  AddressId owner;
  AssetId from = kNativeAsset;
  AssetId to = kNativeAsset;
  Units gave;
  Units tainted;  // of what it gave; under a policy that does not conserve, all
  Units got;
};

struct PolicyResult {
  std::string policy;
  bool conserving = true;
  // The units that the seeds marked, by source. Under a conserving policy the endpoints' by_source
  // add up to it exactly; that is checked before a result is returned.
  std::vector<Stolen> stolen;
  std::vector<Endpoint> endpoints;          // by tainted descending, then the text of their places
  std::vector<Flow> flows;                  // by tainted descending, then chain, asset, from, to
  std::vector<CoinJoinOnTheWay> coinjoins;  // by chain and position
  std::vector<PeelChainOnTheWay> peel_chains;   // by chain and start
  std::vector<Dormancy> dormancies;             // by chain, moved, made and output
  std::vector<Spread> splits;                   // by chain and position
  std::vector<Spread> merges;                   // by chain and position
  std::vector<ConversionOnTheWay> conversions;  // by chain, position and owner
  uint64_t movements = 0;                       // that moved stolen units
  uint64_t unresolved_inputs = 0;  // of those movements: their amounts are not known (Give)
  // Balances with stolen units in them of whose history the beginning is missing (Give::opening).
  uint64_t opening_balances = 0;
  // Of how many lots at most what a holding had was made up. Neighbours of one source are one lot:
  // there are no more than the sources and one under haircut (and what seeds mark there), than the
  // sources under poison, than the cuts that movements made under the others.
  size_t most_lots = 0;
};

struct TraceResult {
  std::vector<std::string> sources;  // by SourceId, from 1 on
  std::vector<PolicyResult> policies;
};

// Where units that a fee takes go.
enum class FeeRule {
  kEnd,  // nowhere: a fee is where they end
  // Into the block's coinbase, whose one sequence is the subsidy and then the block's fees in the
  // order of its transactions, or the fees and then the subsidy. What the miner did not claim
  // follows the coinbase's outputs as its fee. A coinbase counts as paid after its block.
  kSubsidyFirst,
  kFeesFirst,
};

// How movements are read. The result is the same.
enum class ReadRule {
  kCheaper,  // as is cheaper for what waits next
  kPoint,    // each by its position, in batches
  kScan,     // straight through
};

// Whose coins are one holding (docs/model.md, "Pools").
struct Pooling {
  // The address that stands for all whose coins are pooled with those of `owner`; of a cluster it
  // is the one that names it. If null, coins are not pooled.
  std::function<absl::StatusOr<AddressId>(uint32_t chain, AddressId owner)> of;
  // All the addresses that `pool` stands for. If null, it alone.
  std::function<absl::StatusOr<std::vector<AddressId>>(uint32_t chain, AddressId pool)> members;
  // A pool that received more often is not followed but refused.
  uint64_t most_receipts = 4'000'000;
};

// Limits hold for units that would move on; where several do, the first in the order of
// EndpointKind is named.
struct FollowOptions {
  std::vector<std::string> policies = {"fifo"};
  // Movements outside this time are not followed, earlier ones no more than later ones: units that
  // one would move end where they rest. In seconds since 1970, both ends included; a movement's
  // time is its block's BlockInfo::order_time. Seeds count whenever they were credited.
  std::optional<int64_t> since;
  std::optional<int64_t> until;
  // Units so many movements from a seed are not followed.
  std::optional<uint32_t> max_hops;
  // A holding with fewer tainted units is not followed.
  Units min_taint = 0;
  // Whether coins that come to `owner` end there, unspent or not, as a custodial service's do. The
  // credits of seeds do not. Asked once for each owner by each thread. If null, no owner is such.
  std::function<absl::StatusOr<bool>(uint32_t chain, AddressId owner)> stop_at;
  // On account chains an owner is such, too, of whom nothing is known and whose balance of what
  // comes more movements than so many have touched, by the tip: no one person has so many, and its
  // history is not read. 0: none is.
  uint64_t service_degree = 0;
  // Whether it is known who `owner` is, so that their size says nothing. If null, of nobody.
  std::function<absl::StatusOr<bool>(uint32_t chain, AddressId owner)> is_known;
  FeeRule fees = FeeRule::kEnd;
  Pooling pool;
  // Whether to compute PolicyResult::flows.
  bool flows = true;
  // How many paths to each endpoint to tell at most. Costs memory for every movement followed: for
  // each output that units came to, and under haircut and poison so many times as much.
  size_t paths = 0;
  // Whether to look for CoinJoins and, forward, for peel chains, dormancies, splits and merges.
  bool patterns = true;
  // Most bytes that units on their way, endpoints, flows and paths may take, as estimated now and
  // then; 0: as many as there are. Tables that grow take half as much again for a moment.
  uint64_t memory = 0;
  ReadRule reading = ReadRule::kCheaper;
  // At most so many threads share the policies out among them; 0: as many as there are processors.
  // The views are read by several at once; what the caller answers is asked for by one at a time,
  // but from any of them. The result is the same, but more threads take more memory: one may do
  // with `memory` where two do not.
  size_t threads = 0;
  // Hears from the calling thread, now and then, how many movements its own share of the policies
  // has read, and how many wait to be.
  std::function<void(uint64_t done, uint64_t waiting)> progress;
};

// Follows the seeds' units forward to where they end, under every policy at once. The views must be
// those that FindSeeds() had. Reads only the movements that stolen units touch, and, if fees are
// followed, the blocks whose fees they are in.
//
// INVALID_ARGUMENT for an unknown or repeated policy, if fees are to be followed on a chain whose
// subsidy is not known, if paths are asked for on an account chain, or through pools under a policy
// that is not Policy::ordered(), or pools backwards; RESOURCE_EXHAUSTED beyond
// FollowOptions::memory; the views' errors, stop_at's.
absl::StatusOr<TraceResult> Follow(absl::Span<const LedgerView* const> views,
                                   absl::Span<const Seed> seeds, const FollowOptions& options);

// The same algebra against the stream: where the units that the seeds name came from. A movement's
// takers, in their order, are the sequence, and what it minted and its givers share it out by the
// policy's rule (Policy::ShareBack). Under fifo and lifo a unit is led back to just the places from
// which Follow() leads it here.
absl::StatusOr<TraceResult> FollowBack(absl::Span<const LedgerView* const> views,
                                       absl::Span<const Seed> seeds, const FollowOptions& options);

}  // namespace spoor

#endif  // SPOOR_TAINT_FOLLOW_H_
