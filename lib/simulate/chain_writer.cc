#include "lib/simulate/chain_writer.h"

#include <algorithm>
#include <utility>

#include "spoor/base/status_macros.h"

namespace spoor::simulate {
namespace {

constexpr size_t kMedianSpan = 11;
// Bitcoin Core fetches up to 1,024 blocks at a time from several peers and stores them as they
// come.
constexpr size_t kMostWaiting = 24;
constexpr double kStaleChance = 0.02;

struct Genesis {
  absl::string_view coinbase_script_sig;
  absl::string_view public_key;
  uint32_t time, nonce;
};

// Both regression test networks share their main network's coinbase.
constexpr Genesis kBitcoinRegtest = {
    "04ffff001d0104455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e2062"
    "72696e6b206f66207365636f6e64206261696c6f757420666f722062616e6b73",
    "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e5"
    "1ec112de5c384df7ba0b8d578a4c702b6bf11d5f",
    1296688602, 2};
constexpr Genesis kLitecoinRegtest = {
    "04ffff001d0104404e592054696d65732030352f4f63742f32303131205374657665204a6f62732c204170706c"
    "65e280997320566973696f6e6172792c2044696573206174203536",
    "040184710fa689ad5023690c80f3a49c8f13f8d45b8c857fbcbc8bc4a8e4d3eb4b10f4d4604fa08dce601aaf0f"
    "470216fe1b51850b4acf21b179c45070ac7b03a9",
    1296688602, 0};

}  // namespace

ChainWriter::ChainWriter(const Network& network, const Options& options)
    : network_(network), options_(options), random_(options.seed, /*stream=*/0x63686169) {}

absl::StatusOr<std::unique_ptr<ChainWriter>> ChainWriter::Create(const std::string& dir,
                                                                 const Network& network,
                                                                 const Options& options) {
  std::unique_ptr<ChainWriter> writer(new ChainWriter(network, options));
  bitcoin::BlockFileWriter::Options file_options;
  if (options.xor_blocks) {
    for (int i = 0; i < 8; ++i) {
      file_options.xor_key.push_back(static_cast<uint8_t>(writer->random_.Between(1, 255)));
    }
  }
  SPOOR_ASSIGN_OR_RETURN(writer->files_,
                         bitcoin::BlockFileWriter::Create(dir, network, file_options));
  const Genesis& genesis =
      network.id == NetworkId::kLitecoinRegtest ? kLitecoinRegtest : kBitcoinRegtest;
  SPOOR_ASSIGN_OR_RETURN(const Bytes script_sig, FromHex(genesis.coinbase_script_sig));
  SPOOR_ASSIGN_OR_RETURN(const Bytes key, FromHex(genesis.public_key));
  Bytes& script_pubkey = writer->genesis_script_;
  script_pubkey.push_back(static_cast<uint8_t>(key.size()));
  AppendBytes(key, &script_pubkey);
  script_pubkey.push_back(0xac);  // OP_CHECKSIG
  bitcoin::TransactionBuilder coinbase(/*version=*/1);
  coinbase.AddInput(bitcoin::OutPoint::Null(), script_sig);
  coinbase.AddOutput(*Amount::FromSat(BlockSubsidy(network, 0)), script_pubkey);
  bitcoin::Block block;
  block.transactions.push_back(coinbase.Build());
  block.header = {1,
                  BlockHash(),
                  block.transactions[0].txid.bytes(),
                  genesis.time,
                  network.pow_limit_bits,
                  genesis.nonce};
  Bytes bytes;
  bitcoin::EncodeBlock(block, &bytes);
  writer->tip_ = bitcoin::HashBlockHeader(bytes);
  SPOOR_CHECK(writer->tip_ == network.genesis);
  SPOOR_RETURN_IF_ERROR(writer->files_->Append(bytes));
  writer->times_.push_back(genesis.time);
  writer->height_ = 1;
  return writer;
}

uint32_t ChainWriter::MedianTimePast() const {
  std::vector<uint32_t> sorted(times_.begin(), times_.end());
  std::sort(sorted.begin(), sorted.end());
  return sorted[sorted.size() / 2];
}

absl::StatusOr<Txid> ChainWriter::Append(uint32_t time, absl::string_view tag,
                                         const std::vector<bitcoin::TxOut>& payouts,
                                         absl::Span<const bitcoin::Transaction> transactions) {
  const bitcoin::BlockPlan plan = {.previous = tip_,
                                   .height = height_,
                                   .time = time,
                                   .payouts = payouts,
                                   .extra = AsBytes(tag),
                                   .transactions = transactions};
  bitcoin::BuiltBlock built = bitcoin::BuildBlock(network_, plan);
  SPOOR_RETURN_IF_ERROR(Write(std::move(built.bytes)));
  // A branch of two must still lose.
  if (options_.messy && height_ + 2 < options_.blocks && random_.Chance(kStaleChance)) {
    SPOOR_RETURN_IF_ERROR(WriteStaleBranch(plan));
  }
  tip_ = built.hash;
  times_.push_back(time);
  if (times_.size() > kMedianSpan) times_.pop_front();
  ++height_;
  return built.coinbase;
}

// Another miner's block on the same parent, with some of the same transactions and a coinbase that
// claims no fees; sometimes with a second block on top.
absl::Status ChainWriter::WriteStaleBranch(const bitcoin::BlockPlan& rival) {
  bitcoin::BlockPlan plan = rival;
  plan.time += 1;
  plan.extra = AsBytes("late");
  plan.payouts = {
      {*Amount::FromSat(BlockSubsidy(network_, plan.height)), rival.payouts[0].script_pubkey}};
  // Any first part of a valid block's transactions is valid.
  plan.transactions = rival.transactions.first(random_.Below(rival.transactions.size() + 1));
  bitcoin::BuiltBlock built = bitcoin::BuildBlock(network_, plan);
  SPOOR_RETURN_IF_ERROR(Write(std::move(built.bytes)));
  ++stale_blocks_;
  if (!random_.Chance(0.3)) return absl::OkStatus();
  plan.previous = built.hash;
  plan.height += 1;
  plan.time += 1;
  plan.payouts[0].value = *Amount::FromSat(BlockSubsidy(network_, plan.height));
  plan.transactions = {};
  ++stale_blocks_;
  return Write(bitcoin::BuildBlock(network_, plan).bytes);
}

absl::Status ChainWriter::Write(Bytes block) {
  if (!options_.messy) return files_->Append(block);
  waiting_.push_back(std::move(block));
  return waiting_.size() < kMostWaiting ? absl::OkStatus() : WriteWaiting();
}

absl::Status ChainWriter::WriteWaiting() {
  const size_t i = random_.Below(waiting_.size());
  std::swap(waiting_[i], waiting_.back());
  const Bytes block = std::move(waiting_.back());
  waiting_.pop_back();
  return files_->Append(block);
}

absl::Status ChainWriter::Close() {
  while (!waiting_.empty()) SPOOR_RETURN_IF_ERROR(WriteWaiting());
  return files_->Close();
}

}  // namespace spoor::simulate
