// Ledgers that begin in mid-chain.

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "spoor/chain/address.h"
#include "tests/ingest/ingest_blocks.h"

namespace spoor {
namespace {

constexpr uint64_t kCoin = 100'000'000;

// Height 10 spends what 4 and 9 made, and then what it made itself; 11 and 12 spend on.
TestChain MakeChain(int32_t version, bool with_undo) {
  TestChain chain;
  TestBlockOptions options;
  options.version = version;
  for (int i = 0; i < 9; ++i) chain.Add({}, options);
  const Payment old_coins{{chain.at(4).reward, chain.at(9).reward},
                          {{70 * kCoin, PartyScript(1)}, {29 * kCoin, PartyScript(2)}}};
  const Payment at_once{{old_coins.out(1)}, {{28 * kCoin, PartyScript(3)}}};
  TestBlockOptions spending = options;
  spending.fees = 2 * kCoin;
  if (with_undo) {
    const Payment::Output reward{50 * kCoin, PartyScript(0)};
    spending.spent = {{reward, reward}, {{29 * kCoin, PartyScript(2)}}};
  }
  chain.Add({old_coins, at_once}, spending);
  TestBlockOptions plain = options;
  if (with_undo) plain.spent = {{{70 * kCoin, PartyScript(1)}}};
  chain.Add({Payment{{old_coins.out(0)}, {{70 * kCoin, PartyScript(4)}}}}, plain);
  TestBlockOptions later = options;
  if (with_undo) later.spent = {{{50 * kCoin, PartyScript(0)}, {28 * kCoin, PartyScript(3)}}};
  chain.Add({Payment{{chain.at(5).reward, at_once.out(0)}, {{78 * kCoin, PartyScript(5)}}}}, later);
  return chain;
}

std::vector<TestBlock> From(const TestChain& chain, size_t from, size_t to) {
  return {chain.blocks().begin() + static_cast<ptrdiff_t>(from),
          chain.blocks().begin() + static_cast<ptrdiff_t>(to)};
}

// "kind amount owner" of every input of every movement.
std::vector<std::string> Gives(const LedgerView& view) {
  std::vector<std::string> gives;
  EXPECT_TRUE(view.ScanMovements(Position{0},
                                 [&](const Movement& movement) {
                                   for (const Give& give : movement.gives) {
                                     const char* kind = give.kind == GiveKind::kHolding ? "here "
                                                        : give.kind == GiveKind::kOutside
                                                            ? "outside "
                                                            : "unresolved ";
                                     gives.push_back(kind + ToDecimal(give.amount / kCoin) + " " +
                                                     NameOwner(view, give.owner)->text);
                                   }
                                   return absl::OkStatus();
                                 })
                  .ok());
  return gives;
}

std::string PartyName(int party) {
  return ScriptText(GetNetwork(NetworkId::kRegtest), ClassifyScript(PartyScript(party)));
}

TEST(Slice, TakesValuesFromUndoRecords) {
  const TestChain chain = MakeChain(/*version=*/2, /*with_undo=*/true);
  StoreLedger ledger;
  const auto report = IngestBlocks(From(chain, 8, 13), ledger.writer());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->inputs_from_undo, 2u);  // of heights 4 and 5; 9 is in the slice
  EXPECT_FALSE(report->height_unknown);
  EXPECT_EQ(ledger.view().tip()->height, 12u);
  EXPECT_EQ(ledger.view().tip()->totals.blocks, 5u);
  EXPECT_EQ(ledger.view().tip()->totals.unresolved_inputs, 0u);
  EXPECT_EQ(ledger.view().BlockAt(7).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Gives(ledger.view()),
            (std::vector<std::string>{"outside 50 " + PartyName(0), "here 50 " + PartyName(0),
                                      "here 29 " + PartyName(2), "here 70 " + PartyName(1),
                                      "outside 50 " + PartyName(0), "here 28 " + PartyName(3)}));
}

TEST(Slice, CountsWhatIsUnresolvedWithoutUndoRecords) {
  const TestChain chain = MakeChain(/*version=*/2, /*with_undo=*/false);
  StoreLedger ledger;
  const auto report = IngestBlocks(From(chain, 8, 13), ledger.writer());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->inputs_from_undo, 0u);
  EXPECT_EQ(ledger.view().tip()->totals.unresolved_inputs, 2u);
  // The least that lets the transactions pay what they paid.
  EXPECT_EQ(Gives(ledger.view()),
            (std::vector<std::string>{"unresolved 49 ", "here 50 " + PartyName(0),
                                      "here 29 " + PartyName(2), "here 70 " + PartyName(1),
                                      "unresolved 50 ", "here 28 " + PartyName(3)}));
}

