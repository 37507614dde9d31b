#include "spoor/bitcoin/node.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/bitcoin/block_scan.h"
#include "lib/bitcoin/node_reply.h"
#include "spoor/base/node_http.h"
#include "spoor/base/status_macros.h"

namespace spoor::bitcoin {
namespace {

// Of replies with neither blocks nor transactions in them, for each call.
constexpr size_t kSmallReply = 64 << 10;
constexpr size_t kSmallValues = 2'000;
// Hexadecimal, and what stands around it.
constexpr size_t kBlocksReply = 2 * kMaxBlockSize + (1 << 20);
// `getblock HASH 3` has some 10 bytes for each of a block's, and up to 20 values for an input.
constexpr size_t kSpentReply = 96 << 20;
constexpr size_t kSpentValues = 6'000'000;
// How much is asked for at a time: enough that the way to the node and back does not count.
constexpr size_t kBatchBytes = 2 << 20;
constexpr size_t kMostBatch = 500;

class RpcNode final : public NodeClient {
 public:
  explicit RpcNode(std::unique_ptr<NodeHttp> http) : http_(std::move(http)) {}

  absl::StatusOr<NodeChain> Chain() override;
  absl::StatusOr<BlockHash> BestBlock() override;
  absl::StatusOr<std::vector<BlockHash>> BlockHashes(absl::Span<const uint32_t> heights) override;
  absl::StatusOr<std::vector<Bytes>> Blocks(absl::Span<const BlockHash> hashes) override;
  absl::StatusOr<std::vector<std::vector<TxOut>>> ReadSpent(const Block& block,
                                                            Bytes* buffer) override;

 private:
  absl::StatusOr<RpcReplies> Call(absl::Span<const RpcCall> calls, size_t most_bytes,
                                  size_t most_values);
  absl::StatusOr<RpcReplies> SmallCall(absl::Span<const RpcCall> calls) {
    return Call(calls, kSmallReply * calls.size(), kSmallValues * calls.size());
  }
  absl::StatusOr<std::vector<Bytes>> BlocksAtOnce(absl::Span<const BlockHash> hashes);
  absl::Status Annotated(const absl::Status& status) const { return http_->Annotated(status); }

