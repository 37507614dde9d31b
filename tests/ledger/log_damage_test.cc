// A write-ahead log that is damaged, cut short or gone: either every block that was acknowledged is
// still there, or the store says which is not, and takes it again.

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/ledger/check.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/store.h"
#include "tests/ledger/store_files.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using Mode = LedgerWriter::Mode;

// So little that rows get into tables meanwhile.
constexpr uint64_t kMemory = 1 << 17;

class LogDamageTest : public ::testing::Test {
 protected:
  LogDamageTest() : ledger_(MakeRandomLedger(/*seed=*/20240710, {.blocks = 40})) {
    MemoryLedger memory(ledger_.chain);
    dumps_.push_back(*DumpLedger(memory));
    for (const NewBlock& block : ledger_.blocks) {
      EXPECT_TRUE(memory.Append(block).ok());
      dumps_.push_back(*DumpLedger(memory));
    }
  }

  // The store as it is on disk now, which is what a killed process leaves. What RocksDB merges and
  // removes in the background must not change meanwhile.
  std::string Snapshot(const std::string& dir, const std::string& name) {
    const auto files = [&] {
      std::map<std::string, uint64_t> sizes;
      std::error_code error;
      for (const auto& entry : fs::recursive_directory_iterator(dir, error)) {
        sizes[entry.path().string()] = entry.is_regular_file(error) ? entry.file_size(error) : 0;
      }
      return sizes;
    };
    for (;;) {
      const std::string copy = FreshDirectory(name);
      const auto before = files();
      std::error_code error;
      fs::copy(dir, copy, fs::copy_options::recursive, error);
      if (!error && files() == before) return copy;
    }
  }

  static std::vector<fs::path> Logs(const std::string& dir) {
    std::vector<fs::path> logs;
    for (const auto& entry : fs::directory_iterator(dir + "/rocksdb")) {
      if (entry.path().extension() == ".log") logs.push_back(entry.path());
    }
    return logs;
  }

  // How many blocks there are; that they are what they should be.
  void ExpectBlocks(const LedgerStore& store, uint64_t least, uint64_t most, uint64_t* blocks) {
    const auto view = store.View(ledger_.chain.name);
    ASSERT_TRUE(view.ok()) << view.status();
    *blocks = (*view)->tip().has_value() ? (*view)->tip()->totals.blocks : 0;
    ASSERT_GE(*blocks, least);
    ASSERT_LE(*blocks, most);
    const auto dump = DumpLedger(**view);
    ASSERT_TRUE(dump.ok()) << dump.status();
    ASSERT_TRUE(*dump == dumps_[*blocks]) << *blocks << " blocks";
  }

  // That the damaged store still has `acknowledged` blocks, or says that it has not until it has
  // them again. Whether it has.
  bool HasAllOrSaysSo(const std::string& dir, uint64_t acknowledged, uint64_t most) {
    uint64_t blocks = 0;
    const auto reading = LedgerStore::OpenForReading(dir, {.memory = kMemory});
    if (reading.ok()) {
      ExpectBlocks(**reading, acknowledged, most, &blocks);
      const auto report = CheckStore(dir, {.memory = 4 << 20});
      EXPECT_TRUE(report.ok() && report->sound());
      return true;
    }
    const auto expect_says = [&](const absl::Status& status) {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
      EXPECT_THAT(std::string(status.message()),
                  HasSubstr(absl::StrCat("wanted block ", ledger_.blocks[acknowledged - 1].height,
                                         " ", ToText(ledger_.blocks[acknowledged - 1].hash))));
      EXPECT_THAT(std::string(status.message()), HasSubstr("run trace ingest again"));
    };
    expect_says(reading.status());
    const auto report = CheckStore(dir, {.memory = 4 << 20});
    EXPECT_TRUE(report.ok()) << report.status();
    if (report.ok()) {
      EXPECT_EQ(report->total_findings, 1u);
      EXPECT_EQ(report->findings.front().table, "log");
    }
    expect_says(LedgerStore::OpenForWriting(dir, {.memory = kMemory}).status());
    {
      const auto store =
          LedgerStore::OpenForWriting(dir, {.memory = kMemory, .accept_lost_blocks = true});
      EXPECT_TRUE(store.ok()) << store.status();
      if (!store.ok()) return false;
      EXPECT_EQ((*store)->lost_blocks().size(), 1u);
      const auto writer = (*store)->Writer(ledger_.chain);
      EXPECT_TRUE(writer.ok()) << writer.status();
      if (!writer.ok()) return false;
      blocks = (*writer)->tip().has_value() ? (*writer)->tip()->totals.blocks : 0;
      EXPECT_LT(blocks, acknowledged);
      // Not before all are there again is it forgotten.
      if (blocks + 1 < acknowledged) {
        EXPECT_TRUE((*writer)->Append(ledger_.blocks[blocks++]).ok());
        EXPECT_TRUE((*writer)->Sync().ok());
        EXPECT_TRUE((*writer)->UndoTip().ok());
        EXPECT_TRUE((*writer)->Sync().ok());
        blocks -= 1;
        expect_says(LedgerStore::OpenForReading(dir, {.memory = kMemory}).status());
      }
      while (blocks < acknowledged) {
        EXPECT_TRUE((*writer)->Append(ledger_.blocks[blocks++]).ok());
      }
      EXPECT_TRUE((*writer)->Sync().ok());
    }
    const auto again = LedgerStore::OpenForReading(dir, {.memory = kMemory});
    EXPECT_TRUE(again.ok()) << again.status();
    if (again.ok()) ExpectBlocks(**again, acknowledged, acknowledged, &blocks);
    return false;
  }

