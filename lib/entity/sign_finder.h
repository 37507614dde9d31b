#ifndef SPOOR_LIB_ENTITY_SIGN_FINDER_H_
#define SPOOR_LIB_ENTITY_SIGN_FINDER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "lib/entity/address_scan.h"
#include "lib/entity/cluster_book.h"
#include "lib/entity/payment.h"
#include "lib/entity/revealed_keys.h"
#include "spoor/chain/script.h"
#include "spoor/entity/heuristic.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Tells what heuristics see in a chain's movements, which it is shown one after another. What it
// says of one depends on that and earlier ones alone.
class SignFinder {
 public:
  // `table` is that of the clusters, for what RevealedKeys remembers there.
  SignFinder(HeuristicSet heuristics, LedgerTable* table);

  // What it keeps for a chain of that length.
  static uint64_t BytesFor(HeuristicSet heuristics, const LedgerTotals& totals);

  // Makes ready for the movements of `view` from `movements` on, before which the chain had
  // `addresses` addresses. Reads the keys of those that it does not know yet. `view` must outlive
  // the movements, up to Stop().
  absl::Status Start(const LedgerView* view, uint64_t movements, uint64_t addresses);
  void Stop() { scan_.Stop(); }

  // A block comes, before which the chain had `before` addresses, and has `after` with it.
  void BeginBlock(uint64_t before, uint64_t after);

  // The next movement, whose signs are appended. DATA_LOSS if it has addresses that the block has
  // not.
  absl::Status Look(const Movement& movement, std::vector<Sign>* signs);

  // Forgets the movements and addresses from these on.
  void Shrink(uint64_t movements, uint64_t addresses);
  void ForgetAll();

 private:
  bool Uses(Heuristic heuristic) const { return heuristics_.Has(heuristic); }
  bool IsAnyones(AddressId id) const { return !anyones_.empty() && anyones_.contains(id.number); }
  absl::Status NextChunk();
  absl::Status LookAtNewAddresses(uint64_t end, uint64_t position, std::vector<Sign>* signs);
  absl::Status LookForChange(const Movement& movement, std::vector<Sign>* signs);
  absl::Status LookForSpentChange(const Movement& movement, std::vector<Sign>* signs);
  // That the taker is the giver, as seen at `position`.
  void TellChange(const Payment& payment, Heuristic heuristic, std::optional<uint32_t> change,
                  uint64_t position, std::vector<Sign>* signs) const;

  const HeuristicSet heuristics_;
  bool finds_change_ = false;
  bool finds_spent_change_ = false;
  bool prepared_ = false;
  const LedgerView* view_ = nullptr;
  uint64_t block_addresses_ = 0;  // with the block
  AddressFacts facts_;
  AddressScan scan_;
  AddressChunk chunk_;
  size_t next_same_ = 0;  // of the chunk, not told yet
  uint64_t told_ = 0;     // addresses whose keys have been looked at
  std::vector<ScriptKind> kinds_;
  absl::flat_hash_set<uint64_t> anyones_;
  PeelingChange peeling_;
  RevealedKeys revealed_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_SIGN_FINDER_H_
