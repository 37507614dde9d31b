#include "lib/entity/cluster_rows.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/base/varint.h"

namespace spoor::cluster_rows {
namespace {

constexpr size_t kHash = BlockHash::kSize;

// In the first byte of a link.
constexpr int kHeuristicBits = 0x0f;
constexpr int kChildAlone = 0x10;
constexpr int kParentFirst = 0x20;

void AppendAll(std::initializer_list<uint64_t> numbers, std::string* out) {
  for (const uint64_t number : numbers) AppendVarint(number, out);
}

bool ConsumeAll(absl::string_view* in, std::initializer_list<uint64_t*> numbers) {
  return std::all_of(numbers.begin(), numbers.end(),
                     [in](uint64_t* number) { return ConsumeVarint(in, number); });
}

absl::Status Damaged(absl::string_view what, absl::string_view row) {
  return absl::DataLossError(
      absl::StrCat("clusters: a row of ", row.size(), " bytes is not ", what));
}

bool IsHeuristic(uint64_t number) {
  const absl::Span<const HeuristicInfo> all = Heuristics();
  return std::any_of(all.begin(), all.end(), [number](const HeuristicInfo& info) {
    return static_cast<uint64_t>(info.heuristic) == number;
  });
}

void StoreLe64(uint64_t v, char* out) {
  for (int i = 0; i < 8; ++i) out[i] = static_cast<char>(v >> (8 * i));
}

}  // namespace

void Node::AppendAll(absl::Span<const Node> nodes, std::string* out) {
  const size_t before = out->size();
  out->resize(before + nodes.size() * kSize);
  char* to = out->data() + before;
  for (const Node& node : nodes) {
    StoreLe64(node.low_, to);
    StoreLe64(node.high_, to + 8);
    to += kSize;
  }
}

Node Node::Load(const char* bytes) {
  Node node;
  node.low_ = LoadLe64(reinterpret_cast<const uint8_t*>(bytes));
  node.high_ = LoadLe64(reinterpret_cast<const uint8_t*>(bytes) + 8);
  return node;
}

std::string Prefix(uint8_t generation, char kind) {
  return {'G', static_cast<char>(generation), kind};
}

std::string Key(uint8_t generation, char kind, uint64_t number, int bytes) {
  std::string key = Prefix(generation, kind);
  for (int i = bytes - 1; i >= 0; --i) key.push_back(static_cast<char>(number >> (8 * i)));
  return key;
}

absl::StatusOr<uint64_t> KeyNumber(absl::string_view key, int bytes) {
  constexpr size_t kPrefix = 3;
  if (key.size() != kPrefix + static_cast<size_t>(bytes)) return Damaged("a key", key);
  uint64_t number = 0;
  for (const char c : key.substr(kPrefix)) number = number << 8 | static_cast<uint8_t>(c);
  return number;
}

absl::StatusOr<Node> NodeInPage(absl::string_view row, uint64_t id) {
  if (row.size() % Node::kSize != 0 || row.size() > kPageNodes * Node::kSize) {
    return Damaged("a page of addresses", row);
  }
  const uint64_t place = id % kPageNodes * Node::kSize;
  return place < row.size() ? Node::Load(row.data() + place) : Node::Alone(id);
}

std::string EncodeLinks(absl::Span<const Link> links) {
  // By hand, and in one piece: there are about as many links as addresses.
  constexpr size_t kMostBytes = 1 + 7 * 10;
  std::string row(links.size() * kMostBytes, '\0');
  char* to = row.data();
  const auto append = [&to](uint64_t v) {
    for (; v >= 0x80; v >>= 7) *to++ = static_cast<char>(v | 0x80);
    *to++ = static_cast<char>(v);
  };
  uint64_t position = 0;
  for (const Link& link : links) {
    const bool child_alone =
        link.child_size == 1 && link.child == link.a && link.child_first == link.a;
    const bool to_itself = link.parent_first == link.b;
    *to++ = static_cast<char>(static_cast<int>(link.heuristic) | (child_alone ? kChildAlone : 0) |
                              (to_itself ? kParentFirst : 0));
    append(link.position - position);
    append(link.a);
    append(link.b);
    if (!child_alone) {
      append(link.child);
      append(link.child - link.child_first);
      append(link.child_size);
    }
    if (!to_itself) append(link.parent_first);
    position = link.position;
  }
  row.resize(static_cast<size_t>(to - row.data()));
  return row;
}

absl::StatusOr<std::vector<Link>> DecodeLinks(absl::string_view row) {
  std::vector<Link> links;
  absl::string_view rest = row;
  uint64_t position = 0;
  while (!rest.empty()) {
    Link link;
    const int flags = rest[0];
    const auto heuristic = static_cast<uint64_t>(flags & kHeuristicBits);
    rest.remove_prefix(1);
    if (!ConsumeAll(&rest, {&link.position, &link.a, &link.b}) || !IsHeuristic(heuristic) ||
        flags < 0 || (flags & ~(kHeuristicBits | kChildAlone | kParentFirst)) != 0 ||
        links.size() == kChunkLinks) {
      return Damaged("links", row);
    }
    link.child = link.child_first = link.a;
    link.child_size = 1;
    if ((flags & kChildAlone) == 0) {
      uint64_t before_child = 0;
      if (!ConsumeAll(&rest, {&link.child, &before_child, &link.child_size}) ||
          before_child > link.child) {
        return Damaged("links", row);
      }
      link.child_first = link.child - before_child;
    }
    link.parent_first = link.b;
    if ((flags & kParentFirst) == 0 && !ConsumeVarint(&rest, &link.parent_first)) {
      return Damaged("links", row);
    }
    link.position += position;
    position = link.position;
    link.heuristic = static_cast<Heuristic>(heuristic);
    links.push_back(link);
  }
  return links;
}

std::string EncodeBlock(const Block& block) {
  std::string row(AsChars(block.hash.span()));
  AppendAll({block.movements, block.addresses}, &row);
  return row;
}

absl::StatusOr<Block> DecodeBlock(absl::string_view row) {
  Block block;
  if (row.size() < kHash) return Damaged("a block", row);
  block.hash = BlockHash::FromBytes(AsBytes(row.substr(0, kHash)));
  absl::string_view rest = row.substr(kHash);
  if (!ConsumeAll(&rest, {&block.movements, &block.addresses}) || !rest.empty()) {
    return Damaged("a block", row);
  }
  return block;
}

std::string EncodeConflict(const Conflict& conflict) {
  const ClusterConflict& told = conflict.told;
  std::string row;
  AppendAll({static_cast<uint64_t>(told.reason), told.evidence.from.number, told.evidence.to.number,
             static_cast<uint64_t>(told.evidence.heuristic), told.evidence.position.number,
             told.from_size, told.to_size, conflict.from_root, conflict.to_root},
            &row);
  return row;
}

absl::StatusOr<Conflict> DecodeConflict(absl::string_view row) {
  Conflict conflict;
  ClusterConflict& told = conflict.told;
  uint64_t reason = 0;
  uint64_t heuristic = 0;
  absl::string_view rest = row;
  if (!ConsumeAll(&rest, {&reason, &told.evidence.from.number, &told.evidence.to.number, &heuristic,
                          &told.evidence.position.number, &told.from_size, &told.to_size,
                          &conflict.from_root, &conflict.to_root}) ||
      !rest.empty() || !IsHeuristic(heuristic) || reason < 1 || reason > 2) {
    return Damaged("a conflict", row);
  }
  told.reason = static_cast<ClusterConflict::Reason>(reason);
  told.evidence.heuristic = static_cast<Heuristic>(heuristic);
  return conflict;
}

std::string EncodeState(const State& state) {
  std::string row = {static_cast<char>(kFormat), static_cast<char>(state.generation),
                     static_cast<char>(state.nodes)};
  const ClusterState& told = state.told;
  row.append(AsChars(told.hash.span()).data(), kHash);
  AppendAll(
      {told.heuristics.bits(), told.guard, state.blocks, told.height, told.movements,
       told.addresses, state.links, told.shared, told.largest, told.conflicts, told.merges.size()},
      &row);
  for (const auto& [heuristic, merges] : told.merges) {
    AppendAll({static_cast<uint64_t>(heuristic), merges}, &row);
  }
  return row;
}

bool IsOlderState(absl::string_view row, uint8_t* generation) {
  if (row.size() < 2 || static_cast<uint8_t>(row[0]) >= kFormat) return false;
  *generation = static_cast<uint8_t>(row[1]);
  return true;
}

absl::StatusOr<State> DecodeState(absl::string_view row) {
  if (!row.empty() && static_cast<uint8_t>(row[0]) != kFormat) {
    return absl::FailedPreconditionError(
        absl::StrCat("clusters: found format ", static_cast<uint8_t>(row[0]), ", wanted ",
                     static_cast<int>(kFormat), "; trace cluster computes them anew"));
  }
  if (row.size() < 3 + kHash || static_cast<uint8_t>(row[2]) > 1) return Damaged("a state", row);
  State state;
  ClusterState& told = state.told;
  state.generation = static_cast<uint8_t>(row[1]);
  state.nodes = static_cast<uint8_t>(row[2]);
  told.hash = BlockHash::FromBytes(AsBytes(row.substr(3, kHash)));
  absl::string_view rest = row.substr(3 + kHash);
  uint64_t heuristics = 0;
  uint64_t height = 0;
  uint64_t count = 0;
  if (!ConsumeAll(&rest, {&heuristics, &told.guard, &state.blocks, &height, &told.movements,
                          &told.addresses, &state.links, &told.shared, &told.largest,
                          &told.conflicts, &count}) ||
      heuristics > UINT32_MAX || height > UINT32_MAX || told.addresses > Node::kMost ||
      state.links > told.addresses || count > Heuristics().size()) {
    return Damaged("a state", row);
  }
  told.heuristics = HeuristicSet::FromBits(static_cast<uint32_t>(heuristics));
  told.height = static_cast<uint32_t>(height);
  told.clusters = told.addresses - state.links;
  for (uint64_t i = 0; i < count; ++i) {
    uint64_t heuristic = 0;
    uint64_t merges = 0;
    if (!ConsumeAll(&rest, {&heuristic, &merges}) || !IsHeuristic(heuristic)) {
      return Damaged("a state", row);
    }
    told.merges[static_cast<Heuristic>(heuristic)] = merges;
  }
  if (!rest.empty()) return Damaged("a state", row);
  return state;
}

std::string EncodeNumber(uint64_t number) {
  std::string row;
  AppendVarint(number, &row);
  return row;
}

absl::StatusOr<uint64_t> DecodeNumber(absl::string_view row) {
  uint64_t number = 0;
  absl::string_view rest = row;
  if (!ConsumeVarint(&rest, &number) || !rest.empty()) return Damaged("a number", row);
  return number;
}

}  // namespace spoor::cluster_rows
