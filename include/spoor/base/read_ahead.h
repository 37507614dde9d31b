#ifndef SPOOR_BASE_READ_AHEAD_H_
#define SPOOR_BASE_READ_AHEAD_H_

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "spoor/base/status_macros.h"

namespace spoor {

// Gets things on a thread of its own, ahead of whoever takes them. They tell their MemoryUse(), and
// serve again once they have been given back. What the thread throws, whoever takes them is thrown.
template <typename Read>
class ReadAhead {
 public:
  // Has the thread call `read_all`, which fills what TakeSpare() gives and hands it over. No more
  // than about `memory` bytes are read ahead, and a quarter of that is kept for later. Throws
  // std::system_error if the system has no more threads to give.
  ReadAhead(std::function<absl::Status(ReadAhead*)> read_all, uint64_t memory)
      : memory_(memory), thread_([this, read_all = std::move(read_all)] { Run(read_all); }) {}

  // Calls `read` so many times, or until it fails, each time for something new or given back.
  ReadAhead(uint64_t count, std::function<absl::Status(Read*)> read, uint64_t memory)
      : ReadAhead(
            [count, read = std::move(read)](ReadAhead* ahead) -> absl::Status {
              for (uint64_t i = 0; i < count; ++i) {
                std::unique_ptr<Read> next = ahead->TakeSpare();
                SPOOR_RETURN_IF_ERROR(read(next.get()));
                if (!ahead->HandOver(std::move(next))) break;
              }
              return absl::OkStatus();
            },
            memory) {}

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

  // What was read next; null when there is no more of it.
  std::unique_ptr<Read> Take() {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return !ready_.empty() || ended_; });
    if (ready_.empty()) return nullptr;
    std::unique_ptr<Read> next = std::move(ready_.front());
    ready_.pop_front();
    ready_bytes_ -= next->MemoryUse();
    changed_.notify_all();
    return next;
  }
  // How reading has ended. Requires that Take() gave null.
  absl::Status End() const {
    if (thrown_ != nullptr) std::rethrow_exception(thrown_);
    return end_;
  }
  // Both: the next one, null when there are no more, or the error after them.
  absl::StatusOr<std::unique_ptr<Read>> Next() {
    std::unique_ptr<Read> next = Take();
    if (next == nullptr) SPOOR_RETURN_IF_ERROR(End());
    return next;
  }

  // What was taken, when it is not needed any more.
  void GiveBack(std::unique_ptr<Read> used) {
    const uint64_t bytes = used->MemoryUse();
    const std::lock_guard<std::mutex> lock(mutex_);
    if (spare_bytes_ + bytes > memory_ / 4) return;
    spare_bytes_ += bytes;
    spare_.push_back(std::move(used));
  }

  // The thread's: something new or given back.
  std::unique_ptr<Read> TakeSpare() {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (spare_.empty()) return std::make_unique<Read>();
    std::unique_ptr<Read> spare = std::move(spare_.back());
    spare_.pop_back();
    spare_bytes_ -= spare->MemoryUse();
    return spare;
  }
  // The thread's: waits until there is room for it, and has it taken after those before. False if
  // no more are wanted.
  bool HandOver(std::unique_ptr<Read> read) {
    const uint64_t bytes = read->MemoryUse();
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return stop_ || ready_.empty() || ready_bytes_ < memory_; });
    if (stop_) return false;
    ready_bytes_ += bytes;
    ready_.push_back(std::move(read));
    changed_.notify_all();
    return true;
  }

 private:
  void Run(const std::function<absl::Status(ReadAhead*)>& read_all) {
    absl::Status end;
    std::exception_ptr thrown;
    try {
      end = read_all(this);
    } catch (...) {
      thrown = std::current_exception();
    }
    const std::lock_guard<std::mutex> lock(mutex_);
    end_ = std::move(end);
    thrown_ = std::move(thrown);
    ended_ = true;
    changed_.notify_all();
  }

  const uint64_t memory_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Read>> ready_;
  uint64_t ready_bytes_ = 0;
  std::vector<std::unique_ptr<Read>> spare_;
  uint64_t spare_bytes_ = 0;
  bool stop_ = false;
  bool ended_ = false;
  absl::Status end_;
  std::exception_ptr thrown_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace spoor

#endif  // SPOOR_BASE_READ_AHEAD_H_
