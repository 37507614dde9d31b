// A real node judges a simulated ledger. It is skipped where litecoind is not installed.

#include "tests/support/litecoind.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "rapidjson/document.h"
#include "spoor/bitcoin/block_builder.h"
#include "spoor/chain/script.h"
#include "spoor/simulate/simulate.h"
#include "tests/simulate/replay.h"

namespace spoor::simulate {
namespace {

// Empty if the node took the block, else its reason.
std::string Submit(Litecoind* node, ByteSpan block) {
  return node->Call("submitblock", ToHex(block));
}

rapidjson::Document Ask(Litecoind* node, const std::string& method) {
  rapidjson::Document document;
  const std::string reply = node->Call(method);
  // Amounts stay text: they are compared to the unit.
  document.Parse<rapidjson::kParseNumbersAsStringsFlag>(reply.data(), reply.size());
  EXPECT_FALSE(document.HasParseError()) << reply;
  return document;
}

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
  if (!Litecoind::Installed()) GTEST_SKIP() << "litecoind is not installed";
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

  ScratchFolder data;
  Litecoind node(data.path(), {"-disablewallet"});
  ASSERT_TRUE(node.Start());
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
        EXPECT_EQ(Submit(&node, *forged), forgeries.back().reason);
        const BlockHash hash = bitcoin::HashBlockHeader(*forged);
        if (*forgeries.back().reason == '\0') node.Call("invalidateblock", ToText(hash));
        forgeries.pop_back();
      }
    }
    ASSERT_EQ(Submit(&node, blocks[height]), "") << "block " << height;
  }
  EXPECT_TRUE(forgeries.empty());

  const rapidjson::Document chain = Ask(&node, "getblockchaininfo");
  EXPECT_STREQ(chain["blocks"].GetString(), absl::StrCat(summary->blocks - 1).c_str());
  EXPECT_STREQ(chain["bestblockhash"].GetString(), summary->tip_hash.c_str());
  const rapidjson::Document coins = Ask(&node, "gettxoutsetinfo");
  EXPECT_EQ(UnitsOfCoins(coins["total_amount"].GetString()), summary->utxo_total);
  EXPECT_STREQ(coins["txouts"].GetString(), absl::StrCat(summary->utxos).c_str());
}

}  // namespace
}  // namespace spoor::simulate
