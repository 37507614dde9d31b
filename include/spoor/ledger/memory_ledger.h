#ifndef SPOOR_LEDGER_MEMORY_LEDGER_H_
#define SPOOR_LEDGER_MEMORY_LEDGER_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

class AccountBook;

// One chain in plain containers, for tests and small jobs. As a LedgerView it shows what has been
// written so far; it may be read by several threads while nobody writes.
class MemoryLedger : public LedgerView, public LedgerWriter {
 public:
  explicit MemoryLedger(ChainInfo chain);
  ~MemoryLedger() override;

  const ChainInfo& chain() const override { return chain_; }
  std::optional<BlockInfo> tip() const override;
  absl::StatusOr<BlockInfo> BlockAt(uint32_t height) const override;
  absl::Status ReadMovements(absl::Span<const Position> positions,
                             std::vector<Movement>* out) const override;
  absl::Status ScanMovements(Position from,
                             absl::FunctionRef<absl::Status(const Movement&)> visit) const override;
  absl::StatusOr<std::vector<Position>> FindTransaction(const Txid& txid) const override;
  absl::StatusOr<std::optional<AddressId>> FindAddress(absl::string_view key) const override;
  absl::StatusOr<std::string> ReadAddress(AddressId id) const override;
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

  const LedgerView& view() const override { return *this; }
  absl::Status SetMode(Mode) override { return absl::OkStatus(); }
  absl::Status Append(const NewBlock& block) override;
  absl::Status Commit() override { return absl::OkStatus(); }
  absl::Status UndoTip() override;
  absl::Status Sync() override { return absl::OkStatus(); }

 private:
  uint64_t end() const;
  absl::Status Read(Position position, Movement* out) const;

  ChainInfo chain_;
  std::vector<BlockInfo> blocks_;
  std::vector<Movement> movements_;        // by position, of a UTXO chain
  std::unique_ptr<AccountBook> accounts_;  // of an account chain
  absl::flat_hash_map<Txid, std::vector<Position>> by_txid_;
  std::vector<std::string> addresses_;  // keys, by AddressId
  absl::flat_hash_map<std::string, AddressId> by_key_;
  std::vector<std::vector<Position>> receipts_;  // by AddressId
  std::map<uint64_t, RevealedScript> revealed_;  // by AddressId
};

}  // namespace spoor

#endif  // SPOOR_LEDGER_MEMORY_LEDGER_H_
