#ifndef SPOOR_LIB_TAINT_PATH_TREE_H_
#define SPOOR_LIB_TAINT_PATH_TREE_H_

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// The ways that units took, each the way before it and one place more, so that ways that begin
// alike share their beginnings. A way has a number, from 1 on; 0 is no way.
class PathTree {
 public:
  using Way = uint32_t;

  Way Begin(SourceId source, const Path::Place& place) { return Add({0, source, place}); }
  Way Extend(Way way, const Path::Place& place) { return Add({way, source(way), place}); }

  SourceId source(Way way) const { return nodes_[way - 1].source; }
  uint64_t memory() const { return nodes_.capacity() * sizeof(Node); }

  // By which `tainted` units came.
  Path PathOf(Way way, Units tainted) const {
    Path path{source(way), std::move(tainted), {}};
    for (; way != 0; way = nodes_[way - 1].before) path.places.push_back(nodes_[way - 1].place);
    std::reverse(path.places.begin(), path.places.end());
    return path;
  }

 private:
  struct Node {
    Way before = 0;
    SourceId source = kClean;
    Path::Place place;
  };

  Way Add(const Node& node) {
    nodes_.push_back(node);
    return static_cast<Way>(nodes_.size());
  }

  std::vector<Node> nodes_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_PATH_TREE_H_
