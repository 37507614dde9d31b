#include "spoor/ledger/ledger_view.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {

absl::Status LedgerView::ReadAddresses(AddressId first, size_t count,
                                       std::vector<std::string>* keys) const {
  keys->clear();
  for (size_t i = 0; i < count; ++i) {
    SPOOR_ASSIGN_OR_RETURN(std::string key, ReadAddress(AddressId{first.number + i}));
    keys->push_back(std::move(key));
  }
  return absl::OkStatus();
}

absl::StatusOr<Movement> ReadMovement(const LedgerView& view, Position position) {
  std::vector<Movement> movements;
  SPOOR_RETURN_IF_ERROR(view.ReadMovements({position}, &movements));
  return std::move(movements[0]);
}

absl::Status LedgerView::ReadTransaction(const Txid& txid, std::vector<Movement>* out) const {
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> positions, FindTransaction(txid));
  return ReadMovements(positions, out);
}

absl::StatusOr<std::optional<RevealedScript>> LedgerView::ReadRevealed(AddressId) const {
  return std::optional<RevealedScript>();
}

absl::Status LedgerView::ScanRevealed(
    AddressId, absl::FunctionRef<absl::Status(AddressId, const RevealedScript&)>) const {
  return absl::OkStatus();
}

absl::StatusOr<std::string> LedgerView::FindTransactionText(const Txid&) const {
  return std::string();
}

absl::StatusOr<std::optional<AssetId>> LedgerView::FindAsset(absl::string_view key) const {
  if (!key.empty()) return std::optional<AssetId>();
  return std::optional<AssetId>(kNativeAsset);
}

absl::StatusOr<AssetInfo> LedgerView::ReadAsset(AssetId id) const {
  if (id != kNativeAsset) {
    return absl::OutOfRangeError(
        absl::StrCat(chain().name, " has no asset but its own, no number ", id));
  }
  AssetInfo native;
  native.symbol = chain().symbol;
  native.decimals = chain().decimals;
  return native;
}

absl::StatusOr<std::optional<BalanceInfo>> LedgerView::ReadBalance(const Holding&) const {
  return std::optional<BalanceInfo>();
}

absl::Status LedgerView::ScanBalances(AddressId,
                                      absl::FunctionRef<absl::Status(const BalanceInfo&)>) const {
  return absl::OkStatus();
}

}  // namespace spoor
