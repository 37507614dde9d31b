#ifndef SPOOR_LIB_SIMULATE_COIN_SELECTION_H_
#define SPOOR_LIB_SIMULATE_COIN_SELECTION_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/types/span.h"

namespace spoor::simulate {

enum class CoinSelection : uint8_t { kOldestFirst, kLargestFirst, kBranchAndBound };

// Indices, ascending, of coins whose effective values (value less the fee of spending the coin) sum
// to `target` at least; nullopt if all together do not. `values` are oldest first; what is not
// positive is never taken.
// kBranchAndBound (Erhardt 2016, as Bitcoin Core has it) looks for a sum of target..target + slack,
// which needs no change, and falls back on kOldestFirst.
std::optional<std::vector<size_t>> SelectCoins(CoinSelection how, absl::Span<const int64_t> values,
                                               int64_t target, int64_t slack);

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_COIN_SELECTION_H_
