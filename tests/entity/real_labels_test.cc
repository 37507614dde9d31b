// The public label lists, whole. The counts were taken from the files with another YAML library.

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/entity/tag_table.h"
#include "tests/real_data.h"

namespace spoor {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(in), {});
}

TEST(RealLabels, LoadWhole) {
  SPOOR_REAL_DATA_OR_SKIP(dir, "labels");
  const std::map<std::string, uint64_t> wanted = {{"blender_io.yaml", 45},
                                                  {"exchange-wallets-binance.yaml", 86},
                                                  {"exchange-wallets-bybit.yaml", 8},
                                                  {"exchange-wallets-deribit.yaml", 18},
                                                  {"exchange-wallets-huobi.yaml", 58},
                                                  {"exchange-wallets-kucoin.yaml", 59},
                                                  {"exchange-wallets-okx.yaml", 36},
                                                  {"hacks.yaml", 608},
                                                  {"interpol-real_services.yaml", 10},
                                                  {"lazarus.yaml", 21},
                                                  {"lazarus2.yaml", 6},
                                                  {"ofac.yaml", 572},
                                                  {"ronin_bridge.yaml", 6},
                                                  {"sinbad_io.yaml", 2},
                                                  {"tornado_cash.yaml", 39},
                                                  {"sanctioned_addresses_ETH.txt", 152},
                                                  {"sanctioned_addresses_XBT.txt", 435}};
  std::map<std::string, uint64_t> found;
  MemoryTable rows;
  auto table = TagTable::Open(&rows);
  ASSERT_TRUE(table.ok());
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
    const std::string name = entry.path().filename();
    if (!entry.is_regular_file() || name == "LICENSE") continue;
    SCOPED_TRACE(name);
    TagListReader reader;
    const absl::Status status = reader.Read(name, ReadFile(entry.path()));
    ASSERT_TRUE(status.ok()) << status;
    found[name] = reader.summary().entries;
    // An address of Tron that OFAC lists as one of Bitcoin.
    const uint64_t line = name == "ofac.yaml"                      ? 1069
                          : name == "sanctioned_addresses_XBT.txt" ? 355
                                                                   : 0;
    ASSERT_EQ(reader.summary().refused, line == 0 ? 0u : 1u);
    if (line != 0) {
      const TagRefusal& refusal = reader.summary().refusals.at(0);
      EXPECT_EQ(refusal.line, line);
      EXPECT_EQ(refusal.entry, "TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq");
      EXPECT_EQ(refusal.reason, "not a Bitcoin address, or its checksum is wrong");
    }
    const TagListSummary& summary = reader.summary();
    EXPECT_EQ(summary.list.tags + summary.repeated + summary.refused, summary.entries);
    const auto change = table->Put(reader);
    ASSERT_TRUE(change.ok()) << change.status();
    EXPECT_EQ(change->added, summary.list.tags);
  }
  EXPECT_EQ(found, wanted);

  // Who is behind the addresses of the FBI's notice of 2023-08-22, and who says so.
  for (const char* address :
       {"3LU8wRu4ZnXP4UM8Yo6kkTiGHM9BubgyiG", "39idqitN9tYNmq3wYanwg3MitFB5TZCjWu",
        "3AAUBbKJorvNhEUFhKnep9YTwmZECxE4Nk", "3PjNaSeP8GzLjGeu51JR19Q2Lu8W2Te9oc",
        "3NbdrezMzAVVfXv5MTQJn4hWqKhYCTCJoB", "34VXKa5upLWVYMXmgid6bFM4BaQXHxSUoL"}) {
    const auto tags = table->Tags(*TagKey(address, "BTC"));
    ASSERT_TRUE(tags.ok());
    ASSERT_EQ(tags->size(), 1u);
    const auto& [tag, list] = tags->at(0);
    EXPECT_EQ(list, "lazarus2.yaml");
    EXPECT_EQ(tag.source,
              "https://www.fbi.gov/news/press-releases/"
              "fbi-identifies-cryptocurrency-funds-stolen-by-dprk");
    EXPECT_EQ(tag.actor, "lazarusgroup");
    EXPECT_EQ(tag.category, Category::kSanctioned);
    EXPECT_EQ(tag.category_text, "user");
    EXPECT_EQ(tag.confidence, 60);
    EXPECT_EQ(tag.date, 1693180800);  // 2023-08-28
  }
  // The exchange's own list, in agreement with nobody else's silence.
  const auto binance = table->LabelOf(*TagKey("34xp4vRoCGJym3xR7yCVPFHoCNxv4Twseo", "BTC"));
  ASSERT_TRUE(binance.ok());
  EXPECT_EQ(binance->category(), Category::kExchange);
  EXPECT_EQ(binance->actor(), "binance");
  EXPECT_EQ(binance->Conflicts(), std::vector<Label::Claim>());
}

}  // namespace
}  // namespace spoor
