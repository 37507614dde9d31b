#ifndef SPOOR_LIB_INGEST_ROW_TEXT_H_
#define SPOOR_LIB_INGEST_ROW_TEXT_H_

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace spoor {

// A moment as exports write it: seconds since 1970 and thousandths of one.
struct RowTime {
  int64_t seconds = 0;
  uint32_t milliseconds = 0;
};

// ISO 8601 ("2023-01-13 20:34:11", "2023-01-13T20:34:11.250Z", "...+01:00"; without an offset it is
// UTC), a date alone, seconds since 1970, or, with 12 or 13 digits, milliseconds. INVALID_ARGUMENT,
// saying what was found, for anything else and for years before 1970 or after 2105.
absl::StatusOr<RowTime> TimeFromText(absl::string_view text);

// A whole number in decimal digits, not above `most`.
absl::StatusOr<uint64_t> WholeNumber(absl::string_view text, uint64_t most);

// What a row says of a transaction's success: 1, true, ok, success, confirmed or nothing at all;
// 0, false, or words that begin with error, fail or revert. INVALID_ARGUMENT for anything else.
absl::StatusOr<bool> SuccessFromText(absl::string_view text);

// `found "TEXT", wanted WANTED`, shortened.
absl::Status BadText(absl::string_view text, absl::string_view wanted);

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_ROW_TEXT_H_
