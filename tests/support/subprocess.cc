#include "tests/support/subprocess.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <thread>

#include "spoor/base/status_macros.h"

extern char** environ;

namespace spoor {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

// A file without a name; the program's output goes there, so that no pipe can fill up.
class Capture {
 public:
  Capture() : file_(std::tmpfile()) { SPOOR_CHECK(file_ != nullptr); }
  ~Capture() { std::fclose(file_); }
  Capture(const Capture&) = delete;
  Capture& operator=(const Capture&) = delete;

  int fd() const { return fileno(file_); }
  std::string Read() const {
    std::string text;
    char buffer[1 << 14];
    // The program's place in the file is this one's too: it must not be moved.
    for (ssize_t n;
         (n = pread(fd(), buffer, sizeof buffer, static_cast<off_t>(text.size()))) > 0;) {
      text.append(buffer, static_cast<size_t>(n));
    }
    return text;
  }

 private:
  FILE* file_;
};

pid_t Spawn(const std::vector<std::string>& argv, const std::vector<std::string>& environment,
            int out, int err) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (out >= 0) posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  if (err >= 0) posix_spawn_file_actions_adddup2(&actions, err, STDERR_FILENO);
  std::vector<char*> all = Pointers(environment);
  all.pop_back();
  for (char** variable = environ; *variable != nullptr; ++variable) all.push_back(*variable);
  all.push_back(nullptr);
  pid_t pid = -1;
  const int error =
      posix_spawn(&pid, argv[0].c_str(), &actions, nullptr, Pointers(argv).data(), all.data());
  posix_spawn_file_actions_destroy(&actions);
  SPOOR_CHECK(error == 0);
  return pid;
}

}  // namespace

struct Subprocess::Running {
  Capture out;
  Capture err;
  pid_t pid = -1;
};

Subprocess::Subprocess(const std::vector<std::string>& argv)
    : running_(std::make_unique<Running>()) {
  running_->pid = Spawn(argv, {}, running_->out.fd(), running_->err.fd());
}

Subprocess::~Subprocess() {
  if (running_->pid <= 0) return;
  kill(running_->pid, SIGKILL);
  waitpid(running_->pid, nullptr, 0);
}

void Subprocess::Signal(int signal) const { kill(running_->pid, signal); }

std::string Subprocess::Err() const { return running_->err.Read(); }

ProcessResult Subprocess::Wait() {
  ProcessResult result;
  int status = 0;
  waitpid(running_->pid, &status, 0);
  running_->pid = -1;
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  result.out = running_->out.Read();
  result.err = running_->err.Read();
  return result;
}

ProcessResult RunProcess(const std::vector<std::string>& argv,
                         const std::vector<std::string>& environment) {
  ProcessResult result;
  Capture out;
  Capture err;
  const pid_t pid = Spawn(argv, environment, out.fd(), err.fd());
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFEXITED(status)) result.exit_status = WEXITSTATUS(status);
  result.out = out.Read();
  result.err = err.Read();
  return result;
}

std::optional<int> RunAndKill(const std::vector<std::string>& argv, double seconds) {
  const pid_t pid = Spawn(argv, {}, -1, -1);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  kill(pid, SIGKILL);
  int status = 0;
  waitpid(pid, &status, 0);
  if (WIFEXITED(status)) return WEXITSTATUS(status);
  return std::nullopt;
}

}  // namespace spoor
