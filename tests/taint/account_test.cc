#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "spoor/taint/bounds.h"
#include "spoor/taint/follow.h"
#include "tests/support/random_account_ledger.h"
#include "tests/taint/contradictory.h"
#include "tests/taint/plain_account_model.h"

namespace spoor {
namespace {

using plain::Number;

// A random account ledger, as the library and as the plain model have it.
struct World {
  RandomLedger ledger;
  std::unique_ptr<MemoryLedger> view;
  std::vector<plain::Transfer> transfers;  // by position
  std::vector<Txid> txids;
  std::vector<uint32_t> indexes;
  std::vector<int64_t> times;
  plain::AccountOptions options;  // the issuers
};

std::optional<uint64_t> AccountOf(AddressId owner) {
  return owner.IsNobody() ? std::nullopt : std::optional(owner.number);
}

World MakeWorld(uint64_t seed, RandomAccountLedgerOptions options) {
  World world;
  world.ledger = MakeRandomAccountLedger(seed, options);
  world.view = std::make_unique<MemoryLedger>(world.ledger.chain);
  const absl::Status status = AppendAll(world.ledger.blocks, world.view.get());
  EXPECT_TRUE(status.ok()) << status;
  std::map<std::string, uint64_t> accounts;
  std::vector<std::string> assets = {""};
  uint64_t transaction = 0;
  const Movement* before = nullptr;
  for (const NewBlock& block : world.ledger.blocks) {
    for (const std::string& key : block.new_addresses) accounts.emplace(key, accounts.size());
    for (const AssetInfo& asset : block.new_assets) assets.push_back(asset.key);
    for (const Movement& m : block.movements) {
      const bool same =
          before != nullptr && before->txid == m.txid && before->height == m.height &&
          m.kind == MovementKind::kTransfer &&
          (before->kind == MovementKind::kFee ? m.index == 0 : m.index == before->index + 1);
      transaction += same ? 0 : 1;
      before = &m;
      plain::Transfer& t = world.transfers.emplace_back();
      t.transaction = transaction;
      t.height = m.height;
      t.asset = m.asset;
      if (!m.gives.empty()) t.from = AccountOf(m.gives[0].owner);
      for (const Take& take : m.takes) t.amount += Number(take.amount);
      if (m.kind == MovementKind::kFee) {
        t.kind = plain::Transfer::kFee;
        if (m.takes[0].kind == TakerKind::kBurned) t.burned = Number(m.takes[0].amount);
      } else {
        t.kind =
            m.kind == MovementKind::kReward ? plain::Transfer::kReward : plain::Transfer::kTransfer;
        t.to = AccountOf(m.takes[0].owner);
      }
      world.txids.push_back(m.txid);
      world.indexes.push_back(m.index);
      world.times.push_back(block.time);
    }
  }
  for (uint32_t i = 1; i < assets.size(); ++i) {
    const auto it = accounts.find(assets[i]);
    if (it != accounts.end()) world.options.issuers[i] = it->second;
  }
  return world;
}

// A request in the words of both.
struct Theft {
  std::vector<SeedRequest> requests;
  std::vector<plain::AccountSeed> seeds;
  std::vector<std::string> sources;
};

int SourceOf(const std::string& name, Theft* theft) {
  const auto it = std::find(theft->sources.begin(), theft->sources.end(), name);
  const auto index = static_cast<int>(it - theft->sources.begin());
  if (it == theft->sources.end()) theft->sources.push_back(name);
  return index + 1;
}

// The transfers that `text`, which is made up too, means; may be none.
std::set<uint64_t> SomeCredits(const World& world, std::mt19937_64& rng, std::string* text,
                               std::map<uint32_t, Number>* openings) {
  std::set<uint64_t> credits;
  const uint64_t n = rng() % world.transfers.size();
  const plain::Transfer& t = world.transfers[n];
  if (t.kind == plain::Transfer::kFee) return credits;
  const std::optional<uint64_t> account = rng() % 2 == 0 ? t.to : t.from;
  if (rng() % 2 == 0 && account.has_value()) {
    *text = *AccountText(*world.view->ReadAddress(AddressId{*account}));
    for (uint64_t i = 0; i < world.transfers.size(); ++i) {
      if (world.transfers[i].to == account && world.transfers[i].amount > 0) credits.insert(i);
    }
    EXPECT_TRUE(world.view
                    ->ScanBalances(AddressId{*account},
                                   [&](const BalanceInfo& balance) {
                                     if (balance.opening != 0) {
                                       (*openings)[balance.holding.minor] = Number(balance.opening);
                                     }
                                     return absl::OkStatus();
                                   })
                    .ok());
    return credits;
  }
  *text = ToText(world.txids[n], HashText::kPrefixed);
  if (rng() % 3 == 0) {
    for (uint64_t i = 0; i < world.transfers.size(); ++i) {
      if (world.txids[i] == world.txids[n] && world.transfers[i].kind != plain::Transfer::kFee &&
          world.transfers[i].amount > 0) {
        credits.insert(i);
      }
    }
    return credits;
  }
  absl::StrAppend(text, ":", world.indexes[n]);
  return {n};
}

Theft Steal(const World& world, std::mt19937_64& rng) {
  Theft theft;
  for (uint64_t wanted = 1 + rng() % 3, tries = 0; wanted > 0 && tries < 100; ++tries) {
    SeedRequest request;
    std::map<uint32_t, Number> openings;
    const std::set<uint64_t> credits = SomeCredits(world, rng, &request.seed, &openings);
    if (credits.empty() && openings.empty()) continue;
    --wanted;
    request.source = std::string(1, static_cast<char>('a' + rng() % 3));
    plain::AccountSeed seed{SourceOf(request.source, &theft), credits, {}, {}};
    std::set<uint32_t> assets;
    Number amount = 0;
    for (const auto& [asset, units] : openings) {
      const auto key = *AddressKeyFromText(world.ledger.chain, request.seed);
      seed.openings.insert({(*world.view->FindAddress(key))->number, asset});
      assets.insert(asset);
      amount += units;
    }
    for (const uint64_t n : credits) {
      assets.insert(world.transfers[n].asset);
      amount += world.transfers[n].amount;
    }
    if (assets.size() == 1 && rng() % 3 == 0) {
      seed.limit = Number(rng()) % (amount + amount / 4 + 2);
      request.limit = static_cast<Units>(*seed.limit);
    }
    theft.requests.push_back(std::move(request));
    theft.seeds.push_back(std::move(seed));
  }
  return theft;
}

// A library's result in the words of the plain model.
plain::AccountResult Plainly(const PolicyResult& result) {
  plain::AccountResult plain;
  for (const Stolen& stolen : result.stolen) {
    plain.stolen[{static_cast<int>(stolen.source), stolen.asset}] = Number(stolen.units);
  }
  for (const Endpoint& end : result.endpoints) {
    plain::AccountEnd& e = plain.ends.emplace_back();
    e.kind = std::string(EndpointKindName(end.kind));
    e.owner = AccountOf(end.owner);
    e.asset = end.asset;
    e.last = end.position.number;
    e.first_height = end.first_height;
    e.amount = Number(end.amount);
    e.tainted = Number(end.tainted);
    for (const OfOrigin& part : end.origins) {
      e.origins[{static_cast<int>(part.source), part.asset}] = {Number(part.tainted),
                                                                Number(part.stolen)};
    }
    e.hops = end.hops;
  }
  const auto name = [](AddressId id) -> std::string {
    if (id == Flow::kToFees) return "fees";
    if (id == Flow::kToBurned) return "burned";
    if (id == Flow::kFromMinted) return "minted";
    return absl::StrCat("a", id.number);
  };
  for (const Flow& flow : result.flows) {
    plain.flows[absl::StrCat(name(flow.from), ">", name(flow.to), "/", flow.asset)] =
        Number(flow.tainted);
  }
  plain.movements = result.movements;
  plain.openings = result.opening_balances;
  plain.conversions = result.conversions.size();
  return plain;
}

// Every stolen unit is at an endpoint, source by source and asset by asset, in the units in which
// it was stolen; and as many as the endpoint says.
void ExpectConserved(const PolicyResult& result) {
  std::map<std::pair<SourceId, AssetId>, Number> left;
  std::map<SourceId, Number> by_source;
  for (const Stolen& stolen : result.stolen) {
    left[{stolen.source, stolen.asset}] += Number(stolen.units);
    by_source[stolen.source] += Number(stolen.units);
  }
  for (const Endpoint& end : result.endpoints) {
    Number tainted = 0;
    Number stolen = 0;
    for (const OfOrigin& part : end.origins) {
      left[{part.source, part.asset}] -= Number(part.stolen);
      tainted += Number(part.tainted);
      stolen += Number(part.stolen);
    }
    for (const auto& [source, units] : end.by_source) by_source[source] -= Number(units);
    EXPECT_EQ(Number(end.tainted), tainted);
    EXPECT_EQ(Number(end.stolen), stolen);
    EXPECT_LE(end.tainted, end.amount);
  }
  for (const auto& [origin, units] : left) EXPECT_EQ(units, 0);
  for (const auto& [source, units] : by_source) EXPECT_EQ(units, 0);
}

struct Question {
  FollowOptions options;
  plain::AccountOptions plain;
  bool back = false;
};

// How many movements gave from, or added to, each balance.
std::map<std::pair<uint64_t, uint32_t>, uint64_t> TouchesOfBalances(const World& world) {
  std::map<std::pair<uint64_t, uint32_t>, uint64_t> movements;
  for (const plain::Transfer& t : world.transfers) {
    std::set<uint64_t> touched;
    if (t.from.has_value()) touched.insert(*t.from);
    if (t.to.has_value()) touched.insert(*t.to);
    for (const uint64_t account : touched) ++movements[{account, t.asset}];
  }
  return movements;
}

// Limits, as both understand them.
Question SomeQuestion(const World& world, std::mt19937_64& rng) {
  Question question;
  question.plain = world.options;
  question.options.policies.clear();
  for (const absl::string_view name : PolicyNames()) {
    question.options.policies.emplace_back(name);
  }
  question.options.reading = static_cast<ReadRule>(rng() % 3);
  if (rng() % 3 == 0) {
    question.options.max_hops = static_cast<uint32_t>(rng() % 6);
    question.plain.max_hops = question.options.max_hops;
  }
  if (rng() % 4 == 0) {
    question.options.min_taint = rng() % 60;
    question.plain.min_taint = Number(question.options.min_taint);
  }
  if (rng() % 2 == 0) {
    std::set<uint64_t> services;
    for (int i = 0; i < 2; ++i) services.insert(rng() % 8);
    question.plain.services = services;
    question.options.stop_at = [services](uint32_t, AddressId owner) {
      return services.contains(owner.number);
    };
  }
  if (rng() % 3 == 0) {
    // Services by their size, but for those of whom something is known.
    const uint64_t degree = 1 + rng() % 12;
    const uint64_t known = rng() % 8;
    question.options.service_degree = degree;
    if (rng() % 2 == 0) {
      question.options.is_known = [known](uint32_t, AddressId owner) {
        return owner.number == known;
      };
    }
    for (const auto& [balance, movements] : TouchesOfBalances(world)) {
      if (movements <= degree) continue;
      if (question.options.is_known != nullptr && balance.first == known) continue;
      question.plain.busy.insert(balance);
    }
  }
  if (rng() % 4 == 0) {
    const int64_t since = world.times[rng() % world.times.size()];
    const int64_t until = since + static_cast<int64_t>(rng() % 200);
    question.options.since = since;
    question.options.until = until;
    for (uint64_t n = 0; n < world.times.size(); ++n) {
      if (world.times[n] < since || world.times[n] > until) question.plain.not_followed.insert(n);
    }
  }
  return question;
}

absl::StatusOr<TraceResult> Trace(const World& world, const Theft& theft,
                                  const Question& question) {
  const LedgerView* const views[] = {world.view.get()};
  auto seeds = FindSeeds(views, theft.requests);
  if (!seeds.ok()) return seeds.status();
  for (size_t i = 0; i < seeds->size(); ++i) {
    std::set<uint64_t> found;
    size_t openings = 0;
    for (const Credit& credit : (*seeds)[i].credits) {
      if (credit.opening) {
        ++openings;
      } else {
        found.insert(credit.position.number);
      }
    }
    EXPECT_EQ(openings, theft.seeds[i].openings.size());
    EXPECT_EQ(found, theft.seeds[i].transfers) << theft.requests[i].seed;
  }
  return question.back ? FollowBack(views, *seeds, question.options)
                       : Follow(views, *seeds, question.options);
}

RandomAccountLedgerOptions SmallOptions(std::mt19937_64& rng) {
  RandomAccountLedgerOptions options;
  options.blocks = 3 + static_cast<int>(rng() % 8);
  options.most_transactions = 2 + static_cast<int>(rng() % 5);
  options.overdrafts = rng() % 3 == 0 ? 0 : 8;
  options.exchanges = static_cast<int>(rng() % 4);
  options.assets = static_cast<int>(rng() % 5);
  options.most_units = 10 + rng() % 200;
  options.odd = false;
  return options;
}

void ExpectAsPlain(bool back, uint64_t first, uint64_t count) {
  uint64_t movements = 0;
  uint64_t conversions = 0;
  uint64_t by_size = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE(absl::StrCat("ledger ", seed));
    std::mt19937_64 rng(seed);
    const World world = MakeWorld(rng(), SmallOptions(rng));
    if (world.transfers.empty()) continue;
    const Theft theft = Steal(world, rng);
    if (theft.requests.empty()) continue;
    Question question = SomeQuestion(world, rng);
    question.back = back;
    question.options.threads = 1 + seed % 3;
    const auto result = Trace(world, theft, question);
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->sources, theft.sources);
    const std::map<std::pair<uint64_t, uint32_t>, uint64_t> touches = TouchesOfBalances(world);
    for (const PolicyResult& policy : result->policies) {
      SCOPED_TRACE(policy.policy);
      for (const Endpoint& end : policy.endpoints) {
        if (end.by_size == 0) continue;
        ++by_size;
        EXPECT_EQ(end.kind, EndpointKind::kService);
        EXPECT_GT(end.by_size, question.options.service_degree);
        EXPECT_EQ(end.by_size, touches.at({end.owner.number, end.asset}));
      }
      const plain::AccountResult want =
          back ? plain::BackAccounts(policy.policy, world.transfers, theft.seeds, question.plain)
               : plain::FollowAccounts(policy.policy, world.transfers, theft.seeds, question.plain);
      ASSERT_EQ(Plainly(policy).ToString(), want.ToString());
      if (policy.conserving) ExpectConserved(policy);
      movements += policy.movements;
      conversions += policy.conversions.size();
    }
  }
  // It was not all about nothing.
  EXPECT_GT(movements, count);
  EXPECT_GT(conversions, count / 10);
  EXPECT_GT(by_size, count / 10);
}

