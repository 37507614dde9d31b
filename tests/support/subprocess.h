#ifndef SPOOR_TESTS_SUPPORT_SUBPROCESS_H_
#define SPOOR_TESTS_SUPPORT_SUBPROCESS_H_

#include <optional>
#include <string>
#include <vector>

namespace spoor {

// A program run to its end.
struct ProcessResult {
  int exit_status = -1;  // -1: killed by a signal
  std::string out;
  std::string err;
};

// Runs argv[0] with the rest, and these "NAME=VALUE" besides this process's environment. Nothing
// can be read from its standard input.
ProcessResult RunProcess(const std::vector<std::string>& argv,
                         const std::vector<std::string>& environment = {});

// Runs argv[0] and kills it (SIGKILL) after `seconds`. Its exit status if it ended before by
// itself.
std::optional<int> RunAndKill(const std::vector<std::string>& argv, double seconds);

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_SUBPROCESS_H_
