#include "lib/ledger/balance_cache.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace

absl::Status BalanceCache::Load(std::vector<Holding> wanted) {
  std::sort(wanted.begin(), wanted.end());
  wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
  std::vector<std::string> keys;
  keys.reserve(wanted.size());
  for (const Holding& holding : wanted) keys.push_back(schema::BalanceKey(chain_, holding));
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database_->db()->MultiGet(rocksdb::ReadOptions(), database_->accounts().balances, keys.size(),
                            slices.data(), values.data(), statuses.data(), /*sorted_input=*/true);
  std::vector<std::pair<Holding, BalanceEntry>> found;
  for (size_t i = 0; i < keys.size(); ++i) {
    BalanceEntry entry;
    if (!statuses[i].IsNotFound()) {
      SPOOR_RETURN_IF_ERROR(ToStatus(statuses[i], "reading a balance"));
      SPOOR_RETURN_IF_ERROR(schema::DecodeBalance(View(values[i]), &entry.balance));
    }
    found.emplace_back(wanted[i], std::move(entry));
  }
  for (auto& [holding, entry] : found) balances_.emplace(holding, std::move(entry));
  return absl::OkStatus();
}

absl::Status BalanceCache::LoadAsset(AssetId id) {
  if (assets_.contains(id)) return absl::OkStatus();
  std::string value;
  const rocksdb::Status status = database_->db()->Get(
      rocksdb::ReadOptions(), database_->accounts().assets, schema::AssetKey(chain_, id), &value);
  AssetEntry entry;
  if (id != kNativeAsset || !status.IsNotFound()) {
    SPOOR_RETURN_IF_ERROR(ToStatus(status, absl::StrCat("reading asset ", id)));
    SPOOR_RETURN_IF_ERROR(schema::DecodeAsset(value, &entry.asset));
  }
  assets_.emplace(id, std::move(entry));
  return absl::OkStatus();
}

std::array<BalanceCache::BalanceEntry*, 2> BalanceCache::Touched(const AccountRow& row) {
  std::array<BalanceEntry*, 2> entries{};
  for (size_t i = 0; i < row.size(); ++i) entries[i] = &balances_.find(row.holding(i))->second;
  return entries;
}

absl::Status BalanceCache::Apply(const NewBlock& block, BlockInfo* info,
                                 std::vector<AccountRow>* rows) {
  const uint64_t known_addresses = info->totals.addresses - block.new_addresses.size();
  const uint64_t known_assets = info->totals.assets - block.new_assets.size();
  rows->clear();
  rows->reserve(block.movements.size());
  std::vector<Holding> wanted;
  for (const Movement& stated : block.movements) {
    const AccountRow& row = rows->emplace_back(RowOfStated(stated));
    for (size_t i = 0; i < row.size(); ++i) {
      const Holding holding = row.holding(i);
      // No address or asset that is new here has a balance in the store.
      if (holding.major < known_addresses && holding.minor <= known_assets &&
          !balances_.contains(holding)) {
        wanted.push_back(holding);
      }
    }
    if (row.asset <= known_assets) SPOOR_RETURN_IF_ERROR(LoadAsset(row.asset));
  }
  if (!wanted.empty()) SPOOR_RETURN_IF_ERROR(Load(std::move(wanted)));
  // Nothing fails any more.
  for (size_t i = 0; i < block.new_assets.size(); ++i) {
    assets_[static_cast<AssetId>(known_assets + 1 + i)] = {{block.new_assets[i], {}}, true};
  }
  Position position = info->first;
  for (AccountRow& row : *rows) {
    // All are there before there are pointers to them.
    for (size_t i = 0; i < row.size(); ++i) balances_.try_emplace(row.holding(i));
    const auto entries = Touched(row);
    std::array<Balance*, 2> balances{};
    for (size_t i = 0; i < row.size(); ++i) {
      balances[i] = &entries[i]->balance;
      changed_balances_ += entries[i]->changed ? 0 : 1;
      entries[i]->changed = true;
    }
    AssetEntry& asset = assets_.find(row.asset)->second;
    const AssetTally before = asset.asset.tally;
    ApplyRow(position, balances, &asset.asset.tally, &row);
    asset.changed |= asset.asset.tally != before;
    if (OpensBalance(row)) info->totals.unresolved_inputs += 1;
    ++position.number;
  }
  return absl::OkStatus();
}

