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
        if (taken > 0) slice.push_back({taken, piece.source, piece.giver});
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
};

}  // namespace

template <typename U>
std::unique_ptr<Policy<U>> MakeLifo() {
  return std::make_unique<Lifo<U>>();
}
SPOOR_INSTANTIATE_POLICY(MakeLifo);

}  // namespace spoor
