#include "lib/entity/cluster_book.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

namespace rows = cluster_rows;

// Rows that are taken away at once.
constexpr size_t kMostRemovals = 10'000;
// How many signs ahead the nodes of their addresses are fetched, those above, and above these.
constexpr size_t kAhead = 24;
constexpr size_t kAboveAhead = 16;
constexpr size_t kTwoAboveAhead = 8;

}  // namespace

absl::Status ClusterBook::Open() {
  SPOOR_ASSIGN_OR_RETURN(const std::optional<std::string> row, ReadRow(table_, rows::kStateKey));
  SPOOR_ASSIGN_OR_RETURN(const std::optional<std::string> part,
                         ReadRow(table_, rows::kProgressKey));
  has_rows_ = row.has_value() || part.has_value();
  uint8_t generation = 0;
  if (rows::IsOlderState(row.value_or(""), &generation)) {
    has_older_rows_ = true;
    state_.generation = generation;
    return absl::OkStatus();
  }
  if (row.has_value()) {
    SPOOR_ASSIGN_OR_RETURN(kept_, rows::DecodeState(*row));
  }
  state_ = kept_;
  if (!part.has_value()) return absl::OkStatus();
  SPOOR_ASSIGN_OR_RETURN(state_, rows::DecodeState(*part));
  in_parts_ = true;
  part_written_ = true;
  if (state_.generation != kept_.generation || state_.nodes != kept_.nodes ||
      state_.blocks < kept_.blocks || state_.links < kept_.links ||
      state_.told.addresses < kept_.told.addresses ||
      state_.told.conflicts < kept_.told.conflicts) {
    return absl::DataLossError("clusters: what was begun does not go on from what is there");
  }
  return absl::OkStatus();
}

absl::Status ClusterBook::Load() {
  if (has_older_rows_) return links_.Load(&table_, state_.generation, 0);
  SPOOR_RETURN_IF_ERROR(LoadForest());
  SPOOR_RETURN_IF_ERROR(LoadConflicts());
  SPOOR_RETURN_IF_ERROR(LoadTags());
  // What runs that were killed have left.
  SPOOR_RETURN_IF_ERROR(RemoveNodes(static_cast<uint8_t>(1 - state_.nodes)));
  return RemoveOtherGenerations();
}

absl::Status ClusterBook::LoadForest() {
  forest_.Grow(kept_.told.addresses);
  const std::string nodes = rows::Prefix(kept_.generation, rows::kNodes[kept_.nodes]);
  SPOOR_RETURN_IF_ERROR(table_.Scan(
      nodes, nodes, [&](absl::string_view key, absl::string_view value) -> absl::Status {
        SPOOR_ASSIGN_OR_RETURN(const uint64_t page, rows::KeyNumber(key));
        return forest_.LoadPage(page, value);
      }));
  SPOOR_RETURN_IF_ERROR(forest_.Check());
  forest_.Grow(state_.told.addresses);
  SPOOR_RETURN_IF_ERROR(links_.Load(&table_, state_.generation, state_.links));
  if (!in_parts_) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(
      links_.Visit(kept_.links, [&](const rows::Link& link, uint64_t number) -> absl::Status {
        const auto damaged = [number] {
          return absl::DataLossError(absl::StrCat("clusters: link ", number, " is damaged"));
        };
        if (std::max(link.a, link.b) >= forest_.size()) return damaged();
        const uint64_t b_root = forest_.Root(link.b);
        if (forest_.Root(link.a) != link.child || b_root == link.child) return damaged();
        rows::Link again = forest_.Join(link.a, link.child, link.b, b_root, number);
        again.heuristic = link.heuristic;
        again.position = link.position;
        return again == link ? absl::OkStatus() : damaged();
      }));
  return absl::OkStatus();
}

absl::Status ClusterBook::LoadConflicts() {
  const std::string conflicts = rows::Prefix(state_.generation, rows::kConflicts);
  SPOOR_RETURN_IF_ERROR(table_.Scan(
      conflicts, conflicts, [&](absl::string_view, absl::string_view value) -> absl::Status {
        SPOOR_ASSIGN_OR_RETURN(const rows::Conflict conflict, rows::DecodeConflict(value));
        conflicts_.push_back(conflict);
        kept_apart_.insert({conflict.from_root, conflict.to_root});
        return absl::OkStatus();
      }));
  if (conflicts_.size() != state_.told.conflicts) {
    return absl::DataLossError(absl::StrCat("clusters: found ", conflicts_.size(),
                                            " conflicts, wanted ", state_.told.conflicts));
  }
  return absl::OkStatus();
}

