#ifndef SPOOR_LIB_LEDGER_DATABASE_H_
#define SPOOR_LIB_LEDGER_DATABASE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"

namespace spoor {

// Where RocksDB's errors become ours; `doing` says what was tried. Corruption is DATA_LOSS, a full
// disk RESOURCE_EXHAUSTED, other trouble with files UNAVAILABLE.
absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing);

// For RocksDB's log of what it does. A file of it is of no use here, and a build of RocksDB with
// assertions, as Debian's is, ends the process if the disk is too full to write to it.
std::shared_ptr<rocksdb::Logger> NoLog();

// The open RocksDB of a store, with its column families (lib/ledger/schema.h). RocksDB makes its
// use from several threads safe.
//
// What is written lies in the write-ahead log until it gets into tables, and a damaged log cannot
// be told from one that a loss of power cut short: RocksDB takes what comes before the damage. So
// there is one log at a time, all that is in it gets into tables at once, and nothing that comes
// later gets there before: what a damaged log loses is always the end of the history, which
// lib/ledger/tip_record.h notices.
class Database {
 public:
  enum class Mode { kRead, kWrite, kMake };

  // Only kMake makes a database that is missing. FAILED_PRECONDITION if another process writes to
  // it; RESOURCE_EXHAUSTED, saying what to raise, if the system gives no room for a few threads and
  // `memory` bytes. `env` must outlive it.
  static absl::StatusOr<std::unique_ptr<Database>> Open(
      const std::string& path, Mode mode, uint64_t memory,
      rocksdb::Env* env = rocksdb::Env::Default());
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Makes the changes all or none; `sync`: so that they survive a loss of power. For one thread.
  absl::Status Write(rocksdb::WriteBatch* changes, bool sync, absl::string_view doing);
  // What was written before survives a loss of power.
  absl::Status Sync();
  // Leaves nothing in the write-ahead log. Done at the end, too.
  absl::Status Flush();
  // While history goes in little of what is read is kept, so that its batches can be larger: the
  // larger they are, the less often is a row written anew.
  void SetBulk(bool bulk);

  rocksdb::DB* db() const { return db_.get(); }
  Mode mode() const { return mode_; }
  rocksdb::ColumnFamilyHandle* meta() const { return handles_[0]; }
  rocksdb::ColumnFamilyHandle* blocks() const { return handles_[1]; }
  rocksdb::ColumnFamilyHandle* movements() const { return handles_[2]; }
  rocksdb::ColumnFamilyHandle* txids() const { return handles_[3]; }
  rocksdb::ColumnFamilyHandle* addresses() const { return handles_[4]; }
  rocksdb::ColumnFamilyHandle* address_ids() const { return handles_[5]; }
  rocksdb::ColumnFamilyHandle* receipts() const { return handles_[6]; }
  rocksdb::ColumnFamilyHandle* keys() const { return handles_[7]; }

  // What account chains have (lib/ledger/account_schema.h); all null until MakeAccounts().
  struct Accounts {
    rocksdb::ColumnFamilyHandle* movements = nullptr;
    rocksdb::ColumnFamilyHandle* balances = nullptr;
    rocksdb::ColumnFamilyHandle* assets = nullptr;
    rocksdb::ColumnFamilyHandle* asset_ids = nullptr;
  };
  const Accounts& accounts() const { return accounts_; }
  absl::Status MakeAccounts();

  // The column family of a table; null if there is none. For the thread that opened the store.
  rocksdb::ColumnFamilyHandle* FindTable(const std::string& name) const;
  // Makes it first if there is none.
  absl::StatusOr<rocksdb::ColumnFamilyHandle*> MakeTable(const std::string& name);

 private:
  Database() = default;

  // Set db_ and handles_.
  absl::Status OpenForWriting(const rocksdb::DBOptions& options, const std::string& path);
  absl::Status OpenForReading(const rocksdb::DBOptions& options, const std::string& path);
  void CloseHandles();

  uint64_t BytesInLog() const;
  rocksdb::ColumnFamilyHandle* FindFamily(const std::string& family) const;
  absl::StatusOr<rocksdb::ColumnFamilyHandle*> MakeFamily(const std::string& family,
                                                          absl::string_view what);
  // Sets accounts_ if all of its families are there.
  void FindAccounts();

  Mode mode_ = Mode::kRead;
  std::unique_ptr<rocksdb::Env> env_;
  uint64_t memory_ = 0;
  std::unique_ptr<rocksdb::DB> db_;
  std::shared_ptr<rocksdb::Cache> cache_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  Accounts accounts_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_DATABASE_H_
