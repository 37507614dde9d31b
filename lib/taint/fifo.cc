#include <algorithm>

#include "lib/taint/policies.h"

namespace spoor {
namespace {

// First in, first out: takers take from the front. Clayton's Case (1816) 1 Mer 572; for Bitcoin,
// Anderson, Shumailov and Ahmed, "Making Bitcoin Legal" (2018).
template <typename U>
class Fifo : public Policy<U> {
 public:
  absl::string_view name() const override { return "fifo"; }

  void Share(absl::Span<const Piece<U>> sequence, absl::Span<const Taker<U>> takers,
             std::vector<Slice<U>>* slices) const override {
    const Piece<U>* piece = sequence.data();
    U used = 0;  // of *piece
    for (size_t i = 0; i < takers.size(); ++i) {
      U wanted = takers[i].amount;
      while (wanted > 0) {
        const U left = piece->units - used;
        const U taken = std::min(left, wanted);
        if (taken > 0) AddPart(taken, *piece, &(*slices)[i]);
        wanted -= taken;
        used += taken;
        if (used == piece->units) {
          ++piece;
          used = 0;
        }
      }
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
