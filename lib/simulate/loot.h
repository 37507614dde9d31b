#ifndef SPOOR_LIB_SIMULATE_LOOT_H_
#define SPOOR_LIB_SIMULATE_LOOT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/simulate/coinjoin.h"
#include "lib/simulate/ledger_builder.h"
#include "lib/simulate/services.h"

namespace spoor::simulate {

using TheftId = uint32_t;

// Stolen units, by theft.
using Lots = std::vector<std::pair<TheftId, uint64_t>>;

// A thief's coin and how much of it is stolen. Lots sum to the coin's value at most.
struct Loot {
  CoinId coin = kNone;
  Lots lots;
};

// What a thief's transaction is to pay. Order matters: see LootBook::Move().
struct LootMove {
  absl::string_view kind;  // for steps.jsonl
  ActorId thief = kNone;
  std::vector<Loot> loot;
  std::vector<CoinId> clean;  // other coins of the thief's, in nobody's wallet
  std::vector<Output> outputs;
  size_t absorber = 0;  // the output that gets what the others leave, less the fee
};

// The thieves' books: the truth about every stolen unit. One allocation of the many that the ledger
// allows: where a transaction's inputs are not wholly stolen, the stolen units go to the outputs in
// the order of LootMove::outputs, which is that of the thief's intent, and what they cannot hold is
// the fee's. So units are conserved in every transaction, and no output holds more than its value.
class LootBook {
 public:
  explicit LootBook(LedgerBuilder* ledger) : ledger_(ledger) {}

  // Marks whole coins, the outputs of the theft's transaction, as stolen.
  std::vector<Loot> RecordTheft(ActorId victim, ActorId thief, const std::vector<CoinId>& coins);
  // Makes the transaction. Gives the loot of each output in the order asked for, the coins of
  // others with no lots: what reaches a service or anybody else has ended there. nullopt, with
  // nothing done, if the absorber would get less than dust.
  std::optional<std::vector<Loot>> Move(LootMove move);
  // The same for a CoinJoin that was held with the thief's coins, described before it was held.
  struct JoinInputs {
    ActorId thief = kNone;
    std::vector<StolenPart> from;  // places and values; `stolen` unused
    std::vector<Lots> lots;
  };
  JoinInputs DescribeInputs(ActorId thief, const std::vector<Loot>& loot) const;
  std::vector<Loot> RecordJoin(const JoinInputs& inputs, const CoinJoins::Result& result);
  // What is still there at the end.
  void RecordUnspent(const Loot& loot);

  uint64_t thefts() const { return thefts_; }
  uint64_t stolen() const { return stolen_; }

 private:
  struct Taker {
    StolenPart part;
    CoinId coin = kNone;
    uint64_t most = 0;  // units that it can take
    Lots lots;
  };
  // Gives the inputs' lots to the takers in their order; what is left is the fee's.
  static Lots Allocate(const std::vector<Lots>& inputs, std::vector<Taker>* takers);
  void WriteSteps(absl::string_view kind, const Txid& txid, const JoinInputs& inputs,
                  const std::vector<Taker>& takers, const Lots& fee);
  StolenPart Describe(CoinId coin) const;
  std::string TheftName(TheftId id) const;

  LedgerBuilder* const ledger_;
  uint64_t thefts_ = 0;
  uint64_t stolen_ = 0;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_LOOT_H_
