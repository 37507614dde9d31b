// Deposit addresses against a plain account of the rule, against the truth of made-up economies,
// and one rule at a time.

#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/ledger/memory_ledger.h"
#include "tests/entity/cluster_world.h"
#include "tests/support/account_economy.h"
#include "tests/support/random_account_ledger.h"

namespace spoor {
namespace {

std::vector<TaggedAddress> TagsOf(const AccountEconomy& economy) {
  std::vector<TaggedAddress> tags;
  for (const auto& [id, owner] : economy.tagged) {
    tags.emplace_back(id, static_cast<uint64_t>(owner) | kServiceTag);
  }
  return tags;
}

std::vector<Evidence> MergesOf(const LedgerTable& table) {
  std::vector<Evidence> merges;
  const auto clusters = Clusters::Open(&table);
  EXPECT_TRUE(clusters.ok()) << clusters.status();
  const auto visited = clusters->VisitMerges([&](const Evidence& evidence) {
    merges.push_back(evidence);
    return absl::OkStatus();
  });
  EXPECT_TRUE(visited.ok()) << visited;
  return merges;
}

std::vector<Evidence> Merges(const LedgerView& view, const std::vector<TaggedAddress>& tags) {
  MemoryTable table;
  const auto builder = ClusterBuilder::Open(&table, {});
  EXPECT_TRUE(builder.ok()) << builder.status();
  const absl::Status updated = (*builder)->Update(view, tags);
  EXPECT_TRUE(updated.ok()) << updated;
  return MergesOf(table);
}

// The rule said again, over lists of who paid whom: (account, wallet, position) of every sign.
class PlainRule {
 public:
  PlainRule(const LedgerView& view, const std::vector<TaggedAddress>& tags)
      : tags_(tags.begin(), tags.end()) {
    const uint64_t end = view.tip().has_value() ? view.tip()->totals.movements : 0;
    for (uint64_t n = 0; n < end; ++n) {
      const Movement movement = *ReadMovement(view, Position{n});
      Line line;
      line.number = n;
      line.fee = movement.kind == MovementKind::kFee;
      line.reward = movement.kind == MovementKind::kReward;
      line.asset = movement.asset;
      line.txid = movement.txid;
      line.time = view.BlockAt(movement.height)->order_time;
      if (!movement.gives.empty()) line.from = movement.gives[0].owner;
      for (size_t i = 0; i < movement.takes.size(); ++i) {
        if (movement.IsChange(i)) continue;
        const Take& take = movement.takes[i];
        if (take.kind == TakerKind::kHolding) line.to = take.owner;
        line.burns |= take.kind == TakerKind::kBurned;
        line.amount += take.amount;
      }
      lines_.push_back(line);
    }
  }

  std::set<std::tuple<uint64_t, uint64_t, uint64_t>> Signs() const {
    std::set<std::tuple<uint64_t, uint64_t, uint64_t>> signs;
    for (const Line& line : lines_) {
      const auto actor = Service(line.to);
      if (line.fee || line.reward || line.from.IsNobody() || line.amount == 0) continue;
      if (!actor.has_value() || line.from == line.to || Service(line.from).has_value()) {
        continue;
      }
      if (!PassesOn(line, *actor) || !Gathers(line)) continue;
      if (line.asset != kNativeAsset) {
        // The last fee before it, if it is of its transaction and its own.
        const Line* fee = nullptr;
        for (uint64_t n = 0; n < line.number; ++n) {
          if (lines_[n].fee) fee = &lines_[n];
        }
        if (fee != nullptr && fee->txid == line.txid && fee->from == line.from &&
            !PaysOnly(*fee, line.from, *actor)) {
          continue;
        }
      }
      signs.insert({line.from.number, line.to.number, line.number});
    }
    return signs;
  }

 private:
  struct Line {
    uint64_t number = 0;
    bool fee = false;
    bool reward = false;
    bool burns = false;
    AssetId asset = kNativeAsset;
    AddressId from;
    AddressId to;
    Uint512 amount = 0;
    Txid txid;
    int64_t time = 0;
  };

