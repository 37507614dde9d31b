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
#include "tests/taint/hand_ledger.h"

namespace spoor {
namespace {

// Which endpoints a figure is about, in words: "KIND", "KIND/CATEGORY" or "in GROUP".
std::string NameOf(const Bound& bound) {
  if (!bound.kind.has_value()) return absl::StrCat("in ", bound.group);
  return absl::StrCat(EndpointKindName(*bound.kind), bound.category.empty() ? "" : "/",
                      bound.category);
}

std::string CategoryOf(AddressId owner) {
  const char* const categories[] = {"", "exchange", "mixer"};
  return categories[owner.number % 3];
}

// A request with its limits; the category of service N is CategoryOf(N).
struct Case {
  FollowOptions limits;
  BoundsOptions options;
  std::set<AddressId> group;  // the one in `options`
  std::set<AddressId> services;
  bool back = false;
};

Case RandomCase(std::mt19937_64& rng, const RandomLedger& ledger) {
  Case c;
  c.back = rng() % 3 == 0;
  const auto some_time = [&] {
    return ledger.blocks[rng() % ledger.blocks.size()].time + static_cast<int64_t>(rng() % 3) - 1;
  };
  if (rng() % 6 == 0) c.limits.since = some_time();
  if (rng() % 6 == 0) c.limits.until = some_time();
  if (rng() % 4 == 0) c.limits.max_hops = rng() % 5;
  if (rng() % 4 == 0) c.limits.min_taint = rng() % 40;
  for (uint64_t id = 0; id < 200; ++id) {
    if (rng() % 6 == 0) c.group.insert(AddressId{id});
    if (rng() % 6 == 0) c.services.insert(AddressId{id});
  }
  if (rng() % 3 == 0) c.services.clear();
  const FeeRule rules[] = {FeeRule::kEnd, FeeRule::kSubsidyFirst, FeeRule::kFeesFirst};
  c.limits.fees = rules[rng() % 3];
  if (rng() % 3 == 0) {
    const uint64_t size = 1 + rng() % 4;  // of a pool
    // A pool is in a group whole.
    for (const AddressId owner : std::set<AddressId>(c.group)) {
      const uint64_t first = owner.number - owner.number % size;
      for (uint64_t i = first; i < first + size; ++i) c.group.insert(AddressId{i});
    }
    c.limits.pool.of = [size](uint32_t, AddressId owner) -> absl::StatusOr<AddressId> {
      return AddressId{owner.number - owner.number % size};
    };
    uint64_t addresses = 0;
    for (const NewBlock& block : ledger.blocks) addresses += block.new_addresses.size();
    c.limits.pool.members = [size, addresses](uint32_t, AddressId pool) {
      std::vector<AddressId> members;
      for (uint64_t i = pool.number; i < std::min(pool.number + size, addresses); ++i) {
        members.push_back({i});
      }
      return members;
    };
  }
  c.limits.flows = false;
  c.limits.patterns = false;
  c.limits.stop_at = [services = c.services](uint32_t, AddressId owner) -> absl::StatusOr<bool> {
    return services.contains(owner);
  };
  c.options.category = [](uint32_t, AddressId owner) -> absl::StatusOr<std::string> {
    return CategoryOf(owner);
  };
  c.options.groups = {
      {"some", [group = c.group](uint32_t, AddressId owner) -> absl::StatusOr<bool> {
         return group.contains(owner);
       }}};
  return c;
}

absl::StatusOr<BoundsResult> Compute(const LedgerView& view, const std::vector<Seed>& seeds,
                                     const Case& c) {
  const LedgerView* const views[] = {&view};
  return c.back ? ComputeBoundsBack(views, seeds, c.limits, c.options)
                : ComputeBounds(views, seeds, c.limits, c.options);
}

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

// Every account there is of where the units went, each unit of a movement's free to go to any of
// its takers: the least and the most that any of them ends anywhere.
class AllAccounts {
 public:
  AllAccounts(const std::vector<Movement>& movements, const std::vector<plain::Seed>& seeds,
              const Case& c)
      : movements_(movements), seeds_(seeds), case_(c) {
    for (const Movement& movement : movements) {
      for (const Give& give : movement.gives) {
        if (give.kind == GiveKind::kHolding) spent_.insert(give.holding);
      }
    }
  }

