#include "lib/taint/policies.h"

namespace spoor {
namespace {

// First in, first out: takers take from the front. Clayton's Case (1816) 1 Mer 572; for Bitcoin,
// Anderson, Shumailov and Ahmed, "Making Bitcoin Legal" (2018).
template <typename U>
class Fifo : public Policy<U> {
 public:
  absl::string_view name() const override { return "fifo"; }

  void Share(absl::Span<const Lot<U>> sequence, absl::Span<const Taker<U>> takers,
             Slices<U>* slices) const override {
    // Each taker's end may cut a lot in two.
    Lot<U>* out = slices->Begin(takers.size(), sequence.size() + takers.size());
    if (sequence.empty()) return;
    const Lot<U>* lot = sequence.data();
    U left = lot->units;
    for (size_t i = 0; i < takers.size(); ++i) {
      U wanted = takers[i].amount;
      if (wanted == 0) continue;
      // Without a branch, for whether the taker before has taken all of it is anybody's guess.
      lot += left == 0 ? 1 : 0;
      left = left == 0 ? lot->units : left;
      Lot<U>* const first = out;
      const U of_first = left;
      for (;;) {
        *out++ = *lot;
        if (left >= wanted) break;
        wanted -= left;
        left = (++lot)->units;
      }
      left -= wanted;
      first->units = of_first;
      out[-1].units = wanted;
      slices->Set(i, first, out);
    }
  }
};

}  // namespace

template <typename U>
std::unique_ptr<Policy<U>> MakeFifo() {
  return std::make_unique<Fifo<U>>();
}
SPOOR_INSTANTIATE_POLICY(MakeFifo);

}  // namespace spoor
