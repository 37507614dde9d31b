#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/taint/bounds.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"
#include "tests/taint/contradictory.h"
#include "tests/taint/hand_ledger.h"
#include "tests/taint/plain_model.h"

namespace spoor {
namespace {

// Puts every address into one of some pools, which the least of its addresses stands for.
std::map<AddressId, AddressId> RandomPools(std::mt19937_64& rng, uint64_t addresses) {
  const uint64_t count = 1 + rng() % (addresses + 1);
  std::map<uint64_t, AddressId> first;
  std::map<AddressId, AddressId> pools;
  for (uint64_t i = 0; i < addresses; ++i) {
    pools[{i}] = first.try_emplace(rng() % count, AddressId{i}).first->second;
  }
  return pools;
}

TEST(Pools, EveryPolicyIsThePlainModels) {
  std::mt19937_64 rng(/*seed=*/20240705);
  uint64_t tainted[2] = {};  // forward, back
  for (int round = 0; round < 2'000 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RandomLedgerOptions ledger_options;
    ledger_options.mature = true;
    RandomLedger ledger = SmallLedger(rng, ledger_options);
    for (NewBlock& block : ledger.blocks) {
      // So high that a block's subsidy is a few hundred units, or none.
      block.height += 5'000'000;
      for (Movement& movement : block.movements) movement.height = block.height;
    }
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const std::vector<Movement> movements = MovementsOf(ledger);
    const uint64_t addresses = memory.tip()->totals.addresses;
    std::map<AddressId, AddressId> pools;
    Question question;
    question.options.policies = AllPolicies();
    const bool by_address = round % 2 == 0;
    if (by_address) {
      for (uint64_t i = 0; i < addresses; ++i) pools[{i}] = {i};
    } else {
      pools = RandomPools(rng, addresses);
      question.options.pool.members = [&](uint32_t, AddressId pool) {
        std::vector<AddressId> members;
        for (const auto& [member, of] : pools) {
          if (of == pool) members.push_back(member);
        }
        return members;
      };
    }
    question.options.pool.of = [&](uint32_t, AddressId owner) { return pools.at(owner); };
    question.plain.pool_of = [&](AddressId owner) { return pools.at(owner); };
    const std::pair<FeeRule, std::string> rules[] = {{FeeRule::kEnd, "end"},
                                                     {FeeRule::kSubsidyFirst, "subsidy-first"},
                                                     {FeeRule::kFeesFirst, "fees-first"}};
    std::tie(question.options.fees, question.plain.fees) = rules[rng() % 3];
    question.plain.subsidy = [](uint32_t height) {
      return plain::Number(BlockSubsidy(GetNetwork(NetworkId::kMain), height));
    };
    if (rng() % 3 == 0) {
      question.options.max_hops = rng() % 5;
      question.plain.max_hops = question.options.max_hops;
    }
    if (rng() % 3 == 0) {
      const uint64_t least = rng() % 30;
      question.options.min_taint = least;
      question.plain.min_taint = least;
    }
    if (rng() % 3 == 0) {
      for (uint64_t i = 0; i < addresses; ++i) {
        if (rng() % 8 == 0) question.plain.services.insert({i});
      }
      question.options.stop_at = [&](uint32_t, AddressId owner) {
        return question.plain.services.contains(owner);
      };
    }
    const Theft theft = ThiefOf(ledger, rng()).Steal();
    ExpectAsPlain(memory, ledger, theft, question, &tainted[0]);
    question.back = true;
    ExpectAsPlain(memory, ledger, theft, question, &tainted[1]);
  }
  EXPECT_GT(tainted[0], 20'000u);
  EXPECT_GT(tainted[1], 20'000u);
}

// How many units took which way, by the pool or output where they rest.
using Ways = std::map<std::string, std::map<std::string, uint64_t>>;

std::string PlaceText(uint64_t position, bool at_output, uint32_t output) {
  return at_output ? absl::StrCat(position, ":", output) : absl::StrCat(position);
}

// Moves every unit of the ledger, address by address, with its way on it; "" for those that began
// it elsewhere than in a movement that `begins`. `arrived` hears of each that comes to an output.
Ways MoveEveryUnit(
    const std::string& policy, const std::vector<Movement>& movements,
    const std::function<bool(uint64_t position)>& begins,
    const std::function<void(const std::string& place, const std::string& way)>& arrived) {
  using List = std::vector<std::string>;
  const auto part = [&](const List& all, size_t before, size_t amount) {
    const size_t from = policy == "fifo" ? before : all.size() - before - amount;
    return List(all.begin() + static_cast<ptrdiff_t>(from),
                all.begin() + static_cast<ptrdiff_t>(from + amount));
  };
  Ways ways;
  std::map<AddressId, List> pools;
  for (const Movement& movement : movements) {
    List sequence(static_cast<size_t>(movement.minted));
    std::map<AddressId, size_t> spent;
    for (const Give& give : movement.gives) {
      if (give.kind == GiveKind::kHolding) spent[give.owner] += static_cast<size_t>(give.amount);
    }
    for (const Give& give : movement.gives) {
      List units(static_cast<size_t>(give.amount));
      if (give.kind == GiveKind::kHolding) {
        const auto payment = spent.find(give.owner);
        if (payment == spent.end()) continue;  // stands with the first
        List& pool = pools.at(give.owner);
        units = part(pool, 0, payment->second);
        pool = part(pool, payment->second, pool.size() - payment->second);
        spent.erase(payment);
      }
      sequence.insert(sequence.end(), units.begin(), units.end());
    }
    size_t taken = 0;
    for (uint32_t i = 0; i < movement.takes.size(); ++i) {
      const Take& take = movement.takes[i];
      List units = part(sequence, taken, static_cast<size_t>(take.amount));
      taken += units.size();
      const bool fee = take.kind == TakerKind::kFee;
      const std::string place = PlaceText(movement.position.number, !fee, i);
      for (std::string& way : units) {
        if (begins(movement.position.number) || !way.empty()) absl::StrAppend(&way, " ", place);
        arrived(place, way);
        if (take.kind != TakerKind::kHolding && !way.empty()) ++ways[place][way];
      }
      if (take.kind != TakerKind::kHolding) continue;
      List& pool = pools[take.owner];
      pool.insert(pool.end(), units.begin(), units.end());
    }
  }
  for (const auto& [owner, units] : pools) {
    for (const std::string& way : units) {
      if (!way.empty()) ++ways[absl::StrCat("a", owner.number)][way];
    }
  }
  return ways;
}

TEST(Pools, PathsAreTheWaysOfTheVeryUnits) {
  std::mt19937_64 rng(/*seed=*/20241128);
  size_t long_ways = 0;
  for (int round = 0; round < 300 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const RandomLedger ledger = SmallLedger(rng);
    const std::vector<Movement> movements = MovementsOf(ledger);
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    Seed seed;
    seed.request.source = "x";
    for (uint32_t i = 0; i < movements[0].takes.size(); ++i) seed.credits.push_back({{0}, i});
    FollowOptions options;
    options.policies = {"fifo", "lifo", "tiho", "libr"};
    options.paths = 1'000'000;
    options.pool.of = [](uint32_t, AddressId owner) { return owner; };
    const auto result = Follow(views, std::vector<Seed>{seed}, options);
    ASSERT_TRUE(result.ok()) << result.status();
    for (const PolicyResult& policy : result->policies) {
      SCOPED_TRACE(policy.policy);
      Ways ways;
      for (const Endpoint& end : policy.endpoints) {
        const std::string place = end.place.empty()
                                      ? PlaceText(end.position.number, end.at_output, end.output)
                                      : absl::StrCat("a", end.owner.number);
        Units sum = 0;
        for (const Path& path : end.paths) {
          std::string way;
          for (const Path::Place& p : path.places) {
            absl::StrAppend(&way, " ", PlaceText(p.position.number, p.at_output, p.output));
          }
          ways[place][way] += static_cast<uint64_t>(path.tainted);
          sum += path.tainted;
          long_ways += path.places.size() > 3 ? 1 : 0;
        }
        EXPECT_EQ(sum, end.tainted);
      }
      if (policy.policy != "fifo" && policy.policy != "lifo") continue;
      EXPECT_EQ(ways, MoveEveryUnit(
                          policy.policy, movements, [](uint64_t position) { return position == 0; },
                          [](const std::string&, const std::string&) {}));
    }
    options.policies = {"fifo", "haircut"};
    EXPECT_EQ(Follow(views, std::vector<Seed>{seed}, options).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_GT(long_ways, 1'000u);
}

// Every unit of an output is led back by the way by which it came.
TEST(Pools, BackIsTheWayOfTheVeryUnits) {
  std::mt19937_64 rng(/*seed=*/20241129);
  size_t long_ways = 0;
  for (int round = 0; round < 300 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const RandomLedger ledger = SmallLedger(rng);
    const std::vector<Movement> movements = MovementsOf(ledger);
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    const Movement& paying = movements[movements.size() - 1 - rng() % (movements.size() / 2)];
    Seed seed;
    seed.request.source = "x";
    seed.credits.push_back({paying.position, 0});
    const std::string asked = PlaceText(paying.position.number, /*at_output=*/true, 0);
    FollowOptions options;
    options.policies = {"fifo", "lifo"};
    options.paths = 1'000'000;
    options.pool.of = [](uint32_t, AddressId owner) { return owner; };
    const auto result = FollowBack(views, std::vector<Seed>{seed}, options);
    ASSERT_TRUE(result.ok()) << result.status();
    for (const PolicyResult& policy : result->policies) {
      SCOPED_TRACE(policy.policy);
      std::map<std::string, uint64_t> came;
      MoveEveryUnit(
          policy.policy, movements, [](uint64_t) { return true; },
          [&](const std::string& place, const std::string& way) {
            if (place != asked) return;
            std::vector<std::string> places = absl::StrSplit(way, ' ', absl::SkipEmpty());
            std::reverse(places.begin(), places.end());
            // And then the movement that it was minted by, or to which it came from outside.
            places.push_back(places.back().substr(0, places.back().find(':')));
            ++came[absl::StrJoin(places, " ")];
          });
      std::map<std::string, uint64_t> led;
      for (const Endpoint& end : policy.endpoints) {
        for (const Path& path : end.paths) {
          std::vector<std::string> places;
          for (const Path::Place& p : path.places) {
            places.push_back(PlaceText(p.position.number, p.at_output, p.output));
          }
          led[absl::StrJoin(places, " ")] += static_cast<uint64_t>(path.tainted);
          long_ways += places.size() > 3 ? 1 : 0;
        }
      }
      EXPECT_EQ(led, came);
    }
  }
  EXPECT_GT(long_ways, 1'000u);
}

TEST(Pools, OfALedgerThatContradictsItselfAreAnError) {
  std::mt19937_64 rng(/*seed=*/20241202);
  std::map<bool, size_t> found;
  for (int round = 0; round < 600; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const RandomLedger ledger = SmallLedger(rng);
    const std::vector<Movement> movements = MovementsOf(ledger);
    Contradictory memory(ledger.chain, rng());
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    Seed seed;
    seed.request.source = "x";
    seed.credits.push_back({movements[rng() % movements.size()].position, 0});
    FollowOptions options;
    options.policies = AllPolicies();
    if (round % 3 != 0) options.pool.of = [](uint32_t, AddressId owner) { return owner; };
    const auto seeds = std::vector<Seed>{seed};
    for (const absl::Status& status :
         {Follow(views, seeds, options).status(), FollowBack(views, seeds, options).status(),
          ComputeBounds(views, seeds, options, {}).status(),
          ComputeBoundsBack(views, seeds, options, {}).status()}) {
      ++found[status.ok()];
      EXPECT_TRUE(status.ok() || absl::IsDataLoss(status)) << status;
    }
  }
  EXPECT_GT(found[false], 200u);
  EXPECT_GT(found[true], 200u);
}

TEST(Pools, ThatReceivedTooOftenAreRefused) {
  HandLedger hand;
  const uint64_t stolen = hand.Add({}, {{0, 100}});
  for (int i = 0; i < 5; ++i) hand.Add({}, {{1, 10}});
  const uint64_t sixth = hand.Add({{stolen, 0}}, {{1, 100}});
  const uint64_t last = hand.Add({{sixth, 0}}, {{2, 100}});
  FollowOptions options;
  options.pool.of = [](uint32_t, AddressId owner) { return owner; };
  const LedgerView* const views[] = {&hand.ledger()};
  Seed seed;
  seed.request.source = "x";
  seed.credits.push_back({Position{stolen}, 0});
  Seed paid = seed;
  paid.credits = {{Position{last}, 0}};
  for (const uint64_t most : {5, 6}) {
    options.pool.most_receipts = most;
    for (const absl::Status& status : {Follow(views, {seed}, options).status(),
                                       ComputeBounds(views, {seed}, options, {}).status(),
                                       FollowBack(views, {paid}, options).status()}) {
      if (most == 6) {
        EXPECT_TRUE(status.ok()) << status;
      } else {
        EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
        EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("more than 5 times"));
      }
    }
  }
}

}  // namespace
}  // namespace spoor
