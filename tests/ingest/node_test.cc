// Ledgers from a node that does as it is told.

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "simdjson.h"
#include "spoor/ingest/bitcoin_node.h"
#include "tests/ingest/ingest_blocks.h"
#include "tests/real_data.h"
#include "tests/support/core_oracle.h"
#include "tests/support/fake_node.h"
#include "tests/support/random_chain.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

const Network& Regtest() { return GetNetwork(NetworkId::kRegtest); }

std::unique_ptr<bitcoin::NodeClient> Client(const std::string& url) {
  bitcoin::NodeClient::Options options;
  options.url = url;
  options.timeout = std::chrono::seconds(1);
  return bitcoin::NodeClient::Create(options).value();
}

absl::StatusOr<IngestReport> IngestNode(const FakeNode& node, LedgerWriter* writer,
                                        const NodeIngestOptions& options = {}) {
  return IngestFromNode(Client(node.url()).get(), Regtest(), writer, options);
}

NodeIngestOptions AsHistory() {
  NodeIngestOptions options;
  options.ingest.history = 0;
  return options;
}

RandomChain MakeChain(size_t blocks, uint64_t seed) {
  RandomChain chain(seed);
  chain.Grow(blocks);
  return chain;
}

// An ingest that follows a node on a thread of its own.
class Follower {
 public:
  Follower(const FakeNode& node, LedgerWriter* writer) {
    options_.follow = true;
    options_.stop = [this] { return stop_.load(); };
    options_.event = [this](const NodeEvent& event) {
      const std::lock_guard<std::mutex> lock(mutex_);
      events_.push_back(event);
    };
    thread_ = std::thread([this, url = node.url(), writer] {
      result_ = IngestFromNode(Client(url).get(), Regtest(), writer, options_);
      ended_ = true;
    });
  }
  ~Follower() {
    stop_ = true;
    if (thread_.joinable()) thread_.join();
  }

  absl::StatusOr<IngestReport> Stop() {
    stop_ = true;
    thread_.join();
    return result_;
  }
  bool ended() const { return ended_; }

  // Whether such an event comes before long.
  bool Sees(const std::function<bool(const NodeEvent&)>& wanted) {
    for (int tries = 0; tries < 2000; ++tries) {
      {
        const std::lock_guard<std::mutex> lock(mutex_);
        for (; seen_ < events_.size(); ++seen_) {
          if (wanted(events_[seen_])) return true;
        }
      }
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  bool Sees(NodeEvent::Kind kind) {
    return Sees([&](const NodeEvent& event) { return event.kind == kind; });
  }
  bool SeesBlock(const BlockHash& hash) {
    return Sees([&](const NodeEvent& event) {
      return event.kind == NodeEvent::Kind::kAdded && event.block.hash == hash;
    });
  }

 private:
  NodeIngestOptions options_;
  std::atomic<bool> stop_ = false;
  std::atomic<bool> ended_ = false;
  std::mutex mutex_;
  std::vector<NodeEvent> events_;
  size_t seen_ = 0;
  absl::StatusOr<IngestReport> result_;
  std::thread thread_;
};

TEST(IngestNode, GivesTheLedgerThatBlockFilesGive) {
  const RandomChain chain = MakeChain(120, 20240801);
  const absl::Span<const TestBlock> blocks = chain.blocks();
  const std::string want = DumpOf(blocks);
  FakeNode node;
  for (const bool history : {false, true}) {
    SCOPED_TRACE(history ? "as history" : "block by block");
    NodeIngestOptions options = history ? AsHistory() : NodeIngestOptions();
    options.ingest.history = history ? 0 : 1 << 30;
    StoreLedger at_once;
    node.SetChain(blocks);
    auto report = IngestNode(node, at_once.writer(), options);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->blocks_added, 121u);
    EXPECT_TRUE(Dump(at_once.view()) == want);
    report = IngestNode(node, at_once.writer(), options);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->blocks_added, 0u);

    // By turns from either, a few blocks at a time.
    StoreLedger by_turns;
    bool from_node = history;
    for (size_t upto = 1; upto <= blocks.size(); upto += 20, from_node = !from_node) {
      if (from_node) {
        node.SetChain(blocks.first(upto));
        ASSERT_TRUE(IngestNode(node, by_turns.writer(), options).ok());
      } else {
        ASSERT_TRUE(IngestBlocks(blocks.first(upto), by_turns.writer()).ok());
      }
      ASSERT_EQ(by_turns.view().tip()->hash, blocks[upto - 1].hash);
    }
    EXPECT_TRUE(Dump(by_turns.view()) == want);
  }
}

