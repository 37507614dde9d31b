#ifndef SPOOR_REPORT_CHECK_REPORT_H_
#define SPOOR_REPORT_CHECK_REPORT_H_

#include <string>

#include "spoor/ledger/check.h"

namespace spoor {

// The document `spoor.check.v1` (docs/trace.md).
std::string CheckToJson(const CheckReport& report, double seconds);
// For a person: what was read, and what is wrong.
std::string CheckToText(const CheckReport& report, double seconds);

}  // namespace spoor

#endif  // SPOOR_REPORT_CHECK_REPORT_H_
