#include "lib/ingest/transfer_rows.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "simdjson.h"
#include "spoor/base/status_macros.h"
#include "spoor/base/varint.h"
#include "spoor/chain/decimal.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/hash.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

constexpr size_t kMostKeys = 200'000;
constexpr size_t kLongestName = 1000;

bool IsZeroAddress(absl::string_view text) {
  return text.size() == 42 && absl::StartsWithIgnoreCase(text, "0x") &&
         text.find_first_not_of('0', 2) == absl::string_view::npos;
}

absl::Status CheckName(absl::string_view text, absl::string_view wanted) {
  if (text.empty()) return BadText(text, wanted);
  if (text.size() > kLongestName) {
    return BadText(text, absl::StrCat(wanted, " of at most ", kLongestName, " bytes"));
  }
  if (!simdjson::validate_utf8(text.data(), text.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("found bytes that are not UTF-8, wanted ", wanted));
  }
  return absl::OkStatus();
}

void AppendText(absl::string_view text, std::string* out) {
  AppendVarint(text.size(), out);
  out->append(text.data(), text.size());
}

void AppendParty(const std::optional<std::string>& party, std::string* out) {
  AppendVarint(party.has_value() ? party->size() + 1 : 0, out);
  if (party.has_value()) out->append(*party);
}

void AppendUnits(const Units& units, std::string* out) { AppendText(ToDecimal(units), out); }

bool TakeText(absl::string_view* in, std::string* text) {
  uint64_t size = 0;
  if (!ConsumeVarint(in, &size) || size > in->size()) return false;
  *text = std::string(in->substr(0, size));
  in->remove_prefix(size);
  return true;
}

bool TakeParty(absl::string_view* in, std::optional<std::string>* party) {
  uint64_t size = 0;
  if (!ConsumeVarint(in, &size) || size > in->size() + 1) return false;
  if (size == 0) {
    *party = std::nullopt;
    return true;
  }
  *party = std::string(in->substr(0, size - 1));
  in->remove_prefix(size - 1);
  return true;
}

bool TakeUnits(absl::string_view* in, Units* units) {
  std::string text;
  if (!TakeText(in, &text)) return false;
  const absl::StatusOr<Units> read = UnitsFromDecimal(text);
  if (read.ok()) *units = *read;
  return read.ok();
}

// All but time and index.
void AppendContent(const TransferRow& row, std::string* out) {
  AppendVarint(row.height, out);
  AppendText(row.tx, out);
  AppendParty(row.from, out);
  AppendParty(row.to, out);
  AppendText(row.asset, out);
  AppendUnits(row.amount, out);
  AppendUnits(row.fee, out);
  AppendVarint(row.failed ? 1 : 0, out);
  AppendVarint(row.index.has_value() ? *row.index + 1 : 0, out);
}

}  // namespace

std::string RowIdentity(const TransferRow& row) {
  std::string content;
  AppendContent(row, &content);
  const Digest256 digest = Keccak256(AsBytes(content));
  return std::string(AsChars(ByteSpan(digest).first(16)));
}

std::string EncodeRow(const TransferRow& row) {
  std::string bytes;
  AppendVarint(static_cast<uint64_t>(row.time.seconds), &bytes);
  AppendVarint(row.time.milliseconds, &bytes);
  AppendContent(row, &bytes);
  return bytes;
}

absl::StatusOr<TransferRow> DecodeRow(absl::string_view bytes) {
  TransferRow row;
  uint64_t seconds = 0, milliseconds = 0, height = 0, failed = 0, index = 0;
  absl::string_view in = bytes;
  if (!ConsumeVarint(&in, &seconds) || !ConsumeVarint(&in, &milliseconds) ||
      !ConsumeVarint(&in, &height) || !TakeText(&in, &row.tx) || !TakeParty(&in, &row.from) ||
      !TakeParty(&in, &row.to) || !TakeText(&in, &row.asset) || !TakeUnits(&in, &row.amount) ||
      !TakeUnits(&in, &row.fee) || !ConsumeVarint(&in, &failed) || !ConsumeVarint(&in, &index) ||
      !in.empty() || failed > 1 || height > std::numeric_limits<uint32_t>::max() ||
      seconds > std::numeric_limits<uint32_t>::max() || milliseconds > 999) {
    return absl::DataLossError("a row of transfers kept in the ledger is damaged");
  }
  row.time = {static_cast<int64_t>(seconds), static_cast<uint32_t>(milliseconds)};
  row.height = static_cast<uint32_t>(height);
  row.failed = failed == 1;
  if (index > 0) row.index = index - 1;
  return row;
}

absl::StatusOr<std::map<std::string, std::string>> ParseColumns(absl::string_view text) {
  std::map<std::string, std::string> columns;
  for (const absl::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    const std::string name(absl::StripAsciiWhitespace(pair.first));
    const std::string header(absl::StripAsciiWhitespace(pair.second));
    const auto& names = TransferReader::kNames;
    if (std::find(names.begin(), names.end(), name) == names.end() || header.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("--columns: found \"", part.substr(0, 80),
                                                     "\", wanted NAME=HEADER, NAME one of ",
                                                     absl::StrJoin(names, ", ")));
    }
    if (!columns.emplace(name, header).second) {
      return absl::InvalidArgumentError(absl::StrCat("--columns: found ", name, " twice"));
    }
  }
  return columns;
}

absl::StatusOr<std::unique_ptr<TransferReader>> TransferReader::Open(const std::string& path,
                                                                     const TransferFormat& format) {
  std::unique_ptr<TransferReader> reader(new TransferReader(format));
  SPOOR_ASSIGN_OR_RETURN(reader->file_, CsvFile::Open(path));
  SPOOR_RETURN_IF_ERROR(reader->FindColumns(path));
  return reader;
}

