#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

uint64_t Number(const rapidjson::Value& text) {
  return std::strtoull(text.GetString(), nullptr, 10);
}

// Parties 1 and 3 are one: what comes back to party 1 has come to what a tag says of party 3.
class TotalsTest : public TraceTest {
 protected:
  void SetUp() override {
    TraceTest::SetUp();
    const std::string csv = world_.dir / "tags.csv";
    std::ofstream(csv) << "address,label,category,source,confidence\n"
                       << PartyAddress(3) << ",Bex,exchange,somebody,70\n"
                       << PartyAddress(4) << ",Mix,mixing service,,20\n";
    ASSERT_EQ(Run({"tags", csv}).exit_status, 0);
    ASSERT_EQ(Run({"cluster"}).exit_status, 0);
  }
  std::string seed() const { return PlaceText(world_.theft.out(0)); }
};

TEST_F(TotalsTest, AddUpToTheEndpoints) {
  const std::string tx = ToText(world_.theft.txid());
  const auto document =
      ParseJson(Run({"follow", "a=" + tx + ":0", "b=" + tx + ":1", "--policy", "all", "--json"}));
  for (const auto& result : document["results"].GetArray()) {
    SCOPED_TRACE(result["policy"].GetString());
    std::map<std::string, uint64_t> ends;
    for (const auto& end : result["endpoints"].GetArray()) {
      const std::string who = end["actor"].IsNull() ? "" : end["actor"].GetString();
      ends[absl::StrCat(end["kind"].GetString(), " ", who)] += Number(end["tainted"]);
      for (const auto& [source, units] : end["by_source"].GetObject()) {
        ends[absl::StrCat(end["kind"].GetString(), " ", who, " of ", source.GetString())] +=
            Number(units);
      }
    }
    std::map<std::string, uint64_t> totals;
    uint64_t before = ~uint64_t{0};
    for (const auto& total : result["totals"].GetArray()) {
      const std::string who = total["actor"].IsNull() ? "" : total["actor"].GetString();
      totals[absl::StrCat(total["kind"].GetString(), " ", who)] = Number(total["tainted"]);
      for (const auto& [source, units] : total["by_source"].GetObject()) {
        totals[absl::StrCat(total["kind"].GetString(), " ", who, " of ", source.GetString())] =
            Number(units);
      }
      EXPECT_LE(Number(total["tainted"]), before);
      before = Number(total["tainted"]);
      EXPECT_GT(total["endpoints"].GetUint(), 0u);
      EXPECT_STREQ(total["asset"].GetString(), "bitcoin-regtest:BTC");
    }
    EXPECT_EQ(totals, ends);
    if (std::string(result["policy"].GetString()) == "haircut") {
      EXPECT_TRUE(totals.contains("service Mix"));
      EXPECT_TRUE(totals.contains("service Bex"));
    }
  }
  const std::string text = Run({"follow", "a=" + tx + ":0", "b=" + tx + ":1"}).out;
  EXPECT_THAT(text, HasSubstr("Mix (mixing service)"));
  EXPECT_THAT(text, HasSubstr(" of a\n"));
}

TEST_F(TotalsTest, ServicesAreNamedByTheTagThatMakesThemSo) {
  const auto document = ParseJson(Run({"follow", seed(), "--policy", "haircut", "--json"}));
  std::map<std::string, std::string> tags;
  for (const auto& end : document["results"][0]["endpoints"].GetArray()) {
    const bool service = std::string(end["kind"].GetString()) == "service";
    EXPECT_EQ(end.HasMember("tag"), service);
    if (!service) continue;
    const auto& tag = end["tag"];
    tags[end["address"].GetString()] = absl::StrCat(
        tag["address"].GetString(), " ", tag["label"].GetString(), " ", tag["source"].GetString(),
        " ", tag["confidence"].GetUint(), " ", tag["list"].GetString());
  }
  const std::map<std::string, std::string> want = {
      {PartyAddress(1), PartyAddress(3) + " Bex somebody 70 tags.csv"},
      {PartyAddress(4), PartyAddress(4) + " Mix tags.csv 20 tags.csv"},
  };
  EXPECT_EQ(tags, want);
  EXPECT_THAT(Run({"follow", seed(), "--policy", "haircut", "--wide"}).out,
              HasSubstr("Bex (exchange), by the tag of " + PartyAddress(3) +
                        " in tags.csv, confidence 70"));
}

TEST_F(TotalsTest, StopOnlyWhereATagIsConfidentEnough) {
  const auto services = [&](const std::string& least) {
    const auto document = ParseJson(
        Run({"follow", seed(), "--policy", "haircut", "--min-confidence", least, "--json"}));
    std::map<std::string, int> actors;
    for (const auto& end : document["results"][0]["endpoints"].GetArray()) {
      if (std::string(end["kind"].GetString()) == "service") ++actors[end["actor"].GetString()];
    }
    return actors;
  };
  using Actors = std::map<std::string, int>;
  EXPECT_EQ(services("20"), (Actors{{"Bex", 1}, {"Mix", 1}}));
  EXPECT_EQ(services("21"), (Actors{{"Bex", 1}}));
  EXPECT_EQ(services("70"), (Actors{{"Bex", 1}}));
  EXPECT_EQ(services("71"), Actors());
  EXPECT_EQ(Run({"follow", seed(), "--min-confidence", "101"}).exit_status, 2);
}

}  // namespace
}  // namespace spoor
