// A real node judges a simulated ledger: Litecoin Core, a descendant of Bitcoin Core, in regtest,
// on loopback, with a data directory of its own. It is skipped where litecoind is not installed.

#include <arpa/inet.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "rapidjson/document.h"
#include "spoor/bitcoin/block_builder.h"
#include "spoor/chain/script.h"
#include "spoor/simulate/simulate.h"
#include "tests/simulate/replay.h"

extern char** environ;

namespace spoor::simulate {
namespace {

bool OnPath(const std::string& program) {
  return std::system(absl::StrCat("command -v ", program, " > /dev/null 2>&1").c_str()) == 0;
}

// A port that nobody listens on now.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
  EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
  close(fd);
  return ntohs(address.sin_port);
}

// A litecoind for as long as this lives.
class Node {
 public:
  Node() : port_(FreePort()) {
    std::vector<std::string> arguments = {
        "litecoind", "-regtest", "-server", "-listen=0", "-connect=0", "-dnsseed=0",
        "-disablewallet", "-printtoconsole=0",
        // Every signature is checked.
        "-assumevalid=0",
        // Neither extension is what is tested here.
        "-vbparams=mweb:9000000000:9000000001", "-vbparams=taproot:0:9000000001",
        absl::StrCat("-datadir=", folder_.path()), absl::StrCat("-rpcport=", port_)};
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    EXPECT_EQ(posix_spawnp(&pid_, "litecoind", nullptr, nullptr, argv.data(), environ), 0);
  }

  ~Node() {
    if (pid_ <= 0) return;
    kill(pid_, SIGTERM);
    waitpid(pid_, nullptr, 0);
  }

  // What litecoin-cli prints for the call, its last newline removed; `input` is its last argument.
  std::string Call(const std::string& method, absl::string_view input) const {
    const std::string in = folder_.path() + "/call.in";
    const std::string out = folder_.path() + "/call.out";
    std::ofstream(in) << input;
    const std::string command =
        absl::StrCat("litecoin-cli -regtest -datadir=", folder_.path(), " -rpcport=", port_,
                     " -stdin ", method, " < ", in, " > ", out, " 2>&1");
    last_call_worked_ = std::system(command.c_str()) == 0;
    std::ifstream file(out);
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    return std::string(absl::StripSuffix(text, "\n"));
  }

