// Services on account chains by the command line: the deposit addresses of those that tags name,
// and those that nobody names and that are found by their size.

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/files.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using rapidjson::Value;
using ::testing::HasSubstr;

std::string Account(int number) { return absl::StrFormat("0x%040x", number); }

constexpr int kVictim = 1, kThief = 2, kDeposit = 3, kWallet = 4, kOtherWallet = 5, kBusy = 6,
              kEnd = 7, kUser = 10;  // and more users

// 1,000 are stolen: 600 go to a deposit address at an exchange, and from there to its wallet, 300
// to a busy address, and 50 of them on; 100 stay.
class AccountServicesTest : public ::testing::Test {
 protected:
  AccountServicesTest() {
    std::string rows = "time,block,tx,from,to,amount\n";
    int block = 100;
    const auto pay = [&](int from, int to, int amount) {
      absl::StrAppend(&rows, absl::StrFormat("2023-01-01T%02d:%02d:00Z", block / 60, block % 60),
                      ",", block, ",t", block, ",", Account(from), ",", Account(to), ",", amount,
                      "\n");
      ++block;
    };
    for (int user = 0; user < 4; ++user) pay(kUser + user, kWallet, 20);
    for (int user = 0; user < 4; ++user) pay(kWallet, kUser + user, 3);
    for (int user = 0; user < 4; ++user) pay(kUser + user, kBusy, 7);
    pay(kVictim, kThief, 1000);
    pay(kThief, kDeposit, 600);
    pay(kDeposit, kWallet, 600);
    pay(kThief, kBusy, 300);
    pay(kBusy, kEnd, 50 + 28);
    std::ofstream(dir_ + "/books.csv") << rows;
    std::ofstream(dir_ + "/tags.csv") << "address,label,category\n"
                                      << Account(kWallet) << ",HTX 34,exchange\n";
    EXPECT_EQ(Run({"ingest", "transfers", dir_ + "/books.csv", "--chain", "ethereum", "--asset",
                   "ETH", "--quiet"})
                  .exit_status,
              0);
  }

  ProcessResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--ledger", dir_ + "/ledger"});
    return Trace(arguments);
  }
  // The theft followed: "kind address stolen units" of each end, which add up.
  std::vector<std::string> Ends(std::vector<std::string> options, rapidjson::Document* document) {
    options.insert(options.begin(), {"follow", Account(kThief), "--json"});
    *document = ParseJson(Run(options));
    std::vector<std::string> ends;
    int sum = 0;
    for (const Value& end : (*document)["results"][0]["endpoints"].GetArray()) {
      sum += std::stoi(end["stolen_units"].GetString());
      ends.push_back(absl::StrCat(end["kind"].GetString(), " ", end["address"].GetString(), " ",
                                  end["stolen_units"].GetString()));
    }
    EXPECT_EQ(sum, 1000);
    return ends;
  }

  const TestDir folder_;
  const std::string dir_ = folder_.path();
};

