#ifndef SPOOR_LIB_REPORT_ACCOUNT_TABLE_H_
#define SPOOR_LIB_REPORT_ACCOUNT_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/report/names.h"
#include "lib/report/trace_totals.h"
#include "spoor/report/trace_report.h"
#include "spoor/taint/follow.h"

namespace spoor {

// What people call an asset: its symbol, and where it is not the chain's own, which of those that
// call themselves so.
absl::StatusOr<std::string> SymbolOf(AssetId asset, NameCache* names);

// What `policy` found on account chains, in tables of at most `rows` places of a kind.
absl::Status AccountTables(const TraceReport& report, const PolicyResult& policy,
                           const std::vector<TraceTotal>& totals, size_t rows,
                           std::vector<NameCache>* caches, std::string* out);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_ACCOUNT_TABLE_H_
