#include "tests/support/anvil.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// A port that nobody listens on now.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  SPOOR_CHECK(bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  SPOOR_CHECK(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  close(fd);
  return ntohs(address.sin_port);
}

}  // namespace

std::string Anvil::Program() {
  if (const char* said = std::getenv("SPOOR_ANVIL"); said != nullptr) return said;
  const char* home = std::getenv("HOME");
  const std::string installed = absl::StrCat(home == nullptr ? "" : home, "/.cache/spoor/anvil");
  return std::filesystem::exists(installed) ? installed : "";
}

Anvil::Anvil(const std::vector<std::string>& arguments)
    : arguments_(arguments), port_(FreePort()) {}

std::string Anvil::url() const { return absl::StrCat("http://127.0.0.1:", port_); }

bool Anvil::Start() {
  std::vector<std::string> argv = {Program(),           "--host",   "127.0.0.1",  "--port",
                                   absl::StrCat(port_), "--silent", "--no-mining"};
  argv.insert(argv.end(), arguments_.begin(), arguments_.end());
  process_ = std::make_unique<Subprocess>(argv);
  NodeHttp::Options options;
  options.url = url();
  http_ = *NodeHttp::Create(options);
  for (int tries = 0; tries < 600; ++tries) {
    const auto reply =
        http_->Post(R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[]})", 1 << 20);
    if (reply.ok()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

std::string Anvil::Call(const std::string& method, const std::string& params) {
  const auto reply = http_->Post(
      absl::StrCat(R"({"jsonrpc":"2.0","id":1,"method":")", method, R"(","params":)", params, "}"),
      64 << 20);
  EXPECT_TRUE(reply.ok()) << reply.status();
  if (!reply.ok()) return "";
  EXPECT_FALSE(absl::StrContains(*reply, "\"error\"")) << method << params << *reply;
  return *reply;
}

std::string Anvil::Text(const std::string& method, const std::string& params) {
  const std::string reply = Call(method, params);
  constexpr absl::string_view kResult = "\"result\":\"";
  const size_t begin = reply.find(kResult.data());
  EXPECT_NE(begin, std::string::npos) << reply;
  if (begin == std::string::npos) return "";
  const size_t text = begin + kResult.size();
  return reply.substr(text, reply.find('"', text) - text);
}

}  // namespace spoor
