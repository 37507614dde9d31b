#include "spoor/ingest/bitcoin_node.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/ingest/node_blocks.h"
#include "lib/ingest/node_wait.h"
#include "lib/ingest/report.h"
#include "lib/ingest/resolver.h"
#include "spoor/base/read_ahead.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block.h"

namespace spoor {
namespace {

using bitcoin::NodeChain;
using bitcoin::NodeClient;

// How often its chain may change under an ingest that gets nothing done.
constexpr int kMostChanges = 10;
// What a block that is yet to come may have, in bytes; and what it counts for in
// IngestOptions::history.
constexpr uint64_t kBlockGuess = 1 << 20;
constexpr uint64_t kHistoryOfBlock = 1 << 14;

absl::Status NoCommonBlock(const NodeChain& chain, const BlockInfo& tip, uint64_t first) {
  return absl::FailedPreconditionError(absl::StrCat(
      "no block of the ledger, heights ", first, " to ", tip.height,
      ", is in the node's chain up to height ", chain.height,
      ": the node is not that far yet, follows another chain, or the ledger's heights are not the "
      "chain's (--first-height)"));
}

class NodeIngest {
 public:
  NodeIngest(NodeClient* node, const Network& network, LedgerWriter* writer,
             const NodeIngestOptions& options)
      : node_(node), network_(network), writer_(writer), options_(options) {}

  absl::StatusOr<IngestReport> Run();

 private:
  // How the ledger gets to the node's chain.
  struct Plan {
    uint64_t undo = 0;
    uint32_t first = 0;  // height of the first block to add
    std::optional<BlockHash> previous;
  };

  // Once: up to where the node's chain ended at the beginning. The block there.
  absl::StatusOr<BlockHash> CatchUp();
  absl::Status CatchUpTo(const NodeChain& chain);
  absl::StatusOr<Plan> MakePlan(const NodeChain& chain);
  // The highest block that both have; nullopt if there is none.
  absl::StatusOr<std::optional<uint32_t>> FindFork(const BlockInfo& tip, uint64_t first,
                                                   const NodeChain& chain);
  absl::Status AppendFrom(NodeBlocks* blocks, std::vector<std::unique_ptr<CheckedBlock>> ready);
  // The first blocks of `blocks`, until they have more work than the ledger's above `fork`; as many
  // as there is memory for are kept in `ready`. False if they have not.
  absl::StatusOr<bool> ReadReplacement(const Plan& plan, NodeBlocks* blocks,
                                       std::vector<std::unique_ptr<CheckedBlock>>* ready);
  absl::Status Undo(uint64_t blocks);
  void Behind(const NodeChain& chain, absl::string_view how);
  void Tell(NodeEvent event) const {
    if (options_.event != nullptr) options_.event(event);
  }

  NodeClient* node_;
  const Network& network_;
  const KeyHasher hasher_;
  LedgerWriter* writer_;
  const NodeIngestOptions& options_;
  IngestReport report_;
};

absl::StatusOr<std::optional<uint32_t>> NodeIngest::FindFork(const BlockInfo& tip, uint64_t first,
                                                             const NodeChain& chain) {
  if (chain.height < first) return std::nullopt;
  // Steps that double, down to the first.
  std::vector<uint32_t> heights;
  const uint64_t from = std::min(tip.height, chain.height);
  for (uint64_t step = 0; from - first > step; step = 2 * step + 1) {
    heights.push_back(static_cast<uint32_t>(from - step));
  }
  heights.push_back(static_cast<uint32_t>(first));
  SPOOR_ASSIGN_OR_RETURN(const std::vector<BlockHash> hashes, node_->BlockHashes(heights));
  size_t found = 0;
  for (; found < heights.size(); ++found) {
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, writer_->view().BlockAt(heights[found]));
    if (block.hash == hashes[found]) break;
  }
  if (found == heights.size()) return std::nullopt;
  uint32_t common = heights[found];
  if (found == 0) return common;
  for (uint32_t differs = heights[found - 1]; differs - common > 1;) {
    const uint32_t middle = common + (differs - common) / 2;
    SPOOR_ASSIGN_OR_RETURN(const std::vector<BlockHash> hash, node_->BlockHashes({middle}));
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, writer_->view().BlockAt(middle));
    (block.hash == hash[0] ? common : differs) = middle;
  }
  return common;
}

absl::StatusOr<NodeIngest::Plan> NodeIngest::MakePlan(const NodeChain& chain) {
  Plan plan;
  const auto tip = writer_->tip();
  if (!tip.has_value()) {
    plan.first = options_.ingest.first_height.value_or(0);
    if (chain.pruned_below.value_or(0) > plan.first) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the node has pruned its blocks below height ", *chain.pruned_below, ", wanted from ",
          plan.first, " on: begin the ledger above with --first-height, or with block files"));
    }
    if (plan.first > chain.height) {
      return absl::FailedPreconditionError(absl::StrCat(
          "the node's chain ends at height ", chain.height, ", wanted from ", plan.first, " on"));
    }
    return plan;
  }
  const uint64_t first = tip->height + 1 - tip->totals.blocks;
  const auto fork = FindFork(*tip, first, chain);
  if (absl::IsNotFound(fork.status())) return absl::AbortedError(fork.status().message());
  SPOOR_RETURN_IF_ERROR(fork.status());
  if (!fork->has_value()) return NoCommonBlock(chain, *tip, first);
  SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, writer_->view().BlockAt(**fork));
  plan.undo = tip->height - block.height;
  plan.first = block.height + 1;
  plan.previous = block.hash;
  return plan;
}

