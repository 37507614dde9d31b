#include "spoor/taint/follow.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "spoor/chain/address.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"
#include "tests/taint/contradictory.h"
#include "tests/taint/hand_ledger.h"
#include "tests/taint/plain_model.h"

namespace spoor {
namespace {

using plain::Number;

// Sanitizers make the plain model, which holds every unit, many times slower.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kManyLedgers = 1'000;
#else
constexpr int kManyLedgers = 10'000;
#endif

TEST(Follow, FindsWhatThePlainModelFindsInRandomLedgers) {
  std::mt19937_64 rng(/*seed=*/20240611);
  uint64_t tainted = 0;
  for (int round = 0; round < kManyLedgers && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const RandomLedger ledger = SmallLedger(rng);
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    ExpectAsPlain(memory, ledger, ThiefOf(ledger, rng()).Steal(), AllPolicies(), &tainted);
  }
  // That there was something to find.
  EXPECT_GT(tainted, 10u * kManyLedgers);
}

// Everything that a result says, as text.
std::string Everything(const TraceResult& result) {
  std::string text;
  for (const PolicyResult& policy : result.policies) {
    absl::StrAppend(&text, policy.policy, " ", policy.movements, " ", policy.unresolved_inputs,
                    "\n");
    for (const Endpoint& end : policy.endpoints) {
      absl::StrAppend(&text, EndpointKindName(end.kind), " ", end.position.number, ":", end.output,
                      " ", end.owner.number, " ", ToDecimal(end.tainted), " ", end.hops);
      for (const auto& [source, units] : end.by_source) {
        absl::StrAppend(&text, " ", source, "=", ToDecimal(units));
      }
      absl::StrAppend(&text, "\n");
    }
    for (const Flow& flow : policy.flows) {
      absl::StrAppend(&text, flow.from.number, ">", flow.to.number, " ", ToDecimal(flow.tainted),
                      " ", flow.movements, "\n");
    }
  }
  return text;
}

// Thefts by two sources all over a ledger, wide enough to go through several windows of a scan.
class WideThefts : public ::testing::Test {
 protected:
  void SetUp() override {
    RandomLedgerOptions options;
    options.blocks = 800;
    options.most_transactions = 60;
    options.most_minted = 5'000'000'000;
    options.wide = false;
    options.odd = false;
    options.mature = true;
    const RandomLedger ledger = MakeRandomLedger(/*seed=*/20241123, options);
    memory_.emplace(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &*memory_).ok());
    views_ = {&*memory_};
    std::vector<SeedRequest> requests;
    for (size_t i = 3; i < ledger.blocks.size(); i += 7) {
      for (const Movement& movement : ledger.blocks[i].movements) {
        requests.push_back({i % 2 == 0 ? "even" : "odd", ToText(movement.txid), std::nullopt});
      }
    }
    auto seeds = FindSeeds(views_, requests);
    ASSERT_TRUE(seeds.ok()) << seeds.status();
    seeds_ = *std::move(seeds);
  }

