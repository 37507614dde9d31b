#ifndef SPOOR_BASE_CSV_FILE_H_
#define SPOOR_BASE_CSV_FILE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/base/line_file.h"

namespace spoor {

// A CSV file with a header, plain or gzip, of any length, taken record by record as CsvReader takes
// a text.
class CsvFile {
 public:
  // A record of more bytes is an error: a quote that is nowhere closed must not take all memory.
  static constexpr size_t kLongestRecord = 64 << 20;

  // Reads the header. DATA_LOSS if there is none; errors as LineFile and Next().
  static absl::StatusOr<std::unique_ptr<CsvFile>> Open(const std::string& path);
  // From the line on that `file` gives next.
  static absl::StatusOr<std::unique_ptr<CsvFile>> Read(std::unique_ptr<LineFile> file);

  const std::vector<std::string>& header() const { return header_; }
  // Which column `name` heads, whatever its case.
  std::optional<size_t> Column(absl::string_view name) const;

  // The fields of the next record, as many as the header has, good until the next call; false at
  // the end. DATA_LOSS, naming file and line, if they are more or fewer, or CsvReader refuses them.
  absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields);

  // The line on which the record last read begins, and the place as messages name it.
  uint64_t line() const { return record_line_; }
  std::string where() const;
  const LineFile& file() const { return *file_; }

 private:
  explicit CsvFile(std::unique_ptr<LineFile> file) : file_(std::move(file)) {}
  // The fields of the record that begins with `line`.
  absl::Status Split(absl::string_view line, std::vector<absl::string_view>* fields);

  std::unique_ptr<LineFile> file_;
  std::vector<std::string> header_;
  uint64_t record_line_ = 0;
  // Of a record with quotes in it.
  std::string record_;
  std::vector<std::string> unquoted_;
};

}  // namespace spoor

#endif  // SPOOR_BASE_CSV_FILE_H_
