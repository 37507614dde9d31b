// The wallet's fingerprint: version, lock time and sequence numbers are the wallet's choice, as are
// the kinds of addresses that it spends from, and it chooses as it did before. If all outputs have
// been spent, and just one of them by a transaction that chose as this one did, that one is the
// change.
//
// Kappos, Yousaf, Stuetz, Rollet, Haslhofer and Meiklejohn, "How to Peel a Million: Validating and
// Expanding Bitcoin Clusters" (2022), who follow peel chains by it and compare more: the order of
// inputs and outputs, which takes the txids of what inputs spend, a read for each.
//
// Weakness: few wallets make most transactions, so that payer and payee often choose alike, and
// then it says nothing; a wallet that changes its choice, by an update or as its user asks for a
// replaceable transaction now and for a final one then, or that spends from a new kind of addresses
// beside an old one, is taken for another's.

#include "lib/entity/spent_payment.h"

namespace spoor {
namespace {

// One bit for each kind of addresses that it spends from.
uint32_t KindsOf(const Movement& movement, const AddressFacts& facts) {
  uint32_t kinds = 0;
  for (const Give& give : movement.gives) {
    // Nobody has none.
    if (!facts.HasKindOf(give.owner)) continue;
    kinds |= 1u << static_cast<uint32_t>(facts.KindOf(give.owner));
  }
  return kinds;
}

}  // namespace

std::optional<uint32_t> FingerprintChange(const SpentPayment& spent, const AddressFacts& facts) {
  const Fingerprint& wanted = spent.payment.movement->fingerprint;
  const uint32_t kinds = KindsOf(*spent.payment.movement, facts);
  return OnlySpentBy(spent, [&](const Movement& spender) {
    const Fingerprint& f = spender.fingerprint;
    return f.version == wanted.version && f.lock_time == wanted.lock_time &&
           f.sequences == wanted.sequences && KindsOf(spender, facts) == kinds;
  });
}

}  // namespace spoor
