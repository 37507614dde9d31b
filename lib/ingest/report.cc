#include "lib/ingest/report.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace spoor {

absl::Status CheckFirstHeight(const LedgerView& ledger, const IngestOptions& options) {
  const auto tip = ledger.tip();
  if (!tip.has_value() || !options.first_height.has_value()) return absl::OkStatus();
  const uint64_t first = tip->height + 1 - tip->totals.blocks;
  if (first == *options.first_height) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("found first height ", *options.first_height,
                                                 ", the ledger begins at height ", first,
                                                 " already; make a new ledger to begin elsewhere"));
}

void NoteMissingUndo(const absl::Status& undo, uint32_t file, uint32_t height,
                     IngestReport* report) {
  if (!absl::IsNotFound(undo)) return;
  IngestReport::MissingUndo& missing = report->missing_undo[file];
  if (missing.blocks++ > 0) return;
  missing.first_height = height;
  missing.why = std::string(undo.message());
}

}  // namespace spoor
