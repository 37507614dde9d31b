#include <algorithm>
#include <string>

#include "absl/strings/match.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/ledger_table.h"

namespace spoor {

absl::StatusOr<std::optional<std::string>> ReadRow(const LedgerTable& table,
                                                   absl::string_view key) {
  std::vector<std::optional<std::string>> values;
  SPOOR_RETURN_IF_ERROR(table.Read({std::string(key)}, &values));
  return std::move(values.front());
}

absl::Status MemoryTable::Read(absl::Span<const std::string> keys,
                               std::vector<std::optional<std::string>>* values) const {
  values->assign(keys.size(), std::nullopt);
  for (size_t i = 0; i < keys.size(); ++i) {
    if (const auto it = rows_.find(keys[i]); it != rows_.end()) (*values)[i] = it->second;
  }
  return absl::OkStatus();
}

absl::Status MemoryTable::Scan(
    absl::string_view prefix, absl::string_view from,
    absl::FunctionRef<absl::Status(absl::string_view, absl::string_view)> visit) const {
  for (auto it = rows_.lower_bound(std::max(prefix, from));
       it != rows_.end() && absl::StartsWith(it->first, prefix); ++it) {
    SPOOR_RETURN_IF_ERROR(visit(it->first, it->second));
  }
  return absl::OkStatus();
}

absl::Status MemoryTable::Write(absl::Span<const Change> changes) {
  for (const Change& change : changes) {
    if (change.value.has_value()) {
      rows_[change.key] = *change.value;
    } else {
      rows_.erase(change.key);
    }
  }
  return absl::OkStatus();
}

}  // namespace spoor
