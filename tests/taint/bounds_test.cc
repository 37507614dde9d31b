#include "spoor/taint/bounds.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/taint/follow.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"
#include "tests/taint/bounds_case.h"

namespace spoor {
namespace {

absl::StatusOr<TraceResult> Trace(const LedgerView& view, const std::vector<Seed>& seeds,
                                  const FollowOptions& options, bool back) {
  const LedgerView* const views[] = {&view};
  return back ? FollowBack(views, seeds, options) : Follow(views, seeds, options);
}

using Figures = std::map<std::string, Units>;

// What a policy says, in the words of NameOf(), but for groups.
Figures FiguresOf(const PolicyResult& policy) {
  Figures figures;
  for (const Endpoint& end : policy.endpoints) {
    const std::string kind(EndpointKindName(end.kind));
    figures[kind] += end.tainted;
    if (end.kind == EndpointKind::kService && !CategoryOf(end.owner).empty()) {
      figures[absl::StrCat(kind, "/", CategoryOf(end.owner))] += end.tainted;
    }
  }
  return figures;
}

Units StolenIn(const PolicyResult& policy) {
  Units sum = 0;
  for (const Stolen& stolen : policy.stolen) sum += stolen.units;
  return sum;
}

void ExpectWithin(const Figures& figures, const BoundsResult& bounds) {
  std::set<std::string> known;
  for (const Bound& bound : bounds.bounds) {
    SCOPED_TRACE(NameOf(bound));
    known.insert(NameOf(bound));
    EXPECT_LE(bound.lower, bound.upper);
    EXPECT_LE(bound.upper, bound.stolen);
    if (!bound.kind.has_value()) continue;
    const auto it = figures.find(NameOf(bound));
    const Units figure = it == figures.end() ? Units(0) : it->second;
    EXPECT_LE(bound.lower, figure);
    EXPECT_GE(bound.upper, figure);
  }
  for (const auto& [name, figure] : figures) EXPECT_TRUE(known.contains(name)) << name;
}

std::vector<std::string> ConservingPolicies() {
  std::vector<std::string> names;
  for (const std::string& name : AllPolicies()) {
    if ((*MakePolicy<uint64_t>(name))->conserving()) names.push_back(name);
  }
  return names;
}

// Every policy's figures lie within, whatever the limits and seeds.
void ExpectLaw(const LedgerView& view, const std::vector<Seed>& seeds, Case c,
               std::map<BoundTightness, int>* tightness) {
  const auto bounds = Compute(view, seeds, c);
  ASSERT_TRUE(bounds.ok()) << bounds.status();
  c.options.most_edges = 3;
  const auto rough = Compute(view, seeds, c);
  ASSERT_TRUE(rough.ok()) << rough.status();
  ASSERT_EQ(rough->bounds.size(), bounds->bounds.size());
  for (size_t i = 0; i < bounds->bounds.size(); ++i) {
    const Bound& bound = bounds->bounds[i];
    SCOPED_TRACE(NameOf(bound));
    ++(*tightness)[bound.tightness];
    ++(*tightness)[rough->bounds[i].tightness];
    EXPECT_EQ(NameOf(rough->bounds[i]), NameOf(bound));
    EXPECT_LE(rough->bounds[i].lower, bound.lower);
    EXPECT_GE(rough->bounds[i].upper, bound.upper);
  }

  c.limits.policies = ConservingPolicies();
  const auto traced = Trace(view, seeds, c.limits, c.back);
  ASSERT_TRUE(traced.ok()) << traced.status();
  for (const PolicyResult& policy : traced->policies) {
    SCOPED_TRACE(policy.policy);
    ExpectWithin(FiguresOf(policy), *bounds);
    ExpectWithin(FiguresOf(policy), *rough);
    for (const Bound& bound : bounds->bounds) {
      if (!bound.kind.has_value()) continue;
      EXPECT_LE(bound.stolen_least, StolenIn(policy));
      EXPECT_GE(bound.stolen, StolenIn(policy));
    }
  }

  // To ask what arrives with a group is to trace no further than there.
  c.limits.stop_at = [&](uint32_t, AddressId owner) -> absl::StatusOr<bool> {
    return c.group.contains(owner) || c.services.contains(owner);
  };
  const auto stopped = Trace(view, seeds, c.limits, c.back);
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  for (const PolicyResult& policy : stopped->policies) {
    SCOPED_TRACE(policy.policy);
    Units figure = 0;
    for (const Endpoint& end : policy.endpoints) {
      if (c.group.contains(end.owner)) figure += end.tainted;
    }
    for (const auto& result : {*bounds, *rough}) {
      const Bound& bound = result.bounds.back();
      EXPECT_EQ(NameOf(bound), "in some");
      EXPECT_LE(bound.lower, figure);
      EXPECT_GE(bound.upper, figure);
    }
  }
}

TEST(Bounds, EveryConservingPolicyLiesWithin) {
  std::mt19937_64 rng(/*seed=*/20240701);
  RandomLedgerOptions ledger_options;
  ledger_options.mature = true;
  std::map<BoundTightness, int> tightness;
  for (int round = 0; round < 2'000 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RandomLedger ledger = SmallLedger(rng, ledger_options);
    for (NewBlock& block : ledger.blocks) {
      // So high that a block's subsidy is a few hundred units, or none.
      block.height += 5'000'000;
      for (Movement& movement : block.movements) movement.height = block.height;
    }
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    const auto seeds = FindSeeds(views, ThiefOf(ledger, rng()).Steal().requests);
    ASSERT_TRUE(seeds.ok()) << seeds.status();
    ExpectLaw(memory, *seeds, RandomCase(rng, ledger), &tightness);
  }
  EXPECT_GT(tightness[BoundTightness::kAttained], 2'000);
  EXPECT_GT(tightness[BoundTightness::kLoose], 1'000);
  EXPECT_GT(tightness[BoundTightness::kTooLarge], 3'000);
}

// Maximum flow by Edmonds and Karp (1972), on names.
class PlainNetwork {
 public:
  void Add(const std::string& from, const std::string& to, int64_t capacity) {
    residual_[from][to] += capacity;
    residual_[to][from] += 0;
  }
  int64_t MaxFlow(const std::string& source, const std::string& sink) {
    int64_t flow = 0;
    while (true) {
      std::map<std::string, std::string> parent = {{source, source}};
      std::deque<std::string> queue = {source};
      while (!queue.empty() && !parent.contains(sink)) {
        const std::string node = queue.front();
        queue.pop_front();
        for (const auto& [to, capacity] : residual_[node]) {
          if (capacity > 0 && parent.emplace(to, node).second) queue.push_back(to);
        }
      }
      if (!parent.contains(sink)) return flow;
      int64_t units = std::numeric_limits<int64_t>::max();
      for (std::string node = sink; node != source; node = parent[node]) {
        units = std::min(units, residual_[parent[node]][node]);
      }
      for (std::string node = sink; node != source; node = parent[node]) {
        residual_[parent[node]][node] -= units;
        residual_[node][parent[node]] += units;
      }
      flow += units;
    }
  }

 private:
  std::map<std::string, std::map<std::string, int64_t>> residual_;
};

// The bounds as docs/model.md defines them, for seeds that mark whole credits: every movement of
// the ledger, thefts that give all that a credit holds, and what comes back to one ends there.
Figures PlainMaxFlows(const std::vector<Movement>& movements,
                      const std::set<std::pair<uint64_t, size_t>>& credits,
                      const std::set<AddressId>& services, bool lower) {
  std::map<Holding, std::string> spender;
  for (const Movement& movement : movements) {
    for (const Give& give : movement.gives) {
      if (give.kind == GiveKind::kHolding) {
        spender[give.holding] = absl::StrCat(movement.position.number);
      }
    }
  }
  std::vector<std::tuple<std::string, std::string, int64_t>> edges;
  std::set<std::string> sinks;
  int64_t stolen = 0;
  for (const Movement& movement : movements) {
    for (size_t i = 0; i < movement.takes.size(); ++i) {
      const Take& take = movement.takes[i];
      const auto amount = static_cast<int64_t>(take.amount);
      if (amount == 0) continue;
      std::string from = absl::StrCat(movement.position.number);
      std::string to = "unspent";
      if (take.kind == TakerKind::kFee) to = "fee";
      if (take.kind == TakerKind::kBurned) to = "burned";
      if (take.kind == TakerKind::kHolding && spender.contains(take.holding)) {
        to = spender[take.holding];
      }
      if (credits.contains({movement.position.number, i})) {
        edges.emplace_back(from, "returned", amount);
        from = "theft";
        stolen += amount;
      } else if (take.kind == TakerKind::kHolding && services.contains(take.owner)) {
        to = absl::StrCat("service/", CategoryOf(take.owner));
      }
      edges.emplace_back(from, to, amount);
      if (!absl::ascii_isdigit(static_cast<unsigned char>(to[0]))) sinks.insert(to);
    }
  }
  std::set<std::string> questions;
  for (const std::string& sink : sinks) {
    questions.insert(sink.substr(0, sink.find('/')));
    if (sink.back() != '/') questions.insert(sink);
  }
  sinks.insert("returned");
  Figures figures;
  for (const std::string& question : questions) {
    PlainNetwork network;
    for (const auto& [from, to, amount] : edges) network.Add(from, to, amount);
    for (const std::string& sink : sinks) {
      const bool in = sink == question || sink.starts_with(question + "/");
      if (in != lower) network.Add(sink, "all", std::numeric_limits<int64_t>::max() / 4);
    }
    const int64_t flow = network.MaxFlow("theft", "all");
    figures[question] = Units(lower ? stolen - flow : flow);
  }
  return figures;
}

TEST(Bounds, AreMaximumFlows) {
  std::mt19937_64 rng(/*seed=*/20240702);
  int compared = 0;
  int apart = 0;  // with room between them
  for (int round = 0; round < 600 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const RandomLedger ledger = SmallLedger(rng);
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    Theft theft = ThiefOf(ledger, rng()).Steal();
    std::set<std::pair<uint64_t, size_t>> credits;
    for (SeedRequest& request : theft.requests) request.limit.reset();
    for (const plain::Seed& seed : theft.seeds) {
      credits.insert(seed.credits.begin(), seed.credits.end());
    }
    const auto seeds = FindSeeds(views, theft.requests);
    ASSERT_TRUE(seeds.ok()) << seeds.status();
    const std::vector<Movement> movements = MovementsOf(ledger);
    Case c = RandomCase(rng, ledger);
    c.back = false;
    c.options.groups.clear();
    // Whether a seed's own credit at a service is followed hangs on whether it marks anything.
    for (const auto& [position, i] : credits) c.services.erase(movements[position].takes[i].owner);
    c.limits = FollowOptions();
    c.limits.stop_at = [&](uint32_t, AddressId owner) -> absl::StatusOr<bool> {
      return c.services.contains(owner);
    };
    const auto bounds = Compute(memory, *seeds, c);
    ASSERT_TRUE(bounds.ok()) << bounds.status();
    const Figures lower = PlainMaxFlows(movements, credits, c.services, /*lower=*/true);
    const Figures upper = PlainMaxFlows(movements, credits, c.services, /*lower=*/false);
    for (const Bound& bound : bounds->bounds) {
      SCOPED_TRACE(NameOf(bound));
      EXPECT_EQ(bound.tightness, BoundTightness::kAttained);
      ASSERT_TRUE(lower.contains(NameOf(bound)));
      EXPECT_EQ(bound.lower, lower.at(NameOf(bound)));
      EXPECT_EQ(bound.upper, upper.at(NameOf(bound)));
      ++compared;
      apart += bound.lower < bound.upper ? 1 : 0;
    }
  }
  EXPECT_GT(compared, 1'200);
  EXPECT_GT(apart, 600);
}

// So large that sums of them pass 64 bits.
TEST(Bounds, GrowWithTheAmounts) {
  constexpr uint64_t kFactor = uint64_t{1} << 51;
  std::mt19937_64 rng(/*seed=*/20240704);
  int beyond = 0;
  for (int round = 0; round < 200 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RandomLedger ledger = SmallLedger(rng);
    Theft theft = ThiefOf(ledger, rng()).Steal();
    Units units = 0;
    for (const Movement& movement : MovementsOf(ledger)) {
      units += movement.minted;
      for (const Give& give : movement.gives) {
        if (give.kind != GiveKind::kHolding) units += give.amount;
      }
      if (movement.coinbase) theft.requests.push_back({"mine", ToText(movement.txid), {}});
    }
    if (units * kFactor > std::numeric_limits<uint64_t>::max()) continue;
    Case c = RandomCase(rng, ledger);
    c.limits.min_taint = 0;
    c.limits.fees = FeeRule::kEnd;  // subsidies do not grow
    std::vector<BoundsResult> results;
    for (const uint64_t factor : {uint64_t{1}, kFactor}) {
      for (NewBlock& block : ledger.blocks) {
        for (Movement& movement : block.movements) {
          movement.minted *= factor;
          for (Give& give : movement.gives) give.amount *= factor;
          for (Take& take : movement.takes) take.amount *= factor;
        }
      }
      std::vector<SeedRequest> requests = theft.requests;
      for (SeedRequest& request : requests) {
        if (request.limit.has_value()) *request.limit *= factor;
      }
      MemoryLedger memory(ledger.chain);
      ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
      const LedgerView* const views[] = {&memory};
      const auto seeds = FindSeeds(views, requests);
      ASSERT_TRUE(seeds.ok()) << seeds.status();
      auto bounds = Compute(memory, *seeds, c);
      ASSERT_TRUE(bounds.ok()) << bounds.status();
      results.push_back(*std::move(bounds));
    }
    ASSERT_EQ(results[0].bounds.size(), results[1].bounds.size());
    for (size_t i = 0; i < results[0].bounds.size(); ++i) {
      const Bound& small = results[0].bounds[i];
      const Bound& large = results[1].bounds[i];
      SCOPED_TRACE(NameOf(small));
      EXPECT_EQ(large.lower, small.lower * kFactor);
      EXPECT_EQ(large.upper, small.upper * kFactor);
      EXPECT_EQ(large.stolen, small.stolen * kFactor);
      EXPECT_EQ(large.stolen_least, small.stolen_least * kFactor);
      beyond += large.stolen > Units(1) << 62 ? 1 : 0;
    }
  }
  EXPECT_GT(beyond, 20);
}

}  // namespace
}  // namespace spoor
