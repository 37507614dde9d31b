#include <algorithm>

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
    // What is left to give out, by source and then by giver. Inside a parcel order has no meaning,
    // so a giver's lots of one source count as one.
    std::vector<Piece<U>> pool;
    U total = 0;
    U tainted = 0;
    for (const Piece<U>& piece : sequence) {
      total += piece.units;
      if (piece.source == kClean) continue;
      tainted += piece.units;
      pool.push_back(piece);
    }
    std::stable_sort(pool.begin(), pool.end(),
                     [](const Piece<U>& a, const Piece<U>& b) { return a.source < b.source; });
    Apportioner<U> among_takers(tainted, total);
    for (size_t i = 0; i < takers.size(); ++i) {
      const U share = among_takers.Next(takers[i].amount);
      if (share > 0) TakeFromPool(share, tainted, &pool, &(*slices)[i]);
      tainted -= share;
      if (takers[i].amount > share) {
        (*slices)[i].push_back({takers[i].amount - share, kClean, 0});
      }
    }
  }

 private:
  // Splits `share` among the sources in the pool, which hold `tainted` in all, and each source's
  // part among its givers, by the same rule both times.
  static void TakeFromPool(const U& share, const U& tainted, std::vector<Piece<U>>* pool,
                           Slice<U>* slice) {
    Apportioner<U> among_sources(share, tainted);
    for (auto begin = pool->begin(); begin != pool->end();) {
      auto end = begin;
      U held = 0;
      for (; end != pool->end() && end->source == begin->source; ++end) held += end->units;
      const U part = among_sources.Next(held);
      Apportioner<U> among_givers(part, held);
      for (; begin != end; ++begin) {
        const U units = among_givers.Next(begin->units);
        if (units == 0) continue;
        slice->push_back({units, begin->source, begin->giver});
        begin->units -= units;
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
