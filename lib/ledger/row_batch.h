#ifndef SPOOR_LIB_LEDGER_ROW_BATCH_H_
#define SPOOR_LIB_LEDGER_ROW_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lib/ledger/account_row.h"
#include "lib/ledger/account_schema.h"
#include "lib/ledger/database.h"
#include "lib/ledger/schema.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "spoor/base/huge_pages.h"
#include "spoor/ledger/ledger_writer.h"
#include "spoor/ledger/model.h"

namespace spoor {

// The rows of some successive blocks, in compact form, until they are written all at once: as one
// write batch, for the tip, or as sorted files that the database takes over, for history.
class RowBatch {
 public:
  RowBatch(Family family, uint8_t chain) : family_(family), chain_(chain) {}

  // `info` as CheckNewBlock() made it of `block`, which is of a UTXO chain.
  void Add(const NewBlock& block, const BlockInfo& info);
  // `info` likewise, but of an account chain, completed; `rows` are the block's movements.
  void AddAccounts(const NewBlock& block, const BlockInfo& info, absl::Span<const AccountRow> rows);
  // What balances and assets are after all these blocks: once, when all are added, ascending.
  void AddBalance(const Holding& holding, const Balance& balance);
  void AddAsset(AssetId id, const schema::AssetRow& asset);

  bool empty() const { return blocks_.empty(); }
  // Empties it; the memory is used again.
  void Clear();
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
    HugePageVector<char> bytes;
    HugePageVector<size_t> ends;

    void Add(absl::string_view value);
    void AddToChunk(absl::string_view movement);
    void Clear();
    size_t size() const { return ends.size(); }
    absl::string_view operator[](size_t i) const;
    char* At(size_t i) { return bytes.data() + (i == 0 ? 0 : ends[i - 1]); }
  };
  struct TxidRow {
    uint64_t prefix;  // eight bytes of the txid, as a big-endian number
    uint64_t position;
    uint32_t text;  // its place among texts_; kNoText if it has none
  };
  // Of an address that an earlier block brought, or that has one in its own row.
  struct ReceiptRow {
    uint64_t address;
    uint64_t position;
  };
  // Of an output, or a balance that a movement touched, that was written before this batch.
  struct SpendRow {
    uint64_t position;
    uint32_t output;
    uint64_t spender;
  };

  using SortedFiles = std::vector<rocksdb::IngestExternalFileArg>;

  // Of an input that revealed something of an address; the bytes are in revealed_bytes_. The first
  // of an address counts.
  struct RevealedRow {
    uint64_t address;
    uint64_t position;
    size_t place;
  };

  // Each writes the sorted files of one or two tables in `dir` and adds them to `files`. They touch
  // no member in common.
  absl::Status WriteMovements(const Database& database, const std::string& dir, SortedFiles* files);
  absl::Status WriteTxids(const Database& database, const std::string& dir, SortedFiles* files);
  absl::Status WriteAddresses(const Database& database, const std::string& dir,
                              SortedFiles* files) const;
  absl::Status WriteReceipts(const Database& database, const std::string& dir, SortedFiles* files);
  absl::Status WriteKeys(const Database& database, const std::string& dir, SortedFiles* files);
  absl::Status WriteBlocks(const Database& database, const std::string& dir,
                           SortedFiles* files) const;
  // What account chains have beside.
  absl::Status WriteAccounts(const Database& database, const std::string& dir,
                             SortedFiles* files) const;

  static constexpr uint32_t kNoText = ~uint32_t{0};

  rocksdb::ColumnFamilyHandle* MovementTable(const Database& database) const;
  // Which row of that table has a movement, and its key.
  uint64_t RowOf(uint64_t position) const;
  std::string MovementKey(uint64_t position) const;
  // Visits the rows of movements, each with the position of its first movement. Of a UTXO chain the
  // first may be the rest of a chunk that is there already.
  absl::Status VisitRows(
      absl::FunctionRef<absl::Status(Position first, absl::string_view row)> visit) const;
  // Whether such a row is the rest of a chunk that is there already: the first one may be.
  bool IsRest(Position first) const {
    return family_ == Family::kUtxo && first.number % schema::kInChunk != 0;
  }
  void AppendChange(const SpendRow& spend, std::string* operand) const;
  void AddBlock(const NewBlock& block, const BlockInfo& info);
  // `position` takes something for `address`.
  void AddReceipt(AddressId address, Position position);
  absl::string_view AddressKeyAt(size_t i) const;
  absl::string_view TextOf(const TxidRow& row) const;

  Family family_;
  uint8_t chain_;
  std::vector<BlockInfo> blocks_;
  uint64_t first_movement_ = 0;
  Arena movements_;                   // of a UTXO chain, as in a chunk
  HugePageVector<uint32_t> outputs_;  // by movement of a UTXO chain, how many
  HugePageVector<TxidRow> txids_;
  Arena texts_;
  uint64_t first_address_ = 0;
  uint64_t first_new_address_ = 0;  // of the block added last
  Arena addresses_;                 // the rows
  HugePageVector<ReceiptRow> receipts_;
  HugePageVector<SpendRow> spends_;
  HugePageVector<RevealedRow> revealed_;
  Arena revealed_bytes_;
  std::string row_;  // the one at hand
  // Of account chains, ascending.
  std::vector<std::pair<Holding, std::string>> balances_;
  std::vector<std::pair<AssetId, schema::AssetRow>> assets_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_ROW_BATCH_H_
