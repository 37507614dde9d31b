#include "lib/entity/spent_payment.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// Whether all outputs that somebody holds are spent, the last of them at `position`.
bool IsSpentBy(const Movement& movement, Position position) {
  return std::all_of(movement.takes.begin(), movement.takes.end(), [&](const Take& take) {
    return take.kind != TakerKind::kHolding || (take.next.has_value() && *take.next <= position);
  });
}

}  // namespace

absl::Status VisitSpentPayments(const LedgerView& view, const Movement& movement,
                                absl::FunctionRef<void(const SpentPayment&)> visit) {
  std::vector<Position> positions;
  absl::flat_hash_set<Position> seen;
  for (const Give& give : movement.gives) {
    const Position made{give.holding.major};
    if (give.kind == GiveKind::kHolding && seen.insert(made).second) positions.push_back(made);
  }
  if (positions.empty()) return absl::OkStatus();
  std::vector<Movement> payments;
  SPOOR_RETURN_IF_ERROR(view.ReadMovements(positions, &payments));
  std::vector<Movement> spenders;
  for (const Movement& made : payments) {
    if (!IsSpentBy(made, movement.position)) continue;
    std::optional<Payment> payment = PaymentOf(made);
    if (!payment.has_value()) continue;
    positions.clear();
    for (const uint32_t i : payment->outputs) positions.push_back(*payment->output(i).next);
    SPOOR_RETURN_IF_ERROR(view.ReadMovements(positions, &spenders));
    visit({*std::move(payment), spenders});
  }
  return absl::OkStatus();
}

}  // namespace spoor
