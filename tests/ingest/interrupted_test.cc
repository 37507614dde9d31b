// Block files whose ingest is stopped, and ledgers that others read meanwhile.

#include <atomic>
#include <chrono>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "spoor/simulate/simulate.h"
#include "spoor/taint/follow.h"
#include "tests/ingest/ingest_blocks.h"

namespace spoor {
namespace {

const Network& Regtest() { return GetNetwork(NetworkId::kRegtest); }

class BlockFiles : public testing::Test {
 protected:
  void SetUp() override {
    simulate::SimulationOptions options;
    options.blocks = 220;
    options.transactions = 1'000;
    options.seed = 20240701;
    options.messy = true;
    const auto summary = simulate::Simulate(options, dir_ / "world", nullptr);
    ASSERT_TRUE(summary.ok()) << summary.status();
    auto directory = bitcoin::BlockDirectory::Open(dir_ / "world/blocks", Regtest());
    ASSERT_TRUE(directory.ok()) << directory.status();
    directory_ = *std::move(directory);
    auto scan = ScanBlockFiles(directory_.get(), IngestOptions());
    ASSERT_TRUE(scan.ok()) << scan.status();
    scan_ = *std::move(scan);
    IngestWhole();
  }

  void IngestWhole() {
    whole_ = std::make_unique<MemoryLedger>(ChainInfoOf(Regtest()));
    ASSERT_TRUE(Ingest(whole_.get(), IngestOptions()).ok());
  }

  absl::Status Ingest(LedgerWriter* writer, const IngestOptions& options) {
    return IngestBlockFiles(directory_.get(), scan_, Regtest(), writer, options).status();
  }

  // What a ledger of the first `blocks` blocks says. Must not ask for more than it did before.
  std::string DumpOfFirst(uint64_t blocks) {
    while (whole_->tip().has_value() && whole_->tip()->totals.blocks > blocks) {
      EXPECT_TRUE(whole_->UndoTip().ok());
    }
    return Dump(*whole_);
  }

  bitcoin::TempDir dir_;
  std::unique_ptr<bitcoin::BlockDirectory> directory_;
  BlockFileScan scan_;
  std::unique_ptr<MemoryLedger> whole_;
};

uint64_t BlocksOf(const LedgerView& view) {
  return view.tip().has_value() ? view.tip()->totals.blocks : 0;
}

TEST_F(BlockFiles, KeepWhatTheyHaveWhenStoppedAndGoOn) {
  IngestOptions options;
  options.stop = [] { return true; };
  EXPECT_EQ(ScanBlockFiles(directory_.get(), options).status().code(),
            absl::StatusCode::kCancelled);
  const uint64_t all = BlocksOf(*whole_);
  const std::string want = Dump(*whole_);
  std::mt19937_64 rng(/*seed=*/20240702);
  for (const bool history : {false, true}) {
    SCOPED_TRACE(history ? "in batches" : "block by block");
    options.history = history ? 0 : 1 << 30;
    StoreLedger ledger(NetworkId::kRegtest, /*memory=*/1 << 20);
    while (BlocksOf(ledger.view()) < all) {
      const uint64_t before = BlocksOf(ledger.view());
      const uint64_t more = rng() % 70;
      uint64_t asked = 0;
      options.stop = [&] { return asked++ == more; };
      const absl::Status status = Ingest(ledger.writer(), options);
      ASSERT_EQ(status.code(),
                before + more < all ? absl::StatusCode::kCancelled : absl::StatusCode::kOk)
          << status;
      ASSERT_EQ(BlocksOf(ledger.view()), std::min(before + more, all));
      if (!history) continue;
      MemoryLedger prefix = NewMemoryLedger();
      asked = 0;
      const uint64_t blocks = BlocksOf(ledger.view());
      options.stop = [&] { return asked++ == blocks; };
      Ingest(&prefix, options).IgnoreError();
      ASSERT_TRUE(Dump(ledger.view()) == Dump(prefix)) << "with " << blocks << " blocks";
    }
    EXPECT_TRUE(Dump(ledger.view()) == want);
  }
}

// Sums of endpoints by policy, and what was stolen: what must add up in any state of the ledger.
void ExpectTraceAddsUp(const LedgerView& view) {
  // The first coinbase that can be spent.
  const auto movement = ReadMovement(view, Position{1});
  ASSERT_TRUE(movement.ok()) << movement.status();
  const auto request = ParseSeedRequest("theft=" + ToText(movement->txid) + ":0");
  ASSERT_TRUE(request.ok()) << request.status();
  const auto seeds = FindSeeds({&view}, {*request});
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  FollowOptions options;
  options.policies = {"fifo", "haircut"};
  const auto result = Follow({&view}, *seeds, options);
  ASSERT_TRUE(result.ok()) << result.status();
  for (const PolicyResult& policy : result->policies) {
    Units total = 0;
    for (const Endpoint& end : policy.endpoints) {
      total += end.tainted;
      EXPECT_LE(end.height, view.tip()->height);
    }
    EXPECT_EQ(total, policy.stolen[0].units) << policy.policy;
  }
}

// A view stays as it was when it was opened, a chain that was, whole, and answers traces, while
// history goes in in batches and while blocks go in one by one.
TEST_F(BlockFiles, AreReadWhileTheyGoIn) {
  for (const bool history : {true, false}) {
    SCOPED_TRACE(history ? "in batches" : "block by block");
    const std::string name = dir_ / (history ? "batches" : "blocks");
    LedgerStore::Options store_options;
    store_options.memory = 1 << 20;
    const auto store = LedgerStore::OpenForWriting(name, store_options).value();
    const auto writer = store->Writer(ChainInfoOf(Regtest())).value();
    // The writer lets the reader have a look now and then, and does not wait for it to be done.
    std::atomic<uint64_t> looks = 0;
    std::atomic<bool> done = false;
    IngestOptions options;
    options.history = history ? 0 : 1 << 30;
    options.memory = 32 << 10;  // some of the outputs are asked of the ledger
    options.progress = [&](const IngestProgress& p) {
      if (p.done % 20 != 10) return;
      for (const uint64_t seen = looks; looks == seen && !done;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    };
    absl::Status status;
    std::thread thread([&] {
      status = Ingest(writer.get(), options);
      done = true;
    });
    std::vector<std::pair<std::unique_ptr<LedgerStore>, std::unique_ptr<LedgerView>>> views;
    std::vector<std::string> dumps;
    while (!done) {
      auto reader = LedgerStore::OpenForReading(name, store_options);
      EXPECT_TRUE(reader.ok()) << reader.status();
      if (!reader.ok()) break;
      ++looks;
      auto view = (*reader)->View("bitcoin-regtest").value();
      if (BlocksOf(*view) < 102) continue;
      if (!views.empty() && BlocksOf(*views.back().second) == BlocksOf(*view)) continue;
      ExpectTraceAddsUp(*view);
      dumps.push_back(Dump(*view));
      views.emplace_back(*std::move(reader), std::move(view));
    }
    done = true;
    thread.join();
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_GE(views.size(), 3u) << "nothing was read meanwhile";
    IngestWhole();
    EXPECT_TRUE(Dump(writer->view()) == Dump(*whole_));
    while (!views.empty()) {
      const LedgerView& view = *views.back().second;
      EXPECT_TRUE(Dump(view) == dumps.back()) << "the view has changed";
      EXPECT_TRUE(dumps.back() == DumpOfFirst(BlocksOf(view))) << BlocksOf(view) << " blocks";
      ExpectTraceAddsUp(view);
      views.pop_back();
      dumps.pop_back();
    }
  }
}

}  // namespace
}  // namespace spoor
