#include "spoor/ingest/account_resolver.h"

#include <functional>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/chain/digest.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_account_ledger.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

std::string Dump(const LedgerView& view) {
  const auto dump = DumpLedger(view);
  return dump.ok() ? *dump : dump.status().ToString();
}

// The blocks of a ledger as a source would have them.
std::vector<AccountBlock> SourceOf(const RandomLedger& ledger) {
  std::vector<AccountBlock> source;
  std::vector<std::string> addresses;
  std::vector<AssetInfo> assets(1);
  for (const NewBlock& block : ledger.blocks) {
    addresses.insert(addresses.end(), block.new_addresses.begin(), block.new_addresses.end());
    assets.insert(assets.end(), block.new_assets.begin(), block.new_assets.end());
    AccountBlock& out = source.emplace_back();
    out.height = block.height;
    out.hash = block.hash;
    out.previous = block.previous;
    out.time = block.time;
    out.assets_seen = assets;
    std::map<Txid, std::string> texts;
    for (const std::string& text : block.transaction_texts) {
      texts[Txid::FromBytes(Keccak256(AsBytes(text)))] = text;
    }
    for (const Movement& m : block.movements) {
      const bool fee = m.kind == MovementKind::kFee;
      if (out.transactions.empty() || fee || out.transactions.back().txid != m.txid ||
          m.index == 0) {
        const bool again =
            !out.transactions.empty() && out.transactions.back().txid == m.txid &&
            out.transactions.back().transfers.back().kind == AccountTransfer::Kind::kFee;
        if (!again) {
          AccountTransaction& tx = out.transactions.emplace_back();
          tx.txid = m.txid;
          tx.text = texts[m.txid];
        }
      }
      AccountTransfer& t = out.transactions.back().transfers.emplace_back();
      t.kind = fee                               ? AccountTransfer::Kind::kFee
               : m.kind == MovementKind::kReward ? AccountTransfer::Kind::kReward
                                                 : AccountTransfer::Kind::kTransfer;
      if (!m.gives.empty()) t.from = addresses[m.gives[0].owner.number];
      if (!m.takes[0].owner.IsNobody()) t.to = addresses[m.takes[0].owner.number];
      t.asset = assets[m.asset].key;
      for (const Take& take : m.takes) t.amount += take.amount;
      if (fee && m.takes[0].kind == TakerKind::kBurned) t.burned = m.takes[0].amount;
    }
  }
  return source;
}

// What the resolver does not pass on: transactions that moved nothing.
RandomLedger WithoutIdleTransactions(RandomLedger ledger, const std::vector<AccountBlock>& source) {
  for (size_t i = 0; i < source.size(); ++i) {
    uint64_t transactions = 0;
    std::vector<std::string> texts;
    for (const AccountTransaction& tx : source[i].transactions) {
      transactions += tx.txid.bytes() == source[i].hash.bytes() ? 0 : 1;
      if (!tx.text.empty()) texts.push_back(tx.text);
    }
    ledger.blocks[i].transactions = transactions;
    ledger.blocks[i].transaction_texts = texts;
  }
  return ledger;
}

TEST(AccountResolver, NumbersAsTheyComeWhateverItForgetsAndWhateverIsUndone) {
  std::mt19937_64 rng(/*seed=*/20260201);
  for (int i = 0; i < 200 && !::testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE(absl::StrCat("ledger ", i));
    RandomAccountLedgerOptions options;
    options.blocks = i == 0 ? 900 : static_cast<int>(rng() % 30);
    const RandomLedger random = MakeRandomAccountLedger(rng(), options);
    const std::vector<AccountBlock> source = SourceOf(random);
    const RandomLedger ledger = WithoutIdleTransactions(random, source);
    MemoryLedger want(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &want).ok());
    // The ledger begins empty for one resolver, and with what another one left for the next.
    MemoryLedger got(ledger.chain);
    for (size_t have = 0; have < source.size();) {
      AccountResolver resolver(&got, rng() % 2 == 0 ? 0 : 1 << 20);
      for (uint64_t n = 1 + rng() % source.size(); n > 0 && have < source.size(); --n) {
        const absl::Status status = resolver.Append(source[have]);
        ASSERT_TRUE(status.ok()) << status;
        ++have;
        if (have < source.size() && rng() % 8 == 0) {
          for (uint64_t u = rng() % 3; u > 0 && have > 0; --u, --have) {
            ASSERT_TRUE(got.UndoTip().ok());
          }
        }
      }
    }
    if (i == 0) {
      EXPECT_GT(want.tip()->totals.addresses, 1200u);  // more than it remembers
    }
    EXPECT_TRUE(Dump(got) == Dump(want));
  }
}

