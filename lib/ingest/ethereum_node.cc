#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/ingest/node_wait.h"
#include "spoor/base/status_macros.h"
#include "spoor/ingest/account_resolver.h"
#include "spoor/ingest/ethereum.h"

namespace spoor {
namespace {

using ethereum::BlockData;
using ethereum::NodeChain;
using ethereum::NodeClient;

// How often its chain may change under an ingest that gets nothing done.
constexpr int kMostChanges = 10;
// So many blocks are history, and fewer the tip (LedgerWriter::Mode).
constexpr uint64_t kHistory = 100;
constexpr uint64_t kMostAtOnce = 100;
// Among how many of the ledger's blocks one that the node has too is searched for.
constexpr uint64_t kDeepest = 100'000;
constexpr size_t kHashesAtOnce = 50;

class EthereumNodeIngest {
 public:
  EthereumNodeIngest(NodeClient* node, LedgerWriter* writer, const EthereumNodeOptions& options)
      : node_(node),
        writer_(writer),
        options_(options),
        resolver_(writer, options.ingest.memory / 4) {}

  absl::StatusOr<EthereumReport> Run();

 private:
  // Once: up to where the node's chain ended at the beginning. The height there.
  absl::StatusOr<uint64_t> CatchUp();
  absl::Status CatchUpTo(const NodeChain& chain);
  // How many blocks of the ledger the node has not: from the tip down.
  absl::StatusOr<uint64_t> CountForeign(const BlockInfo& tip, uint64_t node_height);
  absl::Status Undo(uint64_t blocks);
  absl::Status Append(const BlockData& data, bool history);
  absl::StatusOr<bool> Changed(uint64_t height);
  void Tell(NodeEvent event) const {
    if (options_.event != nullptr) options_.event(event);
  }

