#include <filesystem>
#include <fstream>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/real_data.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using testing::HasSubstr;

std::string WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

// The endpoint of a document's first result that is at `place`.
const rapidjson::Value* EndpointAt(const rapidjson::Document& document, const std::string& place) {
  for (const auto& end : document["results"][0]["endpoints"].GetArray()) {
    if (end["place"].GetString() == place) return &end;
  }
  return nullptr;
}

TEST_F(TraceTest, FollowStopsAtServices) {
  const std::string pack =
      WriteFile(world_.dir / "pack.yaml",
                "title: test\nconfidence: service_data\nlastmod: 2023-08-28\ncurrency: BTC\n"
                "source: https://example.org\ntags:\n"
                "- {address: " +
                    PartyAddress(1) +
                    ", label: the thief, abuse: service_hack}\n"
                    "- {address: " +
                    PartyAddress(5) +
                    ", label: its wallet, category: exchange, actor: bex}\n"
                    "- {address: nonsense, label: x}\n");
  const auto tags = ParseJson(Run({"tags", pack, "--json"}));
  EXPECT_STREQ(tags["schema"].GetString(), "spoor.tags.v1");
  const auto& file = tags["files"][0];
  EXPECT_STREQ(file["kind"].GetString(), "TagPack");
  EXPECT_EQ(file["entries"].GetUint(), 3u);
  EXPECT_EQ(file["tags"].GetUint(), 2u);
  EXPECT_EQ(file["refused"].GetUint(), 1u);
  EXPECT_EQ(file["refusals"][0]["line"].GetUint(), 9u);
  EXPECT_STREQ(file["refusals"][0]["entry"].GetString(), "nonsense");
  EXPECT_EQ(tags["ledger"]["tags"].GetUint(), 2u);
  EXPECT_EQ(ParseJson(Run({"tags", pack, "--json"}))["total"]["added"].GetUint(), 0u);
  EXPECT_THAT(Run({"tags", pack}).out, HasSubstr("not a Bitcoin address"));

  const std::string seed = PlaceText(world_.theft.out(0));
  const std::string at = PlaceText(world_.joined.out(1));
  const auto stopped = ParseJson(Run({"follow", seed, "--json"}));
  const rapidjson::Value* end = EndpointAt(stopped, at);
  ASSERT_NE(end, nullptr);
  EXPECT_STREQ((*end)["kind"].GetString(), "service");
  EXPECT_STREQ((*end)["actor"].GetString(), "bex");
  EXPECT_STREQ((*end)["category"].GetString(), "exchange");
  EXPECT_STREQ((*end)["tainted"].GetString(), "2000000000");
  const rapidjson::Value* other = EndpointAt(stopped, PlaceText(world_.joined.out(0)));
  ASSERT_NE(other, nullptr);
  EXPECT_TRUE((*other)["actor"].IsNull());
  EXPECT_TRUE((*other)["category"].IsNull());
  EXPECT_THAT(Run({"follow", seed}).out, HasSubstr("bex (exchange)"));

  for (const char* through : {"none", "gambling,mixing_service"}) {
    const auto document = ParseJson(Run({"follow", seed, "--stop-at", through, "--json"}));
    EXPECT_EQ(EndpointAt(document, at), nullptr);
    EXPECT_NE(EndpointAt(document, PlaceText(world_.split.out(0))), nullptr);
  }
  // A thief is no service, unless the user says so.
  const auto thief = ParseJson(Run({"follow", PlaceText({world_.split.txid(), 2}), "--json"}));
  EXPECT_STREQ(thief["results"][0]["endpoints"][0]["kind"].GetString(), "unspent");
  EXPECT_STREQ(thief["results"][0]["endpoints"][0]["category"].GetString(), "thief");

  const ProcessResult unknown = Run({"follow", seed, "--stop-at", "exchnge"});
  EXPECT_EQ(unknown.exit_status, 2);
  EXPECT_THAT(unknown.err, HasSubstr("exchange, mixing service, payment processor, gambling"));
}

