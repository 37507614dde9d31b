#ifndef SPOOR_LIB_REPORT_CASE_PAGE_H_
#define SPOOR_LIB_REPORT_CASE_PAGE_H_

#include "absl/strings/string_view.h"

namespace spoor {

// The page before and after its data, as lib/report/page/build.mjs makes it; both empty where
// libspoor was built without node and npm.
absl::string_view CasePageBefore();
absl::string_view CasePageAfter();

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_CASE_PAGE_H_
