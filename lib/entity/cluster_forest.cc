#include "lib/entity/cluster_forest.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/entity/huge_pages.h"

namespace spoor {

using cluster_rows::kPageNodes;

namespace {

constexpr uint64_t kWordBits = 64;

}  // namespace

void ClusterForest::Reserve(uint64_t size) {
  if (size <= nodes_.capacity()) return;
  nodes_.reserve(RoomFor(size));
  AdviseHugePages(nodes_);
}

void ClusterForest::Clear() {
  nodes_.clear();
  changed_.clear();
  changed_pages_ = 0;
}

void ClusterForest::Grow(uint64_t size) {
  while (nodes_.size() < size) nodes_.push_back(Node::Alone(nodes_.size()));
  const uint64_t words = nodes_.size() / kPageNodes / kWordBits + 1;
  if (words > changed_.size()) changed_.resize(words);
}

absl::Status ClusterForest::Shrink(uint64_t size) {
  for (uint64_t id = size; id < nodes_.size(); ++id) {
    if (!nodes_[id].is_alone()) {
      return absl::DataLossError(
          absl::StrCat("clusters: address ", id, " goes, but is joined with others"));
    }
  }
  // The bitmap keeps its length: what was written for addresses that go is to be taken away.
  if (size < nodes_.size()) nodes_.resize(size);
  return absl::OkStatus();
}

absl::Status ClusterForest::LoadPage(uint64_t page, absl::string_view row) {
  const uint64_t first = page * kPageNodes;
  const uint64_t count = row.size() / Node::kSize;
  if (row.size() % Node::kSize != 0 || count > kPageNodes || first > nodes_.size() ||
      count > nodes_.size() - first) {
    return absl::DataLossError(absl::StrCat("clusters: found a page of ", row.size(),
                                            " bytes for addresses from ", first, " on, of ",
                                            nodes_.size()));
  }
  for (uint64_t i = 0; i < count; ++i) nodes_[first + i] = Node::Load(&row[i * Node::kSize]);
  return absl::OkStatus();
}

absl::Status ClusterForest::Check() const {
  for (uint64_t id = 0; id < nodes_.size(); ++id) {
    const Node& node = nodes_[id];
    bool good = node.next() < nodes_.size();
    if (node.is_root()) {
      good = good && node.up() >= 1 && node.up() <= nodes_.size() && node.third() < nodes_.size();
    } else {
      // What is further up went below another later, so no way up comes back to itself.
      good = good && node.up() < nodes_.size() &&
             (nodes_[node.up()].is_root() || nodes_[node.up()].third() > node.third());
    }
    if (!good) return absl::DataLossError(absl::StrCat("clusters: address ", id, " is damaged"));
  }
  return absl::OkStatus();
}

uint64_t ClusterForest::Largest() const {
  uint64_t largest = 0;
  for (const Node& node : nodes_) {
    if (node.is_root()) largest = std::max(largest, node.up());
  }
  return largest;
}

cluster_rows::Link ClusterForest::Join(uint64_t a, uint64_t a_root, uint64_t b, uint64_t b_root,
                                       uint64_t number) {
  // Of equal sizes the first address stays above.
  if (std::pair(SizeOf(a_root), b_root) > std::pair(SizeOf(b_root), a_root)) {
    std::swap(a, b);
    std::swap(a_root, b_root);
  }
  Node& child = nodes_[a_root];
  Node& parent = nodes_[b_root];
  Link link;
  link.child = a_root;
  link.child_size = child.up();
  link.child_first = child.third();
  link.parent_first = parent.third();
  link.a = a;
  link.b = b;
  parent.SetUp(parent.up() + child.up());
  parent.SetThird(std::min(parent.third(), child.third()));
  child.SetRoot(false);
  child.SetUp(b_root);
  child.SetThird(number);
  const uint64_t next = child.next();
  child.SetNext(parent.next());
  parent.SetNext(next);
  Change(a_root);
  Change(b_root);
  return link;
}

absl::Status ClusterForest::Undo(const Link& link, uint64_t number, uint64_t* parent_id) {
  const auto bad = [&] {
    return absl::DataLossError(absl::StrCat("clusters: link ", number, " is damaged"));
  };
  if (link.child >= nodes_.size()) return bad();
  Node& child = nodes_[link.child];
  if (child.is_root() || child.third() != number || link.child_first > link.child ||
      link.child_size == 0) {
    return bad();
  }
  const uint64_t above = child.up();
  Node& parent = nodes_[above];
  if (!parent.is_root() || parent.up() <= link.child_size || link.parent_first >= nodes_.size()) {
    return bad();
  }
  const uint64_t next = child.next();
  child.SetNext(parent.next());
  parent.SetNext(next);
  child.SetRoot(true);
  child.SetUp(link.child_size);
  child.SetThird(link.child_first);
  parent.SetUp(parent.up() - link.child_size);
  parent.SetThird(link.parent_first);
  Change(link.child);
  Change(above);
  *parent_id = above;
  return absl::OkStatus();
}

void ClusterForest::Change(uint64_t id) {
  const uint64_t page = id / kPageNodes;
  const uint64_t bit = uint64_t{1} << page % kWordBits;
  uint64_t& word = changed_[page / kWordBits];
  if ((word & bit) != 0) return;
  word |= bit;
  ++changed_pages_;
}

std::vector<uint64_t> ClusterForest::ChangedPages() const {
  std::vector<uint64_t> pages;
  pages.reserve(changed_pages_);
  for (uint64_t i = 0; i < changed_.size(); ++i) {
    for (uint64_t word = changed_[i]; word != 0; word &= word - 1) {
      pages.push_back(i * kWordBits + static_cast<uint64_t>(std::countr_zero(word)));
    }
  }
  return pages;
}

std::string ClusterForest::EncodePage(uint64_t page) const {
  const uint64_t first = page * kPageNodes;
  // Changed, and then gone.
  if (first >= nodes_.size()) return "";
  uint64_t end = std::min<uint64_t>(first + kPageNodes, nodes_.size());
  while (end > first && nodes_[end - 1].is_alone()) --end;
  std::string row;
  Node::AppendAll(absl::MakeConstSpan(nodes_).subspan(first, end - first), &row);
  return row;
}

void ClusterForest::ForgetChanges() {
  if (changed_pages_ > 0) std::fill(changed_.begin(), changed_.end(), 0);
  changed_pages_ = 0;
}

}  // namespace spoor
