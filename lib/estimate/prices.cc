#include "spoor/estimate/prices.h"

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "spoor/base/csv.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr size_t kLargestCsv = size_t{1} << 30;
constexpr size_t kLongestAsset = 200;
constexpr double kMostUsd = 1e12;
constexpr absl::CivilDay kEpoch(1970, 1, 1);

// YYYY-MM-DD in days since 1970.
bool ReadDay(absl::string_view text, int32_t* day) {
  absl::CivilDay civil;
  if (text.size() != 10 || text[4] != '-' || text[7] != '-' ||
      !absl::ParseCivilTime(text, &civil)) {
    return false;
  }
  // It takes the 31st of February for a day in March.
  if (absl::FormatCivilTime(civil) != text) return false;
  *day = static_cast<int32_t>(civil - kEpoch);
  return true;
}

bool ReadUsd(absl::string_view text, double* usd) {
  return absl::SimpleAtod(text, usd) && std::isfinite(*usd) && *usd > 0 && *usd <= kMostUsd;
}

// An asset of one chain as it is, but with lower case in a contract's address; a symbol in
// capitals.
std::string AssetKey(absl::string_view asset) {
  if (!absl::StrContains(asset, ':')) return absl::AsciiStrToUpper(asset);
  if (absl::StrContains(asset, ":0x") || absl::StrContains(asset, ":0X")) {
    return absl::AsciiStrToLower(asset);
  }
  return std::string(asset);
}

std::string RowKey(absl::string_view asset, int32_t day) {
  std::string key = absl::StrCat("p", asset, absl::string_view("\0", 1));
  const uint32_t number = static_cast<uint32_t>(day) ^ 0x80000000u;
  for (const int shift : {24, 16, 8, 0}) key.push_back(static_cast<char>(number >> shift));
  return key;
}

struct Line {
  std::string asset;
  int32_t day = 0;
  double usd = 0;
};

// Which field of a line is which.
struct Columns {
  size_t date = 0, asset = 1, usd = 2;

  // False if `fields` is no header.
  bool Take(const std::vector<std::string>& fields) {
    std::array<std::pair<absl::string_view, size_t*>, 3> wanted = {
        {{"date", &date}, {"asset", &asset}, {"usd", &usd}}};
    size_t count = 0;
    for (size_t i = 0; i < fields.size(); ++i) {
      for (const auto& [name, column] : wanted) {
        if (absl::AsciiStrToLower(fields[i]) != name) continue;
        *column = i;
        ++count;
      }
    }
    return count == wanted.size();
  }
};

absl::StatusOr<Line> ReadLine(const std::vector<std::string>& fields, const Columns& columns) {
  const auto field = [&](size_t i) {
    return i < fields.size() ? absl::string_view(fields[i]) : absl::string_view();
  };
  Line line;
  if (!ReadDay(field(columns.date), &line.day)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "found the date \"", field(columns.date).substr(0, 40), "\", wanted one like 2025-02-21"));
  }
  if (field(columns.asset).empty() || field(columns.asset).size() > kLongestAsset) {
    return absl::InvalidArgumentError("found no asset, wanted one like bitcoin:BTC, or BTC");
  }
  line.asset = AssetKey(field(columns.asset));
  if (!ReadUsd(field(columns.usd), &line.usd)) {
    return absl::InvalidArgumentError(
        absl::StrCat("found the price \"", field(columns.usd).substr(0, 40),
                     "\", wanted US dollars, more than 0 and at most ", kMostUsd));
  }
  return line;
}

}  // namespace

absl::Status Prices::Add(absl::string_view csv) {
  if (csv.size() > kLargestCsv) {
    return absl::InvalidArgumentError(
        absl::StrCat("found ", csv.size(), " bytes, wanted at most ", kLargestCsv));
  }
  CsvReader reader(csv);
  std::vector<std::string> fields;
  std::vector<Line> lines;
  Columns columns;
  for (bool first = true;; first = false) {
    SPOOR_ASSIGN_OR_RETURN(const bool more, reader.Next(&fields));
    if (!more) break;
    if (first && columns.Take(fields)) continue;
    absl::StatusOr<Line> line = ReadLine(fields, columns);
    if (!line.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("line ", reader.line(), ": ", line.status().message()));
    }
    lines.push_back(*std::move(line));
  }
  for (const Line& line : lines) by_asset_[line.asset][line.day] = line.usd;
  return absl::OkStatus();
}

std::optional<double> Prices::Latest(const std::string& asset, int64_t day) const {
  const auto prices = by_asset_.find(asset);
  if (prices == by_asset_.end() || day > INT32_MAX || day < INT32_MIN) return std::nullopt;
  const auto after = prices->second.upper_bound(static_cast<int32_t>(day));
  if (after == prices->second.begin()) return std::nullopt;
  const auto& [at, usd] = *std::prev(after);
  if (day - at > kStaleDays) return std::nullopt;
  return usd;
}

std::optional<double> Prices::At(absl::string_view asset, int64_t time) const {
  constexpr int64_t kSeconds = 86'400;
  const int64_t day = time / kSeconds - (time % kSeconds < 0 ? 1 : 0);
  if (const auto own = Latest(AssetKey(asset), day)) return own;
  return Latest(absl::AsciiStrToUpper(asset.substr(asset.rfind(':') + 1)), day);
}

absl::Status Prices::Load(const LedgerTable& table) {
  return table.Scan("p", "", [&](absl::string_view key, absl::string_view value) -> absl::Status {
    double usd = 0;
    const size_t end = key.find('\0');
    if (end == key.npos || key.size() != end + 5 || !ReadUsd(value, &usd)) {
      return absl::DataLossError(
          absl::StrCat("found a row of ", key.size(), " and ", value.size(),
                       " bytes in the table of prices, wanted an asset, a day and a price"));
    }
    uint32_t number = 0;
    for (const char c : key.substr(end + 1)) number = number << 8 | static_cast<uint8_t>(c);
    by_asset_[std::string(key.substr(1, end - 1))][static_cast<int32_t>(number ^ 0x80000000u)] =
        usd;
    return absl::OkStatus();
  });
}

absl::Status Prices::Store(LedgerTable* table) const {
  std::vector<LedgerTable::Change> changes;
  for (const auto& [asset, prices] : by_asset_) {
    for (const auto& [day, usd] : prices) {
      changes.push_back({RowKey(asset, day), absl::StrFormat("%.17g", usd)});
    }
  }
  return table->Write(changes);
}

size_t Prices::size() const {
  size_t size = 0;
  for (const auto& [asset, prices] : by_asset_) size += prices.size();
  return size;
}

}  // namespace spoor
