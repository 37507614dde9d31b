// Which blocks of a directory get into the ledger: order, branches, gaps, what was there before.

#include <algorithm>
#include <filesystem>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/ingest/ingest_blocks.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

// `count` blocks on `chain`, each of which moves the reward of the one before it on, and then a
// part of that. (The first block's reward cannot be spent.)
void AddBusy(TestChain* chain, size_t count, uint8_t salt = 0) {
  for (size_t i = 0; i < count; ++i) {
    const TestBlock& tip = chain->tip();
    const int party = 1 + static_cast<int>(tip.height % 7);
    const uint64_t half = tip.reward_sat / 2;
    const uint64_t third = tip.reward_sat / 3;
    const Payment first{{tip.reward},
                        {{half, PartyScript(party)}, {third, PartyScript(party + salt)}}};
    const Payment second{{first.out(1)}, {{third / 2, PartyScript(20 + salt)}, {0, BurnScript()}}};
    TestBlockOptions options;
    options.salt = salt;
    if (tip.height == 0) {
      chain->Add({}, options);
    } else {
      options.fees = static_cast<int64_t>(tip.reward_sat - half - third / 2);
      chain->Add({first, second}, options);
    }
  }
}

std::vector<TestBlock> Blocks(const TestChain& chain, size_t from, size_t to) {
  return {chain.blocks().begin() + static_cast<ptrdiff_t>(from),
          chain.blocks().begin() + static_cast<ptrdiff_t>(to)};
}

std::vector<TestBlock> operator+(std::vector<TestBlock> a, const std::vector<TestBlock>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

TEST(ChainChoice, OrderBranchesRepeatsAndFilesDoNotMatter) {
  TestChain chain;
  AddBusy(&chain, 5);
  TestChain stale = chain;
  AddBusy(&stale, 3, /*salt=*/1);
  AddBusy(&chain, 25);
  const std::string want = DumpOf(chain.blocks());
  std::vector<TestBlock> blocks = chain.blocks() + Blocks(stale, 6, 9);
  blocks.push_back(chain.at(4));  // stored twice
  blocks.push_back(chain.at(17));
  std::mt19937_64 rng(/*seed=*/20240621);
  for (int round = 0; round < 20; ++round) {
    SCOPED_TRACE(round);
    std::shuffle(blocks.begin(), blocks.end(), rng);
    bitcoin::BlockFileWriter::Options files;
    files.max_file_size = 1 + rng() % 20'000;
    if (round % 2 == 1) files.xor_key = {0xd3, 0, 0x1c, 9, 0xff, 1, 2, 0x80};
    MemoryLedger ledger = NewMemoryLedger();
    const auto report = IngestBlocks(blocks, &ledger, files);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->blocks_added, 31u);
    EXPECT_EQ(report->stale_blocks, 3u);
    EXPECT_EQ(report->unconnected_blocks, 0u);
    EXPECT_TRUE(Dump(ledger) == want);
  }
}

TEST(ChainChoice, PaddingAndACutOffRecord) {
  TestChain chain;
  AddBusy(&chain, 12);
  const std::string want = DumpOf(chain.blocks());
  const Network& network = GetNetwork(NetworkId::kRegtest);
  const bitcoin::TempDir dir;
  WriteTestBlocks(dir / "whole", chain.blocks());
  Bytes bytes = bitcoin::ReadFile(dir / "whole/blk00000.dat");
  const size_t whole = bytes.size();
  std::filesystem::create_directory(dir / "cut");
  MemoryLedger memory = NewMemoryLedger();
  StoreLedger store;
  for (LedgerWriter* writer : {static_cast<LedgerWriter*>(&memory), store.writer()}) {
    SCOPED_TRACE(writer == &memory ? "in memory" : "in RocksDB");
    bitcoin::WriteFile(dir / "cut/blk00000.dat", ByteSpan(bytes).first(whole - 7));
    auto report = IngestDirectory(dir / "cut", network, writer);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->skips.truncated_records, 1u);
    EXPECT_EQ(report->blocks_added, 12u);
    EXPECT_TRUE(Dump(writer->view()) == DumpOf(Blocks(chain, 0, 12)));

    // The node goes on: the record is whole, and room is made behind it.
    bytes.resize(whole + 100'000);
    bitcoin::WriteFile(dir / "cut/blk00000.dat", bytes);
    report = IngestDirectory(dir / "cut", network, writer);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->skips.truncated_records, 0u);
    EXPECT_EQ(report->skips.garbage_bytes, 0u);
    EXPECT_EQ(report->blocks_added, 1u);
    EXPECT_TRUE(Dump(writer->view()) == want);
  }
}

