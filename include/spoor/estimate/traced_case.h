#ifndef SPOOR_ESTIMATE_TRACED_CASE_H_
#define SPOOR_ESTIMATE_TRACED_CASE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "spoor/chain/amount.h"

namespace spoor {

// What became of stolen units, as far as it matters to who can use them.
enum class Bucket : uint8_t {
  kHeld,      // rests where the thief, or nobody known, can spend it
  kExchange,  // deposited with who keeps coins for customers and asks their names
  kMixer,
  kOtc,      // brokers, services that ask no names, markets
  kBridge,   // bridges, decentralised exchanges: in flight
  kUnknown,  // gone dark: the trace stopped before its end
  kFrozen,   // frozen, seized, returned
  kLost,     // fees, burned
};
inline constexpr int kBuckets = 8;
// "held", "exchange", "mixer", "otc", "bridge", "unknown", "frozen", "lost".
absl::string_view BucketName(Bucket bucket);

// The bucket of an endpoint: `kind` as in spoor.trace.v1; `category` in Spoor's words or
// GraphSense's, in any case and with `_`, `-` or spaces, empty if unknown. docs/estimate.md has the
// whole table. What is in no table is kUnknown, or kHeld if it is unspent.
Bucket BucketOf(absl::string_view kind, absl::string_view category);

// Stolen units that ended in one place, or in several alike.
struct TracedUnits {
  std::string kind;      // "unspent", "service", "fee", ...
  std::string category;  // empty: unknown
  std::string actor;     // who a label says is there; empty: unknown
  std::string stolen_asset;
  Units stolen;       // base units of `stolen_asset`
  std::string asset;  // what they are now
  Units now;          // base units of `asset`
  int64_t since = 0;  // when the last of them came there, seconds since 1970
};

// Where the stolen units are by one policy.
struct TracedPolicy {
  std::string policy;
  bool conserving = true;
  std::map<std::string, Units> stolen;  // by asset
  std::vector<TracedUnits> ends;
};

// What no account of the units that conserves them leaves (docs/model.md, Bounds).
struct TracedBound {
  std::string kind;
  std::string category;  // empty: all of the kind
  std::string asset;
  Units stolen, stolen_least;  // the most and the least stolen at all
  Units lower, upper;
};

// A trace, in what an estimate needs of it.
struct TracedCase {
  bool traced = true;  // false: nothing is known but that there was a theft

  struct Asset {
    int decimals = -1;       // -1: unknown
    int64_t stolen_at = -1;  // seconds since 1970; -1: unknown, or not stolen
  };

  std::vector<TracedPolicy> policies;
  std::vector<TracedBound> bounds;
  std::map<std::string, Asset> assets;
  int64_t as_of = 0;  // up to when the ledger was read
  // The ledger lacks some of what was followed: outputs spent, balances, transfers by contracts.
  bool gaps = false;
  std::vector<std::string> warnings;  // the trace's own
};

// A theft of which nothing is known but that it happened, now: one stolen unit, all of it held.
TracedCase UntracedCase();

}  // namespace spoor

#endif  // SPOOR_ESTIMATE_TRACED_CASE_H_
