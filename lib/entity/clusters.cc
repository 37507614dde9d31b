#include "spoor/entity/clusters.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/entity/cluster_rows.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

namespace rows = cluster_rows;

absl::Status Damaged(uint64_t id) {
  return absl::DataLossError(absl::StrCat("clusters: address ", id, " is damaged"));
}

// Rows of nodes and links, each read once.
class Rows {
 public:
  Rows(const LedgerTable* table, uint8_t generation, uint8_t nodes, const ClusterState& state)
      : table_(*table),
        generation_(generation),
        nodes_(rows::kNodes[nodes]),
        addresses_(state.addresses) {}

  // Reads the nodes of `ids` at once; Node() need not ask the table for them then.
  absl::Status Fetch(absl::Span<const uint64_t> ids) {
    std::vector<std::string> keys;
    std::vector<uint64_t> numbers;
    for (const uint64_t id : ids) {
      const uint64_t page = id / rows::kPageNodes;
      if (id >= addresses_ || !pages_.try_emplace(page).second) continue;
      numbers.push_back(page);
      keys.push_back(rows::Key(generation_, nodes_, page));
    }
    std::vector<std::optional<std::string>> values;
    SPOOR_RETURN_IF_ERROR(table_.Read(keys, &values));
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].has_value()) pages_[numbers[i]] = *std::move(values[i]);
    }
    return absl::OkStatus();
  }

  absl::StatusOr<rows::Node> Node(uint64_t id) {
    if (id >= addresses_) return rows::Node::Alone(id);
    const auto it = pages_.find(id / rows::kPageNodes);
    if (it == pages_.end()) {
      SPOOR_RETURN_IF_ERROR(Fetch({id}));
      return rows::NodeInPage(pages_[id / rows::kPageNodes], id);
    }
    return rows::NodeInPage(it->second, id);
  }

  // The node above. The way up must come to an end: links' numbers ascend.
  absl::StatusOr<rows::Node> Above(uint64_t id, const rows::Node& node) {
    SPOOR_ASSIGN_OR_RETURN(const rows::Node above, Node(node.up()));
    if (node.up() >= addresses_ || (!above.is_root() && above.third() <= node.third())) {
      return Damaged(id);
    }
    return above;
  }

  absl::StatusOr<rows::Link> Link(uint64_t number) {
    const uint64_t chunk = number / rows::kChunkLinks;
    const auto [it, is_new] = chunks_.try_emplace(chunk);
    if (is_new) {
      SPOOR_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                             ReadRow(table_, rows::Key(generation_, rows::kLinks, chunk)));
      if (row.has_value()) {
        SPOOR_ASSIGN_OR_RETURN(it->second, rows::DecodeLinks(*row));
      }
    }
    const uint64_t place = number % rows::kChunkLinks;
    if (place >= it->second.size()) {
      return absl::DataLossError(absl::StrCat("clusters: link ", number, " is missing"));
    }
    return it->second[place];
  }

 private:
  const LedgerTable& table_;
  const uint8_t generation_;
  const char nodes_;
  const uint64_t addresses_;
  absl::flat_hash_map<uint64_t, std::string> pages_;
  absl::flat_hash_map<uint64_t, std::vector<rows::Link>> chunks_;
};

// The root of an address's cluster.
absl::StatusOr<std::pair<uint64_t, rows::Node>> RootOf(Rows* all, uint64_t id) {
  SPOOR_ASSIGN_OR_RETURN(rows::Node node, all->Node(id));
  while (!node.is_root()) {
    const uint64_t above = node.up();
    SPOOR_ASSIGN_OR_RETURN(node, all->Above(id, node));
    id = above;
  }
  return std::pair(id, node);
}

// An address and those above it, each with the link that leads further up; the root has none.
struct Step {
  uint64_t id = 0;
  uint64_t link = 0;
};
absl::StatusOr<std::vector<Step>> WayUp(Rows* all, uint64_t id) {
  std::vector<Step> way;
  SPOOR_ASSIGN_OR_RETURN(rows::Node node, all->Node(id));
  while (!node.is_root()) {
    way.push_back({id, node.third()});
    const uint64_t above = node.up();
    SPOOR_ASSIGN_OR_RETURN(node, all->Above(id, node));
    id = above;
  }
  way.push_back({id, 0});
  return way;
}

