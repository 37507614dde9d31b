#include "spoor/entity/cluster_builder.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "lib/entity/cluster_forest.h"
#include "lib/entity/cluster_rows.h"
#include "lib/entity/link_log.h"
#include "lib/entity/sign_finder.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

namespace rows = cluster_rows;
using Change = LedgerTable::Change;

// What a written link takes, about.
constexpr uint64_t kLinkBytes = 24;
constexpr uint64_t kProgressEvery = 1 << 16;

class Builder : public ClusterBuilder {
 public:
  Builder(LedgerTable* table, ClusterOptions options)
      : table_(*table), options_(std::move(options)), finder_(options_.heuristics) {}

  // Reads what the table has.
  absl::Status Load();
  absl::Status Update(const LedgerView& view, absl::Span<const TaggedAddress> tagged) override;
  const ClusterState& state() const override { return state_.told; }

 private:
  // How many addresses of the tree of clusters below an address are tagged, all as one actor's.
  struct Tagged {
    uint64_t actor = 0;
    uint64_t count = 0;
  };

  bool Uses(Heuristic heuristic) const { return options_.heuristics.Has(heuristic); }

  // Begins anew, and takes the rows of before away.
  absl::Status Restart();
  absl::Status RemoveOtherGenerations();
  absl::Status UndoForeignBlocks(const LedgerView& view);
  absl::Status UndoBlock();
  bool HasTags(absl::Span<const TaggedAddress> tagged) const;
  absl::Status Advance(const LedgerView& view);
  absl::Status BeginBlock(const LedgerView& view);
  absl::Status EndBlock();
  // Follows a sign, or holds it back.
  void Follow(AddressId a_id, AddressId b_id, Heuristic heuristic, Position position);
  std::optional<ClusterConflict::Reason> ReasonAgainst(uint64_t a_root, uint64_t b_root) const;
  void CountTag(uint64_t root, const Tagged& more);

  uint64_t BatchBytes() const {
    return forest_.changed_pages() * rows::kPageNodes * rows::Node::kSize +
           unwritten_links_ * kLinkBytes;
  }
  absl::Status Flush();
  std::string RowKey(char kind, uint64_t number, int bytes = 5) const {
    return rows::Key(state_.generation, kind, number, bytes);
  }

  LedgerTable& table_;
  const ClusterOptions options_;
  rows::State state_;
  SignFinder finder_;
  ClusterForest forest_;
  LinkLog links_;
  std::vector<rows::Conflict> conflicts_;
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> kept_apart_;  // roots, the lesser first
  std::map<uint64_t, uint64_t> tags_;                              // of addresses looked at
  absl::flat_hash_map<uint64_t, Tagged> tagged_below_;
  std::vector<TaggedAddress> given_tags_;  // ascending

  BlockInfo block_;              // being looked at
  std::vector<Change> changes_;  // to be written with the next batch, besides pages and links
  uint64_t unwritten_links_ = 0;
  bool largest_known_ = true;
};

absl::Status Builder::Load() {
  SPOOR_ASSIGN_OR_RETURN(const std::optional<std::string> row, ReadRow(table_, rows::kStateKey));
  if (!row.has_value()) {
    state_.told.heuristics = options_.heuristics;
    state_.told.guard = options_.guard;
    for (const HeuristicInfo& info : Heuristics()) {
      if (Uses(info.heuristic)) state_.told.merges[info.heuristic] = 0;
    }
    return links_.Load(&table_, state_.generation, 0);
  }
  SPOOR_ASSIGN_OR_RETURN(state_, rows::DecodeState(*row));
  const uint8_t generation = state_.generation;
  forest_.Grow(state_.told.addresses);
  const std::string nodes = rows::Prefix(generation, rows::kNodes);
  SPOOR_RETURN_IF_ERROR(table_.Scan(
      nodes, nodes, [&](absl::string_view key, absl::string_view value) -> absl::Status {
        SPOOR_ASSIGN_OR_RETURN(const uint64_t page, rows::KeyNumber(key));
        return forest_.LoadPage(page, value);
      }));
  SPOOR_RETURN_IF_ERROR(forest_.Check());
  SPOOR_RETURN_IF_ERROR(links_.Load(&table_, generation, state_.links));
  const std::string conflicts = rows::Prefix(generation, rows::kConflicts);
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
  const std::string tags = rows::Prefix(generation, rows::kTags);
  SPOOR_RETURN_IF_ERROR(
      table_.Scan(tags, tags, [&](absl::string_view key, absl::string_view value) -> absl::Status {
        SPOOR_ASSIGN_OR_RETURN(const uint64_t id, rows::KeyNumber(key));
        SPOOR_ASSIGN_OR_RETURN(const uint64_t actor, rows::DecodeNumber(value));
        if (id >= forest_.size()) return absl::DataLossError("clusters: a tag of no address");
        tags_[id] = actor;
        // Below each address above it too: what went below another keeps its count.
        for (uint64_t up = id;; up = forest_.node(up).up()) {
          CountTag(up, {actor, 1});
          if (forest_.node(up).is_root()) return absl::OkStatus();
        }
      }));
  return RemoveOtherGenerations();
}