TEST(ChainChoice, BlocksBehindAGapWait) {
  TestChain chain;
  AddBusy(&chain, 20);
  StoreLedger ledger;
  auto report = IngestBlocks(Blocks(chain, 0, 9) + Blocks(chain, 12, 21), ledger.writer());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_added, 9u);
  EXPECT_EQ(report->unconnected_blocks, 9u);
  EXPECT_TRUE(Dump(ledger.view()) == DumpOf(Blocks(chain, 0, 9)));
  report = IngestBlocks(chain.blocks(), ledger.writer());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_added, 12u);
  EXPECT_EQ(report->unconnected_blocks, 0u);
  EXPECT_TRUE(Dump(ledger.view()) == DumpOf(chain.blocks()));
}

TEST(ChainChoice, TheFilesNeedNotReachBackToTheLedgersBeginning) {
  TestChain chain;
  AddBusy(&chain, 20);
  struct Case {
    const char* name;
    std::vector<TestBlock> there;
    std::vector<TestBlock> files;
    uint64_t added;
    uint64_t unconnected;
  };
  for (const Case& c : {
           Case{"only what is new", Blocks(chain, 0, 11), Blocks(chain, 11, 21), 10, 0},
           Case{"an overlap", Blocks(chain, 0, 11), Blocks(chain, 7, 21), 10, 0},
           Case{"old blocks, a gap, and what is new", Blocks(chain, 0, 11),
                Blocks(chain, 3, 5) + Blocks(chain, 11, 21), 10, 0},
           Case{"what is new, then old blocks", Blocks(chain, 0, 11),
                Blocks(chain, 11, 21) + Blocks(chain, 3, 5), 10, 0},
           Case{"a gap in what is new", Blocks(chain, 0, 11),
                Blocks(chain, 11, 15) + Blocks(chain, 16, 21), 4, 5},
           Case{"only what is there", Blocks(chain, 0, 11), Blocks(chain, 2, 9), 0, 0},
       }) {
    SCOPED_TRACE(c.name);
    MemoryLedger ledger = NewMemoryLedger();
    ASSERT_TRUE(IngestBlocks(c.there, &ledger).ok());
    const auto report = IngestBlocks(c.files, &ledger);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->blocks_added, c.added);
    EXPECT_EQ(report->unconnected_blocks, c.unconnected);
    EXPECT_EQ(report->blocks_undone, 0u);
    EXPECT_EQ(report->stale_blocks, 0u);
    EXPECT_TRUE(Dump(ledger) == DumpOf(Blocks(chain, 0, c.there.size() + c.added)));
  }
}

TEST(ChainChoice, FilesThatDoNotConnectAreRefused) {
  TestChain chain;
  AddBusy(&chain, 20);
  StoreLedger ledger;
  ASSERT_TRUE(IngestBlocks(Blocks(chain, 0, 6), ledger.writer()).ok());
  const std::string before = Dump(ledger.view());
  const auto report = IngestBlocks(Blocks(chain, 8, 12), ledger.writer());
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(report.status().message()), HasSubstr(ToText(chain.at(8).hash)));
  EXPECT_THAT(std::string(report.status().message()), HasSubstr(ToText(chain.at(5).hash)));
  EXPECT_TRUE(Dump(ledger.view()) == before);
}

