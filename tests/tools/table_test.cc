#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/trace_world.h"

// What a person sees of a trace, and how requests are put.

namespace spoor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(TraceTest, TablesFitATerminalUnlessWide) {
  const std::string seed = PlaceText(world_.theft.out(0));
  const std::vector<std::string> request = {"follow",   "hack=" + seed, "--policy", "all",
                                            "--bounds", "--paths",      "1"};
  const ProcessResult narrow = Run(request);
  ASSERT_EQ(narrow.exit_status, 0) << narrow.err;
  for (const absl::string_view line : absl::StrSplit(narrow.out, '\n')) {
    EXPECT_LE(line.size(), 100u) << line;
  }
  const std::string place = PlaceText(world_.split.out(0));
  const std::string shortened =
      absl::StrCat(place.substr(0, 8), "..", place.substr(place.size() - 8));
  EXPECT_THAT(narrow.out, HasSubstr("  " + shortened + "\n"));
  std::vector<std::string> wide_request = request;
  wide_request.emplace_back("--wide");
  const std::string wide = Run(wide_request).out;
  EXPECT_THAT(wide, HasSubstr("  " + place + "\n"));
  EXPECT_THAT(wide, Not(HasSubstr(shortened)));
  EXPECT_THAT(narrow.out, HasSubstr("stolen BTC"));
  EXPECT_THAT(narrow.out, HasSubstr("reached BTC"));  // poison's
  EXPECT_THAT(narrow.out, HasSubstr("policies from"));
}

TEST_F(TraceTest, PathsAreToldUnderEveryPolicy) {
  const std::string seed = PlaceText(world_.theft.out(0));
  const std::string paid = PlaceText(world_.split.out(0));
  const auto document =
      ParseJson(Run({"follow", seed, "--policy", "all", "--paths", "2", "--json"}));
  for (const auto& result : document["results"].GetArray()) {
    SCOPED_TRACE(result["policy"].GetString());
    for (const auto& end : result["endpoints"].GetArray()) {
      ASSERT_EQ(end["paths"].Size(), 1u);
      const auto& path = end["paths"][0];
      EXPECT_STREQ(path["tainted"].GetString(), end["tainted"].GetString());
      EXPECT_EQ(path["omitted"].GetUint(), 0u);
      if (end["place"].GetString() != paid) continue;
      ASSERT_EQ(path["places"].Size(), 3u);
      EXPECT_EQ(path["places"][0].GetString(), seed);
      EXPECT_EQ(path["places"][1].GetString(), PlaceText(world_.joined.out(1)));
      EXPECT_EQ(path["places"][2].GetString(), paid);
    }
  }
  EXPECT_EQ(Run({"follow", seed, "--paths", "1001"}).exit_status, 2);
}

TEST_F(TraceTest, SaysWhereSeedsOverlap) {
  const std::string tx = ToText(world_.theft.txid());
  const ProcessResult twice = Run({"follow", "a=" + tx + ":0", "b=" + tx});
  EXPECT_EQ(twice.exit_status, 0);
  EXPECT_THAT(twice.err, HasSubstr(absl::StrCat("seeds ", tx, ":0 and ", tx,
                                                " overlap: they share 1 credit,")));
  const ProcessResult apart = Run({"follow", "a=" + tx + ":0", "b=" + tx + ":1"});
  EXPECT_THAT(apart.err, Not(HasSubstr("overlap")));
}

TEST_F(TraceTest, TakesTimesAsPeopleWriteThem) {
  const std::string seed = PlaceText(world_.theft.out(0));
  const std::string want = Run({"follow", seed, "--until", "2030-01-02T12:00:59Z", "--json"}).out;
  for (const std::string time : {"2030-01-02 12:00", "2030-01-02T12:00", "2030-01-02 12:00:59"}) {
    EXPECT_EQ(Run({"follow", seed, "--until", time, "--json"}).out, want) << time;
  }
  EXPECT_EQ(Run({"follow", seed, "--until", "2030-01-02 25:00"}).exit_status, 2);
}

TEST_F(TraceTest, AmountsAreInBaseUnitsAndErrorsSaySo) {
  const ProcessResult result =
      Run({"follow", PlaceText(world_.theft.out(0)), "--min-taint", "0.5"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("--min-taint 0.5"));
  EXPECT_THAT(result.err, HasSubstr("base units"));
}

TEST_F(TraceTest, BoundsForTakesAChainsAddress) {
  const std::string seed = PlaceText(world_.theft.out(0));
  const auto bounds = [&](const std::string& where) {
    const auto document = ParseJson(Run({"follow", seed, "--bounds-for", where, "--json"}));
    for (const auto& bound : document["bounds"].GetArray()) {
      if (bound["kind"].IsNull()) {
        return absl::StrCat(bound["lower"].GetString(), "..", bound["upper"].GetString());
      }
    }
    return std::string();
  };
  const std::string plain = bounds(PartyAddress(6));
  EXPECT_NE(plain, "");
  EXPECT_EQ(bounds("bitcoin-regtest:" + PartyAddress(6)), plain);
  const ProcessResult none = Run({"follow", seed, "--bounds-for", "cluster:" + PartyAddress(6)});
  EXPECT_EQ(none.exit_status, 1);
  EXPECT_THAT(none.err, HasSubstr("no clusters of the chains as they are"));
}

}  // namespace
}  // namespace spoor
