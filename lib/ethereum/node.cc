#include "spoor/ethereum/node.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/ethereum/field_text.h"
#include "lib/ethereum/node_json.h"
#include "lib/ethereum/rpc.h"
#include "spoor/base/status_macros.h"

namespace spoor::ethereum {
namespace {

constexpr size_t kSmallReply = 64 << 10;
// Of the blocks asked for at once; a single one may be as large.
constexpr size_t kLargestReply = size_t{256} << 20;
// So much is asked for at a time: enough that the way to the node and back does not count.
constexpr size_t kBatchBytes = 4 << 20;
// Providers take no more calls at once.
constexpr uint64_t kMostBatch = 100;

std::string Hex(uint64_t number) { return absl::StrCat("0x", absl::Hex(number)); }
template <typename Hash>
std::string Quoted(const Hash& hash) {
  return absl::StrCat("\"", ToText(hash, HashText::kPrefixed), "\"");
}

class RpcNode final : public NodeClient {
 public:
  explicit RpcNode(std::unique_ptr<NodeHttp> http) : rpc_(std::move(http)) {}

  absl::StatusOr<NodeChain> Chain() override;
  absl::StatusOr<std::vector<BlockHash>> BlockHashes(absl::Span<const uint64_t> heights) override;
  absl::StatusOr<std::vector<BlockData>> Blocks(uint64_t first, uint64_t most) override;
  absl::StatusOr<bool> HasTraces() override;

 private:
  using Results = std::vector<absl::StatusOr<JsonValue>>;
  enum class Receipts { kUnknown, kByBlock, kByTransaction };
  enum class Traces { kUnknown, kParity, kCalls, kNone };

  absl::StatusOr<Results> Call(absl::Span<const RpcCall> calls, size_t most_bytes) {
    auto results = rpc_.Call(calls, most_bytes);
    // Too large is of no more use than no JSON, unless less can be asked for.
    if (absl::IsResourceExhausted(results.status()) && calls.size() == 1) {
      return absl::DataLossError(results.status().message());
    }
    return results;
  }
  absl::Status Annotated(const absl::Status& status) const { return rpc_.Annotated(status); }
  absl::StatusOr<std::vector<BlockData>> BlocksAtOnce(uint64_t first, uint64_t count);
  absl::Status ReadUncles(size_t uncles, BlockData* block);
  absl::Status ReadReceipts(std::vector<BlockData>* blocks);
  absl::Status ReadReceiptsOneByOne(BlockData* block);
  absl::Status ReadTraces(std::vector<BlockData>* blocks);
  // That they are the node's still: not all nodes say of which block their calls are.
  absl::Status Confirm(const std::vector<BlockData>& blocks);
  RpcCall TraceCall(const BlockData& block) const {
    if (traces_ == Traces::kParity) {
      return {"trace_block", absl::StrCat("[\"", Hex(block.header.number), "\"]")};
    }
    return {"debug_traceBlockByNumber",
            absl::StrCat("[\"", Hex(block.header.number), R"(",{"tracer":"callTracer"}])")};
  }