  std::optional<MemoryLedger> memory_;
  std::vector<const LedgerView*> views_;
  std::vector<Seed> seeds_;
};

TEST_F(WideThefts, FindsTheSameHoweverMovementsAreRead) {
  for (const FeeRule fees : {FeeRule::kEnd, FeeRule::kSubsidyFirst}) {
    std::vector<std::string> forward, back;
    struct Way {
      ReadRule reading = ReadRule::kPoint;
      size_t threads = 0;
    };
    // With more threads than policies the others scan ahead.
    const size_t many = 2 * AllPolicies().size();
    for (const Way& way : {Way{ReadRule::kPoint, 1}, Way{ReadRule::kScan, 1},
                           Way{ReadRule::kCheaper, 1}, Way{ReadRule::kScan, many}}) {
      FollowOptions options;
      options.policies = AllPolicies();
      options.fees = fees;
      options.reading = way.reading;
      options.threads = way.threads;
      const auto followed = Follow(views_, seeds_, options);
      const auto led_back = FollowBack(views_, seeds_, options);
      ASSERT_TRUE(followed.ok()) << followed.status();
      ASSERT_TRUE(led_back.ok()) << led_back.status();
      EXPECT_GT(followed->policies[0].movements, 9'000u);
      EXPECT_GT(led_back->policies[0].movements, 9'000u);
      forward.push_back(Everything(*followed));
      back.push_back(Everything(*led_back));
    }
    EXPECT_EQ(std::set(forward.begin(), forward.end()).size(), 1u);
    EXPECT_EQ(std::set(back.begin(), back.end()).size(), 1u);
  }
}

TEST_F(WideThefts, FindTheSameWhateverTheThreads) {
  std::vector<std::string> forward, back;
  for (const size_t threads : {1, 2, 4, 50}) {
    FollowOptions options;
    options.policies = AllPolicies();
    options.threads = threads;
    options.paths = 1;
    // Nobody asks these two at once.
    std::set<uint64_t> asked;
    options.stop_at = [&](uint32_t, AddressId owner) {
      asked.insert(owner.number);
      return owner.number % 9 == 4;
    };
    uint64_t heard = 0;
    const auto caller = std::this_thread::get_id();
    options.progress = [&](uint64_t, uint64_t) {
      ++heard;
      EXPECT_EQ(std::this_thread::get_id(), caller);
    };
    const auto followed = Follow(views_, seeds_, options);
    const auto led_back = FollowBack(views_, seeds_, options);
    ASSERT_TRUE(followed.ok()) << followed.status();
    ASSERT_TRUE(led_back.ok()) << led_back.status();
    EXPECT_GT(asked.size(), 100u);
    EXPECT_GT(heard, 0u);
    forward.push_back(Everything(*followed));
    back.push_back(Everything(*led_back));
    EXPECT_GT(forward.back().size(), 10'000u);
    EXPECT_TRUE(forward.back() == forward[0]) << threads << " threads";
    EXPECT_TRUE(back.back() == back[0]) << threads << " threads";
  }
}

TEST_F(WideThefts, EndForAllThreadsAtTheFirstError) {
  for (const size_t threads : {1, 2, 6}) {
    FollowOptions options;
    options.policies = AllPolicies();
    options.threads = threads;
    int asked = 0;
    options.stop_at = [&](uint32_t, AddressId) -> absl::StatusOr<bool> {
      if (++asked > 300) return absl::UnavailableError("labels are gone");
      return false;
    };
    EXPECT_EQ(Follow(views_, seeds_, options).status(), absl::UnavailableError("labels are gone"));
    options.stop_at = nullptr;
    options.memory = 10'000;
    EXPECT_TRUE(absl::IsResourceExhausted(Follow(views_, seeds_, options).status()));
    // What is enough for all of them is so however many there are.
    options.memory = uint64_t{1} << 32;
    EXPECT_TRUE(Follow(views_, seeds_, options).ok());
  }
}

// Who links the library may ask from several threads at once.
TEST(Follow, ThreadsThatShareAViewFindTheSame) {
  const std::string dir = ::testing::TempDir() + "/follow_threads";
  std::filesystem::remove_all(dir);
  RandomLedgerOptions ledger_options;
  ledger_options.blocks = 100;
  ledger_options.most_transactions = 30;
  ledger_options.most_minted = 5'000'000'000;
  const RandomLedger ledger = MakeRandomLedger(/*seed=*/20241128, ledger_options);
  LedgerStore::Options store_options;
  store_options.memory = 1 << 20;
  {
    const auto store = LedgerStore::OpenForWriting(dir, store_options);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE(AppendAll(ledger.blocks, writer->get()).ok());
  }
  const auto store = LedgerStore::OpenForReading(dir, store_options);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto view = (*store)->View(ledger.chain.name);
  ASSERT_TRUE(view.ok()) << view.status();
  const LedgerView* const views[] = {view->get()};
  const auto seeds = FindSeeds(views, ThiefOf(ledger, 3).Steal().requests);
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  // Of one question: forward or back, read in one way or the other.
  const auto answer = [&](size_t question) {
    FollowOptions options;
    options.policies = AllPolicies();
    options.reading = question / 2 % 2 == 0 ? ReadRule::kPoint : ReadRule::kScan;
    const auto result =
        question % 2 == 0 ? Follow(views, *seeds, options) : FollowBack(views, *seeds, options);
    return result.ok() ? Everything(*result) : result.status().ToString();
  };
  const std::vector<std::string> alone = {answer(0), answer(1), answer(2), answer(3)};
  EXPECT_GT(alone[0].size(), 1'000u);
  EXPECT_EQ(alone[0], alone[2]);
  EXPECT_EQ(alone[1], alone[3]);
  std::vector<std::string> together(16);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < together.size(); ++i) {
    threads.emplace_back([&, i] { together[i] = answer(i % alone.size()); });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < together.size(); ++i) {
    EXPECT_TRUE(together[i] == alone[i % alone.size()]) << "thread " << i;
  }
}

// The plain haircut has no lists of units, so amounts may be as large as a chain's.
TEST(Follow, HaircutIsExactOnLargeAmounts) {
  std::mt19937_64 rng(/*seed=*/20240612);
  uint64_t tainted = 0;
  for (int round = 0; round < 300 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RandomLedgerOptions options;
    options.blocks = 5 + static_cast<int>(rng() % 20);
    options.most_minted = uint64_t{1} << (20 + rng() % 38);
    const RandomLedger ledger = MakeRandomLedger(rng(), options);
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    ExpectAsPlain(memory, ledger, ThiefOf(ledger, rng()).Steal(), {"poison", "haircut"}, &tainted);
  }
  EXPECT_GT(tainted, 1'000u);
}

// Many chains in one store: opening one for each ledger would take most of the time. Its memory is
// so small that rows reach tables, and tables are merged, all the while.
TEST(Follow, FindsTheSameInAStore) {
  constexpr int kChains = 110;
  const std::string dir = ::testing::TempDir() + "/follow_store";
  std::filesystem::remove_all(dir);
  LedgerStore::Options options;
  options.memory = 1 << 20;
  std::mt19937_64 rng(/*seed=*/20240613);
  uint64_t tainted = 0;
  std::vector<RandomLedger> ledgers;
  {
    const auto store = LedgerStore::OpenForWriting(dir, options);
    ASSERT_TRUE(store.ok()) << store.status();
    for (int i = 0; i < kChains; ++i) {
      RandomLedger& ledger = ledgers.emplace_back(SmallLedger(rng));
      ledger.chain.name = absl::StrCat("chain", i);
      const auto writer = (*store)->Writer(ledger.chain);
      ASSERT_TRUE(writer.ok()) << writer.status();
      const absl::Status appended = AppendAll(ledger.blocks, writer->get());
      ASSERT_TRUE(appended.ok()) << appended;
    }
    for (int i = 0; i < kChains && !::testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE(absl::StrCat("written, chain ", i));
      const auto view = (*store)->View(ledgers[i].chain.name);
      ASSERT_TRUE(view.ok()) << view.status();
      ExpectAsPlain(**view, ledgers[i], ThiefOf(ledgers[i], i).Steal(), AllPolicies(), &tainted);
    }
  }
  const auto store = LedgerStore::OpenForReading(dir, options);
  ASSERT_TRUE(store.ok()) << store.status();
  for (int i = 0; i < kChains && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("opened again, chain ", i));
    const auto view = (*store)->View(ledgers[i].chain.name);
    ASSERT_TRUE(view.ok()) << view.status();
    ExpectAsPlain(**view, ledgers[i], ThiefOf(ledgers[i], i + 1'000).Steal(), AllPolicies(),
                  &tainted);
  }
  EXPECT_GT(tainted, 1'000u);
}

TEST(Follow, ASeedThatNeverMovedIsItsOwnEndpoint) {
  HandLedger ledger;
  const uint64_t coin = ledger.Add({}, {{0, 50}, {1, 7}, {-1, 3}});
  const std::string txid = ledger.Txid(coin);
  for (const absl::string_view name : PolicyNames()) {
    const std::string policy(name);
    SCOPED_TRACE(policy);
    EXPECT_EQ(ledger.Ends(policy, {"x=" + txid + ":1"}), "unspent 0:1 7/7 x=7 hops 0");
    EXPECT_EQ(ledger.Ends(policy, {"x=" + txid + ":2"}), "burned 0:2 3/3 x=3 hops 0");
    EXPECT_EQ(ledger.Ends(policy, {"x=" + txid}),
              "unspent 0:0 50/50 x=50 hops 0\nunspent 0:1 7/7 x=7 hops 0\n"
              "burned 0:2 3/3 x=3 hops 0");
  }
  EXPECT_EQ(ledger.Ends("fifo", {"x=" + txid + ":0#20"}), "unspent 0:0 20/50 x=20 hops 0");
  EXPECT_EQ(ledger.Ends("fifo", {"x=" + txid + ":0#20", "y=" + txid + ":0"}),
            "unspent 0:0 50/50 x=20 y=30 hops 0");
  EXPECT_EQ(ledger.Ends("fifo", {"x=" + txid + ":0#0"}), "");
}

TEST(Follow, OneLimitHoldsForAllCreditsOfASeed) {
  HandLedger ledger;
  const uint64_t coin = ledger.Add({}, {{0, 50}, {1, 7}, {0, 30}});
  EXPECT_EQ(ledger.Ends("haircut", {"x=" + ledger.Txid(coin) + "#60"}),
            "unspent 0:0 50/50 x=50 hops 0\nunspent 0:1 7/7 x=7 hops 0\n"
            "unspent 0:2 3/30 x=3 hops 0");
}

TEST(Follow, MoneyThatComesBackToTheThiefIsNotStolenTwice) {
  HandLedger ledger;
  // The thief, address 0, gets 40 of 100, joins them with 60 clean ones of address 1, and pays 90
  // to themself.
  const uint64_t coin = ledger.Add({}, {{0, 40}, {1, 60}});
  ledger.Add({Holding{coin, 0}, Holding{coin, 1}}, {{0, 90}});
  const std::string address =
      *EncodeAddress(GetNetwork(NetworkId::kMain), {ScriptKind::kP2pkh, Bytes(20, 0)});
  // All that address 0 receives is stolen: 40, then what was clean of the 90.
  const auto fifo = ledger.Run("fifo", {"x=" + address});
  ASSERT_TRUE(fifo.ok()) << fifo.status();
  ASSERT_EQ(fifo->policies[0].stolen.size(), 1u);
  EXPECT_EQ(fifo->policies[0].stolen[0].units, 90);
  EXPECT_EQ(ledger.Ends("fifo", {"x=" + address}), "unspent 1:0 90/90 x=90 hops 0");
  // Pro rata floor(40*90/100) = 36 come back and 4 go to the fee: 54 are stolen anew.
  EXPECT_EQ(ledger.Ends("haircut", {"x=" + address}),
            "unspent 1:0 90/90 x=90 hops 0\nfee 1:0 4/10 x=4 hops 1");
  // Units keep their first source.
  EXPECT_EQ(ledger.Ends("fifo", {"x=" + ledger.Txid(0) + ":0", "y=" + address}),
            "unspent 1:0 90/90 x=40 y=50 hops 0");
  EXPECT_EQ(ledger.Ends("poison", {"x=" + ledger.Txid(0) + ":0", "y=" + ledger.Txid(1) + ":0"}),
            "unspent 1:0 90/90 x=90 y=90 hops 0\nfee 1:0 10/10 x=10 hops 1");
}

TEST(Follow, HopsAreTheFewestMovementsFromASeed) {
  HandLedger ledger;
  const uint64_t coin = ledger.Add({}, {{0, 10}, {1, 20}, {2, 30}});
  const uint64_t one = ledger.Add({Holding{coin, 0}}, {{3, 10}});
  const uint64_t two = ledger.Add({Holding{one, 0}}, {{4, 10}});
  const uint64_t join = ledger.Add({Holding{two, 0}, Holding{coin, 1}}, {{5, 30}});
  ledger.Add({Holding{join, 0}, Holding{coin, 2}}, {{6, 30}, {7, 25}});
  const std::string txid = ledger.Txid(coin);
  EXPECT_EQ(ledger.Ends("fifo", {"x=" + txid + ":0"}), "unspent 4:0 10/30 x=10 hops 4");
  EXPECT_EQ(ledger.Ends("fifo", {"x=" + txid + ":0", "x=" + txid + ":1"}),
            "unspent 4:0 30/30 x=30 hops 2");
  EXPECT_EQ(ledger.Ends("fifo", {"x=" + txid + ":2"}),
            "unspent 4:1 25/25 x=25 hops 1\nfee 4:0 5/5 x=5 hops 1");
}

TEST(Follow, FlowsAreSummedFromOwnerToOwner) {
  HandLedger ledger;
  const uint64_t coin = ledger.Add({}, {{0, 40}, {1, 60}, {0, 5}});
  const uint64_t pay =
      ledger.Add({Holding{coin, 0}, Holding{coin, 1}}, {{2, 30}, {2, 20}, {0, 40}, {-1, 4}});
  ledger.Add({Holding{pay, 0}, Holding{coin, 2}}, {{2, 33}});
  const auto result =
      ledger.Run("fifo", {"x=" + ledger.Txid(coin) + ":0", "x=" + ledger.Txid(coin) + ":2"});
  ASSERT_TRUE(result.ok()) << result.status();
  // 0 paid 2 30 + 10 in the first, 3 in the second and 2 of fees; 2 paid itself 30.
  EXPECT_EQ(FlowsText(Plainly(result->policies[0])),
            "a0 -> a2 43 in 2\na0 -> fees 2 in 1\na2 -> a2 30 in 1\n");
  FollowOptions options;
  options.flows = false;
  const LedgerView* const views[] = {&ledger.ledger()};
  const auto seeds = FindSeeds(views, std::vector<SeedRequest>{{"x", ledger.Txid(coin), {}}});
  ASSERT_TRUE(seeds.ok());
  const auto without = Follow(views, *seeds, options);
  ASSERT_TRUE(without.ok());
  EXPECT_TRUE(without->policies[0].flows.empty());
  EXPECT_FALSE(without->policies[0].endpoints.empty());
}

// Nothing is followed through a movement that cannot be: the ledger is told to be damaged.
template <typename Ledger>
void ExpectErrors(FeeRule fees) {
  std::mt19937_64 rng(/*seed=*/20261130);
  int errors = 0;
  for (int round = 0; round < 40; ++round) {
    SCOPED_TRACE(round);
    const RandomLedger ledger = SmallLedger(rng);
    Ledger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    const std::string coin = ToText(ledger.blocks[0].movements[0].txid);
    const auto seeds = FindSeeds(views, std::vector<SeedRequest>{{"x", coin, {}}});
    ASSERT_TRUE(seeds.ok()) << seeds.status();
    for (const ReadRule reading : {ReadRule::kCheaper, ReadRule::kScan, ReadRule::kPoint}) {
      FollowOptions options;
      options.policies = AllPolicies();
      options.reading = reading;
      options.fees = fees;
      const auto result = Follow(views, *seeds, options);
      if (result.ok()) {
        EXPECT_EQ(result->policies[0].movements, 0U);
      } else {
        EXPECT_EQ(result.status().code(), absl::StatusCode::kDataLoss) << result.status();
        ++errors;
      }
    }
  }
  EXPECT_GT(errors, 30);
}

TEST(Follow, FindsThatOutputsHaveAnotherAmountWhereTheyAreSpent) {
  ExpectErrors<OtherAmounts>(FeeRule::kEnd);
}

TEST(Follow, FindsThatBlocksEndBeyondTheChain) {
  ExpectErrors<OtherBlocks>(FeeRule::kSubsidyFirst);
}

TEST(Follow, RefusesPoliciesThatAreUnknownOrNamedTwice) {
  HandLedger ledger;
  const uint64_t coin = ledger.Add({}, {{0, 40}});
  const LedgerView* const views[] = {&ledger.ledger()};
  const auto seeds = FindSeeds(views, std::vector<SeedRequest>{{"x", ledger.Txid(coin), {}}});
  ASSERT_TRUE(seeds.ok());
  for (const std::vector<std::string>& policies :
       {std::vector<std::string>{"first"}, {"fifo", "haircut", "fifo"}, {"fifo", ""}}) {
    SCOPED_TRACE(absl::StrJoin(policies, ","));
    FollowOptions options;
    options.policies = policies;
    EXPECT_EQ(Follow(views, *seeds, options).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Follow, ChainsOfOneRequestShareItsSources) {
  std::mt19937_64 rng(/*seed=*/20240614);
  RandomLedger first = SmallLedger(rng);
  RandomLedger second = SmallLedger(rng);
  second.chain.name = "second";
  MemoryLedger first_memory(first.chain);
  MemoryLedger second_memory(second.chain);
  ASSERT_TRUE(AppendAll(first.blocks, &first_memory).ok());
  ASSERT_TRUE(AppendAll(second.blocks, &second_memory).ok());
  const LedgerView* const views[] = {&first_memory, &second_memory};
  const Movement& a = first.blocks[0].movements[0];
  const Movement& b = second.blocks[0].movements[0];
  const auto seeds = FindSeeds(
      views, std::vector<SeedRequest>{
                 {"x", ToText(b.txid), {}}, {"y", ToText(a.txid), {}}, {"x", ToText(a.txid), {}}});
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  FollowOptions options;
  options.policies = AllPolicies();
  const auto both = Follow(views, *seeds, options);
  ASSERT_TRUE(both.ok()) << both.status();
  EXPECT_EQ(both->sources, (std::vector<std::string>{"x", "y"}));
  const auto outputs = [](const Movement& m) {
    std::set<std::pair<uint64_t, size_t>> credits;
    for (size_t i = 0; i < m.takes.size(); ++i) credits.insert({m.position.number, i});
    return credits;
  };
  for (const PolicyResult& result : both->policies) {
    SCOPED_TRACE(result.policy);
    for (uint32_t chain = 0; chain < 2; ++chain) {
      PolicyResult part;
      for (const Stolen& s : result.stolen) {
        if (s.chain == chain) part.stolen.push_back(s);
      }
      for (const Endpoint& e : result.endpoints) {
        if (e.chain == chain) part.endpoints.push_back(e);
      }
      plain::Result got = Plainly(part);
      std::vector<plain::Seed> plain_seeds;
      if (chain == 0) {
        plain_seeds = {{2, outputs(a), {}}, {1, outputs(a), {}}};
      } else {
        plain_seeds = {{1, outputs(b), {}}};
      }
      plain::Result want =
          plain::Follow(result.policy, MovementsOf(chain == 0 ? first : second), plain_seeds);
      want.movements = want.unresolved_inputs = 0;  // summed over the chains
      EXPECT_EQ(got.ToString(), want.ToString());
    }
  }
}

}  // namespace
}  // namespace spoor
