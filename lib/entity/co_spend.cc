// Co-spending: the inputs of a transaction are signed by whoever controls them, so all of them have
// one controller.
//
// Nakamoto, "Bitcoin: A Peer-to-Peer Electronic Cash System" (2008), section 10; Reid and Harrigan,
// "An Analysis of Anonymity in the Bitcoin System" (2011); Ron and Shamir, "Quantitative Analysis
// of the Full Bitcoin Transaction Graph" (2013).
//
// Weakness: CoinJoins, in which several people sign one transaction. Those of a shape that is
// recognised are left out; others, and PayJoins (BIP 78), which are made to look like payments,
// join those who took part. So do services that spend from addresses that customers control too.

#include "lib/entity/payment.h"
#include "spoor/entity/coinjoin.h"

namespace spoor {
namespace {

// The fewest inputs of a CoinJoin.
constexpr size_t kLeastJoined = 3;

}  // namespace

void CoSpend(const Movement& movement, absl::FunctionRef<bool(AddressId)> anyones,
             absl::FunctionRef<void(AddressId, AddressId)> sign) {
  const std::vector<Give>& gives = movement.gives;
  if (gives.size() < 2 ||
      (gives.size() >= kLeastJoined && RecogniseCoinJoin(movement).has_value())) {
    return;
  }
  AddressId first;
  for (const Give& give : gives) {
    if (give.owner.IsNobody() || give.owner == first || anyones(give.owner)) continue;
    if (first.IsNobody()) {
      first = give.owner;
    } else {
      sign(first, give.owner);
    }
  }
}

}  // namespace spoor