absl::Status ClusterBook::LoadTags() {
  const std::string tags = rows::Prefix(state_.generation, rows::kTags);
  return table_.Scan(tags, tags,
                     [&](absl::string_view key, absl::string_view value) -> absl::Status {
                       SPOOR_ASSIGN_OR_RETURN(const uint64_t id, rows::KeyNumber(key));
                       SPOOR_ASSIGN_OR_RETURN(const uint64_t actor, rows::DecodeNumber(value));
                       if (id >= forest_.size())
                         return absl::DataLossError("clusters: a tag of no address");
                       tags_[id] = actor;
                       // Below each address above it too: what went below another keeps its count.
                       for (uint64_t up = id;; up = forest_.node(up).up()) {
                         CountTag(up, {actor, 1});
                         if (forest_.node(up).is_root()) return absl::OkStatus();
                       }
                     });
}

absl::Status ClusterBook::RemoveRows(absl::string_view prefix, absl::string_view from,
                                     absl::string_view until) {
  for (bool more = true; more;) {
    std::vector<LedgerTable::Change> removals;
    const absl::Status scanned =
        table_.Scan(prefix, from, [&](absl::string_view key, absl::string_view) {
          if (absl::StartsWith(key, until)) return absl::CancelledError();
          removals.push_back({std::string(key), std::nullopt});
          return removals.size() == kMostRemovals ? absl::CancelledError() : absl::OkStatus();
        });
    if (!scanned.ok() && !absl::IsCancelled(scanned)) return scanned;
    if (!removals.empty()) SPOOR_RETURN_IF_ERROR(table_.Write(removals));
    more = removals.size() == kMostRemovals;
  }
  return absl::OkStatus();
}

absl::Status ClusterBook::RemoveNodes(uint8_t nodes) {
  const std::string prefix = rows::Prefix(state_.generation, rows::kNodes[nodes]);
  return RemoveRows(prefix, prefix, "S");
}

absl::Status ClusterBook::RemoveOtherGenerations() {
  // The rows of this one lie together: they are passed over, not read.
  const std::string ours = {'G', static_cast<char>(state_.generation)};
  SPOOR_RETURN_IF_ERROR(RemoveRows("G", "G", ours));
  if (state_.generation == 0xff) return absl::OkStatus();
  return RemoveRows("G", rows::Prefix(static_cast<uint8_t>(state_.generation + 1), '\0'), ours);
}

absl::Status ClusterBook::Restart(HeuristicSet heuristics, uint64_t guard) {
  const auto generation = static_cast<uint8_t>(state_.generation + (has_rows_ ? 1 : 0));
  state_ = rows::State();
  state_.generation = generation;
  state_.told.heuristics = heuristics;
  state_.told.guard = guard;
  for (const HeuristicInfo& info : Heuristics()) {
    if (heuristics.Has(info.heuristic)) state_.told.merges[info.heuristic] = 0;
  }
  SPOOR_RETURN_IF_ERROR(links_.Load(&table_, generation, 0));
  forest_.Clear();
  conflicts_.clear();
  kept_apart_.clear();
  tags_.clear();
  tagged_below_.clear();
  changes_.clear();
  change_bytes_ = 0;
  largest_known_ = true;
  in_parts_ = false;
  has_older_rows_ = false;
  kept_ = state_;
  if (!has_rows_) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(Finish());
  return RemoveOtherGenerations();
}

bool ClusterBook::HasTags(absl::Span<const TaggedAddress> tagged) const {
  auto it = tags_.begin();
  for (const auto& [id, actor] : tagged) {
    if (id.number >= state_.told.addresses) break;
    if (it == tags_.end() || it->first != id.number || it->second != actor) return false;
    ++it;
  }
  return it == tags_.end();
}

