#include "tests/ledger/plain_accounts.h"

#include <algorithm>
#include <limits>
#include <set>

#include "gtest/gtest.h"
#include "tests/support/dump_ledger.h"

namespace spoor {
namespace {

using Number = boost::multiprecision::cpp_int;

const Number kMost = Number(std::numeric_limits<Units>::max());

// What happened to one balance.
struct History {
  std::vector<std::pair<Position, Number>> changes;
  Number received = 0;

  // The sum of the changes before `position`.
  Number Before(Position position) const {
    Number sum = 0;
    for (const auto& [p, change] : changes) {
      if (p < position) sum += change;
    }
    return sum;
  }
  Number Opening() const {
    Number sum = 0;
    Number least = 0;
    for (const auto& [p, change] : changes) {
      sum += change;
      least = std::min(least, sum);
    }
    return -least;
  }
  Number Amount() const { return Opening() + Before(Position{~uint64_t{0}}); }
};

Units ToUnits(const Number& number) {
  EXPECT_TRUE(number >= 0 && number <= kMost) << number;
  return static_cast<Units>(number);
}

}  // namespace

PlainAccounts::PlainAccounts(absl::Span<const NewBlock> blocks) {
  std::map<Holding, History> histories;
  std::map<Holding, std::vector<Position>> touches;
  std::set<AssetId> impossible;
  for (const NewBlock& block : blocks) {
    assets.insert(assets.end(), block.new_assets.begin(), block.new_assets.end());
    for (Movement m : block.movements) {
      const bool gives = !m.gives.empty();
      const bool takes = m.takes[0].kind == TakerKind::kHolding;
      Number amount = 0;
      for (const Take& take : m.takes) amount += Number(take.amount);
      if (gives) {
        const History& giver = histories[m.gives[0].holding];
        const Number wanting = amount - giver.Amount();
        if (wanting > 0 && giver.Opening() + wanting + giver.received > kMost) {
          impossible.insert(m.asset);
          amount = 0;
        }
      }
      if (takes && !(gives && m.gives[0].holding == m.takes[0].holding) &&
          histories[m.takes[0].holding].Amount() + amount > kMost) {
        impossible.insert(m.asset);
        amount = 0;
      }
      if (amount == 0) {
        if (m.takes.size() == 2) m.takes.erase(m.takes.begin());  // nothing is burned
        m.takes[0].amount = 0;
      }
      std::set<Holding> touched;
      if (gives) {
        histories[m.gives[0].holding].changes.emplace_back(m.position, -amount);
        touched.insert(m.gives[0].holding);
      }
      if (takes) {
        histories[m.takes[0].holding].changes.emplace_back(m.position, amount);
        histories[m.takes[0].holding].received += amount;
        touched.insert(m.takes[0].holding);
        receipts[m.takes[0].owner].push_back(m.position);
      }
      for (const Holding& holding : touched) touches[holding].push_back(m.position);
      movements.push_back(m);
    }
  }
  for (Movement& m : movements) {
    const auto around = [&](const Holding& holding) {
      const std::vector<Position>& all = touches[holding];
      const auto at = std::find(all.begin(), all.end(), m.position);
      std::pair<std::optional<Position>, std::optional<Position>> found;
      if (at != all.begin()) found.first = *std::prev(at);
      if (std::next(at) != all.end()) found.second = *std::next(at);
      return found;
    };
    const bool gives = !m.gives.empty();
    const bool to_self =
        gives && m.takes[0].holding == m.gives[0].holding && m.takes[0].kind == TakerKind::kHolding;
    Units amount = 0;
    for (const Take& take : m.takes) amount += take.amount;
    if (m.takes[0].kind == TakerKind::kHolding) {
      Take& take = m.takes[0];
      const History& history = histories[take.holding];
      take.opening = ToUnits(history.Opening());
      take.next = around(take.holding).second;
      if (!to_self) {
        take.before = ToUnits(history.Opening() + history.Before(m.position));
        take.previous = around(take.holding).first;
      }
    }
    if (!gives) {
      m.minted = amount;
      continue;
    }
    Give& give = m.gives[0];
    const History& history = histories[give.holding];
    give.opening = ToUnits(history.Opening());
    give.amount = ToUnits(history.Opening() + history.Before(m.position));
    give.previous = around(give.holding).first;
    Take change;
    change.holding = give.holding;
    change.owner = give.owner;
    change.amount = ToUnits(Number(give.amount) - Number(amount));
    if (to_self) change.before = amount;
    change.opening = give.opening;
    change.next = around(give.holding).second;
    m.takes.push_back(change);
  }
  for (const auto& [holding, history] : histories) {
    if (touches[holding].empty()) continue;
    balances[holding] = {holding,
                         ToUnits(history.Amount()),
                         ToUnits(history.Opening()),
                         static_cast<Uint512>(history.received),
                         touches[holding].size(),
                         touches[holding].back()};
    if (history.Opening() == 0) continue;
    openings += 1;
    (holding.minor == kNativeAsset ? native_openings : assets[holding.minor - 1].openings) += 1;
  }
  for (size_t i = 0; i < assets.size(); ++i) {
    AssetInfo& asset = assets[i];
    asset.lying |=
        (asset.whole && asset.openings > 0) || impossible.count(static_cast<AssetId>(i + 1)) > 0;
  }
}

void ExpectPlain(absl::Span<const NewBlock> blocks, const LedgerView& view) {
  const PlainAccounts plain(blocks);
  const auto tip = view.tip();
  ASSERT_EQ(tip.has_value() ? tip->totals.movements : 0, plain.movements.size());
  ASSERT_EQ(tip.has_value() ? tip->totals.unresolved_inputs : 0, plain.openings);
  auto want = plain.movements.begin();
  const absl::Status scanned = view.ScanMovements(Position{0}, [&](const Movement& got) {
    EXPECT_EQ(DumpMovement(got), DumpMovement(*want));
    ++want;
    return absl::OkStatus();
  });
  ASSERT_TRUE(scanned.ok()) << scanned;
  const uint64_t addresses = tip.has_value() ? tip->totals.addresses : 0;
  auto balance = plain.balances.begin();
  for (AddressId id{0}; id.number < addresses; ++id.number) {
    const auto receipts = view.Receipts(id);
    ASSERT_TRUE(receipts.ok()) << receipts.status();
    const auto it = plain.receipts.find(id);
    EXPECT_EQ(*receipts, it == plain.receipts.end() ? std::vector<Position>() : it->second);
    const absl::Status status = view.ScanBalances(id, [&](const BalanceInfo& got) {
      EXPECT_EQ(DumpBalance(got),
                balance == plain.balances.end() ? std::string() : DumpBalance(balance->second));
      if (balance != plain.balances.end()) ++balance;
      return absl::OkStatus();
    });
    ASSERT_TRUE(status.ok()) << status;
  }
  EXPECT_TRUE(balance == plain.balances.end());
  for (size_t i = 0; i < plain.assets.size(); ++i) {
    const auto asset = view.ReadAsset(static_cast<AssetId>(i + 1));
    ASSERT_TRUE(asset.ok()) << asset.status();
    EXPECT_EQ(DumpAsset(*asset), DumpAsset(plain.assets[i]));
  }
  const auto native = view.ReadAsset(kNativeAsset);
  ASSERT_TRUE(native.ok()) << native.status();
  EXPECT_EQ(native->openings, plain.native_openings);
}

}  // namespace spoor
