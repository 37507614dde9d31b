#ifndef SPOOR_TESTS_TOOLS_TRACE_WORLD_H_
#define SPOOR_TESTS_TOOLS_TRACE_WORLD_H_

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "rapidjson/document.h"
#include "spoor/chain/address.h"
#include "spoor/chain/script.h"
#include "tests/bitcoin/block_files.h"
#include "tests/support/subprocess.h"
#include "tests/support/test_chain.h"

namespace spoor {

constexpr uint64_t kCoin = 100'000'000;

inline ProcessResult Trace(std::vector<std::string> arguments,
                           const std::vector<std::string>& environment = {}) {
  arguments.insert(arguments.begin(), SPOOR_TRACE);
  return RunProcess(arguments, environment);
}

// The document that a command with --json printed, and nothing else.
inline rapidjson::Document ParseJson(const ProcessResult& result) {
  EXPECT_EQ(result.exit_status, 0) << result.err;
  rapidjson::Document document;
  document.Parse(result.out.c_str());
  EXPECT_FALSE(document.HasParseError()) << result.out;
  EXPECT_TRUE(document.IsObject());
  if (!document.IsObject()) document.SetObject();
  EXPECT_EQ(result.out.find('\n') + 1, result.out.size());
  return document;
}

inline std::string PartyAddress(int party) {
  return *EncodeAddress(GetNetwork(NetworkId::kRegtest), ClassifyScript(PartyScript(party)));
}

inline std::string PlaceText(const bitcoin::OutPoint& out) {
  return absl::StrCat(ToText(out.txid), ":", out.index);
}

// A small world with a theft in it, as block files:
//   height 4   theft: 50 from a reward: 30 to the thief (party 1), 19.5 to party 2, fee 0.5
//   height 5   clean: 50 from a reward to party 3
//   height 6   joined: the thief's 30 and the clean 50: 10 to party 4, 60 to party 5, 5 burned,
//              fee 5
//   height 7   split: the 60: twice 20 to party 6, 15 to party 1 again, fee 5
struct World {
  World() {
    chain.AddEmpty(3);
    theft = {{chain.at(1).reward}, {{30 * kCoin, PartyScript(1)}, {1950'000'000, PartyScript(2)}}};
    chain.Add({theft});
    clean = {{chain.at(2).reward}, {{50 * kCoin, PartyScript(3)}}};
    chain.Add({clean});
    joined = {
        {theft.out(0), clean.out(0)},
        {{10 * kCoin, PartyScript(4)}, {60 * kCoin, PartyScript(5)}, {5 * kCoin, BurnScript()}}};
    chain.Add({joined});
    split = {
        {joined.out(1)},
        {{20 * kCoin, PartyScript(6)}, {20 * kCoin, PartyScript(6)}, {15 * kCoin, PartyScript(1)}}};
    chain.Add({split});
    WriteTestBlocks(blocks(), chain.blocks());
  }
  std::string blocks() const { return dir / "blocks"; }
  std::string ledger() const { return dir / "ledger"; }

  bitcoin::TempDir dir;
  TestChain chain;
  Payment theft, clean, joined, split;
};

// A test with the world above in a ledger.
class TraceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    const ProcessResult result = Trace({"ingest", "bitcoin", "--network", "regtest", "--blocks",
                                        world_.blocks(), "--ledger", world_.ledger()});
    ASSERT_EQ(result.exit_status, 0) << result.err;
  }
  // With --ledger.
  ProcessResult Run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--ledger", world_.ledger()});
    return Trace(arguments);
  }

  World world_;
};

// Every file below `dir`, with what is in it; directories too.
inline std::map<std::string, std::string> Snapshot(const std::string& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
    const Bytes bytes =
        entry.is_regular_file() ? bitcoin::ReadFile(entry.path().string()) : Bytes();
    files[entry.path().string()] = std::string(AsChars(bytes));
  }
  return files;
}

}  // namespace spoor

#endif  // SPOOR_TESTS_TOOLS_TRACE_WORLD_H_
