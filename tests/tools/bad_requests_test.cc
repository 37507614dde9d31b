// What cannot be done: one line, the right exit status, and nothing changed.

#include <algorithm>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

void ExpectRefused(const ProcessResult& result, int exit_status, const std::string& says) {
  EXPECT_EQ(result.exit_status, exit_status);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, ::testing::StartsWith("trace: "));
  EXPECT_THAT(result.err, ::testing::EndsWith("\n"));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1) << result.err;
  EXPECT_THAT(result.err, HasSubstr(says));
}

struct Case {
  const char* name;
  std::vector<std::string> arguments;
  int exit_status;
  std::string says;
};

class BadRequests : public TraceTest {
 protected:
  void ExpectAll(const std::vector<Case>& cases) {
    for (const Case& c : cases) {
      SCOPED_TRACE(c.name);
      const std::map<std::string, std::string> before = Snapshot(world_.dir.path());
      ExpectRefused(Run(c.arguments), c.exit_status, c.says);
      EXPECT_TRUE(Snapshot(world_.dir.path()) == before);
    }
  }
};

TEST_F(BadRequests, OfTracing) {
  const std::string txid = ToText(world_.theft.txid());
  std::string misspelt = PartyAddress(1);
  misspelt.back() = misspelt.back() == '2' ? '3' : '2';
  const std::string unseen = PartyAddress(77);
  bitcoin::WriteFile(world_.dir / "broken.csv", AsBytes("seed;source\n"));
  bitcoin::WriteFile(world_.dir / "amount.csv",
                     AsBytes("source,seed,amount\na," + txid + ",1.5\n"));
  ExpectAll({
      {"no seed", {"follow"}, 2, "no seeds"},
      {"an unknown command with its arguments", {"fetch", txid}, 2, "fetch"},
      {"an unknown flag", {"follow", txid, "--colour"}, 2, "--colour"},
      {"an unknown flag before the seed", {"--colour", txid}, 2, "--colour"},
      {"a flag without its value", {"follow", txid, "--policy"}, 2, "--policy"},
      {"an unknown policy", {"follow", txid, "--policy", "fifo,lottery"}, 2, "lottery"},
      {"a policy twice", {"follow", txid, "--policy", "fifo,fifo"}, 2, "fifo"},
      {"a number that is none", {"follow", txid, "--rows", "many"}, 2, "many"},
      {"a transaction that is not there", {"follow", std::string(64, 'a')}, 2, "aaaaaaaa"},
      {"an output that is not there", {"follow", txid + ":2"}, 2, txid + ":2"},
      {"an output that cannot be", {"follow", txid + ":99999999999"}, 2, txid},
      {"a txid cut short", {"follow", txid.substr(1)}, 2, txid.substr(1)},
      {"an address with a bad checksum", {"follow", misspelt}, 2, misspelt},
      {"a mainnet address", {"follow", "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"}, 2, "1A1zP1"},
      {"an address never seen", {"follow", unseen}, 2, unseen},
      {"a time that is none", {"follow", PartyAddress(1) + "@yesterday.."}, 2, "yesterday"},
      {"a source without a seed", {"follow", "hack="}, 2, "hack="},
      {"one good seed, one bad", {"follow", txid, unseen}, 2, unseen},
      {"a file of seeds that is not there",
       {"follow", "--seeds", "/no/seeds.csv"},
       1,
       "/no/seeds.csv"},
      {"a file of seeds that is a directory",
       {"follow", "--seeds", world_.dir.path()},
       1,
       world_.dir.path()},
      {"a file of seeds with another header",
       {"follow", "--seeds", world_.dir / "broken.csv"},
       2,
       "broken.csv"},
      {"an amount with a point", {"follow", "--seeds", world_.dir / "amount.csv"}, 2, "line 2"},
      {"an unknown transaction to show", {"show", std::string(64, 'b')}, 2, "bbbbbbbb"},
      {"an unknown address to show", {"show", unseen}, 2, unseen},
      {"nonsense to show", {"show", "nonsense"}, 2, "nonsense"},
      {"a line feed in what to show", {"show", "non\nsense"}, 2, "non sense"},
      {"a line feed in a seed", {"follow", "no\nseed"}, 2, ""},
      {"a chain that there is not",
       {"follow", "foo:" + unseen},
       2,
       "no chain \"foo\"; it has bitcoin-regtest"},
      {"a chain that there is not, to show",
       {"show", "foo:" + unseen},
       2,
       "no chain \"foo\"; it has bitcoin-regtest"},
      {"no memory", {"--memory", "0", "follow", txid}, 2, "16M"},
      {"little memory", {"--memory", "1M", "follow", txid}, 2, "found 1048576 bytes, wanted 16M"},
      {"less than none", {"--memory", "-1", "follow", txid}, 2, "--memory"},
  });
}

