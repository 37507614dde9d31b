// trace ingest bitcoin --rpc, and a follower that is killed.

#include <signal.h>
#include <sys/stat.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ledger/store.h"
#include "tests/real_data.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/fake_node.h"
#include "tests/support/kills.h"
#include "tests/support/litecoind.h"
#include "tests/support/random_chain.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> Command(const FakeNode& node, const std::string& ledger,
                                 const std::vector<std::string>& more = {}) {
  std::vector<std::string> command = {"ingest", "bitcoin", "--rpc", node.url(), "--ledger", ledger};
  command.insert(command.end(), more.begin(), more.end());
  return command;
}

std::vector<std::string> Follow(const FakeNode& node, const std::string& ledger,
                                std::vector<std::string> more = {}) {
  more.insert(more.end(), {"--follow", "--memory", "64M"});
  std::vector<std::string> command = Command(node, ledger, more);
  command.insert(command.begin(), SPOOR_TRACE);
  return command;
}

std::string DumpStore(const std::string& ledger) {
  const auto store = LedgerStore::OpenForReading(ledger, LedgerStore::Options());
  EXPECT_TRUE(store.ok()) << store.status();
  if (!store.ok() || (*store)->chains().empty()) return "";
  return DumpLedger(*(*store)->View("bitcoin-regtest").value()).value();
}

