#ifndef SPOOR_LIB_LEDGER_STORE_WRITER_H_
#define SPOOR_LIB_LEDGER_STORE_WRITER_H_

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>

#include "lib/ledger/balance_cache.h"
#include "lib/ledger/database.h"
#include "lib/ledger/row_batch.h"
#include "lib/ledger/store_view.h"
#include "lib/ledger/tip_record.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

// The writer of one chain of a store. History goes in as sorted files, made and taken over by a
// second thread while the next batch is filled.
class StoreWriter : public LedgerWriter {
 public:
  struct Options {
    std::string batch_dir;        // for sorted files; made if missing, emptied
    uint64_t memory = 512 << 20;  // for it and the database, in bytes
  };
  // The pointers must stay good as long as the writer.
  static absl::StatusOr<std::unique_ptr<StoreWriter>> Make(Database* database, TipRecord* tips,
                                                           uint8_t number,
                                                           std::unique_ptr<StoreView> view,
                                                           Options options);
  // What has not been committed is lost.
  ~StoreWriter() override;

  const LedgerView& view() const override { return *view_; }
  std::optional<BlockInfo> tip() const override { return tip_; }
  absl::Status SetMode(Mode mode) override;
  absl::Status Append(const NewBlock& block) override;
  absl::Status Commit() override;
  absl::Status UndoTip() override;
  absl::Status Sync() override;

 private:
  StoreWriter(Database* database, TipRecord* tips, uint8_t number, std::unique_ptr<StoreView> view,
              Options options);

  absl::Status AppendAccounts(const NewBlock& block, BlockInfo* info);
  RowBatch TakeBatch();
  // The rows of a batch that TakeBatch() gave are written: its memory serves the next.
  void GiveBack(RowBatch batch);
  // Adds what undoing the tip takes away, and puts back.
  absl::Status UndoMovements(const LedgerTotals& before, rocksdb::WriteBatch* rows);
  absl::Status UndoAccountMovements(const LedgerTotals& before, rocksdb::WriteBatch* rows);

  // Remembers and returns `status`.
  absl::Status Note(absl::Status status);
  // Writes the batch as one atomic write.
  absl::Status WriteBatch();
  // Hands the batch to the second thread, when that has done the one before.
  absl::Status BeginIngest();
  absl::Status EndIngest();

  Database* database_;
  TipRecord* tips_;
  uint8_t number_;
  std::unique_ptr<StoreView> view_;
  Options options_;
  Mode mode_ = Mode::kTip;
  // The first error of writing. What was to be written is gone, so nothing may follow it.
  absl::Status broken_;
  std::optional<BlockInfo> tip_;
  RowBatch batch_;
  RowBatch spare_;                          // empty
  std::unique_ptr<BalanceCache> balances_;  // of an account chain
  // The batch that the second thread is at, and the tip when it is done.
  std::unique_ptr<RowBatch> ingesting_;
  std::optional<BlockInfo> ingesting_tip_;
  std::future<absl::Status> ingested_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_STORE_WRITER_H_