absl::StatusOr<bool> NodeIngest::ReadReplacement(
    const Plan& plan, NodeBlocks* blocks, std::vector<std::unique_ptr<CheckedBlock>>* ready) {
  Uint256 work = 0;
  for (uint64_t i = 0; i < plan.undo; ++i) {
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block,
                           writer_->view().BlockAt(plan.first + static_cast<uint32_t>(i)));
    work += bitcoin::BlockWork(block.bits);
  }
  Uint256 new_work = 0;
  uint64_t memory = options_.ingest.memory / 4;
  bool full = false;
  while (new_work <= work) {
    if (blocks->remaining() == 0) return false;
    if (Stopped(options_)) return absl::CancelledError("stopped");
    auto read = std::make_unique<CheckedBlock>();
    SPOOR_RETURN_IF_ERROR(blocks->Next(read.get()));
    new_work += bitcoin::BlockWork(read->block.header.bits);
    const uint64_t bytes = read->MemoryUse();
    full = full || bytes > memory;
    if (full) continue;
    memory -= bytes;
    ready->push_back(std::move(read));
  }
  return true;
}

absl::Status NodeIngest::Undo(uint64_t blocks) {
  NodeEvent event;
  event.kind = NodeEvent::Kind::kTakenBack;
  event.blocks = blocks;
  if (const auto tip = writer_->tip(); tip.has_value()) event.block = *tip;
  for (; blocks > 0; --blocks) {
    SPOOR_RETURN_IF_ERROR(writer_->UndoTip());
    ++report_.blocks_undone;
  }
  if (event.blocks > 0) Tell(event);
  return absl::OkStatus();
}

absl::Status NodeIngest::AppendFrom(NodeBlocks* blocks,
                                    std::vector<std::unique_ptr<CheckedBlock>> ready) {
  const IngestOptions& ingest = options_.ingest;
  const uint64_t count = ready.size() + blocks->remaining();
  const bool history = count * kHistoryOfBlock >= ingest.history;
  if (history) SPOOR_RETURN_IF_ERROR(writer_->SetMode(LedgerWriter::Mode::kHistory));
  Resolver resolver(network_, &hasher_, writer_, ingest.memory / 8 * 5, count * kBlockGuess);
  ReadAhead<CheckedBlock> ahead(
      blocks->remaining(), [blocks](CheckedBlock* read) { return blocks->Next(read); },
      ingest.memory / 8);
  IngestProgress progress{IngestProgress::Stage::kBlocks, 0, count, 0};
  const auto tell_progress = [&] {
    if (history && ingest.progress != nullptr) ingest.progress(progress);
  };
  Bytes undo_buffer;
  const auto append_one = [&]() -> absl::Status {
    std::unique_ptr<CheckedBlock> read;
    if (progress.done < ready.size()) {
      read = std::move(ready[progress.done]);
    } else {
      SPOOR_ASSIGN_OR_RETURN(read, ahead.Next());
    }
    const auto tip = writer_->tip();
    const uint32_t height = tip.has_value() ? tip->height + 1 : ingest.first_height.value_or(0);
    SPOOR_RETURN_IF_ERROR(resolver.Append(*read, height, [&] {
      auto spent = node_->ReadSpent(read->block, &undo_buffer);
      NoteMissingUndo(spent.status(), /*file=*/0, height, &report_);
      return spent;
    }));
    ++report_.blocks_added;
    progress.transactions += read->block.transactions.size();
    if (!history) {
      // What is told is there.
      SPOOR_RETURN_IF_ERROR(writer_->Sync());
      NodeEvent event;
      event.block = *writer_->tip();
      event.transactions = read->block.transactions.size();
      Tell(event);
    }
    ahead.GiveBack(std::move(read));
    return absl::OkStatus();
  };
  absl::Status status;
  for (; status.ok() && progress.done < count; ++progress.done) {
    tell_progress();
    status = Stopped(options_) ? absl::CancelledError("stopped") : append_one();
  }
  if (status.ok()) tell_progress();
  report_.inputs_from_undo += resolver.inputs_from_undo();
  // Also after an error: what stands below is good.
  absl::Status kept = writer_->Sync();
  if (kept.ok()) kept = writer_->SetMode(LedgerWriter::Mode::kTip);
  // Trouble with the ledger is worse than with the node, which may be waited for.
  return kept.ok() ? status : kept;
}