absl::StatusOr<std::pair<uint32_t, rows::Block>> ClusterBook::BlockBefore(uint32_t height) const {
  const std::string prefix = rows::Prefix(state_.generation, rows::kBlocks);
  for (uint64_t back = 1;; back *= 2) {
    const uint64_t from = back < height ? height - back : 0;
    std::optional<std::pair<uint32_t, rows::Block>> found;
    const absl::Status scanned =
        table_.Scan(prefix, RowKey(rows::kBlocks, from, 4),
                    [&](absl::string_view key, absl::string_view value) -> absl::Status {
                      SPOOR_ASSIGN_OR_RETURN(const uint64_t at, rows::KeyNumber(key, 4));
                      if (at >= height) return absl::CancelledError();
                      SPOOR_ASSIGN_OR_RETURN(const rows::Block block, rows::DecodeBlock(value));
                      found.emplace(static_cast<uint32_t>(at), block);
                      return absl::OkStatus();
                    });
    if (!scanned.ok() && !absl::IsCancelled(scanned)) return scanned;
    if (found.has_value()) return *found;
    if (from == 0) {
      return absl::DataLossError(
          absl::StrCat("clusters: the block before block ", height, " is missing"));
    }
  }
}

absl::Status ClusterBook::UndoBlock() {
  SPOOR_RETURN_IF_ERROR(AwaitWriting());  // rows are read here
  ClusterState& told = state_.told;
  uint32_t height_before = 0;
  rows::Block before;
  if (state_.blocks > 1) {
    SPOOR_ASSIGN_OR_RETURN(std::tie(height_before, before), BlockBefore(told.height));
  }
  if (before.addresses > told.addresses || before.movements > told.movements) {
    return absl::DataLossError(
        absl::StrCat("clusters: block ", height_before, " has more than the one after it"));
  }
  while (links_.size() > 0) {
    rows::Link link;
    SPOOR_RETURN_IF_ERROR(links_.Last(&link));
    if (link.position < before.movements) break;
    uint64_t parent = 0;
    SPOOR_RETURN_IF_ERROR(forest_.Undo(link, links_.size() - 1, &parent));
    links_.RemoveLast();
    largest_known_ = false;
    --told.merges[link.heuristic];
    const bool child_alone = link.child_size == 1;
    const bool parent_alone = forest_.SizeOf(parent) == 1;
    if (child_alone && parent_alone) --told.shared;
    if (!child_alone && !parent_alone) ++told.shared;
    if (const auto it = tagged_below_.find(link.child); it != tagged_below_.end()) {
      const auto above = tagged_below_.find(parent);
      SPOOR_CHECK(above != tagged_below_.end() && above->second.count >= it->second.count);
      above->second.count -= it->second.count;
      if (above->second.count == 0) tagged_below_.erase(above);
    }
  }
  while (!conflicts_.empty() &&
         conflicts_.back().told.evidence.position.number >= before.movements) {
    Change(RowKey(rows::kConflicts, conflicts_.size() - 1), std::nullopt);
    kept_apart_.erase({conflicts_.back().from_root, conflicts_.back().to_root});
    conflicts_.pop_back();
  }
  for (auto it = tags_.lower_bound(before.addresses); it != tags_.end(); it = tags_.erase(it)) {
    Change(RowKey(rows::kTags, it->first), std::nullopt);
    tagged_below_.erase(it->first);
  }
  SPOOR_RETURN_IF_ERROR(forest_.Shrink(before.addresses));
  Change(RowKey(rows::kBlocks, told.height, 4), std::nullopt);
  --state_.blocks;
  told.height = height_before;
  told.hash = before.hash;
  told.movements = before.movements;
  told.addresses = before.addresses;
  told.conflicts = conflicts_.size();
  if (told.addresses == 0) told.largest = 0;
  if (in_parts_ && state_.blocks == kept_.blocks) {
    // Back where the nodes were written.
    in_parts_ = false;
    forest_.ForgetChanges();
  }
  if (!IsBatch()) return absl::OkStatus();
  return in_parts_ ? WritePart() : Finish();
}

absl::Status ClusterBook::EndUndo() {
  // Others write to the table after this.
  SPOOR_RETURN_IF_ERROR(AwaitWriting());
  // Nodes that stand must not do so beside the links of other blocks.
  return state_.blocks < kept_.blocks ? Finish() : absl::OkStatus();
}

void ClusterBook::BeginBlock(uint64_t addresses, absl::Span<const TaggedAddress> tagged) {
  const uint64_t before = forest_.size();
  forest_.Grow(addresses);
  auto it = std::lower_bound(tagged.begin(), tagged.end(), TaggedAddress(AddressId{before}, 0));
  for (; it != tagged.end() && it->first.number < forest_.size(); ++it) {
    const uint64_t id = it->first.number;
    if (!tags_.emplace(id, it->second).second) continue;
    Change(RowKey(rows::kTags, id), rows::EncodeNumber(it->second));
    CountTag(id, {it->second, 1});
  }
}

