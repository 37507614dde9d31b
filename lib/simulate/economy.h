#ifndef SPOOR_LIB_SIMULATE_ECONOMY_H_
#define SPOOR_LIB_SIMULATE_ECONOMY_H_

#include <cstdint>
#include <string>
#include <vector>

#include "lib/simulate/coinjoin.h"
#include "lib/simulate/ledger_builder.h"
#include "lib/simulate/services.h"

namespace spoor::simulate {

// Ordinary life: users, merchants and miners.
//
// What it follows. In- and out-degrees of addresses fall off as powers, about 2.2 and 2.1, and
// wealth is very unequal (Kondor, Pósfai, Csabai, Vattay: "Do the Rich Get Richer?", PLoS ONE
// 2014); most transactions have one or two inputs and two outputs, and a few have hundreds (Ron and
// Shamir: "Quantitative Analysis of the Full Bitcoin Transaction Graph", 2013). Hence: who acts and
// who is paid is drawn from a power of a uniform number, amounts from a log-normal law of great
// spread, sizes of batches from power laws. docs/simulation.md has what came of it, beside real
// blocks.
class Economy {
 public:
  // `users` in the end; they join as the ledger grows, with the wallets of their time.
  Economy(LedgerBuilder* ledger, Services* services, CoinJoins* coinjoins, uint32_t users,
          uint32_t blocks);

  // At the beginning of a block: people join.
  void BeginBlock();
  // One thing that somebody does now. False if they could not.
  bool Act();
  // Who mined the block: the outputs of its coinbase and what it says in its script.
  std::vector<Output> MinerShares(std::string* tag);

  ActorId SomeUser();

 private:
  void Join();
  AddressKind WalletScript();
  // What the middling user has.
  uint64_t Typical() const;
  uint64_t Amount(double share_of_typical, double sigma, uint64_t most);
  // A user with coins; kNone if none was found.
  ActorId SomePayer();

  bool PoolPayout();
  bool PayUser(ActorId payer);
  bool PayMerchant(ActorId payer);
  bool PaySeveral(ActorId payer);
  bool PayService(ActorId payer, ActorKind kind);
  // The oldest of the owner's coins into one output, without change.
  bool SpendWhole(ActorId owner, size_t coins, AddressId to, double fee_rate);
  bool Consolidate(ActorId owner);
  bool MoveWhole(ActorId owner);
  bool WriteData(ActorId payer);
  bool MerchantCashesIn();
  bool Mix(ActorId payer);
  bool Bridge(ActorId payer);

  LedgerBuilder* const ledger_;
  Services* const services_;
  CoinJoins* const coinjoins_;
  const uint32_t users_wanted_;
  const uint32_t blocks_;
  std::vector<ActorId> users_;
  std::vector<ActorId> merchants_;
  std::vector<ActorId> pools_;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_ECONOMY_H_
