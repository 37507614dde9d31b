// What a store does when files fail and when power goes: it says so, loses nothing that it has
// acknowledged, and goes on where it was.

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/ledger/store_open.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/check.h"
#include "spoor/ledger/memory_ledger.h"
#include "tests/ledger/store_files.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/fault_file_system.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

using Fault = FaultFileSystem::Fault;
using Kind = FaultFileSystem::Kind;
using Mode = LedgerWriter::Mode;

constexpr int kBlocks = 48;

// How many blocks may be there afterwards.
struct Range {
  uint64_t least = 0;
  uint64_t most = 0;
};

// A piece of work that was begun, as far as it got.
struct Work {
  absl::Status status;
  Range after_kill;   // if the process ends
  Range after_power;  // if the machine does
};

class Worker {
 public:
  Worker(std::string dir, const RandomLedger& ledger, rocksdb::Env* env)
      : dir_(std::move(dir)), ledger_(ledger), env_(env) {}

  // Appends all blocks from where the store stands: history and tip in turns, some undone and
  // appended again, the store closed and opened again every ten.
  Work Run() {
    work_.status = RunToEnd();
    return work_;
  }

 private:
  absl::Status RunToEnd() {
    bool more = true;
    while (more) SPOOR_RETURN_IF_ERROR(RunOnce(&more));
    return absl::OkStatus();
  }

  absl::Status RunOnce(bool* more) {
    SPOOR_ASSIGN_OR_RETURN(const auto store, OpenStoreForWriting(dir_, {.memory = 1 << 20}, env_));
    SPOOR_ASSIGN_OR_RETURN(const auto writer, store->Writer(ledger_.chain));
    uint64_t i = writer->tip().has_value() ? writer->tip()->totals.blocks : 0;
    const uint64_t until = std::min<uint64_t>(i + 10, ledger_.blocks.size());
    SPOOR_RETURN_IF_ERROR(writer->SetMode(i / 10 % 2 == 0 ? Mode::kHistory : Mode::kTip));
    for (; i < until; ++i) {
      const bool history = i / 10 % 2 == 0;
      Begin(i + 1);
      SPOOR_RETURN_IF_ERROR(writer->Append(ledger_.blocks[i]));
      if (!history) Done(i + 1);
      if (!history && i % 4 == 3) {
        Begin(i);
        SPOOR_RETURN_IF_ERROR(writer->UndoTip());
        Done(i);
        Begin(i + 1);
        SPOOR_RETURN_IF_ERROR(writer->Append(ledger_.blocks[i]));
        Done(i + 1);
      }
      if (history && i % 3 == 2) {
        SPOOR_RETURN_IF_ERROR(writer->Commit());
        Done(i + 1);
      }
      if (i % 7 == 6) {
        SPOOR_RETURN_IF_ERROR(writer->Sync());
        Done(i + 1);
        work_.after_power = {i + 1, i + 1};
      }
    }
    SPOOR_RETURN_IF_ERROR(writer->Sync());
    Done(until);
    work_.after_power = {until, until};
    *more = until < ledger_.blocks.size();
    return absl::OkStatus();
  }

  void Begin(uint64_t blocks) {
    work_.after_kill.least = std::min(work_.after_kill.least, blocks);
    work_.after_kill.most = std::max(work_.after_kill.most, blocks);
    work_.after_power.least = std::min(work_.after_power.least, blocks);
    work_.after_power.most = std::max(work_.after_power.most, blocks);
  }
  void Done(uint64_t blocks) { work_.after_kill = {blocks, blocks}; }

  std::string dir_;
  const RandomLedger& ledger_;
  rocksdb::Env* env_;
  Work work_;
};

class FaultTest : public ::testing::Test {
 protected:
  FaultTest() : ledger_(MakeRandomLedger(/*seed=*/20240701, {.blocks = kBlocks})) {
    MemoryLedger memory(ledger_.chain);
    dumps_.push_back(*DumpLedger(memory));
    for (const NewBlock& block : ledger_.blocks) {
      EXPECT_TRUE(memory.Append(block).ok());
      dumps_.push_back(*DumpLedger(memory));
    }
  }

  // That what is there now is sound, and some number of blocks in `range`.
  void ExpectSound(const std::string& dir, const Range& range) {
    const auto report = CheckStore(dir, {.memory = 4 << 20});
    if (absl::IsNotFound(report.status())) {  // its making was interrupted
      ASSERT_EQ(range.least, 0u) << report.status();
      return;
    }
    ASSERT_TRUE(report.ok()) << report.status();
    for (const CheckFinding& f : report->findings) {
      ADD_FAILURE() << f.table << ", " << f.place << ": found " << f.found << "; wanted "
                    << f.wanted;
    }
    if (report->chains.empty()) {
      ASSERT_EQ(range.least, 0u);
      return;
    }
    const auto& tip = report->chains[0].tip;
    const uint64_t blocks = tip.has_value() ? tip->totals.blocks : 0;
    ASSERT_GE(blocks, range.least) << "what was acknowledged is lost";
    ASSERT_LE(blocks, range.most);
    const auto store = LedgerStore::OpenForReading(dir, {.memory = 4 << 20});
    ASSERT_TRUE(store.ok()) << store.status();
    const auto view = (*store)->View(ledger_.chain.name);
    ASSERT_TRUE(view.ok()) << view.status();
    ASSERT_TRUE(*DumpLedger(**view) == dumps_[blocks]) << blocks << " blocks";
  }

