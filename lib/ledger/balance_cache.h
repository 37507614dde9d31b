#ifndef SPOOR_LIB_LEDGER_BALANCE_CACHE_H_
#define SPOOR_LIB_LEDGER_BALANCE_CACHE_H_

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lib/ledger/account_row.h"
#include "lib/ledger/account_schema.h"
#include "lib/ledger/database.h"
#include "lib/ledger/row_batch.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

// The balances and assets of an account chain as its writer left them: those of blocks that are not
// committed yet, and recent others.
class BalanceCache {
 public:
  // Keeps to about `memory` bytes, as far as what is not committed allows.
  BalanceCache(const Database* database, uint8_t chain, uint64_t memory)
      : database_(database), chain_(chain), most_(memory / kEntryBytes) {}

  // Makes the rows of a block that CheckNewBlock() found right, and completes its `info`. If this
  // fails nothing has changed.
  absl::Status Apply(const NewBlock& block, BlockInfo* info, std::vector<AccountRow>* rows);

  // Whether it is time to commit, so that something can be forgotten.
  bool Full() const { return changed_balances_ >= most_; }

  // Hands over what has changed since this was last called. Requires that all handed over before is
  // committed by now.
  void TakeChanges(RowBatch* batch);

  // Takes back the movements of the last block, given backwards, and all else that it added. Writes
  // the rows that balances and assets have then. Requires that nothing is uncommitted.
  absl::Status Undo(absl::Span<const AccountRow> rows, const LedgerTotals& after,
                    const LedgerTotals& before, rocksdb::WriteBatch* out);

 private:
  // What an entry of balances_ takes, about.
  static constexpr uint64_t kEntryBytes = 320;

  struct BalanceEntry {
    Balance balance;
    bool changed = false;
  };
  struct AssetEntry {
    schema::AssetRow asset;
    bool changed = false;
  };

  // Reads into balances_ those of `wanted` that are not there and may be in the store.
  absl::Status Load(std::vector<Holding> wanted);
  absl::Status LoadAsset(AssetId id);
  // Pointers to what `row` touches.
  std::array<BalanceEntry*, 2> Touched(const AccountRow& row);

  const Database* database_;
  uint8_t chain_;
  uint64_t most_;
  uint64_t changed_balances_ = 0;
  absl::flat_hash_map<Holding, BalanceEntry> balances_;
  absl::flat_hash_map<AssetId, AssetEntry> assets_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_BALANCE_CACHE_H_