TEST(ChainChoice, AHeavierBranchReplacesWhatIsThere) {
  TestChain trunk;
  AddBusy(&trunk, 6);
  TestChain a = trunk;
  AddBusy(&a, 4, /*salt=*/1);
  TestChain b = trunk;
  AddBusy(&b, 7, /*salt=*/2);
  struct Case {
    const char* name;
    std::vector<TestBlock> files;
    uint64_t undone, added, stale;
    const TestChain* then;
    size_t height;
  };
  for (const Case& c : {
           Case{"lighter", Blocks(b, 0, 10), 0, 0, 3, &a, 10},
           Case{"as heavy", Blocks(b, 0, 11), 0, 0, 4, &a, 10},
           Case{"heavier by one block", Blocks(b, 0, 12), 4, 5, 0, &b, 11},
           Case{"heavier, both in the files", a.blocks() + Blocks(b, 7, 14), 4, 7, 4, &b, 13},
           Case{"heavier, the trunk not in the files", Blocks(b, 7, 14), 4, 7, 0, &b, 13},
           Case{"heavier, and first in the files", Blocks(b, 7, 14) + a.blocks(), 4, 7, 4, &b, 13},
       }) {
    MemoryLedger memory = NewMemoryLedger();
    StoreLedger store;
    for (LedgerWriter* writer : {static_cast<LedgerWriter*>(&memory), store.writer()}) {
      SCOPED_TRACE(absl::StrCat(c.name, writer == &memory ? ", in memory" : ", in RocksDB"));
      ASSERT_TRUE(IngestBlocks(a.blocks(), writer).ok());
      const auto report = IngestBlocks(c.files, writer);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->blocks_undone, c.undone);
      EXPECT_EQ(report->blocks_added, c.added);
      EXPECT_EQ(report->stale_blocks, c.stale);
      EXPECT_TRUE(Dump(writer->view()) == DumpOf(Blocks(*c.then, 0, c.height + 1)));
      // And back again, when that one grows.
      TestChain more = a;
      AddBusy(&more, 6, /*salt=*/3);
      ASSERT_TRUE(IngestBlocks(more.blocks(), writer).ok());
      EXPECT_TRUE(Dump(writer->view()) == DumpOf(more.blocks()));
    }
  }
}

TEST(ChainChoice, OfEqualBranchesTheFirstFoundIsTaken) {
  TestChain trunk;
  AddBusy(&trunk, 3);
  TestChain a = trunk;
  AddBusy(&a, 2, /*salt=*/1);
  TestChain b = trunk;
  AddBusy(&b, 2, /*salt=*/2);
  for (const auto& [first, second] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    MemoryLedger ledger = NewMemoryLedger();
    const auto report = IngestBlocks(first->blocks() + Blocks(*second, 4, 6), &ledger);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->stale_blocks, 2u);
    EXPECT_TRUE(Dump(ledger) == DumpOf(first->blocks()));
  }
}

