#ifndef SPOOR_TAINT_FOLLOW_H_
#define SPOOR_TAINT_FOLLOW_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/entity/coinjoin.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/patterns.h"
#include "spoor/taint/peel_chain.h"
#include "spoor/taint/policy.h"
#include "spoor/taint/seed.h"
#include "spoor/taint/trace_lists.h"

namespace spoor {

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
  Endpoints endpoints;                      // by tainted descending, then the text of their places
  Flows flows;                              // by tainted descending, then chain, asset, from, to
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
  // At most so many threads share the policies out among them, and if there are more than policies,
  // the others scan ahead for them, forward on UTXO chains; 0: as many as there are processors.
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
// subsidy is not known, or if paths are asked for through balances or pools under a policy that is
// not Policy::ordered(); RESOURCE_EXHAUSTED beyond FollowOptions::memory,
// FAILED_PRECONDITION beyond Pooling::most_receipts, DATA_LOSS if a ledger contradicts itself; the
// views' errors, stop_at's.
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
