#include "spoor/bitcoin/block_builder.h"

#include <algorithm>
#include <utility>

#include "lib/bitcoin/commitment.h"
#include "spoor/base/status_macros.h"

namespace spoor::bitcoin {
namespace {

constexpr uint8_t kOp1 = 0x51;

// The shortest script that pushes `height`, as BIP 34 wants it.
Bytes PushHeight(uint32_t height) {
  if (height == 0) return {0};
  if (height <= 16) return {static_cast<uint8_t>(kOp1 + height - 1)};
  Bytes digits;
  for (uint64_t left = height; left > 0; left >>= 8) digits.push_back(static_cast<uint8_t>(left));
  // The highest bit is the sign.
  if ((digits.back() & 0x80) != 0) digits.push_back(0);
  digits.insert(digits.begin(), static_cast<uint8_t>(digits.size()));
  return digits;
}

}  // namespace

Bytes EncodeWitness(absl::Span<const Bytes> items) {
  Bytes out;
  AppendCompactSize(items.size(), &out);
  for (const Bytes& item : items) {
    AppendCompactSize(item.size(), &out);
    AppendBytes(item, &out);
  }
  return out;
}

TransactionBuilder& TransactionBuilder::AddInput(const OutPoint& prevout, ByteSpan script_sig,
                                                 uint32_t sequence) {
  tx_.inputs.push_back({prevout, Keep(Bytes(script_sig.begin(), script_sig.end())), sequence, {}});
  return *this;
}

TransactionBuilder& TransactionBuilder::AddOutput(Amount value, ByteSpan script_pubkey) {
  tx_.outputs.push_back({value, Keep(Bytes(script_pubkey.begin(), script_pubkey.end()))});
  return *this;
}

TransactionBuilder& TransactionBuilder::SetLockTime(uint32_t lock_time) {
  tx_.lock_time = lock_time;
  return *this;
}

TransactionBuilder& TransactionBuilder::SetScriptSig(size_t input, ByteSpan script_sig) {
  SPOOR_CHECK(input < tx_.inputs.size());
  tx_.inputs[input].script_sig = Keep(Bytes(script_sig.begin(), script_sig.end()));
  return *this;
}

TransactionBuilder& TransactionBuilder::SetWitness(size_t input, absl::Span<const Bytes> items) {
  SPOOR_CHECK(input < tx_.inputs.size());
  tx_.inputs[input].witness = Keep(EncodeWitness(items));
  return *this;
}

Transaction TransactionBuilder::Build() const {
  Transaction tx = tx_;
  ComputeIds(&tx);
  return tx;
}

ByteSpan TransactionBuilder::Keep(Bytes bytes) { return kept_.emplace_back(std::move(bytes)); }

BuiltBlock BuildBlock(const Network& network, const BlockPlan& plan) {
  Bytes script_sig = PushHeight(plan.height);
  SPOOR_CHECK(plan.extra.size() <= 75);  // more would need another opcode
  // An empty push too: a coinbase's script has at least two bytes.
  script_sig.push_back(static_cast<uint8_t>(plan.extra.size()));
  AppendBytes(plan.extra, &script_sig);
  TransactionBuilder coinbase;
  coinbase.AddInput(OutPoint::Null(), script_sig);
  for (const TxOut& payout : plan.payouts) coinbase.AddOutput(payout.value, payout.script_pubkey);

  Block block;
  block.transactions.push_back(coinbase.Build());
  block.transactions.insert(block.transactions.end(), plan.transactions.begin(),
                            plan.transactions.end());
  if (std::any_of(plan.transactions.begin(), plan.transactions.end(),
                  [](const Transaction& tx) { return tx.HasWitness(); })) {
    const Bytes reserved(32, 0);
    const Digest256 commitment = Sha256d({WitnessRoot(block.transactions), reserved});
    Bytes script(kCommitmentMark.begin(), kCommitmentMark.end());
    AppendBytes(commitment, &script);
    coinbase.AddOutput(Amount(), script);
    coinbase.SetWitness(0, {reserved});
    block.transactions[0] = coinbase.Build();
  }

  std::vector<Digest256> txids;
  for (const Transaction& tx : block.transactions) txids.push_back(tx.txid.bytes());
  block.header = {.version = 0x20000000,  // BIP 9
                  .previous = plan.previous,
                  .merkle_root = MerkleRoot(txids),
                  .time = plan.time,
                  .bits = plan.bits != 0 ? plan.bits : network.pow_limit_bits,
                  .nonce = 0};
  Mine(network, &block.header);
  BuiltBlock built;
  EncodeBlock(block, &built.bytes);
  built.hash = HashBlockHeader(built.bytes);
  built.coinbase = block.transactions[0].txid;
  return built;
}

void Mine(const Network& network, BlockHeader* header) {
  Bytes bytes;
  while (true) {
    bytes.clear();
    EncodeBlockHeader(*header, &bytes);
    if (CheckProofOfWork(network, bytes).ok()) return;
    if (++header->nonce == 0) ++header->time;
  }
}

}  // namespace spoor::bitcoin