  std::optional<uint64_t> Service(AddressId id) const {
    const auto it = tags_.find(id);
    if (id.IsNobody() || it == tags_.end() || (it->second & kServiceTag) == 0) return std::nullopt;
    return it->second;
  }
  // What touched the account's balance up to `end`, that too, the last first.
  std::vector<const Line*> History(AddressId account, AssetId asset, uint64_t end) const {
    std::vector<const Line*> history;
    for (uint64_t n = end + 1; n-- > 0;) {
      const Line& line = lines_[n];
      if (line.asset == asset && (line.from == account || line.to == account)) {
        history.push_back(&line);
      }
    }
    return history;
  }
  bool PaysOnly(const Line& end, AddressId account, uint64_t actor) const {
    const auto history = History(account, end.asset, end.number);
    if (history.size() > 64) return false;
    for (const Line* line : history) {
      if (line->amount == 0 || line->fee || line->from == line->to) continue;
      if (line->from == account ? Service(line->to) != actor : line->from.IsNobody()) return false;
    }
    return true;
  }
  bool PassesOn(const Line& end, uint64_t actor) const {
    if (!PaysOnly(end, end.from, actor)) return false;
    Uint512 in = 0;
    Uint512 out = 0;
    bool others = false;
    std::optional<int64_t> last;
    for (const Line* line : History(end.from, end.asset, end.number)) {
      if (line->from == line->to || line->amount == 0) continue;
      if (line->from == end.from) {
        out += line->amount;
        continue;
      }
      in += line->amount;
      others |= Service(line->from) != actor;
      if (!last.has_value()) last = line->time;
    }
    return others && (out >= in || (in - out) * 100 <= in) && end.time - *last <= 43'200;
  }
  bool Gathers(const Line& end) const {
    std::set<AddressId> payers;
    std::set<AddressId> payees;
    uint64_t payments = 0;
    const auto history = History(end.to, end.asset, end.number);
    for (size_t i = 0; i < history.size() && i <= 64; ++i) {
      const Line& line = *history[i];
      if (line.fee || line.amount == 0 || line.from == line.to || line.from.IsNobody()) continue;
      if (line.to == end.to) payers.insert(line.from);
      if (line.from == end.to && !line.to.IsNobody()) {
        payees.insert(line.to);
        ++payments;
      }
      if (payers.size() >= 3 && payees.size() >= 2) return true;
    }
    return payers.size() >= 3 && payments < 2;
  }

  std::map<AddressId, uint64_t> tags_;
  std::vector<Line> lines_;
};

// Of the signs, each first one of an account with a wallet's cluster is a merge, and no merge is
// anything else.
void ExpectAsPlain(const LedgerView& view, const std::vector<TaggedAddress>& tags,
                   size_t* merges_seen) {
  const auto signs = PlainRule(view, tags).Signs();
  const auto merges = Merges(view, tags);
  *merges_seen += merges.size();
  std::map<uint64_t, uint64_t> parent;
  const auto root = [&](uint64_t id) {
    while (parent.contains(id)) id = parent[id];
    return id;
  };
  size_t next = 0;
  std::vector<std::tuple<uint64_t, uint64_t, uint64_t>> in_order(signs.begin(), signs.end());
  std::sort(in_order.begin(), in_order.end(),
            [](const auto& a, const auto& b) { return std::get<2>(a) < std::get<2>(b); });
  for (const auto& [account, wallet, position] : in_order) {
    if (root(account) == root(wallet)) continue;
    parent[root(account)] = root(wallet);
    ASSERT_LT(next, merges.size());
    const Evidence& merge = merges[next++];
    EXPECT_EQ(merge.heuristic, Heuristic::kDepositAddress);
    EXPECT_EQ(merge.position.number, position);
    EXPECT_EQ((std::set{merge.from.number, merge.to.number}), (std::set{account, wallet}));
  }
  EXPECT_EQ(next, merges.size());
}

TEST(DepositAddress, IsWhatThePlainRuleSays) {
  size_t merges = 0;
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(seed);
    AccountEconomyOptions options;
    options.blocks = 250;
    options.users = 12;
    options.exchanges = 3;
    options.decoys = 4;
    const AccountEconomy economy = MakeAccountEconomy(seed, options);
    MemoryLedger ledger(economy.chain);
    ASSERT_TRUE(AppendAll(economy.blocks, &ledger).ok());
    ExpectAsPlain(ledger, TagsOf(economy), &merges);
  }
  EXPECT_GT(merges, 50u);
}

// Ledgers in which nothing makes sense: missing history, self-payments, burns, odd amounts.
TEST(DepositAddress, IsWhatThePlainRuleSaysOfAnyLedger) {
  size_t merges = 0;
  for (uint64_t seed = 1; seed <= 1'500; ++seed) {
    SCOPED_TRACE(seed);
    RandomAccountLedgerOptions options;
    options.blocks = 20;
    options.assets = 1;
    options.odd = seed % 2 == 0;
    const RandomLedger random = MakeRandomAccountLedger(seed, options);
    MemoryLedger ledger(random.chain);
    ASSERT_TRUE(AppendAll(random.blocks, &ledger).ok());
    // The busy ones; of one actor, so that none is held back.
    std::vector<TaggedAddress> tags = {{AddressId{0}, 7 | kServiceTag}};
    if (seed % 3 == 0) tags.push_back({AddressId{1}, 7 | kServiceTag});
    if (seed % 5 == 0) tags.push_back({AddressId{2}, 7});
    ExpectAsPlain(ledger, tags, &merges);
    if (HasFatalFailure()) return;
  }
  EXPECT_GT(merges, 5u);
}

TEST(DepositAddress, IsRightInEconomiesWhoseOwnersAreKnown) {
  size_t right = 0;
  size_t wrong = 0;
  size_t swept = 0;
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const AccountEconomy economy = MakeAccountEconomy(seed);
    MemoryLedger ledger(economy.chain);
    ASSERT_TRUE(AppendAll(economy.blocks, &ledger).ok());
    for (const Evidence& merge : Merges(ledger, TagsOf(economy))) {
      const bool same = economy.owners[merge.from.number] == economy.owners[merge.to.number];
      ++(same ? right : wrong);
    }
    swept += economy.swept.size();
  }
  EXPECT_GT(right, 500u);
  EXPECT_GE(static_cast<double>(right), 0.98 * static_cast<double>(right + wrong));
  EXPECT_GE(static_cast<double>(right), 0.75 * static_cast<double>(swept));
}