  // That the work can be finished, and is what it would have been.
  void ExpectFinishes(const std::string& dir, rocksdb::Env* env) {
    const Work work = Worker(dir, ledger_, env).Run();
    ASSERT_TRUE(work.status.ok()) << work.status;
    ExpectSound(dir, {kBlocks, kBlocks});
  }

  RandomLedger ledger_;
  std::vector<std::string> dumps_;  // by the number of blocks
};

TEST_F(FaultTest, AFailingFileIsSaidAndLosesNothing) {
  std::mt19937_64 rng(/*seed=*/20240702);
  std::map<Kind, uint64_t> operations;
  {
    const std::string dir = FreshDirectory();
    const auto files = std::make_shared<FaultFileSystem>(dir);
    const auto env = rocksdb::NewCompositeEnv(files);
    ASSERT_NO_FATAL_FAILURE(ExpectFinishes(dir, env.get()));
    for (const Kind kind : {Kind::kTable, Kind::kLog, Kind::kManifest, Kind::kCurrent, Kind::kBatch,
                            Kind::kFormat, Kind::kTips, Kind::kOther}) {
      operations[kind] = files->operations(kind);
    }
  }
  int told = 0;
  for (const auto& [name, kind] : {std::pair("table", Kind::kTable),
                                   {"log", Kind::kLog},
                                   {"manifest", Kind::kManifest},
                                   {"current", Kind::kCurrent},
                                   {"batch", Kind::kBatch},
                                   {"format", Kind::kFormat},
                                   {"tips", Kind::kTips},
                                   {"other", Kind::kOther}}) {
    ASSERT_GT(operations[kind], 0u) << name;
    for (const Fault fault : {Fault::kError, Fault::kDiskFull, Fault::kShortWrite}) {
      for (int i = 0; i < 4; ++i) {
        const uint64_t after = i == 0 ? 0 : rng() % operations[kind];
        SCOPED_TRACE(
            absl::StrCat(name, ", fault ", static_cast<int>(fault), ", operation ", after));
        const std::string dir = FreshDirectory();
        const auto files = std::make_shared<FaultFileSystem>(dir);
        const auto env = rocksdb::NewCompositeEnv(files);
        files->FailAt(kind, after, fault);
        const Work work = Worker(dir, ledger_, env.get()).Run();
        // What fails in the background may come too late for anybody to hear of it.
        if (!work.status.ok()) {
          told += 1;
          EXPECT_TRUE(files->failed()) << work.status;
          EXPECT_EQ(work.status.code(), fault == Fault::kDiskFull
                                            ? absl::StatusCode::kResourceExhausted
                                            : absl::StatusCode::kUnavailable)
              << work.status;
          EXPECT_TRUE(absl::StrContains(work.status.message(),
                                        fault == Fault::kDiskFull ? "make room" : "trace check"))
              << work.status;
        }
        files->Mend();
        ASSERT_NO_FATAL_FAILURE(ExpectSound(dir, work.after_kill));
        ASSERT_NO_FATAL_FAILURE(ExpectFinishes(dir, env.get()));
      }
    }
  }
  EXPECT_GT(told, 40);
}

TEST_F(FaultTest, LossOfPowerTakesNothingThatWasSynced) {
  std::mt19937_64 rng(/*seed=*/20240703);
  uint64_t operations = 0;
  for (int i = 0; i < 40; ++i) {
    const std::string dir = FreshDirectory();
    const auto files = std::make_shared<FaultFileSystem>(dir);
    const auto env = rocksdb::NewCompositeEnv(files);
    // The first is left to end, to know how long it is.
    if (i > 0) files->FailAt(std::nullopt, rng() % operations, Fault::kPower);
    SCOPED_TRACE(absl::StrCat("run ", i));
    const Work work = Worker(dir, ledger_, env.get()).Run();
    if (i == 0) operations = files->operations(std::nullopt);
    files->LosePower(rng);
    ASSERT_NO_FATAL_FAILURE(ExpectSound(dir, work.after_power));
    ASSERT_NO_FATAL_FAILURE(ExpectFinishes(dir, env.get()));
  }
}

}  // namespace
}  // namespace spoor