// Trees of blocks in any order, arriving in any number of pieces, against a plain rule.
TEST(ChainChoice, RandomTreesInRandomPieces) {
  std::mt19937_64 rng(/*seed=*/20240622);
  for (int round = 0; round < 60; ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    std::vector<TestChain> tips = {TestChain()};
    std::vector<TestBlock> blocks;
    const size_t count = 2 + rng() % 24;
    for (size_t i = 0; i < count; ++i) {
      // Grow the newest branch, most of the time; otherwise begin one anywhere.
      TestChain chain = rng() % 4 != 0 ? tips.back() : tips[rng() % tips.size()];
      AddBusy(&chain, 1, static_cast<uint8_t>(i));
      blocks.push_back(chain.tip());
      tips.push_back(std::move(chain));
    }
    std::shuffle(blocks.begin(), blocks.end(), rng);
    MemoryLedger ledger = NewMemoryLedger();
    BlockHash tip = tips[0].tip().hash;
    for (size_t have = 0; have < blocks.size();) {
      have = std::min(blocks.size(), have + 1 + rng() % 8);
      const std::vector<TestBlock> files =
          tips[0].blocks() + std::vector<TestBlock>(blocks.begin(), blocks.begin() + have);
      // The model: a branch counts if all of its blocks are there. All blocks are equal work.
      const auto chain_of = [&](const BlockHash& hash) {
        return std::find_if(tips.begin(), tips.end(),
                            [&](const TestChain& chain) { return chain.tip().hash == hash; });
      };
      const auto is_there = [&](const BlockHash& hash) {
        return std::any_of(files.begin(), files.end(),
                           [&](const TestBlock& block) { return block.hash == hash; });
      };
      const TestChain* best = &*chain_of(tip);
      for (const TestBlock& block : files) {
        const TestChain& chain = *chain_of(block.hash);
        if (chain.tip().height > best->tip().height &&
            std::all_of(chain.blocks().begin(), chain.blocks().end(),
                        [&](const TestBlock& b) { return is_there(b.hash); })) {
          best = &chain;
        }
      }
      tip = best->tip().hash;
      const auto report = IngestBlocks(files, &ledger);
      ASSERT_TRUE(report.ok()) << report.status();
      ASSERT_TRUE(Dump(ledger) == DumpOf(best->blocks())) << "with " << have << " blocks";
      EXPECT_EQ(files.size(),
                best->blocks().size() + report->stale_blocks + report->unconnected_blocks);
    }
  }
}

TEST(ChainChoice, PiecesAreAsGoodAsTheWhole) {
  TestChain chain;
  AddBusy(&chain, 40);
  StoreLedger store;
  MemoryLedger memory = NewMemoryLedger();
  for (const size_t upto : {1, 2, 3, 20, 20, 21, 41}) {
    for (LedgerWriter* writer : {static_cast<LedgerWriter*>(&memory), store.writer()}) {
      const auto report = IngestBlocks(Blocks(chain, 0, upto), writer);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_TRUE(Dump(writer->view()) == DumpOf(Blocks(chain, 0, upto)));
    }
  }
}

// History goes into a store in another way than the tip does.
TEST(ChainChoice, HistoryIsAsGoodAsTheTip) {
  TestChain chain;
  AddBusy(&chain, 600);
  const std::string want = DumpOf(chain.blocks());
  IngestOptions options;
  options.history = 0;
  StoreLedger at_once;
  ASSERT_TRUE(IngestBlocks(chain.blocks(), at_once.writer(), {}, options).ok());
  EXPECT_TRUE(Dump(at_once.view()) == want);
  StoreLedger in_pieces;
  for (const size_t upto : {200, 400, 410, 601}) {
    ASSERT_TRUE(IngestBlocks(Blocks(chain, 0, upto), in_pieces.writer(), {}, options).ok());
    EXPECT_TRUE(Dump(in_pieces.view()) == DumpOf(Blocks(chain, 0, upto)));
  }
  StoreLedger by_turns;
  for (const size_t upto : {200, 210, 400, 601}) {
    options.history = upto == 210 || upto == 601 ? 1 << 30 : 0;
    ASSERT_TRUE(IngestBlocks(Blocks(chain, 0, upto), by_turns.writer(), {}, options).ok());
  }
  EXPECT_TRUE(Dump(by_turns.view()) == want);
  // A reorganisation down to the first block.
  TestChain branch;
  AddBusy(&branch, 602, /*salt=*/5);
  options.history = 0;
  const auto report = IngestBlocks(branch.blocks(), at_once.writer(), {}, options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_undone, 600u);
  EXPECT_TRUE(Dump(at_once.view()) == DumpOf(branch.blocks()));
}

}  // namespace
}  // namespace spoor
