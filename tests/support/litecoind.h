#ifndef SPOOR_TESTS_SUPPORT_LITECOIND_H_
#define SPOOR_TESTS_SUPPORT_LITECOIND_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace spoor {

// A real node: Litecoin Core, a descendant of Bitcoin Core, in regtest, on loopback, with a data
// directory of its own, for as long as this lives.
class Litecoind {
 public:
  static bool Installed();

  // `folder` must exist, and outlive this. Started by Start().
  explicit Litecoind(const std::string& folder, const std::vector<std::string>& arguments = {});
  ~Litecoind();
  Litecoind(const Litecoind&) = delete;
  Litecoind& operator=(const Litecoind&) = delete;

  // Returns when the node answers; false if it does not within a minute.
  bool Start();
  void Stop();

  // What litecoin-cli prints for the call, its last newline removed; `input` has further arguments,
  // one a line.
  std::string Call(const std::string& method, absl::string_view input = "");
  // Whether the last call did not fail.
  bool worked() const { return worked_; }

  std::string url() const;
  std::string cookie() const { return folder_ + "/regtest/.cookie"; }
  std::string blocks() const { return folder_ + "/regtest/blocks"; }

 private:
  const std::string folder_;
  const std::vector<std::string> arguments_;
  const int port_;
  pid_t pid_ = -1;
  bool worked_ = false;
};

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_LITECOIND_H_