// Two inputs of one transaction need no third between them.
void AppendEvidence(const Evidence& next, std::vector<Evidence>* path) {
  if (!path->empty() && next.heuristic == Heuristic::kCoSpend) {
    Evidence& last = path->back();
    if (last.heuristic == Heuristic::kCoSpend && last.position == next.position) {
      last.to = next.to;
      return;
    }
  }
  path->push_back(next);
}

}  // namespace

std::string ClusterTableName(absl::string_view chain) { return absl::StrCat("clusters.", chain); }

absl::StatusOr<Clusters> Clusters::Open(const LedgerTable* table) {
  SPOOR_ASSIGN_OR_RETURN(const std::optional<std::string> row, ReadRow(*table, rows::kStateKey));
  if (!row.has_value()) return absl::NotFoundError("no clusters have been computed");
  SPOOR_ASSIGN_OR_RETURN(rows::State state, rows::DecodeState(*row));
  return Clusters(table, std::move(state.told), state.generation, state.nodes);
}

absl::Status Clusters::CheckAgainst(const LedgerView& view) const {
  if (state_.addresses == 0) return absl::OkStatus();
  const absl::StatusOr<BlockInfo> block = view.BlockAt(state_.height);
  if (block.ok() && block->hash == state_.hash) return absl::OkStatus();
  if (!block.ok() && !absl::IsNotFound(block.status())) return block.status();
  return absl::FailedPreconditionError(absl::StrCat(
      "the clusters of ", view.chain().name, " are those of block ", state_.height, ", ",
      ToText(state_.hash, HashTextOf(view.chain())), ", which is not in the chain any more"));
}

absl::StatusOr<AddressId> Clusters::Find(AddressId id) const {
  Rows all(table_, generation_, nodes_, state_);
  SPOOR_ASSIGN_OR_RETURN(const auto root, RootOf(&all, id.number));
  return AddressId{root.first};
}