  RpcClient rpc_;
  Receipts receipts_ = Receipts::kUnknown;
  Traces traces_ = Traces::kUnknown;
  uint64_t batch_ = 1;  // blocks to ask for at once
};

absl::StatusOr<NodeChain> RpcNode::Chain() {
  SPOOR_ASSIGN_OR_RETURN(const Results results,
                         Call({{"eth_chainId", "[]"}, {"eth_blockNumber", "[]"}}, kSmallReply));
  NodeChain chain;
  const auto read = [&](size_t i, uint64_t* number) -> absl::Status {
    SPOOR_RETURN_IF_ERROR(results[i].status());
    std::string_view text;
    if (results[i]->get(text) != simdjson::SUCCESS) {
      return absl::DataLossError("found no text, wanted a number, as in 0x1b4");
    }
    SPOOR_ASSIGN_OR_RETURN(
        *number, ParseNumber(absl::string_view(text.data(), text.size()), NumberForm::kHex));
    return absl::OkStatus();
  };
  SPOOR_RETURN_IF_ERROR(Annotated(read(0, &chain.chain_id)));
  SPOOR_RETURN_IF_ERROR(Annotated(read(1, &chain.height)));
  return chain;
}

absl::StatusOr<std::vector<BlockHash>> RpcNode::BlockHashes(absl::Span<const uint64_t> heights) {
  std::vector<RpcCall> calls;
  for (const uint64_t height : heights) {
    calls.push_back({"eth_getBlockByNumber", absl::StrCat("[\"", Hex(height), "\",false]")});
  }
  SPOOR_ASSIGN_OR_RETURN(const Results results, Call(calls, kLargestReply));
  std::vector<BlockHash> hashes;
  for (const auto& result : results) {
    SPOOR_RETURN_IF_ERROR(Annotated(result.status()));
    if (result->is_null()) return absl::NotFoundError("the node has no block so high");
    const auto text = TextField(*result, "hash");
    const auto hash = text.ok() ? ParseHash<BlockHash>(*text) : text.status();
    if (!hash.ok()) return Annotated(hash.status());
    hashes.push_back(*hash);
  }
  return hashes;
}

absl::Status RpcNode::ReadUncles(size_t uncles, BlockData* block) {
  std::vector<RpcCall> calls;
  for (size_t i = 0; i < uncles; ++i) {
    calls.push_back({"eth_getUncleByBlockHashAndIndex",
                     absl::StrCat("[", Quoted(block->header.hash), ",\"", Hex(i), "\"]")});
  }
  SPOOR_ASSIGN_OR_RETURN(const Results results, Call(calls, kLargestReply));
  for (const auto& result : results) {
    // Nodes forget them.
    if (!result.ok() || result->is_null()) {
      block->header.uncles.clear();
      block->header.uncles_known = false;
      return absl::OkStatus();
    }
    SPOOR_ASSIGN_OR_RETURN(const Uncle uncle, ParseUncle(*result));
    block->header.uncles.push_back(uncle);
  }
  return absl::OkStatus();
}

absl::Status RpcNode::ReadReceiptsOneByOne(BlockData* block) {
  std::vector<RpcCall> calls;
  for (const Transaction& tx : block->transactions) {
    calls.push_back({"eth_getTransactionReceipt", absl::StrCat("[", Quoted(tx.hash), "]")});
  }
  for (size_t begin = 0; begin < calls.size(); begin += kMostBatch) {
    const auto some = absl::MakeConstSpan(calls).subspan(begin, kMostBatch);
    SPOOR_ASSIGN_OR_RETURN(const Results results, Call(some, kLargestReply));
    for (const auto& result : results) {
      SPOOR_RETURN_IF_ERROR(result.status());
      if (result->is_null()) {
        return absl::AbortedError(absl::StrCat("the node has no receipt of a transaction of block ",
                                               block->header.number, " now"));
      }
      SPOOR_RETURN_IF_ERROR(AddReceipt(*result, block));
    }
  }
  return absl::OkStatus();
}

absl::Status RpcNode::ReadReceipts(std::vector<BlockData>* blocks) {
  if (receipts_ != Receipts::kByTransaction) {
    std::vector<RpcCall> calls;
    for (const BlockData& block : *blocks) {
      calls.push_back(
          {"eth_getBlockReceipts", absl::StrCat("[\"", Hex(block.header.number), "\"]")});
    }
    SPOOR_ASSIGN_OR_RETURN(const Results results, Call(calls, kLargestReply));
    const bool offered = !absl::IsUnimplemented(results[0].status());
    if (receipts_ == Receipts::kUnknown) {
      receipts_ = offered ? Receipts::kByBlock : Receipts::kByTransaction;
    }
    for (size_t i = 0; offered && i < blocks->size(); ++i) {
      SPOOR_RETURN_IF_ERROR(results[i].status());
      SPOOR_RETURN_IF_ERROR(AddReceipts(*results[i], &(*blocks)[i]));
    }
  }
  for (BlockData& block : *blocks) {
    if (receipts_ == Receipts::kByTransaction) SPOOR_RETURN_IF_ERROR(ReadReceiptsOneByOne(&block));
    if (block.receipts.size() != block.transactions.size()) {
      return absl::DataLossError(absl::StrCat("found ", block.receipts.size(),
                                              " receipts of block ", block.header.number,
                                              ", wanted ", block.transactions.size()));
    }
    block.has_logs = true;
  }
  return absl::OkStatus();
}

absl::Status RpcNode::ReadTraces(std::vector<BlockData>* blocks) {
  // A block of no transactions tells nothing of what the node offers, but its reward.
  while (traces_ != Traces::kNone) {
    const bool sure = traces_ != Traces::kUnknown;
    if (!sure) traces_ = Traces::kParity;
    for (; traces_ != Traces::kNone;
         traces_ = traces_ == Traces::kParity ? Traces::kCalls : Traces::kNone) {
      std::vector<RpcCall> calls;
      for (const BlockData& block : *blocks) calls.push_back(TraceCall(block));
      SPOOR_ASSIGN_OR_RETURN(const Results results, Call(calls, kLargestReply));
      if (!sure && absl::IsUnimplemented(results[0].status())) continue;
      for (size_t i = 0; i < blocks->size(); ++i) {
        SPOOR_RETURN_IF_ERROR(results[i].status());
        SPOOR_RETURN_IF_ERROR(traces_ == Traces::kParity
                                  ? AddParityTraces(*results[i], &(*blocks)[i])
                                  : AddCallTraces(*results[i], &(*blocks)[i]));
      }
      return traces_ == Traces::kCalls ? Confirm(*blocks) : absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

absl::Status RpcNode::Confirm(const std::vector<BlockData>& blocks) {
  std::vector<uint64_t> heights;
  for (const BlockData& block : blocks) heights.push_back(block.header.number);
  SPOOR_ASSIGN_OR_RETURN(const std::vector<BlockHash> hashes, BlockHashes(heights));
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (hashes[i] != blocks[i].header.hash) {
      return absl::AbortedError(
          absl::StrCat("the node's chain changed at block ", blocks[i].header.number));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> RpcNode::HasTraces() {
  if (traces_ == Traces::kUnknown) {
    SPOOR_ASSIGN_OR_RETURN(const NodeChain chain, Chain());
    SPOOR_RETURN_IF_ERROR(BlocksAtOnce(chain.height, 1).status());
  }
  return traces_ != Traces::kNone;
}

absl::StatusOr<std::vector<BlockData>> RpcNode::BlocksAtOnce(uint64_t first, uint64_t count) {
  std::vector<RpcCall> calls;
  for (uint64_t i = 0; i < count; ++i) {
    calls.push_back({"eth_getBlockByNumber", absl::StrCat("[\"", Hex(first + i), "\",true]")});
  }
  std::vector<BlockData> blocks(count);
  std::vector<size_t> uncles(count);
  SPOOR_ASSIGN_OR_RETURN(const Results results, Call(calls, kLargestReply));
  size_t bytes = rpc_.reply_bytes();
  for (size_t i = 0; i < count; ++i) {
    const auto read = [&]() -> absl::Status {
      SPOOR_RETURN_IF_ERROR(results[i].status());
      if (results[i]->is_null()) return absl::NotFoundError("the node has no block so high");
      SPOOR_RETURN_IF_ERROR(ParseBlock(*results[i], &blocks[i], &uncles[i]));
      if (blocks[i].header.number != first + i) {
        return absl::DataLossError(absl::StrCat("found block ", blocks[i].header.number));
      }
      return absl::OkStatus();
    };
    SPOOR_RETURN_IF_ERROR(Annotated(Annotate(read(), absl::StrCat("block ", first + i))));
    if (i > 0 && blocks[i].header.parent != blocks[i - 1].header.hash) {
      return absl::AbortedError(absl::StrCat("the node's chain changed at block ", first + i));
    }
  }
  for (size_t i = 0; i < count; ++i) {
    if (uncles[i] > 0) SPOOR_RETURN_IF_ERROR(Annotated(ReadUncles(uncles[i], &blocks[i])));
  }
  SPOOR_RETURN_IF_ERROR(Annotated(ReadReceipts(&blocks)));
  bytes = std::max(bytes, rpc_.reply_bytes());
  SPOOR_RETURN_IF_ERROR(Annotated(ReadTraces(&blocks)));
  bytes = std::max(bytes, rpc_.reply_bytes());
  batch_ = std::clamp<uint64_t>(kBatchBytes / (bytes / count + 1), 1, kMostBatch);
  return blocks;
}

absl::StatusOr<std::vector<BlockData>> RpcNode::Blocks(uint64_t first, uint64_t most) {
  const uint64_t count = std::min(most, batch_);
  auto blocks = BlocksAtOnce(first, count);
  if (absl::IsResourceExhausted(blocks.status()) && count > 1) {
    batch_ = 1;
    return BlocksAtOnce(first, 1);
  }
  return blocks;
}

}  // namespace

absl::StatusOr<std::unique_ptr<NodeClient>> NodeClient::Create(const Options& options) {
  NodeHttp::Options http_options;
  http_options.url = options.url;
  http_options.timeout = options.timeout;
  http_options.stop = options.stop;
  http_options.unreachable_hint = "; is it running, and is this its HTTP-RPC port?";
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<NodeHttp> http, NodeHttp::Create(http_options));
  return std::make_unique<RpcNode>(std::move(http));
}

}  // namespace spoor::ethereum
