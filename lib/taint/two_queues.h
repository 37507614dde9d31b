#ifndef SPOOR_LIB_TAINT_TWO_QUEUES_H_
#define SPOOR_LIB_TAINT_TWO_QUEUES_H_

#include <algorithm>
#include <cstddef>

#include "absl/types/span.h"
#include "lib/taint/policies.h"
#include "spoor/base/status_macros.h"
#include "spoor/taint/policy.h"

namespace spoor {

// A movement's sequence as two queues, its tainted units and its clean ones, for policies that give
// them out apart.
template <typename U>
class TwoQueues {
 public:
  TwoQueues(absl::Span<const Lot<U>> sequence, size_t takers, Slices<U>* slices)
      : sequence_(sequence), slices_(slices) {
    // Each taker's end may cut a lot of either queue in two.
    out_ = slices->Begin(takers, sequence.size() + 2 * takers);
    for (const Lot<U>& lot : sequence) {
      (lot.source == kClean ? clean_.units : tainted_.units) += lot.units;
    }
    Advance(&tainted_);
    Advance(&clean_);
  }

  const U& tainted_left() const { return tainted_.units; }
  const U& clean_left() const { return clean_.units; }

  // Gives the taker the first units of both queues, in the order of the sequence. Requires that the
  // queues have them.
  void Give(U tainted, U clean, size_t taker) {
    SPOOR_CHECK(tainted <= tainted_.units && clean <= clean_.units);
    tainted_.units -= tainted;
    clean_.units -= clean;
    const Lot<U>* const first = out_;
    while (tainted > 0 && clean > 0) {
      tainted_.next < clean_.next ? Take(first, &tainted_, &tainted) : Take(first, &clean_, &clean);
    }
    while (tainted > 0) Take(first, &tainted_, &tainted);
    while (clean > 0) Take(first, &clean_, &clean);
    slices_->Set(taker, first, out_);
  }

 private:
  struct Queue {
    bool tainted = false;
    U units = 0;      // all of them
    size_t next = 0;  // behind its first lot, in the sequence
    U left = 0;       // of that lot
  };

  // To the next lot of the queue that is not empty; to the end if there is none.
  void Advance(Queue* queue) const {
    while (queue->left == 0 && queue->next < sequence_.size()) {
      const Lot<U>& lot = sequence_[queue->next++];
      if ((lot.source != kClean) == queue->tainted) queue->left = lot.units;
    }
  }

  // For a taker whose part begins at `first`.
  void Take(const Lot<U>* first, Queue* queue, U* wanted) {
    const Lot<U>& lot = sequence_[queue->next - 1];
    const U units = std::min<U>(*wanted, queue->left);
    // Between two of one source there may have been some of the other queue.
    if (out_ != first && out_[-1].source == lot.source && out_[-1].giver == lot.giver) {
      out_[-1].units += units;
    } else {
      *out_++ = {units, lot.source, lot.giver};
    }
    queue->left -= units;
    *wanted -= units;
    Advance(queue);
  }

  absl::Span<const Lot<U>> sequence_;
  Slices<U>* slices_;
  Lot<U>* out_;  // where the next part is written
  Queue tainted_{true};
  Queue clean_{false};
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_TWO_QUEUES_H_
