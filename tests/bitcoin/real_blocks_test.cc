// Blocks of real networks, held against what Bitcoin Core says of them.

#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/block_file.h"
#include "tests/bitcoin/block_files.h"
#include "tests/real_data.h"
#include "tests/support/core_oracle.h"

namespace spoor::bitcoin {
namespace {

using simdjson::dom::element;

void ExpectOutput(const TxOut& output, const element& want) {
  EXPECT_EQ(output.value.sat(), Satoshis(want["value"]));
  EXPECT_EQ(ToHex(output.script_pubkey), Text(want["scriptPubKey"]["hex"]));
}

void ExpectTransaction(const Transaction& tx, const element& want) {
  EXPECT_EQ(ToText(tx.txid), Text(want["txid"]));
  EXPECT_EQ(HashToText(tx.wtxid, HashText::kReversed), Text(want["hash"]));
  EXPECT_EQ(static_cast<uint32_t>(tx.version), uint64_t(want["version"]));
  EXPECT_EQ(tx.lock_time, uint64_t(want["locktime"]));
  EXPECT_EQ(ToHex(EncodeTransaction(tx)), Text(want["hex"]));
  const simdjson::dom::array vin = want["vin"];
  ASSERT_EQ(tx.inputs.size(), vin.size());
  for (size_t i = 0; i < vin.size(); ++i) {
    const TxIn& input = tx.inputs[i];
    const element want_input = vin.at(i);
    EXPECT_EQ(input.sequence, uint64_t(want_input["sequence"]));
    std::string_view coinbase;
    if (!want_input["coinbase"].get(coinbase)) {
      EXPECT_TRUE(tx.IsCoinbase());
      EXPECT_EQ(ToHex(input.script_sig), coinbase);
    } else {
      EXPECT_EQ(ToText(input.prevout.txid), Text(want_input["txid"]));
      EXPECT_EQ(input.prevout.index, uint64_t(want_input["vout"]));
      EXPECT_EQ(ToHex(input.script_sig), Text(want_input["scriptSig"]["hex"]));
    }
    std::vector<std::string> witness;
    simdjson::dom::array items;
    if (!want_input["txinwitness"].get(items)) {
      for (const element item : items) witness.push_back(Text(item));
    }
    std::vector<std::string> got;
    for (const ByteSpan item : WitnessItems(input.witness)) got.push_back(ToHex(item));
    EXPECT_EQ(got, witness);
  }
  const simdjson::dom::array vout = want["vout"];
  ASSERT_EQ(tx.outputs.size(), vout.size());
  for (size_t i = 0; i < vout.size(); ++i) ExpectOutput(tx.outputs[i], vout.at(i));
}

struct Counts {
  size_t blocks = 0;
  size_t transactions = 0;
  size_t spends = 0;
};

// Compares every block of the directory with its line of `getblock HASH 3`.
void CompareWithCore(const std::string& folder, const Network& network, Counts* counts) {
  auto directory = BlockDirectory::Open(folder + "/blocks", network);
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto scan = ScanAll(directory->get());
  ASSERT_TRUE(scan.ok()) << scan.status();
  EXPECT_EQ(scan->skips.garbage_bytes, 0u);
  EXPECT_EQ(scan->skips.bad_headers, 0u);
  EXPECT_EQ(scan->skips.truncated_records, 0u);
  EXPECT_EQ(scan->skips.foreign_records, 0u);
  std::unordered_map<std::string, const BlockRecord*> by_hash;
  for (const BlockRecord& record : scan->records) by_hash[ToText(record.hash)] = &record;
  EXPECT_EQ(by_hash.size(), scan->records.size());

  simdjson::dom::parser parser;
  Bytes block_bytes;
  Bytes undo_bytes;
  Uint256 work = 0;
  const std::string oracle = Gunzip(folder + "/getblock-verbosity3.jsonl.gz");
  for (const absl::string_view line : absl::StrSplit(oracle, '\n', absl::SkipEmpty())) {
    element want;
    ASSERT_FALSE(parser.parse(line.data(), line.size()).get(want));
    SCOPED_TRACE(absl::StrCat("height ", uint64_t(want["height"])));
    ASSERT_EQ(by_hash.count(Text(want["hash"])), 1u);
    const BlockRecord& record = *by_hash[Text(want["hash"])];
    EXPECT_EQ(record.time, uint64_t(want["time"]));
    EXPECT_EQ(absl::StrCat(absl::Hex(record.bits, absl::kZeroPad8)), Text(want["bits"]));
    EXPECT_EQ(record.size, uint64_t(want["size"]));
    work += BlockWork(record.bits);
    EXPECT_EQ(work, Uint256(absl::StrCat("0x", Text(want["chainwork"]))));

    ASSERT_TRUE((*directory)->ReadBlock(record, &block_bytes).ok());
    const auto block = DecodeBlock(network, block_bytes);
    ASSERT_TRUE(block.ok()) << block.status();
    EXPECT_TRUE(CheckBlock(network, *block).ok()) << CheckBlock(network, *block);
    Bytes encoded;
    EncodeBlock(*block, &encoded);
    EXPECT_EQ(encoded, block_bytes);
    if (block->header.version >= 2) {
      EXPECT_EQ(CoinbaseHeight(block->transactions[0]), uint64_t(want["height"]));
    }

    const auto spent = (*directory)->ReadUndo(record, *block, &undo_bytes);
    ASSERT_TRUE(spent.ok()) << spent.status();
    const simdjson::dom::array txs = want["tx"];
    ASSERT_EQ(block->transactions.size(), txs.size());
    for (size_t t = 0; t < txs.size(); ++t) {
      ExpectTransaction(block->transactions[t], txs.at(t));
      if (t == 0) continue;
      const simdjson::dom::array vin = txs.at(t)["vin"];
      ASSERT_EQ((*spent)[t - 1].size(), vin.size());
      for (size_t i = 0; i < vin.size(); ++i) {
        ExpectOutput((*spent)[t - 1][i], vin.at(i)["prevout"]);
        ++counts->spends;
      }
    }
    ++counts->blocks;
    counts->transactions += txs.size();
  }
  EXPECT_EQ(counts->blocks, scan->records.size());
}

TEST(RealBlocks, MainnetIsAsCoreSays) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/mainnet-0-4312");
  Counts counts;
  CompareWithCore(folder, GetNetwork(NetworkId::kMain), &counts);
  EXPECT_EQ(counts.blocks, 4313u);
  EXPECT_EQ(counts.transactions, 4371u);
  EXPECT_EQ(counts.spends, 247u);
}

TEST(RealBlocks, RegtestWithTaprootIsAsCoreSays) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/regtest-taproot");
  Counts counts;
  CompareWithCore(folder, GetNetwork(NetworkId::kRegtest), &counts);
  EXPECT_EQ(counts.blocks, 207u);
  EXPECT_EQ(counts.transactions, 232u);
  EXPECT_EQ(counts.spends, 26u);
}

