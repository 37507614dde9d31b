#include "lib/ingest/transfer_table.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/base/varint.h"

namespace spoor {
namespace {

constexpr absl::string_view kMetaKey = "m";
constexpr size_t kKeySize = 1 + 4 + 16;

std::string HeightKey(uint32_t height) {
  std::string key = "r";
  for (int shift = 24; shift >= 0; shift -= 8) key.push_back(static_cast<char>(height >> shift));
  return key;
}

absl::Status Damaged() {
  return absl::DataLossError("the rows of transfers kept in the ledger are damaged");
}

}  // namespace

std::string TransferTable::EncodeMeta() const {
  std::string bytes;
  for (const uint64_t v : {meta_.rows, meta_.file, meta_.order, meta_.changed}) {
    AppendVarint(v, &bytes);
  }
  return bytes;
}

std::string TransferTable::EncodeValue(const Value& value) {
  std::string bytes;
  for (const uint64_t v : {value.kept.order, value.kept.copies, value.file, value.copies_in_file}) {
    AppendVarint(v, &bytes);
  }
  return bytes + EncodeRow(value.kept.row);
}

absl::StatusOr<TransferTable::Value> TransferTable::DecodeValue(absl::string_view bytes) {
  Value value;
  for (uint64_t* const v :
       {&value.kept.order, &value.kept.copies, &value.file, &value.copies_in_file}) {
    if (!ConsumeVarint(&bytes, v)) return Damaged();
  }
  SPOOR_ASSIGN_OR_RETURN(value.kept.row, DecodeRow(bytes));
  return value;
}

absl::StatusOr<TransferTable> TransferTable::Open(LedgerTable* table) {
  TransferTable opened(table);
  SPOOR_ASSIGN_OR_RETURN(const std::optional<std::string> row, ReadRow(*table, kMetaKey));
  if (!row.has_value()) return opened;
  absl::string_view in = *row;
  Meta& meta = opened.meta_;
  for (uint64_t* const v : {&meta.rows, &meta.file, &meta.order, &meta.changed}) {
    if (!ConsumeVarint(&in, v)) return Damaged();
  }
  return opened;
}

std::optional<uint32_t> TransferTable::changed_from() const {
  if (meta_.changed == 0) return std::nullopt;
  return static_cast<uint32_t>(meta_.changed - 1);
}

absl::Status TransferTable::Add(absl::Span<const TransferRow> rows, Added* added) {
  std::vector<std::string> keys;
  keys.reserve(rows.size());
  for (const TransferRow& row : rows) keys.push_back(HeightKey(row.height) + RowIdentity(row));
  std::vector<std::optional<std::string>> values;
  SPOOR_RETURN_IF_ERROR(table_->Read(keys, &values));
  absl::flat_hash_map<std::string, Value> now;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto [it, first] = now.try_emplace(keys[i]);
    Value& value = it->second;
    if (first && values[i].has_value()) {
      SPOOR_ASSIGN_OR_RETURN(value, DecodeValue(*values[i]));
    }
    const bool there = !first || values[i].has_value();
    if (there && value.file == meta_.file && rows[i].index.has_value()) {
      ++added->repeated_rows;
      continue;
    }
    value.copies_in_file = there && value.file == meta_.file ? value.copies_in_file + 1 : 1;
    value.file = meta_.file;
    value.changed = true;
    if (there && value.copies_in_file <= value.kept.copies) {
      ++added->known_rows;
      continue;
    }
    ++added->new_rows;
    if (there) {
      value.kept.copies = value.copies_in_file;
    } else {
      value.kept = {meta_.order++, 1, rows[i]};
    }
    ++meta_.rows;
    const uint64_t mark = uint64_t{rows[i].height} + 1;
    meta_.changed = meta_.changed == 0 ? mark : std::min(meta_.changed, mark);
  }
  std::vector<LedgerTable::Change> changes;
  for (auto& [key, value] : now) {
    if (value.changed) changes.push_back({key, EncodeValue(value)});
  }
  changes.push_back({std::string(kMetaKey), EncodeMeta()});
  return table_->Write(changes);
}

absl::Status TransferTable::SetUnchanged() {
  meta_.changed = 0;
  return table_->Write({{std::string(kMetaKey), EncodeMeta()}});
}

absl::Status TransferTable::ReadBlocks(
    uint32_t height, uint64_t memory,
    absl::FunctionRef<absl::Status(uint32_t height, std::vector<Kept> rows)> visit) const {
  std::vector<Kept> rows;
  uint64_t bytes = 0;
  const auto flush = [&]() -> absl::Status {
    if (rows.empty()) return absl::OkStatus();
    const uint32_t block = rows.front().row.height;
    bytes = 0;
    return visit(block, std::exchange(rows, {}));
  };
  const auto take = [&](absl::string_view key, absl::string_view row) -> absl::Status {
    if (key.size() != kKeySize) return Damaged();
    SPOOR_ASSIGN_OR_RETURN(Value value, DecodeValue(row));
    if (!absl::StartsWith(key, HeightKey(value.kept.row.height))) return Damaged();
    if (!rows.empty() && rows.front().row.height != value.kept.row.height) {
      SPOOR_RETURN_IF_ERROR(flush());
    }
    // What a row takes in memory, here and as a transfer, each of its copies.
    bytes += (row.size() + 400) * 2 * value.kept.copies;
    if (bytes > memory) {
      return absl::ResourceExhaustedError(
          absl::StrCat("block ", value.kept.row.height, " has more rows than ", memory,
                       " bytes of memory hold; allow more with --memory"));
    }
    rows.push_back(std::move(value.kept));
    return absl::OkStatus();
  };
  SPOOR_RETURN_IF_ERROR(table_->Scan("r", HeightKey(height), take));
  return flush();
}

}  // namespace spoor
