#ifndef SPOOR_LIB_LEDGER_ROW_BATCH_H_
#define SPOOR_LIB_LEDGER_ROW_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "lib/ledger/database.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "spoor/ledger/ledger_writer.h"
#include "spoor/ledger/model.h"

namespace spoor {

// The rows of some successive blocks, in compact form, until they are written all at once: as one
// write batch, for the tip, or as sorted files that the database takes over, for history.
class RowBatch {
 public:
  explicit RowBatch(uint8_t chain) : chain_(chain) {}

  // `info` as CheckNewBlock() made it of `block`.
  void Add(const NewBlock& block, const BlockInfo& info);

  bool empty() const { return blocks_.empty(); }
  // Memory in use, roughly.
  size_t bytes() const;

  void WriteTo(const Database& database, rocksdb::WriteBatch* out) const;

  // Writes the rows to sorted files in `dir`, an existing directory on the database's file system,
  // and has the database take them over, all or none of them, durably. Sorts what it holds: nothing
  // may be added after. `dir` is empty again if it succeeds.
  absl::Status Ingest(const Database& database, const std::string& dir);

 private:
  // Values of varying length, one after another.
  struct Arena {
    std::string bytes;
    std::vector<size_t> ends;

    void Add(absl::string_view value);
    size_t size() const { return ends.size(); }
    absl::string_view operator[](size_t i) const;
  };
  struct TxidRow {
    uint64_t prefix;  // eight bytes of the txid, as a big-endian number
    uint64_t position;
  };
  struct ReceiptRow {
    uint64_t address;
    uint64_t position;
  };
  // Of an output that was written before this batch.
  struct SpendRow {
    uint64_t position;
    uint32_t output;
    uint64_t spender;
  };

  using SortedFiles = std::vector<rocksdb::IngestExternalFileArg>;

  // Each writes the sorted files of one or two tables in `dir` and adds them to `files`. They touch
  // no member in common.
  absl::Status WriteMovements(const Database& database, const std::string& dir, SortedFiles* files);
  absl::Status WriteTxids(const Database& database, const std::string& dir, SortedFiles* files);
  absl::Status WriteAddresses(const Database& database, const std::string& dir,
                              SortedFiles* files) const;
  absl::Status WriteReceipts(const Database& database, const std::string& dir, SortedFiles* files);
  absl::Status WriteBlocks(const Database& database, const std::string& dir,
                           SortedFiles* files) const;

  uint8_t chain_;
  std::vector<BlockInfo> blocks_;
  uint64_t first_movement_ = 0;
  Arena movements_;
  std::vector<uint32_t> outputs_;  // by movement, how many
  std::vector<TxidRow> txids_;
  uint64_t first_address_ = 0;
  Arena addresses_;
  std::vector<ReceiptRow> receipts_;
  std::vector<SpendRow> spends_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_ROW_BATCH_H_
