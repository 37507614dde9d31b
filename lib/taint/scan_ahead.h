#ifndef SPOOR_LIB_TAINT_SCAN_AHEAD_H_
#define SPOOR_LIB_TAINT_SCAN_AHEAD_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "spoor/base/read_ahead.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// Scans a chain's movements in a thread of its own, which is some thousand of them ahead of whoever
// is shown them. For one thread.
class ScanAhead {
 public:
  // `view` must outlive this.
  explicit ScanAhead(const LedgerView& view) : view_(view) {}

  // As LedgerView::ScanMovements() of the view, which must not contradict itself, and throws what
  // that does. What has been read and not shown is kept for the next call: it costs least to go on
  // where the last one stopped, or soon after.
  absl::Status ScanMovements(Position from, absl::FunctionRef<absl::Status(const Movement&)> visit);

 private:
  // Movements that are handed over together, for to wake a thread costs more than to read some.
  struct Batch {
    std::vector<Movement> movements;  // the first `count`; others were, and lend their memory
    size_t count = 0;
    uint64_t bytes = 0;  // of all of them

    uint64_t MemoryUse() const { return bytes; }
  };
  static constexpr size_t kInBatch = 256;
  // A batch that takes so much is handed over with fewer.
  static constexpr uint64_t kMostBytes = 1 << 20;
  // That are read ahead.
  static constexpr uint64_t kMemory = 4 << 20;
  // So many that are not wanted are passed by rather than a new scan begun.
  static constexpr uint64_t kMostPassedBy = 8 * kInBatch;

  // False where the system has no more threads to give.
  bool Start(Position from);
  // In the other thread.
  absl::Status Read(Position from, ReadAhead<Batch>* ahead) const;

  const LedgerView& view_;
  std::unique_ptr<Batch> batch_;  // that is being shown
  size_t at_ = 0;                 // where in it `next_` is
  uint64_t next_ = 0;             // the position of the first that was not shown or passed by
  std::optional<ReadAhead<Batch>> ahead_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_SCAN_AHEAD_H_
