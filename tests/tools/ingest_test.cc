#include <signal.h>

#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/real_data.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

TEST(Ingest, SummaryIsAsTheContractSays) {
  const World world;
  const std::vector<std::string> command = {"ingest",       "bitcoin",      "--blocks",
                                            world.blocks(), "--network",    "regtest",
                                            "--ledger",     world.ledger(), "--json"};
  for (const char* time : {"first", "second"}) {
    SCOPED_TRACE(time);
    const ProcessResult result = Trace(command);
    EXPECT_EQ(result.err, "");
    const auto document = ParseJson(result);
    EXPECT_STREQ(document["schema"].GetString(), "spoor.ingest.v1");
    EXPECT_STREQ(document["chain"].GetString(), "bitcoin-regtest");
    EXPECT_EQ(document["blocks"].GetUint(), 8u);
    EXPECT_EQ(document["transactions"].GetUint(), 12u);
    EXPECT_EQ(document["inputs"].GetUint(), 5u);
    EXPECT_EQ(document["outputs"].GetUint(), 8u + 2 + 1 + 3 + 3);
    EXPECT_EQ(document["addresses"].GetUint(), 8u);  // parties 0 to 6, and the genesis block's key
    EXPECT_EQ(document["transfers"].GetUint(), 0u);
    EXPECT_EQ(document["unresolved_inputs"].GetUint(), 0u);
    EXPECT_EQ(document["tip"]["height"].GetUint(), 7u);
    EXPECT_EQ(document["tip"]["hash"].GetString(), ToText(world.chain.tip().hash));
    EXPECT_STREQ(document["tip"]["time"].GetString(), "2011-02-03T00:26:42Z");
    EXPECT_TRUE(document["seconds"].IsNumber());
  }
}

TEST(Ingest, WarnsOfWhatItPassesOver) {
  TestChain chain;
  chain.AddEmpty(6);
  TestChain stale = chain;
  stale.AddEmpty(1, /*salt=*/1);
  chain.AddEmpty(4);
  std::vector<TestBlock> blocks = chain.blocks();
  blocks.push_back(stale.tip());
  blocks.erase(blocks.begin() + 9);
  const bitcoin::TempDir dir;
  WriteTestBlocks(dir / "blocks", blocks);
  const ProcessResult result = Trace({"ingest", "bitcoin", "--blocks", dir / "blocks", "--network",
                                      "regtest", "--ledger", dir / "ledger"});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.err, ::testing::MatchesRegex(
                              "trace: warning: 1 blocks are on branches with less work[^\n]*\n"
                              "trace: warning: 1 blocks were left out[^\n]* are missing\n"));
  EXPECT_THAT(result.out, HasSubstr("9 blocks added, 0 undone"));
}

TEST(Ingest, SeveralChainsShareALedger) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/mainnet-0-4312");
  const World world;
  for (const auto& [network, blocks] :
       {std::pair("regtest", world.blocks()), std::pair("main", folder + "/blocks")}) {
    const ProcessResult result = Trace({"ingest", "bitcoin", "--blocks", blocks, "--network",
                                        network, "--ledger", world.ledger(), "--quiet"});
    ASSERT_EQ(result.exit_status, 0) << result.err;
  }
  const auto shown = ParseJson(Trace({"show", "--json", "--ledger", world.ledger()}));
  ASSERT_EQ(shown["chains"].Size(), 2u);
  EXPECT_STREQ(shown["chains"][0]["chain"].GetString(), "bitcoin-regtest");
  EXPECT_STREQ(shown["chains"][1]["chain"].GetString(), "bitcoin");
  EXPECT_EQ(shown["chains"][1]["blocks"].GetUint(), 4313u);
  EXPECT_EQ(shown["chains"][1]["transactions"].GetUint(), 4371u);
  // One trace over both.
  const auto document =
      ParseJson(Trace({"--ledger", world.ledger(), "--json",
                       "hal=0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0",
                       "small=" + PlaceText(world.theft.out(0))}));
  EXPECT_EQ(document["tip"].Size(), 2u);
  ASSERT_EQ(document["results"][0]["stolen"].Size(), 2u);
  EXPECT_EQ(document["results"][0]["endpoints"].Size(), 7u);
}

// Interrupted at any moment, it keeps what it has and says how to go on; others read meanwhile.
TEST(Ingest, StopsWhenToldAndGoesOn) {
  const bitcoin::TempDir dir;
  ASSERT_EQ(
      Trace({"simulate", "--out", dir / "world", "--transactions", "3000", "--quiet"}).exit_status,
      0);
  const auto ingest = [&](const std::string& ledger) {
    return std::vector<std::string>{SPOOR_TRACE,          "ingest",    "bitcoin", "--blocks",
                                    dir / "world/blocks", "--network", "regtest", "--ledger",
                                    dir / ledger,         "--memory",  "64M"};
  };
  ASSERT_EQ(RunProcess(ingest("whole")).exit_status, 0);
  int stopped = 0;
  bool has_blocks = false;
  for (int wait = 10;; wait += 10) {
    Subprocess trace(ingest("stopped"));
    std::this_thread::sleep_for(std::chrono::milliseconds(wait));
    if (has_blocks) {
      EXPECT_EQ(Trace({"show", "--json", "--ledger", dir / "stopped"}).exit_status, 0);
    }
    trace.Signal(SIGINT);
    const ProcessResult result = trace.Wait();
    if (result.exit_status == 0) break;
    if (result.exit_status == -1) continue;  // before it had begun
    ASSERT_EQ(result.exit_status, 1);
    ++stopped;
    has_blocks |= result.err.find("the last block, at height") != std::string::npos;
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err,
                ::testing::MatchesRegex("trace: stopped before the (first new|last) block[^\n]*"
                                        "; run the same command again to go on\n"));
  }
  EXPECT_GT(stopped, 0);
  for (const char* command : {"show", "check"}) {
    const auto run = [&](const std::string& ledger) {
      const ProcessResult result = Trace({command, "--json", "--quiet", "--ledger", dir / ledger});
      EXPECT_EQ(result.exit_status, 0) << result.err;
      // In how many files it stands does not matter.
      return result.out.substr(0, result.out.find("\"files\""));
    };
    EXPECT_EQ(run("stopped"), run("whole"));
  }
}

}  // namespace
}  // namespace spoor
