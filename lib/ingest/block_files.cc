#include "spoor/ingest/block_files.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/ingest/best_chain.h"
#include "lib/ingest/resolver.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block.h"

namespace spoor {
namespace {

using bitcoin::Block;
using bitcoin::BlockDirectory;
using bitcoin::BlockRecord;

// After so many bytes of blocks what has been written is made to survive a loss of power.
constexpr uint64_t kSyncEvery = 256 << 20;

// The height of a first block whose parents the ledger will not have.
uint32_t FirstHeight(const Network& network, const Block& block, const IngestOptions& options,
                     IngestReport* report) {
  if (block.hash == network.genesis) return 0;
  if (options.first_height.has_value()) return *options.first_height;
  if (block.header.version >= 2) {
    if (const auto height = bitcoin::CoinbaseHeight(block.transactions[0])) return *height;
  }
  report->height_unknown = true;
  return 0;
}

// Reads the block from the first of `alternatives` that holds up.
absl::StatusOr<Block> ReadChecked(BlockDirectory* directory, const Network& network,
                                  const std::vector<BlockRecord>& records,
                                  const std::vector<size_t>& alternatives, Bytes* buffer,
                                  const BlockRecord** read) {
  absl::Status first_error;
  for (const size_t i : alternatives) {
    const BlockRecord& record = records[i];
    const auto try_one = [&]() -> absl::StatusOr<Block> {
      SPOOR_RETURN_IF_ERROR(directory->ReadBlock(record, buffer));
      SPOOR_ASSIGN_OR_RETURN(Block block, bitcoin::DecodeBlock(network, *buffer));
      SPOOR_RETURN_IF_ERROR(bitcoin::CheckBlock(network, block));
      return block;
    };
    absl::StatusOr<Block> block = try_one();
    if (block.ok()) {
      *read = &record;
      return block;
    }
    first_error.Update(
        Annotate(block.status(), absl::StrCat("block ", ToText(record.hash), " (blk file ",
                                              record.file, ", offset ", record.offset, ")")));
  }
  return first_error;
}

}  // namespace

absl::StatusOr<BlockFileScan> ScanBlockFiles(BlockDirectory* directory,
                                             const IngestOptions& options) {
  BlockFileScan scan;
  IngestProgress progress;
  progress.total = directory->total_bytes();
  SPOOR_ASSIGN_OR_RETURN(scan.skips, directory->Scan(
                                         [&](const BlockRecord& record) {
                                           scan.records.push_back(record);
                                           return absl::OkStatus();
                                         },
                                         [&](uint64_t bytes) {
                                           progress.done = bytes;
                                           if (options.progress != nullptr)
                                             options.progress(progress);
                                         }));
  return scan;
}

absl::StatusOr<IngestReport> IngestBlockFiles(BlockDirectory* directory, const BlockFileScan& scan,
                                              const Network& network, LedgerWriter* writer,
                                              const IngestOptions& options) {
  IngestReport report;
  report.skips = scan.skips;
  SPOOR_ASSIGN_OR_RETURN(const ChainPlan plan, PlanChain(network, writer->view(), scan.records));
  report.stale_blocks = plan.stale;
  report.unconnected_blocks = plan.unconnected;

  IngestProgress progress{IngestProgress::Stage::kBlocks, 0, plan.append.size(), 0};
  for (; report.blocks_undone < plan.undo; ++report.blocks_undone) {
    SPOOR_RETURN_IF_ERROR(writer->UndoTip());
  }
  Resolver resolver(network, &writer->view(), options.memory);
  Bytes buffer;
  Bytes undo_buffer;
  uint64_t unsynced = 0;
  for (const std::vector<size_t>& alternatives : plan.append) {
    const BlockRecord* record = nullptr;
    SPOOR_ASSIGN_OR_RETURN(const Block block, ReadChecked(directory, network, scan.records,
                                                          alternatives, &buffer, &record));
    const auto tip = writer->view().tip();
    const uint32_t height =
        tip.has_value() ? tip->height + 1 : FirstHeight(network, block, options, &report);
    const absl::StatusOr<NewBlock> resolved = resolver.Resolve(
        block, height, [&] { return directory->ReadUndo(*record, block, &undo_buffer); });
    if (!resolved.ok()) {
      return Annotate(resolved.status(),
                      absl::StrCat("block ", ToText(block.hash), " at height ", height));
    }
    SPOOR_RETURN_IF_ERROR(writer->Append(*resolved));
    ++report.blocks_added;
    unsynced += record->size;
    if (unsynced >= kSyncEvery) {
      SPOOR_RETURN_IF_ERROR(writer->Sync());
      unsynced = 0;
    }
    progress.done = report.blocks_added;
    progress.transactions += block.transactions.size();
    if (options.progress != nullptr) options.progress(progress);
  }
  report.inputs_from_undo = resolver.inputs_from_undo();
  SPOOR_RETURN_IF_ERROR(writer->Sync());
  return report;
}

}  // namespace spoor
