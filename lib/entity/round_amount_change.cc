// Round amounts: people pay round amounts, and what is left of a coin is not round. If all outputs
// but one are multiples of kRound, that one is the change.
//
// Androulaki et al., "Evaluating User Privacy in Bitcoin" (2013); Kalodner et al., BlockSci (2020),
// PowerOfTenChange, whose six digits these are: a hundredth of a coin.
//
// Weakness: prices in another currency, and whoever sends all that is in a wallet to two places.

#include "lib/entity/payment.h"

namespace spoor {
namespace {

constexpr uint64_t kRound = 1'000'000;

}  // namespace

std::optional<uint32_t> RoundAmountChange(const Payment& payment) {
  return OnlyOutput(payment, [](const Take& take) { return take.amount % kRound != 0; });
}

}  // namespace spoor
