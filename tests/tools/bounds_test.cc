#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using rapidjson::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Text(const Value& value) { return value.IsNull() ? "-" : value.GetString(); }

// "kind category for lower..upper of least..most tightness" of every bound; amounts in coins.
std::vector<std::string> Bounds(const rapidjson::Document& document) {
  const auto coins = [](const Value& value) { return std::stoull(value.GetString()) / kCoin; };
  std::vector<std::string> bounds;
  for (const Value& bound : document["bounds"].GetArray()) {
    EXPECT_STREQ(bound["asset"].GetString(), "bitcoin-regtest:BTC");
    bounds.push_back(absl::StrCat(Text(bound["kind"]), " ", Text(bound["category"]), " ",
                                  Text(bound["for"]), " ", coins(bound["lower"]), "..",
                                  coins(bound["upper"]), " of ", coins(bound["stolen_least"]), "..",
                                  coins(bound["stolen"]), " ", Text(bound["tightness"])));
  }
  return bounds;
}

class BoundsTest : public TraceTest {
 protected:
  rapidjson::Document Follow(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"follow", PlaceText(world_.theft.out(0)), "--json"});
    return ParseJson(Run(std::move(arguments)));
  }
};

// 30 stolen go into a movement of 80, with 50 clean: see World.
TEST_F(BoundsTest, AreGivenForEachKind) {
  const auto document = Follow({"--bounds"});
  EXPECT_THAT(Bounds(document), ElementsAre("unspent - - 15..30 of 30..30 attained",
                                            "fee - - 0..10 of 30..30 attained",
                                            "burned - - 0..5 of 30..30 attained"));
  EXPECT_EQ(document["bounds_warnings"].Size(), 0u);
  EXPECT_THAT(Bounds(Follow({})), IsEmpty());
}

TEST_F(BoundsTest, AreGivenForWhatArrivesAtAnAddress) {
  // Party 5 passes all it got on to others, and party 6 keeps what it got.
  EXPECT_THAT(Bounds(Follow({"--bounds-for", PartyAddress(5), "--bounds-for", PartyAddress(6)})),
              ElementsAre("unspent - - 15..30 of 30..30 attained",
                          "fee - - 0..10 of 30..30 attained", "burned - - 0..5 of 30..30 attained",
                          absl::StrCat("- - ", PartyAddress(5), " 10..30 of 30..30 attained"),
                          absl::StrCat("- - ", PartyAddress(6), " 0..30 of 30..30 attained")));
}

TEST_F(BoundsTest, HoldWithinLimits) {
  EXPECT_THAT(
      Bounds(Follow({"--bounds", "--max-hops", "1"})),
      ElementsAre("unspent - - 0..10 of 30..30 attained", "fee - - 0..5 of 30..30 attained",
                  "burned - - 0..5 of 30..30 attained", "hop-limit - - 10..30 of 30..30 attained"));
  // Whether the 60 have so many hangs on the policy.
  const auto loose = Follow({"--bounds", "--min-taint", "2500000000"});
  EXPECT_THAT(
      Bounds(loose),
      ElementsAre("unspent - - 0..30 of 30..30 loose", "fee - - 0..10 of 30..30 loose",
                  "burned - - 0..5 of 30..30 loose", "below-least - - 0..24 of 30..30 loose"));
  ASSERT_EQ(loose["bounds_warnings"].Size(), 1u);
  EXPECT_THAT(loose["bounds_warnings"][0].GetString(), HasSubstr("hangs on the policy"));
}

TEST_F(BoundsTest, AreGivenBackwardsToo) {
  const auto document =
      ParseJson(Run({"back", PlaceText(world_.split.out(0)), "--bounds", "--json"}));
  EXPECT_THAT(Bounds(document), ElementsAre("minted - - 20..20 of 20..20 attained"));
}

TEST_F(BoundsTest, StandBesideThePoliciesInTheTable) {
  const ProcessResult result =
      Run({"follow", PlaceText(world_.theft.out(0)), "--policy", "fifo,poison", "--bounds"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("bounds, bitcoin-regtest"));
  EXPECT_THAT(result.out, HasSubstr("15.00000000  30.00000000  30.00000000  unspent"));
  EXPECT_THAT(result.out, Not(HasSubstr("warning: whether")));
}

TEST_F(BoundsTest, RefuseWhatIsNoAddressOfTheLedger) {
  for (const std::string& name : {std::string("nobody"), PartyAddress(99)}) {
    const ProcessResult result =
        Run({"follow", PlaceText(world_.theft.out(0)), "--bounds-for", name});
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, HasSubstr(absl::StrCat("trace: --bounds-for ", name, ": ")));
  }
}

}  // namespace
}  // namespace spoor