  // Damages each log of `snapshot` in many ways. How often what was acknowledged was lost.
  int DamageLogs(const std::string& snapshot, uint64_t acknowledged, uint64_t most,
                 std::mt19937_64& rng) {
    int lost = 0;
    const auto damage = [&](const std::string& what, const fs::path& log,
                            const std::function<void(const fs::path&)>& change) {
      SCOPED_TRACE(absl::StrCat(log.filename().string(), ", ", what));
      const std::string dir = Snapshot(snapshot, "damaged");
      change(dir + "/rocksdb/" + log.filename().string());
      lost += HasAllOrSaysSo(dir, acknowledged, most) ? 0 : 1;
    };
    for (const fs::path& log : Logs(snapshot)) {
      const std::string whole = ReadWholeFile(log);
      damage("gone", log, [](const fs::path& path) { fs::remove(path); });
      damage("empty", log, [](const fs::path& path) { WriteWholeFile(path, ""); });
      for (int i = 0; i < 8 && !whole.empty() && !HasFailure(); ++i) {
        const size_t at = rng() % whole.size();
        damage(absl::StrCat("cut to ", at, " of ", whole.size()), log,
               [&](const fs::path& path) { WriteWholeFile(path, whole.substr(0, at)); });
        damage(absl::StrCat("flipped at ", at, " of ", whole.size()), log,
               [&](const fs::path& path) {
                 std::string damaged = whole;
                 damaged[at] = static_cast<char>(damaged[at] ^ (1 << rng() % 8));
                 WriteWholeFile(path, damaged);
               });
        damage(absl::StrCat("zeros from ", at, " of ", whole.size()), log,
               [&](const fs::path& path) {
                 std::string damaged = whole;
                 std::fill(damaged.begin() + static_cast<ptrdiff_t>(at), damaged.end(), '\0');
                 WriteWholeFile(path, damaged);
               });
      }
    }
    return lost;
  }

  RandomLedger ledger_;
  std::vector<std::string> dumps_;  // by the number of blocks
};

TEST_F(LogDamageTest, LosesNothingInSilence) {
  std::mt19937_64 rng(/*seed=*/20240711);
  const std::string dir = FreshDirectory();
  int lost = 0;
  uint64_t acknowledged = 0;
  const auto store = LedgerStore::OpenForWriting(dir, {.memory = kMemory});
  ASSERT_TRUE(store.ok()) << store.status();
  const auto writer = (*store)->Writer(ledger_.chain);
  ASSERT_TRUE(writer.ok()) << writer.status();
  for (uint64_t i = 0; i < ledger_.blocks.size() && !HasFailure(); ++i) {
    // The tip, and history in between.
    if (i == 12 || i == 18) {
      ASSERT_TRUE((*writer)->SetMode(i == 12 ? Mode::kHistory : Mode::kTip).ok());
    }
    ASSERT_TRUE((*writer)->Append(ledger_.blocks[i]).ok());
    if (i % 10 == 7) {
      for (int n = 0; n < 3; ++n) ASSERT_TRUE((*writer)->UndoTip().ok());
      acknowledged = std::min(acknowledged, i - 2);
      for (uint64_t n = i - 2; n <= i; ++n) {
        ASSERT_TRUE((*writer)->Append(ledger_.blocks[n]).ok());
      }
    }
    if (i % 3 != 1) {
      ASSERT_TRUE((*writer)->Sync().ok());
      acknowledged = i + 1;
    }
    if (i % 8 != 3) continue;
    SCOPED_TRACE(absl::StrCat(i + 1, " blocks, ", acknowledged, " acknowledged"));
    ASSERT_TRUE((*writer)->Commit().ok());
    const std::string snapshot = Snapshot(dir, "snapshot");
    EXPECT_TRUE(HasAllOrSaysSo(Snapshot(snapshot, "whole"), i + 1, i + 1)) << "a killed process";
    lost += DamageLogs(snapshot, acknowledged, i + 1, rng);
  }
  EXPECT_GT(lost, 10);
}

