#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// The transaction `joined` of the world spends from parties 1 and 3 together.
TEST_F(TraceTest, ClusterWhyAndShow) {
  EXPECT_EQ(Run({"why", PartyAddress(1), PartyAddress(3)}).exit_status, 1);
  const auto clusters = ParseJson(Run({"cluster", "--json"}));
  EXPECT_STREQ(clusters["schema"].GetString(), "spoor.clusters.v1");
  EXPECT_EQ(clusters["clusters"].GetUint() + 1, clusters["addresses"].GetUint());
  EXPECT_EQ(clusters["largest"].GetUint(), 2u);
  EXPECT_EQ(clusters["merges"]["co-spend"].GetUint(), 1u);
  EXPECT_EQ(clusters["merges"]["same-key"].GetUint(), 0u);
  EXPECT_FALSE(clusters["merges"].HasMember("round-amount-change"));
  EXPECT_EQ(clusters["conflicts"].GetUint(), 0u);
  EXPECT_EQ(Run({"cluster", "--json"}).out, Run({"cluster", "--json"}).out);
  EXPECT_THAT(Run({"cluster"}).out, HasSubstr("1 merges by co-spend"));

  const auto why = ParseJson(Run({"why", PartyAddress(3), PartyAddress(1), "--json"}));
  EXPECT_STREQ(why["schema"].GetString(), "spoor.why.v1");
  EXPECT_TRUE(why["same_cluster"].GetBool());
  ASSERT_EQ(why["path"].Size(), 1u);
  EXPECT_EQ(why["path"][0]["from"].GetString(), PartyAddress(3));
  EXPECT_EQ(why["path"][0]["to"].GetString(), PartyAddress(1));
  EXPECT_STREQ(why["path"][0]["heuristic"].GetString(), "co-spend");
  EXPECT_EQ(why["path"][0]["tx"].GetString(), ToText(world_.joined.txid()));
  EXPECT_THAT(Run({"why", PartyAddress(3), PartyAddress(1)}).out,
              HasSubstr(ToText(world_.joined.txid())));
  const auto none = ParseJson(Run({"why", PartyAddress(3), PartyAddress(2), "--json"}));
  EXPECT_FALSE(none["same_cluster"].GetBool());
  EXPECT_EQ(none["path"].Size(), 0u);
  const auto self = ParseJson(Run({"why", PartyAddress(3), PartyAddress(3), "--json"}));
  EXPECT_TRUE(self["same_cluster"].GetBool());
  EXPECT_EQ(self["path"].Size(), 0u);

  EXPECT_THAT(Run({"why", PartyAddress(3), PartyAddress(1)}).out,
              HasSubstr("two addresses give inputs to one transaction (co-spend)"));

  const std::string name = "cluster:" + PartyAddress(1);  // seen before party 3
  const auto shown = ParseJson(Run({"show", name, "--json"}));
  EXPECT_STREQ(shown["kind"].GetString(), "cluster");
  EXPECT_EQ(shown["cluster"].GetString(), name);
  EXPECT_EQ(shown["size"].GetUint(), 2u);
  EXPECT_STREQ(shown["balance"].GetString(), "1500000000");
  ASSERT_EQ(shown["addresses"].Size(), 2u);
  EXPECT_EQ(shown["addresses"][0].GetString(), PartyAddress(1));
  EXPECT_EQ(shown["addresses"][1].GetString(), PartyAddress(3));
  EXPECT_EQ(Run({"show", "cluster:" + PartyAddress(3), "--json"}).out,
            Run({"show", name, "--json"}).out);
  EXPECT_THAT(Run({"show", name}).out, HasSubstr("2 addresses"));
}

