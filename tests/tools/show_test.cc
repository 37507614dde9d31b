#include <algorithm>
#include <fstream>
#include <string>

#include "absl/strings/ascii.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using rapidjson::Value;
using ::testing::HasSubstr;

TEST_F(TraceTest, ShowLedger) {
  const auto document = ParseJson(Run({"show", "--json"}));
  EXPECT_STREQ(document["schema"].GetString(), "spoor.show.v1");
  EXPECT_STREQ(document["kind"].GetString(), "ledger");
  ASSERT_EQ(document["chains"].Size(), 1u);
  const Value& chain = document["chains"][0];
  EXPECT_STREQ(chain["chain"].GetString(), "bitcoin-regtest");
  EXPECT_EQ(chain["blocks"].GetUint(), 8u);
  EXPECT_EQ(chain["transactions"].GetUint(), 12u);
  EXPECT_EQ(chain["inputs"].GetUint(), 5u);
  EXPECT_EQ(chain["tip"]["height"].GetUint(), 7u);
  EXPECT_EQ(chain["tip"]["hash"].GetString(), ToText(world_.chain.tip().hash));
  const ProcessResult text = Run({"show"});
  EXPECT_EQ(text.exit_status, 0);
  EXPECT_THAT(text.out, HasSubstr("8 blocks, 12 transactions"));
}

TEST_F(TraceTest, ShowTransaction) {
  const std::string txid = ToText(world_.joined.txid());
  const auto document = ParseJson(Run({"show", txid, "--json"}));
  EXPECT_STREQ(document["kind"].GetString(), "transaction");
  EXPECT_EQ(document["txid"].GetString(), txid);
  EXPECT_EQ(document["block"].GetUint(), 6u);
  EXPECT_EQ(document["block_hash"].GetString(), ToText(world_.chain.at(6).hash));
  EXPECT_FALSE(document["coinbase"].GetBool());
  EXPECT_STREQ(document["fee"].GetString(), "500000000");
  ASSERT_EQ(document["inputs"].Size(), 2u);
  EXPECT_EQ(document["inputs"][0]["place"].GetString(), PlaceText(world_.theft.out(0)));
  EXPECT_STREQ(document["inputs"][0]["amount"].GetString(), "3000000000");
  EXPECT_EQ(document["inputs"][0]["address"].GetString(), PartyAddress(1));
  ASSERT_EQ(document["outputs"].Size(), 3u);
  EXPECT_TRUE(document["outputs"][0]["spent_by"].IsNull());
  EXPECT_EQ(document["outputs"][1]["spent_by"].GetString(), ToText(world_.split.txid()));
  EXPECT_EQ(document["outputs"][1]["address"].GetString(), PartyAddress(5));
  EXPECT_TRUE(document["outputs"][2]["burned"].GetBool());
  EXPECT_TRUE(document["outputs"][2]["address"].IsNull());
  EXPECT_EQ(Run({"show", absl::AsciiStrToUpper(txid), "--json"}).out,
            Run({"show", "bitcoin-regtest:" + txid, "--json"}).out);
  EXPECT_THAT(Run({"show", txid}).out, HasSubstr(PartyAddress(5)));
}

TEST_F(TraceTest, ShowAddress) {
  const auto document = ParseJson(Run({"show", PartyAddress(1), "--json"}));
  EXPECT_STREQ(document["kind"].GetString(), "address");
  EXPECT_EQ(document["address"].GetString(), PartyAddress(1));
  EXPECT_STREQ(document["received"].GetString(), "4500000000");
  EXPECT_STREQ(document["sent"].GetString(), "3000000000");
  EXPECT_STREQ(document["balance"].GetString(), "1500000000");
  EXPECT_EQ(document["transactions"].GetUint(), 3u);  // received in two, spent in a third
  EXPECT_STREQ(document["first"].GetString(), "2011-02-02T23:56:42Z");
  EXPECT_STREQ(document["last"].GetString(), "2011-02-03T00:26:42Z");
  ASSERT_EQ(document["outputs"].Size(), 2u);
  EXPECT_EQ(document["outputs"][0]["place"].GetString(), PlaceText(world_.theft.out(0)));
  EXPECT_EQ(document["outputs"][0]["spent_by"].GetString(), ToText(world_.joined.txid()));
  EXPECT_EQ(document["outputs"][1]["place"].GetString(), PlaceText(world_.split.out(2)));
  EXPECT_TRUE(document["outputs"][1]["spent_by"].IsNull());
  const ProcessResult text = Run({"show", PartyAddress(1)});
  EXPECT_EQ(text.exit_status, 0);
  EXPECT_THAT(text.out, HasSubstr("45.00000000"));
}