// What the inputs of all transactions but the first spent, one TxOut after another.
absl::StatusOr<std::vector<TxOut>> ReadPrevouts(ByteSpan bytes) {
  std::vector<TxOut> prevouts;
  ByteReader in(bytes);
  while (!in.empty()) {
    SPOOR_ASSIGN_OR_RETURN(const uint64_t sat, in.ReadLe64());
    SPOOR_ASSIGN_OR_RETURN(const Amount value, Amount::FromSat(sat));
    SPOOR_ASSIGN_OR_RETURN(const ByteSpan script, in.ReadSizedBytes());
    prevouts.push_back({value, script});
  }
  return prevouts;
}

TEST(RealBlocks, FeesAndSubsidyAreWhatTheCoinbaseTook) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/blocks-with-prevouts");
  struct Case {
    NetworkId network;
    uint32_t height;
  };
  for (const Case& c : {Case{NetworkId::kMain, 300025}, Case{NetworkId::kTest, 928816},
                        Case{NetworkId::kTest, 928828}, Case{NetworkId::kTest, 1087400}}) {
    SCOPED_TRACE(c.height);
    const Network& network = GetNetwork(c.network);
    const std::string name = absl::StrCat("/block", c.height);
    const Bytes bytes = ReadFile(folder + name + ".raw");
    const Bytes undo = ReadFile(folder + name + "-undo.raw");
    const auto block = DecodeBlock(network, bytes);
    ASSERT_TRUE(block.ok()) << block.status();
    EXPECT_TRUE(CheckBlock(network, *block).ok()) << CheckBlock(network, *block);
    EXPECT_EQ(CoinbaseHeight(block->transactions[0]), c.height);
    const auto prevouts = ReadPrevouts(undo);
    ASSERT_TRUE(prevouts.ok()) << prevouts.status();

    size_t inputs = 0;
    uint64_t in = 0;
    uint64_t out = 0;
    std::vector<std::vector<TxOut>> spent;
    for (size_t t = 1; t < block->transactions.size(); ++t) {
      spent.emplace_back();
      for (size_t i = 0; i < block->transactions[t].inputs.size(); ++i, ++inputs) {
        ASSERT_LT(inputs, prevouts->size());
        in += (*prevouts)[inputs].value.sat();
        spent.back().push_back((*prevouts)[inputs]);
      }
      for (const TxOut& output : block->transactions[t].outputs) out += output.value.sat();
    }
    EXPECT_EQ(inputs, prevouts->size());
    uint64_t coinbase = 0;
    for (const TxOut& output : block->transactions[0].outputs) coinbase += output.value.sat();
    EXPECT_EQ(coinbase, BlockSubsidy(network, c.height) + in - out);

    // Thousands of real scripts and amounts through the undo record's compression and back.
    Bytes arena;
    const auto back = DecodeBlockUndo(network, EncodeBlockUndo(spent), &arena);
    ASSERT_TRUE(back.ok()) << back.status();
    ASSERT_EQ(back->size(), spent.size());
    for (size_t t = 0; t < spent.size(); ++t) {
      ASSERT_EQ((*back)[t].size(), spent[t].size());
      for (size_t i = 0; i < spent[t].size(); ++i) {
        EXPECT_EQ((*back)[t][i].value, spent[t][i].value);
        EXPECT_EQ((*back)[t][i].script_pubkey, spent[t][i].script_pubkey);
      }
    }
  }
}

