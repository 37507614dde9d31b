#ifndef SPOOR_LIB_REPORT_BOUNDS_REPORT_H_
#define SPOOR_LIB_REPORT_BOUNDS_REPORT_H_

#include <string>
#include <vector>

#include "lib/report/json.h"
#include "spoor/report/trace_report.h"

// What a report says of TraceReport::bounds; where that is null, nothing.

namespace spoor {

// An array, one object for each bound.
void WriteBounds(const TraceReport& report, Json* json);

// What a reader must know of them.
std::vector<std::string> BoundsWarnings(const TraceReport& report);

// For a person: each bound, and what the policies say beside it.
void BoundsTable(const TraceReport& report, std::string* out);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_BOUNDS_REPORT_H_
