#ifndef SPOOR_LIB_TAINT_POOLS_H_
#define SPOOR_LIB_TAINT_POOLS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/taint/agenda.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"

namespace spoor {

// The pools of a UTXO chain into which stolen units have come, under any policy: who is in them,
// and what they hold as the movement at hand begins. For one thread.
class Pools {
 public:
  // `options`, whose `pool` has an `of`, and `view` must outlive this.
  Pools(const LedgerView& view, uint32_t chain, const FollowOptions& options)
      : view_(view), chain_(chain), options_(options) {}

  // The pool that `owner` is in, if it is known; else nobody.
  AddressId Known(AddressId owner) const {
    const auto it = pool_of_.find(owner);
    return it == pool_of_.end() ? AddressId() : it->second;
  }
  // The pool that `owner` is in, known or not.
  absl::StatusOr<AddressId> Of(AddressId owner);
  // A movement begins: the one at hand, until Advance().
  absl::Status Begin(const Movement& movement);
  // The pool that `owner` is in. If it was not known, it is from now on: every movement after the
  // one at hand that touches it is added to `agenda`.
  // RESOURCE_EXHAUSTED if it has received too often.
  absl::StatusOr<AddressId> Learn(AddressId owner, Agenda* agenda);
  // What a known pool held before the movement at hand.
  uint64_t Balance(AddressId pool) const { return balances_.find(pool)->second; }
  // The movement is over.
  void Advance(const Movement& movement);

 private:
  // When a movement takes place, as a number: if fees are followed, a coinbase comes after the rest
  // of its block.
  absl::StatusOr<uint64_t> TimeOf(const Movement& movement) const;

  const LedgerView& view_;
  uint32_t chain_;
  const FollowOptions& options_;
  uint64_t now_ = 0;
  absl::flat_hash_map<AddressId, AddressId> pool_of_;
  absl::flat_hash_map<AddressId, AddressId> asked_;  // what Of() has found
  absl::flat_hash_map<AddressId, uint64_t> balances_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_POOLS_H_