  std::mutex mutex_;
  std::unique_ptr<NodeHttp> http_;
  uint64_t next_id_ = 1;
  size_t block_size_ = kBatchBytes;  // on average, of late
};

absl::StatusOr<RpcReplies> RpcNode::Call(absl::Span<const RpcCall> calls, size_t most_bytes,
                                         size_t most_values) {
  const uint64_t first_id = next_id_;
  next_id_ += calls.size();
  SPOOR_ASSIGN_OR_RETURN(const std::string json,
                         http_->Post(EncodeCalls(first_id, calls), most_bytes));
  auto replies = RpcReplies::Parse(json, first_id, calls, most_values);
  if (!replies.ok()) return Annotated(replies.status());
  return replies;
}

// A reply too large is of no more use than one that is no JSON, unless less can be asked for.
absl::Status Final(absl::Status status) {
  if (!absl::IsResourceExhausted(status)) return status;
  return absl::DataLossError(status.message());
}

absl::StatusOr<NodeChain> RpcNode::Chain() {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto replies = SmallCall({{"getblockchaininfo", "[]"}, {"getblockhash", "[0]"}});
  if (!replies.ok()) return Final(replies.status());
  NodeChain chain;
  const auto read = [&]() -> absl::Status {
    const rapidjson::Value& info = replies->result(0);
    SPOOR_ASSIGN_OR_RETURN(const rapidjson::Value* name, Member(info, "chain"));
    SPOOR_ASSIGN_OR_RETURN(const absl::string_view text, TextOf(*name));
    chain.name = http_->WithoutPassword(text).substr(0, 40);
    SPOOR_ASSIGN_OR_RETURN(const rapidjson::Value* blocks, Member(info, "blocks"));
    SPOOR_ASSIGN_OR_RETURN(chain.height, NumberOf(*blocks));
    SPOOR_ASSIGN_OR_RETURN(const rapidjson::Value* best, Member(info, "bestblockhash"));
    SPOOR_ASSIGN_OR_RETURN(chain.best, HashOf(*best));
    SPOOR_ASSIGN_OR_RETURN(chain.genesis, HashOf(replies->result(1)));
    if (const auto pruned = info.FindMember("pruneheight"); pruned != info.MemberEnd()) {
      SPOOR_ASSIGN_OR_RETURN(chain.pruned_below, NumberOf(pruned->value));
    }
    return absl::OkStatus();
  };
  SPOOR_RETURN_IF_ERROR(Annotated(read()));
  return chain;
}

absl::StatusOr<BlockHash> RpcNode::BestBlock() {
  const std::lock_guard<std::mutex> lock(mutex_);
  const auto replies = SmallCall({{"getbestblockhash", "[]"}});
  if (!replies.ok()) return Final(replies.status());
  const auto hash = HashOf(replies->result(0));
  if (!hash.ok()) return Annotated(hash.status());
  return hash;
}

absl::StatusOr<std::vector<BlockHash>> RpcNode::BlockHashes(absl::Span<const uint32_t> heights) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<RpcCall> calls;
  for (const uint32_t height : heights) {
    calls.push_back({"getblockhash", absl::StrCat("[", height, "]")});
  }
  const auto replies = Call(calls, kSmallReply + 1'000 * calls.size(), 20 * calls.size() + 20);
  if (!replies.ok()) return Final(replies.status());
  std::vector<BlockHash> hashes;
  for (size_t i = 0; i < calls.size(); ++i) {
    const auto hash = HashOf(replies->result(i));
    if (!hash.ok()) return Annotated(hash.status());
    hashes.push_back(*hash);
  }
  return hashes;
}

absl::StatusOr<std::vector<Bytes>> RpcNode::BlocksAtOnce(absl::Span<const BlockHash> hashes) {
  std::vector<RpcCall> calls;
  for (const BlockHash& hash : hashes) {
    calls.push_back({"getblock", absl::StrCat("[\"", ToText(hash), "\",0]")});
  }
  SPOOR_ASSIGN_OR_RETURN(const RpcReplies replies,
                         Call(calls, kBlocksReply, 20 * calls.size() + 20));
  std::vector<Bytes> blocks;
  size_t bytes = 0;
  for (size_t i = 0; i < calls.size(); ++i) {
    const auto context = [&] { return absl::StrCat("block ", ToText(hashes[i])); };
    absl::StatusOr<Bytes> block = BytesOf(replies.result(i));
    if (!block.ok()) return Annotated(Annotate(block.status(), context()));
    if (block->size() < BlockHeader::kSize) {
      return Annotated(Annotate(
          absl::DataLossError(absl::StrCat("found ", block->size(), " bytes, wanted a block")),
          context()));
    }
    const BlockHash found = HashBlockHeader(ByteSpan(*block).first(BlockHeader::kSize));
    if (found != hashes[i]) {
      return Annotated(absl::DataLossError(
          absl::StrCat("found block ", ToText(found), ", wanted ", ToText(hashes[i]))));
    }
    bytes += block->size();
    blocks.push_back(*std::move(block));
  }
  block_size_ = bytes / blocks.size();
  return blocks;
}

absl::StatusOr<std::vector<Bytes>> RpcNode::Blocks(absl::Span<const BlockHash> hashes) {
  if (hashes.empty()) return std::vector<Bytes>();
  const std::lock_guard<std::mutex> lock(mutex_);
  const size_t count = std::min(hashes.size(), kBatchBytes / block_size_);
  auto blocks = BlocksAtOnce(hashes.first(std::clamp<size_t>(count, 1, kMostBatch)));
  if (absl::IsResourceExhausted(blocks.status())) blocks = BlocksAtOnce(hashes.first(1));
  if (!blocks.ok()) return Final(blocks.status());
  return blocks;
}

absl::StatusOr<std::vector<std::vector<TxOut>>> RpcNode::ReadSpent(const Block& block,
                                                                   Bytes* buffer) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const RpcCall call{"getblock", absl::StrCat("[\"", ToText(block.hash), "\",3]")};
  const auto replies = Call({call}, kSpentReply, kSpentValues);
  if (!replies.ok()) return Final(replies.status());
  auto spent = SpentOf(replies->result(0), block, buffer);
  if (!spent.ok()) {
    return Annotated(Annotate(spent.status(), absl::StrCat("block ", ToText(block.hash))));
  }
  return spent;
}

}  // namespace

absl::StatusOr<std::unique_ptr<NodeClient>> NodeClient::Create(const Options& options) {
  NodeHttp::Options http_options;
  http_options.url = options.url;
  http_options.cookie_file = options.cookie_file;
  http_options.timeout = options.timeout;
  http_options.stop = options.stop;
  http_options.unreachable_hint = "; is it running, with server=1, and is this its RPC port?";
  http_options.forbidden_hint = " (its rpcallowip)";
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<NodeHttp> http, NodeHttp::Create(http_options));
  return std::make_unique<RpcNode>(std::move(http));
}

}  // namespace spoor::bitcoin
