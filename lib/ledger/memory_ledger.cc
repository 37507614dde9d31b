#include "spoor/ledger/memory_ledger.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {

std::optional<BlockInfo> MemoryLedger::tip() const {
  if (blocks_.empty()) return std::nullopt;
  return blocks_.back();
}

absl::StatusOr<BlockInfo> MemoryLedger::BlockAt(uint32_t height) const {
  if (blocks_.empty() || height < blocks_.front().height || height > blocks_.back().height) {
    return absl::NotFoundError(absl::StrCat(chain_.name, " has no block at height ", height));
  }
  return blocks_[height - blocks_.front().height];
}

absl::Status MemoryLedger::ReadMovements(absl::Span<const Position> positions,
                                         std::vector<Movement>* out) const {
  out->resize(positions.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    if (positions[i].number >= movements_.size()) {
      return absl::OutOfRangeError(absl::StrCat(chain_.name, " has ", movements_.size(),
                                                " movements, no number ", positions[i].number));
    }
    (*out)[i] = movements_[positions[i].number];
  }
  return absl::OkStatus();
}

absl::Status MemoryLedger::ScanMovements(
    Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const {
  for (size_t i = from.number; i < movements_.size(); ++i) {
    SPOOR_RETURN_IF_ERROR(visit(movements_[i]));
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

absl::Status MemoryLedger::Append(const NewBlock& block) {
  SPOOR_ASSIGN_OR_RETURN(BlockInfo info, CheckNewBlock(chain_.family, tip(), block));
  for (const std::string& key : block.new_addresses) {
    by_key_[key] = AddressId{addresses_.size()};
    addresses_.push_back(key);
    receipts_.emplace_back();
  }
  for (const Movement& movement : block.movements) {
    by_txid_[movement.txid].push_back(movement.position);
    for (const Give& give : movement.gives) {
      if (give.kind != GiveKind::kHolding) continue;
      std::vector<Take>& takes = movements_[give.holding.major].takes;
      SPOOR_CHECK(give.holding.minor < takes.size());
      takes[give.holding.minor].next = movement.position;
    }
    movements_.push_back(movement);
    for (Take& take : movements_.back().takes) {
      take.next.reset();
      if (take.owner.IsNobody()) continue;
      std::vector<Position>& receipts = receipts_[take.owner.number];
      if (receipts.empty() || receipts.back() != movement.position) {
        receipts.push_back(movement.position);
      }
    }
  }
  blocks_.push_back(info);
  return absl::OkStatus();
}

absl::Status MemoryLedger::UndoTip() {
  if (blocks_.empty()) return absl::FailedPreconditionError("the chain is empty");
  const BlockInfo tip = blocks_.back();
  blocks_.pop_back();
  while (movements_.size() > tip.first.number) {
    const Movement movement = std::move(movements_.back());
    movements_.pop_back();
    const auto by_txid = by_txid_.find(movement.txid);
    by_txid->second.pop_back();
    if (by_txid->second.empty()) by_txid_.erase(by_txid);
    for (const Give& give : movement.gives) {
      if (give.kind != GiveKind::kHolding) continue;
      movements_[give.holding.major].takes[give.holding.minor].next.reset();
    }
    for (const Take& take : movement.takes) {
      if (take.owner.IsNobody()) continue;
      std::vector<Position>& receipts = receipts_[take.owner.number];
      if (!receipts.empty() && receipts.back() == movement.position) receipts.pop_back();
    }
  }
  const uint64_t addresses = blocks_.empty() ? 0 : blocks_.back().totals.addresses;
  while (addresses_.size() > addresses) {
    by_key_.erase(addresses_.back());
    addresses_.pop_back();
    receipts_.pop_back();
  }
  return absl::OkStatus();
}

}  // namespace spoor
