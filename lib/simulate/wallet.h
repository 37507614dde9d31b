#ifndef SPOOR_LIB_SIMULATE_WALLET_H_
#define SPOOR_LIB_SIMULATE_WALLET_H_

#include <cstdint>

#include "absl/types/span.h"
#include "lib/simulate/world.h"
#include "spoor/bitcoin/transaction.h"

namespace spoor::simulate {

// Sets version, lock time and sequence numbers of `tx`, whose inputs are otherwise complete, as the
// wallet does that makes it: that of the one whose coins are spent, or, if several spend, of a
// CoinJoin. Follows from the seed, the actor and the inputs, and draws nothing: what happens in the
// world does not depend on it. `height` is that of its block.
void FillIn(uint64_t seed, absl::Span<const ActorId> spenders, ActorKind kind, uint32_t height,
            bitcoin::Transaction* tx);

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_WALLET_H_
