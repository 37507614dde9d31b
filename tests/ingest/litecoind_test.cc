// A real node at the other end, mining, spending and reorganising: the ledger that follows it is at
// every stop the one that is ingested afresh from its block files, and from it. Skipped where
// litecoind is not installed.

#include "tests/support/litecoind.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ingest/bitcoin_node.h"
#include "tests/ingest/ingest_blocks.h"

namespace spoor {
namespace {

class Wallet {
 public:
  explicit Wallet(Litecoind* node) : node_(node) {
    node_->Call("createwallet", "spoor");
    miner_ = node_->Call("getnewaddress");
  }
  // Mines blocks, with payments in each of a few, and in every fifth of many.
  void Mine(int blocks) {
    const std::string receiver = node_->Call("getnewaddress");
    const int at_once = blocks > 6 ? 5 : 1;
    for (int mined = 0; mined < blocks; mined += at_once) {
      for (int payments = 1 + mined % 2; payments > 0; --payments) {
        node_->Call("sendtoaddress", absl::StrCat(receiver, "\n", payments, ".", 10 + mined));
        EXPECT_TRUE(node_->worked());
      }
      MineEmpty(std::min(at_once, blocks - mined));
    }
  }
  // With what waits to be mined, and nothing more.
  void MineEmpty(int blocks) {
    node_->Call("generatetoaddress", absl::StrCat(blocks, "\n", miner_));
    EXPECT_TRUE(node_->worked());
  }
  int Height() {
    int height = 0;
    EXPECT_TRUE(absl::SimpleAtoi(node_->Call("getblockcount"), &height));
    return height;
  }
  // Gives up the last `depth` blocks for a branch with one more.
  void Reorganise(int depth) {
    const std::string hash = node_->Call("getblockhash", absl::StrCat(Height() - depth + 1));
    node_->Call("invalidateblock", hash);
    EXPECT_TRUE(node_->worked());
    miner_ = node_->Call("getnewaddress");  // or the same blocks might come out
    Mine(depth + 1);
  }

 private:
  Litecoind* node_;
  std::string miner_;
};

TEST(Litecoind, IsFollowedThroughReorganisations) {
  if (!Litecoind::Installed()) GTEST_SKIP() << "litecoind is not installed";
  const Network& network = GetNetwork(NetworkId::kLitecoinRegtest);
  const bitcoin::TempDir folder;
  Litecoind node(folder.path(), {"-fallbackfee=0.0001"});
  ASSERT_TRUE(node.Start());
  Wallet wallet(&node);
  wallet.MineEmpty(130);
  wallet.Mine(30);

  bitcoin::NodeClient::Options client_options;
  client_options.url = node.url();
  client_options.cookie_file = node.cookie();
  const auto client = bitcoin::NodeClient::Create(client_options).value();
  ASSERT_EQ(FindNetworkOfNode(client.get(), NodeIngestOptions()).value(), &network);
  const auto fresh = [&](bool files) {
    StoreLedger ledger(network.id);
    const auto report =
        files ? IngestDirectory(node.blocks(), network, ledger.writer())
              : IngestFromNode(client.get(), network, ledger.writer(), NodeIngestOptions());
    EXPECT_TRUE(report.ok()) << report.status();
    return Dump(ledger.view());
  };

  // Begun from block files, and then from the node.
  StoreLedger ledger(network.id);
  ASSERT_TRUE(IngestDirectory(node.blocks(), network, ledger.writer()).ok());
  std::atomic<bool> stop = false;
  std::atomic<uint64_t> taken_back = 0;
  std::atomic<int> recovered = 0;
  std::mutex mutex;
  std::string tip;
  NodeIngestOptions options;
  options.follow = true;
  options.ingest.history = 1 << 30;  // block by block
  options.stop = [&] { return stop.load(); };
  options.event = [&](const NodeEvent& event) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (event.kind == NodeEvent::Kind::kTakenBack) taken_back += event.blocks;
    if (event.kind == NodeEvent::Kind::kRecovered) ++recovered;
    if (event.kind == NodeEvent::Kind::kAdded) tip = ToText(event.block.hash);
  };
  absl::StatusOr<IngestReport> report;
  const auto follow = [&] {
    stop = false;
    return std::thread(
        [&] { report = IngestFromNode(client.get(), network, ledger.writer(), options); });
  };
  const auto catches_up = [&] {
    const std::string best = node.Call("getbestblockhash");
    for (int tries = 0; tries < 3000; ++tries) {
      {
        const std::lock_guard<std::mutex> lock(mutex);
        if (tip == best) return true;
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  };
  // Stopped each time, so that nothing else looks into the ledger while it is compared.
  const auto compare = [&](std::thread* thread) {
    EXPECT_TRUE(catches_up());
    stop = true;
    thread->join();
    ASSERT_TRUE(report.ok()) << report.status();
    const std::string dump = Dump(ledger.view());
    EXPECT_TRUE(dump == fresh(/*files=*/true)) << "from block files";
    EXPECT_TRUE(dump == fresh(/*files=*/false)) << "from the node";
  };
  std::thread thread = follow();
  wallet.Mine(5);
  compare(&thread);
  EXPECT_GT(ledger.view().tip()->totals.inputs, 10u);
  for (const int depth : {1, 5, 50}) {
    SCOPED_TRACE(depth);
    taken_back = 0;
    thread = follow();
    wallet.Reorganise(depth);
    compare(&thread);
    // The follower may have been in the middle of the branch when the next block came.
    EXPECT_GE(taken_back, static_cast<uint64_t>(depth));
  }
  // The node is started again, with another cookie.
  thread = follow();
  node.Stop();
  ASSERT_TRUE(node.Start());
  node.Call("loadwallet", "spoor");
  wallet.Mine(3);
  compare(&thread);
  EXPECT_EQ(ledger.view().tip()->height, static_cast<uint32_t>(wallet.Height()));
}

}  // namespace
}  // namespace spoor
