#include "spoor/ingest/block_files.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/ingest/best_chain.h"
#include "lib/ingest/block_reader.h"
#include "lib/ingest/resolver.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block.h"

namespace spoor {
namespace {

using bitcoin::Block;
using bitcoin::BlockDirectory;
using bitcoin::BlockRecord;

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
  if (scan.records.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "no block in the block files: of their ", directory->total_bytes(), " bytes ",
        scan.skips.garbage_bytes, " are neither zero nor in a record of a known network, and ",
        scan.skips.truncated_records, " records are cut off"));
  }
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
  if (plan.undo > 0) {
    // Nothing good is taken away before what is to replace it is known to be whole.
    BlockReader replacement(directory, network, &scan.records, &plan.append, options.memory / 4);
    for (size_t i = 0; i < plan.append.size() && i <= plan.undo; ++i) {
      SPOOR_RETURN_IF_ERROR(replacement.Next().status());
    }
  }
  for (; report.blocks_undone < plan.undo; ++report.blocks_undone) {
    SPOOR_RETURN_IF_ERROR(writer->UndoTip());
  }
  uint64_t bytes = 0;
  for (const std::vector<size_t>& alternatives : plan.append) {
    bytes += scan.records[alternatives[0]].size;
  }
  if (bytes >= options.history) {
    SPOOR_RETURN_IF_ERROR(writer->SetMode(LedgerWriter::Mode::kHistory));
  }
  Resolver resolver(network, writer, options.memory / 4 * 3);
  BlockReader reader(directory, network, &scan.records, &plan.append, options.memory / 4);
  Bytes undo_buffer;
  const auto append_one = [&]() -> absl::Status {
    SPOOR_ASSIGN_OR_RETURN(const std::unique_ptr<BlockReader::Read> read, reader.Next());
    const Block& block = read->block;
    const auto tip = writer->tip();
    const uint32_t height =
        tip.has_value() ? tip->height + 1 : FirstHeight(network, block, options, &report);
    const absl::StatusOr<NewBlock> resolved =
        resolver.Resolve(block, height, [&] { return reader.ReadUndo(*read, &undo_buffer); });
    if (!resolved.ok()) {
      return Annotate(resolved.status(),
                      absl::StrCat("block ", ToText(block.hash), " at height ", height));
    }
    progress.transactions += block.transactions.size();
    return writer->Append(*resolved);
  };
  absl::Status status;
  for (; status.ok() && progress.done < plan.append.size(); ++progress.done) {
    if (options.progress != nullptr) options.progress(progress);
    status = append_one();
    report.blocks_added += status.ok() ? 1 : 0;
  }
  // Also after an error: what stands below a bad block is good.
  status.Update(writer->Sync());
  SPOOR_RETURN_IF_ERROR(status);
  if (options.progress != nullptr) options.progress(progress);
  report.inputs_from_undo = resolver.inputs_from_undo();
  SPOOR_RETURN_IF_ERROR(writer->SetMode(LedgerWriter::Mode::kTip));
  return report;
}

}  // namespace spoor