// Of a ledger of just these blocks.
std::string DumpOf(absl::Span<const TestBlock> blocks) {
  const bitcoin::TempDir dir;
  WriteTestBlocks(dir / "blocks", blocks);
  const ProcessResult result = Trace({"ingest", "bitcoin", "--blocks", dir / "blocks", "--network",
                                      "regtest", "--ledger", dir / "ledger", "--quiet"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  return DumpStore(dir / "ledger");
}

bool Says(const Subprocess& process, const std::string& text) {
  for (int tries = 0; tries < 2000; ++tries) {
    if (process.Err().find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

TEST(IngestRpc, GivesTheSameAsBlockFiles) {
  const World world;
  FakeNode node;
  node.SetChain(world.chain.blocks());
  const auto document = ParseJson(Trace(Command(node, world.ledger(), {"--json"})));
  EXPECT_STREQ(document["chain"].GetString(), "bitcoin-regtest");
  EXPECT_EQ(document["blocks"].GetUint(), 8u);
  EXPECT_EQ(document["transactions"].GetUint(), 12u);
  EXPECT_EQ(document["addresses"].GetUint(), 8u);
  EXPECT_EQ(document["tip"]["hash"].GetString(), ToText(world.chain.tip().hash));
  EXPECT_EQ(DumpStore(world.ledger()), DumpOf(world.chain.blocks()));
  // Again, and from the files.
  const ProcessResult again = Trace(Command(node, world.ledger()));
  EXPECT_EQ(again.exit_status, 0);
  EXPECT_EQ(again.err, "");
  EXPECT_THAT(again.out, HasSubstr("0 blocks added"));
}

TEST(IngestRpc, RefusesInOneLineWithoutThePassword) {
  const World world;
  FakeNode node;
  node.SetChain(world.chain.blocks());
  ASSERT_EQ(Trace(Command(node, world.ledger())).exit_status, 0);
  HttpServer refuses([](const auto&) { return HttpError(401); });
  const std::string secret = absl::StrCat("http://user:secret@127.0.0.1:", refuses.port());
  // Its own words have the password, and what was sent of it.
  HttpServer repeats([](const auto&) {
    const std::string error =
        R"("result":null,"error":{"code":-1,"message":"not secret, dXNlcjpzZWNyZXQ="})";
    return HttpOk("[{\"id\":1," + error + "},{\"id\":2," + error + "}]");
  });
  HttpServer endless([](const auto&) {
    return HttpResponse{"HTTP/1.1 200 OK\r\nX: " + std::string(1 << 20, 'x'), true};
  });
  const std::string fifo = world.dir / "fifo";
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  struct Case {
    const char* name;
    std::vector<std::string> arguments;
    int exit_status;
    const char* says;
  };
  for (const Case& c : {
           Case{"a wrong password", {"--rpc", secret}, 1, "401"},
           Case{"a wrong password, followed", {"--rpc", secret, "--follow"}, 1, "401"},
           Case{"a node that repeats the password",
                {"--rpc", absl::StrCat("http://user:secret@127.0.0.1:", repeats.port())},
                1,
                "not ..., ..."},
           Case{"a header without end",
                {"--rpc", absl::StrCat("http://127.0.0.1:", endless.port())},
                1,
                "the header of its reply is too long"},
           Case{"a pipe for a cookie", {"--rpc", node.url(), "--cookie", fifo}, 1, "is no file"},
           Case{"no node", {"--rpc", "http://user:secret@127.0.0.1:1"}, 1, "is it running"},
           Case{"no URL", {"--rpc", "http://user:secret@:x"}, 2, "wanted http://"},
           Case{"no port", {"--rpc", "http://user:secret@localhost"}, 2, "port"},
           Case{"two sources", {"--rpc", secret, "--blocks", world.blocks()}, 2, "--blocks"},
           Case{"a cookie without a node", {"--cookie", "/c", "--blocks", "/b"}, 2, "--rpc"},
           Case{"files followed", {"--follow", "--blocks", world.blocks()}, 2, "--rpc"},
           Case{"two passwords", {"--rpc", secret, "--cookie", world.blocks()}, 2, "cookie"},
           Case{"no cookie", {"--rpc", node.url(), "--cookie", "/no/cookie"}, 1, "/no/cookie"},
           Case{"another network", {"--rpc", node.url(), "--network", "main"}, 1, "regtest"},
           Case{"an unknown network", {"--rpc", node.url(), "--network", "moon"}, 2, "moon"},
           Case{"another beginning", {"--rpc", node.url(), "--first-height", "5"}, 2, "height 0"},
           Case{"another beginning of the files",
                {"--blocks", world.blocks(), "--network", "regtest", "--first-height", "5"},
                2,
                "height 0"},
       }) {
    SCOPED_TRACE(c.name);
    std::vector<std::string> command = {"ingest", "bitcoin", "--ledger", world.ledger()};
    command.insert(command.end(), c.arguments.begin(), c.arguments.end());
    const ProcessResult result = Trace(command);
    EXPECT_EQ(result.exit_status, c.exit_status);
    EXPECT_EQ(result.out, "");
    EXPECT_THAT(result.err, testing::MatchesRegex("trace: [^\n]*\n"));
    EXPECT_THAT(result.err, HasSubstr(c.says));
    EXPECT_THAT(result.err, Not(HasSubstr("secret")));
    EXPECT_THAT(result.err, Not(HasSubstr("dXNlcjpzZWNyZXQ")));
  }
  // The height that a new ledger's first block states is not to be overruled.
  const ProcessResult result =
      Trace({"ingest", "bitcoin", "--blocks", world.blocks(), "--network", "regtest", "--ledger",
             world.dir / "new", "--first-height", "5"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("wanted 0"));
  // A wrong URL leaves no ledger behind.
  EXPECT_EQ(
      Trace({"ingest", "bitcoin", "--rpc", secret, "--ledger", world.dir / "none"}).exit_status, 1);
  EXPECT_FALSE(std::filesystem::exists(world.dir / "none"));
}

// A second chain comes into a ledger only where it is asked for.
TEST(IngestRpc, DoesNotMixChainsUp) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/mainnet-0-4312");
  const World world;
  ASSERT_EQ(Trace({"ingest", "bitcoin", "--blocks", folder + "/blocks", "--ledger", world.ledger(),
                   "--quiet"})
                .exit_status,
            0);
  FakeNode node;
  node.SetChain(world.chain.blocks());
  const ProcessResult refused = Trace(Command(node, world.ledger()));
  EXPECT_EQ(refused.exit_status, 1);
  EXPECT_THAT(refused.err, HasSubstr("--network regtest"));
  EXPECT_EQ(Trace(Command(node, world.ledger(), {"--network", "regtest"})).exit_status, 0);
}

TEST(IngestRpc, NamesUndoRecordsThatAreMissing) {
  World world;
  const bitcoin::TempDir dir;
  WriteTestBlocks(dir / "blocks", absl::MakeConstSpan(world.chain.blocks()).subspan(3));
  const auto ingest = [&](const std::string& ledger) {
    return Trace({"ingest", "bitcoin", "--blocks", dir / "blocks", "--network", "regtest",
                  "--ledger", dir / ledger});
  };
  ProcessResult result = ingest("missing");
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.err, HasSubstr("2 blocks spend outputs from before the ledger begins"));
  EXPECT_THAT(result.err, HasSubstr("first at height 4: no rev file of number 0"));
  EXPECT_THAT(result.out, HasSubstr("2 inputs are unresolved"));
  bitcoin::WriteFile(dir / "blocks/rev00000.dat", AsBytes(std::string(1000, 'x')));
  result = ingest("damaged");
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.err, HasSubstr("rev00000.dat"));
}

// The state of the clusters and the cluster of every address; and that what tags say is of them.
std::string DumpClusters(const std::string& ledger) {
  const auto store = LedgerStore::OpenForReading(ledger, LedgerStore::Options());
  if (!store.ok()) return store.status().ToString();
  const auto table = (*store)->Table(ClusterTableName("bitcoin-regtest"));
  const auto clusters = Clusters::Open(table.get());
  if (!clusters.ok()) return clusters.status().ToString();
  const ClusterState& state = clusters->state();
  std::string dump = absl::StrCat(state.height, " ", ToText(state.hash), " ", state.clusters,
                                  " clusters of ", state.addresses, ", ", state.shared, " shared");
  for (uint64_t i = 0; i < state.addresses; ++i) {
    absl::StrAppend(&dump, " ", clusters->First(AddressId{i}).value().number);
  }
  const auto tags = (*store)->Table(kTagTable);
  EXPECT_TRUE(ClusterLabelsAreOf("bitcoin-regtest", state, *tags).value());
  return dump;
}

TEST(FollowNode, KeepsClustersAtTheTip) {
  const bitcoin::TempDir dir;
  RandomChain chain(20240823);
  chain.Grow(20);
  FakeNode node;
  node.SetChain(chain.blocks());
  ASSERT_EQ(Trace(Command(node, dir / "ledger")).exit_status, 0);
  bitcoin::WriteFile(
      dir / "list.csv",
      AsBytes(absl::StrCat("address,label,category\n", PartyAddress(1), ",Somebody,exchange\n",
                           PartyAddress(2), ",Another,exchange\n")));
  ASSERT_EQ(Trace({"tags", dir / "list.csv", "--ledger", dir / "ledger"}).exit_status, 0);
  ASSERT_EQ(
      Trace({"cluster", "--heuristics", "all", "--ledger", dir / "ledger", "--quiet"}).exit_status,
      0);
  const auto expected = [&] {
    const bitcoin::TempDir fresh;
    WriteTestBlocks(fresh / "blocks", chain.blocks());
    for (const std::vector<std::string>& command :
         {std::vector<std::string>{"ingest", "bitcoin", "--blocks", fresh / "blocks", "--network",
                                   "regtest"},
          {"tags", dir / "list.csv"},
          {"cluster", "--heuristics", "all"}}) {
      std::vector<std::string> words = command;
      words.insert(words.end(), {"--ledger", fresh / "ledger", "--quiet"});
      EXPECT_EQ(Trace(words).exit_status, 0) << command[0];
    }
    return DumpClusters(fresh / "ledger");
  };
  chain.Grow(2);
  node.SetChain(chain.blocks());
  Subprocess trace(Follow(node, dir / "ledger"));
  ASSERT_TRUE(Says(trace, absl::StrCat("at the tip, block 22 ", ToText(chain.tip().hash),
                                       ", and so are the clusters, which are kept there; waiting")))
      << trace.Err();
  // Whoever reads meanwhile finds them there.
  EXPECT_EQ(DumpClusters(dir / "ledger"), expected());
  for (int i = 0; i < 4; ++i) {
    if (i % 2 == 0) {
      chain.Grow(3);
    } else {
      chain.Reorganise(4);
    }
    node.SetChain(chain.blocks());
    ASSERT_TRUE(Says(trace, ToText(chain.tip().hash)));
    const std::string want = expected();
    for (int tries = 0; tries < 500 && DumpClusters(dir / "ledger") != want; ++tries) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    ASSERT_EQ(DumpClusters(dir / "ledger"), want);
  }
  trace.Signal(SIGINT);
  EXPECT_EQ(trace.Wait().exit_status, 0);
  EXPECT_EQ(DumpClusters(dir / "ledger"), expected());
  EXPECT_EQ(DumpStore(dir / "ledger"), DumpOf(chain.blocks()));
}

TEST(FollowNode, SaysWhatHappensAndEndsWhenTold) {
  for (const int signal : {SIGINT, SIGTERM}) {
    const bitcoin::TempDir dir;
    RandomChain chain(20240820);
    chain.Grow(12);
    FakeNode node;
    node.SetChain(chain.blocks());
    std::atomic<bool> away = false;
    node.instead = [&](const auto&) -> std::optional<HttpResponse> {
      return away ? std::optional(HttpResponse{"", true}) : std::nullopt;
    };
    Subprocess trace(Follow(node, dir / "ledger"));
    ASSERT_TRUE(Says(trace, "block 12 " + ToText(chain.tip().hash)));
    ASSERT_TRUE(
        Says(trace, "at the tip, block 12 " + ToText(chain.tip().hash) + "; waiting for more\n"));
    chain.Reorganise(5);
    node.SetChain(chain.blocks());
    ASSERT_TRUE(Says(trace, "took back 5 blocks from height 12\n"));
    ASSERT_TRUE(Says(trace, "block 13 " + ToText(chain.tip().hash)));
    away = true;
    ASSERT_TRUE(Says(trace, "trying until it answers\n"));
    chain.Grow(1);
    node.SetChain(chain.blocks());
    away = false;
    ASSERT_TRUE(Says(trace, "answers again\n"));
    ASSERT_TRUE(Says(trace, "block 14 " + ToText(chain.tip().hash)));
    trace.Signal(signal);
    const ProcessResult result = trace.Wait();
    EXPECT_EQ(result.exit_status, 0) << result.err;
    EXPECT_THAT(result.out, HasSubstr("tip: block 14"));
    EXPECT_EQ(DumpStore(dir / "ledger"), DumpOf(chain.blocks()));
  }
}

// Killed at random moments of adding and of taking back: what is left is a chain that was, whole,
// and the next one goes on from there.
TEST(FollowNode, SurvivesBeingKilled) {
  const bitcoin::TempDir dir;
  RandomChain chain(20240821);
  chain.Grow(60);
  std::mutex mutex;
  std::map<std::string, std::vector<TestBlock>> chains;  // by the hash of the tip
  FakeNode node;
  std::mt19937_64 rng(20240822);
  const auto show = [&] {
    for (size_t n = chain.blocks().size(); n > 0; --n) {
      const auto end = chain.blocks().begin() + static_cast<ptrdiff_t>(n);
      if (!chains.try_emplace(ToText((end - 1)->hash), chain.blocks().begin(), end).second) break;
    }
    node.SetChain(chain.blocks());
  };
  std::atomic<bool> moving = true;
  // Whenever the follower has come up to the tip there is another one.
  node.tamper = [&](const std::string& method, std::string*) {
    if (!moving || method != "getbestblockhash") return;
    const std::lock_guard<std::mutex> lock(mutex);
    chain.Reorganise(rng() % 30);
    show();
  };
  show();
  std::set<std::string> tips;
  for (int kills = 0; kills < Kills(20); ++kills) {
    SCOPED_TRACE(kills);
    ASSERT_FALSE(RunAndKill(Follow(node, dir / "ledger", {"--quiet"}),
                            std::uniform_real_distribution(0.02, 0.6)(rng))
                     .has_value());
    if (!LedgerStore::Exists(dir / "ledger")) continue;
    const auto store = LedgerStore::OpenForReading(dir / "ledger", LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    if ((*store)->chains().empty()) continue;
    const auto view = (*store)->View("bitcoin-regtest").value();
    if (!view->tip().has_value()) continue;
    const std::string tip = ToText(view->tip()->hash);
    tips.insert(tip);
    const std::lock_guard<std::mutex> lock(mutex);
    ASSERT_TRUE(chains.contains(tip));
    ASSERT_EQ(DumpLedger(*view).value(), DumpOf(chains[tip]));
  }
  EXPECT_GE(tips.size(), 5u) << "the kills did not land here and there";
  moving = false;
  ASSERT_EQ(Trace(Command(node, dir / "ledger")).exit_status, 0);
  EXPECT_EQ(DumpStore(dir / "ledger"), DumpOf(chain.blocks()));
}

// The command line, and the node's own cookie.
TEST(FollowNode, AsksALitecoind) {
  if (!Litecoind::Installed()) GTEST_SKIP() << "litecoind is not installed";
  const bitcoin::TempDir dir;
  Litecoind node(dir.path(), {"-disablewallet"});
  ASSERT_TRUE(node.Start());
  // Anyone can spend these.
  node.Call("generatetodescriptor", "7\nraw(51)");
  ASSERT_TRUE(node.worked());
  const std::vector<std::string> command = {"ingest",   "bitcoin",      "--rpc",
                                            node.url(), "--cookie",     node.cookie(),
                                            "--ledger", dir / "ledger", "--json"};
  const auto document = ParseJson(Trace(command));
  EXPECT_STREQ(document["chain"].GetString(), "litecoin-regtest");
  EXPECT_EQ(document["blocks"].GetUint(), 8u);
  EXPECT_EQ(document["tip"]["hash"].GetString(), node.Call("getbestblockhash"));
}

}  // namespace
}  // namespace spoor
