#ifndef SPOOR_TESTS_SUPPORT_ANVIL_H_
#define SPOOR_TESTS_SUPPORT_ANVIL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "spoor/base/node_http.h"
#include "tests/support/subprocess.h"

namespace spoor {

// A real node: anvil, of Foundry, a chain of its own on loopback, for as long as this lives. It
// mines when it is told to.
class Anvil {
 public:
  // The program: $SPOOR_ANVIL, or where tests/install_anvil.sh puts it; empty if there is none.
  static std::string Program();

  explicit Anvil(const std::vector<std::string>& arguments = {});

  // Returns when the node answers; false if it does not within a minute.
  bool Start();
  std::string url() const;

  // What the node says to a call, as JSON; fails the test if that is an error.
  std::string Call(const std::string& method, const std::string& params = "[]");
  // The text that is the result.
  std::string Text(const std::string& method, const std::string& params = "[]");

 private:
  const std::vector<std::string> arguments_;
  const int port_;
  std::unique_ptr<Subprocess> process_;
  std::unique_ptr<NodeHttp> http_;
};

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_ANVIL_H_