TEST(Accounts, EveryPolicyIsThePlainModels) { ExpectAsPlain(/*back=*/false, 1, 10'000); }

TEST(Accounts, EveryPolicyGoesBackAsThePlainModelDoes) { ExpectAsPlain(/*back=*/true, 1, 2'000); }

// What a policy says of a bound's question, in units of the asset as which they were stolen.
Units FigureOf(const PolicyResult& policy, const Bound& bound, const std::set<uint64_t>& odd) {
  Units sum = 0;
  for (const Endpoint& end : policy.endpoints) {
    if (end.kind != bound.kind) continue;
    if (bound.category == "odd" && !odd.contains(end.owner.number)) continue;
    for (const OfOrigin& part : end.origins) {
      if (part.asset == bound.asset) sum += part.stolen;
    }
  }
  return sum;
}

void ExpectWithinTheBounds(bool back, uint64_t first, uint64_t count) {
  int asked = 0;
  int telling = 0;
  int attained = 0;
  for (uint64_t seed = first; seed < first + count; ++seed) {
    SCOPED_TRACE(absl::StrCat("ledger ", seed));
    std::mt19937_64 rng(seed);
    RandomAccountLedgerOptions small = SmallOptions(rng);
    if (rng() % 2 == 0) small.exchanges = 0;
    const World world = MakeWorld(rng(), small);
    if (world.transfers.empty()) continue;
    const Theft theft = Steal(world, rng);
    if (theft.requests.empty()) continue;
    Question question = SomeQuestion(world, rng);
    question.back = back;
    const auto result = Trace(world, theft, question);
    ASSERT_TRUE(result.ok()) << result.status();
    const LedgerView* const views[] = {world.view.get()};
    const auto seeds = FindSeeds(views, theft.requests);
    ASSERT_TRUE(seeds.ok());
    std::set<uint64_t> odd;
    for (const uint64_t service : question.plain.services) {
      if (service % 2 == 1) odd.insert(service);
    }
    BoundsOptions options;
    options.category = [&](uint32_t, AddressId owner) {
      return std::string(odd.contains(owner.number) ? "odd" : "");
    };
    const auto bounds = back ? ComputeBoundsBack(views, *seeds, question.options, options)
                             : ComputeBounds(views, *seeds, question.options, options);
    ASSERT_TRUE(bounds.ok()) << bounds.status();
    std::set<std::pair<EndpointKind, AssetId>> kinds;
    for (const Bound& bound : bounds->bounds) {
      kinds.insert({*bound.kind, bound.asset});
      EXPECT_LE(bound.lower, bound.upper);
      EXPECT_LE(bound.upper, bound.stolen);
      EXPECT_LE(bound.stolen_least, bound.stolen);
      for (const PolicyResult& policy : result->policies) {
        if (!policy.conserving) continue;
        SCOPED_TRACE(absl::StrCat(policy.policy, " ", EndpointKindName(*bound.kind), " ",
                                  bound.category, " of asset ", bound.asset));
        const Units figure = FigureOf(policy, bound, odd);
        EXPECT_LE(bound.lower, figure);
        EXPECT_LE(figure, bound.upper);
        Units stolen = 0;
        for (const Stolen& s : policy.stolen) stolen += s.asset == bound.asset ? s.units : Units(0);
        EXPECT_LE(bound.stolen_least, stolen);
        EXPECT_LE(stolen, bound.stolen);
        ++asked;
        telling += bound.lower > 0 || bound.upper < bound.stolen ? 1 : 0;
        attained += bound.tightness == BoundTightness::kAttained ? 1 : 0;
      }
    }
    // No end of a policy goes without a bound, unless something can have been converted.
    for (const PolicyResult& policy : result->policies) {
      if (!policy.conserving) continue;
      for (const Endpoint& end : policy.endpoints) {
        for (const OfOrigin& part : end.origins) {
          EXPECT_TRUE(kinds.contains({end.kind, part.asset}) || bounds->conversions);
        }
      }
    }
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_GT(asked, 10'000);
  EXPECT_GT(telling, asked / 2);
  EXPECT_GT(attained, asked / 10);
}

TEST(Accounts, EveryConservingPolicyLiesWithinTheBounds) {
  ExpectWithinTheBounds(/*back=*/false, 20'000, 3'000);
}

TEST(Accounts, EveryConservingPolicyGoesBackWithinTheBounds) {
  ExpectWithinTheBounds(/*back=*/true, 30'000, 3'000);
}

// Ways as places one after another, and how many units took each.
using Ways = std::map<std::string, Number>;

std::string PlaceText(uint64_t position, bool at_output, uint32_t output) {
  return at_output ? absl::StrCat(position, ":", output) : absl::StrCat(position);
}

// Every unit of the ledger on its way, as `policy` moves it: whatever `begins` in the hands of who
// receives it by the movement at a position is given a way there. `came` hears of each unit that
// comes to somebody, with its way.
Ways MoveEveryUnit(const World& world, const std::string& policy,
                   const std::function<bool(const Movement&)>& begins,
                   const std::function<void(uint64_t position, const std::string& way)>& came) {
  using List = std::vector<std::string>;
  Ways ended;
  std::map<Holding, List> balances;
  const absl::Status status =
      world.view->ScanMovements({0}, [&](const Movement& movement) -> absl::Status {
        List all;
        if (movement.gives.empty()) {
          all.resize(static_cast<size_t>(movement.takes[0].amount));
        } else {
          all = std::move(balances[movement.gives[0].holding]);
          balances[movement.gives[0].holding].clear();
          EXPECT_EQ(movement.gives[0].amount, all.size());
        }
        const bool transfer = movement.kind == MovementKind::kTransfer;
        const uint64_t position = movement.position.number;
        const std::string place = PlaceText(position, transfer, transfer ? movement.index : 0);
        size_t taken = 0;
        for (size_t i = 0; i < movement.takes.size(); ++i) {
          const Take& take = movement.takes[i];
          const auto amount = static_cast<size_t>(take.amount);
          const size_t from = policy == "fifo" ? taken : all.size() - taken - amount;
          List units(all.begin() + static_cast<ptrdiff_t>(from),
                     all.begin() + static_cast<ptrdiff_t>(from + amount));
          taken += amount;
          const bool change = movement.IsChange(static_cast<uint32_t>(i));
          for (std::string& way : units) {
            if (change) continue;
            if (begins(movement)) way.clear();
            if (begins(movement) || !way.empty()) absl::StrAppend(&way, " ", place);
            came(position, way);
            if (take.kind != TakerKind::kHolding && !way.empty()) ended[way] += 1;
          }
          if (take.kind != TakerKind::kHolding) continue;
          List& balance = balances[take.holding];
          balance.insert(balance.end(), units.begin(), units.end());
        }
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  for (const auto& [holding, units] : balances) {
    for (const std::string& way : units) {
      if (!way.empty()) ended[way] += 1;
    }
  }
  return ended;
}

Ways WaysOf(const PolicyResult& policy) {
  Ways ways;
  for (const Endpoint& end : policy.endpoints) {
    for (const Path& path : end.paths) {
      std::string way;
      for (const Path::Place& p : path.places) {
        absl::StrAppend(&way, " ", PlaceText(p.position.number, p.at_output, p.output));
      }
      ways[way] += Number(path.tainted);
    }
  }
  return ways;
}

TEST(AccountPaths, AreTheWaysOfTheVeryUnits) {
  std::mt19937_64 rng(/*seed=*/20241130);
  size_t long_ways = 0;
  for (int round = 0; round < 1'500 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RandomAccountLedgerOptions ledger_options = SmallOptions(rng);
    ledger_options.overdrafts = 0;
    ledger_options.exchanges = 0;
    ledger_options.blocks = 20;
    ledger_options.assets = 0;
    const World world = MakeWorld(rng(), ledger_options);
    if (world.transfers.empty()) continue;
    const uint64_t n = rng() % world.transfers.size();
    if (world.transfers[n].kind != plain::Transfer::kTransfer || world.transfers[n].amount == 0) {
      continue;
    }
    SeedRequest request;
    request.source = "x";
    request.seed = absl::StrCat(ToText(world.txids[n], HashText::kPrefixed), ":", world.indexes[n]);
    const LedgerView* const views[] = {world.view.get()};
    const auto seeds = FindSeeds(views, {request});
    ASSERT_TRUE(seeds.ok()) << seeds.status();
    FollowOptions options;
    options.policies = {"fifo", "lifo"};
    options.paths = 1'000'000;
    const auto forward = Follow(views, *seeds, options);
    ASSERT_TRUE(forward.ok()) << forward.status();
    for (const PolicyResult& policy : forward->policies) {
      SCOPED_TRACE(policy.policy);
      const Ways ways = WaysOf(policy);
      for (const auto& [way, units] : ways)
        long_ways += std::count(way.begin(), way.end(), ' ') > 2;
      EXPECT_EQ(ways, MoveEveryUnit(
                          world, policy.policy,
                          [&](const Movement& movement) { return movement.position.number == n; },
                          [](uint64_t, const std::string&) {}));
    }
    const auto back = FollowBack(views, *seeds, options);
    ASSERT_TRUE(back.ok()) << back.status();
    for (const PolicyResult& policy : back->policies) {
      SCOPED_TRACE(policy.policy);
      Ways led;
      MoveEveryUnit(
          world, policy.policy, [](const Movement& movement) { return movement.gives.empty(); },
          [&](uint64_t position, const std::string& way) {
            if (position != n) return;
            std::vector<std::string> places = absl::StrSplit(way, ' ', absl::SkipEmpty());
            std::reverse(places.begin(), places.end());
            led[absl::StrCat(" ", absl::StrJoin(places, " "))] += 1;
          });
      EXPECT_EQ(WaysOf(policy), led);
    }
  }
  EXPECT_GT(long_ways, 200u);
}

// Through exchanges too, whatever the limits: the paths to an endpoint add up to what is there,
// source by source.
TEST(AccountPaths, AddUp) {
  std::mt19937_64 rng(/*seed=*/20241201);
  size_t paths = 0;
  size_t converted = 0;
  for (int round = 0; round < 3'000 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RandomAccountLedgerOptions ledger_options = SmallOptions(rng);
    if (rng() % 2 == 0) ledger_options.exchanges = 3;
    const World world = MakeWorld(rng(), ledger_options);
    if (world.transfers.empty()) continue;
    const Theft theft = Steal(world, rng);
    if (theft.requests.empty()) continue;
    Question question = SomeQuestion(world, rng);
    question.options.policies = {"fifo", "lifo", "tiho", "libr"};
    question.back = rng() % 2 == 0;
    const auto plain = Trace(world, theft, question);
    ASSERT_TRUE(plain.ok()) << plain.status();
    question.options.paths = 1'000'000;
    const auto result = Trace(world, theft, question);
    ASSERT_TRUE(result.ok()) << result.status();
    for (size_t i = 0; i < result->policies.size(); ++i) {
      const PolicyResult& policy = result->policies[i];
      SCOPED_TRACE(policy.policy);
      // To tell paths changes nothing else.
      EXPECT_EQ(Plainly(policy).ToString(), Plainly(plain->policies[i]).ToString());
      converted += policy.conversions.size();
      for (const Endpoint& end : policy.endpoints) {
        std::map<SourceId, Units> came;
        for (const Path& path : end.paths) {
          came[path.source] += path.tainted;
          ++paths;
          ASSERT_FALSE(path.places.empty());
        }
        std::map<SourceId, Units> there;
        for (const OfOrigin& part : end.origins) {
          if (part.tainted > 0) there[part.source] += part.tainted;
        }
        EXPECT_EQ(came, there);
      }
    }
    question.back = false;
    question.options.policies = {"fifo", "haircut"};
    EXPECT_EQ(Trace(world, theft, question).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_GT(paths, 5'000u);
  EXPECT_GT(converted, 500u);
}

TEST(Accounts, OfALedgerThatContradictsItselfAreAnError) {
  std::mt19937_64 rng(/*seed=*/20241203);
  std::map<bool, size_t> found;
  for (int round = 0; round < 2'000; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const World world = MakeWorld(rng(), SmallOptions(rng));
    if (world.transfers.empty()) continue;
    const Theft theft = Steal(world, rng);
    Contradictory ledger(world.ledger.chain, rng());
    ASSERT_TRUE(AppendAll(world.ledger.blocks, &ledger).ok());
    const LedgerView* const honest[] = {world.view.get()};
    const auto seeds = FindSeeds(honest, theft.requests);
    if (!seeds.ok()) continue;
    const LedgerView* const views[] = {&ledger};
    FollowOptions options;
    options.policies.clear();
    for (const absl::string_view name : PolicyNames()) options.policies.emplace_back(name);
    for (const absl::Status& status :
         {Follow(views, *seeds, options).status(), FollowBack(views, *seeds, options).status()}) {
      ++found[status.ok()];
      EXPECT_TRUE(status.ok() || absl::IsDataLoss(status)) << status;
    }
  }
  EXPECT_GT(found[false], 100u);
  EXPECT_GT(found[true], 100u);
}

}  // namespace
}  // namespace spoor