void NodeIngest::Behind(const NodeChain& chain, absl::string_view how) {
  NodeEvent event;
  event.kind = NodeEvent::Kind::kBehind;
  event.block = *writer_->tip();
  event.message =
      absl::StrCat("the node's chain, up to height ", chain.height, ", ", how,
                   ": the ledger stays at height ", event.block.height, " until it has more work");
  Tell(event);
}

absl::Status NodeIngest::CatchUpTo(const NodeChain& chain) {
  if (chain.genesis != network_.genesis) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the node is of another network, which it calls ", chain.name, ": its first block is ",
        ToText(chain.genesis), ", wanted ", ToText(network_.genesis), " (", network_.name, ")"));
  }
  const auto tip = writer_->tip();
  if (tip.has_value() && tip->hash == chain.best) return absl::OkStatus();
  SPOOR_ASSIGN_OR_RETURN(const Plan plan, MakePlan(chain));
  if (chain.height < plan.first) {
    if (plan.undo > 0) Behind(chain, "is a part of the ledger's");
    return absl::OkStatus();
  }
  NodeBlocks blocks(node_, network_, &hasher_, plan.first, chain.height, plan.previous);
  std::vector<std::unique_ptr<CheckedBlock>> ready;
  if (plan.undo == 0) return AppendFrom(&blocks, std::move(ready));
  // Nothing good is taken away before what is to replace it is known to be whole, and better.
  SPOOR_ASSIGN_OR_RETURN(const bool better, ReadReplacement(plan, &blocks, &ready));
  if (!better) {
    Behind(chain, absl::StrCat("leaves the ledger's after height ", plan.first - 1,
                               " and does not have more work"));
    return absl::OkStatus();
  }
  SPOOR_RETURN_IF_ERROR(Undo(plan.undo));
  if (ready.size() == chain.height - plan.first + 1 - blocks.remaining()) {
    return AppendFrom(&blocks, std::move(ready));
  }
  // What did not fit is asked for again.
  const BlockHash last = ready.empty() ? *plan.previous : ready.back()->block.hash;
  NodeBlocks rest(node_, network_, &hasher_, plan.first + static_cast<uint32_t>(ready.size()),
                  chain.height, last);
  return AppendFrom(&rest, std::move(ready));
}

absl::StatusOr<BlockHash> NodeIngest::CatchUp() {
  for (int changes = 0;;) {
    SPOOR_ASSIGN_OR_RETURN(const NodeChain chain, node_->Chain());
    const uint64_t done = report_.blocks_added + report_.blocks_undone;
    const absl::Status status = CatchUpTo(chain);
    if (status.ok()) return chain.best;
    if (!absl::IsAborted(status)) return status;
    changes = report_.blocks_added + report_.blocks_undone > done ? 0 : changes + 1;
    if (changes == kMostChanges) {
      return absl::UnavailableError(
          absl::StrCat("the node's chain changes all the time: ", status.message()));
    }
  }
}

absl::StatusOr<IngestReport> NodeIngest::Run() {
  SPOOR_RETURN_IF_ERROR(CheckFirstHeight(writer_->view(), options_.ingest));
  absl::Status status;
  std::optional<BlockHash> told;
  while (status.ok()) {
    const auto best = Persist(options_, [&] {
      auto result = CatchUp();
      // A node may be waited for, a ledger that cannot be written may not.
      if (absl::IsUnavailable(result.status())) {
        const absl::Status written = writer_->Commit();
        if (!written.ok()) result = absl::InternalError(written.message());
      }
      return result;
    });
    status = best.status();
    if (!options_.follow || !status.ok()) break;
    const auto tip = writer_->tip();
    if (options_.at_tip != nullptr && tip.has_value() && tip->hash != told) {
      told = tip->hash;
      status = options_.at_tip(*tip);
    }
    // Until there is another block than the last one seen.
    while (status.ok()) {
      const auto now = Persist(options_, [&] { return node_->BestBlock(); });
      status = now.status();
      if (!status.ok() || *now != *best) break;
      if (!Wait(options_)) status = absl::CancelledError("stopped");
    }
  }
  // A follower that is stopped has done what it was to do.
  if (options_.follow && absl::IsCancelled(status)) status = absl::OkStatus();
  // Blocks taken back just before are not synced yet.
  const absl::Status kept = writer_->Sync();
  if (!kept.ok()) return kept;
  SPOOR_RETURN_IF_ERROR(status);
  return std::move(report_);
}

}  // namespace

absl::StatusOr<const Network*> FindNetworkOfNode(NodeClient* node,
                                                 const NodeIngestOptions& options) {
  SPOOR_ASSIGN_OR_RETURN(const NodeChain chain, Persist(options, [&] { return node->Chain(); }));
  for (const Network* network : AllNetworks()) {
    if (network->genesis == chain.genesis) return network;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("the node's first block is ", ToText(chain.genesis),
                   ", of no known network; it calls its network ", chain.name));
}

absl::StatusOr<IngestReport> IngestFromNode(NodeClient* node, const Network& network,
                                            LedgerWriter* writer,
                                            const NodeIngestOptions& options) {
  return NodeIngest(node, network, writer, options).Run();
}

}  // namespace spoor
