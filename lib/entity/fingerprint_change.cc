// The wallet's fingerprint: version, lock time and sequence numbers are the wallet's choice, and it
// chooses as it did before. If all outputs have been spent, and just one of them by a transaction
// that chose as this one did, that one is the change.
//
// Kappos, Yousaf, Stuetz, Rollet, Haslhofer and Meiklejohn, "How to Peel a Million: Validating and
// Expanding Bitcoin Clusters" (2022), who follow peel chains by it and compare more: kinds of
// addresses, too, and the order of inputs and outputs.
//
// Weakness: few wallets make most transactions, so that payer and payee often choose alike, and
// then it says nothing; a wallet that changes its choice, by an update or as its user asks for a
// replaceable transaction now and for a final one then, is taken for another's.

#include "lib/entity/spent_payment.h"

namespace spoor {

std::optional<uint32_t> FingerprintChange(const SpentPayment& spent) {
  const Fingerprint& wanted = spent.payment.movement->fingerprint;
  return OnlySpentBy(spent, [&](const Fingerprint& f) {
    return f.version == wanted.version && f.lock_time == wanted.lock_time &&
           f.sequences == wanted.sequences;
  });
}

}  // namespace spoor
