#ifndef SPOOR_LIB_SIMULATE_COINJOIN_H_
#define SPOOR_LIB_SIMULATE_COINJOIN_H_

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/simulate/ledger_builder.h"

namespace spoor::simulate {

// Transactions that several people make together so that nobody can tell whose is whose.
enum class JoinKind : uint8_t {
  kWhirlpool,   // five inputs, five equal outputs; prepared by a "TX0" that cuts coins to size
  kWasabi1,     // ten to a hundred people: one equal output each, and change; a coordinator's fee
  kWasabi2,     // fifty inputs and more; outputs of many standard sizes (WabiSabi)
  kJoinMarket,  // one taker and a few makers: as many equal outputs, and change
};
inline constexpr int kJoinKinds = 4;
absl::string_view JoinName(JoinKind kind);

class CoinJoins {
 public:
  explicit CoinJoins(LedgerBuilder* ledger);

  // Somebody who brings coins of their own choice: they are in nobody's wallet, and what comes out
  // goes into nobody's.
  struct Guest {
    ActorId owner = kNone;
    std::vector<CoinId> coins;
  };
  struct Result {
    Txid txid;
    std::vector<CoinId> coins;  // the guest's, equal outputs first, then change
    CoinId fee_coin = kNone;    // the coordinator's output, if any
    uint64_t fee_paid = 0;      // to the coordinator, by the guest
  };

  // A CoinJoin of ordinary users, or a TX0. False if there were not enough of them.
  bool Hold();
  // With the guest among them. nullopt, with nothing done, if it cannot be. For kWhirlpool the
  // guest brings one coin of PremixValue().
  std::optional<Result> HoldWith(JoinKind kind, const Guest& guest);

  // The size at which enough people can take part now.
  uint64_t WhirlpoolDenomination();
  static uint64_t PremixValue(uint64_t denomination) { return denomination + kPremixFee; }
  static uint64_t PoolFee(uint64_t denomination) { return denomination / 20; }
  AddressId CoordinatorAddress(JoinKind kind);
  // An address of a wallet that mixes.
  AddressId FreshAddress(ActorId owner, Role role);

 private:
  // Two of these pay for a mix.
  static constexpr uint64_t kPremixFee = 3'000;

  struct Participant {
    ActorId owner = kNone;
    std::vector<CoinId> coins;
    uint64_t in = 0;
    bool guest = false;
  };
  struct MarkedOutput {
    Output output;
    size_t participant;  // kNobody for the coordinator's
  };
  static constexpr size_t kNobody = ~size_t{0};

  struct PoolCoin {
    CoinId coin;
    ActorId owner;
  };
  struct Pool {
    uint64_t denomination;
    std::vector<PoolCoin> premix;
    std::vector<PoolCoin> postmix;
  };

  // What the `rank`-th richest of a sample of two hundred users has.
  uint64_t RankedBalance(size_t rank);
  // Users who bring coins worth `least` at least, of different owners; fewer if not so many are
  // found.
  std::vector<Participant> Gather(size_t wanted, uint64_t least, size_t most_coins);
  void GiveBack(const std::vector<Participant>& participants);
  Participant FromGuest(const Guest& guest) const;

  std::optional<Result> Wasabi1(const Guest* guest);
  std::optional<Result> Wasabi2(const Guest* guest);
  std::optional<Result> Whirlpool(const Guest* guest);
  bool JoinMarket();
  bool PrepareWhirlpool(Pool* pool);
  Pool* FindPool(uint64_t denomination);

  // Shuffles, writes the transaction and the truth about it. Gives the transaction with `*outputs`
  // in its order.
  Added Finish(JoinKind kind, uint64_t denomination, const std::vector<Participant>& participants,
               std::vector<MarkedOutput>* outputs);
  static Result GuestResult(const Added& added, uint64_t denomination,
                            const std::vector<Participant>& participants,
                            const std::vector<MarkedOutput>& outputs);

  LedgerBuilder* const ledger_;
  std::array<ActorId, kJoinKinds> coordinators_;
  std::vector<Pool> pools_;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_COINJOIN_H_
