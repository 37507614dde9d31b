#ifndef SPOOR_LIB_LEDGER_ACCOUNT_BOOK_H_
#define SPOOR_LIB_LEDGER_ACCOUNT_BOOK_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/ledger/account_row.h"
#include "spoor/ledger/ledger_writer.h"
#include "spoor/ledger/model.h"

namespace spoor {

// What a MemoryLedger holds of an account chain beyond what every chain has.
class AccountBook {
 public:
  explicit AccountBook(const ChainInfo& chain);

  uint64_t end() const { return rows_.size(); }

  // Requires what CheckNewBlock() checks; completes its BlockInfo.
  void Append(const NewBlock& block, BlockInfo* info);
  // Takes the last movement away.
  void UndoLast();
  // Takes away what is left of the last block, `tip`, when its movements are gone.
  void UndoBlock(const BlockInfo& tip, const LedgerTotals& before);

  // Requires position.number < end().
  absl::Status Read(Position position, Movement* out) const;
  std::string TextOf(const Txid& txid) const;
  std::optional<AssetId> FindAsset(absl::string_view key) const;
  // Null if there is no such asset.
  std::optional<AssetInfo> ReadAsset(AssetId id) const;
  std::optional<BalanceInfo> ReadBalance(const Holding& holding) const;
  absl::Status ScanBalances(AddressId id,
                            absl::FunctionRef<absl::Status(const BalanceInfo&)> visit) const;

 private:
  struct Asset {
    AssetInfo stated;
    AssetTally tally;
  };
  struct Text {
    std::string text;
    uint32_t height = 0;  // the block that said so first
  };

  std::vector<AccountRow> rows_;  // by position
  std::map<Holding, Balance> balances_;
  std::vector<Asset> assets_;  // by AssetId
  absl::flat_hash_map<std::string, AssetId> by_key_;
  absl::flat_hash_map<Txid, Text> texts_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_ACCOUNT_BOOK_H_
