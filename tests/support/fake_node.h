#ifndef SPOOR_TESTS_SUPPORT_FAKE_NODE_H_
#define SPOOR_TESTS_SUPPORT_FAKE_NODE_H_

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/types/span.h"
#include "tests/support/test_chain.h"

namespace spoor {

// What a server writes to a connection, word for word.
struct HttpResponse {
  std::string bytes;
  bool close = false;   // the connection, afterwards
  bool repeat = false;  // without end
  bool hang = false;    // nothing more, and the connection stays open
};
HttpResponse HttpOk(const std::string& body);
HttpResponse HttpError(int status);

// Answers POST requests on loopback, from threads of its own, until it is destroyed.
class HttpServer {
 public:
  struct Request {
    std::string head;
    std::string body;
  };
  explicit HttpServer(std::function<HttpResponse(const Request&)> answer);
  ~HttpServer();

  int port() const { return port_; }
  std::string url() const;

 private:
  void Accept();
  void Serve(int connection);
  // The first bytes of a connection are a request's; nullopt at its end.
  std::optional<Request> Read(int connection);
  bool Write(int connection, const std::string& bytes);

  const std::function<HttpResponse(const Request&)> answer_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> stop_ = false;
  std::vector<std::thread> connections_;  // the accepting thread's
  std::thread thread_;
};

// Speaks as Bitcoin Core does of a chain that a test gives it.
class FakeNode {
 public:
  FakeNode();

  std::string url() const { return server_.url(); }

  // The active chain, from the first block on. The node never forgets a block it had.
  void SetChain(absl::Span<const TestBlock> chain);
  // What `getblock HASH 3` answers; without, an error.
  void SetVerbose(const std::string& hash, const std::string& json);

  // What the node does otherwise than a good one would. Called without locks, from its threads, for
  // each request, and for each call in it with the JSON of its result. Set them before it is asked.
  std::function<std::optional<HttpResponse>(const HttpServer::Request&)> instead;
  std::function<void(const std::string& method, std::string* result)> tamper;

 private:
  struct Result {
    std::string json;
    bool error = false;
  };
  HttpResponse Answer(const HttpServer::Request& request);
  Result Call(const std::string& method, const std::vector<std::string>& params);

  std::mutex mutex_;
  std::vector<std::string> chain_;             // hashes
  std::map<std::string, std::string> blocks_;  // hex, by hash
  std::map<std::string, std::string> verbose_;
  HttpServer server_;  // last: its threads use the others
};

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_FAKE_NODE_H_
