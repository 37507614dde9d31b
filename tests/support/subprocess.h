#ifndef SPOOR_TESTS_SUPPORT_SUBPROCESS_H_
#define SPOOR_TESTS_SUPPORT_SUBPROCESS_H_

#include <memory>
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

// A program that runs meanwhile. Killed at the end, if it has not ended by then.
class Subprocess {
 public:
  explicit Subprocess(const std::vector<std::string>& argv);
  ~Subprocess();
  Subprocess(const Subprocess&) = delete;
  Subprocess& operator=(const Subprocess&) = delete;

  void Signal(int signal) const;
  // What it has written to standard error so far.
  std::string Err() const;
  // Its end.
  ProcessResult Wait();

 private:
  struct Running;
  std::unique_ptr<Running> running_;
};

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_SUBPROCESS_H_
