#include "lib/ledger/account_reader.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/ledger/schema.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// As many as are remembered, some 100 bytes each.
constexpr size_t kMostOpenings = 1 << 17;

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

BalanceInfo InfoOf(const Holding& holding, const Balance& balance) {
  return {holding,          balance.amount,    balance.opening,
          balance.received, balance.movements, balance.last};
}

}  // namespace

absl::Status AccountReader::Inspect(Position position, const AccountRow& row,
                                    const LedgerTotals& limits) const {
  if (!fixed_) return absl::OkStatus();
  const auto error = [&](absl::string_view what, uint64_t number) {
    return absl::DataLossError(absl::StrCat("movement ", position.number, " names ", what, " ",
                                            number, ", which ", info_.name, " does not have"));
  };
  if (row.asset > limits.assets) return error("asset", row.asset);
  for (const Touch& touch : absl::MakeConstSpan(row.touches.data(), row.size())) {
    if (touch.owner.number >= limits.addresses) return error("address", touch.owner.number);
    if (touch.next.has_value() && touch.next->number >= limits.movements) {
      return error("movement", touch.next->number);
    }
  }
  return absl::OkStatus();
}

absl::Status AccountReader::Decode(absl::Span<const Position> positions,
                                   absl::Span<const absl::string_view> values,
                                   const LedgerTotals& limits, std::vector<Movement>* out) const {
  std::vector<AccountRow> rows(positions.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    SPOOR_RETURN_IF_ERROR(schema::DecodeAccountRow(positions[i], values[i], &rows[i]));
    SPOOR_RETURN_IF_ERROR(Inspect(positions[i], rows[i], limits));
  }
  std::vector<std::array<Units, 2>> openings;
  SPOOR_RETURN_IF_ERROR(ReadOpenings(rows, &openings));
  out->resize(positions.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    if (MovementOfRow(positions[i], rows[i], openings[i], &(*out)[i])) continue;
    return absl::DataLossError(absl::StrCat("movement ", positions[i].number,
                                            " gives more than its balance and opening balance"));
  }
  return absl::OkStatus();
}

absl::Status AccountReader::ReadOpenings(absl::Span<const AccountRow> rows,
                                         std::vector<std::array<Units, 2>>* openings) const {
  openings->assign(rows.size(), {});
  struct Wanted {
    size_t row;
    size_t touch;
    Holding holding;
  };
  std::vector<Wanted> wanted;
  std::vector<std::string> keys;
  for (size_t i = 0; i < rows.size(); ++i) {
    SPOOR_ASSIGN_OR_RETURN(const bool some, HasOpenings(rows[i].asset));
    if (!some) continue;
    const std::lock_guard<std::mutex> lock(mutex_);
    for (size_t t = 0; t < rows[i].size(); ++t) {
      const Holding holding = rows[i].holding(t);
      if (const auto it = openings_.find(holding); it != openings_.end()) {
        (*openings)[i][t] = it->second;
        continue;
      }
      wanted.push_back({i, t, holding});
      keys.push_back(schema::BalanceKey(chain_, holding));
    }
  }
  if (wanted.empty()) return absl::OkStatus();
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database_->db()->MultiGet(*read_, database_->accounts().balances, keys.size(), slices.data(),
                            values.data(), statuses.data());
  Balance balance;
  for (size_t i = 0; i < wanted.size(); ++i) {
    SPOOR_RETURN_IF_ERROR(ToStatus(statuses[i], "reading an opening balance"));
    SPOOR_RETURN_IF_ERROR(schema::DecodeBalance(View(values[i]), &balance));
    (*openings)[wanted[i].row][wanted[i].touch] = balance.opening;
  }
  if (!fixed_) return absl::OkStatus();
  const std::lock_guard<std::mutex> lock(mutex_);
  if (openings_.size() + wanted.size() > kMostOpenings) openings_.clear();
  for (const Wanted& w : wanted) openings_[w.holding] = (*openings)[w.row][w.touch];
  return absl::OkStatus();
}