TEST(DepositAddress, IsTheSameBlockByBlockAndThroughReorganisations) {
  for (uint64_t seed = 11; seed <= 13; ++seed) {
    SCOPED_TRACE(seed);
    AccountEconomyOptions options;
    options.blocks = 150;
    options.users = 10;
    options.exchanges = 2;
    options.decoys = 3;
    const AccountEconomy economy = MakeAccountEconomy(seed, options);
    const std::vector<TaggedAddress> tags = TagsOf(economy);
    const ClusterOptions cluster = Options(HeuristicsFor(Family::kAccount), 4);
    MemoryLedger ledger(economy.chain);
    MemoryTable table;
    auto builder = ClusterBuilder::Open(&table, cluster);
    ASSERT_TRUE(builder.ok());
    std::mt19937_64 rng(seed);
    const auto check = [&] {
      if (rng() % 4 == 0) builder = ClusterBuilder::Open(&table, cluster);  // another run
      const absl::Status updated = (*builder)->Update(ledger, tags);
      ASSERT_TRUE(updated.ok()) << updated;
      MemoryTable anew;
      const auto other = ClusterBuilder::Open(&anew, cluster);
      ASSERT_TRUE((*other)->Update(ledger, tags).ok());
      ASSERT_TRUE((*builder)->state() == (*other)->state());
      ASSERT_EQ(MergesOf(table), MergesOf(anew));
    };
    for (size_t next = 0; next < economy.blocks.size();) {
      if (rng() % 10 == 0 && next > 0) {
        // Another block instead: the last transfers did not happen.
        NewBlock other = economy.blocks[next];
        other.hash = BlockHash::FromBytes(Bytes(32, static_cast<uint8_t>(next)));
        const size_t movements = other.movements.size() / 2;
        other.movements.resize(movements);
        other.transfers = static_cast<uint64_t>(
            std::count_if(other.movements.begin(), other.movements.end(),
                          [](const Movement& m) { return m.kind != MovementKind::kFee; }));
        ASSERT_TRUE(ledger.Append(other).ok());
        check();
        if (HasFatalFailure()) return;
        for (uint64_t undo = 1 + rng() % std::min<uint64_t>(next, 6); undo > 0; --undo) {
          ASSERT_TRUE(ledger.UndoTip().ok());
          if (undo > 1) --next;
        }
        continue;
      }
      ASSERT_TRUE(ledger.Append(economy.blocks[next++]).ok());
      if (rng() % 8 == 0) check();
      if (HasFatalFailure()) return;
    }
    check();
    EXPECT_GT(MergesOf(table).size(), 5u);
  }
}

