#ifndef SPOOR_LIB_TAINT_PATH_TREE_H_
#define SPOOR_LIB_TAINT_PATH_TREE_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// In bytes.
inline uint64_t MemoryOf(const Path& path) {
  return sizeof(Path) + path.places.capacity() * sizeof(Path::Place);
}

// The ways that units took, each the way before it and one place more, so that ways that begin
// alike share their beginnings. A way has a number, from 1 on; 0 is no way. Places are kept without
// the names of their transactions.
class PathTree {
 public:
  using Way = uint32_t;

  Way Begin(SourceId source, const Path::Place& place) { return Add(0, source, place); }
  Way Extend(Way way, const Path::Place& place) { return Add(way, source(way), place); }

  SourceId source(Way way) const { return nodes_[way - 1].source; }
  // How many places it has.
  uint32_t length(Way way) const { return way == 0 ? 0 : nodes_[way - 1].length; }
  uint64_t memory() const { return nodes_.capacity() * sizeof(Node); }

  // By which `tainted` units came. It costs what it tells, not what it leaves out.
  Path PathOf(Way way, Units tainted) const {
    Path path;
    path.source = source(way);
    path.tainted = std::move(tainted);
    path.omitted =
        length(way) > 2 * Path::kToldAtEachEnd ? length(way) - 2 * Path::kToldAtEachEnd : 0;
    const auto tell = [&](Way from, uint64_t most) {
      for (; from != 0 && most > 0; from = nodes_[from - 1].before, --most) {
        path.places.push_back(PlaceOf(nodes_[from - 1]));
      }
    };
    if (path.omitted == 0) {
      tell(way, length(way));
    } else {
      tell(way, Path::kToldAtEachEnd);
      tell(nodes_[way - 1].head, Path::kToldAtEachEnd);
    }
    std::reverse(path.places.begin(), path.places.end());
    return path;
  }

 private:
  struct Node {
    Position position;
    uint32_t output = 0;  // or kNoOutput
    SourceId source = kClean;
    Way before = 0;
    Way head = 0;  // of its first places the way of Path::kToldAtEachEnd; 0 if it is shorter
    uint32_t length = 0;
  };
  static constexpr uint32_t kNoOutput = std::numeric_limits<uint32_t>::max();

  static Path::Place PlaceOf(const Node& node) {
    const bool at_output = node.output != kNoOutput;
    return {node.position, Txid(), at_output, at_output ? node.output : 0};
  }

  Way Add(Way before, SourceId source, const Path::Place& place) {
    const auto way = static_cast<Way>(nodes_.size() + 1);
    Node& node = nodes_.emplace_back();
    node.position = place.position;
    node.output = place.at_output ? place.output : kNoOutput;
    node.source = source;
    node.before = before;
    node.length = length(before) + 1;
    node.head = node.length == Path::kToldAtEachEnd ? way
                : before == 0                       ? 0
                                                    : nodes_[before - 1].head;
    return way;
  }

  std::vector<Node> nodes_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_PATH_TREE_H_