absl::Status Clusters::Find(absl::Span<const AddressId> ids, std::vector<AddressId>* found) const {
  Rows all(table_, generation_, nodes_, state_);
  found->assign(ids.begin(), ids.end());
  // A level of all the trees at a time.
  std::vector<size_t> climbing(ids.size());
  for (size_t i = 0; i < ids.size(); ++i) climbing[i] = i;
  while (!climbing.empty()) {
    std::vector<uint64_t> wanted;
    for (const size_t i : climbing) wanted.push_back((*found)[i].number);
    SPOOR_RETURN_IF_ERROR(all.Fetch(wanted));
    std::vector<size_t> on;
    for (const size_t i : climbing) {
      const uint64_t id = (*found)[i].number;
      SPOOR_ASSIGN_OR_RETURN(const rows::Node node, all.Node(id));
      if (node.is_root()) continue;
      SPOOR_RETURN_IF_ERROR(all.Above(id, node).status());
      (*found)[i] = AddressId{node.up()};
      on.push_back(i);
    }
    climbing = std::move(on);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> Clusters::Size(AddressId id) const {
  Rows all(table_, generation_, nodes_, state_);
  SPOOR_ASSIGN_OR_RETURN(const auto root, RootOf(&all, id.number));
  return root.second.up();
}

absl::StatusOr<AddressId> Clusters::First(AddressId id) const {
  Rows all(table_, generation_, nodes_, state_);
  SPOOR_ASSIGN_OR_RETURN(const auto root, RootOf(&all, id.number));
  return AddressId{root.second.third()};
}

absl::StatusOr<std::vector<AddressId>> Clusters::Members(AddressId id) const {
  Rows all(table_, generation_, nodes_, state_);
  SPOOR_ASSIGN_OR_RETURN(const auto root, RootOf(&all, id.number));
  const uint64_t size = root.second.up();
  if (size > std::max<uint64_t>(1, state_.addresses)) return Damaged(root.first);
  std::vector<AddressId> members;
  uint64_t member = id.number;
  do {
    members.push_back(AddressId{member});
    SPOOR_ASSIGN_OR_RETURN(const rows::Node node, all.Node(member));
    member = node.next();
  } while (member != id.number && members.size() <= size);
  if (members.size() != size) return Damaged(id.number);
  std::sort(members.begin(), members.end());
  return members;
}

absl::StatusOr<std::optional<std::vector<Evidence>>> Clusters::Why(AddressId from,
                                                                   AddressId to) const {
  Rows all(table_, generation_, nodes_, state_);
  SPOOR_ASSIGN_OR_RETURN(const auto from_root, RootOf(&all, from.number));
  SPOOR_ASSIGN_OR_RETURN(const auto to_root, RootOf(&all, to.number));
  std::optional<std::vector<Evidence>> path;
  if (from_root.first != to_root.first) return path;
  path.emplace();
  // Of the links on the ways up from two addresses to the first that is above both, the last one
  // joined the cluster of the one with that of the other; its two addresses divide the question.
  // Each part is settled by older links alone, so it ends.
  struct Part {
    uint64_t from = 0;
    uint64_t to = 0;
    uint64_t before = 0;  // older links alone
    std::optional<Evidence> evidence;
  };
  uint64_t met = 0;
  std::vector<Part> parts = {{from.number, to.number, state_.addresses, std::nullopt}};
  while (!parts.empty()) {
    const Part part = parts.back();
    parts.pop_back();
    if (part.evidence.has_value()) {
      AppendEvidence(*part.evidence, &*path);
      // There are fewer links than addresses, and none is met twice.
      if (++met >= state_.addresses) return Damaged(from.number);
      continue;
    }
    if (part.from == part.to) continue;
    SPOOR_ASSIGN_OR_RETURN(std::vector<Step> from_way, WayUp(&all, part.from));
    SPOOR_ASSIGN_OR_RETURN(std::vector<Step> to_way, WayUp(&all, part.to));
    while (!from_way.empty() && !to_way.empty() && from_way.back().id == to_way.back().id) {
      from_way.pop_back();
      to_way.pop_back();
    }
    if (from_way.empty() && to_way.empty()) return Damaged(part.from);
    const bool on_from =
        to_way.empty() || (!from_way.empty() && from_way.back().link > to_way.back().link);
    const uint64_t number = on_from ? from_way.back().link : to_way.back().link;
    SPOOR_ASSIGN_OR_RETURN(const rows::Link link, all.Link(number));
    if (number >= part.before || link.child != (on_from ? from_way.back().id : to_way.back().id)) {
      return Damaged(link.child);
    }
    // `a` was below the child.
    const uint64_t near = on_from ? link.a : link.b;
    const uint64_t far = on_from ? link.b : link.a;
    parts.push_back({far, part.to, number, std::nullopt});
    parts.push_back(
        {0, 0, 0,
         Evidence{AddressId{near}, AddressId{far}, link.heuristic, Position{link.position}}});
    parts.push_back({part.from, near, number, std::nullopt});
  }
  return path;
}

absl::Status Clusters::VisitMerges(absl::FunctionRef<absl::Status(const Evidence&)> visit) const {
  // A run that has not come to its end may have written more.
  uint64_t left = state_.addresses - state_.clusters;
  const std::string prefix = rows::Prefix(generation_, rows::kLinks);
  const absl::Status status =
      table_->Scan(prefix, prefix, [&](absl::string_view, absl::string_view value) -> absl::Status {
        if (left == 0) return absl::CancelledError();
        SPOOR_ASSIGN_OR_RETURN(const auto links, rows::DecodeLinks(value));
        for (size_t i = 0; i < links.size() && left > 0; ++i, --left) {
          const rows::Link& link = links[i];
          SPOOR_RETURN_IF_ERROR(visit(
              {AddressId{link.a}, AddressId{link.b}, link.heuristic, Position{link.position}}));
        }
        return absl::OkStatus();
      });
  return left == 0 && absl::IsCancelled(status) ? absl::OkStatus() : status;
}

absl::Status Clusters::VisitConflicts(
    uint64_t most, absl::FunctionRef<absl::Status(const ClusterConflict&)> visit) const {
  uint64_t left = std::min(most, state_.conflicts);
  const std::string prefix = rows::Prefix(generation_, rows::kConflicts);
  const absl::Status status =
      table_->Scan(prefix, prefix, [&](absl::string_view, absl::string_view value) -> absl::Status {
        if (left == 0) return absl::CancelledError();
        --left;
        SPOOR_ASSIGN_OR_RETURN(const rows::Conflict conflict, rows::DecodeConflict(value));
        return visit(conflict.told);
      });
  return left == 0 && absl::IsCancelled(status) ? absl::OkStatus() : status;
}

absl::StatusOr<std::string> ClusterName(const LedgerView& view, AddressId first) {
  SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, NameOwner(view, first));
  return absl::StrCat(kClusterPrefix, owner.text);
}

}  // namespace spoor