TEST(AccountResolver, RefusesWhatNoSourceMaySayAndGoesOn) {
  const std::string a = *AccountKeyFromText("0x52908400098527886E0F7030069857D2E4169EE7");
  const std::string b = *AccountKeyFromText("b");
  AccountBlock good;
  good.height = 5;
  AccountTransaction& tx = good.transactions.emplace_back();
  tx.text = "one";
  tx.txid = Txid::FromBytes(Keccak256(AsBytes(tx.text)));
  tx.transfers = {{AccountTransfer::Kind::kFee, a, std::nullopt, "", 10, 4},
                  {AccountTransfer::Kind::kTransfer, a, b, b, 7, 0},
                  {AccountTransfer::Kind::kReward, std::nullopt, a, "", 1, 0}};
  MemoryLedger ledger({"books", Family::kAccount, "", "USD", 2});
  AccountResolver resolver(&ledger, 1 << 20);
  struct Case {
    const char* name;
    std::function<void(AccountTransaction*)> change;
    const char* message;
  };
  for (const Case& c : {
           Case{"another text", [](AccountTransaction* t) { t->text = "two"; }, "Keccak-256"},
           Case{"a fee to somebody", [&](AccountTransaction* t) { t->transfers[0].to = b; }, "fee"},
           Case{"a fee of nobody", [](AccountTransaction* t) { t->transfers[0].from.reset(); },
                "fee"},
           Case{"a fee burned more than whole",
                [](AccountTransaction* t) { t->transfers[0].burned = 11; }, "11 are burned"},
           Case{"nobody to nobody",
                [](AccountTransaction* t) {
                  t->transfers[1].from.reset();
                  t->transfers[1].to.reset();
                },
                "nobody to nobody"},
           Case{"a reward by somebody", [&](AccountTransaction* t) { t->transfers[2].from = b; },
                "reward"},
           Case{"a transfer with a part burned",
                [](AccountTransaction* t) { t->transfers[1].burned = 1; }, "burned"},
           Case{"no key", [](AccountTransaction* t) { t->transfers[1].to = "b"; }, "key"},
           Case{"no asset's key", [](AccountTransaction* t) { t->transfers[1].asset = "x"; },
                "key"},
       }) {
    SCOPED_TRACE(c.name);
    AccountBlock bad = good;
    c.change(&bad.transactions[0]);
    const absl::Status status = resolver.Append(bad);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
    EXPECT_FALSE(ledger.tip().has_value());
  }
  ASSERT_TRUE(resolver.Append(good).ok());
  EXPECT_EQ(ledger.tip()->totals.transactions, 1u);
  EXPECT_EQ(ledger.tip()->totals.transfers, 1u);
  EXPECT_EQ(ledger.tip()->totals.movements, 3u);
  // A block that does not follow is not taken, nor are its addresses, which come again.
  AccountBlock next = good;
  next.height = 6;
  next.hash = BlockHash::FromBytes(Bytes(32, 6));
  next.previous = next.hash;
  const std::string c = *AccountKeyFromText("c");
  next.transactions[0].transfers[1].to = c;
  EXPECT_EQ(resolver.Append(next).code(), absl::StatusCode::kFailedPrecondition);
  next.previous = good.hash;
  ASSERT_TRUE(resolver.Append(next).ok());
  EXPECT_EQ(ledger.FindAddress(c)->value().number, 2u);
  EXPECT_EQ(ledger.tip()->totals.addresses, 3u);
  EXPECT_EQ(ledger.tip()->totals.assets, 1u);
}

}  // namespace
}  // namespace spoor