void BalanceCache::TakeChanges(RowBatch* batch) {
  if (balances_.size() > most_) {
    absl::erase_if(balances_, [](const auto& entry) { return !entry.second.changed; });
  }
  if (assets_.size() > most_) {
    absl::erase_if(assets_, [](const auto& entry) { return !entry.second.changed; });
  }
  std::vector<Holding> holdings;
  holdings.reserve(changed_balances_);
  for (auto& [holding, entry] : balances_) {
    if (std::exchange(entry.changed, false)) holdings.push_back(holding);
  }
  std::sort(holdings.begin(), holdings.end());
  for (const Holding& holding : holdings) {
    batch->AddBalance(holding, balances_.find(holding)->second.balance);
  }
  std::vector<AssetId> ids;
  for (auto& [id, entry] : assets_) {
    if (std::exchange(entry.changed, false)) ids.push_back(id);
  }
  std::sort(ids.begin(), ids.end());
  for (const AssetId id : ids) batch->AddAsset(id, assets_.find(id)->second.asset);
  changed_balances_ = 0;
}

absl::Status BalanceCache::Undo(absl::Span<const AccountRow> rows, const LedgerTotals& after,
                                const LedgerTotals& before, rocksdb::WriteBatch* out) {
  std::vector<Holding> touched;
  std::vector<AssetId> assets;
  for (const AccountRow& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) touched.push_back(row.holding(i));
    assets.push_back(row.asset);
    SPOOR_RETURN_IF_ERROR(LoadAsset(row.asset));
  }
  for (uint64_t id = before.assets + 1; id <= after.assets; ++id) {
    SPOOR_RETURN_IF_ERROR(LoadAsset(static_cast<AssetId>(id)));
    assets.push_back(static_cast<AssetId>(id));
  }
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  std::sort(assets.begin(), assets.end());
  assets.erase(std::unique(assets.begin(), assets.end()), assets.end());
  std::vector<Holding> wanted;
  std::copy_if(touched.begin(), touched.end(), std::back_inserter(wanted),
               [&](const Holding& holding) { return !balances_.contains(holding); });
  if (!wanted.empty()) SPOOR_RETURN_IF_ERROR(Load(std::move(wanted)));
  for (const AccountRow& row : rows) {
    const auto entries = Touched(row);
    std::array<Balance*, 2> balances{};
    for (size_t i = 0; i < row.size(); ++i) {
      balances[i] = &entries[i]->balance;
      if (balances[i]->movements == 0) return absl::DataLossError("a balance is missing");
    }
    UndoRow(row, balances, &assets_.find(row.asset)->second.asset.tally);
  }
  const Database::Accounts& tables = database_->accounts();
  for (const Holding& holding : touched) {
    const auto it = balances_.find(holding);
    const std::string key = schema::BalanceKey(chain_, holding);
    if (it->second.balance.movements > 0) {
      out->Put(tables.balances, key, schema::EncodeBalance(it->second.balance));
    } else {
      out->Delete(tables.balances, key);
      balances_.erase(it);
    }
  }
  for (const AssetId id : assets) {
    const auto it = assets_.find(id);
    const std::string key = schema::AssetKey(chain_, id);
    if (id > before.assets) {
      out->Delete(tables.asset_ids, schema::AssetIdKey(chain_, it->second.asset.stated.key));
    }
    if (id > before.assets || (id == kNativeAsset && it->second.asset.tally == AssetTally())) {
      out->Delete(tables.assets, key);
      assets_.erase(it);
    } else {
      out->Put(tables.assets, key, schema::EncodeAsset(it->second.asset));
    }
  }
  return absl::OkStatus();
}

}  // namespace spoor