TEST(RealBlocks, BigBlocksDecodeWhole) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/big-blocks");
  struct Case {
    absl::string_view file;
    absl::string_view hash;
    uint32_t height;
    size_t transactions;
  };
  for (const Case& c : {
           Case{"btcd_wire_21868c.blk",
                "00000000000000000021868c2cefc52a480d173c849412fe81c4e5ab806f94ab", 540107, 230},
           Case{"core_block413567.raw",
                "0000000000000000025aff8be8a55df8f89c77296db6198f272d6577325d4069", 413567, 1557},
           Case{"rustbitcoin_mainnet_block_"
                "000000000000000000000c835b2adcaedc20fdf6ee440009c249452c726dafae.raw",
                "000000000000000000000c835b2adcaedc20fdf6ee440009c249452c726dafae", 702861, 2500},
       }) {
    SCOPED_TRACE(c.file);
    const Network& network = GetNetwork(NetworkId::kMain);
    const Bytes bytes = ReadFile(absl::StrCat(folder, "/", c.file));
    const auto block = DecodeBlock(network, bytes);
    ASSERT_TRUE(block.ok()) << block.status();
    EXPECT_TRUE(CheckBlock(network, *block).ok()) << CheckBlock(network, *block);
    EXPECT_EQ(ToText(block->hash), c.hash);
    EXPECT_EQ(CoinbaseHeight(block->transactions[0]), c.height);
    EXPECT_EQ(block->transactions.size(), c.transactions);
    Bytes encoded;
    EncodeBlock(*block, &encoded);
    EXPECT_EQ(encoded, bytes);
  }
}

}  // namespace
}  // namespace spoor::bitcoin