  bool WaitUntilReady() const {
    for (int tries = 0; tries < 600; ++tries) {
      Call("getblockcount", "");
      if (last_call_worked_) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
    return false;
  }

  // Empty if the node took the block, else its reason.
  std::string Submit(ByteSpan block) const { return Call("submitblock", ToHex(block)); }

  rapidjson::Document Ask(const std::string& method) const {
    rapidjson::Document document;
    const std::string reply = Call(method, "");
    // Amounts stay text: they are compared to the unit.
    document.Parse<rapidjson::kParseNumbersAsStringsFlag>(reply.data(), reply.size());
    EXPECT_FALSE(document.HasParseError()) << reply;
    return document;
  }

 private:
  ScratchFolder folder_;
  const int port_;
  pid_t pid_ = -1;
  mutable bool last_call_worked_ = false;
};

// "12.34000000" coins in base units.
uint64_t UnitsOfCoins(const std::string& coins) {
  uint64_t units = 0;
  EXPECT_TRUE(absl::SimpleAtoi(absl::StrReplaceAll(coins, {{".", ""}}), &units)) << coins;
  return units;
}

// The block made again with something wrong in it, and otherwise right: merkle root, commitment and
// proof of work are those of the wrong block.
struct Forgery {
  const char* name;
  bool bad_signature;
  uint64_t too_much;
  const char* reason;  // the node's; empty if it takes the block
};

std::optional<Bytes> Forge(const Network& network, const Bytes& bytes, uint32_t height,
                           const Forgery& forgery) {
  const auto block = bitcoin::DecodeBlock(network, bytes);
  if (!block.ok()) return std::nullopt;
  std::vector<bitcoin::Transaction> transactions(block->transactions.begin() + 1,
                                                 block->transactions.end());
  Bytes witness;
  bool done = !forgery.bad_signature;
  for (bitcoin::Transaction& tx : transactions) {
    for (bitcoin::TxIn& input : tx.inputs) {
      if (done || bitcoin::WitnessItems(input.witness).size() != 2) continue;
      witness.assign(input.witness.begin(), input.witness.end());
      witness[60] ^= 1;  // within the signature's s
      input.witness = witness;
      bitcoin::ComputeIds(&tx);
      done = true;
    }
  }
  if (!done || transactions.empty()) return std::nullopt;
  bitcoin::BlockPlan plan;
  plan.previous = block->header.previous;
  plan.height = height;
  plan.time = block->header.time;
  for (const bitcoin::TxOut& output : block->transactions[0].outputs) {
    if (output.value.sat() > 0) plan.payouts.push_back(output);
  }
  plan.payouts[0].value = *Amount::FromSat(plan.payouts[0].value.sat() + forgery.too_much);
  plan.extra = AsBytes("forged");
  plan.transactions = transactions;
  return bitcoin::BuildBlock(network, plan).bytes;
}

TEST(Litecoind, TakesEveryBlockOfASignedLedger) {
  if (!OnPath("litecoind") || !OnPath("litecoin-cli")) {
    GTEST_SKIP() << "litecoind is not installed";
  }
  const Network& network = GetNetwork(NetworkId::kLitecoinRegtest);
  ScratchFolder folder;
  SimulationOptions options;
  options.network = network.id;
  options.sign = true;
  options.blocks = 360;
  options.transactions = 3'000;
  options.seed = 20240607;
  options.thefts = 2;
  const auto summary = Simulate(options, folder.path(), nullptr);
  ASSERT_TRUE(summary.ok()) << summary.status();

  std::vector<Bytes> blocks;
  const auto replay = ReplayBlocks(folder.path() + "/blocks", network,
                                   [&blocks](uint32_t, const bitcoin::Block& block, const auto&) {
                                     bitcoin::EncodeBlock(block, &blocks.emplace_back());
                                   });
  ASSERT_TRUE(replay.ok()) << replay.status();

  Node node;
  ASSERT_TRUE(node.WaitUntilReady());
  // Each stands before the true block of its height. The last of them shows that nothing but what
  // is wrong with the others is why the node refuses them.
  std::vector<Forgery> forgeries = {
      {"nothing wrong", false, 0, ""},
      {"a signature with one bit flipped", true, 0, "block-validation-failed"},
      {"a coinbase of one unit too much", false, 1, "bad-cb-amount"}};
  for (uint32_t height = 1; height < blocks.size(); ++height) {
    if (height > 200 && !forgeries.empty()) {
      SCOPED_TRACE(forgeries.back().name);
      const auto forged = Forge(network, blocks[height], height, forgeries.back());
      if (forged) {
        EXPECT_EQ(node.Submit(*forged), forgeries.back().reason);
        const BlockHash hash = bitcoin::HashBlockHeader(*forged);
        if (*forgeries.back().reason == '\0') node.Call("invalidateblock", ToText(hash));
        forgeries.pop_back();
      }
    }
    ASSERT_EQ(node.Submit(blocks[height]), "") << "block " << height;
  }
  EXPECT_TRUE(forgeries.empty());

  const rapidjson::Document chain = node.Ask("getblockchaininfo");
  EXPECT_STREQ(chain["blocks"].GetString(), absl::StrCat(summary->blocks - 1).c_str());
  EXPECT_STREQ(chain["bestblockhash"].GetString(), summary->tip_hash.c_str());
  const rapidjson::Document coins = node.Ask("gettxoutsetinfo");
  EXPECT_EQ(UnitsOfCoins(coins["total_amount"].GetString()), summary->utxo_total);
  EXPECT_STREQ(coins["txouts"].GetString(), absl::StrCat(summary->utxos).c_str());
}

}  // namespace
}  // namespace spoor::simulate
