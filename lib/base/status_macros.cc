#include "spoor/base/status_macros.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/str_cat.h"

namespace spoor {

absl::Status Annotate(const absl::Status& status, absl::string_view context) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(context, ": ", status.message()));
}

namespace internal {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "spoor: internal error: %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace internal
}  // namespace spoor
