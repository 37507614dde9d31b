#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "spoor/ledger/ledger_writer.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/store.h"
#include "tests/ledger/store_files.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

std::string Dump(const LedgerView& view) {
  const auto dump = DumpLedger(view);
  return dump.ok() ? *dump : dump.status().ToString();
}

enum class Kind { kMemory, kStore, kStoreOfHistory };

// What every kind of writer must do.
class WriterTest : public ::testing::TestWithParam<Kind> {
 protected:
  WriterTest() : ledger_(MakeRandomLedger(/*seed=*/7)) {
    if (GetParam() == Kind::kMemory) {
      writer_ = std::make_unique<MemoryLedger>(ledger_.chain);
      return;
    }
    auto store = LedgerStore::OpenForWriting(FreshDirectory(), LedgerStore::Options());
    if (!store.ok()) {
      ADD_FAILURE() << store.status();
      return;
    }
    store_ = *std::move(store);
    auto writer = store_->Writer(ledger_.chain);
    EXPECT_TRUE(writer.ok()) << writer.status();
    if (!writer.ok()) return;
    writer_ = *std::move(writer);
    if (GetParam() == Kind::kStoreOfHistory) {
      EXPECT_TRUE(writer_->SetMode(LedgerWriter::Mode::kHistory).ok());
    }
  }

  std::string DumpCommitted() {
    const absl::Status status = writer_->Commit();
    if (!status.ok()) return status.ToString();
    EXPECT_EQ(writer_->tip(), writer_->view().tip());
    return Dump(writer_->view());
  }

  RandomLedger ledger_;
  std::unique_ptr<LedgerStore> store_;
  std::unique_ptr<LedgerWriter> writer_;
};

INSTANTIATE_TEST_SUITE_P(Writers, WriterTest,
                         ::testing::Values(Kind::kMemory, Kind::kStore, Kind::kStoreOfHistory),
                         [](const auto& test) -> std::string {
                           switch (test.param) {
                             case Kind::kMemory:
                               return "Memory";
                             case Kind::kStore:
                               return "Store";
                             case Kind::kStoreOfHistory:
                               return "StoreOfHistory";
                           }
                           return "";
                         });

TEST_P(WriterTest, ABlockThatCannotStandThereChangesNothing) {
  ASSERT_NE(writer_, nullptr);
  constexpr size_t kHave = 8;
  ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger_.blocks).first(kHave), writer_.get()).ok());
  const std::string before = DumpCommitted();
  const NewBlock good = ledger_.blocks[kHave];
  constexpr auto kPrecondition = absl::StatusCode::kFailedPrecondition;
  constexpr auto kInvalid = absl::StatusCode::kInvalidArgument;
  struct Case {
    std::string name;
    std::function<void(NewBlock*)> damage;
    absl::StatusCode want;
  };
  for (const Case& c : std::vector<Case>{
           {"another parent", [](NewBlock* b) { b->previous = b->hash; }, kPrecondition},
           {"a height left out", [](NewBlock* b) { ++b->height; }, kPrecondition},
           {"the tip's height", [](NewBlock* b) { --b->height; }, kPrecondition},
           {"a unit out of nothing", [](NewBlock* b) { b->movements[0].takes[0].amount += 1; },
            kInvalid},
           {"a unit lost", [](NewBlock* b) { b->movements[0].minted += 1; }, kInvalid},
           {"the last movement does not add up",
            [](NewBlock* b) { b->movements.back().takes.back().amount += 1; }, kInvalid},
           {"a position left out", [](NewBlock* b) { ++b->movements.back().position.number; },
            kInvalid},
           {"a position used before", [](NewBlock* b) { --b->movements[0].position.number; },
            kInvalid},
           {"spends what comes later",
            [](NewBlock* b) {
              Movement& m = b->movements[0];
              m.gives.push_back({GiveKind::kHolding, Holding{m.position.number + 1, 0}, {}, 0});
            },
            kInvalid},
           {"spends itself",
            [](NewBlock* b) {
              Movement& m = b->movements[0];
              m.gives.push_back({GiveKind::kHolding, Holding{m.position.number, 0}, {}, 0});
            },
            kInvalid},
           {"pays an address that is not there",
            [](NewBlock* b) { b->movements[0].takes[0].owner = AddressId{1'000'000}; }, kInvalid},
           {"is given by an address that is not there",
            [](NewBlock* b) {
              b->movements[0].gives.push_back(
                  {GiveKind::kOutside, Holding(), AddressId{1'000'000}, 0});
            },
            kInvalid},
       }) {
    SCOPED_TRACE(c.name);
    NewBlock bad = good;
    c.damage(&bad);
    const absl::Status status = writer_->Append(bad);
    EXPECT_EQ(status.code(), c.want) << status;
    EXPECT_EQ(DumpCommitted(), before);
  }
  ASSERT_TRUE(writer_->Append(good).ok());
  MemoryLedger memory(ledger_.chain);
  ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger_.blocks).first(kHave + 1), &memory).ok());
  EXPECT_EQ(DumpCommitted(), Dump(memory));
}

