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
#include "lib/entity/key_table.h"
#include "lib/entity/link_log.h"
#include "lib/entity/payment.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/coinjoin.h"

namespace spoor {
namespace {

namespace rows = cluster_rows;
using Change = LedgerTable::Change;

// Addresses whose keys are read at once.
constexpr uint64_t kKeysAhead = 1 << 16;
// What a written link takes, about.
constexpr uint64_t kLinkBytes = 24;
constexpr uint64_t kProgressEvery = 1 << 16;
// The fewest inputs of a CoinJoin.
constexpr size_t kLeastJoined = 3;

class Builder : public ClusterBuilder {
 public:
  Builder(LedgerTable* table, ClusterOptions options)
      : table_(*table), options_(std::move(options)) {}

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
  // Learns what heuristics ask of addresses that were looked at before this run.
  absl::Status PrepareFacts(const LedgerView& view);
  absl::Status Advance(const LedgerView& view);
  absl::Status BeginBlock(const LedgerView& view);
  absl::Status EndBlock();
  absl::Status Look(const LedgerView& view, const Movement& movement);
  absl::Status LookAtNewAddresses(const LedgerView& view, const Movement& movement);
  absl::Status ReadKey(const LedgerView& view, uint64_t id, const std::string** key);
  void LookForChange(Heuristic heuristic, const Payment& payment, std::optional<uint32_t> change);
  // Follows a sign, or holds it back. What Root(a) is then.
  uint64_t Follow(uint64_t a, uint64_t a_root, uint64_t b, Heuristic heuristic, Position position);
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
  ClusterForest forest_;
  LinkLog links_;
  std::vector<rows::Conflict> conflicts_;
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> kept_apart_;  // roots, the lesser first
  std::map<uint64_t, uint64_t> tags_;                              // of addresses looked at
  absl::flat_hash_map<uint64_t, Tagged> tagged_below_;
  std::vector<TaggedAddress> given_tags_;  // ascending

