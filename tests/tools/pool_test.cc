#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

TEST_F(TraceTest, PoolsOfAddressesAndClusters) {
  const std::string seed = PlaceText(world_.theft.out(0));
  const auto by_output = Run({"follow", seed, "--json"});
  EXPECT_EQ(Run({"follow", seed, "--pool", "output", "--json"}).out, by_output.out);

  // Party 6 got two coins of 20, the first of them stolen: one account of 40.
  const auto address = ParseJson(Run({"follow", seed, "--pool", "address", "--json"}));
  const auto& ends = address["results"][0]["endpoints"];
  ASSERT_EQ(ends.Size(), 2u);
  EXPECT_EQ(ends[0]["place"].GetString(), PartyAddress(6));
  EXPECT_EQ(ends[0]["address"].GetString(), PartyAddress(6));
  EXPECT_STREQ(ends[0]["kind"].GetString(), "unspent");
  EXPECT_STREQ(ends[0]["amount"].GetString(), "4000000000");
  EXPECT_STREQ(ends[0]["tainted"].GetString(), "2000000000");
  EXPECT_EQ(ends[1]["place"].GetString(), PartyAddress(4));
  EXPECT_STREQ(ends[1]["tainted"].GetString(), "1000000000");
  EXPECT_THAT(Run({"follow", seed, "--pool", "address", "--wide"}).out, HasSubstr(PartyAddress(6)));

  const ProcessResult none = Run({"follow", seed, "--pool", "cluster"});
  EXPECT_EQ(none.exit_status, 1);
  EXPECT_THAT(none.err, HasSubstr("trace cluster"));
  ASSERT_EQ(Run({"cluster"}).exit_status, 0);
  // Party 1 is party 3 too, and what came to both is one account.
  const auto cluster =
      ParseJson(Run({"follow", PlaceText(world_.clean.out(0)), "--pool", "cluster", "--json"}));
  const auto& pools = cluster["results"][0]["endpoints"];
  ASSERT_GT(pools.Size(), 0u);
  bool named = false;
  for (const auto& end : pools.GetArray()) {
    named = named || end["place"].GetString() == "cluster:" + PartyAddress(6);
    if (std::string(end["place"].GetString()) == "cluster:" + PartyAddress(6)) {
      EXPECT_TRUE(end["address"].IsNull());
      EXPECT_EQ(end["cluster"].GetString(), "cluster:" + PartyAddress(6));
    }
  }
  EXPECT_TRUE(named);
}

TEST_F(TraceTest, PoolsRefusePathsOfUnitsThatHaveNone) {
  const std::string seed = PlaceText(world_.theft.out(0));
  for (const std::string command : {"follow", "back"}) {
    const ProcessResult result =
        Run({command, seed, "--pool", "address", "--paths", "1", "--policy", "all"});
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.err, HasSubstr("--paths"));
  }
  EXPECT_EQ(Run({"follow", seed, "--pool", "village"}).exit_status, 2);
}

TEST_F(TraceTest, PoolsHaveBoundsAndGoBack) {
  // Of the two coins of 20 that came to party 6, the first was stolen. It pays from both.
  const std::string seed = PlaceText(world_.theft.out(0));
  for (const std::string command : {"follow", "back"}) {
    const auto traced = ParseJson(Run({command, seed, "--pool", "address", "--policy", "all",
                                       "--bounds", "--bounds-for", PartyAddress(6), "--json"}));
    ASSERT_GT(traced["bounds"].Size(), 1u);
    for (const auto& result : traced["results"].GetArray()) {
      if (!result["conserving"].GetBool()) continue;
      int64_t all = 0;
      for (const auto& bound : traced["bounds"].GetArray()) {
        if (!bound["for"].IsNull()) continue;
        if (!bound["category"].IsNull()) continue;
        int64_t ended = 0;
        for (const auto& end : result["endpoints"].GetArray()) {
          if (std::string(end["kind"].GetString()) == bound["kind"].GetString()) {
            ended += std::stoll(end["tainted"].GetString());
          }
        }
        all += ended;
        EXPECT_GE(ended, std::stoll(bound["lower"].GetString()));
        EXPECT_LE(ended, std::stoll(bound["upper"].GetString()));
      }
      EXPECT_EQ(std::to_string(all), result["stolen"][0]["amount"].GetString());
    }
  }
}

TEST_F(TraceTest, PoolsTellPathsAndLeadFeesOn) {
  const std::string seed = PlaceText(world_.theft.out(0));
  for (const std::string rule : {"end", "subsidy-first", "fees-first"}) {
    const auto traced = ParseJson(Run({"follow", seed, "--pool", "address", "--fees", rule,
                                       "--policy", "fifo,libr", "--paths", "3", "--json"}));
    for (const auto& result : traced["results"].GetArray()) {
      int64_t ended = 0;
      for (const auto& end : result["endpoints"].GetArray()) {
        ended += std::stoll(end["stolen_units"].GetString());
        ASSERT_TRUE(end.HasMember("paths"));
        EXPECT_EQ(end["paths"][0]["places"][0].GetString(), seed);
      }
      EXPECT_EQ(std::to_string(ended), result["stolen"][0]["amount"].GetString()) << rule;
    }
  }
}

}  // namespace
}  // namespace spoor
