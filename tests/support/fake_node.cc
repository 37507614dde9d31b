#include "tests/support/fake_node.h"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "rapidjson/document.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/hash.h"

namespace spoor {
namespace {

constexpr int kPollMilliseconds = 20;

std::string Quote(const std::string& text) { return absl::StrCat("\"", text, "\""); }

std::string RpcError(int code, const std::string& message) {
  return absl::StrCat(R"({"code":)", code, R"(,"message":")", message, "\"}");
}

}  // namespace

HttpResponse HttpOk(const std::string& body) {
  return {absl::StrCat("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ",
                       body.size(), "\r\n\r\n", body)};
}

HttpResponse HttpError(int status) {
  return {absl::StrCat("HTTP/1.1 ", status, " No\r\nContent-Length: 2\r\n\r\nno")};
}

HttpServer::HttpServer(std::function<HttpResponse(const Request&)> answer)
    : answer_(std::move(answer)), listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  SPOOR_CHECK(bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0);
  SPOOR_CHECK(listen(listener_, 16) == 0);
  SPOOR_CHECK(getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Accept(); });
}

HttpServer::~HttpServer() {
  stop_ = true;
  thread_.join();
  close(listener_);
}

std::string HttpServer::url() const { return absl::StrCat("http://127.0.0.1:", port_); }

void HttpServer::Accept() {
  while (!stop_) {
    pollfd ready = {listener_, POLLIN, 0};
    if (poll(&ready, 1, kPollMilliseconds) <= 0) continue;
    const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (connection >= 0) connections_.emplace_back([this, connection] { Serve(connection); });
  }
  for (std::thread& thread : connections_) thread.join();
}

std::optional<HttpServer::Request> HttpServer::Read(int connection) {
  std::string bytes;
  size_t head_end = std::string::npos;
  uint64_t length = 0;
  while (!stop_) {
    if (head_end == std::string::npos) {
      head_end = bytes.find("\r\n\r\n");
      if (head_end != std::string::npos) {
        head_end += 4;
        const std::string head = absl::AsciiStrToLower(bytes.substr(0, head_end));
        const size_t field = head.find("content-length: ");
        SPOOR_CHECK(field != std::string::npos);
        const size_t begin = field + 16;
        SPOOR_CHECK(absl::SimpleAtoi(head.substr(begin, head.find('\r', begin) - begin), &length));
      }
    }
    if (head_end != std::string::npos && bytes.size() >= head_end + length) {
      return Request{bytes.substr(0, head_end), bytes.substr(head_end)};
    }
    pollfd ready = {connection, POLLIN, 0};
    if (poll(&ready, 1, kPollMilliseconds) <= 0) continue;
    char buffer[1 << 16];
    const ssize_t n = recv(connection, buffer, sizeof buffer, 0);
    if (n <= 0) return std::nullopt;
    bytes.append(buffer, static_cast<size_t>(n));
  }
  return std::nullopt;
}

bool HttpServer::Write(int connection, const std::string& bytes) {
  for (size_t done = 0; done < bytes.size() && !stop_;) {
    pollfd ready = {connection, POLLOUT, 0};
    if (poll(&ready, 1, kPollMilliseconds) <= 0) continue;
    const ssize_t n =
        send(connection, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n <= 0) return false;
    done += static_cast<size_t>(n);
  }
  return !stop_;
}

void HttpServer::Serve(int connection) {
  while (const std::optional<Request> request = Read(connection)) {
    const HttpResponse response = answer_(*request);
    if (!Write(connection, response.bytes)) break;
    while (response.repeat && Write(connection, response.bytes)) {
    }
    if (response.close || response.repeat) break;
    while (response.hang && !stop_) {
      pollfd ready = {connection, POLLIN, 0};
      if (poll(&ready, 1, kPollMilliseconds) > 0) break;  // the other side has had enough
    }
    if (response.hang) break;
  }
  close(connection);
}

FakeNode::FakeNode() : server_([this](const auto& request) { return Answer(request); }) {}

void FakeNode::SetChain(absl::Span<const TestBlock> chain) {
  const std::lock_guard<std::mutex> lock(mutex_);
  chain_.clear();
  for (const TestBlock& block : chain) {
    chain_.push_back(ToText(block.hash));
    auto& hex = blocks_[chain_.back()];
    if (hex.empty()) hex = ToHex(block.bytes);
  }
}

void FakeNode::SetVerbose(const std::string& hash, const std::string& json) {
  const std::lock_guard<std::mutex> lock(mutex_);
  verbose_[hash] = json;
}

FakeNode::Result FakeNode::Call(const std::string& method, const std::vector<std::string>& params) {
  const std::lock_guard<std::mutex> lock(mutex_);
  if (method == "getbestblockhash") return {Quote(chain_.back())};
  if (method == "getblockchaininfo") {
    return {absl::StrCat(R"({"chain":"regtest","blocks":)", chain_.size() - 1,
                         R"(,"bestblockhash":")", chain_.back(), R"(","difficulty":4.6e-10})")};
  }
  if (method == "getblockhash") {
    const size_t height = std::stoul(params[0]);
    if (height < chain_.size()) return {Quote(chain_[height])};
    return {RpcError(-8, "Block height out of range"), true};
  }
  if (method != "getblock") return {RpcError(-32601, "Method not found"), true};
  const auto& from = params[1] == "0" ? blocks_ : verbose_;
  const auto it = from.find(params[0]);
  if (it == from.end()) return {RpcError(-5, "Block not found"), true};
  return {params[1] == "0" ? Quote(it->second) : it->second};
}

HttpResponse FakeNode::Answer(const HttpServer::Request& request) {
  if (instead != nullptr) {
    if (const auto response = instead(request)) return *response;
  }
  rapidjson::Document calls;
  calls.Parse<rapidjson::kParseNumbersAsStringsFlag>(request.body.c_str());
  if (calls.HasParseError() || !calls.IsArray()) return HttpError(500);
  std::string body = "[";
  for (const auto& call : calls.GetArray()) {
    std::vector<std::string> params;
    for (const auto& param : call["params"].GetArray()) params.emplace_back(param.GetString());
    const std::string method = call["method"].GetString();
    Result result = Call(method, params);
    if (tamper != nullptr && !result.error) tamper(method, &result.json);
    absl::StrAppend(&body, body.size() > 1 ? "," : "", R"({"result":)",
                    result.error ? "null" : result.json, R"(,"error":)",
                    result.error ? result.json : "null", R"(,"id":)", call["id"].GetString(), "}");
  }
  return HttpOk(absl::StrCat(body, "]\n"));
}

}  // namespace spoor