absl::Status TransferReader::FindColumns(const std::string& path) {
  for (int c = 0; c < kColumns; ++c) {
    const std::string name(kNames[c]);
    const auto mapped = format_.columns.find(name);
    const bool said = mapped != format_.columns.end();
    const std::string headers = said ? mapped->second : name;
    for (const absl::string_view header : absl::StrSplit(headers, '|')) {
      const auto field = file_->Column(absl::StripAsciiWhitespace(header));
      if (field.has_value()) {
        fields_of_[c].push_back(*field);
        continue;
      }
      const bool needed = c == kTime || c == kTx || c == kFrom || c == kTo || c == kAmount;
      if (!said && !needed) continue;
      std::string found = absl::StrJoin(file_->header(), ", ");
      if (found.size() > 400) found = absl::StrCat(found.substr(0, 400), "...");
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": found the headers ", found, "; wanted ", header,
                       said ? absl::StrCat(" for the column ", name)
                            : absl::StrCat(", or --columns ", name, "=HEADER")));
    }
  }
  return absl::OkStatus();
}

absl::string_view TransferReader::Text(Column column) const {
  for (const size_t field : fields_of_[column]) {
    if (!fields_[field].empty()) return fields_[field];
  }
  return "";
}

absl::StatusOr<Units> TransferReader::Amount(Column column) const {
  Units units = 0;
  if (Text(column).empty()) return BadText("", "an amount, as in 1234.5");
  for (const size_t field : fields_of_[column]) {
    if (fields_[field].empty()) continue;
    SPOOR_ASSIGN_OR_RETURN(units, UnitsFromPoint(fields_[field], format_.decimals));
    if (units != 0) break;
  }
  return units;
}

absl::Status TransferReader::Bad(Column column, const absl::Status& status) const {
  std::string header;
  for (const size_t field : fields_of_[column]) {
    absl::StrAppend(&header, header.empty() ? "" : "|", file_->header()[field]);
  }
  return absl::DataLossError(
      absl::StrCat(file_->where(), ", column ", header, ": ", status.message()));
}

absl::StatusOr<std::optional<std::string>> TransferReader::Party(Column column) {
  const absl::string_view text = Text(column);
  if (IsZeroAddress(text)) return std::nullopt;
  if (const auto it = keys_.find(text); it != keys_.end()) return it->second;
  SPOOR_RETURN_IF_ERROR(CheckName(text, "an address or a name"));
  SPOOR_ASSIGN_OR_RETURN(const std::string key, AccountKeyFromText(text));
  if (keys_.size() >= kMostKeys) keys_.clear();
  keys_.emplace(text, key);
  return key;
}

absl::StatusOr<std::string> TransferReader::Asset() {
  const absl::string_view text = Text(kAsset);
  if (text.empty() || absl::EqualsIgnoreCase(text, format_.asset)) return "";
  SPOOR_RETURN_IF_ERROR(CheckName(text, "an asset's name or contract"));
  return AccountKeyFromText(text);
}

absl::Status TransferReader::ReadRow(TransferRow* row) {
  *row = TransferRow();
  const auto time = TimeFromText(Text(kTime));
  if (!time.ok()) return Bad(kTime, time.status());
  row->time = *time;
  row->height = static_cast<uint32_t>(time->seconds);
  if (Has(kBlock)) {
    const auto height = WholeNumber(Text(kBlock), std::numeric_limits<uint32_t>::max());
    if (!height.ok()) return Bad(kBlock, height.status());
    row->height = static_cast<uint32_t>(*height);
  }
  if (Has(kIndex)) {
    const auto index = WholeNumber(Text(kIndex), std::numeric_limits<uint32_t>::max());
    if (!index.ok()) return Bad(kIndex, index.status());
    row->index = *index;
  }
  const absl::string_view tx = Text(kTx);
  const absl::Status named = CheckName(tx, "a transaction's hash or name");
  if (!named.ok()) return Bad(kTx, named);
  const auto hash = FromText<Txid>(tx, HashText::kPrefixed);
  row->tx = hash.ok() ? ToText(*hash, HashText::kPrefixed) : std::string(tx);
  auto from = Party(kFrom);
  if (!from.ok()) return Bad(kFrom, from.status());
  row->from = *std::move(from);
  auto to = Party(kTo);
  if (!to.ok()) return Bad(kTo, to.status());
  row->to = *std::move(to);
  auto asset = Asset();
  if (!asset.ok()) return Bad(kAsset, asset.status());
  row->asset = *std::move(asset);
  const auto amount = Amount(kAmount);
  if (!amount.ok()) return Bad(kAmount, amount.status());
  row->amount = *amount;
  if (Has(kFee) && !Text(kFee).empty()) {
    const auto fee = Amount(kFee);
    if (!fee.ok()) return Bad(kFee, fee.status());
    row->fee = *fee;
    if (*fee != 0 && !row->from.has_value()) {
      return Bad(kFee, absl::InvalidArgumentError("found a fee where nobody sends"));
    }
  }
  const auto success = SuccessFromText(Text(kStatus));
  if (!success.ok()) return Bad(kStatus, success.status());
  row->failed = !*success;
  return absl::OkStatus();
}

absl::StatusOr<bool> TransferReader::Next(TransferRow* row) {
  SPOOR_ASSIGN_OR_RETURN(const bool more, file_->Next(&fields_));
  if (!more) return false;
  SPOOR_RETURN_IF_ERROR(ReadRow(row));
  return true;
}

std::array<TransferReader::Label, 2> TransferReader::labels() const {
  return {Label{Text(kFrom), Text(kFromLabel)}, Label{Text(kTo), Text(kToLabel)}};
}

}  // namespace spoor
