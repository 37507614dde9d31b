#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"
#include "tests/taint/bounds_case.h"
#include "tests/taint/plain_model.h"

namespace spoor {
namespace {

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
