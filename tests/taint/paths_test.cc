#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/taint/follow.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"

namespace spoor {
namespace {

constexpr size_t kAll = 1'000'000;

// "POSITION:OUTPUT", or "POSITION" for a movement's fee or what it minted.
std::string PlaceText(uint64_t position, bool at_output, uint32_t output) {
  return at_output ? absl::StrCat(position, ":", output) : absl::StrCat(position);
}

std::string PlaceText(const Path::Place& place) {
  return PlaceText(place.position.number, place.at_output, place.output);
}

// How many units took which way, by the place where they rest.
using Ways = std::map<std::string, std::map<std::string, uint64_t>>;

Ways WaysOf(const PolicyResult& result) {
  Ways ways;
  for (const Endpoint& end : result.endpoints) {
    const std::string place = PlaceText(end.position.number, end.at_output, end.output);
    for (const Path& path : end.paths) {
      std::string way;
      for (const Path::Place& p : path.places) absl::StrAppend(&way, " ", PlaceText(p));
      ways[place][way] += static_cast<uint64_t>(path.tainted);
    }
  }
  return ways;
}

// Moves every unit of the ledger with its way on it, "" for those that are not of `seed`.
Ways MoveEveryUnit(const std::string& policy, const std::vector<Movement>& movements,
                   Position seed) {
  Ways ways;
  std::map<Holding, std::vector<std::string>> holdings;
  for (const Movement& movement : movements) {
    std::vector<std::string> sequence(static_cast<size_t>(movement.minted));
    for (const Give& give : movement.gives) {
      std::vector<std::string> units(static_cast<size_t>(give.amount));
      if (give.kind == GiveKind::kHolding) {
        units = holdings.at(give.holding);
        holdings.erase(give.holding);
      }
      sequence.insert(sequence.end(), units.begin(), units.end());
    }
    size_t taken = 0;
    for (uint32_t i = 0; i < movement.takes.size(); ++i) {
      const Take& take = movement.takes[i];
      const auto amount = static_cast<size_t>(take.amount);
      const size_t from = policy == "fifo" ? taken : sequence.size() - taken - amount;
      taken += amount;
      const bool fee = take.kind == TakerKind::kFee;
      const std::string place = PlaceText(movement.position.number, !fee, i);
      std::vector<std::string> units;
      for (size_t n = from; n < from + amount; ++n) {
        const bool stolen = movement.position == seed || !sequence[n].empty();
        units.push_back(stolen ? absl::StrCat(sequence[n], " ", place) : "");
      }
      if (take.kind == TakerKind::kHolding) {
        holdings[take.holding] = units;
        continue;
      }
      for (const std::string& way : units) {
        if (!way.empty()) ++ways[place][way];
      }
    }
  }
  for (const auto& [holding, units] : holdings) {
    for (const std::string& way : units) {
      if (!way.empty()) ++ways[PlaceText(holding.major, true, holding.minor)][way];
    }
  }
  return ways;
}

// Whether `to` is made by the movement that spends `from`.
bool Leads(const std::vector<Movement>& movements, const Path::Place& from, const Path::Place& to) {
  if (!from.at_output) return false;
  for (const Give& give : movements[to.position.number].gives) {
    if (give.kind == GiveKind::kHolding &&
        give.holding == Holding::Output(from.position, from.output)) {
      return true;
    }
  }
  return false;
}

// Each path begins at a seed's credit, goes from an output to its spender's, and all of an
// endpoint's are its taint.
void ExpectPathsHold(const PolicyResult& result, const std::vector<Movement>& movements,
                     Position seed, bool back) {
  for (const Endpoint& end : result.endpoints) {
    Units sum = 0;
    for (const Path& path : end.paths) {
      sum += path.tainted;
      ASSERT_FALSE(path.places.empty());
      EXPECT_EQ(path.places.front().position, seed);
      const Path::Place& last = path.places.back();
      EXPECT_EQ(PlaceText(last), PlaceText(end.position.number, end.at_output, end.output));
      for (size_t i = 0; i < path.places.size(); ++i) {
        EXPECT_EQ(path.places[i].txid, movements[path.places[i].position.number].txid);
        if (i == 0) continue;
        const Path::Place& before = path.places[i - 1];
        // Backwards the last step stays in its movement: from an output to what was minted.
        EXPECT_TRUE(back ? (path.places[i].at_output ? Leads(movements, path.places[i], before)
                                                     : path.places[i].position == before.position)
                         : Leads(movements, before, path.places[i]))
            << PlaceText(before) << " to " << PlaceText(path.places[i]);
      }
    }
    EXPECT_EQ(sum, end.tainted);
  }
}

TEST(Paths, AreTheWaysOfTheVeryUnits) {
  std::mt19937_64 rng(/*seed=*/20240630);
  uint64_t long_ways = 0;
  for (int round = 0; round < 300 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const RandomLedger ledger = SmallLedger(rng);
    const std::vector<Movement> movements = MovementsOf(ledger);
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    // All outputs of the first block's coinbase; and backwards of the last movement's.
    const auto all_outputs = [&](Position position) {
      Seed seed;
      seed.request.source = "x";
      const std::vector<Take>& takes = movements[position.number].takes;
      for (uint32_t i = 0; i < takes.size(); ++i) {
        if (takes[i].kind != TakerKind::kFee) seed.credits.push_back({position, i});
      }
      return std::vector<Seed>{seed};
    };
    const Position first{0};
    const Position last{movements.size() - 1};
    FollowOptions options;
    options.policies = AllPolicies();
    options.paths = kAll;
    const auto forward = Follow(views, all_outputs(first), options);
    ASSERT_TRUE(forward.ok()) << forward.status();
    const auto back = FollowBack(views, all_outputs(last), options);
    ASSERT_TRUE(back.ok()) << back.status();
    options.paths = 1;
    const auto strongest = Follow(views, all_outputs(first), options);
    ASSERT_TRUE(strongest.ok()) << strongest.status();
    for (size_t p = 0; p < options.policies.size(); ++p) {
      const std::string& policy = options.policies[p];
      SCOPED_TRACE(policy);
      const PolicyResult& result = forward->policies[p];
      if (policy == "haircut" || policy == "poison") {
        for (const Endpoint& end : result.endpoints) EXPECT_TRUE(end.paths.empty());
        continue;
      }
      ExpectPathsHold(result, movements, first, /*back=*/false);
      ExpectPathsHold(back->policies[p], movements, last, /*back=*/true);
      const std::vector<Endpoint>& ends = strongest->policies[p].endpoints;
      ASSERT_EQ(ends.size(), result.endpoints.size());
      for (size_t i = 0; i < ends.size(); ++i) {
        ASSERT_EQ(ends[i].paths.size(), 1u);
        EXPECT_EQ(ends[i].paths[0].tainted, result.endpoints[i].paths[0].tainted);
        for (const Path& path : result.endpoints[i].paths) {
          EXPECT_LE(path.tainted, ends[i].paths[0].tainted);
          if (path.places.size() > 3) ++long_ways;
        }
      }
      if (policy != "fifo" && policy != "lifo") continue;
      EXPECT_EQ(WaysOf(result), MoveEveryUnit(policy, movements, first));
    }
  }
  EXPECT_GT(long_ways, 1'000u);
}

}  // namespace
}  // namespace spoor