TEST(DepositAddress, IsAnewWithOtherTags) {
  AccountEconomyOptions options;
  options.blocks = 300;
  const AccountEconomy economy = MakeAccountEconomy(21, options);
  MemoryLedger ledger(economy.chain);
  ASSERT_TRUE(AppendAll(economy.blocks, &ledger).ok());
  std::vector<TaggedAddress> tags = TagsOf(economy);
  MemoryTable table;
  const auto builder = ClusterBuilder::Open(&table, {});
  ASSERT_TRUE((*builder)->Update(ledger).ok());
  EXPECT_TRUE(MergesOf(table).empty());
  ASSERT_TRUE((*builder)->Update(ledger, tags).ok());
  EXPECT_EQ(MergesOf(table), Merges(ledger, tags));
  EXPECT_FALSE(MergesOf(table).empty());
  // That an address is a service's is a part of the tag.
  for (TaggedAddress& tag : tags) tag.second &= ~kServiceTag;
  ASSERT_TRUE((*builder)->Update(ledger, tags).ok());
  EXPECT_TRUE(MergesOf(table).empty());
}

// A small world: users 0 to 3, hot wallets 4 and 5 of two services, accounts 6 to 9.
class Rules : public ::testing::Test {
 protected:
  struct Payment {
    uint64_t from;
    uint64_t to;
    uint64_t amount;
    AssetId asset = kNativeAsset;
    int64_t after = 60;  // seconds after the one before
    uint64_t fee = 0;    // paid by `from`
  };

  // The accounts that were merged with a wallet.
  std::set<uint64_t> Found(const std::vector<Payment>& payments) {
    ChainInfo chain;
    chain.name = "ethereum";
    chain.family = Family::kAccount;
    MemoryLedger ledger(chain);
    // Both services have been paid by all users, and pay them.
    std::vector<Payment> all;
    for (const uint64_t wallet : {4, 5}) {
      for (uint64_t user = 0; user < 4; ++user) all.push_back({user, wallet, 5});
      for (uint64_t user = 0; user < 4; ++user) all.push_back({wallet, user, 1});
      for (uint64_t user = 0; user < 4; ++user) all.push_back({user, wallet, 5, 1});
    }
    all.insert(all.end(), payments.begin(), payments.end());
    BlockHash previous;
    int64_t time = 1'600'000'000;
    uint64_t number = 0;
    for (size_t i = 0; i < all.size(); ++i) {
      const Payment& payment = all[i];
      NewBlock block;
      block.height = static_cast<uint32_t>(i);
      block.hash = BlockHash::FromBytes(Bytes(32, static_cast<uint8_t>(i + 1)));
      block.previous = previous;
      previous = block.hash;
      block.time = time += payment.after;
      if (i == 0) {
        for (char n = 0; n < 12; ++n) {
          block.new_addresses.push_back(std::string(1, '\0') + std::string(20, n));
        }
        AssetInfo token;
        token.key = std::string(1, '\0') + std::string(20, 'T');
        block.new_assets.push_back(token);
      }
      const auto add = [&](MovementKind kind, AssetId asset, uint64_t amount) {
        Movement movement;
        movement.position.number = number++;
        movement.height = block.height;
        movement.txid = Txid::FromBytes(Bytes(32, static_cast<uint8_t>(i + 1)));
        movement.kind = kind;
        movement.asset = asset;
        Give give;
        give.holding = Holding::Balance(AddressId{payment.from}, asset);
        give.owner = AddressId{payment.from};
        movement.gives.push_back(give);
        Take take;
        take.amount = amount;
        take.kind = kind == MovementKind::kFee ? TakerKind::kFee : TakerKind::kHolding;
        if (kind != MovementKind::kFee) {
          take.holding = Holding::Balance(AddressId{payment.to}, asset);
          take.owner = AddressId{payment.to};
        }
        movement.takes.push_back(take);
        block.movements.push_back(movement);
      };
      if (payment.fee > 0) add(MovementKind::kFee, kNativeAsset, payment.fee);
      add(MovementKind::kTransfer, payment.asset, payment.amount);
      block.transactions = block.transfers = 1;
      const absl::Status appended = ledger.Append(block);
      EXPECT_TRUE(appended.ok()) << appended;
    }
    std::set<uint64_t> found;
    const auto merges =
        Merges(ledger, {{AddressId{4}, 1 | kServiceTag}, {AddressId{5}, 2 | kServiceTag}});
    for (const Evidence& merge : merges) {
      for (const AddressId id : {merge.from, merge.to}) {
        if (id.number != 4 && id.number != 5) found.insert(id.number);
      }
    }
    return found;
  }
};

