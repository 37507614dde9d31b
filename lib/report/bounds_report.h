#ifndef SPOOR_LIB_REPORT_BOUNDS_REPORT_H_
#define SPOOR_LIB_REPORT_BOUNDS_REPORT_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/report/json.h"
#include "lib/report/names.h"
#include "spoor/report/trace_report.h"

// What a report says of TraceReport::bounds; where that is null, nothing.

namespace spoor {

// An array, one object for each bound.
absl::Status WriteBounds(const TraceReport& report, std::vector<NameCache>* caches, Json* json);

// What a reader must know of them.
std::vector<std::string> BoundsWarnings(const TraceReport& report);

// For a person: each bound, and what the policies say beside it.
absl::Status BoundsTable(const TraceReport& report, std::vector<NameCache>* caches,
                         std::string* out);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_BOUNDS_REPORT_H_