absl::Status Builder::RemoveOtherGenerations() {
  constexpr size_t kMost = 10'000;
  std::vector<Change> removals;
  const auto remove = [&]() -> absl::Status {
    SPOOR_RETURN_IF_ERROR(table_.Write(removals));
    removals.clear();
    return absl::OkStatus();
  };
  // The rows of this one lie together: they are passed over, not read.
  const std::string ours = rows::Prefix(state_.generation, '\0');
  const std::string behind =
      state_.generation == 0xff ? "H" : rows::Prefix(state_.generation + 1, '\0');
  for (const std::string& from : {std::string("G"), behind}) {
    bool more = true;
    while (more) {
      more = false;
      const absl::Status scanned =
          table_.Scan("G", from, [&](absl::string_view key, absl::string_view) -> absl::Status {
            if (key.substr(0, 2) == ours.substr(0, 2)) return absl::CancelledError();
            removals.push_back({std::string(key), std::nullopt});
            more = removals.size() == kMost;
            return more ? absl::CancelledError() : absl::OkStatus();
          });
      if (!scanned.ok() && !absl::IsCancelled(scanned)) return scanned;
      if (!removals.empty()) SPOOR_RETURN_IF_ERROR(remove());
    }
  }
  return absl::OkStatus();
}

absl::Status Builder::Restart() {
  const uint8_t generation = static_cast<uint8_t>(state_.generation + 1);
  state_ = rows::State();
  state_.generation = generation;
  state_.told.heuristics = options_.heuristics;
  state_.told.guard = options_.guard;
  for (const HeuristicInfo& info : Heuristics()) {
    if (Uses(info.heuristic)) state_.told.merges[info.heuristic] = 0;
  }
  forest_ = ClusterForest();
  links_ = LinkLog();
  SPOOR_RETURN_IF_ERROR(links_.Load(&table_, generation, 0));
  conflicts_.clear();
  kept_apart_.clear();
  tags_.clear();
  tagged_below_.clear();
  changes_.clear();
  unwritten_links_ = 0;
  largest_known_ = true;
  finder_.ForgetAll();
  SPOOR_RETURN_IF_ERROR(Flush());
  return RemoveOtherGenerations();
}

absl::Status Builder::Update(const LedgerView& view, absl::Span<const TaggedAddress> tagged) {
  if (view.chain().family != Family::kUtxo) {
    return absl::UnimplementedError(absl::StrCat(
        view.chain().name, ": found an account chain, wanted one of transaction outputs"));
  }
  SPOOR_RETURN_IF_ERROR(UndoForeignBlocks(view));
  given_tags_.assign(tagged.begin(), tagged.end());
  std::sort(given_tags_.begin(), given_tags_.end());
  if (state_.told.heuristics != options_.heuristics || state_.told.guard != options_.guard ||
      !HasTags(given_tags_)) {
    SPOOR_RETURN_IF_ERROR(Restart());
  }
  const std::optional<BlockInfo> tip = view.tip();
  if (!tip.has_value() || (state_.blocks > 0 && state_.told.height == tip->height)) {
    return Flush();
  }
  SPOOR_RETURN_IF_ERROR(finder_.Prepare(view, state_.told.movements, state_.told.addresses));
  SPOOR_RETURN_IF_ERROR(Advance(view));
  return Flush();
}

bool Builder::HasTags(absl::Span<const TaggedAddress> tagged) const {
  auto it = tags_.begin();
  for (const auto& [id, actor] : tagged) {
    if (id.number >= state_.told.addresses) break;
    if (it == tags_.end() || it->first != id.number || it->second != actor) return false;
    ++it;
  }
  return it == tags_.end();
}

absl::Status Builder::UndoForeignBlocks(const LedgerView& view) {
  while (state_.blocks > 0) {
    const absl::StatusOr<BlockInfo> block = view.BlockAt(state_.told.height);
    if (block.ok() && block->hash == state_.told.hash) return absl::OkStatus();
    if (!block.ok() && !absl::IsNotFound(block.status())) return block.status();
    SPOOR_RETURN_IF_ERROR(UndoBlock());
    if (BatchBytes() >= options_.batch_bytes) SPOOR_RETURN_IF_ERROR(Flush());
  }
  return absl::OkStatus();
}