TEST(IngestNode, UndoesAndRedoesReorganisations) {
  RandomChain chain = MakeChain(100, 20240802);
  FakeNode node;
  node.SetChain(chain.blocks());
  StoreLedger ledger;
  NodeIngestOptions options;
  options.ingest.history = 1 << 30;
  ASSERT_TRUE(IngestNode(node, ledger.writer(), options).ok());
  for (const size_t depth : {1, 5, 50, 100}) {
    // With little memory what replaces is read twice.
    for (const uint64_t memory : {uint64_t{512} << 20, uint64_t{8000}}) {
      SCOPED_TRACE(absl::StrCat(depth, " blocks with ", memory, " bytes"));
      const BlockHash before = chain.tip().hash;
      chain.Reorganise(depth);
      node.SetChain(chain.blocks());
      std::vector<NodeEvent> events;
      options.ingest.memory = memory;
      options.event = [&](const NodeEvent& event) { events.push_back(event); };
      const auto report = IngestNode(node, ledger.writer(), options);
      ASSERT_TRUE(report.ok()) << report.status();
      EXPECT_EQ(report->blocks_undone, depth);
      EXPECT_EQ(report->blocks_added, depth + 1);
      ASSERT_EQ(events.size(), depth + 2);
      EXPECT_EQ(events[0].kind, NodeEvent::Kind::kTakenBack);
      EXPECT_EQ(events[0].blocks, depth);
      EXPECT_EQ(events[0].block.hash, before);
      EXPECT_EQ(events.back().block.hash, chain.tip().hash);
      ASSERT_TRUE(Dump(ledger.view()) == DumpOf(chain.blocks()));
    }
  }
}

// The rule for block files holds for nodes too: of branches with equal work, the ledger's stays.
TEST(IngestNode, LeavesTheLedgerForNothingLess) {
  const RandomChain chain = MakeChain(30, 20240804);
  StoreLedger ledger;
  ASSERT_TRUE(IngestBlocks(chain.blocks(), ledger.writer()).ok());
  const std::string before = Dump(ledger.view());
  RandomChain branch = chain;
  branch.Reorganise(5);
  const absl::Span<const TestBlock> blocks = branch.blocks();
  FakeNode node;
  NodeIngestOptions options;
  std::vector<NodeEvent> events;
  options.event = [&](const NodeEvent& event) { events.push_back(event); };
  for (const auto& behind : {absl::MakeConstSpan(chain.blocks()).first(12), blocks.first(1),
                             blocks.first(28), blocks.first(31)}) {
    SCOPED_TRACE(behind.size());
    node.SetChain(behind);
    events.clear();
    const auto report = IngestNode(node, ledger.writer(), options);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->blocks_undone, 0u);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].kind, NodeEvent::Kind::kBehind);
    EXPECT_THAT(events[0].message, HasSubstr("stays at height 30"));
    EXPECT_TRUE(Dump(ledger.view()) == before);
  }
  node.SetChain(blocks);
  ASSERT_TRUE(IngestNode(node, ledger.writer(), options).ok());
  EXPECT_TRUE(Dump(ledger.view()) == DumpOf(blocks));
}

