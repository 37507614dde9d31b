#ifndef SPOOR_INGEST_TRANSFERS_H_
#define SPOOR_INGEST_TRANSFERS_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/ledger_writer.h"
#include "spoor/ledger/model.h"

namespace spoor {

// What a file of transfers says: CSV with a header, plain or gzip, a transfer in each row, in any
// order. Columns: time, tx, from, to and amount; if there are such block, index, asset, fee,
// status, from_label, to_label.
struct TransferFormat {
  // Which header stands for a column, where it is not the column's own name. Several headers,
  // joined by '|': the first that is not empty, and, of an amount, not 0.
  std::map<std::string, std::string> columns;
  std::string chain;
  // The native asset: of files without a column for it, and of rows that say nothing or this there.
  std::string asset;
  // How many digits after the point the base unit of every asset in the files has.
  int decimals = 0;
};

// "time=Timestamp,from=From". INVALID_ARGUMENT for a column that there is not, or said twice.
absl::StatusOr<std::map<std::string, std::string>> ParseColumns(absl::string_view text);

struct TransferOptions {
  uint64_t memory = 512ull << 20;
  struct Progress {
    enum class Stage { kCheck, kRead, kBlocks };
    Stage stage = Stage::kCheck;
    uint64_t done = 0;   // bytes of a file; blocks
    uint64_t total = 0;  // 0: not known
    absl::string_view file;
  };
  std::function<void(const Progress&)> progress;
  // What a file's label columns say of an address, written as in the file.
  std::function<void(const std::string& file, absl::string_view address, absl::string_view label)>
      label;
};

struct TransferReport {
  uint64_t rows = 0;           // in the files
  uint64_t new_rows = 0;       // that the ledger did not have
  uint64_t known_rows = 0;     // that it had, from a file read earlier
  uint64_t repeated_rows = 0;  // that say in one file what another of its rows says, index included
  uint64_t failed_rows = 0;    // of transactions that failed: they pay their fee and move nothing
  uint64_t blocks_added = 0;
  uint64_t blocks_undone = 0;
  uint64_t mixed_times = 0;  // blocks whose rows have different times: the earliest is taken
};

// The table in which a ledger keeps the rows of a chain's files, so that files may come in any
// order and as often as one likes.
std::string TransferTableName(absl::string_view chain);

// Whether a chain's table has rows: whether the chain came from such files.
absl::StatusOr<bool> HasTransfers(const LedgerTable& table);

// Reads the file to its end and keeps nothing of it: whether IngestTransfers() would take it.
absl::Status CheckTransferFile(const std::string& path, const TransferFormat& format);

// Adds to the chain what the files have and it has not. Rows are the same if they say the same of
// block, tx, from, to, asset, amount and fee, and have the same index; without a column for that,
// the n-th of equal rows in one file is the same as the n-th in another. Rows from before the tip
// have the chain taken back that far and added anew. All files are read and checked before anything
// is changed; killed, the next call goes on, whatever its files.
//
// Transactions of a block stand in the order of their least index, then of their times, then as
// they came; so do transfers within them. A fee is paid by `from` of its transaction's first row;
// 0x00..00 mints and burns. Where files have no blocks, each second is one, its height the time.
//
// DATA_LOSS, naming file, line and column, for a row that cannot be, and as CsvFile;
// INVALID_ARGUMENT if a column is missing, or there are no files; RESOURCE_EXHAUSTED if one block's
// rows are more than memory holds; FAILED_PRECONDITION if the chain's blocks came from elsewhere.
absl::StatusOr<TransferReport> IngestTransfers(const std::vector<std::string>& files,
                                               const TransferFormat& format, LedgerWriter* writer,
                                               LedgerTable* table, const TransferOptions& options);

}  // namespace spoor

#endif  // SPOOR_INGEST_TRANSFERS_H_
