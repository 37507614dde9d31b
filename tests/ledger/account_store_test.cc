#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/store.h"
#include "tests/ledger/plain_accounts.h"
#include "tests/ledger/store_files.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_account_ledger.h"

namespace spoor {
namespace {

// So little that rows reach tables, and tables are merged, while a test writes.
constexpr LedgerStore::Options kTiny{.memory = 1 << 20};

std::string Dump(const LedgerView& view) {
  const auto dump = DumpLedger(view);
  return dump.ok() ? *dump : dump.status().ToString();
}

std::string DumpMemory(const RandomLedger& ledger, size_t blocks) {
  MemoryLedger memory(ledger.chain);
  const absl::Status status = AppendAll(absl::MakeConstSpan(ledger.blocks).first(blocks), &memory);
  return status.ok() ? Dump(memory) : status.ToString();
}

RandomAccountLedgerOptions RandomOptions(std::mt19937_64& rng) {
  RandomAccountLedgerOptions options;
  options.blocks = 1 + static_cast<int>(rng() % 12);
  options.assets = static_cast<int>(rng() % 5);
  options.overdrafts = static_cast<int>(rng() % 3) * 6;
  options.most_units = rng() % 2 == 0 ? 20 : uint64_t{1} << 60;
  options.odd = rng() % 4 != 0;
  return options;
}

// Hundreds of chains in one store, each read and compared by itself.
TEST(AccountStore, IsWhatThePlainModelAndMemorySay) {
  std::mt19937_64 rng(/*seed=*/20260301);
  const std::string dir = FreshDirectory();
  for (int round = 0; round < 3 && !::testing::Test::HasFailure(); ++round) {
    std::filesystem::remove_all(dir);
    std::vector<RandomLedger> ledgers;
    {
      const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
      ASSERT_TRUE(store.ok()) << store.status();
      for (int i = 0; i < 200; ++i) {
        ledgers.push_back(MakeRandomAccountLedger(rng(), RandomOptions(rng)));
        ledgers.back().chain.name = absl::StrCat("chain", i);
        const auto writer = (*store)->Writer(ledgers.back().chain);
        ASSERT_TRUE(writer.ok()) << writer.status();
        if (rng() % 10 == 0) {
          ASSERT_TRUE((*writer)->SetMode(LedgerWriter::Mode::kHistory).ok());
        }
        const absl::Status status = AppendAll(ledgers.back().blocks, writer->get());
        ASSERT_TRUE(status.ok()) << status;
        ASSERT_TRUE((*writer)->Commit().ok());
      }
    }
    const auto store = LedgerStore::OpenForReading(dir, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    for (const RandomLedger& ledger : ledgers) {
      SCOPED_TRACE(absl::StrCat("round ", round, ", ", ledger.chain.name));
      const auto view = (*store)->View(ledger.chain.name);
      ASSERT_TRUE(view.ok()) << view.status();
      ExpectPlain(ledger.blocks, **view);
      EXPECT_TRUE(Dump(**view) == DumpMemory(ledger, ledger.blocks.size()));
    }
  }
}

// Appends and undoes at random, at the tip and as history, until all blocks are there. Calls
// `at_rest(blocks)` now and then, when all is committed.
void WalkAbout(const RandomLedger& ledger, std::mt19937_64& rng, LedgerWriter* writer,
               const std::function<void(size_t)>& at_rest) {
  size_t have = 0;
  while (have < ledger.blocks.size()) {
    if (rng() % 3 == 0) {
      const auto mode = rng() % 2 == 0 ? LedgerWriter::Mode::kTip : LedgerWriter::Mode::kHistory;
      ASSERT_TRUE(writer->SetMode(mode).ok());
    }
    for (uint64_t n = 1 + rng() % 5; n > 0 && have < ledger.blocks.size(); --n) {
      const absl::Status status = writer->Append(ledger.blocks[have++]);
      ASSERT_TRUE(status.ok()) << status;
    }
    if (rng() % 2 == 0 && have < ledger.blocks.size()) {
      for (uint64_t n = 1 + rng() % 4; n > 0 && have > 0; --n, --have) {
        const absl::Status status = writer->UndoTip();
        ASSERT_TRUE(status.ok()) << status;
      }
    }
    if (rng() % 4 == 0) {
      ASSERT_TRUE(writer->Commit().ok());
      at_rest(have);
    }
  }
  ASSERT_TRUE(writer->Commit().ok());
  at_rest(have);
}

TEST(AccountStore, AnswersAsMemoryDoesWhateverWasUndone) {
  std::mt19937_64 rng(/*seed=*/20260302);
  const std::string walked_dir = FreshDirectory("walked");
  const std::string fresh_dir = FreshDirectory("fresh");
  {
    const auto walked = LedgerStore::OpenForWriting(walked_dir, kTiny);
    ASSERT_TRUE(walked.ok()) << walked.status();
    const auto fresh = LedgerStore::OpenForWriting(fresh_dir, LedgerStore::Options());
    ASSERT_TRUE(fresh.ok()) << fresh.status();
    for (int i = 0; i < 25 && !::testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE(absl::StrCat("ledger ", i));
      RandomAccountLedgerOptions options = RandomOptions(rng);
      options.blocks *= 2;
      RandomLedger ledger = MakeRandomAccountLedger(rng(), options);
      ledger.chain.name = absl::StrCat("chain", i);
      const auto writer = (*walked)->Writer(ledger.chain);
      ASSERT_TRUE(writer.ok()) << writer.status();
      WalkAbout(ledger, rng, writer->get(), [&](size_t blocks) {
        const std::string want = DumpMemory(ledger, blocks);
        EXPECT_TRUE(Dump((*writer)->view()) == want) << blocks << " blocks, the writer's view";
        const auto view = (*walked)->View(ledger.chain.name);
        ASSERT_TRUE(view.ok()) << view.status();
        EXPECT_EQ(Dump(**view), want) << blocks << " blocks, a fixed view";
      });
      const auto fresh_writer = (*fresh)->Writer(ledger.chain);
      ASSERT_TRUE(fresh_writer.ok()) << fresh_writer.status();
      ASSERT_TRUE(AppendAll(ledger.blocks, fresh_writer->get()).ok());
    }
  }
  // Row by row: undoing left nothing behind.
  EXPECT_TRUE(DumpRows(walked_dir) == DumpRows(fresh_dir));
}

// History in batches so small that there are dozens, and some of it touches what is two batches
// back, while the batch between is being taken over.
TEST(AccountStore, HistoryIsTheSameAsBlockByBlock) {
  RandomAccountLedgerOptions options;
  options.blocks = 300;
  options.most_transactions = 10;
  options.assets = 20;
  options.most_units = uint64_t{1} << 60;
  const RandomLedger ledger = MakeRandomAccountLedger(/*seed=*/20260303, options);
  const std::string history_dir = FreshDirectory("history");
  const std::string tip_dir = FreshDirectory("tip");
  for (const auto& [dir, mode] : {std::pair(history_dir, LedgerWriter::Mode::kHistory),
                                  std::pair(tip_dir, LedgerWriter::Mode::kTip)}) {
    const auto store = LedgerStore::OpenForWriting(dir, {.memory = 1 << 18});
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->SetMode(mode).ok());
    ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).first(150), writer->get()).ok());
    ASSERT_TRUE((*writer)->Commit().ok());
    const auto view = (*store)->View(ledger.chain.name);
    ASSERT_TRUE(view.ok()) << view.status();
    const std::string half = DumpMemory(ledger, 150);
    EXPECT_TRUE(Dump(**view) == half);
    ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).subspan(150), writer->get()).ok());
    ASSERT_TRUE((*writer)->Sync().ok());
    EXPECT_TRUE(Dump(**view) == half);  // a view is fixed, opening balances too
    EXPECT_TRUE(Dump((*writer)->view()) == DumpMemory(ledger, ledger.blocks.size()));
  }
  EXPECT_TRUE(DumpRows(history_dir) == DumpRows(tip_dir));
  CompactAll(history_dir);
  EXPECT_TRUE(DumpRows(history_dir) == DumpRows(tip_dir));
}

