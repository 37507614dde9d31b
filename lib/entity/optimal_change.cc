// Optimal change: a wallet does not spend a coin that it does not need, so change is smaller than
// the smallest input; had it been larger, that input could have been left out. If just one output
// of a transaction of several inputs is smaller than every input, it is the change.
//
// Nick, "Data-Driven De-Anonymization in Bitcoin" (2015), "optimal change"; Kalodner et al.,
// BlockSci (2020), OptimalChangeChange.
//
// Weakness: wallets that spend small coins to be rid of them, or add one only for the fee; a small
// payment beside large change.

#include <algorithm>

#include "lib/entity/payment.h"

namespace spoor {

std::optional<uint32_t> OptimalChange(const Payment& payment) {
  const std::vector<Give>& gives = payment.movement->gives;
  if (gives.size() < 2) return std::nullopt;
  Units least = gives[0].amount;
  for (const Give& give : gives) least = std::min(least, give.amount);
  return OnlyOutput(payment, [&](const Take& take) { return take.amount < least; });
}

}  // namespace spoor
