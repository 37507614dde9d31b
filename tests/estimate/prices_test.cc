#include "spoor/estimate/prices.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace spoor {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr int64_t kDay = 86'400;
// 2025-02-21, 12:00.
constexpr int64_t kNoon = 1'740'139'200;

TEST(Prices, OfADayOrTheLatestBefore) {
  Prices prices;
  ASSERT_TRUE(prices.Add("date,asset,usd\n2025-02-21,bitcoin:BTC,96000.5\n").ok());
  EXPECT_THAT(prices.At("bitcoin:BTC", kNoon), Optional(96000.5));
  EXPECT_THAT(prices.At("bitcoin:BTC", kNoon - kDay / 2), Optional(96000.5));
  EXPECT_EQ(prices.At("bitcoin:BTC", kNoon - kDay / 2 - 1), std::nullopt);
  EXPECT_THAT(prices.At("bitcoin:BTC", kNoon + 7 * kDay), Optional(96000.5));
  EXPECT_EQ(prices.At("bitcoin:BTC", kNoon + 8 * kDay), std::nullopt);
  EXPECT_EQ(prices.At("ethereum:ETH", kNoon), std::nullopt);
  EXPECT_EQ(prices.At("bitcoin:BTC", INT64_MIN), std::nullopt);
  EXPECT_EQ(prices.At("bitcoin:BTC", INT64_MAX), std::nullopt);
}

TEST(Prices, OfAChainsOwnAssetBeforeThoseOfItsSymbol) {
  Prices prices;
  ASSERT_TRUE(prices
                  .Add("usd,note,asset,date\n1,x,usdc,2025-02-21\n0.9,,bsc:USDC,2025-02-21\n"
                       "2,,ethereum:0xA0b8,2025-02-21\n")
                  .ok());
  EXPECT_THAT(prices.At("ethereum:USDC", kNoon), Optional(1));
  EXPECT_THAT(prices.At("bsc:USDC", kNoon), Optional(0.9));
  EXPECT_THAT(prices.At("ethereum:0xa0b8", kNoon), Optional(2));
  EXPECT_EQ(prices.size(), 3u);
}

TEST(Prices, AreRefusedWithTheLine) {
  struct Case {
    const char* name;
    const char* csv;
    const char* wanted;
  };
  for (const Case& c : {
           Case{"no date", "date,asset,usd\nyesterday,BTC,1\n",
                "line 2: found the date \"yesterday\""},
           Case{"no such day", "2025-02-31,BTC,1\n", "line 1: found the date"},
           Case{"a time", "2025-02-21T00:00,BTC,1\n", "found the date"},
           Case{"negative", "2025-02-21,BTC,-1\n", "found the price \"-1\""},
           Case{"nothing", "2025-02-21,BTC\n", "found the price \"\""},
           Case{"nan", "2025-02-21,BTC,nan\n", "found the price"},
           Case{"too large", "2025-02-21,BTC,1e30\n", "found the price"},
           Case{"no asset", "2025-02-21,,1\n", "found no asset"},
           Case{"open quote", "2025-02-21,\"BTC,1\n", "line 1"},
       }) {
    SCOPED_TRACE(c.name);
    Prices prices;
    const absl::Status status = prices.Add(c.csv);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.wanted));
    EXPECT_TRUE(prices.empty());
  }
}

TEST(Prices, StayInALedger) {
  Prices first, second;
  ASSERT_TRUE(first.Add("2025-02-21,BTC,1\n1969-12-30,bitcoin:BTC,0.123456789\n").ok());
  ASSERT_TRUE(second.Add("2025-02-21,BTC,3\n2025-02-20,BTC,2\n").ok());
  MemoryTable table;
  ASSERT_TRUE(first.Store(&table).ok());
  ASSERT_TRUE(second.Store(&table).ok());
  Prices loaded;
  ASSERT_TRUE(loaded.Load(table).ok());
  EXPECT_EQ(loaded.size(), 3u);
  EXPECT_EQ(loaded.assets(), 2u);
  EXPECT_THAT(loaded.At("BTC", kNoon), Optional(3));
  EXPECT_THAT(loaded.At("BTC", kNoon - kDay), Optional(2));
  EXPECT_THAT(loaded.At("bitcoin:BTC", -kDay), Optional(0.123456789));

  const LedgerTable::Change bad = {"pBTC", "1"};
  ASSERT_TRUE(table.Write({&bad, 1}).ok());
  EXPECT_EQ(loaded.Load(table).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace spoor
