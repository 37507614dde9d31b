#ifndef SPOOR_LIB_TAINT_TRACE_MEMORY_H_
#define SPOOR_LIB_TAINT_TRACE_MEMORY_H_

#include <atomic>
#include <cstdint>
#include <mutex>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace spoor {

// What the threads of a trace take together of what it may, and whether one of them has failed.
class TraceMemory {
 public:
  // At most `most` bytes; 0: as many as there are.
  explicit TraceMemory(uint64_t most) : most_(most) {}

  bool has_limit() const { return most_ > 0; }

  // Has the other threads stop, too. The first error counts.
  void Fail(absl::Status status) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (failed_) return;
    failure_ = std::move(status);
    failed_ = true;
  }
  // When all threads have ended.
  const absl::Status& failure() const { return failure_; }

  // One thread's part, which it gives back at last.
  class Part {
   public:
    explicit Part(TraceMemory* of) : of_(*of) {}
    ~Part() { of_.taken_ -= taken_; }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;

    bool has_limit() const { return of_.has_limit(); }
    // CANCELLED if another thread has failed.
    absl::Status Check() const { return of_.failed_ ? absl::CancelledError() : absl::OkStatus(); }
    // After `done` movements the part is `bytes`. RESOURCE_EXHAUSTED if that is too much with those
    // of the others.
    absl::Status Set(uint64_t bytes, uint64_t done) {
      const uint64_t all = of_.taken_ += bytes - taken_;
      taken_ = bytes;
      if (!has_limit() || all <= of_.most_) return absl::OkStatus();
      return absl::ResourceExhaustedError(absl::StrCat(
          "after ", done, " movements, what waits to be followed and what has ended takes ", all,
          " bytes of memory, wanted no more than ", of_.most_));
    }

   private:
    TraceMemory& of_;
    uint64_t taken_ = 0;
  };

 private:
  const uint64_t most_;
  std::atomic<uint64_t> taken_ = 0;
  std::atomic<bool> failed_ = false;
  std::mutex mutex_;
  absl::Status failure_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_TRACE_MEMORY_H_
