#ifndef SPOOR_TOOLS_TRACE_PROGRESS_H_
#define SPOOR_TOOLS_TRACE_PROGRESS_H_

#include <chrono>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace spoor::tools {

// Long work on standard error: on a terminal a bar with rate and time left, redrawn in place;
// elsewhere a line every ten seconds.
class Progress {
 public:
  explicit Progress(bool quiet);
  ~Progress() { End(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // `total` 0: not known. A new `what` begins a new bar.
  void Update(absl::string_view what, uint64_t done, uint64_t total, absl::string_view unit);
  // Clears the bar.
  void End();

 private:
  using Clock = std::chrono::steady_clock;

  bool quiet_;
  bool terminal_;
  bool drawn_ = false;
  std::string what_;
  Clock::time_point begun_;
  uint64_t done_at_begin_ = 0;
  Clock::time_point shown_;
};

}  // namespace spoor::tools

#endif  // SPOOR_TOOLS_TRACE_PROGRESS_H_
