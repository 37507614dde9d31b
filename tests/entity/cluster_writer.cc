// cluster_writer DIR: brings the clusters of the killed ledger (tests/support/random_ledger.h) in
// the store in DIR up to date, in small batches, and writes a line after each. Made to be killed.

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>

#include "spoor/base/status_macros.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/ledger/store.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

// Says so when something has been written.
class TellingTable : public LedgerTable {
 public:
  explicit TellingTable(LedgerTable* table) : table_(table) {}
  absl::Status Read(absl::Span<const std::string> keys,
                    std::vector<std::optional<std::string>>* values) const override {
    return table_->Read(keys, values);
  }
  absl::Status Scan(
      absl::string_view prefix, absl::string_view from,
      absl::FunctionRef<absl::Status(absl::string_view, absl::string_view)> visit) const override {
    return table_->Scan(prefix, from, visit);
  }
  absl::Status Write(absl::Span<const Change> changes) override {
    SPOOR_RETURN_IF_ERROR(table_->Write(changes));
    if (write(STDOUT_FILENO, ".\n", 2) < 0) std::exit(1);
    return absl::OkStatus();
  }

 private:
  LedgerTable* table_;
};

absl::Status Run(const char* dir) {
  SPOOR_ASSIGN_OR_RETURN(const auto store,
                         LedgerStore::OpenForWriting(dir, LedgerStore::Options()));
  const std::string chain = store->chains().at(0).name;
  SPOOR_ASSIGN_OR_RETURN(const auto view, store->View(chain));
  const std::unique_ptr<LedgerTable> rows = store->Table(ClusterTableName(chain));
  TellingTable table(rows.get());
  ClusterOptions options;
  options.batch_bytes = 8'000;
  SPOOR_ASSIGN_OR_RETURN(const auto builder, ClusterBuilder::Open(&table, options));
  return builder->Update(*view);
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const absl::Status status = spoor::Run(argv[1]);
  if (status.ok()) return 0;
  std::cerr << status << "\n";
  return 1;
}
