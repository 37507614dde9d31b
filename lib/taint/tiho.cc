#include <algorithm>
#include <numeric>

#include "absl/container/inlined_vector.h"
#include "lib/taint/policies.h"
#include "lib/taint/two_queues.h"

namespace spoor {
namespace {

// Taint in, highest out: the largest payment is taken to be the one that the stolen coins were
// brought for. Tironsakkul, Maarek, Eross and Just, "Tracking Mixed Bitcoins" (2020).
template <typename U>
class Tiho : public Policy<U> {
 public:
  absl::string_view name() const override { return "tiho"; }

  void Share(absl::Span<const Lot<U>> sequence, absl::Span<const Taker<U>> takers,
             Slices<U>* slices) const override {
    absl::InlinedVector<size_t, 8> order(takers.size());
    FrontFirst(takers, absl::MakeSpan(order));
    TwoQueues<U> queues(sequence, takers.size(), slices);
    for (const size_t i : order) {
      const U tainted = std::min<U>(queues.tainted_left(), takers[i].amount);
      queues.Give(tainted, takers[i].amount - tainted, i);
    }
  }

  void FrontFirst(absl::Span<const Taker<U>> takers, absl::Span<size_t> order) const override {
    std::iota(order.begin(), order.end(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
      if (takers[a].fee != takers[b].fee) return takers[b].fee;
      return takers[a].amount > takers[b].amount;
    });
  }
};

}  // namespace

template <typename U>
std::unique_ptr<Policy<U>> MakeTiho() {
  return std::make_unique<Tiho<U>>();
}
SPOOR_INSTANTIATE_POLICY(MakeTiho);

}  // namespace spoor
