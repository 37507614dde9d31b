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

#include "absl/status/statusor.h"

namespace spoor {

// What `read`, some bytes and what was decoded from them, takes in memory, about.
template <typename Read>
uint64_t MemoryOf(const Read& read) {
  // What a decoded block takes beside its bytes, as a multiple of them.
  constexpr uint64_t kDecodedFactor = 3;
  return read.bytes.size() * (1 + kDecodedFactor);
}

// Gets things that hold `bytes` and what was decoded from them on a thread of its own, ahead of
// whoever takes them.
template <typename Read>
class ReadAhead {
 public:
  using Result = absl::StatusOr<std::unique_ptr<Read>>;

  // Calls `read` so many times, or until it fails. No more than about `memory` bytes are read
  // ahead.
  ReadAhead(uint64_t count, std::function<Result()> read, uint64_t memory)
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

 private:
  static uint64_t Size(const Result& result) { return result.ok() ? MemoryOf(**result) : 0; }

  void Run(uint64_t count, const std::function<Result()>& read) {
    for (; count > 0; --count) {
      Result result = read();
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
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_READ_AHEAD_H_
