#ifndef SPOOR_LIB_ENTITY_CLUSTER_FOREST_H_
#define SPOOR_LIB_ENTITY_CLUSTER_FOREST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/entity/cluster_rows.h"

namespace spoor {

// All clusters of a chain in memory: union–find by size, without shortening of paths, so that every
// merge can be undone. Addresses are numbers from 0 on. Remembers which pages of rows it changed.
class ClusterForest {
 public:
  using Node = cluster_rows::Node;
  using Link = cluster_rows::Link;

  static uint64_t BytesFor(uint64_t addresses) { return RoomFor(addresses) * sizeof(Node); }

  // Makes room, so that nothing is moved until there are more.
  void Reserve(uint64_t size);
  uint64_t size() const { return nodes_.size(); }
  const Node& node(uint64_t id) const { return nodes_[id]; }

  void Clear();
  // More addresses, each alone.
  void Grow(uint64_t size);
  // Fewer. DATA_LOSS unless those that go are alone.
  absl::Status Shrink(uint64_t size);

  // Takes a page's nodes as they are stored; Check() afterwards.
  absl::Status LoadPage(uint64_t page, absl::string_view row);
  // DATA_LOSS if there is a way up that leads nowhere. Requires all the pages.
  absl::Status Check() const;

  uint64_t Root(uint64_t id) const {
    while (!nodes_[id].is_root()) id = nodes_[id].up();
    return id;
  }
  // Has the processor fetch the node of an address, or that above it, or that above those two, so
  // that Root() need not wait for them. The ones below should be there by then.
  void Fetch(uint64_t id) const { __builtin_prefetch(&nodes_[id], 1); }
  void FetchAbove(uint64_t id) const {
    if (!nodes_[id].is_root()) Fetch(nodes_[id].up());
  }
  void FetchTwoAbove(uint64_t id) const {
    if (!nodes_[id].is_root()) FetchAbove(nodes_[id].up());
  }
  // Of a root.
  uint64_t SizeOf(uint64_t root) const { return nodes_[root].up(); }
  // Of all clusters. Looks at every address.
  uint64_t Largest() const;

  // Makes one cluster of two, given by their roots. `a` is an address of the first and `b` of the
  // second; `number` is that of the link. All of the link but position and heuristic.
  Link Join(uint64_t a, uint64_t a_root, uint64_t b, uint64_t b_root, uint64_t number);
  // Takes the last Join() back; `*parent` is the root that stays. DATA_LOSS if `link` cannot have
  // been that.
  absl::Status Undo(const Link& link, uint64_t number, uint64_t* parent);

  // The pages that differ from their rows, in order.
  std::vector<uint64_t> ChangedPages() const;
  uint64_t changed_pages() const { return changed_pages_; }
  // Empty if all addresses of the page are alone.
  std::string EncodePage(uint64_t page) const;
  void ForgetChanges();

 private:
  // For as many, and the next blocks.
  static uint64_t RoomFor(uint64_t addresses) { return addresses + addresses / 64; }
  void Change(uint64_t id);

  std::vector<Node> nodes_;
  std::vector<uint64_t> changed_;  // one bit for each page
  uint64_t changed_pages_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_CLUSTER_FOREST_H_
