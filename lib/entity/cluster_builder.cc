#include "spoor/entity/cluster_builder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "lib/entity/cluster_book.h"
#include "lib/entity/sign_finder.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr uint64_t kProgressEvery = 1 << 16;
// Signs that are gathered before they are followed.
constexpr size_t kSignsAtOnce = 1 << 13;

class Builder : public ClusterBuilder {
 public:
  Builder(LedgerTable* table, ClusterOptions options)
      : options_(std::move(options)), table_(table), book_(table, options_.batch_bytes) {}

  absl::Status Open();
  absl::Status Update(const LedgerView& view, absl::Span<const TaggedAddress> tagged) override;
  const ClusterState& state() const override { return book_.state().told; }

 private:
  absl::Status CheckMemory(const LedgerTotals& totals) const;
  absl::Status UndoForeignBlocks(const LedgerView& view);
  absl::Status Advance(const LedgerView& view);
  absl::Status BeginBlock(const LedgerView& view);
  absl::Status EndBlock();
  void FollowSigns();

  const ClusterOptions options_;
  LedgerTable* table_;
  HeuristicSet heuristics_;
  uint64_t guard_ = 0;
  ClusterBook book_;
  std::optional<SignFinder> finder_;
  bool loaded_ = false;
  std::vector<TaggedAddress> given_tags_;  // ascending
  BlockInfo block_;                        // being looked at
  std::vector<Sign> signs_;
};

absl::Status Builder::Open() {
  SPOOR_RETURN_IF_ERROR(book_.Open());
  const bool has_settings = state().heuristics != HeuristicSet();
  heuristics_ =
      options_.heuristics.value_or(has_settings ? state().heuristics : DefaultHeuristics());
  guard_ = options_.guard.value_or(has_settings ? state().guard : kDefaultGuard);
  finder_.emplace(heuristics_, table_);
  return absl::OkStatus();
}

absl::Status Builder::CheckMemory(const LedgerTotals& totals) const {
  const uint64_t needed = ClusterBuilder::BytesFor(heuristics_, totals, options_.batch_bytes);
  if (options_.memory == 0 || needed <= options_.memory) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("the clusters of ", totals.addresses, " addresses take ", needed,
                   " bytes of memory, the limit is ", options_.memory));
}

absl::Status Builder::Update(const LedgerView& view, absl::Span<const TaggedAddress> tagged) {
  if (view.chain().family != Family::kUtxo) {
    return absl::UnimplementedError(absl::StrCat(
        view.chain().name, ": found an account chain, wanted one of transaction outputs"));
  }
  const std::optional<BlockInfo> tip = view.tip();
  const LedgerTotals totals = tip.has_value() ? tip->totals : LedgerTotals();
  SPOOR_RETURN_IF_ERROR(CheckMemory(totals));
  book_.Reserve(std::max(totals.addresses, state().addresses));
  if (!loaded_) SPOOR_RETURN_IF_ERROR(book_.Load());
  loaded_ = true;
  SPOOR_RETURN_IF_ERROR(UndoForeignBlocks(view));
  given_tags_.assign(tagged.begin(), tagged.end());
  std::sort(given_tags_.begin(), given_tags_.end());
  if (state().heuristics != heuristics_ || state().guard != guard_ || !book_.HasTags(given_tags_)) {
    finder_->ForgetAll();
    SPOOR_RETURN_IF_ERROR(book_.Restart(heuristics_, guard_));
  }
  if (!tip.has_value() || (book_.state().blocks > 0 && state().height == tip->height)) {
    return book_.Finish();
  }
  const auto stop = absl::MakeCleanup([this] { finder_->Stop(); });
  SPOOR_RETURN_IF_ERROR(finder_->Start(&view, state().movements, state().addresses));
  SPOOR_RETURN_IF_ERROR(Advance(view));
  FollowSigns();
  return book_.Finish();
}

absl::Status Builder::UndoForeignBlocks(const LedgerView& view) {
  while (book_.state().blocks > 0) {
    const absl::StatusOr<BlockInfo> block = view.BlockAt(state().height);
    if (block.ok() && block->hash == state().hash) break;
    if (!block.ok() && !absl::IsNotFound(block.status())) return block.status();
    SPOOR_RETURN_IF_ERROR(book_.UndoBlock());
    finder_->Shrink(state().movements, state().addresses);
  }
  return book_.EndUndo();
}

absl::Status Builder::Advance(const LedgerView& view) {
  const BlockInfo tip = *view.tip();
  block_ = tip;
  // A ledger may begin at any height.
  const uint64_t first = tip.height + 1 - tip.totals.blocks;
  block_.height = static_cast<uint32_t>(book_.state().blocks == 0 ? first : state().height + 1);
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
    return finder_->Look(movement, &signs_);
  };
  SPOOR_RETURN_IF_ERROR(view.ScanMovements(Position{state().movements}, look));
  for (;;) {
    SPOOR_RETURN_IF_ERROR(EndBlock());
    if (block_.height == tip.height) return absl::OkStatus();
    ++block_.height;
    SPOOR_RETURN_IF_ERROR(BeginBlock(view));
  }
}

absl::Status Builder::BeginBlock(const LedgerView& view) {
  SPOOR_ASSIGN_OR_RETURN(block_, view.BlockAt(block_.height));
  if (block_.totals.addresses > cluster_rows::Node::kMost) {
    return absl::OutOfRangeError(absl::StrCat("found ", block_.totals.addresses,
                                              " addresses, wanted at most ",
                                              cluster_rows::Node::kMost));
  }
  finder_->BeginBlock(state().addresses, block_.totals.addresses);
  book_.BeginBlock(block_.totals.addresses, given_tags_);
  return absl::OkStatus();
}

absl::Status Builder::EndBlock() {
  book_.EndBlock(block_);
  if (signs_.size() >= kSignsAtOnce) FollowSigns();
  if (!book_.IsBatch()) return absl::OkStatus();
  FollowSigns();
  return book_.WritePart();
}

void Builder::FollowSigns() {
  book_.Follow(signs_);
  signs_.clear();
}

}  // namespace

uint64_t ClusterBuilder::BytesFor(HeuristicSet heuristics, const LedgerTotals& totals,
                                  uint64_t batch_bytes) {
  // What is written is held as rows, and by the store as what it is about to write.
  return ClusterForest::BytesFor(totals.addresses) + 3 * batch_bytes +
         SignFinder::BytesFor(heuristics, totals);
}

absl::StatusOr<std::unique_ptr<ClusterBuilder>> ClusterBuilder::Open(LedgerTable* table,
                                                                     ClusterOptions options) {
  auto builder = std::make_unique<Builder>(table, std::move(options));
  SPOOR_RETURN_IF_ERROR(builder->Open());
  return std::unique_ptr<ClusterBuilder>(std::move(builder));
}

}  // namespace spoor
