#ifndef SPOOR_LIB_LEDGER_ACCOUNT_READER_H_
#define SPOOR_LIB_LEDGER_ACCOUNT_READER_H_

#include <array>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/ledger/account_row.h"
#include "lib/ledger/account_schema.h"
#include "lib/ledger/database.h"
#include "spoor/ledger/model.h"

namespace spoor {

// The part of a StoreView that is of account chains. Const methods may be called from several
// threads at once.
class AccountReader {
 public:
  // `read` has the snapshot, if there is one, and must outlive this. Where the state is `fixed`,
  // opening balances are remembered.
  AccountReader(const Database* database, uint8_t chain, const ChainInfo& info,
                const rocksdb::ReadOptions* read, bool fixed)
      : database_(database), chain_(chain), info_(info), read_(read), fixed_(fixed) {}

  // Decodes rows of successive or other positions into `*out`, whose memory is reused. `limits` is
  // the tip's totals; DATA_LOSS where a row of a fixed state names what is not there.
  absl::Status Decode(absl::Span<const Position> positions,
                      absl::Span<const absl::string_view> values, const LedgerTotals& limits,
                      std::vector<Movement>* out) const;

  absl::StatusOr<std::optional<AssetId>> FindAsset(absl::string_view key,
                                                   const LedgerTotals& limits) const;
  absl::StatusOr<AssetInfo> ReadAsset(AssetId id, const LedgerTotals& limits) const;
  absl::StatusOr<std::optional<BalanceInfo>> ReadBalance(const Holding& holding) const;
  absl::Status ScanBalances(AddressId id,
                            absl::FunctionRef<absl::Status(const BalanceInfo&)> visit) const;

 private:
  absl::Status Inspect(Position position, const AccountRow& row, const LedgerTotals& limits) const;
  // The opening balances of what `rows` touch.
  absl::Status ReadOpenings(absl::Span<const AccountRow> rows,
                            std::vector<std::array<Units, 2>>* openings) const;
  absl::StatusOr<schema::AssetRow> ReadAssetRow(AssetId id) const;
  // Whether any balance of the asset has an opening balance.
  absl::StatusOr<bool> HasOpenings(AssetId id) const;

  const Database* database_;
  uint8_t chain_;
  const ChainInfo& info_;
  const rocksdb::ReadOptions* read_;
  bool fixed_;
  mutable std::mutex mutex_;  // for the two below
  mutable absl::flat_hash_map<AssetId, bool> has_openings_;
  mutable absl::flat_hash_map<Holding, Units> openings_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_ACCOUNT_READER_H_
