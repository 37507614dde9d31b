#ifndef SPOOR_LIB_BITCOIN_NODE_HTTP_H_
#define SPOOR_LIB_BITCOIN_NODE_HTTP_H_

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/bitcoin/node.h"

namespace spoor::bitcoin {

// Requests to a node over HTTP, one at a time, over one connection while it lasts. Errors as
// NodeClient has them.
class NodeHttp {
 public:
  static absl::StatusOr<std::unique_ptr<NodeHttp>> Create(const NodeClient::Options& options);
  virtual ~NodeHttp() = default;

  // The body of the reply to a POST of `body`. RESOURCE_EXHAUSTED if it is more than `limit` bytes.
  virtual absl::StatusOr<std::string> Post(absl::string_view body, size_t limit) = 0;

  // The node's URL, without user and password.
  virtual const std::string& where() const = 0;
};

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_NODE_HTTP_H_