TEST(AccountStore, GoesOnWhereItWasLeft) {
  const RandomLedger ledger = MakeRandomAccountLedger(/*seed=*/20260304, {.blocks = 60});
  const std::string dir = FreshDirectory();
  std::mt19937_64 rng(/*seed=*/20260305);
  size_t have = 0;
  while (have < ledger.blocks.size()) {
    const auto store = LedgerStore::OpenForWriting(dir, kTiny);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    EXPECT_EQ(Dump((*writer)->view()), DumpMemory(ledger, have));
    for (uint64_t n = rng() % 6; n > 0 && have > 0; --n, --have) {
      ASSERT_TRUE((*writer)->UndoTip().ok());
    }
    if (rng() % 2 == 0) {
      ASSERT_TRUE((*writer)->SetMode(LedgerWriter::Mode::kHistory).ok());
    }
    const size_t until = std::min(ledger.blocks.size(), have + rng() % 12);
    for (; have < until; ++have) ASSERT_TRUE((*writer)->Append(ledger.blocks[have]).ok());
    ASSERT_TRUE((*writer)->Commit().ok());
  }
}

TEST(AccountStore, KeepsThatInternalTransfersAreMissing) {
  const std::string dir = FreshDirectory();
  ChainInfo chain{"ethereum", Family::kAccount, "", "ETH", 18};
  for (const auto& [said, kept] :
       {std::pair(false, false), std::pair(true, true), std::pair(false, true)}) {
    const auto store = LedgerStore::OpenForWriting(dir, kTiny);
    ASSERT_TRUE(store.ok()) << store.status();
    chain.internal_transfers_missing = said;
    const auto writer = (*store)->Writer(chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    EXPECT_EQ((*writer)->view().chain().internal_transfers_missing, kept);
    EXPECT_EQ((*store)->chains()[0].internal_transfers_missing, kept);
  }
  // While there are no blocks, the rest may change.
  const auto store = LedgerStore::OpenForWriting(dir, kTiny);
  ASSERT_TRUE(store.ok()) << store.status();
  chain.symbol = "ETC";
  ASSERT_TRUE((*(*store)->Writer(chain))->Append(NewBlock()).ok());
  EXPECT_EQ((*store)->chains()[0].symbol, "ETC");
  chain.symbol = "ETH";
  EXPECT_EQ((*store)->Writer(chain).status().code(), absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace spoor
