// Address type: a wallet's change address is of the kind that its inputs are of. If all inputs are
// of one kind and only one output is, that one is the change.
//
// Kalodner et al., "BlockSci: Design and applications of a blockchain analysis platform" (2020),
// AddressTypeChange; wallets that choose the change's kind to fit the payment defeat it on purpose
// (Bitcoin Core since 0.18).
//
// Weakness: whoever pays somebody of the inputs' kind while the change is of another one, as after
// a wallet's owner has moved on to a new kind of address.

#include "lib/entity/payment.h"

namespace spoor {

std::optional<uint32_t> AddressTypeChange(const Payment& payment, const AddressFacts& facts) {
  const ScriptKind kind = facts.KindOf(payment.givers[0]);
  for (const AddressId giver : payment.givers) {
    if (facts.KindOf(giver) != kind) return std::nullopt;
  }
  return OnlyOutput(payment, [&](const Take& take) { return facts.KindOf(take.owner) == kind; });
}

}  // namespace spoor
