// What the rows of clusters are worth when a run is stopped, goes on with other settings, or finds
// rows that it did not write.

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/entity/clusters.h"
#include "spoor/ledger/memory_ledger.h"
#include "tests/entity/cluster_world.h"

namespace spoor {
namespace {

// Passes writes on until it is told to fail.
class FailingTable : public MemoryTable {
 public:
  absl::Status Write(absl::Span<const Change> changes) override {
    if (writes_left-- == 0) return absl::UnavailableError("killed");
    return MemoryTable::Write(changes);
  }
  int writes_left = -1;
};

TEST(ClusterRows, StoppedBetweenBatchesItGoesOn) {
  const RandomLedger ledger = MakeLedger(51, 60);
  const ClusterOptions options = Options(AllHeuristics(), 20);
  MemoryLedger chain(ledger.chain);
  FailingTable table;
  const auto update = [&] {
    const auto builder = ClusterBuilder::Open(&table, options);
    return builder.ok() ? (*builder)->Update(chain) : builder.status();
  };
  // From nothing, and from what there was at a third of the chain.
  for (const size_t blocks : {size_t{20}, ledger.blocks.size()}) {
    const size_t before = chain.tip().has_value() ? chain.tip()->totals.blocks : 0;
    for (size_t i = before; i < blocks; ++i) ASSERT_TRUE(chain.Append(ledger.blocks[i]).ok());
    const auto want = FromScratch(chain, options);
    std::optional<ClusterState> stands;
    if (before > 0) stands = Clusters::Open(&table)->state();
    int stops = 0;
    for (;; ++stops) {
      table.writes_left = 1 + stops / 4;
      const absl::Status status = update();
      if (status.ok()) break;
      ASSERT_TRUE(absl::IsUnavailable(status)) << status;
      // Until all is done the rows tell of what there was.
      const auto clusters = Clusters::Open(&table);
      if (!stands.has_value()) {
        ASSERT_TRUE(absl::IsNotFound(clusters.status())) << clusters.status();
        continue;
      }
      ASSERT_TRUE(clusters.ok()) << clusters.status();
      // The last write of all only takes away what is of no more use.
      if (clusters->state().height == chain.tip()->height) continue;
      ASSERT_EQ(clusters->state(), *stands);
      uint64_t merges = 0;
      ASSERT_TRUE(clusters
                      ->VisitMerges([&](const Evidence& evidence) {
                        ++merges;
                        const auto why = clusters->Why(evidence.from, evidence.to);
                        EXPECT_TRUE(why.ok() && why->has_value());
                        return absl::OkStatus();
                      })
                      .ok());
      EXPECT_EQ(merges, stands->addresses - stands->clusters);
    }
    EXPECT_GT(stops, 3);
    EXPECT_TRUE(RowsOf(table) == want);
  }
}

// Blocks go after a run that was stopped: some that it had looked at, and then some that were there
// before it too.
TEST(ClusterRows, StoppedAndThenTakenBackItGoesOn) {
  const RandomLedger ledger = MakeLedger(52, 60);
  const ClusterOptions options = Options(AllHeuristics(), 20);
  const auto build = [&](size_t blocks, const MemoryLedger& chain, FailingTable* table,
                         int writes) {
    table->writes_left = writes;
    const auto builder = ClusterBuilder::Open(table, options);
    ASSERT_TRUE(builder.ok()) << builder.status();
    const absl::Status status = (*builder)->Update(chain);
    ASSERT_TRUE(status.ok() || (writes >= 0 && absl::IsUnavailable(status))) << blocks << status;
  };
  int stopped_in_between = 0;
  for (const int writes : {2, 3, 4, 5, 6}) {
    for (const size_t left :
         {size_t{59}, size_t{55}, size_t{40}, size_t{30}, size_t{29}, size_t{3}}) {
      SCOPED_TRACE(absl::StrCat(writes, " writes, ", left, " blocks left"));
      FailingTable table;
      MemoryLedger chain(ledger.chain);
      ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).subspan(0, 30), &chain).ok());
      build(30, chain, &table, -1);
      ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).subspan(30), &chain).ok());
      build(60, chain, &table, writes);
      const auto part = ReadRow(table, "P");
      ASSERT_TRUE(part.ok());
      stopped_in_between += part->has_value() ? 1 : 0;
      while (chain.tip()->totals.blocks > left) ASSERT_TRUE(chain.UndoTip().ok());
      build(left, chain, &table, -1);
      ASSERT_TRUE(RowsOf(table) == FromScratch(chain, options));
    }
  }
  EXPECT_GT(stopped_in_between, 15);
}

