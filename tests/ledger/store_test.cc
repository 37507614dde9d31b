#include "spoor/ledger/store.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/ledger/memory_ledger.h"
#include "tests/ledger/store_files.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

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
    if (have > 0) {
      ASSERT_EQ(writer->tip()->totals.blocks, have);
    }
    if (rng() % 4 == 0) {
      ASSERT_TRUE(writer->Commit().ok());
      at_rest(have);
    }
  }
  ASSERT_TRUE(writer->Commit().ok());
  at_rest(have);
}

TEST(Store, AnswersAsMemoryDoesWhateverWasUndone) {
  std::mt19937_64 rng(/*seed=*/20240616);
  const std::string walked_dir = FreshDirectory("walked");
  const std::string fresh_dir = FreshDirectory("fresh");
  {
    const auto walked = LedgerStore::OpenForWriting(walked_dir, kTiny);
    ASSERT_TRUE(walked.ok()) << walked.status();
    const auto fresh = LedgerStore::OpenForWriting(fresh_dir, LedgerStore::Options());
    ASSERT_TRUE(fresh.ok()) << fresh.status();
    for (int i = 0; i < 40 && !::testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE(absl::StrCat("ledger ", i));
      RandomLedgerOptions options;
      options.blocks = 3 + static_cast<int>(rng() % 20);
      options.most_minted = rng() % 2 == 0 ? 200 : uint64_t{1} << 50;
      RandomLedger ledger = MakeRandomLedger(rng(), options);
      ledger.chain.name = absl::StrCat("chain", i);
      const auto writer = (*walked)->Writer(ledger.chain);
      ASSERT_TRUE(writer.ok()) << writer.status();
      MemoryLedger memory(ledger.chain);
      std::mt19937_64 same = rng;
      WalkAbout(ledger, rng, writer->get(), [&](size_t blocks) {
        const std::string want = DumpMemory(ledger, blocks);
        EXPECT_EQ(Dump((*writer)->view()), want) << blocks << " blocks, the writer's view";
        const auto view = (*walked)->View(ledger.chain.name);
        ASSERT_TRUE(view.ok()) << view.status();
        EXPECT_EQ(Dump(**view), want) << blocks << " blocks, a fixed view";
      });
      WalkAbout(ledger, same, &memory, [&](size_t blocks) {
        EXPECT_EQ(Dump(memory), DumpMemory(ledger, blocks)) << blocks << " blocks in memory";
      });
      const auto fresh_writer = (*fresh)->Writer(ledger.chain);
      ASSERT_TRUE(fresh_writer.ok()) << fresh_writer.status();
      ASSERT_TRUE(AppendAll(ledger.blocks, fresh_writer->get()).ok());
    }
  }
  // Row by row: undoing left nothing behind.
  EXPECT_TRUE(DumpRows(walked_dir) == DumpRows(fresh_dir));
}

// The same ledger on another branch from block `first` on, where inputs reveal nothing.
RandomLedger BranchThatRevealsNothing(RandomLedger ledger, size_t first) {
  for (size_t i = first; i < ledger.blocks.size(); ++i) {
    NewBlock& block = ledger.blocks[i];
    auto hash = block.hash.bytes();
    hash[0] ^= 1;
    block.hash = BlockHash::FromBytes(hash);
    if (i > first) block.previous = ledger.blocks[i - 1].hash;
    block.revealed.clear();
  }
  return ledger;
}

