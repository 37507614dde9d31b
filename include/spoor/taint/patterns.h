#ifndef SPOOR_TAINT_PATTERNS_H_
#define SPOOR_TAINT_PATTERNS_H_

#include <cstddef>
#include <cstdint>

#include "spoor/ledger/model.h"

// What is named of the movements that stolen units went through, besides CoinJoins and peel chains.

namespace spoor {

// Half a year: shorter rests are what anybody's coins do.
inline constexpr int64_t kLeastDormancySeconds = int64_t{180} * 24 * 60 * 60;
// Fewer are what a wallet pays or gathers in a day's use.
inline constexpr size_t kLeastSplitTakers = 10;
inline constexpr size_t kLeastMergeGivers = 10;

// An output with stolen units that moved on no sooner than kLeastDormancySeconds after it was made,
// by BlockInfo::order_time.
struct Dormancy {
  uint32_t chain = 0;  // which of the views
  Txid txid;
  uint32_t output = 0;
  AddressId owner;
  Units amount;
  Units tainted;  // under a policy that does not conserve, all
  uint32_t from_height = 0;
  uint32_t to_height = 0;
  Txid moved_by;
  Position made;   // by the movement `txid`,
  Position moved;  // by the movement `moved_by`
};

// A movement, no CoinJoin by its shape, that led stolen units into at least kLeastSplitTakers
// outputs (a split), or had them from at least kLeastMergeGivers (a merge). It may be both.
struct Spread {
  uint32_t chain = 0;
  Position position;
  Txid txid;
  uint32_t height = 0;
  size_t outputs = 0;  // with stolen units, that it made or spent; its fee is none
  Units tainted;       // in them; under a policy that does not conserve, all
};

}  // namespace spoor

#endif  // SPOOR_TAINT_PATTERNS_H_
