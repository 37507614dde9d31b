#ifndef SPOOR_BASE_CSV_H_
#define SPOOR_BASE_CSV_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace spoor {

// Takes a CSV text apart record by record, as RFC 4180 has it: fields between commas, in double
// quotes where they hold a comma, a quote (written twice) or a line break; lines end in LF or CRLF,
// the last one perhaps in nothing. A UTF-8 byte order mark before the text and empty lines are
// passed over. Spaces around an unquoted field are no part of it. The text is not copied, and must
// outlive the reader.
class CsvReader {
 public:
  explicit CsvReader(absl::string_view text);

  // Reads the next record; false if there is none. INVALID_ARGUMENT, naming the line, on a quote
  // that is not closed or stands inside a field without quotes, on text behind a closing quote, on
  // a carriage return by itself, and on a NUL. After an error the reader is of no more use.
  absl::StatusOr<bool> Next(std::vector<std::string>* fields);

  // The line on which the record last read begins, from 1; and the bytes read so far.
  uint64_t line() const { return record_line_; }
  size_t offset() const { return at_; }

 private:
  absl::StatusOr<std::string> ReadQuoted();
  absl::StatusOr<std::string> ReadPlain();
  bool AtLineEnd() const;
  void SkipSpaces();

  absl::string_view text_;
  size_t at_ = 0;
  uint64_t line_ = 1;
  uint64_t record_line_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_BASE_CSV_H_