  NodeClient* node_;
  LedgerWriter* writer_;
  const EthereumNodeOptions& options_;
  AccountResolver resolver_;
  EthereumReport report_;
};

absl::StatusOr<uint64_t> EthereumNodeIngest::CountForeign(const BlockInfo& tip,
                                                          uint64_t node_height) {
  uint64_t foreign = 0;
  uint64_t looked = 0;
  std::vector<BlockInfo> blocks;
  for (uint64_t height = tip.height + uint64_t{1}; height-- > 0 && looked < kDeepest; ++looked) {
    const auto block = writer_->view().BlockAt(static_cast<uint32_t>(height));
    if (block.ok() && height > node_height) {
      ++foreign;
    } else if (block.ok()) {
      blocks.push_back(*block);
    } else if (!absl::IsNotFound(block.status()) && !absl::IsOutOfRange(block.status())) {
      return block.status();
    }
    const bool last = block.ok() && block->totals.blocks == 1;
    // The first time one is enough, mostly.
    const size_t enough = foreign == 0 ? 1 : kHashesAtOnce;
    if (blocks.size() < enough && !last) continue;
    std::vector<uint64_t> heights;
    for (const BlockInfo& one : blocks) heights.push_back(one.height);
    SPOOR_ASSIGN_OR_RETURN(const std::vector<BlockHash> hashes, node_->BlockHashes(heights));
    for (size_t i = 0; i < blocks.size(); ++i) {
      if (hashes[i] == blocks[i].hash) return foreign;
      ++foreign;
    }
    blocks.clear();
    if (last) break;
  }
  return absl::FailedPreconditionError(
      absl::StrCat("none of the ledger's last ", foreign, " blocks, up to height ", tip.height,
                   ", is in the node's chain: it follows another one"));
}

absl::Status EthereumNodeIngest::Undo(uint64_t blocks) {
  NodeEvent event;
  event.kind = NodeEvent::Kind::kTakenBack;
  event.blocks = blocks;
  event.block = *writer_->tip();
  for (uint64_t i = 0; i < blocks; ++i) {
    SPOOR_RETURN_IF_ERROR(writer_->UndoTip());
    ++report_.blocks_undone;
  }
  Tell(event);
  return absl::OkStatus();
}

absl::Status EthereumNodeIngest::Append(const BlockData& data, bool history) {
  SPOOR_ASSIGN_OR_RETURN(const AccountBlock block,
                         MakeAccountBlock(data, writer_->view().chain(), &report_));
  SPOOR_RETURN_IF_ERROR(
      Annotate(resolver_.Append(block), absl::StrCat("block ", data.header.number)));
  ++report_.blocks_added;
  if (history) return absl::OkStatus();
  NodeEvent event;
  event.block = *writer_->tip();
  event.transactions = data.transactions.size();
  Tell(event);
  return absl::OkStatus();
}

absl::Status EthereumNodeIngest::CatchUpTo(const NodeChain& chain) {
  auto tip = writer_->tip();
  uint64_t next = options_.first_height.value_or(0);
  if (tip.has_value()) {
    SPOOR_ASSIGN_OR_RETURN(const uint64_t foreign, CountForeign(*tip, chain.height));
    if (foreign > 0 && chain.height < tip->height) {
      NodeEvent event;
      event.kind = NodeEvent::Kind::kBehind;
      event.message = absl::StrCat("the node's chain ends at height ", chain.height,
                                   ", the ledger at ", tip->height, ", and is left as it is");
      Tell(event);
      return absl::OkStatus();
    }
    if (foreign > 0) SPOOR_RETURN_IF_ERROR(Undo(foreign));
    tip = writer_->tip();
    next = tip->height + uint64_t{1};
  } else if (next > chain.height) {
    return absl::FailedPreconditionError(absl::StrCat("the node's chain ends at height ",
                                                      chain.height, ", wanted from ", next, " on"));
  }
  if (next > chain.height) return absl::OkStatus();
  const uint64_t begin = next;
  const bool history = chain.height - next >= kHistory;
  SPOOR_RETURN_IF_ERROR(
      writer_->SetMode(history ? LedgerWriter::Mode::kHistory : LedgerWriter::Mode::kTip));
  while (next <= chain.height) {
    if (Stopped(options_)) return absl::CancelledError("stopped");
    auto blocks = node_->Blocks(next, std::min(kMostAtOnce, chain.height + 1 - next));
    if (absl::IsNotFound(blocks.status())) {
      return absl::AbortedError("the node's chain has become shorter");
    }
    SPOOR_RETURN_IF_ERROR(blocks.status());
    for (const BlockData& block : *blocks) {
      tip = writer_->tip();
      if (tip.has_value() && block.header.parent != tip->hash) {
        return absl::AbortedError(absl::StrCat("the node's block ", block.header.number,
                                               " does not follow the ledger's"));
      }
      SPOOR_RETURN_IF_ERROR(Append(block, history));
      ++next;
    }
    if (history && options_.ingest.progress != nullptr) {
      options_.ingest.progress({"ingesting", next - begin, chain.height + 1 - begin, "blocks"});
    }
  }
  return writer_->Commit();
}

absl::StatusOr<uint64_t> EthereumNodeIngest::CatchUp() {
  for (int changes = 0;;) {
    SPOOR_ASSIGN_OR_RETURN(const NodeChain chain, node_->Chain());
    const uint64_t done = report_.blocks_added + report_.blocks_undone;
    absl::Status status = CatchUpTo(chain);
    if (status.ok()) return chain.height;
    if (absl::IsNotFound(status)) status = absl::AbortedError(status.message());
    if (!absl::IsAborted(status)) return status;
    changes = report_.blocks_added + report_.blocks_undone > done ? 0 : changes + 1;
    if (changes == kMostChanges) {
      return absl::UnavailableError(
          absl::StrCat("the node's chain changes all the time: ", status.message()));
    }
  }
}

absl::StatusOr<bool> EthereumNodeIngest::Changed(uint64_t height) {
  SPOOR_ASSIGN_OR_RETURN(const NodeChain chain, node_->Chain());
  if (chain.height != height) return true;
  const auto hashes = node_->BlockHashes({height});
  if (absl::IsNotFound(hashes.status())) return true;
  SPOOR_RETURN_IF_ERROR(hashes.status());
  const auto tip = writer_->tip();
  return tip.has_value() && tip->height == height && tip->hash != (*hashes)[0];
}

absl::StatusOr<EthereumReport> EthereumNodeIngest::Run() {
  absl::Status status;
  if (const auto tip = writer_->tip(); tip.has_value() && options_.first_height.has_value()) {
    SPOOR_ASSIGN_OR_RETURN(const Movement first, ReadMovement(writer_->view(), Position{0}));
    if (first.height < *options_.first_height) {
      return absl::InvalidArgumentError(
          absl::StrCat("found first height ", *options_.first_height,
                       ", the ledger begins before that; make a new ledger to begin elsewhere"));
    }
  }
  while (status.ok()) {
    const auto height = Persist(options_, [&] {
      auto result = CatchUp();
      // A node may be waited for, a ledger that cannot be written may not.
      if (absl::IsUnavailable(result.status())) {
        const absl::Status written = writer_->Commit();
        if (!written.ok()) result = absl::InternalError(written.message());
      }
      return result;
    });
    status = height.status();
    if (!options_.follow || !status.ok()) break;
    while (status.ok()) {
      const auto changed = Persist(options_, [&] { return Changed(*height); });
      status = changed.status();
      if (!status.ok() || *changed) break;
      if (!Wait(options_)) status = absl::CancelledError("stopped");
    }
  }
  // A follower that is stopped has done what it was to do.
  if (options_.follow && absl::IsCancelled(status)) status = absl::OkStatus();
  const absl::Status kept = writer_->Sync();
  if (!kept.ok()) return kept;
  SPOOR_RETURN_IF_ERROR(status);
  return report_;
}

}  // namespace

absl::StatusOr<bool> HasTraces(NodeClient* node, const EthereumNodeOptions& options) {
  return Persist(options, [&] { return node->HasTraces(); });
}

absl::StatusOr<EthereumReport> IngestFromNode(NodeClient* node, LedgerWriter* writer,
                                              const EthereumNodeOptions& options) {
  return EthereumNodeIngest(node, writer, options).Run();
}

}  // namespace spoor