absl::StatusOr<schema::AssetRow> AccountReader::ReadAssetRow(AssetId id) const {
  schema::AssetRow asset;
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = database_->db()->Get(*read_, database_->accounts().assets,
                                                      schema::AssetKey(chain_, id), &value);
  if (id != kNativeAsset || !status.IsNotFound()) {
    SPOOR_RETURN_IF_ERROR(ToStatus(status, absl::StrCat("reading asset ", id)));
    SPOOR_RETURN_IF_ERROR(schema::DecodeAsset(View(value), &asset));
  }
  if (id == kNativeAsset) {
    asset.stated.symbol = info_.symbol;
    asset.stated.decimals = info_.decimals;
  }
  return asset;
}

absl::StatusOr<bool> AccountReader::HasOpenings(AssetId id) const {
  if (fixed_) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const auto it = has_openings_.find(id); it != has_openings_.end()) return it->second;
  }
  SPOOR_ASSIGN_OR_RETURN(const schema::AssetRow asset, ReadAssetRow(id));
  const bool some = asset.tally.openings > 0;
  if (fixed_) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (has_openings_.size() >= kMostOpenings) has_openings_.clear();
    has_openings_[id] = some;
  }
  return some;
}

absl::StatusOr<std::optional<AssetId>> AccountReader::FindAsset(absl::string_view key,
                                                                const LedgerTotals& limits) const {
  if (key.empty()) return std::optional<AssetId>(kNativeAsset);
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = database_->db()->Get(*read_, database_->accounts().asset_ids,
                                                      schema::AssetIdKey(chain_, key), &value);
  if (status.IsNotFound()) return std::optional<AssetId>();
  SPOOR_RETURN_IF_ERROR(ToStatus(status, "looking for an asset"));
  SPOOR_ASSIGN_OR_RETURN(const AssetId id, schema::DecodeAssetId(View(value)));
  if (fixed_ && id > limits.assets) {
    return absl::DataLossError(absl::StrCat("the key of an asset names number ", id, "; ",
                                            info_.name, " has ", limits.assets));
  }
  return std::optional<AssetId>(id);
}

absl::StatusOr<AssetInfo> AccountReader::ReadAsset(AssetId id, const LedgerTotals& limits) const {
  if (id > limits.assets) {
    return absl::OutOfRangeError(absl::StrCat(info_.name, " has no asset number ", id));
  }
  SPOOR_ASSIGN_OR_RETURN(schema::AssetRow asset, ReadAssetRow(id));
  return SeenAsset(std::move(asset.stated), asset.tally);
}

absl::StatusOr<std::optional<BalanceInfo>> AccountReader::ReadBalance(
    const Holding& holding) const {
  if (holding.major >= schema::kNone40) return std::optional<BalanceInfo>();
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = database_->db()->Get(*read_, database_->accounts().balances,
                                                      schema::BalanceKey(chain_, holding), &value);
  if (status.IsNotFound()) return std::optional<BalanceInfo>();
  SPOOR_RETURN_IF_ERROR(ToStatus(status, "reading a balance"));
  Balance balance;
  SPOOR_RETURN_IF_ERROR(schema::DecodeBalance(View(value), &balance));
  return std::optional<BalanceInfo>(InfoOf(holding, balance));
}

absl::Status AccountReader::ScanBalances(
    AddressId id, absl::FunctionRef<absl::Status(const BalanceInfo&)> visit) const {
  if (id.number >= schema::kNone40) return absl::OkStatus();
  const std::string prefix = schema::BalancePrefix(chain_, id);
  const std::unique_ptr<rocksdb::Iterator> it(
      database_->db()->NewIterator(*read_, database_->accounts().balances));
  Balance balance;
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    if (it->key().size() != prefix.size() + 4) {
      return absl::DataLossError(
          absl::StrCat("the list of balances of address ", id.number, " is damaged"));
    }
    SPOOR_RETURN_IF_ERROR(schema::DecodeBalance(View(it->value()), &balance));
    SPOOR_RETURN_IF_ERROR(visit(InfoOf(schema::BalanceOfKey(View(it->key())), balance)));
  }
  return ToStatus(it->status(), "reading an address's balances");
}

}  // namespace spoor
