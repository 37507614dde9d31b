#ifndef SPOOR_LIB_TAINT_STRONGEST_WAYS_H_
#define SPOOR_LIB_TAINT_STRONGEST_WAYS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "lib/taint/path_tree.h"
#include "lib/taint/proportion.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// The strongest ways to each tainted holding under a policy by which units have none of their own
// (docs/model.md, "Paths"). Under one that conserves, a way's strength is its share of what the
// holding has of the way's source: in a movement all takers get it in the share in which the givers
// bring it. Under a ceiling it is the smallest amount on the way. What comes out of a movement by a
// stronger way went into it by a stronger way; so of each holding and source no more have to be
// kept than are to be told.
template <typename U>
class StrongestWays {
 public:
  struct Strong {
    PathTree::Way way = 0;
    Proportion share;
    U width = 0;
  };
  // By source, then the strongest first, of equals the shortest.
  using List = std::vector<Strong>;

  StrongestWays(bool conserving, size_t most) : conserving_(conserving), most_(most) {}

  // A movement begins.
  void Start() {
    entered_.clear();
    totals_.clear();
    joined_.clear();
    marked_.clear();
  }
  // Into it comes the holding, with what is in its parcel.
  void Enter(const Holding& holding, absl::Span<const Lot<U>> parcel);
  // All have come.
  void Join();
  // A seed marks so many units of what leaves by `exit`.
  void Mark(size_t exit, SourceId source, const U& units) {
    marked_.push_back({exit, source, units});
  }
  // The ways of what leaves by `exit`, whose amount is `amount`, with `parcel`, to `place`.
  List Leave(size_t exit, absl::Span<const Lot<U>> parcel, const U& amount,
             const Path::Place& place);
  // Has them wait at `holding`.
  void Put(const Holding& holding, List ways);
  // Takes those that wait there.
  List Take(const Holding& holding);
  // A seed marks so many units at `holding`, of `amount`, which then has `parcel`.
  void MarkAt(const Holding& holding, SourceId source, const U& units,
              absl::Span<const Lot<U>> parcel, const U& amount, const Path::Place& place);

  // As many paths as asked for, of the units in `parcel`.
  std::vector<Path> PathsOf(const List& ways, absl::Span<const Lot<U>> parcel) const;

  uint64_t memory() const {
    return tree_.memory() + kept_ * sizeof(Strong) +
           at_.capacity() * (sizeof(typename decltype(at_)::value_type) + 1);
  }

 private:
  struct Entered {
    SourceId source = kClean;
    U units = 0;  // of the source, that came with it by all ways
    Strong strong;
  };
  struct Marked {
    size_t exit = 0;
    SourceId source = kClean;
    U units = 0;
  };
  using BySource = std::vector<std::pair<SourceId, U>>;

  // The units of each source, in order.
  static BySource UnitsOf(absl::Span<const Lot<U>> parcel);
  static void AddUp(BySource* units);
  bool Stronger(const Strong& a, const Strong& b) const;
  // The strongest of [begin, end), in order.
  void KeepStrongest(List* ways) const;
  // Of `units` of `source` in `amount`, `marked` have just been marked, if any were, and the others
  // came by `ways`: adds the strongest of all those ways to `list`.
  void Blend(SourceId source, const U& units, const std::optional<U>& marked, const U& amount,
             List ways, const Path::Place& place, bool extend, List* list);

  bool conserving_;
  size_t most_;
  PathTree tree_;
  absl::flat_hash_map<Holding, List> at_;
  uint64_t kept_ = 0;  // in at_

  // Of the movement at hand.
  std::vector<Entered> entered_;
  BySource totals_;
  List joined_;
  std::vector<Marked> marked_;
};

