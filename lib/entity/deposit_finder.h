#ifndef SPOOR_LIB_ENTITY_DEPOSIT_FINDER_H_
#define SPOOR_LIB_ENTITY_DEPOSIT_FINDER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/entity/cluster_book.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Tells which accounts are deposit addresses of services, from an account chain's movements, which
// it is shown one after another. What it says of one depends on that, earlier ones and the tags
// alone; it reads the history of an account when it pays a service, and so much of it at most.
class DepositFinder {
 public:
  // Makes ready for movements of `view`, which must outlive them. `tagged` is of all its addresses.
  void Start(const LedgerView* view, absl::Span<const TaggedAddress> tagged);

  // The next movement, from the beginning of a block on, whose signs are appended. DATA_LOSS if it
  // has other addresses than the first `addresses`.
  absl::Status Look(const Movement& movement, uint64_t addresses, std::vector<Sign>* signs);

 private:
  // The actor at whose service `id` is one of the wallets; nullopt if it is none.
  std::optional<uint64_t> ServiceOf(AddressId id) const;
  // Whether all that the balance paid up to `movement` went to the service of `actor`, within
  // limits. If `passes_on`, it must also have come from others, and `movement` have passed it on.
  absl::StatusOr<bool> PaysOnly(uint64_t actor, const Holding& balance, const Movement& movement,
                                bool passes_on) const;
  // Whether the balance that takes[0] adds to is one in which a service gathers.
  absl::StatusOr<bool> Gathers(const Movement& movement) const;
  absl::StatusOr<int64_t> TimeOf(const Movement& movement) const;

  const LedgerView* view_ = nullptr;
  absl::flat_hash_map<uint64_t, uint64_t> tags_;
  std::optional<Movement> fee_;  // of the transaction that is looked at
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_DEPOSIT_FINDER_H_
