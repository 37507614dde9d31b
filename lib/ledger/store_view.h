#ifndef SPOOR_LIB_LEDGER_STORE_VIEW_H_
#define SPOOR_LIB_LEDGER_STORE_VIEW_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "lib/ledger/account_reader.h"
#include "lib/ledger/database.h"
#include "lib/ledger/schema.h"
#include "rocksdb/slice.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// One chain of a store as a LedgerView: as of the snapshot it takes when made, or, for the writer,
// as of now.
class StoreView : public LedgerView {
 public:
  enum class State { kFixed, kCurrent };

  static absl::StatusOr<std::unique_ptr<StoreView>> Make(const Database* database, uint8_t number,
                                                         ChainInfo chain, State state);
  ~StoreView() override;

  const ChainInfo& chain() const override { return chain_; }
  std::optional<BlockInfo> tip() const override { return tip_; }
  absl::StatusOr<BlockInfo> BlockAt(uint32_t height) const override;
  absl::Status ReadMovements(absl::Span<const Position> positions,
                             std::vector<Movement>* out) const override;
  absl::Status ScanMovements(Position from,
                             absl::FunctionRef<absl::Status(const Movement&)> visit) const override;
  absl::StatusOr<std::vector<Position>> FindTransaction(const Txid& txid) const override;
  absl::Status ReadTransaction(const Txid& txid, std::vector<Movement>* out) const override;
  absl::StatusOr<std::optional<AddressId>> FindAddress(absl::string_view key) const override;
  absl::StatusOr<std::string> ReadAddress(AddressId id) const override;
  absl::Status ReadAddresses(AddressId first, size_t count,
                             std::vector<std::string>* keys) const override;
  absl::StatusOr<std::vector<Position>> Receipts(AddressId id) const override;
  absl::StatusOr<std::optional<RevealedScript>> ReadRevealed(AddressId id) const override;
  absl::Status ScanRevealed(
      AddressId from,
      absl::FunctionRef<absl::Status(AddressId, const RevealedScript&)> visit) const override;
  absl::StatusOr<std::string> FindTransactionText(const Txid& txid) const override;
  absl::StatusOr<std::optional<AssetId>> FindAsset(absl::string_view key) const override;
  absl::StatusOr<AssetInfo> ReadAsset(AssetId id) const override;
  absl::StatusOr<std::optional<BalanceInfo>> ReadBalance(const Holding& balance) const override;
  absl::Status ScanBalances(
      AddressId id, absl::FunctionRef<absl::Status(const BalanceInfo&)> visit) const override;

  // For the writer, after it has changed the tip.
  void set_tip(const std::optional<BlockInfo>& tip) { tip_ = tip; }
  // The last block there is below `height`; nullopt if none.
  absl::StatusOr<std::optional<BlockInfo>> LastBlockBelow(uint64_t height) const;

 private:
  StoreView(const Database* database, uint8_t number, ChainInfo chain, State state);

  // The row of an address; its key lies in `*value`.
  absl::StatusOr<schema::AddressRow> ReadAddressRow(AddressId id,
                                                    rocksdb::PinnableSlice* value) const;
  // DATA_LOSS if a movement names what a fixed chain does not have. The writer's second thread may
  // be ahead of its view.
  absl::Status Inspect(const Movement& movement) const;
  // The row of an address in keys; nullopt if it is of a movement that the writer's view has not
  // yet.
  absl::StatusOr<std::optional<RevealedScript>> DecodeRevealed(AddressId id,
                                                               absl::string_view value) const;
  // Decodes rows of movements, which must be there.
  absl::Status Decode(absl::Span<const Position> positions,
                      absl::Span<const absl::string_view> values, std::vector<Movement>* out) const;
  rocksdb::ColumnFamilyHandle* movements() const;
  uint64_t RowOf(Position position) const { return schema::MovementRow(chain_.family, position); }
  static absl::Status Missing(Position position);
  // Where the rows of transactions begin whose ids begin as this one does, and their texts.
  struct Candidate {
    Position position;
    std::string text;
  };
  absl::StatusOr<std::vector<Candidate>> FindCandidates(const Txid& txid) const;
  // Adds `begin` and the movements after it, as long as they are of the transaction.
  absl::Status FindRun(const Txid& txid, Position begin, std::vector<Position>* found) const;

  LedgerTotals totals() const { return tip_.has_value() ? tip_->totals : LedgerTotals(); }
  uint64_t end() const { return tip_.has_value() ? tip_->totals.movements : 0; }
  uint64_t addresses() const { return tip_.has_value() ? tip_->totals.addresses : 0; }

  const Database* database_;
  uint8_t number_;
  ChainInfo chain_;
  State state_;
  rocksdb::ReadOptions read_;
  std::optional<BlockInfo> tip_;
  std::unique_ptr<AccountReader> accounts_;  // null of a UTXO chain
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_STORE_VIEW_H_
