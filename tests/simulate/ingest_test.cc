// Ingesting a simulated ledger gives the simulator's own counts.

#include <memory>

#include "gtest/gtest.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/simulate/simulate.h"
#include "tests/simulate/replay.h"

namespace spoor::simulate {
namespace {

TEST(SimulatedLedgerIngested, HasTheSimulatorsCounts) {
  for (const bool messy : {false, true}) {
    SCOPED_TRACE(messy);
    ScratchFolder folder;
    SimulationOptions options;
    options.transactions = 15'000;
    options.messy = messy;
    options.xor_blocks = messy;
    const auto summary = Simulate(options, folder.path(), nullptr);
    ASSERT_TRUE(summary.ok()) << summary.status();

    const Network& network = GetNetwork(options.network);
    MemoryLedger ledger({.name = "bitcoin", .network = "regtest", .symbol = "BTC"});
    const auto files = bitcoin::BlockDirectory::Open(folder.path() + "/blocks", network);
    ASSERT_TRUE(files.ok()) << files.status();
    const auto scan = ScanBlockFiles(files->get(), {});
    ASSERT_TRUE(scan.ok()) << scan.status();
    const auto report = IngestBlockFiles(files->get(), *scan, network, &ledger, {});
    ASSERT_TRUE(report.ok()) << report.status();

    ASSERT_TRUE(ledger.tip().has_value());
    const BlockInfo tip = *ledger.tip();
    EXPECT_EQ(ToText(tip.hash), summary->tip_hash);
    EXPECT_EQ(tip.time, summary->tip_time);
    EXPECT_EQ(tip.totals.blocks, summary->blocks);
    EXPECT_EQ(tip.totals.transactions, summary->transactions);
    EXPECT_EQ(tip.totals.inputs, summary->inputs);
    EXPECT_EQ(tip.totals.outputs, summary->outputs);
    EXPECT_EQ(tip.totals.addresses, summary->addresses);
    EXPECT_EQ(tip.totals.unresolved_inputs, 0);
    EXPECT_EQ(report->stale_blocks, summary->stale_blocks);

    Units unspent = 0, fees = 0;
    const auto scanned = ledger.ScanMovements(Position{0}, [&](const Movement& movement) {
      for (const Take& take : movement.takes) {
        if (take.kind == TakerKind::kFee) fees += take.amount;
        if (take.kind == TakerKind::kHolding && !take.next) unspent += take.amount;
      }
      return absl::OkStatus();
    });
    ASSERT_TRUE(scanned.ok()) << scanned;
    EXPECT_EQ(fees, summary->fees);
    // The model has the genesis output as unspent, which no node lets anybody spend.
    EXPECT_EQ(unspent, summary->utxo_total + BlockSubsidy(network, 0));
  }
}

}  // namespace
}  // namespace spoor::simulate
