#ifndef SPOOR_CHAIN_DECIMAL_H_
#define SPOOR_CHAIN_DECIMAL_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/chain/amount.h"

namespace spoor {

// The most digits after the point that an asset's base unit may have.
inline constexpr int kMostDecimals = 77;

// The base units of an amount as people and exports write it, exactly, an asset having `decimals`
// digits after the point: digits with or without a point, commas between thousands ("1,234.5"), an
// exponent ("1e-05"). INVALID_ARGUMENT, saying what was found, for anything else, a sign, more than
// 256 bits, and digits after the point beyond `decimals` unless they are zeros.
absl::StatusOr<Units> UnitsFromPoint(absl::string_view text, int decimals);

}  // namespace spoor

#endif  // SPOOR_CHAIN_DECIMAL_H_
