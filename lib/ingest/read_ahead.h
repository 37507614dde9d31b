#ifndef SPOOR_LIB_INGEST_READ_AHEAD_H_
#define SPOOR_LIB_INGEST_READ_AHEAD_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace spoor {

// Gets things on a thread of its own, ahead of whoever takes them. They tell their MemoryUse(), and
// serve again once they have been given back.
template <typename Read>
class ReadAhead {
 public:
  using Result = absl::StatusOr<std::unique_ptr<Read>>;

  // Calls `read` so many times, or until it fails, each time for something new or given back. No
  // more than about `memory` bytes are read ahead, and a quarter of that is kept for later.
  ReadAhead(uint64_t count, std::function<absl::Status(Read*)> read, uint64_t memory)
      : memory_(memory), thread_([this, count, read = std::move(read)] { Run(count, read); }) {}

  ~ReadAhead() {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

  // What `read` gave next. Must not be called more often than `count`, nor after an error.
  Result Next() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty(); });
    Result result = std::move(ready_.front());
    ready_.pop_front();
    ready_bytes_ -= Size(result);
    changed_.notify_all();
    return result;
  }

  // What Next() gave, when it is not needed any more.
  void GiveBack(std::unique_ptr<Read> used) {
    const uint64_t bytes = used->MemoryUse();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (spare_bytes_ + bytes > memory_ / 4) return;
    spare_bytes_ += bytes;
    spare_.push_back(std::move(used));
  }

 private:
  static uint64_t Size(const Result& result) { return result.ok() ? (*result)->MemoryUse() : 0; }

  std::unique_ptr<Read> TakeSpare() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (spare_.empty()) return std::make_unique<Read>();
    std::unique_ptr<Read> spare = std::move(spare_.back());
    spare_.pop_back();
    spare_bytes_ -= spare->MemoryUse();
    return spare;
  }

  void Run(uint64_t count, const std::function<absl::Status(Read*)>& read) {
    for (; count > 0; --count) {
      Result result = TakeSpare();
      if (absl::Status status = read(result->get()); !status.ok()) result = std::move(status);
      const bool ok = result.ok();
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || ready_.empty() || ready_bytes_ < memory_; });
      if (stop_) return;
      ready_bytes_ += Size(result);
      ready_.push_back(std::move(result));
      changed_.notify_all();
      if (!ok) return;
    }
  }

  const uint64_t memory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Result> ready_;
  uint64_t ready_bytes_ = 0;
  std::vector<std::unique_ptr<Read>> spare_;
  uint64_t spare_bytes_ = 0;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_READ_AHEAD_H_
