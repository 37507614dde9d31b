#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "spoor/entity/coinjoin.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/peel_chain.h"
#include "tests/taint/hand_ledger.h"

namespace spoor {
namespace {

constexpr uint64_t kCoin = 100'000'000;

struct Input {
  uint64_t owner = 0;
  uint64_t amount = 0;
};

Movement Transaction(const std::vector<Input>& inputs, const std::vector<uint64_t>& outputs) {
  Movement movement;
  for (const Input& input : inputs) {
    movement.gives.push_back(
        {GiveKind::kHolding, Holding(), AddressId{input.owner}, Units(input.amount)});
  }
  for (const uint64_t amount : outputs) {
    Take take;
    take.amount = amount;
    take.owner = AddressId{1'000 + amount};
    movement.takes.push_back(take);
  }
  Take fee;
  fee.kind = TakerKind::kFee;
  movement.takes.push_back(fee);
  return movement;
}

// `count` inputs of different owners.
std::vector<Input> From(uint64_t count, uint64_t amount) {
  std::vector<Input> inputs;
  for (uint64_t i = 0; i < count; ++i) inputs.push_back({i, amount + i});
  return inputs;
}

std::vector<uint64_t> Join(const std::vector<std::vector<uint64_t>>& parts) {
  std::vector<uint64_t> all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

std::vector<uint64_t> Equal(size_t count, uint64_t amount) {
  return std::vector<uint64_t>(count, amount);
}

// Amounts that no two have in common.
std::vector<uint64_t> Change(size_t count) {
  std::vector<uint64_t> amounts;
  for (uint64_t i = 0; i < count; ++i) amounts.push_back(1'234'567 + 7'919 * i);
  return amounts;
}

TEST(CoinJoin, IsRecognisedByItsShape) {
  constexpr uint64_t kTenth = kCoin / 10;
  // Standard sizes of WabiSabi: 2^20, 3^13, 2 * 3^12, 10^6, 5 * 10^6.
  const std::vector<uint64_t> standard = {1'048'576, 1'048'576, 1'594'323, 1'062'882,
                                          1'000'000, 1'000'000, 5'000'000, 5'000'000};
  struct Case {
    std::string name;
    Movement movement;
    std::string want;  // "" for none
  };
  for (const Case& c : std::vector<Case>{
           {"five of 0.01", Transaction(From(5, kCoin / 100), Equal(5, kCoin / 100)), "Whirlpool"},
           {"five of 0.5", Transaction(From(5, kCoin / 2 + 3'000), Equal(5, kCoin / 2)),
            "Whirlpool"},
           {"five of no pool's size, like any equal outputs",
            Transaction(From(5, kCoin), Equal(5, kCoin - 100)), "equal outputs"},
           {"inputs that bring too much", Transaction(From(5, kCoin), Equal(5, kCoin / 100)),
            "equal outputs"},
           {"five inputs of one owner",
            Transaction(std::vector<Input>(5, Input{7, kCoin / 100}), Equal(5, kCoin / 100)), ""},
           {"ten of a tenth with change",
            Transaction(From(12, kTenth + 2'000'000), Join({Equal(10, kTenth), Change(8)})),
            "Wasabi 1"},
           {"fewer inputs than equal outputs",
            Transaction(From(9, kTenth + 2'000'000), Join({Equal(10, kTenth), Change(8)})), ""},
           {"ten of a hundredth with change",
            Transaction(From(12, kTenth), Join({Equal(10, kCoin / 100), Change(3)})),
            "equal outputs"},
           {"fifty inputs, standard sizes and a little else",
            Transaction(From(50, 400'000), Join({standard, Change(4)})), "Wasabi 2"},
           {"fifty inputs, other sizes",
            Transaction(From(50, 400'000), Join({standard, Change(5)})), ""},
           {"forty-nine inputs", Transaction(From(49, 400'000), standard), ""},
           {"three and their change",
            Transaction(From(3, kCoin), Join({Equal(3, 30'000'000), Change(3)})), "JoinMarket"},
           {"three, one without change",
            Transaction(From(4, kCoin), Join({Equal(3, 30'000'000), Change(2)})), "JoinMarket"},
           {"two of three without change",
            Transaction(From(4, kCoin), Join({Equal(3, 30'000'000), Change(1)})), ""},
           {"three with two owners",
            Transaction({{1, kCoin}, {1, kCoin}, {2, kCoin}},
                        Join({Equal(3, 30'000'000), Change(3)})),
            ""},
           {"equal outputs of dust", Transaction(From(8, kCoin), Join({Equal(8, 546), Change(1)})),
            ""},
           {"four equal payments of one who has many addresses",
            Transaction(From(9, kCoin), Join({Equal(4, kCoin), Change(20)})), ""},
           {"a payment", Transaction(From(1, kCoin), Change(2)), ""},
           {"a sweep", Transaction(From(60, kCoin), Change(1)), ""},
       }) {
    SCOPED_TRACE(c.name);
    const auto kind = RecogniseCoinJoin(c.movement);
    EXPECT_EQ(kind.has_value() ? std::string(CoinJoinName(*kind)) : "", c.want);
  }
}

TEST(CoinJoin, OnTheWayIsNamedOnceAndInOrder) {
  HandLedger ledger;
  std::vector<HandLedger::Output> coins;
  for (int i = 0; i < 10; ++i) coins.push_back({i, kCoin / 100});
  const uint64_t coin = ledger.Add({}, coins);
  std::vector<Holding> five, other_five;
  for (uint32_t i = 0; i < 5; ++i) five.push_back({coin, i});
  for (uint32_t i = 5; i < 10; ++i) other_five.push_back({coin, i});
  const std::vector<HandLedger::Output> mixed(5, {20, kCoin / 100});
  ledger.Add(other_five, mixed);
  const uint64_t mix = ledger.Add(five, mixed);
  const uint64_t again = ledger.Add({{mix, 0}, {mix, 1}, {mix, 2}, {mix, 3}, {mix, 4}}, mixed);
  const std::string seed = absl::StrCat("x=", ledger.Txid(coin), ":0");
  for (const std::string policy : {"fifo", "poison"}) {
    SCOPED_TRACE(policy);
    const auto result = ledger.Run(policy, {seed});
    ASSERT_TRUE(result.ok()) << result.status();
    // The second spends five coins of one owner: it mixes nothing. The first moved nothing stolen.
    ASSERT_EQ(result->policies[0].coinjoins.size(), 1u);
    EXPECT_EQ(result->policies[0].coinjoins[0].position, Position{mix});
    EXPECT_EQ(result->policies[0].coinjoins[0].kind, CoinJoinKind::kWhirlpool);
    EXPECT_EQ(ToText(result->policies[0].coinjoins[0].txid), ledger.Txid(mix));
    EXPECT_GT(result->policies[0].movements, 1u);
  }
  EXPECT_LT(mix, again);
  ledger.options().patterns = false;
  const auto result = ledger.Run("fifo", {seed});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_TRUE(result->policies[0].coinjoins.empty());
}

// Peel chains as "START: PAYMENTS -> REST", outputs as position:output=amount.
std::string PeelChainsText(const HandLedger& ledger, const TraceResult& result) {
  std::vector<std::string> texts;
  const auto text = [&](const PeelChain::Payment& payment) {
    uint64_t position = 0;
    while (ledger.Txid(position) != ToText(payment.txid)) ++position;
    return absl::StrCat(position, ":", payment.output, "=", ToDecimal(payment.amount));
  };
  for (const PeelChainOnTheWay& found : result.policies[0].peel_chains) {
    std::vector<std::string> payments;
    for (const auto& payment : found.peel_chain.payments) payments.push_back(text(payment));
    texts.push_back(absl::StrCat(found.peel_chain.start.number, ": ", absl::StrJoin(payments, " "),
                                 " -> ", text(found.peel_chain.rest)));
  }
  return absl::StrJoin(texts, "; ");
}

TEST(PeelChain, IsFoundWithWhatWasPaidAndWhatIsLeft) {
  HandLedger ledger;
  const uint64_t coin = ledger.Add({}, {{0, 1'000}});
  const std::string seed = absl::StrCat("x=", ledger.Txid(coin), ":0");
  const auto found = [&] {
    const auto result = ledger.Run("fifo", {seed});
    return result.ok() ? PeelChainsText(ledger, *result) : result.status().ToString();
  };
  const uint64_t one = ledger.Add({{coin, 0}}, {{1, 100}, {2, 895}});
  const uint64_t two = ledger.Add({{one, 1}}, {{3, 800}, {4, 95}});
  EXPECT_EQ(found(), "");  // two steps are no chain
  const uint64_t three = ledger.Add({{two, 0}}, {{5, 200}, {6, 600}});
  EXPECT_EQ(found(), "1: 1:0=100 2:1=95 3:0=200 -> 3:1=600");
  // What was paid may be spent as it likes.
  ledger.Add({{two, 1}}, {{7, 95}});
  EXPECT_EQ(found(), "1: 1:0=100 2:1=95 3:0=200 -> 3:1=600");
  // Halves are no payment and rest.
  const uint64_t four = ledger.Add({{three, 1}}, {{8, 300}, {9, 300}});
  EXPECT_EQ(found(), "1: 1:0=100 2:1=95 3:0=200 -> 3:1=600");
  // A chain may begin again.
  const uint64_t five = ledger.Add({{four, 0}}, {{1, 10}, {2, 290}});
  const uint64_t six = ledger.Add({{five, 1}}, {{1, 10}, {2, 280}});
  ledger.Add({{six, 1}}, {{1, 10}, {2, 270}});
  EXPECT_EQ(found(), "1: 1:0=100 2:1=95 3:0=200 -> 3:1=600; 6: 6:0=10 7:0=10 8:0=10 -> 8:1=270");
}

}  // namespace
}  // namespace spoor
