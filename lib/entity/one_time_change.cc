// One-time change: wallets make a new address for every change, so if all outputs but one pay
// addresses that the chain has seen before, that one is the change.
//
// Androulaki, Karame, Roeschlin, Scherer and Capkun, "Evaluating User Privacy in Bitcoin" (2013),
// "shadow addresses"; Meiklejohn et al., "A Fistful of Bitcoins" (2013), heuristic 2, whose
// conditions these are: no coinbase, no output that pays an input's address, one new address only.
//
// Weakness: a payee who gives out a new address looks the same where the change goes to a used
// address; Meiklejohn et al. had to wait for later reuse and to leave out exceptions by hand.

#include "lib/entity/payment.h"

namespace spoor {

std::optional<uint32_t> OneTimeChange(const Payment& payment, const AddressFacts& facts) {
  return OnlyOutput(payment, [&](const Take& take) { return facts.IsNew(take.owner); });
}

}  // namespace spoor
