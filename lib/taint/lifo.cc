#include <algorithm>

#include "lib/taint/policies.h"

namespace spoor {
namespace {

// Last in, first out: takers take from the back, as accountants and some tax offices have it.
template <typename U>
class Lifo : public Policy<U> {
 public:
  absl::string_view name() const override { return "lifo"; }

  void Share(absl::Span<const Lot<U>> sequence, absl::Span<const Taker<U>> takers,
             Slices<U>* slices) const override {
    // From the back on, as they are taken. Each taker's end may cut a lot in two.
    const size_t most = sequence.size() + takers.size();
    Lot<U>* out = slices->Begin(takers.size(), most) + most;
    if (sequence.empty()) return;
    const Lot<U>* lot = &sequence.back();
    U left = lot->units;
    for (size_t i = 0; i < takers.size(); ++i) {
      U wanted = takers[i].amount;
      if (wanted == 0) continue;
      lot -= left == 0 ? 1 : 0;
      left = left == 0 ? lot->units : left;
      Lot<U>* const end = out;
      const U of_last = left;
      for (;;) {
        *--out = *lot;
        if (left >= wanted) break;
        wanted -= left;
        left = (--lot)->units;
      }
      left -= wanted;
      end[-1].units = of_last;
      out->units = wanted;
      slices->Set(i, out, end);
    }
  }

  // The last taker has the front of what the givers brought, the first taker the back.
  void ShareBack(absl::Span<const Lot<U>> sequence, absl::Span<const Taker<U>> givers,
                 Slices<U>* slices) const override {
    std::vector<Lot<U>> brought(sequence.begin(), sequence.end());
    std::stable_sort(brought.begin(), brought.end(),
                     [](const Lot<U>& a, const Lot<U>& b) { return a.giver > b.giver; });
    MakeFifo<U>()->Share(brought, givers, slices);
  }

  void FrontFirst(absl::Span<const Taker<U>> takers, absl::Span<size_t> order) const override {
    MakeFifo<U>()->FrontFirst(takers, order);
    std::reverse(order.begin(), order.end());
  }
  void FrontFirstBack(absl::Span<const Taker<U>> givers, absl::Span<size_t> order) const override {
    MakeFifo<U>()->FrontFirst(givers, order);
  }
};

}  // namespace

template <typename U>
std::unique_ptr<Policy<U>> MakeLifo() {
  return std::make_unique<Lifo<U>>();
}
SPOOR_INSTANTIATE_POLICY(MakeLifo);

}  // namespace spoor
