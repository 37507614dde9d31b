#ifndef SPOOR_LIB_TAINT_POOLS_H_
#define SPOOR_LIB_TAINT_POOLS_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/taint/agenda.h"
#include "lib/taint/step.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"

namespace spoor {

// Where what a pool holds is, in a frontier of holdings. No transaction has so many outputs.
inline Holding PoolHolding(AddressId pool) {
  return {pool.number, std::numeric_limits<uint32_t>::max() - 1};
}

// The pools of a UTXO chain into which stolen units have come, under any policy: who is in them,
// and what they hold as the movement at hand begins, backwards as it has ended. For one thread.
class Pools {
 public:
  // `options`, whose `pool` has an `of`, and `view` must outlive this.
  Pools(const LedgerView& view, uint32_t chain, Direction direction, const FollowOptions& options)
      : view_(view), chain_(chain), direction_(direction), options_(options) {}

  // The pool that `owner` is in, if it is known; else nobody.
  AddressId Known(AddressId owner) const {
    const auto it = pool_of_.find(owner);
    return it == pool_of_.end() ? AddressId() : it->second;
  }
  // The pool that `owner` is in, known or not.
  absl::StatusOr<AddressId> Of(AddressId owner);
  // A movement begins: the one at hand, until Advance(). Backwards, makes in `step`, which is that
  // movement, one exit of all that lead to coins of one pool, where the first of them stands.
  // DATA_LOSS if a known pool has less than the movement takes from it, backwards than it gives it.
  template <typename U>
  absl::Status Begin(const Movement& movement, Step<U>* step);
  // The pool that `owner` is in. If it was not known, it is from now on: every movement after the
  // one at hand, backwards before it, that touches it is added to `agenda`.
  // FAILED_PRECONDITION if it has received too often, DATA_LOSS as of Begin().
  absl::StatusOr<AddressId> Learn(AddressId owner, Agenda* agenda);
  // What a known pool held before the movement at hand, backwards after it.
  uint64_t Balance(AddressId pool) const { return balances_.find(pool)->second; }
  // The movement at hand is over.
  void Advance(const Movement& movement);

 private:
  // When a movement takes place, as a number: if fees are followed, a coinbase comes after the rest
  // of its block.
  absl::StatusOr<uint64_t> TimeOf(const Movement& movement) const;

  // Begin() for the movement at hand, on the side where pools have less after it.
  absl::Status CheckBalances() const;

  bool forward() const { return direction_ == Direction::kForward; }
  bool IsAhead(uint64_t time) const { return forward() ? time > now_ : time < now_; }

  const LedgerView& view_;
  uint32_t chain_;
  Direction direction_;
  const FollowOptions& options_;
  const Movement* at_hand_ = nullptr;
  uint64_t now_ = 0;  // its time
  absl::flat_hash_map<AddressId, AddressId> pool_of_;
  absl::flat_hash_map<AddressId, AddressId> asked_;  // what Of() has found
  absl::flat_hash_map<AddressId, uint64_t> balances_;
};

// Whether what is there is an owner's, and so with all of their pool.
template <typename U>
bool IsPooled(const typename Step<U>::Entry& entry) {
  return entry.holding.has_value() && entry.owner < Flow::kFromMinted;
}
template <typename U>
bool IsPooled(const typename Step<U>::Exit& exit, Direction direction) {
  const bool holding = direction == Direction::kForward ? exit.at_output : exit.next.has_value();
  return holding && exit.owner < Flow::kFromMinted;
}

template <typename U>
absl::Status Pools::Begin(const Movement& movement, Step<U>* step) {
  at_hand_ = &movement;
  SPOOR_ASSIGN_OR_RETURN(now_, TimeOf(movement));
  SPOOR_RETURN_IF_ERROR(CheckBalances());
  if (forward()) return absl::OkStatus();
  absl::flat_hash_map<AddressId, size_t> first;
  size_t kept = 0;
  for (size_t i = 0; i < step->exits.size(); ++i) {
    if (IsPooled<U>(step->exits[i], Direction::kBack)) {
      SPOOR_ASSIGN_OR_RETURN(const AddressId pool, Of(step->exits[i].owner));
      const auto [it, added] = first.try_emplace(pool, kept);
      if (!added) {
        step->takers[it->second].amount += step->takers[i].amount;
        continue;
      }
    }
    step->exits[kept] = step->exits[i];
    step->takers[kept] = step->takers[i];
    ++kept;
  }
  step->exits.resize(kept);
  step->takers.resize(kept);
  return absl::OkStatus();
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_POOLS_H_
