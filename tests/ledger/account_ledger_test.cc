#include <functional>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "tests/ledger/plain_accounts.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_account_ledger.h"

namespace spoor {
namespace {

std::string Dump(const LedgerView& view) {
  const auto dump = DumpLedger(view);
  return dump.ok() ? *dump : dump.status().ToString();
}

RandomAccountLedgerOptions RandomOptions(std::mt19937_64& rng) {
  RandomAccountLedgerOptions options;
  options.blocks = 1 + static_cast<int>(rng() % 12);
  options.assets = static_cast<int>(rng() % 5);
  options.overdrafts = static_cast<int>(rng() % 3) * 6;
  options.most_units = rng() % 2 == 0 ? 20 : uint64_t{1} << 60;
  options.odd = rng() % 4 != 0;
  return options;
}

TEST(AccountLedger, IsWhatThePlainModelSays) {
  std::mt19937_64 rng(/*seed=*/20260101);
  for (int i = 0; i < 2000 && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("ledger ", i));
    const RandomLedger ledger = MakeRandomAccountLedger(rng(), RandomOptions(rng));
    MemoryLedger memory(ledger.chain);
    const absl::Status status = AppendAll(ledger.blocks, &memory);
    ASSERT_TRUE(status.ok()) << status;
    ExpectPlain(ledger.blocks, memory);
  }
}

// Each block may raise opening balances of movements long past, and undoing it lowers them again.
TEST(AccountLedger, UndoesExactly) {
  std::mt19937_64 rng(/*seed=*/20260102);
  for (int i = 0; i < 60 && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("ledger ", i));
    const RandomLedger ledger = MakeRandomAccountLedger(rng(), RandomOptions(rng));
    MemoryLedger memory(ledger.chain);
    std::vector<std::string> dumps = {Dump(memory)};
    for (const NewBlock& block : ledger.blocks) {
      ASSERT_TRUE(memory.Append(block).ok());
      dumps.push_back(Dump(memory));
    }
    for (size_t have = ledger.blocks.size(); have > 0;) {
      const size_t down = 1 + rng() % have;
      for (size_t n = 0; n < down; ++n) {
        ASSERT_TRUE(memory.UndoTip().ok());
        ASSERT_EQ(Dump(memory), dumps[--have]);
      }
      const size_t up = rng() % (down + 1) * (rng() % 2);
      for (size_t n = 0; n < up && n + 1 < down; ++n) {
        ASSERT_TRUE(memory.Append(ledger.blocks[have]).ok());
        ASSERT_EQ(Dump(memory), dumps[++have]);
      }
    }
    EXPECT_EQ(absl::StatusCode::kFailedPrecondition, memory.UndoTip().code());
  }
}

// A chain of one account per letter and blocks of one movement each.
class HandLedger {
 public:
  HandLedger() : ledger_({"ethereum", Family::kAccount, "", "ETH", 18}) {}

  // Nobody where the letter is '-'.
  absl::Status Transfer(char from, char to, const Units& amount, AssetId asset = kNativeAsset) {
    NewBlock block = Next();
    Movement& m = block.movements.emplace_back();
    m.position = Position{end()};
    m.height = block.height;
    m.kind = MovementKind::kTransfer;
    m.asset = asset;
    if (from != '-') {
      Give give;
      give.owner = Owner(from, &block);
      give.holding = Holding::Balance(give.owner, asset);
      m.gives.push_back(give);
    }
    Take take;
    take.kind = to == '-' ? TakerKind::kBurned : TakerKind::kHolding;
    if (to != '-') {
      take.owner = Owner(to, &block);
      take.holding = Holding::Balance(take.owner, asset);
    }
    take.amount = amount;
    m.takes.push_back(take);
    return ledger_.Append(block);
  }
  void AddAsset(bool whole) {
    NewBlock block = Next();
    AssetInfo asset;
    asset.key = absl::StrCat("asset", block.height);
    asset.whole = whole;
    block.new_assets.push_back(asset);
    EXPECT_TRUE(ledger_.Append(block).ok());
  }
  Movement At(uint64_t position) const { return *ReadMovement(ledger_, Position{position}); }
  MemoryLedger& ledger() { return ledger_; }

 private:
  uint64_t end() const { return ledger_.tip().has_value() ? ledger_.tip()->totals.movements : 0; }
  NewBlock Next() {
    NewBlock block;
    if (ledger_.tip().has_value()) {
      block.height = ledger_.tip()->height + 1;
      block.previous = ledger_.tip()->hash;
    }
    block.hash = BlockHash::FromBytes(Bytes(32, static_cast<uint8_t>(block.height + 1)));
    return block;
  }
  AddressId Owner(char letter, NewBlock* block) {
    const std::string key(1, letter);
    if (const auto id = *ledger_.FindAddress(key); id.has_value()) return *id;
    const uint64_t known = ledger_.tip().has_value() ? ledger_.tip()->totals.addresses : 0;
    for (size_t i = 0; i < block->new_addresses.size(); ++i) {
      if (block->new_addresses[i] == key) return AddressId{known + i};
    }
    block->new_addresses.push_back(key);
    return AddressId{known + block->new_addresses.size() - 1};
  }

