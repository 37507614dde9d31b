#include <array>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "lib/entity/raw_tag.h"
#include "lib/entity/tag_readers.h"
#include "spoor/base/csv.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

using Column = std::string RawTag::*;

// Where there is no header, the columns in their order.
constexpr std::array<Column, 6> kPlainColumns = {&RawTag::address,    &RawTag::label,
                                                 &RawTag::category,   &RawTag::source,
                                                 &RawTag::confidence, &RawTag::currency};

// nullptr for a column that we do not read.
Column FindColumn(absl::string_view header) {
  constexpr std::array<std::pair<absl::string_view, Column>, 10> kNames = {{
      {"address", &RawTag::address},
      {"label", &RawTag::label},
      {"category", &RawTag::category},
      {"source", &RawTag::source},
      {"confidence", &RawTag::confidence},
      {"currency", &RawTag::currency},
      {"actor", &RawTag::actor},
      {"abuse", &RawTag::abuse},
      {"date", &RawTag::date},
      {"lastmod", &RawTag::date},
  }};
  const std::string lower = absl::AsciiStrToLower(header);
  for (const auto& [name, column] : kNames) {
    if (lower == name) return column;
  }
  return nullptr;
}

}  // namespace

absl::Status ReadTagCsv(absl::string_view name, absl::string_view text, TagSink* sink) {
  CsvReader reader(text);
  std::vector<std::string> fields;
  std::vector<Column> columns;
  const auto read = [&]() -> absl::StatusOr<bool> {
    absl::StatusOr<bool> more = reader.Next(&fields);
    if (!more.ok()) return absl::DataLossError(more.status().message());
    return more;
  };
  for (bool first = true;; first = false) {
    SPOOR_ASSIGN_OR_RETURN(const bool more, read());
    if (!more) return absl::OkStatus();
    if (first) {
      if (FindColumn(fields[0]) != nullptr) {
        for (const std::string& field : fields) columns.push_back(FindColumn(field));
        continue;
      }
      columns.assign(kPlainColumns.begin(), kPlainColumns.end());
    }
    if (reader.line() % 4096 == 0) sink->Progress(reader.offset());
    if (fields.size() > columns.size()) {
      SPOOR_RETURN_IF_ERROR(
          sink->Refuse({reader.line(), fields[0].substr(0, 100), "more fields than columns"}));
      continue;
    }
    RawTag raw;
    for (size_t i = 0; i < fields.size(); ++i) {
      if (columns[i] != nullptr) raw.*columns[i] = std::move(fields[i]);
    }
    // Who writes a table by hand names the party in its label.
    if (raw.actor.empty()) raw.actor = raw.label;
    if (raw.source.empty()) raw.source = std::string(name);
    SPOOR_RETURN_IF_ERROR(Deliver(raw, reader.line(), sink));
  }
}

}  // namespace spoor
