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
  explicit TwoQueues(absl::Span<const Piece<U>> sequence) : sequence_(sequence) {
    for (const Piece<U>& piece : sequence) {
      (piece.source == kClean ? clean_left_ : tainted_left_) += piece.units;
    }
  }

  const U& tainted_left() const { return tainted_left_; }
  const U& clean_left() const { return clean_left_; }

  // Gives `slice` the first units of both queues, in the order of the sequence. Requires that the
  // queues have them.
  void Give(U tainted, U clean, Slice<U>* slice) {
    SPOOR_CHECK(tainted <= tainted_left_ && clean <= clean_left_);
    tainted_left_ -= tainted;
    clean_left_ -= clean;
    while (tainted > 0 || clean > 0) {
      if (tainted > 0) Advance(/*tainted=*/true, &tainted_);
      if (clean > 0) Advance(/*tainted=*/false, &clean_);
      // A piece is all tainted or all clean, so the two fronts are never in one piece.
      if (clean == 0 || (tainted > 0 && tainted_.piece < clean_.piece)) {
        TakeFrom(&tainted_, &tainted, slice);
      } else {
        TakeFrom(&clean_, &clean, slice);
      }
    }
  }

 private:
  struct Front {
    size_t piece = 0;
    U used = 0;  // of that piece
  };

  void Advance(bool tainted, Front* front) const {
    while ((sequence_[front->piece].source != kClean) != tainted ||
           front->used == sequence_[front->piece].units) {
      ++front->piece;
      front->used = 0;
    }
  }

  void TakeFrom(Front* front, U* wanted, Slice<U>* slice) const {
    const Piece<U>& piece = sequence_[front->piece];
    const U units = std::min<U>(*wanted, piece.units - front->used);
    AddPart(units, piece, slice);
    front->used += units;
    *wanted -= units;
  }

  absl::Span<const Piece<U>> sequence_;
  U tainted_left_ = 0;
  U clean_left_ = 0;
  Front tainted_;
  Front clean_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_TWO_QUEUES_H_
