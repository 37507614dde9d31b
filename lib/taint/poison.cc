#include <algorithm>

#include "lib/taint/policies.h"

namespace spoor {
namespace {

// Any taint at all taints everything: each taker gets every source of the movement, as large as
// itself. Möser, Böhme and Breuker (2014). A ceiling, not an account: it does not conserve.
template <typename U>
class Poison : public Policy<U> {
 public:
  absl::string_view name() const override { return "poison"; }
  bool conserving() const override { return false; }
  bool ordered() const override { return false; }

  void Share(absl::Span<const Piece<U>> sequence, absl::Span<const Taker<U>> takers,
             std::vector<Slice<U>>* slices) const override {
    std::vector<Piece<U>> sources;
    for (const Piece<U>& piece : sequence) {
      if (piece.source != kClean) sources.push_back(piece);
    }
    std::stable_sort(sources.begin(), sources.end(),
                     [](const Piece<U>& a, const Piece<U>& b) { return a.source < b.source; });
    sources.erase(
        std::unique(sources.begin(), sources.end(),
                    [](const Piece<U>& a, const Piece<U>& b) { return a.source == b.source; }),
        sources.end());
    for (size_t i = 0; i < takers.size(); ++i) {
      for (Piece<U> piece : sources) {
        piece.units = takers[i].amount;
        (*slices)[i].push_back(piece);
      }
    }
  }
};

}  // namespace

template <typename U>
std::unique_ptr<Policy<U>> MakePoison() {
  return std::make_unique<Poison<U>>();
}
SPOOR_INSTANTIATE_POLICY(MakePoison);

}  // namespace spoor
