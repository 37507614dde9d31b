#ifndef SPOOR_REPORT_TRACE_REPORT_H_
#define SPOOR_REPORT_TRACE_REPORT_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/bounds.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/seed.h"

namespace spoor {

// What Follow(), or FollowBack(), was asked and what it answered, with the views that it read.
// Points at them all.
struct TraceReport {
  absl::Span<const LedgerView* const> views;
  absl::Span<const Seed> seeds;
  const TraceResult* result = nullptr;
  bool back = false;  // FollowBack()
  // Of the same question, if bounds were asked for.
  const BoundsResult* bounds = nullptr;
  // What is known of the owners of each view; empty: of none.
  absl::Span<const OwnerLabels> labels = {};
  // The tags that they were made from; null: it is not told by which tag an owner is a service.
  const TagTable* tags = nullptr;
};

// The JSON document `spoor.trace.v1` (docs/trace.md), one line. The same ledger and
// question give the same bytes. Errors are the views'.
absl::StatusOr<std::string> TraceToJson(const TraceReport& report);

// For a person: per policy a table of where the units are, largest first, at most `rows` endpoints
// of each kind that rests somewhere; fees are summed. The sums at its foot are computed from the
// endpoints, not from what the table shows. Then the bounds, and what each policy says beside them.
// Lines fit 100 columns, names of transactions and addresses being shortened in the middle, unless
// `wide`.
absl::StatusOr<std::string> TraceToTable(const TraceReport& report, size_t rows, bool wide = false);

}  // namespace spoor

#endif  // SPOOR_REPORT_TRACE_REPORT_H_