void ClusterBook::EndBlock(const BlockInfo& block) {
  ClusterState& told = state_.told;
  Change(RowKey(rows::kBlocks, block.height, 4),
         rows::EncodeBlock({block.hash, block.totals.movements, block.totals.addresses}));
  ++state_.blocks;
  told.height = block.height;
  told.hash = block.hash;
  told.movements = block.totals.movements;
  told.addresses = block.totals.addresses;
  if (told.addresses > 0) told.largest = std::max<uint64_t>(told.largest, 1);
}

std::optional<ClusterConflict::Reason> ClusterBook::ReasonAgainst(uint64_t a_root,
                                                                  uint64_t b_root) const {
  if (!tagged_below_.empty()) {
    const auto a = tagged_below_.find(a_root);
    const auto b = tagged_below_.find(b_root);
    if (a != tagged_below_.end() && b != tagged_below_.end() &&
        ((a->second.actor ^ b->second.actor) & ~kServiceTag) != 0) {
      return ClusterConflict::Reason::kTwoActors;
    }
  }
  const uint64_t guard = state_.told.guard;
  if (forest_.SizeOf(a_root) >= guard && forest_.SizeOf(b_root) >= guard) {
    return ClusterConflict::Reason::kTwoLarge;
  }
  return std::nullopt;
}

void ClusterBook::Follow(absl::Span<const Sign> signs) {
  for (size_t i = 0; i < signs.size(); ++i) {
    // Most of the time would go by in waiting for memory, for one address after another.
    if (i + kAhead < signs.size()) {
      forest_.Fetch(signs[i + kAhead].a);
      forest_.Fetch(signs[i + kAhead].b);
    }
    if (i + kAboveAhead < signs.size()) {
      forest_.FetchAbove(signs[i + kAboveAhead].a);
      forest_.FetchAbove(signs[i + kAboveAhead].b);
    }
    if (i + kTwoAboveAhead < signs.size()) {
      forest_.FetchTwoAbove(signs[i + kTwoAboveAhead].a);
      forest_.FetchTwoAbove(signs[i + kTwoAboveAhead].b);
    }
    Follow(signs[i]);
  }
}

void ClusterBook::Follow(const Sign& sign) {
  const uint64_t a_root = forest_.Root(sign.a);
  const uint64_t b_root = forest_.Root(sign.b);
  if (a_root == b_root) return;
  if (const auto reason = ReasonAgainst(a_root, b_root); reason.has_value()) {
    return HoldBack(sign, *reason, a_root, b_root);
  }
  ClusterState& told = state_.told;
  const bool both_alone = forest_.SizeOf(a_root) == 1 && forest_.SizeOf(b_root) == 1;
  const bool none_alone = forest_.SizeOf(a_root) > 1 && forest_.SizeOf(b_root) > 1;
  if (both_alone) ++told.shared;
  if (none_alone) --told.shared;
  rows::Link link = forest_.Join(sign.a, a_root, sign.b, b_root, links_.size());
  link.heuristic = sign.heuristic;
  link.position = sign.position;
  links_.Append(link);
  const uint64_t root = forest_.node(link.child).up();
  if (!tagged_below_.empty()) {
    const auto it = tagged_below_.find(link.child);
    if (it != tagged_below_.end()) CountTag(root, Tagged(it->second));
  }
  told.largest = std::max(told.largest, forest_.SizeOf(root));
  ++told.merges[sign.heuristic];
}

void ClusterBook::HoldBack(const Sign& sign, ClusterConflict::Reason reason, uint64_t a_root,
                           uint64_t b_root) {
  const auto apart = std::minmax(a_root, b_root);
  if (!kept_apart_.insert(apart).second) return;
  rows::Conflict conflict;
  conflict.told = {reason,
                   {AddressId{sign.a}, AddressId{sign.b}, sign.heuristic, Position{sign.position}},
                   forest_.SizeOf(a_root),
                   forest_.SizeOf(b_root)};
  conflict.from_root = apart.first;
  conflict.to_root = apart.second;
  Change(RowKey(rows::kConflicts, conflicts_.size()), rows::EncodeConflict(conflict));
  conflicts_.push_back(conflict);
  state_.told.conflicts = conflicts_.size();
}

