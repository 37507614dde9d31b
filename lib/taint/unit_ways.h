#ifndef SPOOR_LIB_TAINT_UNIT_WAYS_H_
#define SPOOR_LIB_TAINT_UNIT_WAYS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "lib/taint/blocks.h"
#include "lib/taint/path_tree.h"
#include "lib/taint/step.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// Where what leaves by an exit is then.
template <typename U>
Path::Place ExitPlace(const Step<U>& step, const typename Step<U>::Exit& exit) {
  if (!exit.next.has_value() || exit.at_output) {
    return {step.position, Txid(), exit.at_output, exit.index};
  }
  // Backwards, where the movement at `next` put it.
  const bool fee = exit.holding == FeeHolding(*exit.next);
  return {*exit.next, Txid(), !fee, fee ? 0 : exit.holding.minor};
}

// The ways of units under a policy by which every unit goes one of its own. On a UTXO chain lots
// are labelled with a way, which has a source, in place of the source itself.
class UnitWays {
 public:
  // Units at an endpoint that came by one way.
  struct Came {
    PathTree::Way way = 0;
    size_t first = 0;  // the place of the first of them
    Units units;
  };

  // Seeds of one source that mark one credit, one after another, begin one way.
  SourceId Begin(SourceId source, const Path::Place& place) {
    const bool again = begun_.has_value() && begun_->source == source &&
                       begun_->place.position == place.position &&
                       begun_->place.at_output == place.at_output &&
                       begun_->place.output == place.output;
    if (!again) begun_ = {source, place, tree_.Begin(source, place)};
    return begun_->way;
  }
  // Has each of the labels, if it is a way, go one place further, to `place`.
  void Extend(const Path::Place& place, absl::Span<SourceId* const> labels);
  template <typename U>
  void Extend(const Path::Place& place, absl::Span<Lot<U>> parcel);
  // The `most` paths by which most units came.
  std::vector<Path> Strongest(size_t most, std::vector<Came> ways) const;
  // Those of the parcel's, whose lots are then labelled with their sources.
  template <typename U>
  std::vector<Path> End(size_t most, absl::Span<Lot<U>> parcel) const;

  uint64_t memory() const { return tree_.memory(); }

 private:
  struct Beginning {
    SourceId source = kClean;
    Path::Place place;
    PathTree::Way way = 0;
  };

  PathTree tree_;
  std::optional<Beginning> begun_;                       // the last
  std::vector<std::pair<SourceId, SourceId>> extended_;  // from which to which, of one exit
  std::vector<SourceId*> labels_;                        // memory used again
};

template <typename U>
void UnitWays::Extend(const Path::Place& place, absl::Span<Lot<U>> parcel) {
  labels_.clear();
  for (Lot<U>& lot : parcel) labels_.push_back(&lot.source);
  Extend(place, labels_);
}

inline void UnitWays::Extend(const Path::Place& place, absl::Span<SourceId* const> labels) {
  // Units that came one way and leave together go on one way.
  extended_.clear();
  for (const SourceId* label : labels) {
    if (*label != kClean) extended_.emplace_back(*label, 0);
  }
  if (extended_.empty()) return;
  std::sort(extended_.begin(), extended_.end());
  extended_.erase(std::unique(extended_.begin(), extended_.end()), extended_.end());
  for (auto& [from, to] : extended_) to = tree_.Extend(from, place);
  for (SourceId* label : labels) {
    if (*label == kClean) continue;
    *label = std::lower_bound(extended_.begin(), extended_.end(), std::pair(*label, SourceId(0)))
                 ->second;
  }
}

inline std::vector<Path> UnitWays::Strongest(size_t most, std::vector<Came> ways) const {
  std::stable_sort(ways.begin(), ways.end(),
                   [](const Came& a, const Came& b) { return a.way < b.way; });
  size_t count = 0;
  for (const Came& came : ways) {
    if (count > 0 && ways[count - 1].way == came.way) {
      ways[count - 1].units += came.units;
    } else {
      ways[count++] = came;
    }
  }
  ways.resize(count);
  std::sort(ways.begin(), ways.end(), [&](const Came& a, const Came& b) {
    if (a.units != b.units) return a.units > b.units;
    const auto places = [&](const Came& came) { return tree_.length(came.way); };
    return places(a) != places(b) ? places(a) < places(b) : a.first < b.first;
  });
  if (ways.size() > most) ways.resize(most);
  std::vector<Path> paths;
  for (const Came& came : ways) paths.push_back(tree_.PathOf(came.way, came.units));
  return paths;
}

template <typename U>
std::vector<Path> UnitWays::End(size_t most, absl::Span<Lot<U>> parcel) const {
  std::vector<Came> ways;
  for (size_t i = 0; i < parcel.size(); ++i) {
    Lot<U>& lot = parcel[i];
    if (lot.source == kClean) continue;
    ways.push_back({lot.source, i, Units(lot.units)});
    lot.source = tree_.source(lot.source);
  }
  return Strongest(most, std::move(ways));
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_UNIT_WAYS_H_
