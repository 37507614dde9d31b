// The best-known trail there is: the coin of block 9, of which Satoshi Nakamoto sent 10 to Hal
// Finney. Where it ended by height 4312, worked out by hand from what Bitcoin Core says of the
// blocks.

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/taint/follow.h"
#include "tests/ingest/ingest_blocks.h"
#include "tests/real_data.h"

namespace spoor {
namespace {

constexpr uint64_t kCoin = 100'000'000;

struct End {
  const char* place;
  uint64_t coins;
  uint64_t tainted;  // coins, under fifo and haircut alike
  uint32_t height;
  uint32_t hops;
  const char* key;  // the public key paid, its beginning
};

constexpr End kFinney = {"f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16:0",
                         10,
                         10,
                         170,
                         1,
                         "04ae1a62fe09c5f51b"};
constexpr End kSecond = {"a16f3ce4dd5deb92d98ef5cf8afeaf0775ebca408f708b2146c4fb42b41e14be:0",
                         10,
                         10,
                         181,
                         2,
                         "04b5abd412d4341b45"};
constexpr End kFourth = {"298ca2045d174f8a158961806ffc4ef96fad02d71a6b84d9fa0491813a776160:0",
                         1,
                         1,
                         221,
                         4,
                         "04ea0d6650c8305f12"};
constexpr End kChange = {"828ef3b079f9c23829c56fe86e85b4a69d9e06e5b54ea597eef5fb3ffef509fe:1",
                         18,
                         18,
                         248,
                         5,
                         "0411db93e1dcdb8a01"};
// Eleven stolen coins joined with one coin of 50.
constexpr End kJoined = {"a3b0e9e7cddbbe78270fa4182a7675ff00b92872d8df7d14265a2b1e379a9d33:0",
                         61,
                         11,
                         496,
                         6,
                         "04ea1feff861b51fe3"};

TEST(FirstTrail, EndsWhereTheBlocksSay) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/mainnet-0-4312");
  StoreLedger ledger(NetworkId::kMain);
  ASSERT_TRUE(
      IngestDirectory(folder + "/blocks", GetNetwork(NetworkId::kMain), ledger.writer()).ok());
  const std::vector<const LedgerView*> views = {&ledger.view()};
  const auto request =
      ParseSeedRequest("hack=0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0");
  ASSERT_TRUE(request.ok()) << request.status();
  const auto seeds = FindSeeds(views, {*request});
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  ASSERT_EQ(seeds->size(), 1u);
  EXPECT_EQ((*seeds)[0].AmountOf(kNativeAsset), 50 * kCoin);
  FollowOptions options;
  options.policies = {"fifo", "haircut", "poison"};
  const auto result = Follow(views, *seeds, options);
  ASSERT_TRUE(result.ok()) << result.status();
  ASSERT_EQ(result->policies.size(), 3u);

  // By tainted units descending, then place.
  const std::vector<End> conserving = {kChange, kJoined, kSecond, kFinney, kFourth};
  const std::vector<End> ceiling = {kJoined, kChange, kSecond, kFinney, kFourth};
  for (const PolicyResult& policy : result->policies) {
    SCOPED_TRACE(policy.policy);
    EXPECT_EQ(policy.conserving, policy.policy != "poison");
    EXPECT_EQ(policy.movements, 8u);
    EXPECT_EQ(policy.unresolved_inputs, 0u);
    ASSERT_EQ(policy.stolen.size(), 1u);
    EXPECT_EQ(policy.stolen[0].units, 50 * kCoin);
    const std::vector<End>& want = policy.conserving ? conserving : ceiling;
    ASSERT_EQ(policy.endpoints.size(), want.size());
    Units total = 0;
    for (size_t i = 0; i < want.size(); ++i) {
      SCOPED_TRACE(want[i].place);
      const Endpoint& end = policy.endpoints[i];
      EXPECT_EQ(end.kind, EndpointKind::kUnspent);
      EXPECT_EQ(ToText(end.txid) + ":" + std::to_string(end.output), want[i].place);
      EXPECT_EQ(end.amount, want[i].coins * kCoin);
      EXPECT_EQ(end.tainted, (policy.conserving ? want[i].tainted : want[i].coins) * kCoin);
      ASSERT_EQ(end.by_source.size(), 1u);
      EXPECT_EQ(result->sources[end.by_source[0].first - 1], "hack");
      EXPECT_EQ(end.by_source[0].second, end.tainted);
      EXPECT_EQ(end.height, want[i].height);
      EXPECT_EQ(end.hops, want[i].hops);
      const auto owner = NameOwner(ledger.view(), end.owner);
      ASSERT_TRUE(owner.ok()) << owner.status();
      EXPECT_THAT(owner->text, ::testing::StartsWith(std::string("pk(") + want[i].key));
      total += end.tainted;
    }
    EXPECT_EQ(total, (policy.conserving ? 50 : 100) * kCoin);
  }
}

}  // namespace
}  // namespace spoor
