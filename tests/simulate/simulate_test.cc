#include "spoor/simulate/simulate.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/simulate/replay.h"

namespace spoor::simulate {
namespace {

using ::testing::HasSubstr;

SimulationOptions Small() {
  SimulationOptions options;
  options.blocks = 240;
  options.transactions = 4'000;
  options.seed = 7;
  return options;
}

std::string ReadFile(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

// Every file's bytes by its name.
std::map<std::string, std::string> ReadFolder(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) {
      files[std::filesystem::relative(entry.path(), folder).string()] = ReadFile(entry.path());
    }
  }
  return files;
}

TEST(Simulate, SameSeedSameBytes) {
  ScratchFolder a, b, c;
  SimulationOptions options = Small();
  options.messy = true;
  options.xor_blocks = true;
  options.thefts = 3;
  ASSERT_TRUE(Simulate(options, a.path(), nullptr).ok());
  ASSERT_TRUE(Simulate(options, b.path(), nullptr).ok());
  const auto files = ReadFolder(a.path());
  EXPECT_EQ(files.size(), 10);
  EXPECT_TRUE(files == ReadFolder(b.path()));
  options.seed = 8;
  ASSERT_TRUE(Simulate(options, c.path(), nullptr).ok());
  for (const auto& [name, bytes] : ReadFolder(c.path())) {
    EXPECT_NE(bytes, files.at(name)) << name;
  }
}

struct Case {
  const char* name;
  bool sign, messy, xor_blocks;
  uint32_t thefts;
  NetworkId network;
};

class SimulatedLedger : public testing::TestWithParam<Case> {
 protected:
  SimulationOptions Options() const {
    SimulationOptions options = Small();
    options.sign = GetParam().sign;
    options.messy = GetParam().messy;
    options.xor_blocks = GetParam().xor_blocks;
    options.thefts = GetParam().thefts;
    options.network = GetParam().network;
    if (options.sign) options.transactions = 1'000;
    return options;
  }
};

TEST_P(SimulatedLedger, ReplayGivesTheSummary) {
  ScratchFolder folder;
  const auto summary = Simulate(Options(), folder.path(), nullptr);
  ASSERT_TRUE(summary.ok()) << summary.status();
  const auto replay =
      ReplayBlocks(folder.path() + "/blocks", GetNetwork(Options().network), nullptr);
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_EQ(summary->blocks, Options().blocks);
  EXPECT_NEAR(static_cast<double>(summary->transactions),
              static_cast<double>(Options().transactions + Options().blocks), 2);
  EXPECT_EQ(replay->blocks, summary->blocks);
  EXPECT_EQ(replay->records, summary->blocks + summary->stale_blocks);
  EXPECT_EQ(replay->transactions, summary->transactions);
  EXPECT_EQ(replay->inputs, summary->inputs);
  EXPECT_EQ(replay->outputs, summary->outputs);
  EXPECT_EQ(replay->scripts.size(), summary->addresses);
  EXPECT_EQ(replay->minted, summary->minted);
  EXPECT_EQ(replay->fees, summary->fees);
  EXPECT_EQ(replay->unspent.size(), summary->utxos);
  EXPECT_EQ(replay->UnspentTotal(), summary->utxo_total);
  EXPECT_EQ(replay->unspendable, summary->unspendable);
  EXPECT_EQ(replay->UnspentTotal() + replay->unspendable, replay->minted);
  EXPECT_EQ(ToText(replay->tip), summary->tip_hash);
  EXPECT_EQ(summary->thefts, Options().thefts);
  EXPECT_EQ(summary->stale_blocks > 0, Options().messy);
  EXPECT_GT(replay->same_block_spends, 0);
}

INSTANTIATE_TEST_SUITE_P(
    All, SimulatedLedger,
    testing::Values(Case{"Plain", false, false, false, 1, NetworkId::kRegtest},
                    Case{"NoThefts", false, false, false, 0, NetworkId::kRegtest},
                    Case{"ManyThefts", false, false, false, 9, NetworkId::kRegtest},
                    Case{"MessyAndObfuscated", false, true, true, 1, NetworkId::kRegtest},
                    Case{"Signed", true, false, false, 1, NetworkId::kRegtest},
                    Case{"SignedLitecoin", true, false, false, 1, NetworkId::kLitecoinRegtest}),
    [](const testing::TestParamInfo<Case>& param) { return param.param.name; });

TEST(Simulate, RefusesWhatCannotBe) {
  struct Refusal {
    const char* name;
    SimulationOptions options;
    absl::StatusCode code;
    const char* says;
  };
  SimulationOptions ethereum = Small();
  ethereum.chain = "ethereum";
  SimulationOptions unknown = Small();
  unknown.chain = "dogecoin";
  SimulationOptions main = Small();
  main.network = NetworkId::kMain;
  SimulationOptions brief = Small();
  brief.blocks = 100;
  for (const Refusal& c :
       {Refusal{"ethereum", ethereum, absl::StatusCode::kUnimplemented, "only \"bitcoin\""},
        Refusal{"unknown chain", unknown, absl::StatusCode::kInvalidArgument, "dogecoin"},
        Refusal{"real work", main, absl::StatusCode::kInvalidArgument, "wanted regtest"},
        Refusal{"too short for a theft", brief, absl::StatusCode::kInvalidArgument, "found 100"}}) {
    SCOPED_TRACE(c.name);
    ScratchFolder folder;
    const absl::Status status = Simulate(c.options, folder.path(), nullptr).status();
    EXPECT_EQ(status.code(), c.code);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.says));
    EXPECT_TRUE(ReadFolder(folder.path()).empty());
  }
}