TEST(Store, WhatABranchRevealedIsGoneWithIt) {
  std::mt19937_64 rng(/*seed=*/20261128);
  const std::string walked_dir = FreshDirectory("walked");
  const std::string fresh_dir = FreshDirectory("fresh");
  uint64_t revealed = 0;
  {
    const auto walked = LedgerStore::OpenForWriting(walked_dir, kTiny);
    ASSERT_TRUE(walked.ok()) << walked.status();
    const auto fresh = LedgerStore::OpenForWriting(fresh_dir, LedgerStore::Options());
    ASSERT_TRUE(fresh.ok()) << fresh.status();
    for (int i = 0; i < 20; ++i) {
      RandomLedger ledger = MakeRandomLedger(rng());
      ledger.chain.name = absl::StrCat("chain", i);
      const size_t fork = ledger.blocks.size() / 2;
      const RandomLedger branch = BranchThatRevealsNothing(ledger, fork);
      const auto mode = i % 2 == 0 ? LedgerWriter::Mode::kTip : LedgerWriter::Mode::kHistory;
      const auto writer = (*walked)->Writer(ledger.chain);
      ASSERT_TRUE(writer.ok()) << writer.status();
      ASSERT_TRUE((*writer)->SetMode(mode).ok());
      ASSERT_TRUE(AppendAll(ledger.blocks, writer->get()).ok());
      if (i % 3 == 0) {
        ASSERT_TRUE((*writer)->Commit().ok());
      }
      for (size_t n = fork; n < ledger.blocks.size(); ++n) {
        revealed += ledger.blocks[n].revealed.size();
        ASSERT_TRUE((*writer)->UndoTip().ok());
      }
      const auto rest = absl::MakeConstSpan(branch.blocks).subspan(fork);
      for (const NewBlock& block : rest) {
        ASSERT_TRUE((*writer)->Append(block).ok());
        if (mode == LedgerWriter::Mode::kTip) {
          ASSERT_TRUE((*writer)->Commit().ok());
        }
      }
      ASSERT_TRUE((*writer)->Commit().ok());
      EXPECT_EQ(Dump((*writer)->view()), DumpMemory(branch, branch.blocks.size()));
      const auto fresh_writer = (*fresh)->Writer(branch.chain);
      ASSERT_TRUE(fresh_writer.ok()) << fresh_writer.status();
      ASSERT_TRUE(AppendAll(branch.blocks, fresh_writer->get()).ok());
    }
  }
  EXPECT_GT(revealed, 100u);
  EXPECT_TRUE(DumpRows(walked_dir) == DumpRows(fresh_dir));
}

// History in batches so small that there are dozens, and some of it spends what is two batches
// back, while the batch between is being taken over.
TEST(Store, HistoryIsTheSameAsBlockByBlock) {
  RandomLedgerOptions options;
  options.blocks = 300;
  options.most_transactions = 20;
  options.most_minted = 1'000'000;
  const RandomLedger ledger = MakeRandomLedger(/*seed=*/20240618, options);
  const std::string history_dir = FreshDirectory("history");
  const std::string tip_dir = FreshDirectory("tip");
  for (const auto& [dir, mode] : {std::pair(history_dir, LedgerWriter::Mode::kHistory),
                                  std::pair(tip_dir, LedgerWriter::Mode::kTip)}) {
    const auto store = LedgerStore::OpenForWriting(dir, {.memory = 1 << 17});
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->SetMode(mode).ok());
    ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).first(100), writer->get()).ok());
    ASSERT_TRUE((*writer)->Commit().ok());
    const auto view = (*store)->View(ledger.chain.name);
    ASSERT_TRUE(view.ok()) << view.status();
    const std::string hundred = DumpMemory(ledger, 100);
    EXPECT_TRUE(Dump(**view) == hundred);
    ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).subspan(100), writer->get()).ok());
    ASSERT_TRUE((*writer)->Sync().ok());
    EXPECT_TRUE(Dump(**view) == hundred);  // a view is fixed
    EXPECT_TRUE(Dump((*writer)->view()) == DumpMemory(ledger, ledger.blocks.size()));
  }
  EXPECT_TRUE(DumpRows(history_dir) == DumpRows(tip_dir));
  CompactAll(history_dir);
  EXPECT_TRUE(DumpRows(history_dir) == DumpRows(tip_dir));
}

