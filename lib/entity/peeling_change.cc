// Peel chains: one coin pays somebody and leaves a rest, and the rest, alone, pays again. In a
// transaction of one input and two outputs, one at least twice the other, that spends the larger
// output of another such, the larger output is the change.
//
// Meiklejohn et al., "A Fistful of Bitcoins" (2013), section 5; Kalodner et al., BlockSci (2020),
// PeelingChainChange; Kappos et al., "How to Peel a Million: Validating and Expanding Bitcoin
// Clusters" (2022), who tell the change by what its spender does next. That looks into the future
// of a transaction; this does not, so that no later block changes what was said.
//
// Weakness: the last link of a chain pays its larger output to somebody. And a payee who spends
// what he got by itself and at once, as those do who pass everything on, continues somebody else's
// chain.

#include <algorithm>

#include "lib/entity/payment.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// The larger output of a link of a peel chain.
std::optional<uint32_t> RestOf(const Payment& payment) {
  if (payment.movement->gives.size() != 1 || payment.outputs.size() != 2) return std::nullopt;
  const uint32_t a = payment.outputs[0];
  const uint32_t b = payment.outputs[1];
  const Units& a_amount = payment.output(a).amount;
  const Units& b_amount = payment.output(b).amount;
  if (a_amount >= 2 * b_amount) return a;
  if (b_amount >= 2 * a_amount) return b;
  return std::nullopt;
}

}  // namespace

void PeelingChange::Reset(uint64_t from) {
  from_ = from;
  rests_.clear();
}

void PeelingChange::Shrink(uint64_t end) {
  if (end < from_) return Reset(end);
  rests_.resize(std::min<size_t>(rests_.size(), end - from_));
}

absl::StatusOr<std::optional<uint32_t>> PeelingChange::Next(const LedgerView& view,
                                                            const Movement& movement,
                                                            const Payment* payment) {
  // Outputs that a byte does not hold are beside others that pay nobody: that is no peel chain.
  constexpr uint32_t kMostOutput = 254;
  std::optional<uint32_t> rest;
  if (payment != nullptr) rest = RestOf(*payment);
  if (rest.has_value() && *rest > kMostOutput) rest.reset();
  rests_.push_back(static_cast<uint8_t>(rest.has_value() ? *rest + 1 : 0));
  if (!rest.has_value() || movement.gives[0].kind != GiveKind::kHolding) {
    return std::optional<uint32_t>();
  }
  const Holding& spent = movement.gives[0].holding;
  uint32_t before = kMostOutput + 1;  // none
  if (spent.major >= from_) {
    const uint8_t known = rests_[spent.major - from_];
    if (known > 0) before = known - 1;
  } else {
    SPOOR_ASSIGN_OR_RETURN(const Movement made, ReadMovement(view, Position{spent.major}));
    const std::optional<Payment> earlier = PaymentOf(made);
    if (earlier.has_value()) before = RestOf(*earlier).value_or(before);
  }
  if (before > kMostOutput || before != spent.minor) return std::optional<uint32_t>();
  return rest;
}

}  // namespace spoor