TEST(Simulate, DoesNotWriteOverALedger) {
  ScratchFolder folder;
  ASSERT_TRUE(Simulate(Small(), folder.path(), nullptr).ok());
  const auto before = ReadFolder(folder.path());
  EXPECT_EQ(Simulate(Small(), folder.path(), nullptr).status().code(),
            absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(before == ReadFolder(folder.path()));
}

TEST(Simulate, DisorderDoesNotChangeTheBestChain) {
  ScratchFolder tidy, messy;
  SimulationOptions options = Small();
  const auto a = Simulate(options, tidy.path(), nullptr);
  options.messy = true;
  options.xor_blocks = true;
  const auto b = Simulate(options, messy.path(), nullptr);
  ASSERT_TRUE(a.ok() && b.ok());
  EXPECT_EQ(a->tip_hash, b->tip_hash);
  for (const char* file : {"owners.jsonl", "steps.jsonl", "endpoints.jsonl", "tags.yaml"}) {
    SCOPED_TRACE(file);
    EXPECT_EQ(ReadFile(absl::StrCat(tidy.path(), "/truth/", file)),
              ReadFile(absl::StrCat(messy.path(), "/truth/", file)));
  }
}

// Each pattern alone does what its name says.
TEST(Simulate, EachPatternLeavesItsMark) {
  struct Mark {
    Pattern pattern;
    const char* step;      // a step of this kind is there
    const char* category;  // and so is an end of this
  };
  for (const Mark& c : {Mark{Pattern::kConsolidation, "consolidation", "perpetrator"},
                        Mark{Pattern::kPeelChain, "peel", "exchange"},
                        Mark{Pattern::kSplitMerge, "merge", "perpetrator"},
                        Mark{Pattern::kMixer, "mixer", "mixing_service"},
                        Mark{Pattern::kCoinJoin, "coinjoin", "perpetrator"},
                        Mark{Pattern::kDormancy, "consolidation", "perpetrator"},
                        Mark{Pattern::kExchangeDeposits, "deposit", "exchange"},
                        Mark{Pattern::kBroker, "broker", "spoor:otc_broker"},
                        Mark{Pattern::kBridge, "bridge", "defi_bridge"}}) {
    const std::string name(PatternName(c.pattern));
    SCOPED_TRACE(name);
    ASSERT_TRUE(PatternFromName(name).ok());
    EXPECT_EQ(*PatternFromName(name), c.pattern);
    ScratchFolder folder;
    SimulationOptions options = Small();
    options.patterns = {c.pattern};
    ASSERT_TRUE(Simulate(options, folder.path(), nullptr).ok());
    int steps = 0;
    for (const rapidjson::Document& line : ReadJsonLines(folder.path() + "/truth/steps.jsonl")) {
      steps += line["kind"] == c.step;
    }
    EXPECT_GT(steps, 0);
    std::set<std::string> categories;
    for (const rapidjson::Document& line :
         ReadJsonLines(folder.path() + "/truth/endpoints.jsonl")) {
      if (!line["category"].IsNull()) categories.insert(line["category"].GetString());
    }
    EXPECT_EQ(categories.count(c.category), 1);
  }
  EXPECT_EQ(PatternFromName("teleport").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace spoor::simulate