TEST(Store, HistoryNotCommittedIsLostWhole) {
  const RandomLedger ledger = MakeRandomLedger(9, {.blocks = 20});
  const std::string dir = FreshDirectory();
  {
    const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->SetMode(LedgerWriter::Mode::kHistory).ok());
    ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).first(12), writer->get()).ok());
    ASSERT_TRUE((*writer)->Commit().ok());
    ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).subspan(12), writer->get()).ok());
    EXPECT_EQ((*writer)->tip()->totals.blocks, 20u);
    EXPECT_EQ((*writer)->view().tip()->totals.blocks, 12u);
    EXPECT_EQ(Dump((*writer)->view()), DumpMemory(ledger, 12));
  }
  const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
  ASSERT_TRUE(store.ok()) << store.status();
  const auto writer = (*store)->Writer(ledger.chain);
  ASSERT_TRUE(writer.ok()) << writer.status();
  EXPECT_EQ(Dump((*writer)->view()), DumpMemory(ledger, 12));
  ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).subspan(12), writer->get()).ok());
  EXPECT_EQ(Dump((*writer)->view()), DumpMemory(ledger, 20));
}

TEST(Store, SpendsAreTheSameAfterEveryMergeOfTables) {
  std::mt19937_64 rng(/*seed=*/20240617);
  RandomLedgerOptions options;
  options.blocks = 160;
  options.most_transactions = 12;
  options.most_minted = 100'000;
  const RandomLedger ledger = MakeRandomLedger(rng(), options);
  const std::string dir = FreshDirectory();
  size_t have = 0;
  for (const size_t until : {size_t{40}, size_t{80}, size_t{120}, size_t{160}}) {
    SCOPED_TRACE(absl::StrCat("until block ", until));
    {
      const auto store = LedgerStore::OpenForWriting(dir, kTiny);
      ASSERT_TRUE(store.ok()) << store.status();
      const auto writer = (*store)->Writer(ledger.chain);
      ASSERT_TRUE(writer.ok()) << writer.status();
      // Some of what the tables hold already is unspent and spent anew.
      for (uint64_t n = rng() % 10; n > 0 && have > 0; --n, --have) {
        ASSERT_TRUE((*writer)->UndoTip().ok());
      }
      for (; have < until; ++have) {
        const absl::Status status = (*writer)->Append(ledger.blocks[have]);
        ASSERT_TRUE(status.ok()) << status;
      }
      ASSERT_TRUE(Dump((*writer)->view()) == DumpMemory(ledger, have));
    }
    uint64_t tables = 0;
    const std::string before = DumpRows(dir);
    CompactAll(dir, &tables);
    EXPECT_EQ(tables, 1u);
    EXPECT_TRUE(DumpRows(dir) == before);
    const auto store = LedgerStore::OpenForReading(dir, kTiny);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto view = (*store)->View(ledger.chain.name);
    ASSERT_TRUE(view.ok()) << view.status();
    ASSERT_TRUE(Dump(**view) == DumpMemory(ledger, have));
  }
}

TEST(Store, ManyOperandsOnOneRowMergeInOrder) {
  // One coinbase of 200 outputs, each spent by a block of its own, so that its operands come to lie
  // in many tables.
  RandomLedger ledger = MakeRandomLedger(1, {.blocks = 0});
  NewBlock first;
  first.hash = BlockHash::FromBytes(Bytes(32, 0xff));
  first.new_addresses = {"key"};
  Movement coinbase;
  coinbase.txid = Txid::FromBytes(Bytes(32, 0xff));
  coinbase.coinbase = true;
  for (uint32_t i = 0; i < 200; ++i) {
    coinbase.takes.push_back({TakerKind::kHolding, Holding{0, i}, AddressId{0}, i, 0, {}});
    coinbase.minted += i;
  }
  first.movements = {coinbase};
  ledger.blocks = {first};
  for (uint32_t i = 0; i < 200; ++i) {
    NewBlock block;
    block.height = i + 1;
    block.previous = ledger.blocks.back().hash;
    block.hash = BlockHash::FromBytes(Bytes(32, static_cast<uint8_t>(i)));
    Movement m;
    m.position = Position{i + 1};
    m.txid = Txid::FromBytes(Bytes(32, static_cast<uint8_t>(i)));
    m.height = i + 1;
    m.gives = {{GiveKind::kHolding, Holding{0, i}, AddressId{0}, i}};
    m.takes = {{TakerKind::kFee, Holding(), AddressId(), i, 0, {}}};
    block.movements = {m};
    ledger.blocks.push_back(block);
  }
  const std::string dir = FreshDirectory();
  // Opening it again makes a table of what is in the log: seven tables with operands, then more
  // that undo some of them.
  for (size_t have = 0; have < ledger.blocks.size();) {
    const auto store = LedgerStore::OpenForWriting(dir, kTiny);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    const size_t until = std::min(have + 30, ledger.blocks.size());
    while (have < until) ASSERT_TRUE((*writer)->Append(ledger.blocks[have++]).ok());
  }
  for (int undone = 0; undone < 50; undone += 10) {
    const auto store = LedgerStore::OpenForWriting(dir, kTiny);
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE((*writer)->UndoTip().ok());
    EXPECT_TRUE(Dump((*writer)->view()) == DumpMemory(ledger, 191 - undone));
  }
  CompactAll(dir);
  const auto store = LedgerStore::OpenForReading(dir, kTiny);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto view = (*store)->View(ledger.chain.name);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_TRUE(Dump(**view) == DumpMemory(ledger, 151));
}

