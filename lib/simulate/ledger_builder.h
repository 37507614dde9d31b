#ifndef SPOOR_LIB_SIMULATE_LEDGER_BUILDER_H_
#define SPOOR_LIB_SIMULATE_LEDGER_BUILDER_H_

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/simulate/chain_writer.h"
#include "lib/simulate/keys.h"
#include "lib/simulate/random.h"
#include "lib/simulate/truth.h"
#include "lib/simulate/world.h"
#include "spoor/simulate/simulate.h"

namespace spoor::simulate {

// Less than this costs more to spend than it is worth: it is left to the fee.
inline constexpr uint64_t kDust = 1'000;

struct Output {
  AddressId to = kNone;  // kNone: pays nobody, and `data` is the script
  uint64_t value = 0;
  Bytes data;
};

// An OP_RETURN output.
Output DataOutput(ByteSpan data);

struct Draft {
  std::vector<CoinId> inputs;
  std::vector<Output> outputs;
};

struct Added {
  Txid txid;
  std::vector<CoinId> coins;  // one for each output; kNone where it pays nobody
  uint64_t fee = 0;
  std::optional<uint32_t> change;  // which output, if Pay() added one

  // The coin of the i-th output that Pay() was asked for.
  CoinId PaidCoin(size_t i) const { return coins[change && *change <= i ? i + 1 : i]; }
};

// The ledger as it is made: takes drafts of transactions into the block at hand, keeps the world's
// coins in step with it, and writes blocks and the truth. One block is in memory at a time.
class LedgerBuilder {
 public:
  // All must outlive this.
  LedgerBuilder(const SimulationOptions& options, const Network& network, World* world,
                Random* random, ChainWriter* chain, TruthWriter* truth);

  World& world() { return *world_; }
  Random& random() { return *random_; }
  TruthWriter& truth() { return *truth_; }
  const Network& network() const { return network_; }
  uint32_t height() const { return chain_->height(); }
  uint32_t time() const { return time_; }
  // Of the block at hand and so far in all, coinbases not counted.
  uint64_t transactions_in_block() const { return transactions_.size(); }
  uint64_t transactions() const { return paid_transactions_; }
  // Whether one more transaction of any size that the world makes might not fit.
  bool Full() const;

  // A fee rate that somebody might choose now, in base units for each four units of weight.
  double FeeRate();
  static uint64_t Fee(double rate, uint64_t weight);
  uint64_t Weight(const Draft& draft) const;

  // An address that the actor would give out, or send change to when it spends `spent`.
  AddressId ReceivingAddress(ActorId actor);
  AddressId ChangeAddress(ActorId actor, CoinId spent);
  // As ownership records, tags and endpoints name it.
  std::string AddressText(AddressId id) const;
  const std::string& ServiceName(ActorId actor) const;
  void SetServiceName(ActorId actor, std::string name);
  std::string Place(CoinId coin) const;

  // Begins a block: sets its time and gives out the coinbases that have matured.
  void BeginBlock();
  // Puts a transaction into the block. Its inputs must be in nobody's wallet; they are gone
  // afterwards. What the outputs leave of them is the fee.
  Added Add(const Draft& draft);
  // Pays from the actor's wallet: selects coins, adds change where it is worth it. nullopt, with
  // nothing changed, if the wallet cannot.
  std::optional<Added> Pay(ActorId payer, std::vector<Output> outputs);
  // Ends it with a coinbase that pays the shares; the last gets the rest of subsidy and fees.
  absl::Status EndBlock(absl::string_view tag, std::vector<Output> shares);
  // What a coinbase of this block may pay as yet.
  uint64_t Reward() const { return BlockSubsidy(network_, height()) + block_fees_; }

  // The totals so far, but for thefts.
  SimulationSummary Summary() const;
  void CountCoinJoin() { ++summary_.coinjoins; }

 private:
  Bytes ScriptOf(const Output& output) const;
  void Publish(AddressId id, ByteSpan script);
  CoinId MakeCoin(const Output& output, const Txid& txid, uint32_t vout);

  const SimulationOptions& options_;
  const Network& network_;
  World* const world_;
  Random* const random_;
  ChainWriter* const chain_;
  TruthWriter* const truth_;
  KeyRing keys_;
  Arena arena_;
  std::vector<bitcoin::Transaction> transactions_;
  std::vector<std::string> service_names_;  // by actor, as far as there are any
  std::deque<std::pair<uint32_t, CoinId>> maturing_;
  SimulationSummary summary_;
  uint64_t paid_transactions_ = 0;
  uint64_t block_fees_ = 0;
  uint64_t block_weight_ = 0;
  uint64_t block_sigops_ = 0;
  double fee_level_ = 8;
  uint32_t time_ = 0;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_LEDGER_BUILDER_H_