// Undoing takes the acknowledgement back before it takes the block.
TEST_F(LogDamageTest, WhatWasUndoneIsNotMissed) {
  const std::string dir = FreshDirectory();
  const auto store = LedgerStore::OpenForWriting(dir, {.memory = kMemory});
  ASSERT_TRUE(store.ok()) << store.status();
  const auto writer = (*store)->Writer(ledger_.chain);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE(AppendAll(ledger_.blocks, writer->get()).ok());
  ASSERT_TRUE((*writer)->Sync().ok());
  for (uint64_t blocks = ledger_.blocks.size(); blocks-- > 0 && !HasFailure();) {
    ASSERT_TRUE((*writer)->UndoTip().ok());
    if (blocks % 7 != 0) continue;
    const auto reading = LedgerStore::OpenForReading(Snapshot(dir, "undone"), {.memory = kMemory});
    ASSERT_TRUE(reading.ok()) << reading.status();
    uint64_t found = 0;
    ExpectBlocks(**reading, blocks, blocks, &found);
    // A reader beside the writer, too.
    EXPECT_TRUE(LedgerStore::OpenForReading(dir, {.memory = kMemory}).ok());
  }
  EXPECT_EQ(ReadWholeFile(dir + "/TIPS"), "spoor ledger tips\nend\n");
}

TEST_F(LogDamageTest, ALedgerThatWasClosedHasNothingInItsLog) {
  const std::string dir = FreshDirectory();
  {
    const auto store = LedgerStore::OpenForWriting(dir, {.memory = kMemory});
    ASSERT_TRUE(store.ok()) << store.status();
    const auto table = (*store)->Table("notes");
    ASSERT_TRUE(table->Write({{"key", "value"}}).ok());
    const auto writer = (*store)->Writer(ledger_.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE(AppendAll(ledger_.blocks, writer->get()).ok());
  }
  for (const fs::path& log : Logs(dir)) fs::remove(log);
  const auto store = LedgerStore::OpenForReading(dir, {.memory = kMemory});
  ASSERT_TRUE(store.ok()) << store.status();
  uint64_t blocks = 0;
  ExpectBlocks(**store, ledger_.blocks.size(), ledger_.blocks.size(), &blocks);
  EXPECT_EQ(*ReadRow(*(*store)->Table("notes"), "key"), "value");
}

TEST_F(LogDamageTest, ADamagedRecordIsSaid) {
  const std::string dir = FreshDirectory();
  {
    const auto store = LedgerStore::OpenForWriting(dir, {.memory = kMemory});
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger_.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE(AppendAll(ledger_.blocks, writer->get()).ok());
    ASSERT_TRUE((*writer)->Sync().ok());
  }
  const std::string whole = ReadWholeFile(dir + "/TIPS");
  const NewBlock& last = ledger_.blocks.back();
  EXPECT_EQ(whole, absl::StrCat("spoor ledger tips\n", last.height, " ", ToText(last.hash), " ",
                                ledger_.chain.name, "\nend\n"));
  for (size_t size = 0; size + 1 < whole.size(); ++size) {
    WriteWholeFile(dir + "/TIPS", whole.substr(0, size));
    const absl::Status status = LedgerStore::OpenForReading(dir, {.memory = kMemory}).status();
    ASSERT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << size << ": " << status;
    ASSERT_THAT(std::string(status.message()), HasSubstr("TIPS is damaged"));
  }
  // A ledger of an older program has none.
  fs::remove(dir + "/TIPS");
  EXPECT_TRUE(LedgerStore::OpenForReading(dir, {.memory = kMemory}).ok());
}

}  // namespace
}  // namespace spoor
