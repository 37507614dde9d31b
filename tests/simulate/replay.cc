#include "tests/simulate/replay.h"

#include <stdlib.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/address.h"
#include "spoor/chain/script.h"

namespace spoor::simulate {
namespace {

constexpr uint32_t kMaturity = 100;
constexpr uint64_t kMostWeight = 4'000'000;

absl::Status Broken(uint32_t height, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("block ", height, ": ", what));
}

// The records of the longest chain, genesis first. All blocks of a regtest are of equal work.
absl::StatusOr<std::vector<bitcoin::BlockRecord>> LongestChain(bitcoin::BlockDirectory* dir,
                                                               const Network& network,
                                                               uint64_t* records) {
  absl::flat_hash_map<BlockHash, bitcoin::BlockRecord> by_hash;
  SPOOR_RETURN_IF_ERROR(dir->Scan(
                               [&by_hash](const bitcoin::BlockRecord& record) {
                                 by_hash.emplace(record.hash, record);
                                 return absl::OkStatus();
                               },
                               nullptr)
                            .status());
  *records = by_hash.size();
  std::vector<bitcoin::BlockRecord> longest;
  for (const auto& [tip, unused] : by_hash) {
    std::vector<bitcoin::BlockRecord> chain;
    auto it = by_hash.find(tip);
    for (; it != by_hash.end(); it = by_hash.find(it->second.previous)) {
      chain.push_back(it->second);
    }
    if (chain.back().hash == network.genesis && chain.size() > longest.size()) {
      longest = std::move(chain);
    }
  }
  std::reverse(longest.begin(), longest.end());
  return longest;
}

uint64_t Weight(const bitcoin::Transaction& tx) {
  const uint64_t total = bitcoin::EncodeTransaction(tx).size();
  uint64_t witness = 0;
  if (tx.HasWitness()) {
    witness = 2;
    for (const bitcoin::TxIn& input : tx.inputs) {
      witness += std::max<size_t>(1, input.witness.size());
    }
  }
  return 4 * (total - witness) + witness;
}

}  // namespace

ScratchFolder::ScratchFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "spoor_simulate_XXXXXX").string();
  EXPECT_NE(mkdtemp(name.data()), nullptr);
  path_ = name;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<rapidjson::Document> ReadJsonLines(const std::string& path) {
  std::vector<rapidjson::Document> documents;
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  for (std::string line; std::getline(file, line);) {
    documents.emplace_back();
    documents.back().Parse(line.data(), line.size());
    EXPECT_TRUE(!documents.back().HasParseError() && documents.back().IsObject()) << line;
  }
  return documents;
}

uint64_t AmountOf(const rapidjson::Value& value) {
  uint64_t amount = 0;
  EXPECT_TRUE(value.IsString() && absl::SimpleAtoi(value.GetString(), &amount));
  return amount;
}

uint64_t Replay::UnspentTotal() const {
  uint64_t total = 0;
  for (const auto& [outpoint, output] : unspent) total += output.value;
  return total;
}

absl::StatusOr<Replay> ReplayBlocks(const std::string& dir, const Network& network,
                                    const BlockVisitor& visit) {
  SPOOR_ASSIGN_OR_RETURN(const auto files, bitcoin::BlockDirectory::Open(dir, network));
  Replay replay;
  SPOOR_ASSIGN_OR_RETURN(const std::vector<bitcoin::BlockRecord> chain,
                         LongestChain(files.get(), network, &replay.records));
  std::vector<uint32_t> times;
  Bytes buffer;
  for (uint32_t height = 0; height < chain.size(); ++height) {
    SPOOR_RETURN_IF_ERROR(files->ReadBlock(chain[height], &buffer));
    SPOOR_ASSIGN_OR_RETURN(const bitcoin::Block block, bitcoin::DecodeBlock(network, buffer));
    SPOOR_RETURN_IF_ERROR(bitcoin::CheckBlock(network, block));
    if (height > 0) {
      if (bitcoin::CoinbaseHeight(block.transactions[0]) != height) {
        return Broken(height, "the coinbase states another height");
      }
      std::vector<uint32_t> last(times.end() - std::min<size_t>(11, times.size()), times.end());
      std::sort(last.begin(), last.end());
      if (block.header.time <= last[last.size() / 2]) return Broken(height, "too early a time");
    }
    times.push_back(block.header.time);

    absl::flat_hash_map<bitcoin::OutPoint, Replay::UnspentOutput> spent;
    uint64_t weight = 4 * 83;
    uint64_t fees = 0;
    for (const bitcoin::Transaction& tx : block.transactions) {
      weight += Weight(tx);
      uint64_t in = 0;
      for (const bitcoin::TxIn& input : tx.inputs) {
        if (tx.IsCoinbase()) continue;
        const auto it = replay.unspent.find(input.prevout);
        if (it == replay.unspent.end()) return Broken(height, "spends what is not there");
        if (it->second.coinbase && it->second.height + kMaturity > height) {
          return Broken(height, "spends an immature coinbase");
        }
        if (it->second.height == height) ++replay.same_block_spends;
        in += it->second.value;
        spent.insert(*it);
        replay.unspent.erase(it);
        ++replay.inputs;
      }
      uint64_t out = 0;
      for (uint32_t i = 0; i < tx.outputs.size(); ++i) {
        const bitcoin::TxOut& output = tx.outputs[i];
        out += output.value.sat();
        ++replay.outputs;
        const ScriptId id = ClassifyScript(output.script_pubkey);
        if (id.kind != ScriptKind::kUnspendable) ++replay.scripts[ScriptText(network, id)];
        if (id.kind == ScriptKind::kUnspendable || height == 0) {
          replay.unspendable += output.value.sat();
          continue;
        }
        replay.unspent[{tx.txid, i}] = {
            output.value.sat(), height, tx.IsCoinbase(),
            Bytes(output.script_pubkey.begin(), output.script_pubkey.end())};
      }
      ++replay.transactions;
      if (tx.IsCoinbase()) {
        replay.minted += out;
        continue;
      }
      if (out > in) return Broken(height, "pays out more than it takes in");
      fees += in - out;
    }
    replay.fees += fees;
    replay.minted -= fees;
    if (weight > kMostWeight) return Broken(height, "too heavy");
    uint64_t coinbase = 0;
    for (const bitcoin::TxOut& output : block.transactions[0].outputs) {
      coinbase += output.value.sat();
    }
    if (coinbase != BlockSubsidy(network, height) + fees) {
      return Broken(height, "the coinbase does not claim subsidy and fees");
    }
    ++replay.blocks;
    replay.tip = chain[height].hash;
    replay.chain.push_back(chain[height].hash);
    if (visit) visit(height, block, spent);
  }
  return replay;
}

}  // namespace spoor::simulate
