#include "lib/entity/sign_finder.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "lib/entity/spent_payment.h"
#include "spoor/base/status_macros.h"

namespace spoor {

SignFinder::SignFinder(HeuristicSet heuristics, LedgerTable* table)
    : heuristics_(heuristics), scan_(heuristics), revealed_(table) {
  constexpr Heuristic kChange[] = {Heuristic::kOneTimeChange, Heuristic::kAddressTypeChange,
                                   Heuristic::kOptimalChange, Heuristic::kRoundAmountChange,
                                   Heuristic::kPeelingChange};
  finds_change_ =
      std::any_of(std::begin(kChange), std::end(kChange), [&](Heuristic h) { return Uses(h); });
  finds_spent_change_ = Uses(Heuristic::kLockTimeChange) || Uses(Heuristic::kFingerprintChange);
  facts_.kinds = &kinds_;
}

uint64_t SignFinder::BytesFor(HeuristicSet heuristics, const LedgerTotals& totals) {
  uint64_t bytes = AddressScan::BytesFor(heuristics, totals.addresses);
  if (AddressScan::TellsKinds(heuristics)) bytes += totals.addresses;
  if (heuristics.Has(Heuristic::kPeelingChange)) bytes += totals.movements;
  return bytes;
}

absl::Status SignFinder::Start(const LedgerView* view, uint64_t movements, uint64_t addresses) {
  view_ = view;
  if (!prepared_) peeling_.Reset(movements);
  prepared_ = true;
  chunk_ = {};
  next_same_ = 0;
  chunk_.end = scan_.Start(view, addresses);
  if (chunk_.end == 0) {
    kinds_.clear();
    anyones_.clear();
  }
  while (chunk_.end < addresses) SPOOR_RETURN_IF_ERROR(NextChunk());
  // Some of the last chunk may be old.
  while (next_same_ < chunk_.same.size() && chunk_.same[next_same_].first < addresses) {
    ++next_same_;
  }
  told_ = addresses;
  return Uses(Heuristic::kSameKey) ? revealed_.Start(*view, movements, addresses)
                                   : absl::OkStatus();
}

absl::Status SignFinder::NextChunk() {
  SPOOR_ASSIGN_OR_RETURN(chunk_, scan_.Next());
  next_same_ = 0;
  kinds_.insert(kinds_.end(), chunk_.kinds.begin(), chunk_.kinds.end());
  anyones_.insert(chunk_.anyones.begin(), chunk_.anyones.end());
  return absl::OkStatus();
}

void SignFinder::BeginBlock(uint64_t before, uint64_t after) {
  facts_.seen = before;
  block_addresses_ = after;
}

void SignFinder::Shrink(uint64_t movements, uint64_t addresses) {
  if (!prepared_) return;
  scan_.Shrink(addresses);
  absl::erase_if(anyones_, [addresses](uint64_t id) { return id >= addresses; });
  kinds_.resize(std::min<size_t>(kinds_.size(), addresses));
  peeling_.Shrink(movements);
}

void SignFinder::ForgetAll() {
  prepared_ = false;
  scan_.ForgetAll();
}

absl::Status SignFinder::Look(const Movement& movement, std::vector<Sign>* signs) {
  // Addresses are numbered as they appear, so those that are new here follow each other.
  uint64_t end = facts_.seen;
  const auto see = [&end](AddressId id) {
    if (!id.IsNobody()) end = std::max(end, id.number + 1);
  };
  for (const Give& give : movement.gives) see(give.owner);
  for (const Take& take : movement.takes) see(take.owner);
  const uint64_t position = movement.position.number;
  if (end > block_addresses_) {
    return absl::DataLossError(
        absl::StrCat("movement ", position, " has address ", end - 1, " of ", block_addresses_));
  }
  SPOOR_RETURN_IF_ERROR(LookAtNewAddresses(end, position, signs));
  if (Uses(Heuristic::kSameKey)) {
    revealed_.Visit(position, end, [&](uint64_t revealed, uint64_t other) {
      signs->push_back({revealed, other, position, Heuristic::kSameKey});
    });
  }
  if (Uses(Heuristic::kCoSpend) && movement.gives.size() > 1) {
    CoSpend(
        movement, [this](AddressId id) { return IsAnyones(id); },
        [&](AddressId a, AddressId b) {
          signs->push_back({a.number, b.number, position, Heuristic::kCoSpend});
        });
  }
  if (finds_change_) SPOOR_RETURN_IF_ERROR(LookForChange(movement, signs));
  if (finds_spent_change_) SPOOR_RETURN_IF_ERROR(LookForSpentChange(movement, signs));
  facts_.seen = end;
  return absl::OkStatus();
}

absl::Status SignFinder::LookAtNewAddresses(uint64_t end, uint64_t position,
                                            std::vector<Sign>* signs) {
  while (told_ < end) {
    if (told_ >= chunk_.end) SPOOR_RETURN_IF_ERROR(NextChunk());
    told_ = std::min(end, chunk_.end);
    for (; next_same_ < chunk_.same.size() && chunk_.same[next_same_].first < told_; ++next_same_) {
      const auto& [id, other] = chunk_.same[next_same_];
      signs->push_back({id, other, position, Heuristic::kSameKey});
    }
  }
  return absl::OkStatus();
}

absl::Status SignFinder::LookForChange(const Movement& movement, std::vector<Sign>* signs) {
  const std::optional<Payment> payment = PaymentOf(movement);
  std::optional<uint32_t> rest;
  if (Uses(Heuristic::kPeelingChange)) {
    SPOOR_ASSIGN_OR_RETURN(
        rest, peeling_.Next(*view_, movement, payment.has_value() ? &*payment : nullptr));
  }
  if (!payment.has_value()) return absl::OkStatus();
  const auto tell = [&](Heuristic heuristic, std::optional<uint32_t> change) {
    TellChange(*payment, heuristic, change, movement.position.number, signs);
  };
  if (Uses(Heuristic::kOneTimeChange)) {
    tell(Heuristic::kOneTimeChange, OneTimeChange(*payment, facts_));
  }
  if (Uses(Heuristic::kAddressTypeChange)) {
    tell(Heuristic::kAddressTypeChange, AddressTypeChange(*payment, facts_));
  }
  if (Uses(Heuristic::kOptimalChange)) tell(Heuristic::kOptimalChange, OptimalChange(*payment));
  if (Uses(Heuristic::kRoundAmountChange)) {
    tell(Heuristic::kRoundAmountChange, RoundAmountChange(*payment));
  }
  tell(Heuristic::kPeelingChange, rest);
  return absl::OkStatus();
}

absl::Status SignFinder::LookForSpentChange(const Movement& movement, std::vector<Sign>* signs) {
  return VisitSpentPayments(*view_, movement, [&](const SpentPayment& spent) {
    const uint64_t position = movement.position.number;
    if (Uses(Heuristic::kLockTimeChange)) {
      TellChange(spent.payment, Heuristic::kLockTimeChange, LockTimeChange(spent), position, signs);
    }
    if (Uses(Heuristic::kFingerprintChange)) {
      TellChange(spent.payment, Heuristic::kFingerprintChange, FingerprintChange(spent, facts_),
                 position, signs);
    }
  });
}

void SignFinder::TellChange(const Payment& payment, Heuristic heuristic,
                            std::optional<uint32_t> change, uint64_t position,
                            std::vector<Sign>* signs) const {
  if (!change.has_value()) return;
  const AddressId giver = payment.movement->gives[0].owner;
  const AddressId taker = payment.output(*change).owner;
  if (IsAnyones(giver) || IsAnyones(taker)) return;
  signs->push_back({giver.number, taker.number, position, heuristic});
}

}  // namespace spoor
