#include "tools/trace/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace spoor::tools {
namespace {

// "12.3k", "4.56M".
std::string Short(double v) {
  if (v >= 1e9) return absl::StrFormat("%.2fG", v / 1e9);
  if (v >= 1e6) return absl::StrFormat("%.2fM", v / 1e6);
  if (v >= 1e4) return absl::StrFormat("%.1fk", v / 1e3);
  return absl::StrFormat("%.0f", v);
}

std::string Duration(double seconds) {
  const auto s = static_cast<int64_t>(seconds);
  return absl::StrFormat("%d:%02d:%02d", s / 3600, s / 60 % 60, s % 60);
}

}  // namespace

Progress::Progress(bool quiet) : quiet_(quiet), terminal_(isatty(STDERR_FILENO) == 1) {}

void Progress::Update(absl::string_view what, uint64_t done, uint64_t total,
                      absl::string_view unit) {
  if (quiet_) return;
  const Clock::time_point now = Clock::now();
  if (what != what_) {
    End();
    what_ = std::string(what);
    begun_ = now;
    done_at_begin_ = done;
    shown_ = now;
    return;
  }
  const bool complete = total != 0 && done >= total;
  const auto interval = terminal_ ? std::chrono::milliseconds(100) : std::chrono::seconds(10);
  if (now - shown_ < interval && !(complete && terminal_ && drawn_)) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - begun_).count();
  const double rate = seconds > 0 ? static_cast<double>(done - done_at_begin_) / seconds : 0;
  std::string line = absl::StrCat(what_, " ");
  if (total != 0) {
    const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    if (terminal_) {
      const auto full = static_cast<size_t>(share * 30);
      absl::StrAppend(&line, "[", std::string(full, '#'), std::string(30 - full, '.'), "] ");
    }
    absl::StrAppendFormat(&line, "%3.0f%%  %s of %s %s", share * 100,
                          Short(static_cast<double>(done)), Short(static_cast<double>(total)),
                          unit);
  } else {
    absl::StrAppend(&line, Short(static_cast<double>(done)), " ", unit);
  }
  absl::StrAppend(&line, "  ", Short(rate), "/s");
  if (total > done && rate > 0) {
    absl::StrAppend(&line, "  ", Duration(static_cast<double>(total - done) / rate), " left");
  }
  std::fprintf(stderr, terminal_ ? "\r\033[K%s" : "%s\n", line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::End() {
  if (drawn_ && terminal_) std::fprintf(stderr, "\r\033[K");
  drawn_ = false;
  what_.clear();
}

}  // namespace spoor::tools
