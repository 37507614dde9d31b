#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "boost/multiprecision/cpp_int.hpp"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/taint/follow.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"
#include "tests/taint/hand_ledger.h"
#include "tests/taint/plain_model.h"

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
// endpoint's are its taint; under haircut but for what rounding takes, under poison at most each.
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
    if (result.policy == "poison") {
      for (const Path& path : end.paths) EXPECT_LE(path.tainted, end.tainted);
    } else if (result.policy == "haircut") {
      EXPECT_LE(sum, end.tainted);
      EXPECT_GE(sum + Units(end.paths.size()), end.tainted);
    } else {
      EXPECT_EQ(sum, end.tainted);
    }
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
    options.policies = {"fifo", "lifo", "tiho", "libr"};
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
      ExpectPathsHold(result, movements, first, /*back=*/false);
      ExpectPathsHold(back->policies[p], movements, last, /*back=*/true);
      const Endpoints& ends = strongest->policies[p].endpoints;
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

// Under haircut and poison: every way there is, and how strong it is.
using Rational = boost::multiprecision::cpp_rational;
using plain::Source;
struct AllWays {
  std::map<Source, std::map<std::string, Rational>> strengths;

  void Extend(const std::string& place) {
    for (auto& [source, ways] : strengths) {
      std::map<std::string, Rational> longer;
      for (const auto& [way, strength] : ways) longer[absl::StrCat(way, " ", place)] = strength;
      ways = std::move(longer);
    }
  }
  size_t size() const {
    size_t count = 0;
    for (const auto& [source, ways] : strengths) count += ways.size();
    return count;
  }
};

// Of the givers' ways, those of what a taker of `amount` gets.
AllWays Shared(const std::vector<AllWays>& ways,
               const std::vector<plain::HaircutRules::Content>& givers, const plain::Number&) {
  plain::HaircutRules::Content totals;
  for (const auto& giver : givers) {
    for (const auto& [source, units] : giver) totals[source] += units;
  }
  AllWays shared;
  for (size_t i = 0; i < givers.size(); ++i) {
    for (const auto& [source, of_source] : ways[i].strengths) {
      if (totals[source] == 0) continue;
      for (const auto& [way, strength] : of_source) {
        shared.strengths[source][way] =
            strength * Rational(givers[i].at(source)) / Rational(totals[source]);
      }
    }
  }
  return shared;
}
AllWays Shared(const std::vector<AllWays>& ways,
               const std::vector<plain::PoisonRules::Content>& givers,
               const plain::Number& amount) {
  AllWays shared;
  for (size_t i = 0; i < givers.size(); ++i) {
    for (const auto& [source, of_source] : ways[i].strengths) {
      for (const auto& [way, strength] : of_source) {
        shared.strengths[source][way] = std::min(strength, Rational(amount));
      }
    }
  }
  return shared;
}

void Mark(const plain::HaircutRules& rules, Source source, const std::string& place,
          plain::HaircutRules::Content* content, AllWays* ways) {
  const Rational before = (*content)[source];
  plain::Number limit = plain::Number(1) << 200;
  const Rational marked = rules.Mark(source, &limit, content);
  if (marked == 0) return;
  for (auto& [way, strength] : ways->strengths[source]) strength *= before / (before + marked);
  ways->strengths[source][absl::StrCat(" ", place)] = marked / (before + marked);
}
void Mark(const plain::PoisonRules& rules, Source source, const std::string& place,
          plain::PoisonRules::Content* content, AllWays* ways) {
  if (content->sources.contains(source)) return;
  plain::Number limit = plain::Number(1) << 200;
  rules.Mark(source, &limit, content);
  ways->strengths[source][absl::StrCat(" ", place)] = Rational(content->amount);
}

// The units that came by a way, as results tell them.
plain::Number Told(const plain::HaircutRules::Content& content, Source source,
                   const Rational& strength) {
  const Rational units = strength * content.at(source) + Rational(1, 1 << 20);
  return numerator(units) / denominator(units);
}
plain::Number Told(const plain::PoisonRules::Content&, Source, const Rational& strength) {
  return numerator(strength);
}

using ToldWays = std::map<std::string, plain::Number>;  // "SOURCE PLACES"

