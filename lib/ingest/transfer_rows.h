#ifndef SPOOR_LIB_INGEST_TRANSFER_ROWS_H_
#define SPOOR_LIB_INGEST_TRANSFER_ROWS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/ingest/row_text.h"
#include "spoor/base/csv_file.h"
#include "spoor/chain/amount.h"
#include "spoor/ingest/transfers.h"

namespace spoor {

// A row of a file of transfers.
struct TransferRow {
  uint32_t height = 0;
  RowTime time;
  std::optional<uint64_t> index;
  std::string tx;                   // a hash in lower case with "0x", or another name as it is
  std::optional<std::string> from;  // an address's key; nullopt: minted
  std::optional<std::string> to;    // nullopt: burned
  std::string asset;                // an asset's key
  Units amount;
  Units fee;
  bool failed = false;

  friend bool operator==(const TransferRow&, const TransferRow&) = default;
};

// What tells the row apart from others: the same for two rows if all but their times are the same.
std::string RowIdentity(const TransferRow& row);
// As bytes, and back: DATA_LOSS if they are no row.
std::string EncodeRow(const TransferRow& row);
absl::StatusOr<TransferRow> DecodeRow(absl::string_view bytes);

// The rows of a file.
class TransferReader {
 public:
  // INVALID_ARGUMENT, naming the file and its headers, if a column is missing.
  static absl::StatusOr<std::unique_ptr<TransferReader>> Open(const std::string& path,
                                                              const TransferFormat& format);

  // False at the end. DATA_LOSS, naming file, line and column, for a row that cannot be.
  absl::StatusOr<bool> Next(TransferRow* row);

  // Of the row last read, as the file has it; empty if it says nothing.
  struct Label {
    absl::string_view address;
    absl::string_view label;
  };
  std::array<Label, 2> labels() const;

  const CsvFile& file() const { return *file_; }

 private:
  enum Column {
    kTime,
    kBlock,
    kTx,
    kFrom,
    kTo,
    kAsset,
    kAmount,
    kIndex,
    kFee,
    kStatus,
    kFromLabel,
    kToLabel,
    kColumns
  };
  static constexpr std::array<absl::string_view, kColumns> kNames = {
      "time",   "block", "tx",  "from",   "to",         "asset",
      "amount", "index", "fee", "status", "from_label", "to_label"};
  friend absl::StatusOr<std::map<std::string, std::string>> ParseColumns(absl::string_view text);

  explicit TransferReader(const TransferFormat& format) : format_(format) {}
  absl::Status FindColumns(const std::string& path);
  bool Has(Column column) const { return !fields_of_[column].empty(); }
  // The column's text in the row last read.
  absl::string_view Text(Column column) const;
  // The same of an amount.
  absl::StatusOr<Units> Amount(Column column) const;
  absl::Status ReadRow(TransferRow* row);
  // The error, naming file, line and column.
  absl::Status Bad(Column column, const absl::Status& status) const;
  absl::StatusOr<std::optional<std::string>> Party(Column column);
  absl::StatusOr<std::string> Asset();

  const TransferFormat format_;
  std::unique_ptr<CsvFile> file_;
  std::array<std::vector<size_t>, kColumns> fields_of_;
  std::vector<absl::string_view> fields_;
  // Keys made of late, for most names come again and again.
  absl::flat_hash_map<std::string, std::string> keys_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_TRANSFER_ROWS_H_