// What the blocks of a better branch cannot be is found out before anything is taken back; what
// they spend, only after.
TEST(IngestNode, ChecksABranchBeforeItUndoes) {
  const RandomChain chain = MakeChain(30, 20240805);
  RandomChain branch = chain;
  branch.Reorganise(6);
  for (const size_t bad : {25, 28, 31}) {
    for (const bool history : {false, true}) {
      StoreLedger ledger;
      ASSERT_TRUE(IngestBlocks(chain.blocks(), ledger.writer()).ok());
      std::string hex = ToHex(branch.blocks()[bad].bytes);
      hex[200] = hex[200] == '0' ? '1' : '0';  // a transaction, not the header
      FakeNode node;
      node.SetChain(branch.blocks());
      node.tamper = [&](const std::string& method, std::string* result) {
        if (method != "getblock") return;
        if (result->substr(1, 160) == hex.substr(0, 160)) *result = "\"" + hex + "\"";
      };
      const auto report =
          IngestNode(node, ledger.writer(), history ? AsHistory() : NodeIngestOptions());
      EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss) << report.status();
      EXPECT_THAT(report.status().message(), HasSubstr(ToText(branch.blocks()[bad].hash)));
      EXPECT_TRUE(Dump(ledger.view()) == DumpOf(chain.blocks()));
    }
  }
}

struct Lie {
  const char* name;
  const char* method;
  std::string result;
  absl::StatusCode code;
};

// In the middle of things: an error, soon, and a whole ledger that goes on with an honest node.
TEST(IngestNode, LiesLeaveTheLedgerWhole) {
  const RandomChain chain = MakeChain(40, 20240806);
  const std::string other(64, 'b');
  const TestBlock& block = chain.blocks()[7];
  for (const Lie& lie :
       {Lie{"another block", "getblock", "\"" + ToHex(block.bytes) + "\"",
            absl::StatusCode::kDataLoss},
        Lie{"a block cut short", "getblock",
            "\"" + ToHex(ByteSpan(chain.blocks()[26].bytes).first(200)) + "\"",
            absl::StatusCode::kDataLoss},
        Lie{"odd digits", "getblock", "\"012\"", absl::StatusCode::kDataLoss},
        Lie{"another chain each time", "getblockhash", "\"" + ToText(block.hash) + "\"",
            absl::StatusCode::kUnavailable},
        Lie{"no hash", "getblockhash", "7", absl::StatusCode::kDataLoss},
        Lie{"another first block", "getblockhash", "\"" + other + "\"",
            absl::StatusCode::kFailedPrecondition},
        Lie{"no chain", "getblockchaininfo", "{}", absl::StatusCode::kDataLoss},
        Lie{"a height that is none", "getblockchaininfo",
            R"({"chain":"x","blocks":-1,"bestblockhash":")" + other + "\"}",
            absl::StatusCode::kDataLoss},
        Lie{"a height beyond all", "getblockchaininfo",
            R"({"chain":"x","blocks":4294967295,"bestblockhash":")" + other + "\"}",
            absl::StatusCode::kUnavailable}}) {
    SCOPED_TRACE(lie.name);
    FakeNode node;
    node.SetChain(absl::MakeConstSpan(chain.blocks()).first(20));
    std::atomic<bool> lying = false;
    std::atomic<int> calls = 0;
    node.tamper = [&](const std::string& method, std::string* result) {
      if (!lying || method != lie.method) return;
      // The first block's hash, by which nodes are told apart, is true but in one case.
      const bool first = *result == "\"" + ToText(chain.blocks()[0].hash) + "\"";
      if (first && lie.code != absl::StatusCode::kFailedPrecondition) return;
      if (method == "getblock" && ++calls < 8) return;
      *result = lie.result;
    };
    StoreLedger ledger;
    ASSERT_TRUE(IngestNode(node, ledger.writer()).ok());
    node.SetChain(chain.blocks());
    lying = true;
    const auto begun = std::chrono::steady_clock::now();
    const auto report = IngestNode(node, ledger.writer());
    EXPECT_EQ(report.status().code(), lie.code) << report.status();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
    const size_t blocks = ledger.view().tip()->totals.blocks;
    EXPECT_GE(blocks, 20u);
    EXPECT_TRUE(Dump(ledger.view()) == DumpOf(absl::MakeConstSpan(chain.blocks()).first(blocks)));
    lying = false;
    ASSERT_TRUE(IngestNode(node, ledger.writer()).ok());
    EXPECT_TRUE(Dump(ledger.view()) == DumpOf(chain.blocks()));
  }
}

