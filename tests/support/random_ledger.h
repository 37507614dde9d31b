#ifndef SPOOR_TESTS_SUPPORT_RANDOM_LEDGER_H_
#define SPOOR_TESTS_SUPPORT_RANDOM_LEDGER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "spoor/ledger/ledger_writer.h"
#include "spoor/ledger/model.h"

namespace spoor {

struct RandomLedgerOptions {
  int blocks = 12;
  // Most movements of a block besides its coinbase.
  int most_transactions = 6;
  // Most units that a coinbase mints. All amounts of a movement must fit 64 bits together.
  uint64_t most_minted = 200;
  // Whether a transaction now and then has hundreds of inputs or outputs.
  bool wide = true;
  // Whether the first block may stand above height 0, blocks' times may go backwards, inputs may be
  // from outside or unresolved, a coinbase may repeat an earlier txid (BIP 30) and txids may begin
  // alike.
  bool odd = true;
  // Whether a coinbase's outputs are spent in later blocks only, as real ones are.
  bool mature = false;
};

struct RandomLedger {
  ChainInfo chain;  // a Bitcoin chain, on which the addresses can be written as text
  std::vector<NewBlock> blocks;
  // By address, what spending from it reveals: keys of 33 bytes, of which every other is a point of
  // the curve, and multisig scripts.
  std::vector<std::string> revealable;
};

// A UTXO ledger in which every movement adds up: coinbases, chains of spends within a block,
// outputs of 0 units, burned outputs, fees from nothing to all, addresses used again, unspent
// leftovers, wallets of all fingerprints, inputs that reveal what their addresses are hashes of.
// The same seed makes the same ledger.
RandomLedger MakeRandomLedger(uint64_t seed, const RandomLedgerOptions& options = {});

// The ledger that crash tests write: long, and of small blocks.
RandomLedger MakeKilledLedger(uint64_t seed);

// Appends the blocks one after another.
absl::Status AppendAll(absl::Span<const NewBlock> blocks, LedgerWriter* writer);

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_RANDOM_LEDGER_H_
