#ifndef SPOOR_LIB_ETHEREUM_RPC_H_
#define SPOOR_LIB_ETHEREUM_RPC_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "simdjson.h"
#include "spoor/base/node_http.h"

namespace spoor::ethereum {

using JsonValue = simdjson::dom::element;

struct RpcCall {
  std::string method;
  std::string params;  // a JSON array
};

// Calls to a node, several in one request. What comes back is good until the next Call().
class RpcClient {
 public:
  explicit RpcClient(std::unique_ptr<NodeHttp> http) : http_(std::move(http)) {}

  // The result of each call, or the node's error: UNIMPLEMENTED if it does not know the method,
  // else FAILED_PRECONDITION. The call as a whole fails as NodeHttp::Post(), and with DATA_LOSS
  // unless the reply is a list of just one answer to each call.
  absl::StatusOr<std::vector<absl::StatusOr<JsonValue>>> Call(absl::Span<const RpcCall> calls,
                                                              size_t most_bytes);

  size_t reply_bytes() const { return reply_.size(); }  // of the last one
  const std::string& where() const { return http_->where(); }
  // NodeHttp::Annotated().
  absl::Status Annotated(const absl::Status& status) const { return http_->Annotated(status); }

 private:
  std::unique_ptr<NodeHttp> http_;
  std::string reply_;
  simdjson::dom::parser parser_{/*max_capacity=*/size_t{1} << 30};
  uint64_t next_id_ = 1;
};

// Fields of an object; DATA_LOSS, naming the field, if it is missing or something else.
absl::StatusOr<absl::string_view> TextField(const JsonValue& object, const char* name);
absl::StatusOr<simdjson::dom::array> ListField(const JsonValue& object, const char* name);
// Whether it is there and not null.
bool HasField(const JsonValue& object, const char* name);

}  // namespace spoor::ethereum

#endif  // SPOOR_LIB_ETHEREUM_RPC_H_
