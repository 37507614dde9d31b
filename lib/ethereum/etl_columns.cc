#include "lib/ethereum/etl_columns.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "simdjson.h"
#include "spoor/base/csv_file.h"
#include "spoor/base/status_macros.h"

namespace spoor::ethereum {
namespace {

namespace ondemand = simdjson::ondemand;

absl::string_view View(std::string_view text) {
  return absl::string_view(text.data(), text.size());
}

class CsvColumns final : public ColumnReader {
 public:
  explicit CsvColumns(std::unique_ptr<CsvFile> csv) : csv_(std::move(csv)) {}

  absl::Status Find(absl::Span<const absl::string_view> columns, size_t needed) {
    for (size_t i = 0; i < columns.size(); ++i) {
      at_.push_back(csv_->Column(columns[i]));
      if (i < needed && !at_.back().has_value()) {
        return absl::InvalidArgumentError(
            absl::StrCat(csv_->file().path(), ": found the headers ",
                         absl::StrJoin(csv_->header(), ", ").substr(0, 400), "; wanted ",
                         columns[i], " among them"));
      }
    }
    return absl::OkStatus();
  }

  absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields) override {
    SPOOR_ASSIGN_OR_RETURN(const bool more, csv_->Next(&row_));
    if (!more) return false;
    fields->resize(at_.size());
    for (size_t i = 0; i < at_.size(); ++i) {
      (*fields)[i] = at_[i].has_value() ? row_[*at_[i]] : absl::string_view();
    }
    return true;
  }

  std::string where() const override { return csv_->where(); }
  const LineFile& file() const override { return csv_->file(); }

 private:
  std::unique_ptr<CsvFile> csv_;
  std::vector<std::optional<size_t>> at_;
  std::vector<absl::string_view> row_;
};

class JsonColumns final : public ColumnReader {
 public:
  JsonColumns(std::unique_ptr<LineFile> file, absl::Span<const absl::string_view> columns)
      : file_(std::move(file)), columns_(columns) {}

  absl::StatusOr<bool> Next(std::vector<absl::string_view>* fields) override {
    absl::string_view line;
    do {
      SPOOR_ASSIGN_OR_RETURN(const bool more, file_->Next(&line));
      if (!more) return false;
    } while (absl::StripAsciiWhitespace(line).empty());
    fields->assign(columns_.size(), absl::string_view());
    const simdjson::error_code error = ReadLine(line, fields);
    if (error != simdjson::SUCCESS) {
      return absl::DataLossError(
          absl::StrCat(where(), ": found no JSON object: ", simdjson::error_message(error)));
    }
    return true;
  }

  std::string where() const override { return file_->where(); }
  const LineFile& file() const override { return *file_; }

 private:
  static constexpr size_t kNone = ~size_t{0};

  // Rows of one file mostly have the same keys in the same order.
  struct Seen {
    std::string key;
    size_t column;
  };

  // Which column the key that begins at `begin` heads: the `place`-th of its row.
  size_t FindColumn(const char* begin, size_t place) {
    if (place < seen_.size()) {
      const std::string& key = seen_[place].key;
      if (std::memcmp(begin, key.data(), key.size()) == 0 && begin[key.size()] == '"') {
        return seen_[place].column;
      }
    }
    // Keys that we want have no escapes: up to the quote is the whole of it.
    const char* end = begin;
    while (*end != '"' && *end != '\\') ++end;
    const absl::string_view key(begin, static_cast<size_t>(end - begin));
    const auto it = std::find(columns_.begin(), columns_.end(), key);
    const size_t column = it == columns_.end() ? kNone : static_cast<size_t>(it - columns_.begin());
    // What is compared above lies within the room behind the line.
    constexpr size_t kMostSeen = 100;
    if (*end != '"' || key.size() >= LineFile::kPadding || place >= kMostSeen) return column;
    if (place == seen_.size()) {
      seen_.push_back({std::string(key), column});
    } else if (place < seen_.size()) {
      seen_[place] = {std::string(key), column};
    }
    return column;
  }

  simdjson::error_code ReadLine(absl::string_view line, std::vector<absl::string_view>* fields) {
    ondemand::document document;
    // The file keeps that much room behind the line.
    static_assert(LineFile::kPadding >= simdjson::SIMDJSON_PADDING);
    if (const auto error =
            parser_.iterate(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING)
                .get(document)) {
      return error;
    }
    ondemand::object object;
    if (const auto error = document.get_object().get(object)) return error;
    size_t place = 0;
    for (auto member : object) {
      ondemand::raw_json_string key;
      if (const auto error = member.key().get(key)) return error;
      const size_t column = FindColumn(key.raw(), place++);
      if (column == kNone) continue;
      ondemand::value value;
      if (const auto error = member.value().get(value)) return error;
      if (const auto error = ReadValue(value, &(*fields)[column])) return error;
    }
    // Its place is out of bounds at the end.
    const char* rest = nullptr;
    return document.current_location().get(rest) == simdjson::SUCCESS ? simdjson::TAPE_ERROR
                                                                      : simdjson::SUCCESS;
  }

  simdjson::error_code ReadValue(ondemand::value& value, absl::string_view* field) {
    // As it stands: a number may have more digits than any of the machine.
    *field = absl::StripTrailingAsciiWhitespace(View(value.raw_json_token()));
    std::string_view text;
    const char first = field->empty() ? '\0' : field->front();
    if (first == '"') {
      if (absl::StrContains(*field, '\\')) {
        if (const auto error = value.get_string().get(text)) return error;
        *field = View(text);
        return simdjson::SUCCESS;
      }
      if (field->size() < 2 || field->back() != '"') return simdjson::STRING_ERROR;
      field->remove_prefix(1);
      field->remove_suffix(1);
      return simdjson::SUCCESS;
    }
    if (first == '[') {
      ondemand::array array;
      if (const auto error = value.get_array().get(array)) return error;
      if (const auto error = array.raw_json().get(text)) return error;
      *field = absl::StripTrailingAsciiWhitespace(View(text));
    } else if (first == '{') {
      ondemand::object object;
      if (const auto error = value.get_object().get(object)) return error;
      if (const auto error = object.raw_json().get(text)) return error;
      *field = absl::StripTrailingAsciiWhitespace(View(text));
    } else if (*field == "null") {
      *field = absl::string_view();
    }
    return simdjson::SUCCESS;
  }

  std::unique_ptr<LineFile> file_;
  const absl::Span<const absl::string_view> columns_;
  ondemand::parser parser_;
  std::vector<Seen> seen_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<ColumnReader>> ColumnReader::Open(
    const std::string& path, absl::Span<const absl::string_view> columns, size_t needed) {
  if (absl::EndsWithIgnoreCase(absl::StripSuffix(path, ".gz"), ".csv")) {
    SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<CsvFile> csv, CsvFile::Open(path));
    auto reader = std::make_unique<CsvColumns>(std::move(csv));
    SPOOR_RETURN_IF_ERROR(reader->Find(columns, needed));
    return reader;
  }
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<LineFile> file, LineFile::Open(path));
  return std::make_unique<JsonColumns>(std::move(file), columns);
}

}  // namespace spoor::ethereum