TEST(Slice, GoesOnAsItBegan) {
  for (const bool with_undo : {true, false}) {
    for (const int32_t version : {1, 2}) {
      SCOPED_TRACE(testing::Message() << "undo " << with_undo << ", version " << version);
      const TestChain chain = MakeChain(version, with_undo);
      MemoryLedger at_once = NewMemoryLedger();
      auto report = IngestBlocks(From(chain, 8, 13), &at_once);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->height_unknown, version == 1);
      StoreLedger in_pieces;
      for (size_t upto = 9; upto <= 13; ++upto) {
        report = IngestBlocks(From(chain, 8, upto), in_pieces.writer());
        ASSERT_TRUE(report.ok()) << upto << ": " << report.status();
      }
      EXPECT_TRUE(Dump(at_once) == Dump(in_pieces.view()));
    }
  }
}

TEST(Slice, OldBlocksDoNotSayTheirHeight) {
  const TestChain chain = MakeChain(/*version=*/1, /*with_undo=*/true);
  MemoryLedger counted = NewMemoryLedger();
  auto report = IngestBlocks(From(chain, 8, 13), &counted);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(report->height_unknown);
  EXPECT_EQ(counted.tip()->height, 4u);

  MemoryLedger told = NewMemoryLedger();
  IngestOptions options;
  options.first_height = 8;
  report = IngestBlocks(From(chain, 8, 13), &told, {}, options);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_FALSE(report->height_unknown);
  EXPECT_EQ(told.tip()->height, 12u);
  EXPECT_EQ(told.tip()->hash, counted.tip()->hash);
}

// What the files say of heights below the ledger's beginning is left out, and said so.
TEST(Slice, DoesNotGrowDownwards) {
  const TestChain chain = MakeChain(/*version=*/2, /*with_undo=*/true);
  MemoryLedger ledger = NewMemoryLedger();
  ASSERT_TRUE(IngestBlocks(From(chain, 8, 11), &ledger).ok());
  const auto report = IngestBlocks(chain.blocks(), &ledger);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_added, 2u);
  EXPECT_EQ(report->unconnected_blocks, 8u);
  MemoryLedger at_once = NewMemoryLedger();
  ASSERT_TRUE(IngestBlocks(From(chain, 8, 13), &at_once).ok());
  EXPECT_TRUE(Dump(ledger) == Dump(at_once));
}

// Of several pieces of a chain, that with the most work is taken.
TEST(Slice, TheLongestPieceIsTaken) {
  const TestChain chain = MakeChain(/*version=*/2, /*with_undo=*/true);
  std::vector<TestBlock> blocks = From(chain, 2, 5);
  for (const TestBlock& block : From(chain, 6, 13)) blocks.push_back(block);
  MemoryLedger ledger = NewMemoryLedger();
  const auto report = IngestBlocks(blocks, &ledger);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_added, 7u);
  EXPECT_EQ(report->unconnected_blocks, 3u);
  EXPECT_EQ(ledger.tip()->height, 12u);
}

TEST(Slice, ReorganisesWithUndoRecords) {
  const TestChain chain = MakeChain(/*version=*/2, /*with_undo=*/true);
  TestChain branch;
  for (size_t height = 1; height <= 9; ++height) {
    TestBlockOptions options;
    options.version = 2;
    branch.Add({}, options);
  }
  ASSERT_EQ(branch.tip().hash, chain.at(9).hash);
  branch.AddEmpty(6, /*salt=*/4);
  StoreLedger ledger;
  ASSERT_TRUE(IngestBlocks(From(chain, 8, 13), ledger.writer()).ok());
  const auto report = IngestBlocks(From(branch, 8, 16), ledger.writer());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_undone, 3u);
  EXPECT_EQ(report->blocks_added, 6u);
  MemoryLedger fresh = NewMemoryLedger();
  ASSERT_TRUE(IngestBlocks(From(branch, 8, 16), &fresh).ok());
  EXPECT_TRUE(Dump(ledger.view()) == Dump(fresh));
}

// That much is missing does not excuse a contradiction in what is there.
TEST(Slice, RefusesADoubleSpendOfWhatItHas) {
  TestChain chain = MakeChain(/*version=*/2, /*with_undo=*/false);
  const bitcoin::OutPoint spent = chain.at(9).reward;  // at height 10
  chain.Add({Payment{{spent}, {{50 * kCoin, PartyScript(6)}}}});
  StoreLedger ledger;
  const auto report = IngestBlocks(From(chain, 8, 14), ledger.writer());
  EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss) << report.status();
  ASSERT_TRUE(ledger.view().tip().has_value());
  EXPECT_EQ(ledger.view().tip()->height, 12u);
}

// A damaged undo record is an error, not a reason to guess.
TEST(Slice, RefusesAnUndoRecordThatDoesNotFit) {
  TestChain chain = MakeChain(/*version=*/2, /*with_undo=*/true);
  std::vector<TestBlock> blocks = From(chain, 10, 13);
  const std::vector<bitcoin::TxOut> none;
  blocks[0].undo = bitcoin::EncodeBlockUndo({none, none});
  MemoryLedger ledger = NewMemoryLedger();
  const auto report = IngestBlocks(blocks, &ledger);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss) << report.status();
  EXPECT_FALSE(ledger.tip().has_value());
}

}  // namespace
}  // namespace spoor
