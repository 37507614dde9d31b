#ifndef SPOOR_REPORT_ESTIMATE_REPORT_H_
#define SPOOR_REPORT_ESTIMATE_REPORT_H_

#include <string>

#include "absl/status/statusor.h"
#include "spoor/estimate/estimate.h"
#include "spoor/report/trace_document.h"

namespace spoor {

// What an estimate needs of a trace. INVALID_ARGUMENT if it is of `trace back`. DATA_LOSS if a time
// is none, or a conserving policy's endpoints say of what asset's theft they are and do not add up.
absl::StatusOr<TracedCase> CaseOf(const TraceDocument& document);

// What may be said of an estimate, and what may not.
struct EstimateSentences {
  std::string quotable;   // one sentence that misleads nobody who reads no more
  std::string forbidden;  // the one that writers will want instead
  std::string why_not;    // what is wrong with it
};
EstimateSentences SentencesOf(const Estimate& estimate);

// The JSON document `spoor.estimate.v1` (docs/trace.md), one line. The same estimate gives the same
// bytes on any machine: figures are rounded to six digits after the point, dollars to cents.
std::string EstimateToJson(const Estimate& estimate);

// For a person: the three layers apart, what moves them, what may be quoted, every assumption with
// its source.
std::string EstimateToText(const Estimate& estimate);

}  // namespace spoor

#endif  // SPOOR_REPORT_ESTIMATE_REPORT_H_
