#ifndef SPOOR_LIB_ENTITY_SIGN_FINDER_H_
#define SPOOR_LIB_ENTITY_SIGN_FINDER_H_

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "lib/entity/key_table.h"
#include "lib/entity/payment.h"
#include "spoor/chain/script.h"
#include "spoor/entity/heuristic.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Tells what heuristics see in a chain's movements, which it is shown one after another. What it
// says of one depends on that and earlier ones alone.
class SignFinder {
 public:
  explicit SignFinder(HeuristicSet heuristics) : heuristics_(heuristics) {}

  // Makes ready for the movements of `view` from `movements` on, before which the chain had
  // `addresses` addresses. Reads the keys of those that it does not know yet.
  absl::Status Prepare(const LedgerView& view, uint64_t movements, uint64_t addresses);

  // A block comes, before which the chain had `before` addresses, and has `after` with it.
  void BeginBlock(uint64_t before, uint64_t after);

  using Sign = absl::FunctionRef<void(AddressId a, AddressId b, Heuristic heuristic)>;
  // The next movement. DATA_LOSS if it has addresses that the block has not.
  absl::Status Look(const LedgerView& view, const Movement& movement, Sign sign);

  // Forgets the movements and addresses from these on.
  void Shrink(uint64_t movements, uint64_t addresses);
  void ForgetAll() { prepared_ = false; }

 private:
  bool Uses(Heuristic heuristic) const { return heuristics_.Has(heuristic); }
  // What is to be known of the address with that key, which is new.
  absl::Status AddKey(const LedgerView& view, uint64_t id, const std::string& key);
  absl::Status ReadKey(const LedgerView& view, uint64_t id, const std::string** key);
  absl::Status LookAtNewAddresses(const LedgerView& view, uint64_t end, Sign sign);
  absl::Status LookForChange(const LedgerView& view, const Movement& movement, Sign sign);

  const HeuristicSet heuristics_;
  bool prepared_ = false;
  uint64_t chain_addresses_ = 0;  // of the view
  uint64_t block_addresses_ = 0;  // with the block
  AddressFacts facts_;
  KeyTable keys_;
  std::vector<ScriptKind> kinds_;
  std::set<AddressId> anyones_;  // AnyoneCanSpend()
  PeelingChange peeling_;
  // The keys of some addresses, read at once.
  std::vector<std::string> keys_ahead_;
  uint64_t keys_ahead_from_ = 0;
  std::vector<AddressId> same_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_SIGN_FINDER_H_
