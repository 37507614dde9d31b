#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/memory_ledger.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"
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
  uint64_t tainted = 0;
  for (int round = 0; round < 3'000 && !::testing::Test::HasFailure(); ++round) {
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
    ExpectAsPlain(memory, ledger, ThiefOf(ledger, rng()).Steal(), question, &tainted);
  }
  EXPECT_GT(tainted, 20'000u);
}

// How many units took which way, by the pool or output where they rest.
using Ways = std::map<std::string, std::map<std::string, uint64_t>>;

std::string PlaceText(uint64_t position, bool at_output, uint32_t output) {
  return at_output ? absl::StrCat(position, ":", output) : absl::StrCat(position);
}

// Moves every unit of the ledger, address by address, with its way on it; "" for those that are
// not of what the first movement paid.
Ways MoveEveryUnit(const std::string& policy, const std::vector<Movement>& movements) {
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
        if (movement.position.number == 0 || !way.empty()) absl::StrAppend(&way, " ", place);
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
      EXPECT_EQ(ways, MoveEveryUnit(policy.policy, movements));
    }
    options.policies = {"fifo", "haircut"};
    EXPECT_EQ(Follow(views, std::vector<Seed>{seed}, options).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
  EXPECT_GT(long_ways, 1'000u);
}

}  // namespace
}  // namespace spoor