TEST(Store, OpensAgainWhereItWasLeft) {
  const RandomLedger ledger = MakeRandomLedger(3, {.blocks = 30});
  const std::string dir = FreshDirectory();
  for (size_t have = 0; have < ledger.blocks.size();) {
    const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    EXPECT_EQ((*store)->chains(), std::vector<ChainInfo>{ledger.chain});
    ASSERT_EQ(Dump((*writer)->view()), DumpMemory(ledger, have));
    for (size_t n = 0; n < 10; ++n) ASSERT_TRUE((*writer)->Append(ledger.blocks[have++]).ok());
  }
}

TEST(Store, ChainsDoNotMix) {
  RandomLedger a = MakeRandomLedger(4);
  RandomLedger b = MakeRandomLedger(4, {.blocks = 9});
  b.chain.name = "other";
  const auto store = LedgerStore::OpenForWriting(FreshDirectory(), LedgerStore::Options());
  ASSERT_TRUE(store.ok()) << store.status();
  const auto writer_a = (*store)->Writer(a.chain);
  const auto writer_b = (*store)->Writer(b.chain);
  ASSERT_TRUE(writer_a.ok() && writer_b.ok());
  for (size_t i = 0; i < a.blocks.size(); ++i) {
    ASSERT_TRUE((*writer_a)->Append(a.blocks[i]).ok());
    if (i < b.blocks.size()) {
      ASSERT_TRUE((*writer_b)->Append(b.blocks[i]).ok());
    }
  }
  EXPECT_EQ((*store)->chains(), (std::vector<ChainInfo>{a.chain, b.chain}));
  EXPECT_EQ(Dump((*writer_a)->view()), DumpMemory(a, a.blocks.size()));
  EXPECT_EQ(Dump((*writer_b)->view()), DumpMemory(b, b.blocks.size()));
  while ((*writer_a)->view().tip().has_value()) ASSERT_TRUE((*writer_a)->UndoTip().ok());
  EXPECT_EQ(Dump((*writer_b)->view()), DumpMemory(b, b.blocks.size()));

  const absl::Status none = (*store)->View("third").status();
  EXPECT_EQ(none.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(none.message()), HasSubstr("bitcoin, other"));
  ChainInfo changed = b.chain;
  changed.network = "regtest";
  EXPECT_EQ((*store)->Writer(changed).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST(Store, AViewIsFixedWhileTheWriterGoesOn) {
  const RandomLedger ledger = MakeRandomLedger(5, {.blocks = 20});
  const std::string dir = FreshDirectory();
  const auto store = LedgerStore::OpenForWriting(dir, kTiny);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto writer = (*store)->Writer(ledger.chain);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).first(10), writer->get()).ok());

  const auto view = (*store)->View(ledger.chain.name);
  ASSERT_TRUE(view.ok()) << view.status();
  // Another process would open it so while the writer writes.
  const auto reader = LedgerStore::OpenForReading(dir, LedgerStore::Options());
  ASSERT_TRUE(reader.ok()) << reader.status();
  const auto read_view = (*reader)->View(ledger.chain.name);
  ASSERT_TRUE(read_view.ok()) << read_view.status();
  EXPECT_EQ((*reader)->Writer(ledger.chain).status().code(), absl::StatusCode::kFailedPrecondition);

  const std::string ten = DumpMemory(ledger, 10);
  EXPECT_EQ(Dump(**view), ten);
  EXPECT_EQ(Dump(**read_view), ten);
  ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).subspan(10), writer->get()).ok());
  EXPECT_EQ(Dump(**view), ten);
  EXPECT_EQ(Dump(**read_view), ten);
  for (int i = 0; i < 15; ++i) ASSERT_TRUE((*writer)->UndoTip().ok());
  EXPECT_EQ(Dump(**view), ten);
  EXPECT_EQ(Dump(**read_view), ten);
  EXPECT_EQ(Dump((*writer)->view()), DumpMemory(ledger, 5));

  const auto later = LedgerStore::OpenForReading(dir, LedgerStore::Options());
  ASSERT_TRUE(later.ok()) << later.status();
  const auto later_view = (*later)->View(ledger.chain.name);
  ASSERT_TRUE(later_view.ok()) << later_view.status();
  EXPECT_EQ(Dump(**later_view), DumpMemory(ledger, 5));
}

