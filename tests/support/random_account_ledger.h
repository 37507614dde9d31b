#ifndef SPOOR_TESTS_SUPPORT_RANDOM_ACCOUNT_LEDGER_H_
#define SPOOR_TESTS_SUPPORT_RANDOM_ACCOUNT_LEDGER_H_

#include <cstdint>

#include "tests/support/random_ledger.h"

namespace spoor {

struct RandomAccountLedgerOptions {
  int blocks = 12;
  int most_transactions = 5;  // of a block
  int most_transfers = 4;     // of a transaction, besides its fee
  int assets = 4;             // besides the native one, at most
  // One in so many transfers pays more than the payer is known to have: history is missing. 0:
  // none.
  int overdrafts = 8;
  // One in so many transactions is a swap, a wrap or something like it. 0: none but by chance.
  int exchanges = 0;
  uint64_t most_units = 1000;  // that are minted at once
  // Whether heights may be left out, blocks' times go backwards, a transaction be called by a text
  // or by the id of an earlier one, amounts be 0 or near 2^256, and assets be whole or lie.
  bool odd = true;
};

// An account ledger as LedgerWriter takes it: fees with and without burned parts, rewards, mints,
// burns, payments to oneself, several assets, accounts of both kinds. The same seed makes the same
// ledger.
RandomLedger MakeRandomAccountLedger(uint64_t seed, const RandomAccountLedgerOptions& options = {});

// The one that crash tests write: long, and of small blocks.
RandomLedger MakeKilledAccountLedger(uint64_t seed);

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_RANDOM_ACCOUNT_LEDGER_H_
