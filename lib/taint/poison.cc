#include <algorithm>

#include "absl/container/inlined_vector.h"
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
    absl::InlinedVector<SourceId, 8> sources;
    for (const Piece<U>& piece : sequence) {
      if (piece.source != kClean && (sources.empty() || sources.back() != piece.source)) {
        sources.push_back(piece.source);
      }
    }
    std::sort(sources.begin(), sources.end());
    sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
    for (size_t i = 0; i < takers.size(); ++i) {
      for (const SourceId source : sources) {
        (*slices)[i].push_back({takers[i].amount, source, 0});
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
