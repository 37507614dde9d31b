#ifndef SPOOR_LIB_TAINT_SCAN_AHEAD_H_
#define SPOOR_LIB_TAINT_SCAN_AHEAD_H_

#include <array>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// Scans a chain's movements in a thread of its own, which is some thousand of them ahead of whoever
// is shown them. For one thread.
class ScanAhead {
 public:
  // `view` must outlive this.
  explicit ScanAhead(const LedgerView& view) : view_(view) {}
  ~ScanAhead() { Stop(); }
  ScanAhead(const ScanAhead&) = delete;
  ScanAhead& operator=(const ScanAhead&) = delete;

  // As LedgerView::ScanMovements() of the view, which must not contradict itself, and throws what
  // that does. What has been read and not shown is kept for the
  // next call: it costs least to go on where the last one stopped, or soon after.
  absl::Status ScanMovements(Position from, absl::FunctionRef<absl::Status(const Movement&)> visit);

 private:
  // So many are handed over together, fewer where they have many entries.
  static constexpr size_t kInBatch = 128;
  static constexpr size_t kMostEntries = 16 * kInBatch;
  static constexpr size_t kBatches = 16;
  // Where all are full, reading goes on when no more than so many are: to wake a thread for each
  // one would cost more than reading it.
  static constexpr size_t kEnough = kBatches / 2;
  // Movements with more entries do not lend their memory to others: in time, all would be large.
  static constexpr size_t kMostKept = 64;
  // So many that are not wanted are passed by rather than a new scan begun.
  static constexpr uint64_t kMostPassedBy = kBatches * kInBatch;

  // In lines of the cache of its own, for its neighbours may be the other thread's.
  struct alignas(64) Batch {
    std::vector<Movement> movements;  // the first `count`; others were, and lend their memory
    size_t count = 0;
    size_t entries = 0;
  };

  // False where the system has no more threads to give.
  bool Start(Position from);
  void Stop();
  // The first batch that was not given back, when it is there; null if there are no more.
  Batch* Wait();
  void GiveBack();
  // In the other thread: reads from `from` on.
  void Read(Position from);
  static void Clear(Batch* batch);
  // A batch to fill; null if no more are wanted.
  Batch* WaitForRoom();
  void HandOver();

  const LedgerView& view_;
  std::thread thread_;
  uint64_t next_ = 0;  // the position of the first one that was not shown or passed by
  size_t at_ = 0;      // where that is in its batch

  std::mutex mutex_;
  std::condition_variable changed_;
  std::array<Batch, kBatches> batches_;  // each is used by one thread at a time
  // Numbered through; each is at its number modulo kBatches.
  uint64_t handed_over_ = 0;
  uint64_t given_back_ = 0;
  bool stop_ = false;
  std::optional<absl::Status> end_;  // how the scan has ended, after what was handed over
  std::exception_ptr thrown_;        // instead, if it threw
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_SCAN_AHEAD_H_
