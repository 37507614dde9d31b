#include "lib/report/case_page.h"

namespace spoor {

absl::string_view CasePageBefore() { return ""; }
absl::string_view CasePageAfter() { return ""; }

}  // namespace spoor
