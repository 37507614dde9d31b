#include "spoor/base/csv_file.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/csv.h"
#include "spoor/base/status_macros.h"

namespace spoor {

absl::StatusOr<std::unique_ptr<CsvFile>> CsvFile::Open(const std::string& path) {
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<LineFile> file, LineFile::Open(path));
  return Read(std::move(file));
}

absl::StatusOr<std::unique_ptr<CsvFile>> CsvFile::Read(std::unique_ptr<LineFile> file) {
  std::unique_ptr<CsvFile> csv(new CsvFile(std::move(file)));
  std::vector<absl::string_view> fields;
  SPOOR_ASSIGN_OR_RETURN(const bool more, csv->Next(&fields));
  if (!more) {
    return absl::DataLossError(
        absl::StrCat(csv->file_->path(), " is empty, wanted CSV with a header"));
  }
  for (const absl::string_view field : fields) csv->header_.emplace_back(field);
  return csv;
}

std::optional<size_t> CsvFile::Column(absl::string_view name) const {
  for (size_t i = 0; i < header_.size(); ++i) {
    if (absl::EqualsIgnoreCase(header_[i], name)) return i;
  }
  return std::nullopt;
}

std::string CsvFile::where() const { return absl::StrCat(file_->path(), ": line ", record_line_); }

absl::Status CsvFile::Split(absl::string_view line, std::vector<absl::string_view>* fields) {
  fields->clear();
  if (line.find('"') == absl::string_view::npos) {
    if (line.find('\0') != absl::string_view::npos) {
      return absl::DataLossError(absl::StrCat(where(), ": found a NUL, wanted text"));
    }
    while (true) {
      const size_t comma = line.find(',');
      fields->push_back(absl::StripAsciiWhitespace(line.substr(0, comma)));
      if (comma == absl::string_view::npos) return absl::OkStatus();
      line.remove_prefix(comma + 1);
    }
  }
  // Outside a quoted field the number of quotes is even, an escaped one being two.
  record_.assign(line.data(), line.size());
  size_t quotes = static_cast<size_t>(std::count(line.begin(), line.end(), '"'));
  while (quotes % 2 != 0) {
    SPOOR_ASSIGN_OR_RETURN(const bool more, file_->Next(&line));
    if (!more) return absl::DataLossError(absl::StrCat(where(), ": a quote is not closed"));
    if (record_.size() + line.size() > kLongestRecord) {
      return absl::DataLossError(absl::StrCat(where(), ": the record has more than ",
                                              kLongestRecord, " bytes; is a quote not closed?"));
    }
    record_.push_back('\n');
    record_.append(line.data(), line.size());
    quotes += static_cast<size_t>(std::count(line.begin(), line.end(), '"'));
  }
  CsvReader reader(record_);
  const absl::StatusOr<bool> read = reader.Next(&unquoted_);
  if (!read.ok()) {
    // It counts lines from the record's own first.
    absl::string_view message = read.status().message();
    message.remove_prefix(std::min(message.find(": ") + 2, message.size()));
    return absl::DataLossError(absl::StrCat(where(), ": ", message));
  }
  fields->assign(unquoted_.begin(), unquoted_.end());
  return absl::OkStatus();
}

absl::StatusOr<bool> CsvFile::Next(std::vector<absl::string_view>* fields) {
  absl::string_view line;
  do {
    SPOOR_ASSIGN_OR_RETURN(const bool more, file_->Next(&line));
    if (!more) return false;
  } while (absl::StripAsciiWhitespace(line).empty());
  record_line_ = file_->line();
  SPOOR_RETURN_IF_ERROR(Split(line, fields));
  if (!header_.empty() && fields->size() != header_.size()) {
    return absl::DataLossError(absl::StrCat(where(), ": found ", fields->size(), " fields, wanted ",
                                            header_.size(), ", as in the header"));
  }
  return true;
}

}  // namespace spoor
