#ifndef SPOOR_LIB_ENTITY_SPENT_PAYMENT_H_
#define SPOOR_LIB_ENTITY_SPENT_PAYMENT_H_

#include <cstdint>
#include <optional>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lib/entity/payment.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// A payment whose outputs have all been spent, and what spent them. Some heuristics tell change by
// what its spender does, which lies in the future of the payment. They are asked when the last of
// its outputs is spent, about what has happened by then: so what they say then stays said.
struct SpentPayment {
  Payment payment;
  absl::Span<const Movement> spenders;  // of each of payment.outputs; stands during the visit
};

// Visits the payments of which `movement` spends the last output, in the order in which it spends
// them. Reads the movements that it spends from, and other spenders of those payments.
absl::Status VisitSpentPayments(const LedgerView& view, const Movement& movement,
                                absl::FunctionRef<void(const SpentPayment&)> visit);

// The take that is change by one sign each, where just one is.
std::optional<uint32_t> LockTimeChange(const SpentPayment& spent);
std::optional<uint32_t> FingerprintChange(const SpentPayment& spent, const AddressFacts& facts);

// The output whose spender `fits`, if it is the only one.
template <typename Fits>
std::optional<uint32_t> OnlySpentBy(const SpentPayment& spent, const Fits& fits) {
  std::optional<uint32_t> only;
  for (size_t i = 0; i < spent.spenders.size(); ++i) {
    if (!fits(spent.spenders[i])) continue;
    if (only.has_value()) return std::nullopt;
    only = spent.payment.outputs[i];
  }
  return only;
}

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_SPENT_PAYMENT_H_