// The node reorganises between two calls, again and again.
TEST(IngestNode, KeepsUpWithAChainThatChangesMeanwhile) {
  RandomChain chain = MakeChain(60, 20240807);
  FakeNode node;
  node.SetChain(chain.blocks());
  std::mutex mutex;
  std::mt19937_64 rng(20240808);
  int changes = 0;
  node.tamper = [&](const std::string& method, std::string*) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (changes == 25 || rng() % 4 != 0 || method == "getblock") return;
    ++changes;
    chain.Reorganise(1 + rng() % 40);
    node.SetChain(chain.blocks());
  };
  StoreLedger ledger;
  for (int rounds = 0; rounds < 60; ++rounds) {
    const auto report = IngestNode(node, ledger.writer());
    ASSERT_TRUE(report.ok() || absl::IsUnavailable(report.status())) << report.status();
    const std::lock_guard<std::mutex> lock(mutex);
    if (changes == 25 && report.ok()) break;
  }
  ASSERT_TRUE(IngestNode(node, ledger.writer()).ok());
  EXPECT_EQ(changes, 25);
  EXPECT_TRUE(Dump(ledger.view()) == DumpOf(chain.blocks()));
}

TEST(IngestNode, RefusesWhatIsNotTheLedgersChain) {
  const RandomChain chain = MakeChain(30, 20240809);
  RandomChain other = MakeChain(0, 20240810);
  other.Grow(40);
  FakeNode node;
  node.SetChain(other.blocks());
  // A ledger of blocks 10 and up of another chain.
  StoreLedger slice;
  ASSERT_TRUE(IngestBlocks(absl::MakeConstSpan(chain.blocks()).subspan(10), slice.writer()).ok());
  const std::string before = Dump(slice.view());
  auto report = IngestNode(node, slice.writer());
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition) << report.status();
  EXPECT_THAT(report.status().message(), HasSubstr("heights 10 to 30"));
  // A node that is not so far yet.
  node.SetChain(absl::MakeConstSpan(chain.blocks()).first(5));
  report = IngestNode(node, slice.writer());
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition) << report.status();
  // Of another network.
  report = IngestFromNode(Client(node.url()).get(), GetNetwork(NetworkId::kTest), slice.writer(),
                          NodeIngestOptions());
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition) << report.status();
  EXPECT_THAT(report.status().message(), HasSubstr("regtest"));
  // A height that is not the ledger's.
  NodeIngestOptions options;
  options.ingest.first_height = 9;
  report = IngestNode(node, slice.writer(), options);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kInvalidArgument) << report.status();
  EXPECT_TRUE(Dump(slice.view()) == before);
  EXPECT_EQ(FindNetworkOfNode(Client(node.url()).get(), options).value(), &Regtest());
}

TEST(IngestNode, SaysWhatAPrunedNodeCannot) {
  const RandomChain chain = MakeChain(30, 20240811);
  FakeNode node;
  node.SetChain(chain.blocks());
  node.tamper = [&](const std::string& method, std::string* result) {
    if (method == "getblockchaininfo") result->insert(1, R"("pruned":true,"pruneheight":12,)");
  };
  StoreLedger ledger;
  auto report = IngestNode(node, ledger.writer());
  EXPECT_EQ(report.status().code(), absl::StatusCode::kFailedPrecondition) << report.status();
  EXPECT_THAT(report.status().message(), HasSubstr("--first-height"));
  NodeIngestOptions options;
  options.ingest.first_height = 12;
  report = IngestNode(node, ledger.writer(), options);
  ASSERT_TRUE(report.ok()) << report.status();
  StoreLedger slice;
  ASSERT_TRUE(IngestBlocks(absl::MakeConstSpan(chain.blocks()).subspan(12), slice.writer()).ok());
  EXPECT_TRUE(Dump(ledger.view()) == Dump(slice.view()));
  // The node has not said what was spent: each block that would have needed it is counted.
  EXPECT_GT(ledger.view().tip()->totals.unresolved_inputs, 0u);
  ASSERT_EQ(report->missing_undo.size(), 1u);
  EXPECT_GT(report->missing_undo[0].blocks, 0u);
  EXPECT_GE(report->missing_undo[0].first_height, 12u);
}

