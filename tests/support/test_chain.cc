#include "tests/support/test_chain.h"

#include <deque>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block.h"
#include "spoor/chain/network.h"

namespace spoor {
namespace {

using bitcoin::TransactionBuilder;

// Bitcoin Core, chainparams.cpp, CRegTestParams.
constexpr absl::string_view kGenesis =
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c"
    "3e"
    "67768f617fc81bc3888a51323a9fb8aa4b1e5e4adae5494dffff7f2002000000010100000001000000000000000000"
    "00"
    "00000000000000000000000000000000000000000000ffffffff4d04ffff001d0104455468652054696d6573203033"
    "2f"
    "4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f66207365636f6e64206261696c6f757420"
    "66"
    "6f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe5548271967f1a67130b7105cd6a828e03909"
    "a6"
    "7962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d578a4c702b6bf11d5fac00000000";

const Network& Regtest() { return GetNetwork(NetworkId::kRegtest); }

Amount Sat(uint64_t sat) { return Amount::FromSat(sat).value(); }

TransactionBuilder Build(const Payment& payment) {
  TransactionBuilder builder;
  for (const bitcoin::OutPoint& input : payment.inputs) builder.AddInput(input);
  for (const Payment::Output& output : payment.outputs) {
    builder.AddOutput(Sat(output.sat), output.script_pubkey);
  }
  return builder;
}

}  // namespace

Bytes PartyScript(int party) {
  Bytes script = {0x76, 0xa9, 20};
  script.resize(script.size() + 20, static_cast<uint8_t>(party));
  AppendBytes(Bytes{0x88, 0xac}, &script);
  return script;
}

Bytes BurnScript() { return {0x6a, 1, 0x21}; }

Txid Payment::txid() const { return Build(*this).Build().txid; }

TestChain::TestChain() {
  TestBlock genesis;
  genesis.bytes = FromHex(kGenesis).value();
  const bitcoin::Block block = bitcoin::DecodeBlock(Regtest(), genesis.bytes).value();
  SPOOR_CHECK(block.hash == Regtest().genesis);
  genesis.hash = block.hash;
  genesis.time = block.header.time;
  genesis.reward = {block.transactions[0].txid, 0};
  genesis.reward_sat = block.transactions[0].outputs[0].value.sat();
  blocks_.push_back(std::move(genesis));
}

const TestBlock& TestChain::Add(absl::Span<const Payment> payments,
                                const TestBlockOptions& options) {
  TestBlock added;
  added.previous = tip().hash;
  added.height = tip().height + 1;
  added.time = tip().time + 600;
  std::deque<TransactionBuilder> builders;
  std::vector<bitcoin::Transaction> transactions;
  for (const Payment& payment : payments) {
    builders.push_back(Build(payment));
    transactions.push_back(builders.back().Build());
  }
  const Bytes script = PartyScript(0);
  const Bytes salt(1, options.salt);
  added.reward_sat = static_cast<uint64_t>(
      static_cast<int64_t>(BlockSubsidy(Regtest(), added.height)) + options.fees);
  bitcoin::BuiltBlock built =
      bitcoin::BuildBlock(Regtest(), {.previous = added.previous,
                                      .height = added.height,
                                      .time = added.time,
                                      .payouts = {{Sat(added.reward_sat), script}},
                                      .extra = salt,
                                      .transactions = transactions});
  bitcoin::Block block = bitcoin::DecodeBlock(Regtest(), built.bytes).value();
  if (block.header.version != options.version) {
    block.header.version = options.version;
    bitcoin::Mine(Regtest(), &block.header);
    Bytes bytes;
    bitcoin::EncodeBlock(block, &bytes);
    built.hash = bitcoin::HashBlockHeader(bytes);
    built.bytes = std::move(bytes);
  }
  added.hash = built.hash;
  added.reward = {built.coinbase, 0};
  added.bytes = std::move(built.bytes);
  if (!options.spent.empty()) {
    std::vector<std::vector<bitcoin::TxOut>> spent;
    for (const std::vector<Payment::Output>& outputs : options.spent) {
      spent.emplace_back();
      for (const Payment::Output& output : outputs) {
        spent.back().push_back({Sat(output.sat), output.script_pubkey});
      }
    }
    added.undo = bitcoin::EncodeBlockUndo(spent);
  }
  blocks_.push_back(std::move(added));
  return blocks_.back();
}

void TestChain::AddEmpty(size_t count, uint8_t salt) {
  TestBlockOptions options;
  options.salt = salt;
  for (size_t i = 0; i < count; ++i) Add({}, options);
}

void WriteTestBlocks(const std::string& dir, absl::Span<const TestBlock> blocks,
                     const bitcoin::BlockFileWriter::Options& options) {
  auto writer = bitcoin::BlockFileWriter::Create(dir, Regtest(), options).value();
  for (const TestBlock& block : blocks) {
    SPOOR_CHECK(writer->Append(block.bytes).ok());
    if (!block.undo.empty()) SPOOR_CHECK(writer->AppendUndo(block.previous, block.undo).ok());
  }
  SPOOR_CHECK(writer->Close().ok());
}

}  // namespace spoor