  // What heuristics know.
  bool prepared_ = false;
  KeyTable keys_;
  std::vector<ScriptKind> kinds_;
  PeelingChange peeling_;
  AddressFacts facts_;
  std::vector<std::string> keys_ahead_;
  uint64_t keys_ahead_from_ = 0;
  uint64_t chain_addresses_ = 0;
  std::vector<AddressId> same_;

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
  prepared_ = false;
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
  chain_addresses_ = tip->totals.addresses;
  SPOOR_RETURN_IF_ERROR(PrepareFacts(view));
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
  if (prepared_) {
    keys_.Shrink(before.addresses);
    kinds_.resize(std::min<size_t>(kinds_.size(), before.addresses));
    peeling_.Shrink(before.movements);
  }
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

absl::Status Builder::PrepareFacts(const LedgerView& view) {
  keys_ahead_.clear();
  facts_.kinds = &kinds_;
  const bool same_key = Uses(Heuristic::kSameKey);
  const bool anew = !prepared_ || (same_key && !keys_.Fits(chain_addresses_));
  if (!prepared_) peeling_.Reset(state_.told.movements);
  prepared_ = true;
  if (!anew) return absl::OkStatus();
  if (same_key) keys_.Reset(chain_addresses_);
  kinds_.clear();
  if (!same_key && !Uses(Heuristic::kAddressTypeChange)) return absl::OkStatus();
  for (uint64_t id = 0; id < state_.told.addresses; ++id) {
    const std::string* key = nullptr;
    SPOOR_RETURN_IF_ERROR(ReadKey(view, id, &key));
    if (Uses(Heuristic::kAddressTypeChange)) kinds_.push_back(static_cast<ScriptKind>((*key)[0]));
    if (same_key) SPOOR_RETURN_IF_ERROR(keys_.Add(view, AddressId{id}, *key, &same_));
  }
  return absl::OkStatus();
}

absl::Status Builder::ReadKey(const LedgerView& view, uint64_t id, const std::string** key) {
  if (id < keys_ahead_from_ || id - keys_ahead_from_ >= keys_ahead_.size()) {
    keys_ahead_from_ = id;
    SPOOR_RETURN_IF_ERROR(view.ReadAddresses(
        AddressId{id}, std::min(kKeysAhead, chain_addresses_ - id), &keys_ahead_));
  }
  *key = &keys_ahead_[id - keys_ahead_from_];
  if ((*key)->empty()) return absl::DataLossError(absl::StrCat("address ", id, " is empty"));
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
    return Look(view, movement);
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
  facts_.seen = forest_.size();
  const uint64_t before = forest_.size();
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

absl::Status Builder::Look(const LedgerView& view, const Movement& movement) {
  SPOOR_RETURN_IF_ERROR(LookAtNewAddresses(view, movement));
  const std::vector<Give>& gives = movement.gives;
  if (Uses(Heuristic::kCoSpend) && gives.size() > 1 &&
      (gives.size() < kLeastJoined || !RecogniseCoinJoin(movement).has_value())) {
    uint64_t first = AddressId::kNobody;
    uint64_t root = 0;
    for (const Give& give : gives) {
      const uint64_t id = give.owner.number;
      if (give.owner.IsNobody() || id == first) continue;
      if (first == AddressId::kNobody) {
        first = id;
        root = forest_.Root(id);
      } else {
        root = Follow(first, root, id, Heuristic::kCoSpend, movement.position);
      }
    }
  }
  constexpr Heuristic kChange[] = {Heuristic::kOneTimeChange, Heuristic::kAddressTypeChange,
                                   Heuristic::kOptimalChange, Heuristic::kRoundAmountChange,
                                   Heuristic::kPeelingChange};
  if (std::any_of(std::begin(kChange), std::end(kChange), [&](Heuristic h) { return Uses(h); })) {
    const std::optional<Payment> payment = PaymentOf(movement);
    const auto look = [&](Heuristic heuristic, const auto& change_of) {
      if (!Uses(heuristic) || !payment.has_value()) return;
      LookForChange(heuristic, *payment, change_of());
    };
    look(Heuristic::kOneTimeChange, [&] { return OneTimeChange(*payment, facts_); });
    look(Heuristic::kAddressTypeChange, [&] { return AddressTypeChange(*payment, facts_); });
    look(Heuristic::kOptimalChange, [&] { return OptimalChange(*payment); });
    look(Heuristic::kRoundAmountChange, [&] { return RoundAmountChange(*payment); });
    if (Uses(Heuristic::kPeelingChange)) {
      SPOOR_ASSIGN_OR_RETURN(
          const std::optional<uint32_t> rest,
          peeling_.Next(view, movement, payment.has_value() ? &*payment : nullptr));
      if (payment.has_value()) LookForChange(Heuristic::kPeelingChange, *payment, rest);
    }
  }
  for (const Give& give : gives) {
    if (!give.owner.IsNobody()) facts_.seen = std::max(facts_.seen, give.owner.number + 1);
  }
  for (const Take& take : movement.takes) {
    if (!take.owner.IsNobody()) facts_.seen = std::max(facts_.seen, take.owner.number + 1);
  }
  return absl::OkStatus();
}

// Addresses are numbered as they appear, so those of this movement that are new follow each other.
absl::Status Builder::LookAtNewAddresses(const LedgerView& view, const Movement& movement) {
  uint64_t end = facts_.seen;
  const auto see = [&](AddressId id) {
    if (!id.IsNobody()) end = std::max(end, id.number + 1);
  };
  for (const Give& give : movement.gives) see(give.owner);
  for (const Take& take : movement.takes) see(take.owner);
  if (end > forest_.size()) {
    return absl::DataLossError(absl::StrCat("movement ", movement.position.number, " has address ",
                                            end - 1, " of ", forest_.size()));
  }
  const bool same_key = Uses(Heuristic::kSameKey);
  const bool kinds = Uses(Heuristic::kAddressTypeChange);
  if (!same_key && !kinds) return absl::OkStatus();
  for (uint64_t id = facts_.seen; id < end; ++id) {
    const std::string* key = nullptr;
    SPOOR_RETURN_IF_ERROR(ReadKey(view, id, &key));
    if (kinds) {
      kinds_.resize(id);
      kinds_.push_back(static_cast<ScriptKind>((*key)[0]));
    }
    if (!same_key) continue;
    SPOOR_RETURN_IF_ERROR(keys_.Add(view, AddressId{id}, *key, &same_));
    uint64_t root = forest_.Root(id);
    for (const AddressId other : same_) {
      root = Follow(id, root, other.number, Heuristic::kSameKey, movement.position);
    }
  }
  return absl::OkStatus();
}

void Builder::LookForChange(Heuristic heuristic, const Payment& payment,
                            std::optional<uint32_t> change) {
  if (!change.has_value()) return;
  const uint64_t giver = payment.movement->gives[0].owner.number;
  Follow(giver, forest_.Root(giver), payment.output(*change).owner.number, heuristic,
         payment.movement->position);
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

uint64_t Builder::Follow(uint64_t a, uint64_t a_root, uint64_t b, Heuristic heuristic,
                         Position position) {
  const uint64_t b_root = forest_.Root(b);
  if (a_root == b_root) return a_root;
  if (const auto reason = ReasonAgainst(a_root, b_root); reason.has_value()) {
    if (!kept_apart_.insert({std::min(a_root, b_root), std::max(a_root, b_root)}).second) {
      return a_root;
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
    return a_root;
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
  return root;
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