TEST_F(BadRequests, OfIngest) {
  fs::create_directory(world_.dir / "empty");
  fs::create_directory(world_.dir / "zeros");
  bitcoin::WriteFile(world_.dir / "zeros/blk00000.dat", Bytes(5'000));
  fs::create_directory(world_.dir / "noise");
  bitcoin::WriteFile(world_.dir / "noise/blk00000.dat", Bytes(5'000, 0x5a));
  fs::create_directories(world_.dir / "inner/blk00000.dat");
  fs::create_directory(world_.dir / "badkey");
  fs::copy(world_.blocks(), world_.dir / "badkey");
  bitcoin::WriteFile(world_.dir / "badkey/xor.dat", Bytes(7));
  ExpectAll({
      {"no blocks named", {"ingest", "bitcoin"}, 2, "--blocks"},
      {"no source named", {"ingest"}, 2, ""},
      {"an unknown source", {"ingest", "gold", "--blocks", world_.blocks()}, 2, ""},
      {"an unknown network",
       {"ingest", "bitcoin", "--blocks", world_.blocks(), "--network", "moon"},
       2,
       "moon"},
  });
  // Those that look into a ledger which is there may write to its log; a new one must not appear.
  const std::string fresh = world_.dir / "fresh";
  for (const Case& c : std::vector<Case>{
           {"no such directory", {world_.dir / "nowhere", "regtest"}, 1, "nowhere"},
           {"a directory without blocks", {world_.dir / "empty", "regtest"}, 1, "empty"},
           {"a file", {world_.blocks() + "/blk00000.dat", "regtest"}, 1, "blk00000.dat"},
           {"nothing but zeros", {world_.dir / "zeros", "regtest"}, 1, "no block"},
           {"nothing but noise", {world_.dir / "noise", "regtest"}, 1, "5000"},
           {"blocks of another network", {world_.blocks(), "main"}, 1, "regtest"},
           {"a damaged key", {world_.dir / "badkey", "regtest"}, 1, "xor.dat"},
           {"a directory for a file",
            {world_.dir / "inner", "regtest"},
            1,
            "inner/blk00000.dat, wanted a file: Is a directory"},
       }) {
    SCOPED_TRACE(c.name);
    const std::string shown = Run({"show", "--json"}).out;
    for (const std::string& ledger : {world_.ledger(), fresh}) {
      ExpectRefused(Trace({"ingest", "bitcoin", "--blocks", c.arguments[0], "--network",
                           c.arguments[1], "--ledger", ledger}),
                    c.exit_status, c.says);
    }
    EXPECT_FALSE(fs::exists(fresh));
    EXPECT_EQ(Run({"show", "--json"}).out, shown);
  }
}

TEST_F(BadRequests, OfLedgers) {
  const std::string txid = ToText(world_.theft.txid());
  const auto make = [&](const std::string& name) {
    fs::copy(world_.ledger(), world_.dir / name, fs::copy_options::recursive);
    return world_.dir / name;
  };
  const std::string newer = make("newer");
  bitcoin::WriteFile(newer + "/FORMAT", AsBytes("spoor ledger format 9999\n"));
  const std::string strange = make("strange");
  bitcoin::WriteFile(strange + "/FORMAT", AsBytes("something else\n"));
  const std::string hollow = make("hollow");
  fs::remove_all(hollow + "/rocksdb");
  const std::string broken = make("broken");
  bitcoin::WriteFile(broken + "/rocksdb/CURRENT", AsBytes("MANIFEST-nonsense\n"));
  fs::create_directory(world_.dir / "other");
  bitcoin::WriteFile(world_.dir / "other/letter.txt", AsBytes("not a ledger"));
  const std::string file = world_.dir / "other/letter.txt";
  struct Ledger {
    const char* name;
    std::string path;
    const char* says;
    bool makes;  // ingest makes a ledger there
  };
  for (const Ledger& c : {
           Ledger{"of an unknown format", newer, "9999", false},
           Ledger{"of no format", strange, "FORMAT", false},
           Ledger{"without its database", hollow, "hollow", false},
           Ledger{"with a damaged database", broken, "broken", false},
           Ledger{"that is another directory", world_.dir / "other", "no ledger", false},
           Ledger{"that is a file", file, "letter.txt", false},
           Ledger{"that is not there", world_.dir / "missing", "missing", true},
       }) {
    SCOPED_TRACE(c.name);
    const auto before = Snapshot(world_.dir.path());
    ExpectRefused(Trace({"follow", txid, "--ledger", c.path}), 1, c.says);
    ExpectRefused(Trace({"show", "--ledger", c.path}), 1, c.says);
    EXPECT_TRUE(Snapshot(world_.dir.path()) == before);
    if (c.makes) continue;
    ExpectRefused(Trace({"ingest", "bitcoin", "--blocks", world_.blocks(), "--network", "regtest",
                         "--ledger", c.path}),
                  1, c.path.substr(c.path.rfind('/') + 1));
    if (c.path == hollow || c.path == broken) continue;  // RocksDB's log
    EXPECT_TRUE(Snapshot(world_.dir.path()) == before);
  }
}

TEST_F(BadRequests, AStoreInUse) {
  const std::string shown = Run({"show", "--json"}).out;
  auto store = LedgerStore::OpenForWriting(world_.ledger(), LedgerStore::Options());
  ASSERT_TRUE(store.ok()) << store.status();
  const auto writer = (*store)->Writer(ChainInfoOf(GetNetwork(NetworkId::kRegtest)));
  ASSERT_TRUE(writer.ok()) << writer.status();
  ExpectRefused(Trace({"ingest", "bitcoin", "--blocks", world_.blocks(), "--network", "regtest",
                       "--ledger", world_.ledger()}),
                1, "in use by another writer");
  // Readers are welcome meanwhile.
  EXPECT_EQ(Run({"show", "--json"}).out, shown);
  EXPECT_EQ(Run({"follow", ToText(world_.theft.txid())}).exit_status, 0);
}

TEST_F(BadRequests, ABadBlockEndsTheLedgerBelowIt) {
  TestChain chain = world_.chain;
  chain.AddEmpty(1);
  chain.Add({Payment{{world_.theft.out(0)}, {{kCoin, PartyScript(9)}}}});  // spent long ago
  WriteTestBlocks(world_.dir / "bad", chain.blocks());
  ExpectRefused(Trace({"ingest", "bitcoin", "--blocks", world_.dir / "bad", "--network", "regtest",
                       "--ledger", world_.ledger()}),
                1, ToText(chain.tip().hash));
  EXPECT_EQ(ParseJson(Run({"show", "--json"}))["chains"][0]["tip"]["height"].GetUint(), 8u);
}

TEST(Help, IsThereForEveryCommand) {
  for (const std::vector<std::string>& command : std::vector<std::vector<std::string>>{
           {}, {"ingest"}, {"ingest", "bitcoin"}, {"follow"}, {"show"}, {"simulate"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back("--help");
    SCOPED_TRACE(::testing::PrintToString(arguments));
    const ProcessResult result = Trace(arguments);
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_EQ(result.err, "");
    EXPECT_THAT(result.out, HasSubstr("--help"));
    if (!command.empty()) {
      EXPECT_THAT(result.out, HasSubstr(command.back()));
    }
  }
  const ProcessResult version = Trace({"--version"});
  EXPECT_EQ(version.exit_status, 0);
  EXPECT_EQ(version.out, "trace " SPOOR_VERSION "\n");
  const ProcessResult nothing = Trace({});
  EXPECT_EQ(nothing.exit_status, 0);
  EXPECT_THAT(nothing.out, HasSubstr("ingest"));
}

TEST(Passwords, AreInNoMessage) {
  for (const std::vector<std::string>& request :
       {std::vector<std::string>{"ingest", "bitcoin", "http://u:sEcReT@127.0.0.1:1"},
        {"ingest", "bitcoin", "--rcp", "http://u:sEcReT@127.0.0.1:1"},
        {"ingest", "bitcoin", "--blocks", "http://u:sEcR@eT@127.0.0.1:1/x"}}) {
    const ProcessResult result = Trace(request);
    EXPECT_NE(result.exit_status, 0);
    EXPECT_EQ(result.err.find("sEcR"), std::string::npos) << result.err;
    EXPECT_THAT(result.err, testing::HasSubstr("http://"));
  }
}

}  // namespace
}  // namespace spoor