TEST_F(AccountServicesTest, AreKnownByTheirDepositAddressesToo) {
  ASSERT_EQ(Run({"tags", dir_ + "/tags.csv", "--quiet"}).exit_status, 0);
  rapidjson::Document document;
  EXPECT_THAT(Ends({}, &document),
              ::testing::Contains(absl::StrCat("service ", Account(kWallet), " 600")));

  const auto clusters = ParseJson(Run({"cluster", "--json"}));
  EXPECT_EQ(clusters["merges"]["deposit-address"].GetUint(), 1u);
  EXPECT_EQ(clusters["conflicts"].GetUint(), 0u);
  EXPECT_STREQ(clusters["chains"][0]["heuristics"].GetString(), "deposit-address");
  // Not at the deposit address: a little paid on once, on purpose, makes any account one.
  EXPECT_THAT(Ends({}, &document),
              ::testing::Contains(absl::StrCat("service ", Account(kWallet), " 600")));
  for (const Value& end : document["results"][0]["endpoints"].GetArray()) {
    if (end["kind"] != "service") continue;
    EXPECT_STREQ(end["actor"].GetString(), "HTX 34");
    EXPECT_STREQ(end["category"].GetString(), "exchange");
    EXPECT_EQ(end["cluster"].GetString(), "cluster:" + Account(kWallet));
    EXPECT_EQ(end["tag"]["address"].GetString(), Account(kWallet));
    EXPECT_FALSE(end.HasMember("by_size"));
  }

  const auto why = ParseJson(Run({"why", Account(kDeposit), Account(kWallet), "--json"}));
  EXPECT_TRUE(why["same_cluster"].GetBool());
  ASSERT_EQ(why["path"].Size(), 1u);
  EXPECT_STREQ(why["path"][0]["heuristic"].GetString(), "deposit-address");
  EXPECT_STREQ(why["path"][0]["tx"].GetString(), "t114");
  const ProcessResult shown = Run({"show", "cluster:" + Account(kWallet)});
  EXPECT_EQ(shown.exit_status, 0) << shown.err;
  EXPECT_THAT(shown.out, HasSubstr(Account(kDeposit)));
  EXPECT_THAT(Run({"show", Account(kDeposit)}).out, HasSubstr("HTX 34"));

  // Other heuristics than the chain's are no clusters, and outputs' pools are no accounts'.
  const ProcessResult none = Run({"cluster", "--heuristics", "co-spend"});
  EXPECT_EQ(none.exit_status, 2);
  EXPECT_THAT(none.err, HasSubstr("none of them is for a chain of this ledger"));
  const ProcessResult pool = Run({"follow", Account(kThief), "--pool", "cluster"});
  EXPECT_EQ(pool.exit_status, 2);
  EXPECT_THAT(pool.err, HasSubstr("every account is such a pool already"));
}

// A merge that was held back is not nothing.
TEST_F(AccountServicesTest, AreNotJoinedWithWhatAListSaysIsSomebodyElses) {
  std::ofstream(dir_ + "/tags.csv", std::ios::app) << Account(kDeposit) << ",Somebody,user\n";
  ASSERT_EQ(Run({"tags", dir_ + "/tags.csv", "--quiet"}).exit_status, 0);
  EXPECT_EQ(ParseJson(Run({"cluster", "--json"}))["conflicts"].GetUint(), 1u);
  const auto why = ParseJson(Run({"why", Account(kWallet), Account(kDeposit), "--json"}));
  EXPECT_FALSE(why["same_cluster"].GetBool());
  ASSERT_EQ(why["held_back"].Size(), 1u);
  EXPECT_STREQ(why["held_back"][0]["heuristic"].GetString(), "deposit-address");
  EXPECT_STREQ(why["held_back"][0]["tx"].GetString(), "t114");
  EXPECT_THAT(Run({"why", Account(kDeposit), Account(kWallet)}).out, HasSubstr("held back"));
  const auto others = ParseJson(Run({"why", Account(kUser), Account(kDeposit), "--json"}));
  EXPECT_EQ(others["held_back"].Size(), 0u);
}

