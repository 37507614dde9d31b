#include "tests/support/litecoind.h"

#include <arpa/inet.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "spoor/base/status_macros.h"

extern char** environ;

namespace spoor {
namespace {

bool OnPath(const std::string& program) {
  return std::system(absl::StrCat("command -v ", program, " > /dev/null 2>&1").c_str()) == 0;
}

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

bool Litecoind::Installed() { return OnPath("litecoind") && OnPath("litecoin-cli"); }

Litecoind::Litecoind(const std::string& folder, const std::vector<std::string>& arguments)
    : folder_(folder), arguments_(arguments), port_(FreePort()) {}

Litecoind::~Litecoind() { Stop(); }

std::string Litecoind::url() const { return absl::StrCat("http://127.0.0.1:", port_); }

bool Litecoind::Start() {
  std::vector<std::string> arguments = {
      "litecoind", "-regtest", "-server", "-listen=0", "-connect=0", "-dnsseed=0",
      "-printtoconsole=0",
      // Every signature is checked.
      "-assumevalid=0",
      // Neither extension is what is tested here.
      "-vbparams=mweb:9000000000:9000000001", "-vbparams=taproot:0:9000000001",
      absl::StrCat("-datadir=", folder_), absl::StrCat("-rpcport=", port_)};
  arguments.insert(arguments.end(), arguments_.begin(), arguments_.end());
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  argv.push_back(nullptr);
  SPOOR_CHECK(posix_spawnp(&pid_, "litecoind", nullptr, nullptr, argv.data(), environ) == 0);
  for (int tries = 0; tries < 600; ++tries) {
    Call("getblockcount");
    if (worked_) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return false;
}

void Litecoind::Stop() {
  if (pid_ <= 0) return;
  kill(pid_, SIGTERM);
  waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

std::string Litecoind::Call(const std::string& method, absl::string_view input) {
  const std::string in = folder_ + "/call.in";
  const std::string out = folder_ + "/call.out";
  std::ofstream(in) << input;
  const std::string command =
      absl::StrCat("litecoin-cli -regtest -datadir=", folder_, " -rpcport=", port_, " -stdin ",
                   method, " < ", in, " > ", out, " 2>&1");
  worked_ = std::system(command.c_str()) == 0;
  std::ifstream file(out);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  return std::string(absl::StripSuffix(text, "\n"));
}

}  // namespace spoor
