#include <algorithm>

#include "lib/taint/policies.h"

namespace spoor {
namespace {

// Last in, first out: takers take from the back, as accountants and some tax offices have it.
template <typename U>
class Lifo : public Policy<U> {
 public:
  absl::string_view name() const override { return "lifo"; }

  void Share(absl::Span<const Piece<U>> sequence, absl::Span<const Taker<U>> takers,
             std::vector<Slice<U>>* slices) const override {
    const Piece<U>* end = sequence.data() + sequence.size();  // of what is left
    U used = 0;                                               // of the piece before `end`
    for (size_t i = 0; i < takers.size(); ++i) {
      Slice<U>& slice = (*slices)[i];
      U wanted = takers[i].amount;
      while (wanted > 0) {
        const Piece<U>& piece = end[-1];
        const U taken = std::min<U>(piece.units - used, wanted);
        if (taken > 0) AddPart(taken, piece, &slice);
        wanted -= taken;
        used += taken;
        if (used == piece.units) {
          --end;
          used = 0;
        }
      }
      std::reverse(slice.begin(), slice.end());
    }
  }

  // The last taker has the front of what the givers brought, the first taker the back.
  void ShareBack(absl::Span<const Piece<U>> sequence, absl::Span<const Taker<U>> givers,
                 std::vector<Slice<U>>* slices) const override {
    std::vector<Piece<U>> brought(sequence.begin(), sequence.end());
    std::stable_sort(brought.begin(), brought.end(),
                     [](const Piece<U>& a, const Piece<U>& b) { return a.giver > b.giver; });
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
