#ifndef SPOOR_LIB_INGEST_REPORT_H_
#define SPOOR_LIB_INGEST_REPORT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// What every source of blocks minds alike.

// INVALID_ARGUMENT if the ledger is not empty and begins at another height than the one given.
absl::Status CheckFirstHeight(const LedgerView& ledger, const IngestOptions& options);

// Notes it in the report if `undo`, the answer to the question what a block's inputs spend, is
// NOT_FOUND.
void NoteMissingUndo(const absl::Status& undo, uint32_t file, uint32_t height,
                     IngestReport* report);

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_REPORT_H_