TEST_F(Rules, AreEachNeeded) {
  struct Case {
    const char* name;
    std::vector<Payment> payments;
    bool found = false;
  };
  std::vector<Payment> busy;
  for (int i = 0; i < 70; ++i) busy.push_back({0, 6, 1});
  busy.push_back({6, 4, 70});
  const Case cases[] = {
      {"what came goes to the wallet", {{0, 6, 1000}, {6, 4, 1000}}, true},
      {"but for the fee", {{0, 6, 1000}, {6, 4, 900, 0, 60, 100}}, true},
      {"but for one in a hundred", {{0, 6, 1000}, {6, 4, 990}}, true},
      {"more stays", {{0, 6, 1000}, {6, 4, 989}}, false},
      {"twelve hours later", {{0, 6, 1000}, {6, 4, 1000, 0, 43'200}}, true},
      {"a second more", {{0, 6, 1000}, {6, 4, 1000, 0, 43'201}}, false},
      {"again, in time", {{0, 6, 9}, {6, 4, 9, 0, 90'000}, {1, 6, 9}, {6, 4, 9}}, true},
      {"of two", {{0, 6, 1000}, {1, 6, 1000}, {6, 4, 2000}}, true},
      {"it pays somebody else too", {{0, 6, 1000}, {6, 1, 1}, {6, 4, 999}}, false},
      {"nothing to somebody else", {{0, 6, 1000}, {6, 1, 0}, {6, 4, 1000}}, true},
      {"two services from the start",
       {{0, 6, 1000}, {6, 5, 500}, {6, 4, 500}, {1, 6, 9}, {6, 4, 9}},
       false},
      {"what it has is the service's", {{4, 6, 1000}, {6, 4, 1000}}, false},
      {"tokens", {{0, 6, 1000, 1}, {6, 4, 1000, 1}}, true},
      {"tokens, fees paid by it", {{4, 6, 20}, {0, 6, 1000, 1}, {6, 4, 1000, 1, 60, 5}}, true},
      {"tokens, and it pays coins to somebody",
       {{0, 6, 20}, {6, 1, 5}, {0, 6, 1000, 1}, {6, 4, 1000, 1, 60, 5}},
       false},
      {"it is busy", busy, false},
      {"it gives and gets nothing", {{0, 6, 0}, {6, 4, 0}}, false},
      {"it had it before", {{6, 4, 1000}}, false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Found(c.payments).contains(6), c.found);
  }
}

// It stays with the first, and its later payments join nothing.
TEST_F(Rules, AreOfTheTimeWhenTheyWereSeen) {
  const std::vector<Payment> both = {{0, 6, 9}, {6, 4, 9}, {0, 6, 9}, {6, 5, 9}};
  EXPECT_EQ(Found(both), (std::set<uint64_t>{6}));
}

TEST(ClusterBuilder, RefusesHeuristicsOfAnotherFamily) {
  const AccountEconomy economy = MakeAccountEconomy(1, {.blocks = 3});
  MemoryLedger ledger(economy.chain);
  ASSERT_TRUE(AppendAll(economy.blocks, &ledger).ok());
  MemoryTable table;
  ClusterOptions options;
  options.heuristics = HeuristicSet({Heuristic::kCoSpend});
  const auto builder = ClusterBuilder::Open(&table, options);
  const absl::Status status = (*builder)->Update(ledger);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  options.heuristics = *ParseHeuristics("all");
  const auto all = ClusterBuilder::Open(&table, options);
  ASSERT_TRUE((*all)->Update(ledger).ok());
  EXPECT_EQ(HeuristicsText((*all)->state().heuristics), "deposit-address");
}

}  // namespace
}  // namespace spoor