// Parties 1 and 3 are one; what comes back to party 1 has come to what a tag says of party 3.
TEST_F(TraceTest, FollowStopsAtClustersOfServices) {
  const std::string csv = world_.dir / "tags.csv";
  std::ofstream(csv) << PartyAddress(3) << ",Bex,exchange\n";
  ASSERT_EQ(Run({"tags", csv}).exit_status, 0);
  const std::string seed = PlaceText(world_.theft.out(0));
  const std::string back = PlaceText({world_.split.txid(), 2});
  const auto end_of = [&](const rapidjson::Document& document) -> const rapidjson::Value* {
    for (const auto& end : document["results"][0]["endpoints"].GetArray()) {
      if (end["place"].GetString() == back) return &end;
    }
    return nullptr;
  };
  const auto before = ParseJson(Run({"follow", seed, "--policy", "haircut", "--json"}));
  ASSERT_NE(end_of(before), nullptr);
  EXPECT_STREQ((*end_of(before))["kind"].GetString(), "unspent");
  EXPECT_TRUE((*end_of(before))["cluster"].IsNull());

  ASSERT_EQ(Run({"cluster"}).exit_status, 0);
  const std::string name = "cluster:" + PartyAddress(1);
  const auto after =
      ParseJson(Run({"follow", seed, "--policy", "haircut", "--bounds-for", name, "--bounds-for",
                     "exchange", "--bounds-for", PartyAddress(1), "--json"}));
  ASSERT_NE(end_of(after), nullptr);
  EXPECT_STREQ((*end_of(after))["kind"].GetString(), "service");
  EXPECT_STREQ((*end_of(after))["actor"].GetString(), "Bex");
  EXPECT_STREQ((*end_of(after))["category"].GetString(), "exchange");
  EXPECT_EQ((*end_of(after))["cluster"].GetString(), name);
  int asked = 0;
  for (const auto& bound : after["bounds"].GetArray()) {
    if (!bound["kind"].IsNull()) continue;
    ++asked;
    EXPECT_STREQ(bound["upper"].GetString(), "1500000000");
  }
  EXPECT_EQ(asked, 3);

  const auto shown = ParseJson(Run({"show", PartyAddress(3), "--json"}));
  EXPECT_EQ(shown["cluster"].GetString(), name);
  EXPECT_EQ(shown["cluster_size"].GetUint(), 2u);
  EXPECT_THAT(Run({"show", PartyAddress(3)}).out, HasSubstr(name + " of 2 addresses"));
  EXPECT_EQ(Run({"follow", seed, "--bounds-for", "cluster:nobody"}).exit_status, 2);
}

// Parties 7 and 8 each sweep an anchor, of which all have the same script, with a coin of theirs.
TEST(Clusters, OutputsThatAnyoneCanSpendJoinNobody) {
  World world;
  const Bytes anchor = {0x51, 0x02, 0x4e, 0x73};  // BIP 433
  std::vector<Payment> funding, sweeps;
  for (const int party : {0, 1}) {
    funding.push_back(
        {{world.split.out(party)}, {{10 * kCoin, PartyScript(7 + party)}, {kCoin, anchor}}});
    sweeps.push_back(
        {{funding[party].out(0), funding[party].out(1)}, {{10 * kCoin, PartyScript(9 + party)}}});
  }
  world.chain.Add(funding);
  world.chain.Add(sweeps);
  const std::string blocks = world.dir / "more";
  WriteTestBlocks(blocks, world.chain.blocks());
  const auto run = [&](std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--ledger", world.ledger(), "--json"});
    return ParseJson(Trace(arguments));
  };
  run({"ingest", "bitcoin", "--network", "regtest", "--blocks", blocks});
  EXPECT_EQ(run({"cluster"})["merges"]["co-spend"].GetUint(), 1u);  // of parties 1 and 3
  EXPECT_FALSE(run({"why", PartyAddress(7), PartyAddress(8)})["same_cluster"].GetBool());
}

