#include "spoor/taint/peel_chain.h"

#include <algorithm>
#include <utility>

namespace spoor {

void PeelChainFinder::Visit(const Movement& movement) {
  const std::vector<Take>& takes = movement.takes;
  // Two outputs, and the fee.
  const bool peels = movement.gives.size() == 1 && takes.size() == 3 &&
                     takes[0].kind == TakerKind::kHolding && takes[1].kind == TakerKind::kHolding;
  const uint32_t large = peels && takes[1].amount > takes[0].amount ? 1 : 0;
  const uint32_t small = 1 - large;
  const bool longer =
      peels && takes[small].amount != 0 && takes[large].amount / 2 >= takes[small].amount;
  PeelChain chain;
  chain.start = movement.position;
  for (const Give& give : movement.gives) {
    if (give.kind != GiveKind::kHolding) continue;
    const auto it = open_.find(give.holding);
    if (it == open_.end()) continue;
    if (longer) {
      chain = std::move(it->second);
    } else {
      Close(std::move(it->second));
    }
    open_.erase(it);
  }
  if (!longer) return;
  const auto payment = [&](uint32_t output) {
    return PeelChain::Payment{movement.txid, output, takes[output].owner, takes[output].amount};
  };
  chain.payments.push_back(payment(small));
  chain.rest = payment(large);
  if (takes[large].next.has_value()) {
    open_[takes[large].holding] = std::move(chain);
  } else {
    Close(std::move(chain));
  }
}

void PeelChainFinder::Close(PeelChain chain) {
  if (chain.payments.size() >= kLeastSteps) closed_.push_back(std::move(chain));
}

std::vector<PeelChain> PeelChainFinder::Finish() {
  for (auto& [holding, chain] : open_) Close(std::move(chain));
  open_.clear();
  std::sort(closed_.begin(), closed_.end(),
            [](const PeelChain& a, const PeelChain& b) { return a.start < b.start; });
  return std::exchange(closed_, {});
}

}  // namespace spoor