TEST_F(TraceTest, ShowTellsTheTags) {
  const std::string csv = WriteFile(world_.dir / "tags.csv",
                                    "address,label,category,source,confidence\n" + PartyAddress(5) +
                                        ",\"Bex, Ltd\",exchange,somebody,0.9\n" + PartyAddress(5) +
                                        ",Tumbler,mixer,rumour,10\n");
  ASSERT_EQ(Run({"tags", csv}).exit_status, 0);
  const auto document = ParseJson(Run({"show", PartyAddress(5), "--json"}));
  EXPECT_STREQ(document["actor"].GetString(), "Bex, Ltd");
  EXPECT_STREQ(document["category"].GetString(), "exchange");
  EXPECT_EQ(document["confidence"].GetUint(), 90u);
  ASSERT_EQ(document["conflicts"].Size(), 1u);
  EXPECT_STREQ(document["conflicts"][0]["category"].GetString(), "mixing service");
  ASSERT_EQ(document["tags"].Size(), 2u);
  EXPECT_STREQ(document["tags"][0]["source"].GetString(), "somebody");
  EXPECT_STREQ(document["tags"][0]["list"].GetString(), "tags.csv");
  EXPECT_TRUE(document["tags"][0]["date"].IsNull());
  const std::string text = Run({"show", PartyAddress(5)}).out;
  EXPECT_THAT(text, HasSubstr("known as Bex, Ltd (exchange), by 2 tags"));
  EXPECT_THAT(text, HasSubstr("but      Tumbler (mixing service)"));

  // A new version of the list takes the place of the old.
  WriteFile(csv, PartyAddress(4) + ",Other,gambling\n");
  const auto tags = ParseJson(Run({"tags", csv, "--json"}));
  EXPECT_EQ(tags["total"]["removed"].GetUint(), 2u);
  const auto after = ParseJson(Run({"show", PartyAddress(5), "--json"}));
  EXPECT_TRUE(after["actor"].IsNull());
  EXPECT_EQ(after["tags"].Size(), 0u);
}

TEST(Tags, MayComeBeforeTheChain) {
  const World world;
  const std::string csv = WriteFile(world.dir / "tags.csv", PartyAddress(5) + ",Bex,exchange\n");
  ASSERT_EQ(Trace({"tags", csv, "--ledger", world.ledger()}).exit_status, 0);
  const auto alone =
      ParseJson(Trace({"show", PartyAddress(5), "--json", "--ledger", world.ledger()}));
  EXPECT_TRUE(alone["chain"].IsNull());
  EXPECT_STREQ(alone["actor"].GetString(), "Bex");
  ASSERT_EQ(Trace({"ingest", "bitcoin", "--network", "regtest", "--blocks", world.blocks(),
                   "--ledger", world.ledger()})
                .exit_status,
            0);
  const auto document =
      ParseJson(Trace({PlaceText(world.theft.out(0)), "--json", "--ledger", world.ledger()}));
  const rapidjson::Value* end = EndpointAt(document, PlaceText(world.joined.out(1)));
  ASSERT_NE(end, nullptr);
  EXPECT_STREQ((*end)["kind"].GetString(), "service");
}

TEST(Tags, ADamagedFileLeavesNothingBehind) {
  const bitcoin::TempDir dir;
  const std::string bad = WriteFile(dir / "bad.yaml", "label: x\ntags:\n- {address: [\n");
  const ProcessResult result = Trace({"tags", bad, "--ledger", dir / "ledger"});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.err, HasSubstr("bad.yaml: line "));
  EXPECT_FALSE(std::filesystem::exists(dir / "ledger"));
  EXPECT_EQ(Trace({"tags", dir / "none", "--ledger", dir / "ledger"}).exit_status, 1);
  EXPECT_EQ(Trace({"tags", "--ledger", dir / "ledger"}).exit_status, 2);
}

TEST(Tags, TheFbiOnLazarus) {
  SPOOR_REAL_DATA_OR_SKIP(labels, "labels/tagpacks/lazarus2.yaml");
  const bitcoin::TempDir dir;
  const auto tags = ParseJson(Trace({"tags", labels, "--json", "--ledger", dir / "ledger"}));
  EXPECT_EQ(tags["files"][0]["tags"].GetUint(), 6u);
  const std::string shown =
      Trace({"show", "3LU8wRu4ZnXP4UM8Yo6kkTiGHM9BubgyiG", "--ledger", dir / "ledger"}).out;
  EXPECT_THAT(shown, HasSubstr("https://www.fbi.gov/"));
  EXPECT_THAT(shown, HasSubstr("2023-08-28"));
  EXPECT_THAT(shown, HasSubstr("Lazarus group"));
}

}  // namespace
}  // namespace spoor
