#include "lib/entity/payment.h"

#include <algorithm>

#include "spoor/entity/coinjoin.h"

namespace spoor {

std::optional<Payment> PaymentOf(const Movement& movement) {
  Payment payment;
  payment.movement = &movement;
  for (uint32_t i = 0; i < movement.takes.size(); ++i) {
    if (movement.takes[i].kind == TakerKind::kHolding) payment.outputs.push_back(i);
  }
  if (movement.coinbase || payment.outputs.size() < 2) return std::nullopt;
  for (const Give& give : movement.gives) {
    // An input of which nothing is known may be of an address that is paid.
    if (give.kind == GiveKind::kUnresolved) return std::nullopt;
    payment.givers.push_back(give.owner);
  }
  std::sort(payment.givers.begin(), payment.givers.end());
  payment.givers.erase(std::unique(payment.givers.begin(), payment.givers.end()),
                       payment.givers.end());
  for (const uint32_t i : payment.outputs) {
    if (std::binary_search(payment.givers.begin(), payment.givers.end(), payment.output(i).owner)) {
      return std::nullopt;
    }
  }
  if (RecogniseCoinJoin(movement).has_value()) return std::nullopt;
  return payment;
}

}  // namespace spoor
