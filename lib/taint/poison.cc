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

  void Share(absl::Span<const Lot<U>> sequence, absl::Span<const Taker<U>> takers,
             Slices<U>* slices) const override {
    absl::InlinedVector<SourceId, 8> sources;
    for (const Lot<U>& brought : sequence) {
      if (brought.source != kClean && (sources.empty() || sources.back() != brought.source)) {
        sources.push_back(brought.source);
      }
    }
    std::sort(sources.begin(), sources.end());
    sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
    Lot<U>* out = slices->Begin(takers.size(), takers.size() * sources.size());
    for (size_t i = 0; i < takers.size(); ++i) {
      const Lot<U>* const first = out;
      for (const SourceId source : sources) *out++ = {takers[i].amount, source};
      slices->Set(i, first, out);
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
