#ifndef SPOOR_SIMULATE_SIMULATE_H_
#define SPOOR_SIMULATE_SIMULATE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/chain/network.h"

namespace spoor::simulate {

// How stolen coins are moved, as the record of real thefts shows it.
enum class Pattern : uint8_t {
  kConsolidation,     // many coins into one
  kPeelChain,         // one coin, again and again: a small payment off, the rest onwards
  kSplitMerge,        // hundreds of addresses, and together again
  kMixer,             // a custodial mixing service
  kCoinJoin,          // Whirlpool, Wasabi 1 or Wasabi 2
  kDormancy,          // left where it is
  kExchangeDeposits,  // several exchanges, through fresh deposit addresses
  kBroker,            // an over-the-counter broker
  kBridge,            // to another chain, its address in an OP_RETURN memo
};

// "peel-chain", as options and truth files write it.
absl::string_view PatternName(Pattern pattern);
// INVALID_ARGUMENT, listing the names there are, if it is none of them.
absl::StatusOr<Pattern> PatternFromName(absl::string_view name);

struct SimulationOptions {
  // Which family of ledger. Only "bitcoin" is offered yet.
  std::string chain = "bitcoin";
  // kRegtest, or kLitecoinRegtest (no P2TR, scrypt), which Litecoin Core takes.
  NetworkId network = NetworkId::kRegtest;
  // Blocks in all, the genesis among them. 0: as many as the transactions need. The first 101 can
  // hold nothing but coinbases, because a coinbase matures for 100 blocks.
  uint32_t blocks = 0;
  // Transactions wanted, coinbases not counted: met to within one or two, unless the blocks are too
  // few to hold them or the economy too small to make them.
  uint64_t transactions = 20'000;
  uint32_t users = 0;  // 0: one for every ten transactions, at least 300
  uint64_t seed = 1;
  uint32_t thefts = 1;  // fewer happen if nobody has anything worth stealing
  // What the thieves do, in this order; empty: each theft has a mix of its own, the first one all.
  std::vector<Pattern> patterns;
  // Real keys and signatures, so that a node takes the blocks. Otherwise keys and signatures are
  // noise of the right size: a key still fits its address.
  bool sign = false;
  bool messy = false;       // blocks out of order in their files, and stale branches
  bool xor_blocks = false;  // obfuscated with a key in xor.dat
};

// Totals of the ledger that was written, as truth/summary.json has them. Amounts in base units.
struct SimulationSummary {
  uint64_t blocks = 0;        // of the best chain, the genesis included
  uint64_t stale_blocks = 0;  // beside it
  uint64_t transactions = 0;  // coinbases included
  uint64_t inputs = 0;        // coinbases' not included
  uint64_t outputs = 0;
  uint64_t addresses =
      0;                // distinct scripts that outputs pay, provably unspendable ones not counted
  uint64_t minted = 0;  // coinbase outputs less fees
  uint64_t fees = 0;
  uint64_t utxos = 0;        // unspent and spendable: neither OP_RETURN nor the genesis output
  uint64_t utxo_total = 0;   // their value
  uint64_t unspendable = 0;  // value in OP_RETURN outputs and the genesis output
  uint64_t thefts = 0;
  uint64_t stolen = 0;
  uint64_t coinjoins = 0;
  std::string tip_hash;
  uint32_t tip_time = 0;
};

struct SimulationProgress {
  uint32_t blocks_done = 0;
  uint32_t blocks = 0;
  uint64_t transactions = 0;
};

// Writes a ledger and the truth about it into `out_dir`:
//   blocks/   blk*.dat, and xor.dat if asked
//   truth/    owners, thefts, steps, endpoints, coinjoins, change (.jsonl), summary.json, tags.yaml
// lib/simulate/README.md describes the truth files. Equal options give equal bytes, on any machine.
// Memory grows with users, addresses and unspent outputs, not with the ledger. `progress`, which
// may be null, is called after every block. INVALID_ARGUMENT for options that cannot be;
// UNIMPLEMENTED for chains not offered yet; ALREADY_EXISTS if out_dir has blocks already; errors of
// writing as they come.
absl::StatusOr<SimulationSummary> Simulate(
    const SimulationOptions& options, const std::string& out_dir,
    const std::function<void(const SimulationProgress&)>& progress);

}  // namespace spoor::simulate

#endif  // SPOOR_SIMULATE_SIMULATE_H_
