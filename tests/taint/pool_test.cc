#include <cstdint>
#include <map>
#include <random>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"

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
    const RandomLedger ledger = SmallLedger(rng);
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

}  // namespace
}  // namespace spoor
