#include <chrono>
#include <filesystem>
#include <optional>
#include <ostream>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/simulate/simulate.h"
#include "tests/ingest/ingest_blocks.h"
#include "tests/support/kills.h"
#include "tests/support/subprocess.h"

namespace spoor {
namespace {

struct Case {
  const char* name;
  uint32_t blocks;
  uint64_t transactions;
  uint64_t memory;
  uint64_t history;
  int kills;
};

void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class IngestCrash : public testing::TestWithParam<Case> {};

// A writer killed at random moments, as often as it takes.
TEST_P(IngestCrash, LeavesWholeBlocksAndGoesOn) {
  const bitcoin::TempDir dir;
  simulate::SimulationOptions options;
  options.blocks = GetParam().blocks;
  options.transactions = GetParam().transactions;
  options.seed = 20240623;
  options.messy = true;
  const auto summary = simulate::Simulate(options, dir / "world", nullptr);
  ASSERT_TRUE(summary.ok()) << summary.status();
  const Network& network = GetNetwork(NetworkId::kRegtest);
  MemoryLedger whole = NewMemoryLedger();
  ASSERT_TRUE(IngestDirectory(dir / "world/blocks", network, &whole).ok());
  ASSERT_EQ(whole.tip()->totals.blocks, summary->blocks);
  ASSERT_EQ(whole.tip()->totals.transactions, summary->transactions);
  const std::string want = Dump(whole);

  const auto command = [&](const std::string& ledger) {
    return std::vector<std::string>{SPOOR_CRASH_WRITER, dir / "world/blocks", dir / ledger,
                                    absl::StrCat(GetParam().memory),
                                    absl::StrCat(GetParam().history)};
  };
  const auto begun = std::chrono::steady_clock::now();
  const ProcessResult undisturbed = RunProcess(command("undisturbed"));
  ASSERT_EQ(undisturbed.exit_status, 0) << undisturbed.err;
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();

  std::mt19937_64 rng(/*seed=*/20240624);
  std::set<uint64_t> seen;  // numbers of blocks that kills left
  int finished = 0;
  for (int kills = 0; kills < Kills(GetParam().kills);) {
    SCOPED_TRACE(absl::StrCat("after ", kills, " kills"));
    // One ledger after another; each is killed until it is whole.
    const std::string ledger = absl::StrCat("ledger", finished);
    const std::optional<int> ended =
        RunAndKill(command(ledger), std::uniform_real_distribution(0.0, seconds)(rng));
    ASSERT_EQ(ended.value_or(0), 0);
    const bool killed = !ended.has_value();
    kills += killed;
    if (killed && !LedgerStore::Exists(dir / ledger)) {
      seen.insert(0);
      continue;
    }
    const auto store = LedgerStore::OpenForReading(dir / ledger, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    uint64_t blocks = 0;
    if (!(*store)->chains().empty()) {
      const auto view = (*store)->View("bitcoin-regtest");
      ASSERT_TRUE(view.ok()) << view.status();
      if ((*view)->tip().has_value()) blocks = (*view)->tip()->totals.blocks;
      MemoryLedger prefix = NewMemoryLedger();
      ASSERT_TRUE(IngestDirectory(dir / "world/blocks", network, &prefix).ok());
      while (prefix.tip().has_value() && prefix.tip()->totals.blocks > blocks) {
        ASSERT_TRUE(prefix.UndoTip().ok());
      }
      ASSERT_TRUE(Dump(**view) == Dump(prefix)) << "with " << blocks << " blocks";
    }
    seen.insert(blocks);
    if (!killed) {
      ASSERT_EQ(blocks, summary->blocks);
      ++finished;
    }
  }
  // The last one, to its end.
  const std::string ledger = absl::StrCat("ledger", finished);
  const ProcessResult last = RunProcess(command(ledger));
  ASSERT_EQ(last.exit_status, 0) << last.err;
  const auto store = LedgerStore::OpenForReading(dir / ledger, LedgerStore::Options());
  ASSERT_TRUE(store.ok()) << store.status();
  const auto view = (*store)->View("bitcoin-regtest");
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_TRUE(Dump(**view) == want);
  EXPECT_GE(seen.size(), 5u) << "the kills did not land here and there";
}

INSTANTIATE_TEST_SUITE_P(All, IngestCrash,
                         testing::Values(Case{"BlockByBlock", 600, 3'000, 64 << 20, 1 << 30, 30},
                                         Case{"InBatches", 600, 3'000, 1 << 20, 0, 15}),
                         [](const testing::TestParamInfo<Case>& param) {
                           return param.param.name;
                         });

// What is kept in memory, and forgotten, does not change the answer.
TEST(IngestMemory, LittleOfItGivesTheSameLedger) {
  const bitcoin::TempDir dir;
  simulate::SimulationOptions options;
  options.blocks = 400;
  options.transactions = 6'000;
  options.seed = 20240625;
  ASSERT_TRUE(simulate::Simulate(options, dir / "world", nullptr).ok());
  const Network& network = GetNetwork(NetworkId::kRegtest);
  MemoryLedger plenty = NewMemoryLedger();
  ASSERT_TRUE(IngestDirectory(dir / "world/blocks", network, &plenty).ok());
  const std::string want = Dump(plenty);
  for (const uint64_t bytes : {0, 256 << 10}) {
    SCOPED_TRACE(bytes);
    IngestOptions least;
    least.memory = bytes;
    least.history = 0;
    MemoryLedger memory = NewMemoryLedger();
    ASSERT_TRUE(IngestDirectory(dir / "world/blocks", network, &memory, least).ok());
    EXPECT_TRUE(Dump(memory) == want);
    StoreLedger store(NetworkId::kRegtest, /*memory=*/1 << 20);
    ASSERT_TRUE(IngestDirectory(dir / "world/blocks", network, store.writer(), least).ok());
    EXPECT_TRUE(Dump(store.view()) == want);
    // Gone on with, what the ledger has is learnt from it.
    for (const int keep : {380, 200, 1}) {
      SCOPED_TRACE(keep);
      while (store.view().tip()->height >= static_cast<uint32_t>(keep)) {
        ASSERT_TRUE(store.writer()->UndoTip().ok());
      }
      ASSERT_TRUE(IngestDirectory(dir / "world/blocks", network, store.writer(), least).ok());
      EXPECT_TRUE(Dump(store.view()) == want);
    }
  }
}

}  // namespace
}  // namespace spoor