  // False if they are too many to go through.
  bool Run() {
    Account start;
    for (const plain::Seed& seed : seeds_) {
      start.limits.push_back(static_cast<int>(seed.limit.value_or(1'000'000)));
    }
    accounts_ = {start};
    for (const Movement& movement : movements_) {
      std::set<Account> before;
      before.swap(accounts_);
      for (const Account& account : before) {
        Move(movement, account);
        if (accounts_.size() > 3'000) return false;
      }
      for (const Give& give : movement.gives) {
        if (IsPooled(give.kind == GiveKind::kHolding, give.owner)) {
          balances_[PoolOf(give.owner)] -= static_cast<int>(give.amount);
        }
      }
      for (const Take& take : movement.takes) {
        if (IsPooled(take.kind == TakerKind::kHolding, take.owner)) {
          balances_[PoolOf(take.owner)] += static_cast<int>(take.amount);
        }
      }
    }
    std::set<Account> before;
    before.swap(accounts_);
    for (Account account : before) {
      for (const auto& [pool, resting] : account.pools) End("unspent", resting, &account);
      account.pools.clear();
      accounts_.insert(std::move(account));
    }
    return true;
  }

  std::pair<int, int> LeastAndMost(const std::string& name) const {
    std::pair<int, int> range = {std::numeric_limits<int>::max(), -1};
    for (const Account& account : accounts_) {
      const auto it = account.ended.find(name);
      const int units = it == account.ended.end() ? 0 : it->second;
      range = {std::min(range.first, units), std::max(range.second, units)};
    }
    return range;
  }
  std::set<std::string> Names() const {
    std::set<std::string> names;
    for (const Account& account : accounts_) {
      for (const auto& [name, units] : account.ended) names.insert(name);
    }
    return names;
  }
  size_t size() const { return accounts_.size(); }

 private:
  struct Resting {
    int tainted = 0;
    uint32_t hops = 0;
    auto operator<=>(const Resting&) const = default;
  };
  struct Account {
    std::map<Holding, Resting> resting;
    std::map<AddressId, Resting> pools;
    std::vector<int> limits;
    std::map<std::string, int> ended;
    auto operator<=>(const Account&) const = default;
  };

  bool IsPooled(bool holding, AddressId owner) const {
    return holding && case_.limits.pool.of != nullptr && !owner.IsNobody();
  }
  AddressId PoolOf(AddressId owner) const { return *case_.limits.pool.of(0, owner); }

  static void End(const std::string& kind, const Resting& resting, Account* account) {
    account->ended[kind] += resting.tainted;
    account->ended["stolen"] += resting.tainted;
  }

  void Move(const Movement& movement, Account account) {
    int tainted = 0;
    uint32_t hops = std::numeric_limits<uint32_t>::max();
    std::map<AddressId, int> payments;
    for (const Give& give : movement.gives) {
      if (IsPooled(give.kind == GiveKind::kHolding, give.owner)) {
        payments[PoolOf(give.owner)] += static_cast<int>(give.amount);
        continue;
      }
      const auto it = account.resting.find(give.holding);
      if (give.kind != GiveKind::kHolding || it == account.resting.end()) continue;
      tainted += it->second.tainted;
      hops = std::min(hops, it->second.hops);
      account.resting.erase(it);
    }
    Pay(movement, payments, tainted, hops, account);
  }

  // Has the first of `payments`, and then the others, made in all ways.
  void Pay(const Movement& movement, std::map<AddressId, int> payments, int tainted, uint32_t hops,
           const Account& account) {
    if (payments.empty()) return Share(movement, tainted, hops, {}, account);
    const auto [pool, amount] = *payments.begin();
    payments.erase(payments.begin());
    const auto it = account.pools.find(pool);
    if (it == account.pools.end()) return Pay(movement, payments, tainted, hops, account);
    const Resting held = it->second;
    std::string stop;
    if (held.tainted < case_.limits.min_taint) stop = "below-least";
    if (held.hops >= case_.limits.max_hops.value_or(1'000'000)) stop = "hop-limit";
    Account after = account;
    after.pools.erase(pool);
    if (!stop.empty()) {
      End(stop, held, &after);
      return Pay(movement, payments, tainted, hops, after);
    }
    const int kept = balances_[pool] - amount;
    for (int units = std::max(0, held.tainted - kept); units <= std::min(held.tainted, amount);
         ++units) {
      after.pools.erase(pool);
      if (units < held.tainted) after.pools[pool] = {held.tainted - units, held.hops};
      Pay(movement, payments, tainted + units, units > 0 ? std::min(hops, held.hops) : hops, after);
    }
  }

  // Gives the takers from `shares.size()` on what is left in all ways.
  void Share(const Movement& movement, int left, uint32_t hops, std::vector<int> shares,
             const Account& account) {
    const size_t i = shares.size();
    if (i == movement.takes.size()) {
      if (left == 0) Mark(movement, hops, shares, account);
      return;
    }
    int room = 0;
    for (size_t j = i + 1; j < movement.takes.size(); ++j) {
      room += static_cast<int>(movement.takes[j].amount);
    }
    const int most = std::min(left, static_cast<int>(movement.takes[i].amount));
    shares.push_back(0);
    for (int units = std::max(0, left - room); units <= most; ++units) {
      shares[i] = units;
      Share(movement, left - units, hops, shares, account);
    }
  }

  void Mark(const Movement& movement, uint32_t hops, const std::vector<int>& shares,
            Account account) {
    std::vector<Resting> resting;
    for (const int units : shares) {
      resting.push_back({units, hops == std::numeric_limits<uint32_t>::max() ? 0 : hops + 1});
    }
    for (size_t s = 0; s < seeds_.size(); ++s) {
      for (const auto& [position, i] : seeds_[s].credits) {
        if (position != movement.position.number) continue;
        const int units = std::min(account.limits[s],
                                   static_cast<int>(movement.takes[i].amount) - resting[i].tainted);
        if (units == 0) continue;
        account.limits[s] -= units;
        resting[i] = {resting[i].tainted + units, 0};
      }
    }
    for (size_t i = 0; i < resting.size(); ++i) {
      if (resting[i].tainted > 0) Settle(movement.takes[i], resting[i], &account);
    }
    accounts_.insert(std::move(account));
  }

  void Settle(const Take& take, const Resting& resting, Account* account) const {
    std::string kind = "unspent";
    if (take.kind == TakerKind::kFee) kind = "fee";
    if (take.kind == TakerKind::kBurned) kind = "burned";
    const bool pooled = IsPooled(take.kind == TakerKind::kHolding, take.owner);
    if (pooled) {
      kind = "";
    } else if (kind == "unspent" && spent_.contains(take.holding)) {
      kind = "";
      if (resting.tainted < case_.limits.min_taint) kind = "below-least";
      if (resting.hops >= case_.limits.max_hops.value_or(1'000'000)) kind = "hop-limit";
    }
    if (take.kind == TakerKind::kHolding && resting.hops > 0 &&
        case_.services.contains(take.owner)) {
      kind = "service";
      if (!CategoryOf(take.owner).empty()) {
        account->ended[absl::StrCat(kind, "/", CategoryOf(take.owner))] += resting.tainted;
      }
    }
    if (!kind.empty()) {
      End(kind, resting, account);
    } else if (pooled) {
      const auto [it, added] = account->pools.try_emplace(PoolOf(take.owner), resting);
      if (added) return;
      it->second.tainted += resting.tainted;
      it->second.hops = std::min(it->second.hops, resting.hops);
    } else {
      account->resting[take.holding] = resting;
    }
  }

  const std::vector<Movement>& movements_;
  const std::vector<plain::Seed>& seeds_;
  const Case& case_;
  std::set<Holding> spent_;
  std::map<AddressId, int> balances_;  // of pools, before the movement at hand
  std::set<Account> accounts_;
};

// Small ledgers in which money often comes back to where a seed marks it again.
TEST(Bounds, AreAttained) {
  std::mt19937_64 rng(/*seed=*/20240703);
  RandomLedgerOptions ledger_options;
  ledger_options.wide = false;
  std::map<BoundTightness, int> tightness;
  int apart = 0;
  int returns = 0;
  size_t accounts = 0;
  for (int round = 0; round < 6'000 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    ledger_options.blocks = 2 + static_cast<int>(rng() % 4);
    ledger_options.most_transactions = 2 + static_cast<int>(rng() % 5);
    ledger_options.most_minted = 1 + rng() % 8;
    const RandomLedger ledger = MakeRandomLedger(rng(), ledger_options);
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    const Theft theft = ThiefOf(ledger, rng()).Steal();
    const auto seeds = FindSeeds(views, theft.requests);
    ASSERT_TRUE(seeds.ok()) << seeds.status();
    Case c = RandomCase(rng, ledger);
    c.back = false;
    c.options.groups.clear();
    c.limits.since.reset();
    c.limits.until.reset();
    c.limits.fees = FeeRule::kEnd;
    c.limits.min_taint = c.limits.min_taint % 4;
    const std::vector<Movement> movements = MovementsOf(ledger);
    AllAccounts all(movements, theft.seeds, c);
    if (!all.Run()) continue;
    accounts += all.size();
    const auto bounds = Compute(memory, *seeds, c);
    ASSERT_TRUE(bounds.ok()) << bounds.status();
    std::set<std::string> names;
    for (const Bound& bound : bounds->bounds) {
      SCOPED_TRACE(NameOf(bound));
      names.insert(NameOf(bound));
      const auto [least, most] = all.LeastAndMost(NameOf(bound));
      const auto [stolen_least, stolen] = all.LeastAndMost("stolen");
      ++tightness[bound.tightness];
      apart += least < most ? 1 : 0;
      returns += stolen_least < stolen ? 1 : 0;
      if (bound.tightness == BoundTightness::kAttained) {
        EXPECT_EQ(bound.lower, least);
        EXPECT_EQ(bound.upper, most);
        EXPECT_EQ(bound.stolen_least, stolen_least);
        EXPECT_EQ(bound.stolen, stolen);
      } else {
        EXPECT_LE(bound.lower, least);
        EXPECT_GE(bound.upper, most);
        EXPECT_LE(bound.stolen_least, stolen_least);
        EXPECT_GE(bound.stolen, stolen);
      }
    }
    for (const std::string& name : all.Names()) {
      EXPECT_TRUE(name == "stolen" || names.contains(name)) << name;
    }
  }
  EXPECT_GT(tightness[BoundTightness::kAttained], 4'000);
  EXPECT_GT(tightness[BoundTightness::kLoose], 500);
  EXPECT_GT(apart, 2'000);
  EXPECT_GT(returns, 200);
  EXPECT_GT(accounts, 10'000u);
}

}  // namespace
}  // namespace spoor
