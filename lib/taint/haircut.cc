#include <algorithm>

#include "absl/container/inlined_vector.h"
#include "lib/taint/policies.h"

namespace spoor {
namespace {

// Pro rata: every taker gets the movement's mean taint. Möser, Böhme and Breuker, "Towards Risk
// Scoring of Bitcoin Transactions" (2014). In whole units, none lost: see docs/model.md, "Taint".
template <typename U>
class Haircut : public Policy<U> {
 public:
  absl::string_view name() const override { return "haircut"; }
  bool ordered() const override { return false; }

  void Share(absl::Span<const Lot<U>> sequence, absl::Span<const Taker<U>> takers,
             Slices<U>* slices) const override {
    // What is left to give out, by source.
    absl::InlinedVector<Lot<U>, 8> pool;
    U total = 0;
    U tainted = 0;
    for (const Lot<U>& brought : sequence) {
      total += brought.units;
      if (brought.source == kClean) continue;
      tainted += brought.units;
      const auto lot = std::lower_bound(
          pool.begin(), pool.end(), brought.source,
          [](const Lot<U>& pooled, SourceId source) { return pooled.source < source; });
      if (lot != pool.end() && lot->source == brought.source) {
        lot->units += brought.units;
      } else {
        pool.insert(lot, {brought.units, brought.source});
      }
    }
    Lot<U>* out = slices->Begin(takers.size(), 0);
    Apportioner<U> among_takers(tainted, total);
    for (size_t i = 0; i < takers.size(); ++i) {
      const U share = among_takers.Next(takers[i].amount);
      Apportioner<U> among_sources(share, tainted);
      tainted -= share;
      // Of most of many sources most takers get nothing, so there is not room for all at once.
      out = slices->Room(out, pool.size() + 1);
      const Lot<U>* const first = out;
      for (Lot<U>& lot : pool) {
        const U part = among_sources.Next(lot.units);
        if (part == 0) continue;
        *out++ = {part, lot.source};
        lot.units -= part;
      }
      if (takers[i].amount > share) *out++ = {takers[i].amount - share, kClean};
      slices->Set(i, first, out);
    }
  }
};

}  // namespace

template <typename U>
std::unique_ptr<Policy<U>> MakeHaircut() {
  return std::make_unique<Haircut<U>>();
}
SPOOR_INSTANTIATE_POLICY(MakeHaircut);

}  // namespace spoor
