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

  void Share(absl::Span<const Piece<U>> sequence, absl::Span<const Taker<U>> takers,
             std::vector<Slice<U>>* slices) const override {
    // What is left to give out, by source.
    absl::InlinedVector<Lot<U>, 8> pool;
    U total = 0;
    U tainted = 0;
    for (const Piece<U>& piece : sequence) {
      total += piece.units;
      if (piece.source == kClean) continue;
      tainted += piece.units;
      const auto lot = std::lower_bound(
          pool.begin(), pool.end(), piece.source,
          [](const Lot<U>& pooled, SourceId source) { return pooled.source < source; });
      if (lot != pool.end() && lot->source == piece.source) {
        lot->units += piece.units;
      } else {
        pool.insert(lot, {piece.units, piece.source});
      }
    }
    Apportioner<U> among_takers(tainted, total);
    for (size_t i = 0; i < takers.size(); ++i) {
      const U share = among_takers.Next(takers[i].amount);
      Apportioner<U> among_sources(share, tainted);
      tainted -= share;
      for (Lot<U>& lot : pool) {
        const U part = among_sources.Next(lot.units);
        if (part == 0) continue;
        (*slices)[i].push_back({part, lot.source, 0});
        lot.units -= part;
      }
      if (takers[i].amount > share) {
        (*slices)[i].push_back({takers[i].amount - share, kClean, 0});
      }
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
