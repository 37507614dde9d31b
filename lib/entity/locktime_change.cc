// Lock time: some wallets set a transaction's lock time to the height they know, so that a miner
// gains nothing by going back (against fee sniping), others leave it 0. If all outputs have been
// spent, and just one of them by a transaction that has a lock time if and only if this one has,
// that one is the change.
//
// Kalodner et al., BlockSci (2020), LocktimeChange.
//
// Weakness: it knows two kinds of wallets. A payee whose wallet is of the other kind is told apart,
// but so is a payee of the same kind where the change is later spent by another wallet: by one
// that a seed was moved to, or by a service that sweeps for its customers.

#include "lib/entity/spent_payment.h"

namespace spoor {

std::optional<uint32_t> LockTimeChange(const SpentPayment& spent) {
  const auto has = [](const Movement& movement) {
    return movement.fingerprint.lock_time != Fingerprint::LockTime::kNone;
  };
  const bool wanted = has(*spent.payment.movement);
  return OnlySpentBy(spent, [&](const Movement& spender) { return has(spender) == wanted; });
}

}  // namespace spoor