TEST(ClusterRows, GoOnWithTheSettingsThatTheyWereBegunWith) {
  const RandomLedger ledger = MakeLedger(53, 30);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).subspan(0, 20), &chain).ok());
  MemoryTable table;
  ClusterOptions unnamed = Options(HeuristicSet());
  unnamed.heuristics.reset();
  unnamed.guard.reset();
  const auto update = [&](const ClusterOptions& options) {
    const auto builder = ClusterBuilder::Open(&table, options);
    EXPECT_TRUE(builder.ok()) << builder.status();
    EXPECT_TRUE((*builder)->Update(chain).ok());
    return (*builder)->state();
  };
  EXPECT_EQ(update(unnamed).heuristics, DefaultHeuristics());
  EXPECT_EQ(update(unnamed).guard, kDefaultGuard);
  EXPECT_EQ(update(Options(AllHeuristics(), 7)).guard, 7u);
  ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).subspan(20), &chain).ok());
  const ClusterState state = update(unnamed);
  EXPECT_EQ(state.heuristics, AllHeuristics());
  EXPECT_EQ(state.guard, 7u);
  EXPECT_TRUE(RowsOf(table) == FromScratch(chain, Options(AllHeuristics(), 7)));
  ClusterOptions guard = unnamed;
  guard.guard = 9;
  EXPECT_EQ(update(guard).heuristics, AllHeuristics());
  EXPECT_TRUE(RowsOf(table) == FromScratch(chain, Options(AllHeuristics(), 9)));
}

TEST(ClusterRows, AnOlderFormatIsBegunAnewAndANewerOneRefused) {
  const RandomLedger ledger = MakeLedger(54, 10);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
  const ClusterOptions options = Options(DefaultHeuristics());
  MemoryTable table;
  ASSERT_TRUE(table
                  .Write({{"S", std::string("\x01\x05rest of it", 12)},
                          {std::string("G\x05N\0\0\0\0\0", 8), "nodes"}})
                  .ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Clusters::Open(&table).status()));
  const auto builder = ClusterBuilder::Open(&table, options);
  ASSERT_TRUE(builder.ok()) << builder.status();
  ASSERT_TRUE((*builder)->Update(chain).ok());
  EXPECT_TRUE(RowsOf(table) == FromScratch(chain, options));
  ASSERT_TRUE(table.Write({{"S", std::string("\x7f\x05rest of it", 12)}}).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(ClusterBuilder::Open(&table, options).status()));
}

TEST(ClusterRows, WhatDoesNotFitIntoMemoryIsRefusedBeforeAnythingChanges) {
  const RandomLedger ledger = MakeLedger(55, 30);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
  MemoryTable table;
  ClusterOptions options = Options(DefaultHeuristics());
  const uint64_t needed =
      ClusterBuilder::BytesFor(*options.heuristics, chain.tip()->totals, options.batch_bytes);
  EXPECT_GE(needed, 27 * chain.tip()->totals.addresses);
  options.memory = needed - 1;
  EXPECT_TRUE(absl::IsResourceExhausted((*ClusterBuilder::Open(&table, options))->Update(chain)));
  EXPECT_TRUE(RowsOf(table).empty());
  options.memory = needed;
  EXPECT_TRUE((*ClusterBuilder::Open(&table, options))->Update(chain).ok());
}

TEST(ClusterRows, DamagedRowsAreRefusedOrHarmless) {
  const RandomLedger ledger = MakeLedger(61, 12);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
  const ClusterOptions options = Options(AllHeuristics(), 20);
  MemoryTable good;
  ASSERT_TRUE((*ClusterBuilder::Open(&good, options))->Update(chain).ok());
  std::vector<LedgerTable::Change> rows;
  ASSERT_TRUE(good.Scan("", "",
                        [&](absl::string_view key, absl::string_view value) {
                          rows.push_back({std::string(key), std::string(value)});
                          return absl::OkStatus();
                        })
                  .ok());
  std::mt19937_64 rng(61);
  uint64_t refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<LedgerTable::Change> damaged = rows;
    LedgerTable::Change& row = damaged[rng() % damaged.size()];
    if (row.key == "S") continue;  // a wrong number of addresses is a question of memory
    if (rng() % 4 == 0) {
      row.value->resize(rng() % (row.value->size() + 1));
    } else if (!row.value->empty()) {
      (*row.value)[rng() % row.value->size()] ^= static_cast<char>(1 << rng() % 8);
    }
    MemoryTable table;
    ASSERT_TRUE(table.Write(damaged).ok());
    const auto builder = ClusterBuilder::Open(&table, options);
    const auto clusters = Clusters::Open(&table);
    ASSERT_TRUE(builder.ok() && clusters.ok());
    if (!(*builder)->Update(chain).ok()) ++refused;
    for (uint64_t id = 0; id < clusters->state().addresses; id += 7) {
      const auto members = clusters->Members(AddressId{id});
      const auto why = clusters->Why(AddressId{id}, AddressId{id / 2});
      for (const absl::Status& status : {members.status(), why.status()}) {
        EXPECT_TRUE(status.ok() || absl::IsDataLoss(status)) << status;
      }
    }
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace spoor
