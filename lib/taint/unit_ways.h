#ifndef SPOOR_LIB_TAINT_UNIT_WAYS_H_
#define SPOOR_LIB_TAINT_UNIT_WAYS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

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

// The ways of units under a policy by which every unit goes one of its own. Lots and pieces are
// labelled with a way, which has a source, in place of the source itself.
template <typename U>
class UnitWays {
 public:
  SourceId Begin(SourceId source, const Path::Place& place) { return tree_.Begin(source, place); }
  // Has each tainted piece go one place further, to `place`.
  void Extend(const Path::Place& place, Slice<U>* slice);
  // The `most` paths by which most units of the parcel came; its lots are then labelled with their
  // sources.
  std::vector<Path> End(size_t most, Parcel<U>* parcel) const;

  uint64_t memory() const { return tree_.memory(); }

 private:
  PathTree tree_;
  std::vector<std::pair<SourceId, SourceId>> extended_;  // from which to which, of one exit
};

template <typename U>
void UnitWays<U>::Extend(const Path::Place& place, Slice<U>* slice) {
  // Units that came one way and leave together go on one way.
  extended_.clear();
  for (const Piece<U>& piece : *slice) {
    if (piece.source != kClean) extended_.emplace_back(piece.source, 0);
  }
  if (extended_.empty()) return;
  std::sort(extended_.begin(), extended_.end());
  extended_.erase(std::unique(extended_.begin(), extended_.end()), extended_.end());
  for (auto& [from, to] : extended_) to = tree_.Extend(from, place);
  for (Piece<U>& piece : *slice) {
    if (piece.source == kClean) continue;
    piece.source =
        std::lower_bound(extended_.begin(), extended_.end(), std::pair(piece.source, SourceId(0)))
            ->second;
  }
}

template <typename U>
std::vector<Path> UnitWays<U>::End(size_t most, Parcel<U>* parcel) const {
  struct Came {
    PathTree::Way way;
    size_t first;  // lot
    U units;
  };
  std::vector<Came> ways;
  for (size_t i = 0; i < parcel->size(); ++i) {
    Lot<U>& lot = (*parcel)[i];
    if (lot.source == kClean) continue;
    ways.push_back({lot.source, i, lot.units});
    lot.source = tree_.source(lot.source);
  }
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
  std::sort(ways.begin(), ways.end(), [](const Came& a, const Came& b) {
    return a.units != b.units ? a.units > b.units : a.first < b.first;
  });
  if (ways.size() > most) ways.resize(most);
  std::vector<Path> paths;
  for (const Came& came : ways) paths.push_back(tree_.PathOf(came.way, Units(came.units)));
  return paths;
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_UNIT_WAYS_H_
