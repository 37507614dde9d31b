#ifndef SPOOR_LIB_SIMULATE_LAUNDERING_H_
#define SPOOR_LIB_SIMULATE_LAUNDERING_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "lib/simulate/coinjoin.h"
#include "lib/simulate/loot.h"
#include "lib/simulate/services.h"
#include "spoor/simulate/simulate.h"

namespace spoor::simulate {

// The thieves. A theft is a transaction; what follows is a set of jobs, each some loot, a pattern
// to put it through, and the patterns after that. A job does one transaction at a time and waits
// for some blocks in between.
class Underworld {
 public:
  Underworld(const SimulationOptions& options, uint32_t blocks, LedgerBuilder* ledger,
             Services* services, CoinJoins* coinjoins);

  // Does one thing that is due. False if nothing is.
  bool Act();
  // Writes what is still unspent.
  void Finish();

  const LootBook& book() const { return book_; }

 private:
  struct Branch {
    double share = 0;
    std::deque<Pattern> patterns;
  };
  struct Job {
    uint32_t due = 0;
    ActorId thief = kNone;
    std::vector<Loot> loot;
    std::deque<Pattern> patterns;  // the first is at work
    std::vector<Branch> branches;  // what the loot is divided among when no pattern is left
    int stage = 0;                 // the pattern's own
    uint64_t steps_left = 0;       // of a peel chain
    uint64_t total = 0;            // what the loot was worth when it was all together
    int failures = 0;
  };
  struct PlannedTheft {
    uint32_t height = 0;
    bool with_last_thief = false;
  };

  bool Steal(const PlannedTheft& plan);
  std::vector<Branch> PlanBranches(size_t theft);
  // Does the job's next transaction, and queues what is to follow. False if it could not.
  bool Work(Job job);

  bool Consolidate(Job job);
  bool Divide(Job job);
  bool Peel(Job job);
  bool SplitMerge(Job job);
  bool JoinCoins(Job job);
  bool PrepareWhirlpool(Job job);
  bool MixWhirlpool(Job job);
  bool SplitForDeposits(Job job);
  bool Deposit(Job job);
  bool PayOut(Job job, ActorKind kind);

  // Goes on with the next pattern.
  void NextPattern(Job job, std::vector<Loot> loot);
  void Queue(Job job, uint32_t wait);
  // Puts off what did not work; after a few times the loot is left where it is.
  bool PutOff(Job job);
  // Blocks to wait, so that about `steps` waits fit into what is left of the ledger.
  uint32_t Pause(uint32_t steps);
  Output ToSelf(ActorId thief, uint64_t value);
  uint64_t ValueOf(const Loot& loot) const;
  // Takes the thief's oldest clean coin, if there is one and chance will have it.
  std::vector<CoinId> MaybeClean(ActorId thief, double chance);

  const SimulationOptions& options_;
  const uint32_t blocks_;
  LedgerBuilder* const ledger_;
  Services* const services_;
  CoinJoins* const coinjoins_;
  LootBook book_;
  std::deque<PlannedTheft> planned_;
  std::vector<Job> jobs_;
  std::vector<Job> dormant_;
  ActorId last_thief_ = kNone;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_LAUNDERING_H_