absl::Status Builder::UndoBlock() {
  ClusterState& told = state_.told;
  rows::Block before;
  if (state_.blocks > 1) {
    const std::string key = RowKey(rows::kBlocks, told.height - 1, 4);
    SPOOR_ASSIGN_OR_RETURN(const std::optional<std::string> row, ReadRow(table_, key));
    if (!row.has_value()) {
      return absl::DataLossError(absl::StrCat("clusters: block ", told.height - 1, " is missing"));
    }
    SPOOR_ASSIGN_OR_RETURN(before, rows::DecodeBlock(*row));
  }
  if (before.addresses > told.addresses || before.movements > told.movements) {
    return absl::DataLossError(
        absl::StrCat("clusters: block ", told.height - 1, " has more than the one after it"));
  }
  while (links_.size() > 0) {
    rows::Link link;
    SPOOR_RETURN_IF_ERROR(links_.Last(&link));
    if (link.position < before.movements) break;
    uint64_t parent = 0;
    SPOOR_RETURN_IF_ERROR(forest_.Undo(link, links_.size() - 1, &parent));
    links_.RemoveLast();
    ++unwritten_links_;
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
    changes_.push_back({RowKey(rows::kConflicts, conflicts_.size() - 1), std::nullopt});
    kept_apart_.erase({conflicts_.back().from_root, conflicts_.back().to_root});
    conflicts_.pop_back();
  }
  for (auto it = tags_.lower_bound(before.addresses); it != tags_.end(); it = tags_.erase(it)) {
    changes_.push_back({RowKey(rows::kTags, it->first), std::nullopt});
    tagged_below_.erase(it->first);
  }
  SPOOR_RETURN_IF_ERROR(forest_.Shrink(before.addresses));
  finder_.Shrink(before.movements, before.addresses);
  changes_.push_back({RowKey(rows::kBlocks, told.height, 4), std::nullopt});
  --state_.blocks;
  told.height = state_.blocks > 0 ? told.height - 1 : 0;
  told.hash = before.hash;
  told.movements = before.movements;
  told.addresses = before.addresses;
  told.conflicts = conflicts_.size();
  if (told.addresses == 0) told.largest = 0;
  return absl::OkStatus();
}

absl::Status Builder::Advance(const LedgerView& view) {
  const BlockInfo tip = *view.tip();
  block_ = tip;
  // A ledger may begin at any height.
  const uint64_t first = tip.height + 1 - tip.totals.blocks;
  block_.height = static_cast<uint32_t>(state_.blocks == 0 ? first : state_.told.height + 1);
  SPOOR_RETURN_IF_ERROR(BeginBlock(view));
  const auto look = [&](const Movement& movement) -> absl::Status {
    const uint64_t number = movement.position.number;
    while (number >= block_.totals.movements) {
      SPOOR_RETURN_IF_ERROR(EndBlock());
      ++block_.height;
      SPOOR_RETURN_IF_ERROR(BeginBlock(view));
    }
    if (options_.progress != nullptr && number % kProgressEvery == 0) {
      options_.progress(number, tip.totals.movements);
    }
    return finder_.Look(view, movement, [&](AddressId a, AddressId b, Heuristic heuristic) {
      Follow(a, b, heuristic, movement.position);
    });
  };
  SPOOR_RETURN_IF_ERROR(view.ScanMovements(Position{state_.told.movements}, look));
  for (;;) {
    SPOOR_RETURN_IF_ERROR(EndBlock());
    if (block_.height == tip.height) return absl::OkStatus();
    ++block_.height;
    SPOOR_RETURN_IF_ERROR(BeginBlock(view));
  }
}

absl::Status Builder::BeginBlock(const LedgerView& view) {
  SPOOR_ASSIGN_OR_RETURN(block_, view.BlockAt(block_.height));
  if (block_.totals.addresses > rows::Node::kMost) {
    return absl::OutOfRangeError(absl::StrCat("found ", block_.totals.addresses,
                                              " addresses, wanted at most ", rows::Node::kMost));
  }
  const uint64_t before = forest_.size();
  finder_.BeginBlock(before, block_.totals.addresses);
  forest_.Grow(block_.totals.addresses);
  auto it =
      std::lower_bound(given_tags_.begin(), given_tags_.end(), TaggedAddress(AddressId{before}, 0));
  for (; it != given_tags_.end() && it->first.number < forest_.size(); ++it) {
    const uint64_t id = it->first.number;
    if (!tags_.emplace(id, it->second).second) continue;
    changes_.push_back({RowKey(rows::kTags, id), rows::EncodeNumber(it->second)});
    CountTag(id, {it->second, 1});
  }
  return absl::OkStatus();
}