template <typename U>
void StrongestWays<U>::AddUp(BySource* units) {
  std::sort(units->begin(), units->end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  size_t count = 0;
  for (const auto& entry : *units) {
    if (count > 0 && (*units)[count - 1].first == entry.first) {
      (*units)[count - 1].second += entry.second;
    } else {
      (*units)[count++] = entry;
    }
  }
  units->resize(count);
}

template <typename U>
typename StrongestWays<U>::BySource StrongestWays<U>::UnitsOf(absl::Span<const Lot<U>> parcel) {
  BySource units;
  for (const Lot<U>& lot : parcel) {
    if (lot.source != kClean) units.emplace_back(lot.source, lot.units);
  }
  AddUp(&units);
  return units;
}

template <typename U>
bool StrongestWays<U>::Stronger(const Strong& a, const Strong& b) const {
  if (conserving_) {
    if (b.share < a.share) return true;
    if (a.share < b.share) return false;
  } else if (a.width != b.width) {
    return a.width > b.width;
  }
  return tree_.length(a.way) < tree_.length(b.way);
}

template <typename U>
void StrongestWays<U>::KeepStrongest(List* ways) const {
  std::stable_sort(ways->begin(), ways->end(),
                   [&](const Strong& a, const Strong& b) { return Stronger(a, b); });
  if (ways->size() > most_) ways->resize(most_);
}

template <typename U>
void StrongestWays<U>::Enter(const Holding& holding, absl::Span<const Lot<U>> parcel) {
  const List ways = Take(holding);
  auto way = ways.begin();
  for (const auto& [source, units] : UnitsOf(parcel)) {
    totals_.emplace_back(source, units);
    for (; way != ways.end() && tree_.source(way->way) == source; ++way) {
      entered_.push_back({source, units, *way});
    }
  }
}

template <typename U>
void StrongestWays<U>::Join() {
  AddUp(&totals_);
  std::stable_sort(entered_.begin(), entered_.end(),
                   [](const Entered& a, const Entered& b) { return a.source < b.source; });
  auto entered = entered_.begin();
  List ways;
  for (const auto& [source, total] : totals_) {
    ways.clear();
    for (; entered != entered_.end() && entered->source == source; ++entered) {
      Strong& way = ways.emplace_back(entered->strong);
      if (conserving_) way.share = way.share.Times(entered->units, total);
    }
    KeepStrongest(&ways);
    joined_.insert(joined_.end(), ways.begin(), ways.end());
  }
}

template <typename U>
void StrongestWays<U>::Blend(SourceId source, const U& units, const std::optional<U>& marked,
                             const U& amount, List ways, const Path::Place& place, bool extend,
                             List* list) {
  if (conserving_ && marked == units) ways.clear();
  for (Strong& way : ways) {
    if (conserving_) {
      way.share = way.share.Times(U(units - marked.value_or(0)), units);
    } else {
      way.width = std::min(way.width, amount);
    }
  }
  if (marked.has_value()) {
    const Proportion all = Proportion::One();
    ways.push_back({0, conserving_ ? all.Times(*marked, units) : all, amount});
  }
  KeepStrongest(&ways);
  for (Strong& way : ways) {
    if (way.way == 0) {
      way.way = tree_.Begin(source, place);
    } else if (extend) {
      way.way = tree_.Extend(way.way, place);
    }
  }
  list->insert(list->end(), ways.begin(), ways.end());
}

template <typename U>
typename StrongestWays<U>::List StrongestWays<U>::Leave(size_t exit,
                                                        absl::Span<const Lot<U>> parcel,
                                                        const U& amount, const Path::Place& place) {
  List list;
  auto begin = joined_.begin();
  for (const auto& [source, units] : UnitsOf(parcel)) {
    while (begin != joined_.end() && tree_.source(begin->way) < source) ++begin;
    auto end = begin;
    while (end != joined_.end() && tree_.source(end->way) == source) ++end;
    std::optional<U> marked;
    for (const Marked& mark : marked_) {
      if (mark.exit == exit && mark.source == source) marked = marked.value_or(0) + mark.units;
    }
    Blend(source, units, marked, amount, List(begin, end), place, /*extend=*/true, &list);
    begin = end;
  }
  return list;
}

template <typename U>
void StrongestWays<U>::Put(const Holding& holding, List ways) {
  kept_ += ways.size();
  at_[holding] = std::move(ways);
}

template <typename U>
typename StrongestWays<U>::List StrongestWays<U>::Take(const Holding& holding) {
  const auto it = at_.find(holding);
  if (it == at_.end()) return {};
  List ways = std::move(it->second);
  kept_ -= ways.size();
  at_.erase(it);
  return ways;
}

template <typename U>
void StrongestWays<U>::MarkAt(const Holding& holding, SourceId source, const U& units,
                              absl::Span<const Lot<U>> parcel, const U& amount,
                              const Path::Place& place) {
  const List before = Take(holding);
  List list;
  auto begin = before.begin();
  for (const auto& [of, whole] : UnitsOf(parcel)) {
    auto end = begin;
    while (end != before.end() && tree_.source(end->way) == of) ++end;
    Blend(of, whole, of == source ? std::optional(units) : std::nullopt, amount, List(begin, end),
          place,
          /*extend=*/false, &list);
    begin = end;
  }
  Put(holding, std::move(list));
}

template <typename U>
std::vector<Path> StrongestWays<U>::PathsOf(const List& ways,
                                            absl::Span<const Lot<U>> parcel) const {
  std::vector<std::pair<U, PathTree::Way>> told;
  auto way = ways.begin();
  for (const auto& [source, units] : UnitsOf(parcel)) {
    for (; way != ways.end() && tree_.source(way->way) == source; ++way) {
      told.emplace_back(conserving_ ? static_cast<U>(way->share.Of(Uint256(units))) : way->width,
                        way->way);
    }
  }
  std::stable_sort(told.begin(), told.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  if (told.size() > most_) told.resize(most_);
  std::vector<Path> paths;
  for (const auto& [units, of] : told) paths.push_back(tree_.PathOf(of, Units(units)));
  return paths;
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_STRONGEST_WAYS_H_