  MemoryLedger ledger_;
};

TEST(AccountLedger, OpensABalanceWithTheLeastThatCoversAllItEverPaid) {
  HandLedger hand;
  ASSERT_TRUE(hand.Transfer('-', 'a', 10).ok());
  ASSERT_TRUE(hand.Transfer('a', 'b', 4).ok());
  Movement m = hand.At(1);
  EXPECT_EQ(m.gives[0].amount, 10);
  EXPECT_EQ(m.gives[0].opening, 0);
  EXPECT_EQ(m.takes[1].amount, 6);
  EXPECT_TRUE(m.IsChange(1));
  EXPECT_FALSE(m.IsChange(0));
  // Ten that came and thirty that went: twenty must have been there before, all the time.
  ASSERT_TRUE(hand.Transfer('a', 'c', 26).ok());
  m = hand.At(1);
  EXPECT_EQ(m.gives[0].amount, 30);
  EXPECT_EQ(m.gives[0].opening, 20);
  EXPECT_EQ(m.takes[1].amount, 26);
  EXPECT_EQ(hand.At(0).takes[0].before, 20);
  EXPECT_EQ(hand.At(0).takes[0].opening, 20);
  EXPECT_EQ(hand.ledger().tip()->totals.unresolved_inputs, 1u);
  EXPECT_EQ(hand.ledger().ReadAsset(kNativeAsset)->openings, 1u);
  ASSERT_TRUE(hand.ledger().UndoTip().ok());
  EXPECT_EQ(hand.At(1).gives[0].amount, 10);
  EXPECT_EQ(hand.At(0).takes[0].before, 0);
  EXPECT_EQ(hand.ledger().tip()->totals.unresolved_inputs, 0u);
}

TEST(AccountLedger, SaysWhichTokensLie) {
  HandLedger hand;
  hand.AddAsset(/*whole=*/true);
  hand.AddAsset(/*whole=*/false);
  hand.AddAsset(/*whole=*/false);
  const Units most = std::numeric_limits<Units>::max();
  for (AssetId asset : {1, 2}) ASSERT_TRUE(hand.Transfer('a', 'b', 5, asset).ok());
  EXPECT_TRUE(hand.ledger().ReadAsset(1)->lying);   // nothing can have been there before
  EXPECT_FALSE(hand.ledger().ReadAsset(2)->lying);  // history may be missing
  // All there can be may go round, but not come twice.
  ASSERT_TRUE(hand.Transfer('-', 'a', most, 3).ok());
  ASSERT_TRUE(hand.Transfer('a', 'b', most, 3).ok());
  ASSERT_TRUE(hand.Transfer('b', 'a', most, 3).ok());
  EXPECT_FALSE(hand.ledger().ReadAsset(3)->lying);
  ASSERT_TRUE(hand.Transfer('-', 'a', 1, 3).ok());
  EXPECT_TRUE(hand.ledger().ReadAsset(3)->lying);
  EXPECT_EQ(hand.At(5).takes[0].amount, 0);
  EXPECT_EQ(hand.At(5).takes[0].before, most);
  ASSERT_TRUE(hand.ledger().UndoTip().ok());
  EXPECT_FALSE(hand.ledger().ReadAsset(3)->lying);
  // Nor can so much have been there before that it was ever more than there can be.
  ASSERT_TRUE(hand.Transfer('a', '-', most, 3).ok());
  ASSERT_TRUE(hand.Transfer('a', '-', 1, 3).ok());
  EXPECT_TRUE(hand.ledger().ReadAsset(3)->lying);
  EXPECT_EQ(hand.ledger().ReadAsset(3)->openings, 0u);
}

