// Dormancies, splits and merges among the movements that stolen units go through, and the budget of
// memory for them all.

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "spoor/entity/coinjoin.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/taint/follow.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"
#include "tests/taint/hand_ledger.h"

namespace spoor {
namespace {

constexpr int64_t kDay = 24 * 60 * 60;

// "MADE:OUTPUT->MOVED tainted/amount" of each dormancy, and "POSITION outputs tainted" of each
// split and merge.
struct Texts {
  std::vector<std::string> dormancies, splits, merges;

  friend bool operator==(const Texts&, const Texts&) = default;
};

template <typename... Parts>
std::string Words(const Parts&... parts) {
  return absl::StrJoin(std::vector<std::string>{absl::StrCat(parts)...}, " ");
}

Texts TextsOf(const PolicyResult& result) {
  Texts texts;
  for (const Dormancy& d : result.dormancies) {
    texts.dormancies.push_back(
        Words(absl::StrCat(d.made.number, ":", d.output, "->", d.moved.number), d.from_height,
              d.to_height, absl::StrCat(ToDecimal(d.tainted), "/", ToDecimal(d.amount))));
  }
  for (const Spread& s : result.splits) {
    texts.splits.push_back(Words(s.position.number, s.outputs, ToDecimal(s.tainted)));
  }
  for (const Spread& s : result.merges) {
    texts.merges.push_back(Words(s.position.number, s.outputs, ToDecimal(s.tainted)));
  }
  return texts;
}

std::string Joined(const std::vector<std::string>& texts) { return absl::StrJoin(texts, "; "); }

TEST(Dormancy, IsARestOfHalfAYearThatEnded) {
  HandLedger ledger;
  ledger.SetTime(1'000 * kDay);
  const uint64_t coin = ledger.Add({}, {{0, 500}, {1, 300}});
  const std::string seed = absl::StrCat("x=", ledger.Txid(coin), ":0");
  ledger.SetTime(1'180 * kDay - 1);
  const uint64_t soon = ledger.Add({{coin, 0}}, {{2, 400}, {3, 95}});
  const auto found = [&](const std::string& policy) {
    const auto result = ledger.Run(policy, {seed});
    return result.ok() ? Joined(TextsOf(result->policies[0]).dormancies)
                       : result.status().ToString();
  };
  EXPECT_EQ(found("fifo"), "");  // a second too soon, and the rest has not ended
  ledger.SetTime(1'180 * kDay);
  const uint64_t clean = ledger.Add({{coin, 1}}, {{4, 300}});  // none of the stolen
  ledger.SetTime(1'359 * kDay + kDay - 1);
  // The other output rests a whole 180 days, and is joined with a clean coin.
  const uint64_t late = ledger.Add({{clean, 0}, {soon, 1}}, {{5, 390}});
  EXPECT_EQ(found("fifo"), "1:1->3 1 3 95/95");
  // Blocks' times may go backwards; the order of blocks does not.
  ledger.SetTime(0);
  ledger.Add({{soon, 0}}, {{6, 400}});
  EXPECT_EQ(found("fifo"), "1:1->3 1 3 95/95; 1:0->4 1 4 400/400");
  ledger.SetTime(2'000 * kDay);
  ledger.Add({{late, 0}}, {{7, 390}});
  EXPECT_EQ(found("fifo"), "1:1->3 1 3 95/95; 1:0->4 1 4 400/400; 3:0->5 3 5 90/390");
  EXPECT_EQ(found("poison"), "1:1->3 1 3 95/95; 1:0->4 1 4 400/400; 3:0->5 3 5 390/390");
  const auto result = ledger.Run("fifo", {seed});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(ToText(result->policies[0].dormancies[0].txid), ledger.Txid(soon));
  EXPECT_EQ(ToText(result->policies[0].dormancies[0].moved_by), ledger.Txid(late));
  EXPECT_EQ(result->policies[0].dormancies[0].owner, AddressId{3});
  ledger.options().patterns = false;
  EXPECT_EQ(found("fifo"), "");
}

TEST(Spread, TakesTenOutputsWithStolenUnits) {
  for (const int outputs : {9, 10, 11}) {
    SCOPED_TRACE(outputs);
    uint64_t stolen = 0;
    std::vector<HandLedger::Output> many;
    for (int i = 0; i < outputs; ++i) {
      many.push_back({2, static_cast<uint64_t>(90 + i)});
      stolen += many.back().amount;
    }
    many.push_back({3, 500});  // clean under fifo
    HandLedger ledger;
    const uint64_t coin = ledger.Add({}, {{0, stolen}});
    const uint64_t clean = ledger.Add({}, {{1, 1'000}});
    const uint64_t split = ledger.Add({{coin, 0}, {clean, 0}}, many);
    std::vector<Holding> all;
    for (size_t i = 0; i < many.size(); ++i) all.push_back({split, static_cast<uint32_t>(i)});
    const uint64_t merge = ledger.Add(all, {{4, 700}});
    const std::string seed = absl::StrCat("x=", ledger.Txid(coin), ":0");
    const auto fifo = ledger.Run("fifo", {seed});
    ASSERT_TRUE(fifo.ok()) << fifo.status();
    const Texts texts = TextsOf(fifo->policies[0]);
    EXPECT_EQ(Joined(texts.splits), outputs < 10 ? "" : Words(split, outputs, stolen));
    EXPECT_EQ(Joined(texts.merges), outputs < 10 ? "" : Words(merge, outputs, stolen));
    const auto poison = ledger.Run("poison", {seed});
    ASSERT_TRUE(poison.ok()) << poison.status();
    EXPECT_EQ(Joined(TextsOf(poison->policies[0]).splits), Words(split, outputs + 1, stolen + 500));
  }
}

// The same by moving every unit, under fifo, or every coin, under poison. `seed` is all of the
// outputs of a movement.
Texts Plainly(const RandomLedger& ledger, const std::string& policy, uint64_t seed) {
  std::map<uint32_t, int64_t> time;  // by height
  int64_t latest = 0;
  for (const NewBlock& block : ledger.blocks) {
    latest = time.empty() ? block.time : std::max(latest, block.time);
    time[block.height] = latest;
  }
  Texts texts;
  std::map<Holding, std::vector<bool>> units;  // of holdings: whether each is stolen
  std::map<Holding, uint32_t> made;
  std::set<Holding> poisoned;
  const bool fifo = policy == "fifo";
  for (const Movement& m : MovementsOf(ledger)) {
    std::vector<bool> sequence(static_cast<size_t>(m.minted));
    bool tainted = false;
    size_t given = 0, given_units = 0;
    std::vector<std::pair<Holding, std::string>> rested;
    for (const Give& give : m.gives) {
      const auto amount = static_cast<size_t>(give.amount);
      std::vector<bool> these(amount);
      bool stolen = false;
      if (give.kind == GiveKind::kHolding) {
        these = units.at(give.holding);
        stolen = fifo ? std::count(these.begin(), these.end(), true) > 0
                      : poisoned.count(give.holding) > 0;
      }
      sequence.insert(sequence.end(), these.begin(), these.end());
      tainted |= stolen;
      if (!stolen || amount == 0) continue;
      const auto count =
          fifo ? static_cast<size_t>(std::count(these.begin(), these.end(), true)) : amount;
      ++given;
      given_units += count;
      const uint32_t from = made.at(give.holding);
      if (time.at(m.height) - time.at(from) >= 180 * kDay) {
        rested.emplace_back(give.holding,
                            Words(absl::StrCat(give.holding.major, ":", give.holding.minor, "->",
                                               m.position.number),
                                  from, m.height, absl::StrCat(count, "/", amount)));
      }
    }
    std::sort(rested.begin(), rested.end());
    size_t taken = 0, taken_units = 0, at = 0;
    for (const Take& take : m.takes) {
      const auto amount = static_cast<size_t>(take.amount);
      std::vector<bool> these(sequence.begin() + static_cast<ptrdiff_t>(at),
                              sequence.begin() + static_cast<ptrdiff_t>(at + amount));
      at += amount;
      const auto stolen = fifo ? static_cast<size_t>(std::count(these.begin(), these.end(), true))
                               : (tainted ? amount : 0);
      if (stolen > 0 && take.kind != TakerKind::kFee) {
        ++taken;
        taken_units += stolen;
      }
      if (take.kind != TakerKind::kHolding) continue;
      if (m.position.number == seed) these.assign(amount, true);
      if (m.position.number == seed || tainted) poisoned.insert(take.holding);
      units[take.holding] = these;
      made[take.holding] = m.height;
    }
    if (!tainted || m.coinbase) continue;
    for (const auto& [holding, text] : rested) texts.dormancies.push_back(text);
    if (RecogniseCoinJoin(m).has_value()) continue;
    if (taken >= 10) texts.splits.push_back(Words(m.position.number, taken, taken_units));
    if (given >= 10) texts.merges.push_back(Words(m.position.number, given, given_units));
  }
  return texts;
}

TEST(OnTheWay, IsWhatMovingEveryUnitFinds) {
  std::mt19937_64 rng(/*seed=*/20241124);
  size_t dormancies = 0, splits = 0, merges = 0;
  for (int round = 0; round < 400 && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RandomLedger ledger = SmallLedger(rng);
    int64_t time = 1'000 * kDay;
    for (NewBlock& block : ledger.blocks) {
      time += static_cast<int64_t>(rng() % 80) * kDay;
      block.time = time - static_cast<int64_t>(rng() % 9) * kDay;
    }
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const std::vector<Movement> movements = MovementsOf(ledger);
    const Movement& theft = movements[rng() % (movements.size() / 2 + 1)];
    // Of two coinbases with one txid the text could mean both.
    const auto same = memory.FindTransaction(theft.txid);
    ASSERT_TRUE(same.ok()) << same.status();
    if (same->size() != 1) continue;
    const LedgerView* const views[] = {&memory};
    const auto request = ParseSeedRequest(absl::StrCat("x=", ToText(theft.txid)));
    ASSERT_TRUE(request.ok()) << request.status();
    const auto seeds = FindSeeds(views, {&*request, 1});
    if (!seeds.ok()) continue;  // all of it burned
    FollowOptions options;
    options.policies = {"fifo", "poison"};
    const auto result = Follow(views, *seeds, options);
    ASSERT_TRUE(result.ok()) << result.status();
    for (const PolicyResult& found : result->policies) {
      SCOPED_TRACE(found.policy);
      const Texts plain = Plainly(ledger, found.policy, theft.position.number);
      const Texts texts = TextsOf(found);
      EXPECT_EQ(Joined(texts.dormancies), Joined(plain.dormancies));
      EXPECT_EQ(Joined(texts.splits), Joined(plain.splits));
      EXPECT_EQ(Joined(texts.merges), Joined(plain.merges));
      dormancies += texts.dormancies.size();
      splits += texts.splits.size();
      merges += texts.merges.size();
    }
  }
  EXPECT_GT(dormancies, 200u);
  EXPECT_GT(splits, 20u);
  EXPECT_GT(merges, 20u);
}

TEST(Memory, EndsATraceThatOutgrowsIt) {
  HandLedger ledger;
  uint64_t last = ledger.Add({}, {{0, 1'000'000}});
  const std::string seed = absl::StrCat("x=", ledger.Txid(last), ":0");
  for (int i = 0; i < 100; ++i) {
    last =
        ledger.Add({{last, 0}}, {{0, static_cast<uint64_t>(1'000'000 - 100 * (i + 1))}, {1, 90}});
  }
  for (const std::string policy : {"fifo", "haircut", "poison"}) {
    SCOPED_TRACE(policy);
    ledger.options().memory = 1'000'000;
    const auto enough = ledger.Run(policy, {seed});
    ASSERT_TRUE(enough.ok()) << enough.status();
    EXPECT_EQ(enough->policies[0].endpoints.size(), 201u);
    ledger.options().memory = 10'000;
    const auto ended = ledger.Run(policy, {seed});
    EXPECT_EQ(ended.status().code(), absl::StatusCode::kResourceExhausted) << ended.status();
    EXPECT_NE(ended.status().message().find("wanted no more than 10000"), std::string::npos);
    // A limit that the message's reader may set.
    ledger.options().max_hops = 3;
    EXPECT_TRUE(ledger.Run(policy, {seed}).ok());
    ledger.options().max_hops.reset();
  }
}

}  // namespace
}  // namespace spoor
