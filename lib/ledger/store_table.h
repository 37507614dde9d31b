#ifndef SPOOR_LIB_LEDGER_STORE_TABLE_H_
#define SPOOR_LIB_LEDGER_STORE_TABLE_H_

#include <optional>
#include <string>
#include <vector>

#include "lib/ledger/database.h"
#include "spoor/ledger/ledger_table.h"

namespace spoor {

// A table of a store: a column family of its own, made at the first write.
class StoreTable : public LedgerTable {
 public:
  StoreTable(Database* database, std::string name)
      : database_(database), name_(std::move(name)), family_(database->FindTable(name_)) {}

  absl::Status Read(absl::Span<const std::string> keys,
                    std::vector<std::optional<std::string>>* values) const override;
  absl::Status Scan(
      absl::string_view prefix, absl::string_view from,
      absl::FunctionRef<absl::Status(absl::string_view, absl::string_view)> visit) const override;
  absl::Status Write(absl::Span<const Change> changes) override;

 private:
  Database* database_;
  std::string name_;
  rocksdb::ColumnFamilyHandle* family_;  // null while there is none: the table is empty
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_STORE_TABLE_H_