// A ledger that begins in mid-chain takes values from Bitcoin Core's `getblock HASH 3` as it does
// from its rev files.
TEST(IngestNode, TakesValuesFromTheNode) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/regtest-taproot");
  const auto directory = bitcoin::BlockDirectory::Open(folder + "/blocks", Regtest()).value();
  const BlockFileScan scan = ScanBlockFiles(directory.get(), IngestOptions()).value();
  std::map<std::string, bitcoin::BlockRecord> records;
  for (const auto& record : scan.records) records[ToText(record.hash)] = record;
  FakeNode node;
  std::vector<TestBlock> chain;
  simdjson::dom::parser parser;
  const std::string lines = Gunzip(folder + "/getblock-verbosity3.jsonl.gz");
  for (const absl::string_view line : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    const std::string hash = Text(parser.parse(line.data(), line.size())["hash"]);
    const bitcoin::BlockRecord& record = records.at(hash);
    TestBlock& block = chain.emplace_back();
    block.hash = record.hash;
    block.previous = record.previous;
    ASSERT_TRUE(directory->ReadBlock(record, &block.bytes).ok());
    const auto decoded = bitcoin::DecodeBlock(Regtest(), block.bytes).value();
    Bytes buffer;
    const auto spent = directory->ReadUndo(record, decoded, &buffer);
    ASSERT_TRUE(spent.ok()) << spent.status();
    block.undo = bitcoin::EncodeBlockUndo(*spent);
    node.SetVerbose(hash, std::string(line));
  }
  node.SetChain(chain);
  uint64_t from_node = 0;
  for (const uint32_t first : {1u, 101u, 120u, 150u}) {
    SCOPED_TRACE(first);
    StoreLedger files;
    const auto from_files = IngestBlocks(absl::MakeConstSpan(chain).subspan(first), files.writer());
    ASSERT_TRUE(from_files.ok()) << from_files.status();
    StoreLedger ledger;
    NodeIngestOptions options;
    options.ingest.first_height = first;
    const auto report = IngestNode(node, ledger.writer(), options);
    ASSERT_TRUE(report.ok()) << report.status();
    EXPECT_EQ(report->inputs_from_undo, from_files->inputs_from_undo);
    EXPECT_TRUE(report->missing_undo.empty());
    EXPECT_EQ(ledger.view().tip()->totals.unresolved_inputs, 0u);
    EXPECT_TRUE(Dump(ledger.view()) == Dump(files.view()));
    from_node += report->inputs_from_undo;
  }
  EXPECT_GT(from_node, 0u);
}

TEST(IngestNode, FollowsTheTip) {
  RandomChain chain = MakeChain(20, 20240812);
  FakeNode node;
  node.SetChain(chain.blocks());
  std::atomic<bool> away = false;
  node.instead = [&](const auto&) -> std::optional<HttpResponse> {
    return away ? std::optional(HttpError(503)) : std::nullopt;
  };
  StoreLedger ledger;
  Follower follower(node, ledger.writer());
  ASSERT_TRUE(follower.SeesBlock(chain.tip().hash));
  for (const size_t depth : {0, 0, 1, 5, 0, 12}) {
    chain.Reorganise(depth);
    node.SetChain(chain.blocks());
    if (depth > 0) {
      ASSERT_TRUE(follower.Sees([&](const NodeEvent& event) {
        return event.kind == NodeEvent::Kind::kTakenBack && event.blocks == depth;
      }));
    }
    ASSERT_TRUE(follower.SeesBlock(chain.tip().hash));
  }
  // A while without the node.
  away = true;
  ASSERT_TRUE(follower.Sees(NodeEvent::Kind::kTrouble));
  chain.Reorganise(3);
  node.SetChain(chain.blocks());
  away = false;
  ASSERT_TRUE(follower.Sees(NodeEvent::Kind::kRecovered));
  ASSERT_TRUE(follower.SeesBlock(chain.tip().hash));
  EXPECT_FALSE(follower.ended());
  const auto report = follower.Stop();
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_EQ(report->blocks_undone, 1u + 5 + 12 + 3);
  EXPECT_TRUE(Dump(ledger.view()) == DumpOf(chain.blocks()));
}

