#include "spoor/ledger/memory_ledger.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/ledger/account_book.h"
#include "spoor/base/status_macros.h"

namespace spoor {

MemoryLedger::MemoryLedger(ChainInfo chain) : chain_(std::move(chain)) {
  if (chain_.family == Family::kAccount) accounts_ = std::make_unique<AccountBook>(chain_);
}

MemoryLedger::~MemoryLedger() = default;

uint64_t MemoryLedger::end() const {
  return accounts_ != nullptr ? accounts_->end() : movements_.size();
}

absl::Status MemoryLedger::Read(Position position, Movement* out) const {
  if (accounts_ != nullptr) return accounts_->Read(position, out);
  *out = movements_[position.number];
  return absl::OkStatus();
}

std::optional<BlockInfo> MemoryLedger::tip() const {
  if (blocks_.empty()) return std::nullopt;
  return blocks_.back();
}

absl::StatusOr<BlockInfo> MemoryLedger::BlockAt(uint32_t height) const {
  const auto it =
      std::lower_bound(blocks_.begin(), blocks_.end(), height,
                       [](const BlockInfo& block, uint32_t h) { return block.height < h; });
  if (it == blocks_.end() || it->height != height) {
    return absl::NotFoundError(absl::StrCat(chain_.name, " has no block at height ", height));
  }
  return *it;
}

absl::Status MemoryLedger::ReadMovements(absl::Span<const Position> positions,
                                         std::vector<Movement>* out) const {
  out->resize(positions.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    if (positions[i].number >= end()) {
      return absl::OutOfRangeError(
          absl::StrCat(chain_.name, " has ", end(), " movements, no number ", positions[i].number));
    }
    SPOOR_RETURN_IF_ERROR(Read(positions[i], &(*out)[i]));
  }
  return absl::OkStatus();
}

absl::Status MemoryLedger::ScanMovements(
    Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const {
  Movement movement;
  for (uint64_t i = from.number; i < end(); ++i) {
    SPOOR_RETURN_IF_ERROR(Read(Position{i}, &movement));
    SPOOR_RETURN_IF_ERROR(visit(movement));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Position>> MemoryLedger::FindTransaction(const Txid& txid) const {
  const auto it = by_txid_.find(txid);
  if (it == by_txid_.end()) return std::vector<Position>();
  return it->second;
}

absl::StatusOr<std::optional<AddressId>> MemoryLedger::FindAddress(absl::string_view key) const {
  const auto it = by_key_.find(key);
  if (it == by_key_.end()) return std::optional<AddressId>();
  return std::optional<AddressId>(it->second);
}

absl::StatusOr<std::string> MemoryLedger::ReadAddress(AddressId id) const {
  if (id.number >= addresses_.size()) {
    return absl::OutOfRangeError(
        absl::StrCat(chain_.name, " has ", addresses_.size(), " addresses, no number ", id.number));
  }
  return addresses_[id.number];
}

absl::StatusOr<std::vector<Position>> MemoryLedger::Receipts(AddressId id) const {
  if (id.number >= receipts_.size()) return std::vector<Position>();
  return receipts_[id.number];
}

absl::StatusOr<std::optional<RevealedScript>> MemoryLedger::ReadRevealed(AddressId id) const {
  const auto it = revealed_.find(id.number);
  if (it == revealed_.end()) return std::optional<RevealedScript>();
  return std::optional<RevealedScript>(it->second);
}

absl::Status MemoryLedger::ScanRevealed(
    AddressId from, absl::FunctionRef<absl::Status(AddressId, const RevealedScript&)> visit) const {
  for (auto it = revealed_.lower_bound(from.number); it != revealed_.end(); ++it) {
    SPOOR_RETURN_IF_ERROR(visit(AddressId{it->first}, it->second));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> MemoryLedger::FindTransactionText(const Txid& txid) const {
  return accounts_ == nullptr ? std::string() : accounts_->TextOf(txid);
}

absl::StatusOr<std::optional<AssetId>> MemoryLedger::FindAsset(absl::string_view key) const {
  if (accounts_ == nullptr) return LedgerView::FindAsset(key);
  return accounts_->FindAsset(key);
}

absl::StatusOr<AssetInfo> MemoryLedger::ReadAsset(AssetId id) const {
  if (accounts_ == nullptr) return LedgerView::ReadAsset(id);
  std::optional<AssetInfo> asset = accounts_->ReadAsset(id);
  if (asset.has_value()) return *std::move(asset);
  return absl::OutOfRangeError(absl::StrCat(chain_.name, " has no asset number ", id));
}

absl::StatusOr<std::optional<BalanceInfo>> MemoryLedger::ReadBalance(const Holding& balance) const {
  if (accounts_ == nullptr) return LedgerView::ReadBalance(balance);
  return accounts_->ReadBalance(balance);
}

absl::Status MemoryLedger::ScanBalances(
    AddressId id, absl::FunctionRef<absl::Status(const BalanceInfo&)> visit) const {
  if (accounts_ == nullptr) return absl::OkStatus();
  return accounts_->ScanBalances(id, visit);
}

absl::Status MemoryLedger::Append(const NewBlock& block) {
  SPOOR_ASSIGN_OR_RETURN(BlockInfo info, CheckNewBlock(chain_.family, tip(), block));
  for (const std::string& key : block.new_addresses) {
    by_key_[key] = AddressId{addresses_.size()};
    addresses_.push_back(key);
    receipts_.emplace_back();
  }
  if (accounts_ != nullptr) accounts_->Append(block, &info);
  for (const Movement& movement : block.movements) {
    by_txid_[movement.txid].push_back(movement.position);
    // What a new block states of an account chain has no change.
    for (const Take& take : movement.takes) {
      if (take.owner.IsNobody()) continue;
      std::vector<Position>& receipts = receipts_[take.owner.number];
      if (receipts.empty() || receipts.back() != movement.position) {
        receipts.push_back(movement.position);
      }
    }
    if (accounts_ != nullptr) continue;
    for (const Give& give : movement.gives) {
      if (give.kind != GiveKind::kHolding) continue;
      std::vector<Take>& takes = movements_[give.holding.major].takes;
      SPOOR_CHECK(give.holding.minor < takes.size());
      takes[give.holding.minor].next = movement.position;
    }
    movements_.push_back(movement);
    for (Take& take : movements_.back().takes) take.next.reset();
  }
  for (const NewBlock::Revealed& revealed : block.revealed) {
    const Movement& movement = block.movements[revealed.movement];
    revealed_.try_emplace(movement.gives[revealed.give].owner.number,
                          RevealedScript{movement.position, revealed.bytes});
  }
  blocks_.push_back(info);
  return absl::OkStatus();
}

absl::Status MemoryLedger::UndoTip() {
  if (blocks_.empty()) return absl::FailedPreconditionError("the chain is empty");
  const BlockInfo tip = blocks_.back();
  blocks_.pop_back();
  Movement movement;
  while (end() > tip.first.number) {
    SPOOR_RETURN_IF_ERROR(Read(Position{end() - 1}, &movement));
    const auto by_txid = by_txid_.find(movement.txid);
    by_txid->second.pop_back();
    if (by_txid->second.empty()) by_txid_.erase(by_txid);
    for (const Take& take : movement.takes) {
      if (take.owner.IsNobody()) continue;
      std::vector<Position>& receipts = receipts_[take.owner.number];
      if (!receipts.empty() && receipts.back() == movement.position) receipts.pop_back();
    }
    if (accounts_ != nullptr) {
      accounts_->UndoLast();
      continue;
    }
    movements_.pop_back();
    for (const Give& give : movement.gives) {
      if (give.kind == GiveKind::kHolding) {
        movements_[give.holding.major].takes[give.holding.minor].next.reset();
      }
      const auto revealed = revealed_.find(give.owner.number);
      if (revealed != revealed_.end() && revealed->second.first >= tip.first) {
        revealed_.erase(revealed);
      }
    }
  }
  const LedgerTotals before = blocks_.empty() ? LedgerTotals() : blocks_.back().totals;
  if (accounts_ != nullptr) accounts_->UndoBlock(tip, before);
  while (addresses_.size() > before.addresses) {
    by_key_.erase(addresses_.back());
    addresses_.pop_back();
    receipts_.pop_back();
  }
  return absl::OkStatus();
}

}  // namespace spoor
