#ifndef SPOOR_LIB_INGEST_TRANSFER_TABLE_H_
#define SPOOR_LIB_INGEST_TRANSFER_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/ingest/transfer_rows.h"
#include "spoor/ledger/ledger_table.h"

namespace spoor {

// The rows of a chain's files as the ledger keeps them: sorted by block, each once, and from which
// block on the chain does not have them yet.
//   "m"                            -> what is stated in Meta
//   "r" height[4] identity[16]     -> order, copies, file, copies in it, the row
class TransferTable {
 public:
  static absl::StatusOr<TransferTable> Open(LedgerTable* table);

  // A row as it is kept.
  struct Kept {
    uint64_t order = 0;   // in which rows came
    uint64_t copies = 1;  // how often files without an index say it
    TransferRow row;
  };
  struct Added {
    uint64_t new_rows = 0;
    uint64_t known_rows = 0;
    uint64_t repeated_rows = 0;
  };

  bool has_rows() const { return meta_.rows > 0; }
  // The lowest block that has rows that the chain has not; nullopt if it has all.
  std::optional<uint32_t> changed_from() const;

  // What follows is of another file.
  void BeginFile() { ++meta_.file; }
  // Keeps the rows that are not there yet, all or none.
  absl::Status Add(absl::Span<const TransferRow> rows, Added* added);
  // The chain has all rows.
  absl::Status SetUnchanged();

  // Visits the blocks from `height` on, ascending, with their rows. RESOURCE_EXHAUSTED if the rows
  // of one are more than `memory` bytes.
  absl::Status ReadBlocks(
      uint32_t height, uint64_t memory,
      absl::FunctionRef<absl::Status(uint32_t height, std::vector<Kept> rows)> visit) const;

 private:
  struct Meta {
    uint64_t rows = 0;
    uint64_t file = 0;
    uint64_t order = 0;
    uint64_t changed = 0;  // height and 1; 0: none
  };
  struct Value {
    Kept kept;
    uint64_t file = 0;
    uint64_t copies_in_file = 0;
    bool changed = false;
  };
  explicit TransferTable(LedgerTable* table) : table_(table) {}
  std::string EncodeMeta() const;
  static std::string EncodeValue(const Value& value);
  static absl::StatusOr<Value> DecodeValue(absl::string_view bytes);

  LedgerTable* table_;
  Meta meta_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_TRANSFER_TABLE_H_
