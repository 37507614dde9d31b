#ifndef SPOOR_LIB_ENTITY_PAYMENT_H_
#define SPOOR_LIB_ENTITY_PAYMENT_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "spoor/chain/script.h"
#include "spoor/entity/heuristic.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// What is known of addresses when a movement is looked at.
struct AddressFacts {
  // Addresses from here on have not been seen before it.
  uint64_t seen = 0;
  // Of every address, if a heuristic asks for it.
  const std::vector<ScriptKind>* kinds = nullptr;

  bool IsNew(AddressId id) const { return id.number >= seen; }
  bool HasKindOf(AddressId id) const { return id.number < kinds->size(); }
  ScriptKind KindOf(AddressId id) const { return (*kinds)[id.number]; }
};

// A transaction that may have change: one that spends, is no CoinJoin, pays two addresses or more
// and none that it spends from. (Where it pays one of those, that one is the change, and known.)
struct Payment {
  const Movement* movement = nullptr;
  std::vector<AddressId> givers;  // owners of inputs, none twice; never empty
  std::vector<uint32_t> outputs;  // takes that somebody holds

  const Take& output(uint32_t i) const { return movement->takes[i]; }
};

// The payment that a movement is, if it is one.
std::optional<Payment> PaymentOf(const Movement& movement);

// The pairs of owners of inputs that one who controls all of them would have: the first with each
// other.
// Inputs of addresses for which `anyones` holds, from which anybody can spend, tell nothing.
void CoSpend(const Movement& movement, absl::FunctionRef<bool(AddressId)> anyones,
             absl::FunctionRef<void(AddressId, AddressId)> sign);

// The take that is change by one sign each, where just one is. The only states that they may look
// at are the movement and what came before it, so that the answer stays the same for ever.
std::optional<uint32_t> OneTimeChange(const Payment& payment, const AddressFacts& facts);
std::optional<uint32_t> AddressTypeChange(const Payment& payment, const AddressFacts& facts);
std::optional<uint32_t> OptimalChange(const Payment& payment);
std::optional<uint32_t> RoundAmountChange(const Payment& payment);

// Knows of the movements that it has been told whether they are links of a peel chain.
class PeelingChange {
 public:
  // Movements from here on will be told, one after another. Earlier ones are read.
  void Reset(uint64_t from);
  // Tells the next movement. `payment` is null if it is none. The take that is change.
  absl::StatusOr<std::optional<uint32_t>> Next(const LedgerView& view, const Movement& movement,
                                               const Payment* payment);
  // Forgets the movements from `end` on.
  void Shrink(uint64_t end);

 private:
  uint64_t from_ = 0;
  std::vector<uint8_t> rests_;  // by position - from_: 0, or the rest's output + 1
};

// The output that `fits`, if it is the only one.
template <typename Fits>
std::optional<uint32_t> OnlyOutput(const Payment& payment, const Fits& fits) {
  std::optional<uint32_t> only;
  for (const uint32_t i : payment.outputs) {
    if (!fits(payment.output(i))) continue;
    if (only.has_value()) return std::nullopt;
    only = i;
  }
  return only;
}

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_PAYMENT_H_
