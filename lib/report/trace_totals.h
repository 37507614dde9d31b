#ifndef SPOOR_LIB_REPORT_TRACE_TOTALS_H_
#define SPOOR_LIB_REPORT_TRACE_TOTALS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/report/json.h"
#include "lib/report/names.h"
#include "spoor/chain/amount.h"
#include "spoor/report/trace_report.h"
#include "spoor/taint/follow.h"

namespace spoor {

// The endpoints of one kind with one actor, of one asset, taken together.
struct TraceTotal {
  EndpointKind kind = EndpointKind::kUnspent;
  uint32_t chain = 0;  // which of the views
  std::string asset;
  std::string category;  // empty: unknown
  std::string actor;     // likewise
  uint64_t endpoints = 0;
  Units tainted = 0;
  std::vector<std::pair<SourceId, Units>> by_source;  // by SourceId, none empty
};

// By tainted descending, then asset, kind, category and actor. Under a policy that does not
// conserve, `tainted` is how much was reached.
absl::StatusOr<std::vector<TraceTotal>> TotalsOf(const PolicyResult& policy,
                                                 std::vector<NameCache>* caches);

void WriteTotals(const TraceReport& report, const std::vector<TraceTotal>& totals, Json* json);
// A table of the first `rows` on one chain, by theft if there are several; empty if it says no more
// than the sums at a table's foot: if there is one theft, and nobody is known.
std::string TotalsText(const TraceReport& report, const std::vector<TraceTotal>& totals,
                       uint32_t chain, size_t rows);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_TRACE_TOTALS_H_
