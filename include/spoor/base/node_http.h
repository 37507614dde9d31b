#ifndef SPOOR_BASE_NODE_HTTP_H_
#define SPOOR_BASE_NODE_HTTP_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace spoor {

// Requests to a node over HTTP, one at a time, over one connection while it lasts. The node is not
// trusted: replies are bounded in size and time. For one thread.
class NodeHttp {
 public:
  struct Options {
    // http://[USER:PASSWORD@]HOST:PORT, or https.
    std::string url;
    // A file that holds USER:PASSWORD, read again when they are refused. Empty: none.
    std::string cookie_file;
    // For one request, at most.
    std::chrono::milliseconds timeout = std::chrono::seconds(120);
    // Asked once a second, at least, while a request is under way; from the thread that made it.
    std::function<bool()> stop;
    // What may be the matter where nothing listens, and where this machine is not let in: they end
    // messages.
    std::string unreachable_hint;
    std::string forbidden_hint;
  };

  // Does not speak to the node yet. INVALID_ARGUMENT if the URL is none, or if it has a user and
  // there is a cookie file as well; NOT_FOUND or DATA_LOSS for the cookie file. No message has the
  // password in it, here and below.
  static absl::StatusOr<std::unique_ptr<NodeHttp>> Create(const Options& options);
  virtual ~NodeHttp() = default;

  // The body of the reply to a POST of `body`. UNAVAILABLE if the node cannot be reached, does not
  // answer in time, breaks off or is busy; PERMISSION_DENIED if it refuses user and password, or
  // this machine; RESOURCE_EXHAUSTED if the reply is more than `limit` bytes; FAILED_PRECONDITION
  // if it is no such server; CANCELLED if `Options::stop` said so.
  virtual absl::StatusOr<std::string> Post(absl::string_view body, size_t limit) = 0;

  // The node's URL, without user and password.
  virtual const std::string& where() const = 0;

  // `text`, which may be the node's words, without the password, should it be in there.
  virtual std::string WithoutPassword(absl::string_view text) const = 0;
  // `status`, which may have the node's words in it: without the password, after "node URL".
  absl::Status Annotated(const absl::Status& status) const;
};

}  // namespace spoor

#endif  // SPOOR_BASE_NODE_HTTP_H_