// An address that is known only because something from before the ledger's beginning was its.
TEST(Show, AnAddressThatHasReceivedNothing) {
  TestChain chain;
  chain.AddEmpty(3);
  TestBlockOptions options;
  options.spent = {{{50 * kCoin, PartyScript(8)}}};
  chain.Add({Payment{{chain.at(1).reward}, {{50 * kCoin, PartyScript(9)}}}}, options);
  const bitcoin::TempDir dir;
  WriteTestBlocks(dir / "blocks", {chain.tip()});
  const ProcessResult ingested = Trace({"ingest", "bitcoin", "--blocks", dir / "blocks",
                                        "--network", "regtest", "--ledger", dir / "ledger"});
  ASSERT_EQ(ingested.exit_status, 0) << ingested.err;
  EXPECT_THAT(ingested.err, HasSubstr("their values come from undo data"));
  const auto document =
      ParseJson(Trace({"show", PartyAddress(8), "--json", "--ledger", dir / "ledger"}));
  EXPECT_STREQ(document["received"].GetString(), "0");
  EXPECT_EQ(document["outputs"].Size(), 0u);
  EXPECT_TRUE(document["first"].IsNull());
  EXPECT_TRUE(document["last"].IsNull());
  EXPECT_EQ(Trace({"show", PartyAddress(8), "--ledger", dir / "ledger"}).out.find("1970"),
            std::string::npos);
}

// An input reveals a key, whose account an account chain and a list know.
TEST(ShowKeys, LinkAnAddressToTheAccountOfItsKey) {
  const bitcoin::TempDir dir;
  const std::string ledger = dir / "ledger";
  ASSERT_EQ(Trace({"simulate", "--out", dir / "world", "--transactions", "300", "--blocks", "150",
                   "--sign", "--quiet"})
                .exit_status,
            0);
  ASSERT_EQ(Trace({"ingest", "bitcoin", "--network", "regtest", "--blocks", dir / "world/blocks",
                   "--ledger", ledger, "--quiet"})
                .exit_status,
            0);
  ASSERT_EQ(Trace({"check", "--ledger", ledger, "--quiet"}).exit_status, 0);
  const auto show = [&](const std::string& what) {
    return ParseJson(Trace({"show", what, "--ledger", ledger, "--json"}));
  };
  // Of the theft or of what came of it, the first input that reveals a key.
  std::string address;
  for (const char* file : {"world/truth/thefts.jsonl", "world/truth/steps.jsonl"}) {
    std::ifstream lines(dir / file);
    for (std::string line; address.empty() && std::getline(lines, line);) {
      rapidjson::Document step;
      step.Parse(line.c_str());
      const auto tx = show(step["txid"].GetString());
      EXPECT_THAT(tx["wallet"].GetString(), HasSubstr("version "));
      for (const Value& input : tx["inputs"].GetArray()) {
        if (!input["address"].IsString()) continue;
        const auto shown = show(input["address"].GetString());
        if (!shown["keys"].IsObject() || !shown["keys"]["single"].IsObject()) continue;
        address = input["address"].GetString();
        break;
      }
    }
  }
  ASSERT_FALSE(address.empty());
  const auto before = show(address);
  EXPECT_EQ(before["keys"]["required"].GetUint(), 0u);
  const Value& account = before["keys"]["single"]["account"];
  EXPECT_EQ(account["chains"].Size(), 0u);
  const std::string name = account["address"].GetString();
  const std::string revealed = before["keys"]["revealed_in"].GetString();
  const auto revealing = show(revealed);
  EXPECT_TRUE(
      std::any_of(revealing["inputs"].Begin(), revealing["inputs"].End(), [&](const Value& input) {
        return input["address"].IsString() && input["address"].GetString() == address;
      }));

  std::ofstream(dir / "moves.csv") << "time,block,tx,from,to,asset,amount\n"
                                   << "2023-01-01T00:00:00Z,5,one," << name << ",till,,7\n";
  std::ofstream(dir / "tags.csv") << "address,label,category\n" << name << ",A Shop,exchange\n";
  ASSERT_EQ(Trace({"ingest", "transfers", dir / "moves.csv", "--chain", "ethereum", "--ledger",
                   ledger, "--quiet"})
                .exit_status,
            0);
  const ProcessResult tags = Trace({"tags", dir / "tags.csv", "--ledger", ledger, "--quiet"});
  ASSERT_EQ(tags.exit_status, 0) << tags.err;
  const auto after = show(address);
  const Value& linked = after["keys"]["single"]["account"];
  ASSERT_EQ(linked["chains"].Size(), 1u);
  EXPECT_STREQ(linked["chains"][0].GetString(), "ethereum");
  ASSERT_EQ(linked["tags"].Size(), 1u);
  EXPECT_STREQ(linked["tags"][0]["label"].GetString(), "A Shop");
  const ProcessResult text = Trace({"show", address, "--ledger", ledger});
  EXPECT_THAT(text.out, HasSubstr("also account " + name + " (ethereum)"));
  EXPECT_THAT(text.out, HasSubstr("revealed in " + revealed));
}

}  // namespace
}  // namespace spoor