TEST(AccountLedger, RefusesWhatMayNotBeStated) {
  const RandomLedger ledger = MakeRandomAccountLedger(/*seed=*/7, {.blocks = 3, .odd = false});
  NewBlock good = ledger.blocks[0];
  good.new_addresses = {"a", "b"};
  good.new_assets.clear();
  good.movements.assign(1, Movement());
  Movement& m = good.movements[0];
  m.kind = MovementKind::kTransfer;
  m.gives.resize(1);
  m.gives[0].owner = AddressId{0};
  m.gives[0].holding = Holding::Balance(AddressId{0}, kNativeAsset);
  m.takes.resize(1);
  m.takes[0].owner = AddressId{1};
  m.takes[0].holding = Holding::Balance(AddressId{1}, kNativeAsset);
  m.takes[0].amount = 5;
  const auto append = [&](const auto& change) {
    NewBlock block = good;
    change(&block.movements[0]);
    MemoryLedger memory(ledger.chain);
    return memory.Append(block);
  };
  ASSERT_TRUE(append([](Movement*) {}).ok());
  Take fee;
  fee.kind = TakerKind::kFee;
  Take burned;
  burned.kind = TakerKind::kBurned;
  burned.amount = 1;
  const Take take = m.takes[0];
  const Units most = std::numeric_limits<Units>::max();
  struct Case {
    const char* name;
    std::function<void(Movement*)> change;
    bool good;
  };
  for (const Case& c : {
           Case{"a fee", [&](Movement* x) { x->kind = MovementKind::kFee, x->takes = {fee}; },
                true},
           Case{"a fee, partly burned",
                [&](Movement* x) {
                  x->kind = MovementKind::kFee, x->takes = {burned, fee};
                },
                true},
           Case{"burned", [&](Movement* x) { x->takes = {burned}; }, true},
           Case{"minted", [&](Movement* x) { x->gives.clear(); }, true},
           Case{"a reward", [&](Movement* x) { x->kind = MovementKind::kReward, x->gives.clear(); },
                true},
           Case{"a UTXO transaction", [](Movement* x) { x->kind = MovementKind::kTransaction; },
                false},
           Case{"a reward with a giver", [](Movement* x) { x->kind = MovementKind::kReward; },
                false},
           Case{"a fee with a receiver", [](Movement* x) { x->kind = MovementKind::kFee; }, false},
           Case{"a fee of nobody",
                [&](Movement* x) {
                  x->kind = MovementKind::kFee, x->takes = {fee}, x->gives.clear();
                },
                false},
           Case{"a fee that passes 256 bits",
                [&](Movement* x) {
                  x->kind = MovementKind::kFee, x->takes = {burned, fee};
                  x->takes[1].amount = most;
                },
                false},
           Case{"the fee before what is burned",
                [&](Movement* x) {
                  x->kind = MovementKind::kFee, x->takes = {fee, burned};
                },
                false},
           Case{"a transfer to a fee", [&](Movement* x) { x->takes = {fee}; }, false},
           Case{"from nobody to nobody",
                [&](Movement* x) { x->takes = {burned}, x->gives.clear(); }, false},
           Case{"nothing taken", [](Movement* x) { x->takes.clear(); }, false},
           Case{"two givers", [](Movement* x) { x->gives.push_back(x->gives[0]); }, false},
           Case{"two takers", [&](Movement* x) { x->takes.push_back(take); }, false},
           Case{"a coinbase", [](Movement* x) { x->coinbase = true; }, false},
           Case{"an unknown asset",
                [](Movement* x) {
                  x->asset = x->gives[0].holding.minor = x->takes[0].holding.minor = 1;
                },
                false},
           Case{"another asset given", [](Movement* x) { x->gives[0].holding.minor = 1; }, false},
           Case{"another's balance", [](Movement* x) { x->gives[0].holding.major = 1; }, false},
           Case{"nobody's balance", [](Movement* x) { x->takes[0].owner = AddressId(); }, false},
           Case{"an unknown account",
                [](Movement* x) { x->takes[0].owner.number = x->takes[0].holding.major = 2; },
                false},
           Case{"a give that is unresolved",
                [](Movement* x) { x->gives[0].kind = GiveKind::kUnresolved; }, false},
           Case{"another position", [](Movement* x) { x->position = Position{1}; }, false},
       }) {
    SCOPED_TRACE(c.name);
    const absl::Status status = append(c.change);
    EXPECT_EQ(status.code(), c.good ? absl::StatusCode::kOk : absl::StatusCode::kInvalidArgument)
        << status;
  }
}

TEST(AccountLedger, LetsHeightsBeLeftOutButNotGoBack) {
  MemoryLedger memory({"books", Family::kAccount, "", "USD", 2});
  const auto block = [](uint32_t height, uint8_t hash, uint8_t previous) {
    NewBlock b;
    b.height = height;
    b.hash = BlockHash::FromBytes(Bytes(32, hash));
    b.previous = BlockHash::FromBytes(Bytes(32, previous));
    return b;
  };
  ASSERT_TRUE(memory.Append(block(10, 1, 0)).ok());
  EXPECT_EQ(memory.Append(block(11, 2, 9)).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(memory.Append(block(11, 2, 1)).ok());
  ASSERT_TRUE(memory.Append(block(100, 3, 99)).ok());
  EXPECT_EQ(memory.Append(block(100, 4, 3)).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(memory.Append(block(12, 4, 2)).code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(memory.BlockAt(11)->hash, BlockHash::FromBytes(Bytes(32, 2)));
  EXPECT_EQ(memory.BlockAt(50).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(memory.BlockAt(100)->totals.blocks, 3u);
}

}  // namespace
}  // namespace spoor