// Without --follow it is an error, and with it what no waiting mends.
TEST(IngestNode, DoesNotWaitInVain) {
  const RandomChain chain = MakeChain(5, 20240813);
  FakeNode node;
  node.SetChain(chain.blocks());
  std::atomic<int> status = 503;
  node.instead = [&](const auto&) { return std::optional(HttpError(status)); };
  StoreLedger ledger;
  EXPECT_EQ(IngestNode(node, ledger.writer()).status().code(), absl::StatusCode::kUnavailable);
  status = 401;
  NodeIngestOptions options;
  options.follow = true;
  EXPECT_EQ(IngestNode(node, ledger.writer(), options).status().code(),
            absl::StatusCode::kPermissionDenied);
}

TEST(IngestNode, KeepsWhatItHasWhenStopped) {
  const RandomChain chain = MakeChain(50, 20240814);
  FakeNode node;
  node.SetChain(chain.blocks());
  for (const bool history : {false, true}) {
    NodeIngestOptions options = history ? AsHistory() : NodeIngestOptions();
    options.ingest.history = history ? 0 : 1 << 30;
    StoreLedger ledger;
    int asked = 0;
    options.stop = [&] { return ++asked > 20; };
    EXPECT_EQ(IngestNode(node, ledger.writer(), options).status().code(),
              absl::StatusCode::kCancelled);
    const auto tip = ledger.view().tip();
    ASSERT_TRUE(tip.has_value());
    EXPECT_LT(tip->height, 50u);
    EXPECT_TRUE(Dump(ledger.view()) ==
                DumpOf(absl::MakeConstSpan(chain.blocks()).first(tip->totals.blocks)));
  }
}

// Others read while a follower undoes and redoes: each sees one of the chains that were, whole.
TEST(IngestNode, ReadersSeeOneStateEach) {
  const bitcoin::TempDir dir;
  RandomChain chain = MakeChain(30, 20240815);
  FakeNode node;
  node.SetChain(chain.blocks());
  const auto store = LedgerStore::OpenForWriting(dir / "ledger", LedgerStore::Options()).value();
  const auto writer = store->Writer(ChainInfoOf(Regtest())).value();
  std::map<std::string, std::vector<TestBlock>> chains;  // by the hash of the tip
  const auto note = [&] {
    for (size_t n = 1; n <= chain.blocks().size(); ++n) {
      chains.try_emplace(ToText(chain.blocks()[n - 1].hash), chain.blocks().begin(),
                         chain.blocks().begin() + static_cast<ptrdiff_t>(n));
    }
  };
  note();
  Follower follower(node, writer.get());
  ASSERT_TRUE(follower.SeesBlock(chain.tip().hash));
  std::set<std::string> seen;
  for (int i = 0; i < 12; ++i) {
    chain.Reorganise(1 + static_cast<size_t>(i));
    note();
    node.SetChain(chain.blocks());
    for (int reads = 0; reads < 6; ++reads) {
      const auto reader = LedgerStore::OpenForReading(dir / "ledger", LedgerStore::Options());
      ASSERT_TRUE(reader.ok()) << reader.status();
      const auto view = (*reader)->View("bitcoin-regtest").value();
      ASSERT_TRUE(view->tip().has_value());
      const std::string tip = ToText(view->tip()->hash);
      seen.insert(tip);
      ASSERT_TRUE(chains.contains(tip));
      ASSERT_TRUE(Dump(*view) == DumpOf(chains[tip]));
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
    }
  }
  ASSERT_TRUE(follower.SeesBlock(chain.tip().hash));
  ASSERT_TRUE(follower.Stop().ok());
  EXPECT_GE(seen.size(), 3u);
  EXPECT_TRUE(Dump(writer->view()) == DumpOf(chain.blocks()));
}

}  // namespace
}  // namespace spoor
