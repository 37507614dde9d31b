#ifndef SPOOR_LIB_ETHEREUM_ETL_COLUMNS_H_
#define SPOOR_LIB_ETHEREUM_ETL_COLUMNS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/base/line_file.h"

namespace spoor::ethereum {

// Rows of named fields, from CSV or from JSON lines: which, the name of the file says.
class ColumnReader {
 public:
  // `columns` are the names of the fields that Next() gives, and must outlive the reader.
  // INVALID_ARGUMENT if one of the first `needed` is not in a CSV file's header.
  static absl::StatusOr<std::unique_ptr<ColumnReader>> Open(
      const std::string& path, absl::Span<const absl::string_view> columns, size_t needed);
  virtual ~ColumnReader() = default;

  // The fields' texts, in the order of the columns, good until the next call: empty if a field is
  // missing, null or empty; JSON lists and objects as JSON. False at the end. DATA_LOSS, naming
  // file and line, for what is no such row.
  virtual absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields) = 0;

  virtual std::string where() const = 0;  // "PATH: line N", of the row last read
  virtual const LineFile& file() const = 0;
};

}  // namespace spoor::ethereum

#endif  // SPOOR_LIB_ETHEREUM_ETL_COLUMNS_H_
