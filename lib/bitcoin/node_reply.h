#ifndef SPOOR_LIB_BITCOIN_NODE_REPLY_H_
#define SPOOR_LIB_BITCOIN_NODE_REPLY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "rapidjson/document.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/block.h"
#include "spoor/chain/amount.h"
#include "spoor/chain/hash.h"

namespace spoor::bitcoin {

struct RpcCall {
  const char* method;
  std::string params;  // a JSON array
};

// The calls as one JSON-RPC batch, with ids from `first_id` on.
std::string EncodeCalls(uint64_t first_id, absl::Span<const RpcCall> calls);

// What a node answers to a batch of calls. Numbers are kept as text: no amount becomes a floating
// point number on its way.
class RpcReplies {
 public:
  // DATA_LOSS unless `json` is a list of just one answer to each call; the node's error, if it
  // answers a call with one, as NodeClient has them. More than `most_values` values in the whole
  // are DATA_LOSS too, so that memory stays in proportion.
  static absl::StatusOr<RpcReplies> Parse(absl::string_view json, uint64_t first_id,
                                          absl::Span<const RpcCall> calls, size_t most_values);

  // The result of call `i`, never an error.
  const rapidjson::Value& result(size_t i) const { return *results_[i]; }

 private:
  rapidjson::Document document_;
  std::vector<const rapidjson::Value*> results_;
};

// A member of an object; DATA_LOSS if `object` is none or has no such member.
absl::StatusOr<const rapidjson::Value*> Member(const rapidjson::Value& object, const char* name);

// Fields, DATA_LOSS if they are something else.
absl::StatusOr<absl::string_view> TextOf(const rapidjson::Value& value);
absl::StatusOr<BlockHash> HashOf(const rapidjson::Value& value);
absl::StatusOr<uint32_t> NumberOf(const rapidjson::Value& value);
absl::StatusOr<Bytes> BytesOf(const rapidjson::Value& value);
// Coins, with up to eight digits after the point.
absl::StatusOr<Amount> AmountOf(const rapidjson::Value& value);

// The outputs that `block`'s inputs spend, from the result of `getblock HASH 3`. Scripts are put
// into `*arena`. NOT_FOUND if the node does not say; DATA_LOSS if it speaks of another block.
absl::StatusOr<std::vector<std::vector<TxOut>>> SpentOf(const rapidjson::Value& result,
                                                        const Block& block, Bytes* arena);

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_NODE_REPLY_H_