void ClusterBook::CountTag(uint64_t root, const Tagged& more) {
  Tagged& tagged = tagged_below_[root];
  tagged.actor = more.actor;
  tagged.count += more.count;
}

void ClusterBook::Change(std::string key, std::optional<std::string> value) {
  constexpr uint64_t kOverhead = 64;
  change_bytes_ += kOverhead + key.size() + (value.has_value() ? value->size() : 0);
  changes_.push_back({std::move(key), std::move(value)});
}

bool ClusterBook::IsBatch() const {
  const uint64_t nodes =
      in_parts_ ? 0 : forest_.changed_pages() * rows::kPageNodes * rows::Node::kSize;
  return nodes + links_.unwritten_bytes() + change_bytes_ >= batch_bytes_;
}

void ClusterBook::BringStateUpToDate() {
  if (!largest_known_) state_.told.largest = forest_.Largest();
  largest_known_ = true;
  state_.told.clusters = state_.told.addresses - links_.size();
  state_.links = links_.size();
}

absl::Status ClusterBook::WritePart() {
  in_parts_ = true;
  part_written_ = true;
  BringStateUpToDate();
  links_.TakeChanges(&changes_);
  Change(rows::kProgressKey, rows::EncodeState(state_));
  return WriteBehind(TakeChanges());
}

std::vector<LedgerTable::Change> ClusterBook::TakeChanges() {
  std::vector<LedgerTable::Change> changes = std::move(changes_);
  changes_.clear();
  change_bytes_ = 0;
  return changes;
}

absl::Status ClusterBook::WriteBehind(std::vector<LedgerTable::Change> changes) {
  SPOOR_RETURN_IF_ERROR(AwaitWriting());
  if (changes.empty()) return absl::OkStatus();
  writing_ = std::async(std::launch::async,
                        [this, changes = std::move(changes)] { return table_.Write(changes); });
  return absl::OkStatus();
}

absl::Status ClusterBook::AwaitWriting() {
  return writing_.valid() ? writing_.get() : absl::OkStatus();
}

absl::Status ClusterBook::WriteNodesAnew() {
  // Beside the others, which stand until the state says that these count.
  const auto nodes = static_cast<uint8_t>(1 - kept_.nodes);
  const char kind = rows::kNodes[nodes];
  std::vector<LedgerTable::Change> pages;
  const uint64_t end = (forest_.size() + rows::kPageNodes - 1) / rows::kPageNodes;
  for (uint64_t page = 0; page < end; ++page) {
    std::string row = forest_.EncodePage(page);
    if (!row.empty()) pages.push_back({RowKey(kind, page), std::move(row)});
    if (pages.size() * rows::kPageNodes * rows::Node::kSize >= batch_bytes_) {
      SPOOR_RETURN_IF_ERROR(WriteBehind(std::move(pages)));
      pages.clear();
    }
  }
  SPOOR_RETURN_IF_ERROR(WriteBehind(std::move(pages)));
  state_.nodes = nodes;
  return absl::OkStatus();
}

absl::Status ClusterBook::Finish() {
  BringStateUpToDate();
  links_.TakeChanges(&changes_);
  if (in_parts_) {
    SPOOR_RETURN_IF_ERROR(WriteNodesAnew());
  } else {
    for (const uint64_t page : forest_.ChangedPages()) {
      std::string row = forest_.EncodePage(page);
      const bool gone = row.empty();
      changes_.push_back({RowKey(rows::kNodes[state_.nodes], page),
                          gone ? std::optional<std::string>() : std::move(row)});
    }
  }
  changes_.push_back({rows::kStateKey, rows::EncodeState(state_)});
  if (part_written_) changes_.push_back({rows::kProgressKey, std::nullopt});
  SPOOR_RETURN_IF_ERROR(AwaitWriting());
  SPOOR_RETURN_IF_ERROR(table_.Write(TakeChanges()));
  forest_.ForgetChanges();
  part_written_ = false;
  has_rows_ = true;
  if (in_parts_) {
    in_parts_ = false;
    SPOOR_RETURN_IF_ERROR(RemoveNodes(static_cast<uint8_t>(1 - state_.nodes)));
  }
  kept_ = state_;
  return absl::OkStatus();
}

}  // namespace spoor
