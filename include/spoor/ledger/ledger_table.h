#ifndef SPOOR_LEDGER_LEDGER_TABLE_H_
#define SPOOR_LEDGER_LEDGER_TABLE_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace spoor {

// Rows of bytes, sorted by their keys, that a ledger keeps for the layers above it: what they know
// of its chains and cannot be had from the chains alone, or not quickly. What the bytes mean is
// theirs. Const methods may be called from several threads at once, and fail with the store's
// errors.
class LedgerTable {
 public:
  virtual ~LedgerTable() = default;

  // The values of `keys`, in that order, nullopt where there is none. One request for many is much
  // cheaper than many requests.
  virtual absl::Status Read(absl::Span<const std::string> keys,
                            std::vector<std::optional<std::string>>* values) const = 0;

  // Visits the rows whose keys begin with `prefix`, from the first that is not below `from` on.
  // Stops with what `visit` returns unless it is OK.
  virtual absl::Status Scan(
      absl::string_view prefix, absl::string_view from,
      absl::FunctionRef<absl::Status(absl::string_view key, absl::string_view value)> visit)
      const = 0;

  struct Change {
    std::string key;
    std::optional<std::string> value;  // nullopt: the row goes
  };
  // Makes the changes in their order, all or none, also if the process is killed or power is lost.
  // FAILED_PRECONDITION if the ledger is open for reading.
  virtual absl::Status Write(absl::Span<const Change> changes) = 0;
};

// The value of one key.
absl::StatusOr<std::optional<std::string>> ReadRow(const LedgerTable& table, absl::string_view key);

// A table in a plain container, for tests and small jobs. Not for several threads while one writes.
class MemoryTable : public LedgerTable {
 public:
  absl::Status Read(absl::Span<const std::string> keys,
                    std::vector<std::optional<std::string>>* values) const override;
  absl::Status Scan(
      absl::string_view prefix, absl::string_view from,
      absl::FunctionRef<absl::Status(absl::string_view, absl::string_view)> visit) const override;
  absl::Status Write(absl::Span<const Change> changes) override;

 private:
  std::map<std::string, std::string, std::less<>> rows_;
};

}  // namespace spoor

#endif  // SPOOR_LEDGER_LEDGER_TABLE_H_
