#include "lib/taint/pools.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/names.h"

namespace spoor {

absl::StatusOr<AddressId> Pools::Of(AddressId owner) {
  if (const AddressId known = Known(owner); !known.IsNobody()) return known;
  if (const auto it = asked_.find(owner); it != asked_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const AddressId pool, options_.pool.of(chain_, owner));
  asked_.emplace(owner, pool);
  return pool;
}

absl::StatusOr<uint64_t> Pools::TimeOf(const Movement& movement) const {
  if (!movement.coinbase || options_.fees == FeeRule::kEnd) return 2 * movement.position.number;
  SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, view_.BlockAt(movement.height));
  return 2 * block.totals.movements - 1;
}

absl::StatusOr<AddressId> Pools::Learn(AddressId owner, Agenda* agenda) {
  if (const AddressId known = Known(owner); !known.IsNobody()) return known;
  SPOOR_ASSIGN_OR_RETURN(const AddressId pool, Of(owner));
  std::vector<AddressId> members = {owner};
  if (options_.pool.members != nullptr) {
    SPOOR_ASSIGN_OR_RETURN(members, options_.pool.members(chain_, pool));
    std::sort(members.begin(), members.end());
  }
  std::vector<Position> receipts;
  for (const AddressId member : members) {
    SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> more, view_.Receipts(member));
    receipts.insert(receipts.end(), more.begin(), more.end());
    if (receipts.size() <= options_.pool.most_receipts) continue;
    SPOOR_ASSIGN_OR_RETURN(const OwnerName name, NameOwner(view_, pool));
    return absl::FailedPreconditionError(absl::StrCat(
        "the pool of ", name.text, " received more than ", options_.pool.most_receipts,
        " times, too often to be followed as one; if it is a service, tag it so that tracing stops "
        "there (--stop-at)"));
  }
  std::sort(receipts.begin(), receipts.end());
  receipts.erase(std::unique(receipts.begin(), receipts.end()), receipts.end());

  constexpr size_t kBatch = 4096;
  uint64_t balance = 0;
  std::vector<Movement> movements;
  for (size_t begin = 0; begin < receipts.size(); begin += kBatch) {
    SPOOR_RETURN_IF_ERROR(
        view_.ReadMovements(absl::MakeConstSpan(receipts).subspan(begin, kBatch), &movements));
    for (const Movement& movement : movements) {
      SPOOR_ASSIGN_OR_RETURN(const uint64_t received, TimeOf(movement));
      if (IsAhead(received)) SPOOR_RETURN_IF_ERROR(agenda->Add(movement.position));
      for (const Take& take : movement.takes) {
        if (take.kind != TakerKind::kHolding ||
            !std::binary_search(members.begin(), members.end(), take.owner)) {
          continue;
        }
        // No coinbase spends an output.
        constexpr uint64_t kNever = std::numeric_limits<uint64_t>::max();
        const uint64_t spent = take.next.has_value() ? 2 * take.next->number : kNever;
        if (spent != kNever && IsAhead(spent)) SPOOR_RETURN_IF_ERROR(agenda->Add(*take.next));
        const bool held =
            forward() ? received < now_ && spent >= now_ : received <= now_ && spent > now_;
        if (held) balance += static_cast<uint64_t>(take.amount);
      }
    }
  }
  for (const AddressId member : members) pool_of_[member] = pool;
  balances_[pool] = balance;
  SPOOR_RETURN_IF_ERROR(CheckBalances());
  return pool;
}

absl::Status Pools::CheckBalances() const {
  if (balances_.empty()) return absl::OkStatus();
  absl::flat_hash_map<AddressId, Units> less;
  const auto add = [&](AddressId owner, const Units& amount) {
    if (const AddressId pool = Known(owner); !pool.IsNobody()) less[pool] += amount;
  };
  if (forward()) {
    for (const Give& give : at_hand_->gives) {
      if (give.kind == GiveKind::kHolding) add(give.owner, give.amount);
    }
  } else {
    for (const Take& take : at_hand_->takes) {
      if (take.kind == TakerKind::kHolding) add(take.owner, take.amount);
    }
  }
  for (const auto& [pool, amount] : less) {
    if (amount <= Balance(pool)) continue;
    return absl::DataLossError(
        absl::StrCat("movement ", at_hand_->position.number, forward() ? " spends " : " brings ",
                     ToDecimal(amount), " of a pool that holds ", Balance(pool),
                     forward() ? " before it" : " after it", "; run trace check"));
  }
  return absl::OkStatus();
}

void Pools::Advance(const Movement& movement) {
  if (balances_.empty()) return;
  const auto move = [&](AddressId owner, const Units& amount, bool in) {
    const AddressId pool = Known(owner);
    if (pool.IsNobody()) return;
    uint64_t& balance = balances_[pool];
    balance += in == forward() ? static_cast<uint64_t>(amount) : -static_cast<uint64_t>(amount);
  };
  for (const Give& give : movement.gives) {
    if (give.kind == GiveKind::kHolding) move(give.owner, give.amount, /*in=*/false);
  }
  for (const Take& take : movement.takes) {
    if (take.kind == TakerKind::kHolding) move(take.owner, take.amount, /*in=*/true);
  }
}

}  // namespace spoor
