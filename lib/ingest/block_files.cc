#include "spoor/ingest/block_files.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/ingest/best_chain.h"
#include "lib/ingest/block_reader.h"
#include "lib/ingest/report.h"
#include "lib/ingest/resolver.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block.h"

namespace spoor {
namespace {

using bitcoin::Block;
using bitcoin::BlockDirectory;
using bitcoin::BlockRecord;

bool Stopped(const IngestOptions& options) { return options.stop != nullptr && options.stop(); }
absl::Status Cancelled() { return absl::CancelledError("stopped"); }

// The height of a first block whose parents the ledger will not have.
absl::StatusOr<uint32_t> FirstHeight(const Network& network, const Block& block,
                                     const IngestOptions& options, IngestReport* report) {
  std::optional<uint32_t> known;
  if (block.hash == network.genesis) {
    known = 0;
  } else if (block.header.version >= 2) {
    known = bitcoin::CoinbaseHeight(block.transactions[0]);
  }
  if (known.has_value() && options.first_height.value_or(*known) != *known) {
    return absl::InvalidArgumentError(
        absl::StrCat("found first height ", *options.first_height, ", wanted ", *known,
                     ", which is what the first block, ", ToText(block.hash), ", says itself"));
  }
  if (known.has_value()) return *known;
  report->height_unknown = !options.first_height.has_value();
  return options.first_height.value_or(0);
}

}  // namespace

absl::StatusOr<BlockFileScan> ScanBlockFiles(BlockDirectory* directory,
                                             const IngestOptions& options) {
  BlockFileScan scan;
  IngestProgress progress;
  progress.total = directory->total_bytes();
  SPOOR_ASSIGN_OR_RETURN(scan.skips, directory->Scan(
                                         [&](const BlockRecord& record) -> absl::Status {
                                           if (Stopped(options)) return Cancelled();
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
  SPOOR_RETURN_IF_ERROR(CheckFirstHeight(writer->view(), options));
  SPOOR_ASSIGN_OR_RETURN(const ChainPlan plan, PlanChain(network, writer->view(), scan.records));
  report.stale_blocks = plan.stale;
  report.unconnected_blocks = plan.unconnected;

  const KeyHasher hasher;
  IngestProgress progress{IngestProgress::Stage::kBlocks, 0, plan.append.size(), 0};
  if (plan.undo > 0) {
    // Nothing good is taken away before what is to replace it is known to be whole.
    BlockReader replacement(directory, network, &hasher, &scan.records, &plan.append,
                            options.memory / 4);
    for (size_t i = 0; i < plan.append.size() && i <= plan.undo; ++i) {
      if (Stopped(options)) return Cancelled();
      SPOOR_RETURN_IF_ERROR(replacement.Next().status());
    }
  }
  for (; report.blocks_undone < plan.undo; ++report.blocks_undone) {
    SPOOR_RETURN_IF_ERROR(writer->UndoTip());
  }
  for (const std::vector<size_t>& alternatives : plan.append) {
    progress.total_bytes += scan.records[alternatives[0]].size;
  }
  if (progress.total_bytes >= options.history) {
    SPOOR_RETURN_IF_ERROR(writer->SetMode(LedgerWriter::Mode::kHistory));
  }
  Resolver resolver(network, &hasher, writer, options.memory / 8 * 5, progress.total_bytes);
  BlockReader reader(directory, network, &hasher, &scan.records, &plan.append, options.memory / 8);
  Bytes undo_buffer;
  const auto append_one = [&]() -> absl::Status {
    SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<BlockReader::Read> read, reader.Next());
    const Block& block = read->block;
    const auto tip = writer->tip();
    uint32_t height = 0;
    if (tip.has_value()) {
      height = tip->height + 1;
    } else {
      SPOOR_ASSIGN_OR_RETURN(height, FirstHeight(network, block, options, &report));
    }
    progress.transactions += block.transactions.size();
    progress.bytes += read->bytes.size();
    SPOOR_RETURN_IF_ERROR(resolver.Append(*read, height, [&] {
      auto spent = reader.ReadUndo(*read, &undo_buffer);
      NoteMissingUndo(spent.status(), read->record->file, height, &report);
      return spent;
    }));
    reader.GiveBack(std::move(read));
    return absl::OkStatus();
  };
  absl::Status status;
  for (; status.ok() && progress.done < plan.append.size(); ++progress.done) {
    if (options.progress != nullptr) options.progress(progress);
    // Not before what was taken back is replaced.
    const bool whole = progress.done >= report.blocks_undone;
    status = whole && Stopped(options) ? Cancelled() : append_one();
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