TEST_P(WriterTest, AnEmptyChainHasNoTipAndNothingToUndo) {
  ASSERT_NE(writer_, nullptr);
  EXPECT_FALSE(writer_->view().tip().has_value());
  EXPECT_FALSE(writer_->tip().has_value());
  EXPECT_EQ(writer_->UndoTip().code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(writer_->Append(ledger_.blocks[0]).ok());
  ASSERT_TRUE(writer_->UndoTip().ok());
  EXPECT_EQ(DumpCommitted(), Dump(MemoryLedger(ledger_.chain)));
  EXPECT_EQ(writer_->UndoTip().code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(writer_->Sync().ok());
}

TEST_P(WriterTest, TheFirstBlockMayHaveAnyHeight) {
  ASSERT_NE(writer_, nullptr);
  NewBlock block;
  block.height = ~uint32_t{0} - 1;
  block.hash = BlockHash::FromBytes(Bytes(32, 1));
  ASSERT_TRUE(writer_->Append(block).ok());
  block.previous = block.hash;
  block.hash = BlockHash::FromBytes(Bytes(32, 2));
  ++block.height;
  ASSERT_TRUE(writer_->Append(block).ok());
  EXPECT_EQ(writer_->tip()->height, ~uint32_t{0});
  ASSERT_TRUE(writer_->Commit().ok());
  EXPECT_EQ(writer_->view().tip()->height, ~uint32_t{0});
  EXPECT_EQ(writer_->view().BlockAt(~uint32_t{0} - 2).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(writer_->UndoTip().ok());
  EXPECT_EQ(writer_->view().tip()->height, ~uint32_t{0} - 1);
}

TEST_P(WriterTest, TimesNeverDecreaseInTheOrder) {
  ASSERT_NE(writer_, nullptr);
  BlockHash previous;
  const std::vector<std::pair<int64_t, int64_t>> times = {{100, 100}, {50, 100},  {-7, 100},
                                                          {101, 101}, {101, 101}, {99, 101}};
  for (uint32_t i = 0; i < times.size(); ++i) {
    SCOPED_TRACE(i);
    NewBlock block;
    block.height = i;
    block.previous = previous;
    block.hash = previous = BlockHash::FromBytes(Bytes(32, static_cast<uint8_t>(i + 1)));
    block.time = times[i].first;
    ASSERT_TRUE(writer_->Append(block).ok());
    ASSERT_TRUE(writer_->Sync().ok());
    const auto read = writer_->view().BlockAt(i);
    ASSERT_TRUE(read.ok()) << read.status();
    EXPECT_EQ(read->time, times[i].first);
    EXPECT_EQ(read->order_time, times[i].second);
  }
}

TEST_P(WriterTest, AScanStopsWithWhatItsVisitorSays) {
  ASSERT_NE(writer_, nullptr);
  ASSERT_TRUE(AppendAll(ledger_.blocks, writer_.get()).ok());
  ASSERT_TRUE(writer_->Commit().ok());
  int seen = 0;
  const absl::Status status =
      writer_->view().ScanMovements(Position{2}, [&](const Movement& movement) {
        EXPECT_EQ(movement.position.number, 2u + seen);
        return ++seen == 3 ? absl::CancelledError("enough") : absl::OkStatus();
      });
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_EQ(seen, 3);
}

}  // namespace
}  // namespace spoor