// Party 3 is tagged twice, and party 1, which nobody speaks of, is one with it.
TEST_F(TraceTest, TagsOfAClusterSpeakForItsAddresses) {
  const std::string csv = world_.dir / "tags.csv";
  std::ofstream(csv) << "address,label,category,source,confidence,date\n"
                     << PartyAddress(3) << ",Bex,exchange,https://bex.example,90,2024-05-31\n"
                     << PartyAddress(3) << ",Luck,gambling,https://luck.example,20,2023-01-01\n";
  ASSERT_EQ(Run({"tags", csv}).exit_status, 0);
  ASSERT_EQ(Run({"cluster"}).exit_status, 0);
  for (const std::string& what : {PartyAddress(1), "cluster:" + PartyAddress(1)}) {
    SCOPED_TRACE(what);
    const std::string text = Run({"show", what}).out;
    EXPECT_THAT(text, HasSubstr("cluster is known as Bex (exchange), by 2 tags of its addresses"));
    EXPECT_THAT(text, HasSubstr("but      Luck (gambling), with confidence 20"));
    EXPECT_THAT(text, HasSubstr("90  2024-05-31"));
    EXPECT_THAT(text, HasSubstr("https://bex.example"));
    EXPECT_THAT(text, HasSubstr(PartyAddress(3)));
  }
  const auto address = ParseJson(Run({"show", PartyAddress(1), "--json"}));
  EXPECT_TRUE(address["actor"].IsNull());
  EXPECT_STREQ(address["cluster_known"]["actor"].GetString(), "Bex");
  const auto cluster = ParseJson(Run({"show", "cluster:" + PartyAddress(3), "--json"}));
  EXPECT_STREQ(cluster["actor"].GetString(), "Bex");
  EXPECT_STREQ(cluster["category"].GetString(), "exchange");
  EXPECT_EQ(cluster["confidence"].GetUint(), 90u);
  ASSERT_EQ(cluster["conflicts"].Size(), 1u);
  EXPECT_STREQ(cluster["conflicts"][0]["actor"].GetString(), "Luck");
  ASSERT_EQ(cluster["tags"].Size(), 2u);
  EXPECT_EQ(cluster["tags"][0]["address"].GetString(), PartyAddress(3));
  EXPECT_STREQ(cluster["tags"][0]["source"].GetString(), "https://bex.example");
  // What has tags of its own, all of the cluster's, says them once.
  EXPECT_THAT(Run({"show", PartyAddress(3)}).out, Not(HasSubstr("cluster is known")));
}

TEST_F(TraceTest, ClusterGoesOnWithItsOwnSettings) {
  const auto begun = ParseJson(Run({"cluster", "--heuristics", "all", "--guard", "5", "--json"}));
  EXPECT_TRUE(begun["merges"].HasMember("peeling-change"));
  const ProcessResult on = Run({"cluster", "--json"});
  EXPECT_THAT(on.err, HasSubstr("goes on with --heuristics"));
  EXPECT_THAT(on.err, HasSubstr("--guard 5"));
  EXPECT_EQ(on.out, Run({"cluster", "--json"}).out);
  EXPECT_TRUE(ParseJson(on)["merges"].HasMember("peeling-change"));
  const ProcessResult anew = Run({"cluster", "--heuristics", "default", "--json"});
  EXPECT_FALSE(ParseJson(anew)["merges"].HasMember("peeling-change"));
  EXPECT_EQ(ParseJson(anew)["chains"][0]["guard"].GetUint(), 5u);
}

TEST_F(TraceTest, ClusterWorksWithTheLeastMemory) {
  const ProcessResult refused = Run({"cluster", "--memory", "4M"});
  EXPECT_EQ(refused.exit_status, 2);
  EXPECT_THAT(refused.err, HasSubstr("wanted 16M at least"));
  EXPECT_EQ(Run({"why", PartyAddress(1), PartyAddress(3)}).exit_status, 1);
  EXPECT_EQ(Run({"cluster", "--memory", "16M"}).exit_status, 0);
  EXPECT_EQ(Run({"why", PartyAddress(1), PartyAddress(3)}).exit_status, 0);
}

TEST_F(TraceTest, ClusterRefusesWhatIsNotThere) {
  for (const std::vector<std::string>& request :
       {std::vector<std::string>{"cluster", "--heuristics", "guessing"},
        {"cluster", "--heuristics", ""},
        {"cluster", "--guard", "1"},
        {"why", PartyAddress(1)}}) {
    const ProcessResult result = Run(request);
    EXPECT_EQ(result.exit_status, 2) << result.err;
    EXPECT_TRUE(result.out.empty());
  }
  ASSERT_EQ(Run({"cluster"}).exit_status, 0);
  EXPECT_EQ(Run({"why", PartyAddress(1), PartyAddress(99)}).exit_status, 2);
  EXPECT_EQ(Run({"why", "nobody", PartyAddress(1)}).exit_status, 2);
  EXPECT_EQ(Run({"show", "cluster:nobody"}).exit_status, 2);
  const ProcessResult missing = Trace({"cluster", "--ledger", world_.dir / "none"});
  EXPECT_EQ(missing.exit_status, 1);
  EXPECT_THAT(missing.err, HasSubstr("trace ingest"));
}

}  // namespace
}  // namespace spoor
