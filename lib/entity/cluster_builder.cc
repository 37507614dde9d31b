#include "spoor/entity/cluster_builder.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "lib/entity/cluster_book.h"
#include "lib/entity/deposit_finder.h"
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
  absl::Status ChooseHeuristics(const ChainInfo& chain);
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
  // One of the two: on chains of outputs, and on account chains.
  std::optional<SignFinder> finder_;
  std::optional<DepositFinder> deposits_;
  bool loaded_ = false;
  std::vector<TaggedAddress> given_tags_;  // ascending
  BlockInfo block_;                        // being looked at
  std::vector<Sign> signs_;
};

absl::Status Builder::Open() {
  SPOOR_RETURN_IF_ERROR(book_.Open());
  const bool has_settings = state().heuristics != HeuristicSet();
  heuristics_ = options_.heuristics.value_or(has_settings ? state().heuristics : HeuristicSet());
  guard_ = options_.guard.value_or(has_settings ? state().guard : kDefaultGuard);
  return absl::OkStatus();
}

absl::Status Builder::ChooseHeuristics(const ChainInfo& chain) {
  if (finder_.has_value() || deposits_.has_value()) return absl::OkStatus();
  if (heuristics_ == HeuristicSet()) heuristics_ = DefaultHeuristics(chain.family);
  const HeuristicSet chosen = heuristics_ & HeuristicsFor(chain.family);
  if (chosen == HeuristicSet()) {
    return absl::InvalidArgumentError(absl::StrCat(chain.name, ": found heuristics ",
                                                   HeuristicsText(heuristics_), ", wanted some of ",
                                                   HeuristicsText(HeuristicsFor(chain.family))));
  }
  heuristics_ = chosen;
  if (chain.family == Family::kAccount) {
    deposits_.emplace();
  } else {
    finder_.emplace(heuristics_, table_);
  }
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
  SPOOR_RETURN_IF_ERROR(ChooseHeuristics(view.chain()));
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
    if (finder_.has_value()) finder_->ForgetAll();
    SPOOR_RETURN_IF_ERROR(book_.Restart(heuristics_, guard_));
  }
  if (!tip.has_value() || (book_.state().blocks > 0 && state().height == tip->height)) {
    return book_.Finish();
  }
  const auto stop = absl::MakeCleanup([this] {
    if (finder_.has_value()) finder_->Stop();
  });
  if (deposits_.has_value()) {
    deposits_->Start(&view, given_tags_);
  } else {
    SPOOR_RETURN_IF_ERROR(finder_->Start(&view, state().movements, state().addresses));
  }
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
    if (finder_.has_value()) finder_->Shrink(state().movements, state().addresses);
  }
  return book_.EndUndo();
}

absl::Status Builder::Advance(const LedgerView& view) {
  const BlockInfo tip = *view.tip();
  // On account chains heights may be left out: blocks are found by their movements, and those
  // without any are passed over but for the tip.
  const bool gaps = view.chain().family == Family::kAccount;
  bool begun = false;
  const auto begin = [&](uint32_t height) -> absl::Status {
    if (begun) SPOOR_RETURN_IF_ERROR(EndBlock());
    begun = true;
    block_.height = height;
    return BeginBlock(view);
  };
  block_ = tip;
  block_.totals.movements = state().movements;
  if (!gaps) {
    // A ledger may begin at any height.
    const uint64_t first = tip.height + 1 - tip.totals.blocks;
    SPOOR_RETURN_IF_ERROR(
        begin(static_cast<uint32_t>(book_.state().blocks == 0 ? first : state().height + 1)));
  }
  const auto look = [&](const Movement& movement) -> absl::Status {
    const uint64_t number = movement.position.number;
    while (number >= block_.totals.movements) {
      const uint32_t last = block_.height;
      SPOOR_RETURN_IF_ERROR(begin(gaps ? movement.height : last + 1));
      if (gaps && number >= block_.totals.movements) {
        return absl::DataLossError(
            absl::StrCat("movement ", number, " is not in its block ", movement.height));
      }
    }
    if (options_.progress != nullptr && number % kProgressEvery == 0) {
      options_.progress(number, tip.totals.movements);
    }
    return deposits_.has_value() ? deposits_->Look(movement, block_.totals.addresses, &signs_)
                                 : finder_->Look(movement, &signs_);
  };
  SPOOR_RETURN_IF_ERROR(view.ScanMovements(Position{state().movements}, look));
  while (!begun || block_.height != tip.height) {
    SPOOR_RETURN_IF_ERROR(begin(gaps ? tip.height : block_.height + 1));
  }
  return EndBlock();
}

absl::Status Builder::BeginBlock(const LedgerView& view) {
  SPOOR_ASSIGN_OR_RETURN(block_, view.BlockAt(block_.height));
  if (block_.totals.addresses > cluster_rows::Node::kMost) {
    return absl::OutOfRangeError(absl::StrCat("found ", block_.totals.addresses,
                                              " addresses, wanted at most ",
                                              cluster_rows::Node::kMost));
  }
  if (finder_.has_value()) finder_->BeginBlock(state().addresses, block_.totals.addresses);
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