absl::Status Builder::EndBlock() {
  ClusterState& told = state_.told;
  changes_.push_back(
      {RowKey(rows::kBlocks, block_.height, 4),
       rows::EncodeBlock({block_.hash, block_.totals.movements, block_.totals.addresses})});
  ++state_.blocks;
  told.height = block_.height;
  told.hash = block_.hash;
  told.movements = block_.totals.movements;
  told.addresses = block_.totals.addresses;
  if (told.addresses > 0) told.largest = std::max<uint64_t>(told.largest, 1);
  return BatchBytes() >= options_.batch_bytes ? Flush() : absl::OkStatus();
}

std::optional<ClusterConflict::Reason> Builder::ReasonAgainst(uint64_t a_root,
                                                              uint64_t b_root) const {
  if (!tagged_below_.empty()) {
    const auto a = tagged_below_.find(a_root);
    const auto b = tagged_below_.find(b_root);
    if (a != tagged_below_.end() && b != tagged_below_.end() &&
        a->second.actor != b->second.actor) {
      return ClusterConflict::Reason::kTwoActors;
    }
  }
  if (forest_.SizeOf(a_root) >= options_.guard && forest_.SizeOf(b_root) >= options_.guard) {
    return ClusterConflict::Reason::kTwoLarge;
  }
  return std::nullopt;
}

void Builder::Follow(AddressId a_id, AddressId b_id, Heuristic heuristic, Position position) {
  const uint64_t a = a_id.number;
  const uint64_t b = b_id.number;
  const uint64_t a_root = forest_.Root(a);
  const uint64_t b_root = forest_.Root(b);
  if (a_root == b_root) return;
  if (const auto reason = ReasonAgainst(a_root, b_root); reason.has_value()) {
    if (!kept_apart_.insert({std::min(a_root, b_root), std::max(a_root, b_root)}).second) {
      return;
    }
    rows::Conflict conflict;
    conflict.told = {*reason,
                     {AddressId{a}, AddressId{b}, heuristic, position},
                     forest_.SizeOf(a_root),
                     forest_.SizeOf(b_root)};
    conflict.from_root = std::min(a_root, b_root);
    conflict.to_root = std::max(a_root, b_root);
    changes_.push_back(
        {RowKey(rows::kConflicts, conflicts_.size()), rows::EncodeConflict(conflict)});
    conflicts_.push_back(conflict);
    state_.told.conflicts = conflicts_.size();
    return;
  }
  ClusterState& told = state_.told;
  const bool both_alone = forest_.SizeOf(a_root) == 1 && forest_.SizeOf(b_root) == 1;
  const bool none_alone = forest_.SizeOf(a_root) > 1 && forest_.SizeOf(b_root) > 1;
  if (both_alone) ++told.shared;
  if (none_alone) --told.shared;
  rows::Link link = forest_.Join(a, a_root, b, b_root, links_.size());
  link.heuristic = heuristic;
  link.position = position.number;
  links_.Append(link);
  ++unwritten_links_;
  const uint64_t root = forest_.node(link.child).up();
  if (const auto it = tagged_below_.find(link.child); it != tagged_below_.end()) {
    CountTag(root, Tagged(it->second));
  }
  told.largest = std::max(told.largest, forest_.SizeOf(root));
  ++told.merges[heuristic];
}

void Builder::CountTag(uint64_t root, const Tagged& more) {
  Tagged& tagged = tagged_below_[root];
  tagged.actor = more.actor;
  tagged.count += more.count;
}

absl::Status Builder::Flush() {
  if (!largest_known_) state_.told.largest = forest_.Largest();
  largest_known_ = true;
  state_.told.clusters = state_.told.addresses - links_.size();
  state_.links = links_.size();
  for (const uint64_t page : forest_.ChangedPages()) {
    std::string row = forest_.EncodePage(page);
    const bool gone = row.empty();
    changes_.push_back(
        {RowKey(rows::kNodes, page), gone ? std::optional<std::string>() : std::move(row)});
  }
  links_.AppendChanges(&changes_);
  changes_.push_back({rows::kStateKey, rows::EncodeState(state_)});
  SPOOR_RETURN_IF_ERROR(table_.Write(changes_));
  changes_.clear();
  forest_.ForgetChanges();
  links_.ForgetChanges();
  unwritten_links_ = 0;
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ClusterBuilder>> ClusterBuilder::Open(LedgerTable* table,
                                                                     ClusterOptions options) {
  auto builder = std::make_unique<Builder>(table, std::move(options));
  SPOOR_RETURN_IF_ERROR(builder->Load());
  return std::unique_ptr<ClusterBuilder>(std::move(builder));
}

}  // namespace spoor