TEST_F(AccountServicesTest, AreFoundByTheirSizeWhereNobodyNamesThem) {
  rapidjson::Document document;
  EXPECT_THAT(Ends({}, &document),
              ::testing::Contains(absl::StrCat("unspent ", Account(kEnd), " 50")));
  // Six transfers of its one balance.
  EXPECT_THAT(Ends({"--service-degree", "6"}, &document),
              ::testing::Contains(absl::StrCat("unspent ", Account(kEnd), " 50")));
  EXPECT_THAT(Ends({"--service-degree", "5"}, &document),
              ::testing::Contains(absl::StrCat("service ", Account(kBusy), " 300")));
  bool found = false;
  for (const Value& end : document["results"][0]["endpoints"].GetArray()) {
    if (end["address"].GetString() != Account(kBusy)) continue;
    found = true;
    EXPECT_EQ(end["by_size"].GetUint(), 6u);
    EXPECT_TRUE(end["actor"].IsNull());
    EXPECT_TRUE(end["category"].IsNull());
    EXPECT_TRUE(end["tag"].IsNull());
  }
  EXPECT_TRUE(found);
  bool warned = false;
  for (const Value& warning : document["results"][0]["warnings"].GetArray()) {
    warned |= std::string(warning.GetString()).find("found by size alone") != std::string::npos;
  }
  EXPECT_TRUE(warned);
  const ProcessResult table = Run({"follow", Account(kThief), "--service-degree", "5", "--bounds"});
  EXPECT_THAT(table.out, HasSubstr("that tags name or their size shows"));
  EXPECT_THAT(table.out, HasSubstr("unnamed service, 6 transfers"));
  EXPECT_THAT(table.out, HasSubstr("it adds up, to the unit"));
  // Back too; and not who is known, whatever lists say of them.
  const auto back = ParseJson(Run({"back", Account(kEnd), "--service-degree", "5", "--json"}));
  EXPECT_EQ(back["results"][0]["endpoints"][0]["by_size"].GetUint(), 6u);
  std::ofstream(dir_ + "/busy.csv") << "address,label,category\n"
                                    << Account(kBusy) << ",somebody,user\n";
  ASSERT_EQ(Run({"tags", dir_ + "/busy.csv", "--quiet"}).exit_status, 0);
  EXPECT_THAT(Ends({"--service-degree", "5"}, &document),
              ::testing::Contains(absl::StrCat("unspent ", Account(kEnd), " 50")));
}

// The 600 by way of the deposit address: transfer by transfer, there and back.
TEST_F(AccountServicesTest, AreCameToByPathsOfTransfers) {
  ASSERT_EQ(Run({"tags", dir_ + "/tags.csv", "--quiet"}).exit_status, 0);
  const std::vector<std::vector<std::string>> ways = {
      {"follow", Account(kThief), "t112:0", "t113:0", "t114:0"},
      {"back", "t114", "t114:0", "t113:0", "t112:0"}};
  for (const std::vector<std::string>& way : ways) {
    SCOPED_TRACE(way[0]);
    const auto document = ParseJson(Run({way[0], way[1], "--paths", "2", "--json"}));
    const auto& ends = document["results"][0]["endpoints"];
    const auto end = std::find_if(ends.Begin(), ends.End(), [](const Value& candidate) {
      return candidate["tainted"] == "600";
    });
    ASSERT_NE(end, ends.End());
    const auto& paths = (*end)["paths"];
    ASSERT_EQ(paths.Size(), 1u);
    EXPECT_STREQ(paths[0]["tainted"].GetString(), "600");
    ASSERT_GE(paths[0]["places"].Size(), 3u);
    for (rapidjson::SizeType i = 0; i < 3; ++i) {
      EXPECT_EQ(paths[0]["places"][i].GetString(), way[2 + i]);
    }
  }
  EXPECT_THAT(Run({"follow", Account(kThief), "--paths", "1"}).out, HasSubstr("t112:0"));
  const ProcessResult mixed =
      Run({"follow", Account(kThief), "--paths", "1", "--policy", "haircut"});
  EXPECT_EQ(mixed.exit_status, 2);
  EXPECT_THAT(mixed.err, HasSubstr("paths on ethereum are not known under haircut"));
}

// What came to the end was paid out of 328, 300 of them the victim's.
TEST_F(AccountServicesTest, HaveBoundsBackwardsToo) {
  const auto document = ParseJson(
      Run({"back", Account(kEnd), "--bounds", "--bounds-for", Account(kVictim), "--json"}));
  std::vector<std::string> bounds;
  for (const Value& bound : document["bounds"].GetArray()) {
    bounds.push_back(absl::StrCat(bound["for"].IsNull() ? bound["kind"].GetString() : "victim", " ",
                                  bound["lower"].GetString(), " ", bound["upper"].GetString(), " ",
                                  bound["tightness"].GetString()));
  }
  EXPECT_THAT(bounds, ::testing::ElementsAre("outside 78 78 attained", "victim 50 78 attained"));
}

}  // namespace
}  // namespace spoor