// By the place where they end; nullopt if there are too many to count.
template <typename Rules>
std::optional<std::map<std::string, ToldWays>> EveryWay(
    const std::vector<Movement>& movements,
    const std::map<std::pair<uint64_t, size_t>, Source>& seeds) {
  const Rules rules;
  struct Held {
    typename Rules::Content content;
    AllWays ways;
  };
  std::map<Holding, Held> holdings;
  std::map<std::string, ToldWays> ends;
  const auto end = [&](const std::string& place, const Held& held, const Units& amount) {
    if (amount == 0) return;
    for (const auto& [source, ways] : held.ways.strengths) {
      for (const auto& [way, strength] : ways) {
        // No units of haircut's are none, but a ceiling passes 0 units on.
        if (strength > 0 || !Rules::conserving()) {
          ends[place][absl::StrCat(source, way)] = Told(held.content, source, strength);
        }
      }
    }
  };
  size_t ways = 0;
  for (const Movement& movement : movements) {
    std::vector<typename Rules::Content> contents;
    std::vector<AllWays> brought;
    if (movement.minted > 0) {
      contents.push_back(rules.Clean(plain::Number(movement.minted)));
      brought.emplace_back();
    }
    for (const Give& give : movement.gives) {
      const auto it = holdings.find(give.holding);
      if (give.kind == GiveKind::kHolding && it != holdings.end()) {
        contents.push_back(it->second.content);
        brought.push_back(it->second.ways);
        holdings.erase(it);
      } else {
        contents.push_back(rules.Clean(plain::Number(give.amount)));
        brought.emplace_back();
      }
    }
    std::vector<plain::Taker> takers;
    for (const Take& take : movement.takes) {
      takers.push_back({plain::Number(take.amount), take.kind == TakerKind::kFee});
    }
    const auto slices = rules.Share(contents, takers);
    for (uint32_t i = 0; i < movement.takes.size(); ++i) {
      const Take& take = movement.takes[i];
      const bool fee = take.kind == TakerKind::kFee;
      const std::string place = PlaceText(movement.position.number, !fee, i);
      Held held{slices[i], Shared(brought, contents, takers[i].amount)};
      std::erase_if(held.ways.strengths, [&](const auto& entry) {
        return !rules.BySource(held.content).contains(entry.first);
      });
      held.ways.Extend(place);
      if (const auto seed = seeds.find({movement.position.number, i}); seed != seeds.end()) {
        Mark(rules, seed->second, place, &held.content, &held.ways);
      }
      ways += held.ways.size();
      if (ways > 20'000) return std::nullopt;
      if (take.kind == TakerKind::kHolding) {
        holdings[take.holding] = std::move(held);
      } else {
        end(place, held, take.amount);
      }
    }
  }
  for (const auto& [holding, held] : holdings) {
    const Take& take = movements[holding.major].takes[holding.minor];
    end(PlaceText(holding.major, true, holding.minor), held, take.amount);
  }
  return ends;
}

TEST(Paths, AreTheStrongestOfAllWaysThereAre) {
  std::mt19937_64 rng(/*seed=*/20240701);
  std::map<std::string, uint64_t> forks;  // endpoints to which more ways lead than are told
  for (int round = 0; round < 400 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RandomLedgerOptions small;
    small.blocks = 3 + static_cast<int>(rng() % 6);
    small.most_transactions = 2 + static_cast<int>(rng() % 4);
    small.most_minted = 20 + rng() % 300;
    const RandomLedger ledger = MakeRandomLedger(rng(), small);
    const std::vector<Movement> movements = MovementsOf(ledger);
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    // Two sources, one of which comes in again on the way.
    std::vector<Seed> seeds;
    std::map<std::pair<uint64_t, size_t>, Source> marks;
    for (const auto& [source, at] : std::initializer_list<std::pair<Source, uint64_t>>{
             {1, 0}, {2, rng() % movements.size()}, {1, rng() % movements.size()}}) {
      Seed& seed = seeds.emplace_back();
      seed.request.source = absl::StrCat(source);
      const std::vector<Take>& takes = movements[at].takes;
      for (uint32_t i = 0; i < takes.size(); ++i) {
        if (takes[i].kind == TakerKind::kFee || marks.contains({at, i})) continue;
        seed.credits.push_back({Position{at}, i});
        marks[{at, i}] = source;
      }
    }
    const auto haircut = EveryWay<plain::HaircutRules>(movements, marks);
    const auto poison = EveryWay<plain::PoisonRules>(movements, marks);
    if (!haircut.has_value() || !poison.has_value()) continue;
    for (const size_t most : {kAll, size_t{2}}) {
      FollowOptions options;
      options.policies = {"haircut", "poison"};
      options.paths = most;
      const auto result = Follow(views, seeds, options);
      ASSERT_TRUE(result.ok()) << result.status();
      for (const PolicyResult& policy : result->policies) {
        SCOPED_TRACE(policy.policy);
        const std::map<std::string, ToldWays>& want =
            policy.policy == "haircut" ? *haircut : *poison;
        EXPECT_EQ(policy.endpoints.size(), want.size());
        for (const Endpoint& end : policy.endpoints) {
          const std::string place = PlaceText(end.position.number, end.at_output, end.output);
          SCOPED_TRACE(place);
          ASSERT_TRUE(want.contains(place));
          const ToldWays& all = want.at(place);
          ToldWays told;
          std::vector<plain::Number> strengths;
          for (const Path& path : end.paths) {
            std::string way = result->sources[path.source - 1];
            for (const Path::Place& p : path.places) absl::StrAppend(&way, " ", PlaceText(p));
            EXPECT_TRUE(told.emplace(way, plain::Number(path.tainted)).second);
            strengths.emplace_back(path.tainted);
            ASSERT_TRUE(all.contains(way)) << way;
            EXPECT_EQ(all.at(way), strengths.back()) << way;
          }
          EXPECT_EQ(told.size(), std::min(most, all.size()));
          std::vector<plain::Number> best;
          for (const auto& [way, strength] : all) best.push_back(strength);
          std::sort(best.rbegin(), best.rend());
          best.resize(told.size());
          EXPECT_EQ(strengths, best);
          if (all.size() > told.size()) ++forks[policy.policy];
        }
      }
    }
    // And against the stream they hold together.
    Seed last;
    last.request.source = "1";
    last.credits = {{Position{movements.size() - 1}, 0}};
    FollowOptions options;
    options.policies = {"haircut", "poison"};
    options.paths = kAll;
    const auto back = FollowBack(views, {last}, options);
    ASSERT_TRUE(back.ok()) << back.status();
    for (const PolicyResult& policy : back->policies) {
      ExpectPathsHold(policy, movements, last.credits[0].position, /*back=*/true);
    }
  }
  EXPECT_GT(forks["haircut"], 500u);
  EXPECT_GT(forks["poison"], 500u);
}

TEST(Paths, AreToldAtTheirEndsWhereTheyAreLong) {
  HandLedger ledger;
  constexpr uint64_t kSteps = 1'200;
  uint64_t left = 10'000;
  ledger.Add({}, {{0, left}});
  for (uint64_t i = 0; i < kSteps; ++i) {
    --left;
    ledger.Add({Holding::Output(Position{i}, 0)}, {{0, left}, {1, 1}});
  }
  ledger.options().paths = 3;
  for (const std::string& policy : AllPolicies()) {
    SCOPED_TRACE(policy);
    const auto result = ledger.Run(policy, {ledger.Txid(0)});
    ASSERT_TRUE(result.ok()) << result.status();
    const Endpoints& ends = result->policies[0].endpoints;
    ASSERT_EQ(ends.size(), kSteps + 1);
    for (const Endpoint& end : ends) {
      ASSERT_EQ(end.paths.size(), 1u);
      const Path& path = end.paths[0];
      EXPECT_EQ(path.tainted, end.tainted);
      // From each place to the next, but for a gap in the middle.
      const uint64_t length = end.position.number + 1;
      const uint64_t told = std::min<uint64_t>(length, 2 * Path::kToldAtEachEnd);
      EXPECT_EQ(path.omitted, length - told);
      ASSERT_EQ(path.places.size(), told);
      for (uint64_t i = 0; i < told; ++i) {
        const uint64_t position = i < Path::kToldAtEachEnd ? i : i + path.omitted;
        EXPECT_EQ(path.places[i].position.number, position);
        EXPECT_EQ(ToText(path.places[i].txid), ledger.Txid(position));
        EXPECT_EQ(path.places[i].output, i + 1 == told ? end.output : 0);
      }
    }
  }
}

TEST(Paths, OfEqualStrengthStandTheShorterFirst) {
  HandLedger hand;
  const uint64_t stolen = hand.Add({}, {{0, 10}, {0, 10}});
  const uint64_t by_way = hand.Add({{stolen, 0}}, {{1, 10}});
  const uint64_t joined = hand.Add({{by_way, 0}, {stolen, 1}}, {{2, 20}});
  hand.options().paths = 2;
  const auto result = hand.Run("fifo", {"x=" + hand.Txid(stolen)});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->policies[0].endpoints.size(), 1u);
  const Endpoint end = result->policies[0].endpoints[0];
  ASSERT_EQ(end.paths.size(), 2u);
  EXPECT_EQ(end.paths[0].places.size(), 2u);
  EXPECT_EQ(end.paths[0].places[1].position.number, joined);
  EXPECT_EQ(end.paths[1].places.size(), 3u);
}

TEST(Paths, OfSeedsThatShareACreditAreOne) {
  HandLedger hand;
  const uint64_t stolen = hand.Add({}, {{0, 20}});
  hand.Add({{stolen, 0}}, {{1, 20}});
  hand.options().paths = 2;
  const std::string seed = absl::StrCat("x=", hand.Txid(stolen), ":0");
  const auto result = hand.Run("fifo", {seed + "#8", seed + "#12"});
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->policies[0].endpoints.size(), 1u);
  const Endpoint end = result->policies[0].endpoints[0];
  ASSERT_EQ(end.paths.size(), 1u);
  EXPECT_EQ(end.paths[0].tainted, 20);
}

}  // namespace
}  // namespace spoor
