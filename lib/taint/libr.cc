#include <algorithm>

#include "lib/taint/policies.h"
#include "lib/taint/two_queues.h"

namespace spoor {
namespace {

// Lowest intermediate balance: a thief is presumed to spend their own money first and to keep what
// is not theirs. Re Hallett's Estate (1880) 13 Ch D 696; Roscoe v Winder [1915] 1 Ch 62.
template <typename U>
class Libr : public Policy<U> {
 public:
  absl::string_view name() const override { return "libr"; }

  void Share(absl::Span<const Lot<U>> sequence, absl::Span<const Taker<U>> takers,
             Slices<U>* slices) const override {
    TwoQueues<U> queues(sequence, takers.size(), slices);
    for (size_t i = 0; i < takers.size(); ++i) {
      const U clean = std::min<U>(queues.clean_left(), takers[i].amount);
      queues.Give(takers[i].amount - clean, clean, i);
    }
  }
};

}  // namespace

template <typename U>
std::unique_ptr<Policy<U>> MakeLibr() {
  return std::make_unique<Libr<U>>();
}
SPOOR_INSTANTIATE_POLICY(MakeLibr);

}  // namespace spoor