TEST(Store, ASecondWriterIsRefused) {
  const std::string dir = FreshDirectory();
  {
    const auto first = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
    ASSERT_TRUE(first.ok()) << first.status();
    const absl::Status second = LedgerStore::OpenForWriting(dir, LedgerStore::Options()).status();
    EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(second.message()), HasSubstr("in use"));
  }
  EXPECT_TRUE(LedgerStore::OpenForWriting(dir, LedgerStore::Options()).ok());
}

TEST(Store, ReadingChangesNothingOnDisk) {
  const RandomLedger ledger = MakeRandomLedger(6);
  const std::string dir = FreshDirectory();
  EXPECT_FALSE(LedgerStore::Exists(dir));
  {
    const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    const auto writer = (*store)->Writer(ledger.chain);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE(AppendAll(ledger.blocks, writer->get()).ok());
  }
  EXPECT_TRUE(LedgerStore::Exists(dir));
  EXPECT_EQ(ReadWholeFile(dir + "/FORMAT"), "spoor ledger format 4\n");
  const auto before = ListRecursively(dir);
  {
    const auto store = LedgerStore::OpenForReading(dir, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    const auto view = (*store)->View(ledger.chain.name);
    ASSERT_TRUE(view.ok()) << view.status();
    EXPECT_EQ(Dump(**view), DumpMemory(ledger, ledger.blocks.size()));
  }
  EXPECT_EQ(ListRecursively(dir), before);
}

TEST(Store, WhatIsNoLedgerOfOursIsRefusedAndLeftAlone) {
  const std::string ledger_dir = FreshDirectory("good");
  ASSERT_TRUE(LedgerStore::OpenForWriting(ledger_dir, LedgerStore::Options()).ok());
  struct Case {
    std::string name;
    std::string format;  // what FORMAT holds
    std::string says;
  };
  for (const Case& c : std::vector<Case>{
           {"a later format", "spoor ledger format 5\n", "format 5"},
           {"a much later format", "spoor ledger format 4000000000\n", "format 4000000000"},
           {"the format before", "spoor ledger format 3\n", "ingest into a new directory"},
           {"format 0", "spoor ledger format 0\n", "format 0"},
           {"no number", "spoor ledger format \n", "not a ledger"},
           {"another program's", "leveldb 1\n", "not a ledger"},
           {"empty", "", "not a ledger"},
       }) {
    SCOPED_TRACE(c.name);
    WriteWholeFile(ledger_dir + "/FORMAT", c.format);
    const auto before = ListRecursively(ledger_dir);
    for (const absl::Status& status :
         {LedgerStore::OpenForReading(ledger_dir, LedgerStore::Options()).status(),
          LedgerStore::OpenForWriting(ledger_dir, LedgerStore::Options()).status()}) {
      EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
      EXPECT_THAT(std::string(status.message()), HasSubstr(c.says));
    }
    EXPECT_EQ(ListRecursively(ledger_dir), before);
  }

  const std::string dir = FreshDirectory("other");
  fs::create_directories(dir);
  WriteWholeFile(dir + "/notes.txt", "not a ledger");
  const auto before = ListRecursively(dir);
  EXPECT_EQ(LedgerStore::OpenForReading(dir, LedgerStore::Options()).status().code(),
            absl::StatusCode::kNotFound);
  const absl::Status status = LedgerStore::OpenForWriting(dir, LedgerStore::Options()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("notes.txt"));
  EXPECT_EQ(ListRecursively(dir), before);

  const std::string file = dir + "/notes.txt";
  EXPECT_EQ(LedgerStore::OpenForWriting(file, LedgerStore::Options()).status().code(),
            absl::StatusCode::kFailedPrecondition);
  const std::string missing = FreshDirectory("missing");
  EXPECT_EQ(LedgerStore::OpenForReading(missing, LedgerStore::Options()).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_FALSE(fs::exists(missing));
}

TEST(Store, AnInterruptedMakingIsMadeAgain) {
  const std::string dir = FreshDirectory();
  ASSERT_TRUE(LedgerStore::OpenForWriting(dir, LedgerStore::Options()).ok());
  fs::rename(dir + "/FORMAT", dir + "/FORMAT.new");  // FORMAT is the last thing made
  EXPECT_FALSE(LedgerStore::Exists(dir));
  EXPECT_EQ(LedgerStore::OpenForReading(dir, LedgerStore::Options()).status().code(),
            absl::StatusCode::kNotFound);
  ASSERT_TRUE(LedgerStore::OpenForWriting(dir, LedgerStore::Options()).ok());
  EXPECT_TRUE(LedgerStore::Exists(dir));
}

// However many of the tables had been made.
TEST(Store, AMakingInterruptedBetweenTablesIsMadeAgain) {
  const RandomLedger ledger = MakeRandomLedger(9);
  std::vector<std::string> names;
  {
    const std::string whole = FreshDirectory("whole");
    ASSERT_TRUE(LedgerStore::OpenForWriting(whole, LedgerStore::Options()).ok());
    rocksdb::Options options;
    options.info_log = NoLog();
    ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(options, whole + "/rocksdb", &names).ok());
  }
  ASSERT_EQ(names.size(), 8u);
  // Also one that is not there though others after it are.
  for (size_t made = 1; made <= names.size(); ++made) {
    for (const bool last : {false, true}) {
      SCOPED_TRACE(absl::StrCat(made, " tables", last ? ", from the last on" : ""));
      const std::string dir = FreshDirectory("cut");
      fs::create_directories(dir);
      {
        rocksdb::Options options;
        options.info_log = NoLog();
        options.create_if_missing = true;
        rocksdb::DB* opened = nullptr;
        ASSERT_TRUE(rocksdb::DB::Open(options, dir + "/rocksdb", &opened).ok());
        const std::unique_ptr<rocksdb::DB> db(opened);
        for (size_t i = 1; i < made; ++i) {
          rocksdb::ColumnFamilyHandle* handle = nullptr;
          const std::string& name = names[last ? names.size() - i : i];
          ASSERT_TRUE(db->CreateColumnFamily(rocksdb::ColumnFamilyOptions(), name, &handle).ok());
          db->DestroyColumnFamilyHandle(handle);
        }
      }
      EXPECT_EQ(LedgerStore::OpenForReading(dir, LedgerStore::Options()).status().code(),
                absl::StatusCode::kNotFound);
      {
        const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
        ASSERT_TRUE(store.ok()) << store.status();
        const auto writer = (*store)->Writer(ledger.chain);
        ASSERT_TRUE(writer.ok()) << writer.status();
        ASSERT_TRUE(AppendAll(ledger.blocks, writer->get()).ok());
      }
      const auto store = LedgerStore::OpenForReading(dir, LedgerStore::Options());
      ASSERT_TRUE(store.ok()) << store.status();
      const auto view = (*store)->View(ledger.chain.name);
      ASSERT_TRUE(view.ok()) << view.status();
      EXPECT_EQ(Dump(**view), DumpMemory(ledger, ledger.blocks.size()));
    }
  }
}

// Chains were in it, so it is no interrupted making, whatever has become of its files.
TEST(Store, ALedgerWithoutItsFormatIsNotMadeAnew) {
  const RandomLedger ledger = MakeRandomLedger(7);
  for (const bool with_table : {false, true}) {
    const std::string dir = FreshDirectory(with_table ? "table" : "chain");
    {
      const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
      ASSERT_TRUE(store.ok()) << store.status();
      if (with_table) {
        ASSERT_TRUE((*store)->Table("x")->Write({{"key", "value"}}).ok());
      } else {
        const auto writer = (*store)->Writer(ledger.chain);
        ASSERT_TRUE(writer.ok()) << writer.status();
        ASSERT_TRUE(AppendAll(ledger.blocks, writer->get()).ok());
      }
    }
    const std::string rows = DumpRows(dir);
    const std::string format = ReadWholeFile(dir + "/FORMAT");
    const std::string current = ReadWholeFile(dir + "/rocksdb/CURRENT");
    fs::remove(dir + "/FORMAT");
    const auto refused = [&] {
      const auto before = ListRecursively(dir);
      for (const absl::Status& status :
           {LedgerStore::OpenForReading(dir, LedgerStore::Options()).status(),
            LedgerStore::OpenForWriting(dir, LedgerStore::Options()).status()}) {
        EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
        EXPECT_THAT(std::string(status.message()), HasSubstr("write \"spoor ledger format 4\""));
      }
      EXPECT_EQ(ListRecursively(dir), before);
    };
    refused();
    WriteWholeFile(dir + "/rocksdb/CURRENT", "MANIFEST-999999\n");
    refused();
    WriteWholeFile(dir + "/rocksdb/CURRENT", current);
    WriteWholeFile(dir + "/FORMAT", "spoor ledger for");  // cut off
    refused();
    WriteWholeFile(dir + "/FORMAT", format);
    EXPECT_TRUE(LedgerStore::OpenForReading(dir, LedgerStore::Options()).ok());
    EXPECT_EQ(DumpRows(dir), rows);
  }
}

TEST(Store, SynchronisesAndReadsNothingFromAChainWithoutBlocks) {
  const RandomLedger ledger = MakeRandomLedger(8);
  const auto store = LedgerStore::OpenForWriting(FreshDirectory(), LedgerStore::Options());
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_TRUE((*store)->chains().empty());
  EXPECT_EQ((*store)->View("bitcoin").status().code(), absl::StatusCode::kNotFound);
  const auto writer = (*store)->Writer(ledger.chain);
  ASSERT_TRUE(writer.ok()) << writer.status();
  EXPECT_TRUE((*writer)->Sync().ok());
  const auto view = (*store)->View(ledger.chain.name);
  ASSERT_TRUE(view.ok()) << view.status();
  EXPECT_EQ(Dump(**view), DumpMemory(ledger, 0));
}

TEST(Store, SharesNoMoreThanTheBudgetWithAnIngest) {
  for (const uint64_t budget : {uint64_t{1}, uint64_t{16} << 20, uint64_t{1} << 30, ~uint64_t{0}}) {
    const uint64_t share = LedgerStore::ShareForIngest(budget);
    EXPECT_LE(share, budget / 2) << budget;
    EXPECT_GE(share, budget / 4) << budget;
  }
  // Twice the share and what the program takes.
  for (const uint64_t budget : {uint64_t{256} << 20, uint64_t{400} << 20, uint64_t{1} << 30}) {
    EXPECT_EQ(2 * LedgerStore::ShareForIngest(budget), budget - (uint64_t{128} << 20)) << budget;
  }
}

}  // namespace
}  // namespace spoor
