#include "lib/ledger/account_book.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"

namespace spoor {
namespace {

BalanceInfo InfoOf(const Holding& holding, const Balance& balance) {
  return {holding,          balance.amount,    balance.opening,
          balance.received, balance.movements, balance.last};
}

}  // namespace

AccountBook::AccountBook(const ChainInfo& chain) {
  Asset& native = assets_.emplace_back();
  native.stated.symbol = chain.symbol;
  native.stated.decimals = chain.decimals;
  by_key_[""] = kNativeAsset;
}

void AccountBook::Append(const NewBlock& block, BlockInfo* info) {
  for (const AssetInfo& asset : block.new_assets) {
    by_key_[asset.key] = static_cast<AssetId>(assets_.size());
    assets_.push_back({asset, AssetTally()});
  }
  for (const std::string& text : block.transaction_texts) {
    texts_.try_emplace(Txid::FromBytes(Keccak256(AsBytes(text))), Text{text, block.height});
  }
  for (const Movement& stated : block.movements) {
    AccountRow& row = rows_.emplace_back(RowOfStated(stated));
    std::array<Balance*, 2> balances{};
    for (size_t i = 0; i < row.size(); ++i) balances[i] = &balances_[row.holding(i)];
    ApplyRow(stated.position, balances, &assets_[row.asset].tally, &row);
    if (OpensBalance(row)) info->totals.unresolved_inputs += 1;
    for (size_t i = 0; i < row.size(); ++i) {
      const Touch& touch = row.touches[i];
      if (!touch.previous.has_value()) continue;
      rows_[touch.previous->number].touches[touch.previous_slot].next = stated.position;
    }
  }
}

void AccountBook::UndoLast() {
  const AccountRow row = std::move(rows_.back());
  rows_.pop_back();
  std::array<Balance*, 2> balances{};
  for (size_t i = 0; i < row.size(); ++i) balances[i] = &balances_[row.holding(i)];
  UndoRow(row, balances, &assets_[row.asset].tally);
  for (size_t i = 0; i < row.size(); ++i) {
    const Touch& touch = row.touches[i];
    if (touch.previous.has_value()) {
      rows_[touch.previous->number].touches[touch.previous_slot].next.reset();
    } else {
      balances_.erase(row.holding(i));
    }
  }
}

void AccountBook::UndoBlock(const BlockInfo& tip, const LedgerTotals& before) {
  while (assets_.size() > before.assets + 1) {
    by_key_.erase(assets_.back().stated.key);
    assets_.pop_back();
  }
  absl::erase_if(texts_, [&](const auto& text) { return text.second.height == tip.height; });
}

absl::Status AccountBook::Read(Position position, Movement* out) const {
  const AccountRow& row = rows_[position.number];
  std::array<Units, 2> openings;
  for (size_t i = 0; i < row.size(); ++i) openings[i] = balances_.at(row.holding(i)).opening;
  SPOOR_CHECK(MovementOfRow(position, row, openings, out));
  return absl::OkStatus();
}

std::string AccountBook::TextOf(const Txid& txid) const {
  const auto it = texts_.find(txid);
  return it == texts_.end() ? std::string() : it->second.text;
}

std::optional<AssetId> AccountBook::FindAsset(absl::string_view key) const {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return std::nullopt;
  return it->second;
}

std::optional<AssetInfo> AccountBook::ReadAsset(AssetId id) const {
  if (id >= assets_.size()) return std::nullopt;
  return SeenAsset(assets_[id].stated, assets_[id].tally);
}

std::optional<BalanceInfo> AccountBook::ReadBalance(const Holding& holding) const {
  const auto it = balances_.find(holding);
  if (it == balances_.end()) return std::nullopt;
  return InfoOf(it->first, it->second);
}

absl::Status AccountBook::ScanBalances(
    AddressId id, absl::FunctionRef<absl::Status(const BalanceInfo&)> visit) const {
  for (auto it = balances_.lower_bound(Holding::Balance(id, kNativeAsset));
       it != balances_.end() && it->first.major == id.number; ++it) {
    SPOOR_RETURN_IF_ERROR(visit(InfoOf(it->first, it->second)));
  }
  return absl::OkStatus();
}

}  // namespace spoor
