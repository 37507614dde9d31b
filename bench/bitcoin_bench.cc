// Decoding raw blocks beside the least it can cost: the double SHA-256 of the same bytes. Real
// blocks from $SPOOR_REAL_DATA where they are, else one made here.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/block_builder.h"
#include "spoor/bitcoin/block_file.h"

namespace spoor::bitcoin {
namespace {

struct RawBlock {
  std::string name;
  const Network* network;
  Bytes bytes;
};

// Two inputs and two outputs to a transaction, as is common.
RawBlock SyntheticBlock() {
  const Network& network = GetNetwork(NetworkId::kRegtest);
  const Bytes script_pubkey(25, 0x51);
  const std::vector<Bytes> witness = {Bytes(72, 1), Bytes(33, 2)};
  std::vector<TransactionBuilder> builders(3000);
  std::vector<Transaction> transactions;
  for (size_t i = 0; i < builders.size(); ++i) {
    const Txid source =
        Txid::FromBytes(Sha256d(Bytes{static_cast<uint8_t>(i), static_cast<uint8_t>(i >> 8)}));
    for (size_t input = 0; input < 2; ++input) {
      builders[i].AddInput({source, static_cast<uint32_t>(input)});
      if (i % 2 == 0) {
        builders[i].SetWitness(input, witness);
      } else {
        builders[i].SetScriptSig(input, Bytes(107, 3));
      }
      builders[i].AddOutput(*Amount::FromSat(1000 + i), script_pubkey);
    }
    transactions.push_back(builders[i].Build());
  }
  return {"synthetic", &network,
          BuildBlock(network, {.previous = network.genesis,
                               .height = 1,
                               .time = 1'700'000'000,
                               .payouts = {{*Amount::FromSat(50), script_pubkey}},
                               .transactions = transactions})
              .bytes};
}

const std::vector<RawBlock>& Blocks() {
  static const auto& blocks = *[] {
    auto* all = new std::vector<RawBlock>{SyntheticBlock()};
    const char* data = std::getenv("SPOOR_REAL_DATA");
    const std::filesystem::path folder =
        std::filesystem::path(data == nullptr ? "" : data) / "bitcoin" / "big-blocks";
    if (data == nullptr || !std::filesystem::exists(folder)) return all;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      const std::string chars((std::istreambuf_iterator<char>(in)), {});
      const ByteSpan bytes = AsBytes(chars);
      all->push_back({file.filename().string().substr(0, 24), &GetNetwork(NetworkId::kMain),
                      Bytes(bytes.begin(), bytes.end())});
    }
    return all;
  }();
  return blocks;
}

void SetBytes(benchmark::State& state, const RawBlock& raw) {
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(raw.bytes.size()));
}

void BM_Sha256d(benchmark::State& state, const RawBlock& raw) {
  const Digest256 want = Sha256d(raw.bytes);
  for (auto _ : state) {
    if (Sha256d(raw.bytes) != want) state.SkipWithError("the digest changes");
  }
  SetBytes(state, raw);
}

// The hashes that a block cannot do without: each transaction's txid, its wtxid where it differs,
// and the inner nodes of the merkle tree; all over bytes that lie ready.
void BM_HashesOnly(benchmark::State& state, const RawBlock& raw) {
  const auto block = DecodeBlock(*raw.network, raw.bytes);
  if (!block.ok()) return state.SkipWithError("the block does not decode");
  struct Piece {
    Bytes with;
    Bytes without;
    Txid txid;
  };
  std::vector<Piece> pieces;
  std::vector<Digest256> txids;
  for (const Transaction& tx : block->transactions) {
    Transaction stripped = tx;
    for (TxIn& input : stripped.inputs) input.witness = {};
    pieces.push_back(
        {tx.HasWitness() ? EncodeTransaction(tx) : Bytes(), EncodeTransaction(stripped), tx.txid});
    txids.push_back(tx.txid.bytes());
  }
  for (auto _ : state) {
    for (const Piece& piece : pieces) {
      if (Sha256d(piece.without) != piece.txid.bytes()) state.SkipWithError("a wrong txid");
      if (!piece.with.empty()) benchmark::DoNotOptimize(Sha256d(piece.with));
    }
    if (MerkleRoot(txids) != block->header.merkle_root) state.SkipWithError("a wrong root");
  }
  SetBytes(state, raw);
}

void BM_Decode(benchmark::State& state, const RawBlock& raw) {
  Txid last;
  if (const auto block = DecodeBlock(*raw.network, raw.bytes); block.ok()) {
    last = block->transactions.back().txid;
  }
  for (auto _ : state) {
    const auto block = DecodeBlock(*raw.network, raw.bytes);
    if (!block.ok() || block->transactions.back().txid != last) {
      state.SkipWithError("the block does not decode, or not always to the same");
      break;
    }
  }
  SetBytes(state, raw);
}

void BM_DecodeAndMerkleRoot(benchmark::State& state, const RawBlock& raw) {
  for (auto _ : state) {
    const auto block = DecodeBlock(*raw.network, raw.bytes);
    if (!block.ok()) return state.SkipWithError("the block does not decode");
    std::vector<Digest256> txids;
    for (const Transaction& tx : block->transactions) txids.push_back(tx.txid.bytes());
    if (MerkleRoot(txids) != block->header.merkle_root) state.SkipWithError("a wrong root");
  }
  SetBytes(state, raw);
}

void BM_DecodeAndCheck(benchmark::State& state, const RawBlock& raw) {
  for (auto _ : state) {
    const auto block = DecodeBlock(*raw.network, raw.bytes);
    if (!block.ok() || !CheckBlock(*raw.network, *block).ok()) {
      state.SkipWithError("the block does not hold");
      break;
    }
  }
  SetBytes(state, raw);
}

}  // namespace
}  // namespace spoor::bitcoin

int main(int argc, char** argv) {
  using namespace spoor::bitcoin;
  benchmark::Initialize(&argc, argv);
  for (const RawBlock& raw : Blocks()) {
    const auto add = [&raw](const char* what, void (*run)(benchmark::State&, const RawBlock&)) {
      benchmark::RegisterBenchmark((std::string(what) + "/" + raw.name).c_str(),
                                   [&raw, run](benchmark::State& state) { run(state, raw); });
    };
    add("Sha256d", BM_Sha256d);
    add("HashesOnly", BM_HashesOnly);
    add("Decode", BM_Decode);
    add("DecodeAndMerkleRoot", BM_DecodeAndMerkleRoot);
    add("DecodeAndCheck", BM_DecodeAndCheck);
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
