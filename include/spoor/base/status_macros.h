#ifndef SPOOR_BASE_STATUS_MACROS_H_
#define SPOOR_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the enclosing function if `expr`, an absl::Status, is not OK.
#define SPOOR_RETURN_IF_ERROR(expr)                                 \
  do {                                                              \
    if (absl::Status spoor_status_ = (expr); !spoor_status_.ok()) { \
      return spoor_status_;                                         \
    }                                                               \
  } while (false)

// SPOOR_ASSIGN_OR_RETURN(auto x, F()): x is the value of the absl::StatusOr that F() gives; returns
// its status from the enclosing function if it has none.
#define SPOOR_ASSIGN_OR_RETURN(lhs, expr) \
  SPOOR_ASSIGN_OR_RETURN_(SPOOR_CONCAT_(spoor_or_, __LINE__), lhs, expr)
#define SPOOR_CONCAT_INNER_(a, b) a##b
#define SPOOR_CONCAT_(a, b) SPOOR_CONCAT_INNER_(a, b)
#define SPOOR_ASSIGN_OR_RETURN_(tmp, lhs, expr) \
  auto tmp = (expr);                            \
  if (!tmp.ok()) {                              \
    return std::move(tmp).status();             \
  }                                             \
  lhs = *std::move(tmp)

// Ends the process, saying where, if `condition` is false: for mistakes of our own, never for bad
// input. Active in every build.
#define SPOOR_CHECK(condition)        \
  ((condition) ? static_cast<void>(0) \
               : ::spoor::internal::CheckFailed(__FILE__, __LINE__, #condition))

namespace spoor {

// Returns `status` with "`context`: " before its message; an OK status unchanged.
absl::Status Annotate(const absl::Status& status, absl::string_view context);

namespace internal {
[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);
}  // namespace internal
}  // namespace spoor

#endif  // SPOOR_BASE_STATUS_MACROS_H_
