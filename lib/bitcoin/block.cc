#include "spoor/bitcoin/block.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/bitcoin/commitment.h"
#include "lib/bitcoin/cursor.h"
#include "lib/bitcoin/decode.h"
#include "spoor/base/status_macros.h"

namespace spoor::bitcoin {
namespace {

// The commitment; nullopt if the coinbase has none. Of several the last counts.
std::optional<ByteSpan> WitnessCommitment(const Transaction& coinbase) {
  for (auto output = coinbase.outputs.rbegin(); output != coinbase.outputs.rend(); ++output) {
    const ByteSpan script = output->script_pubkey;
    if (script.size() >= kCommitmentMark.size() + 32 &&
        std::equal(kCommitmentMark.begin(), kCommitmentMark.end(), script.begin())) {
      return script.subspan(kCommitmentMark.size(), 32);
    }
  }
  return std::nullopt;
}

absl::Status CheckWitnesses(const Block& block) {
  const bool any = std::any_of(block.transactions.begin(), block.transactions.end(),
                               [](const Transaction& tx) { return tx.HasWitness(); });
  if (!any) return absl::OkStatus();
  const Transaction& coinbase = block.transactions.front();
  const std::optional<ByteSpan> commitment = WitnessCommitment(coinbase);
  if (!commitment.has_value()) {
    return absl::DataLossError("the block has witnesses and its coinbase no commitment to them");
  }
  const std::vector<ByteSpan> reserved = WitnessItems(coinbase.inputs[0].witness);
  if (reserved.size() != 1 || reserved[0].size() != 32) {
    return absl::DataLossError(
        absl::StrCat("the coinbase's witness is ", reserved.size(),
                     " items, wanted one of 32 bytes for the witness commitment"));
  }
  const Digest256 want = Sha256d({WitnessRoot(block.transactions), reserved[0]});
  if (ByteSpan(want) != *commitment) {
    return absl::DataLossError(absl::StrCat("the witness commitment is ", ToHex(*commitment),
                                            ", the block's witnesses give ", ToHex(want)));
  }
  return absl::OkStatus();
}

}  // namespace

BlockHeader DecodeBlockHeader(ByteSpan bytes) {
  SPOOR_CHECK(bytes.size() >= BlockHeader::kSize);
  BlockHeader header;
  header.version = static_cast<int32_t>(LoadLe32(bytes.data()));
  header.previous = BlockHash::FromBytes(bytes.subspan(4, 32));
  std::copy_n(bytes.begin() + 36, 32, header.merkle_root.begin());
  header.time = LoadLe32(bytes.data() + 68);
  header.bits = LoadLe32(bytes.data() + 72);
  header.nonce = LoadLe32(bytes.data() + 76);
  return header;
}

void EncodeBlockHeader(const BlockHeader& header, Bytes* out) {
  AppendLe32(static_cast<uint32_t>(header.version), out);
  AppendBytes(header.previous.span(), out);
  AppendBytes(header.merkle_root, out);
  AppendLe32(header.time, out);
  AppendLe32(header.bits, out);
  AppendLe32(header.nonce, out);
}

BlockHash HashBlockHeader(ByteSpan header_bytes) {
  SPOOR_CHECK(header_bytes.size() >= BlockHeader::kSize);
  return BlockHash::FromBytes(Sha256d(header_bytes.first(BlockHeader::kSize)));
}

absl::StatusOr<Block> DecodeBlock(const Network& network, ByteSpan bytes) {
  Block block;
  SPOOR_RETURN_IF_ERROR(DecodeBlock(network, bytes, &block));
  return block;
}

absl::Status DecodeBlock(const Network& network, ByteSpan bytes, Block* block) {
  if (bytes.size() < BlockHeader::kSize) {
    return absl::DataLossError(
        absl::StrCat("a block of ", bytes.size(), " bytes, its header has ", BlockHeader::kSize));
  }
  block->header = DecodeBlockHeader(bytes);
  block->hash = HashBlockHeader(bytes);
  Cursor in(bytes.subspan(BlockHeader::kSize), /*base=*/BlockHeader::kSize);
  const size_t count = in.Count(kMinTransactionSize);
  if (count == 0) in.Fail("a block without transactions");
  block->transactions.resize(count);
  TransactionIds ids(bytes.size());
  for (size_t i = 0; i < count; ++i) {
    const size_t at = in.offset();
    Transaction& tx = block->transactions[i];
    TransactionBytes tx_bytes;
    DecodeTransaction(network, &in, &tx, &tx_bytes);
    if (tx.IsCoinbase() != (i == 0)) {
      in.Fail(at, i == 0 ? "the first transaction is no coinbase"
                         : absl::StrCat("transaction ", i, " is a second coinbase"));
    }
    if (!in.ok()) return Annotate(in.status(), absl::StrCat("transaction ", i, " of ", count));
    ids.Add(tx_bytes, &tx);
  }
  if (in.remaining() != 0 && !block->transactions.back().hogex) {
    in.Fail(absl::StrCat(in.remaining(), " bytes left over after the block"));
  }
  SPOOR_RETURN_IF_ERROR(in.status());
  ids.Set();
  return absl::OkStatus();
}

void EncodeBlock(const Block& block, Bytes* out) {
  EncodeBlockHeader(block.header, out);
  AppendCompactSize(block.transactions.size(), out);
  for (const Transaction& tx : block.transactions) EncodeTransaction(tx, out);
}

Digest256 MerkleRoot(absl::Span<const Digest256> leaves, bool* mutated) {
  if (mutated != nullptr) *mutated = false;
  if (leaves.empty()) return Digest256{};
  std::vector<Digest256> level(leaves.begin(), leaves.end());
  std::vector<Digest256> above;
  std::vector<ByteSpan> pairs;
  while (level.size() > 1) {
    const size_t whole_pairs = level.size() / 2;
    for (size_t i = 0; mutated != nullptr && i < whole_pairs; ++i) {
      if (level[2 * i] == level[2 * i + 1]) *mutated = true;
    }
    if (level.size() % 2 != 0) level.push_back(Digest256(level.back()));
    above.resize(level.size() / 2);
    pairs.clear();
    // Digests beside each other are the bytes of both.
    static_assert(sizeof(Digest256) == 32);
    const auto* const bytes = reinterpret_cast<const uint8_t*>(level.data());
    for (size_t i = 0; i < above.size(); ++i) {
      pairs.emplace_back(bytes + i * 2 * sizeof(Digest256), 2 * sizeof(Digest256));
    }
    Sha256dOfEach(pairs, absl::MakeSpan(above));
    std::swap(level, above);
  }
  return level[0];
}

absl::Status CheckBlock(const Network& network, const Block& block) {
  Bytes header;
  EncodeBlockHeader(block.header, &header);
  SPOOR_RETURN_IF_ERROR(CheckProofOfWork(network, header));
  std::vector<Digest256> txids;
  txids.reserve(block.transactions.size());
  for (const Transaction& tx : block.transactions) txids.push_back(tx.txid.bytes());
  bool mutated = false;
  const Digest256 root = MerkleRoot(txids, &mutated);
  if (root != block.header.merkle_root) {
    return absl::DataLossError(absl::StrCat(
        "the header's merkle root is ", HashToText(block.header.merkle_root, HashText::kReversed),
        ", the transactions give ", HashToText(root, HashText::kReversed)));
  }
  if (mutated) {
    return absl::DataLossError(
        "the block repeats transactions behind an honest merkle root (CVE-2012-2459)");
  }
  return CheckWitnesses(block);
}

std::optional<uint32_t> CoinbaseHeight(const Transaction& coinbase) {
  if (coinbase.inputs.empty()) return std::nullopt;
  const ByteSpan script = coinbase.inputs[0].script_sig;
  if (script.empty()) return std::nullopt;
  const uint8_t opcode = script[0];
  if (opcode >= 0x51 && opcode <= 0x60) return opcode - 0x50;  // OP_1 to OP_16
  // A pushed number: little-endian, the highest bit its sign. Four bytes of height and one of sign
  // is the longest that fits.
  if (opcode > 5 || script.size() < 1u + opcode) return std::nullopt;
  uint64_t height = 0;
  for (size_t i = 0; i < opcode; ++i) height |= uint64_t{script[1 + i]} << (8 * i);
  const bool negative = opcode > 0 && (script[opcode] & 0x80) != 0;
  if (negative || height > std::numeric_limits<uint32_t>::max()) return std::nullopt;
  return static_cast<uint32_t>(height);
}

Digest256 WitnessRoot(absl::Span<const Transaction> transactions) {
  std::vector<Digest256> wtxids;
  wtxids.reserve(transactions.size());
  for (const Transaction& tx : transactions) wtxids.push_back(tx.wtxid);
  if (!wtxids.empty()) wtxids[0] = Digest256{};
  return MerkleRoot(wtxids);
}

}  // namespace spoor::bitcoin
