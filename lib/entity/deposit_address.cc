// Deposit addresses: a service gives every customer an account of their own to pay into, and passes
// on what comes there to a wallet of its own, nearly all and soon. So an account whose every
// payment went to one service's wallet, and passed on what others had paid in, is that service's,
// and the customer's only in the service's books.
//
// Victor, "Address Clustering Heuristics for Ethereum" (Financial Cryptography 2020), section 3.1:
// what is forwarded is what was received but for 0.01 ETH, within 3,200 blocks, to an exchange's
// wallet, and accounts that forward to two exchanges are left out. Here the rest is a share, so
// that it means something for every asset, and the time is in seconds, so that it does for every
// chain. What an account does after it has been told is not looked at, so that no later block
// changes what was said: who forwards to a second service later stays with the first.
//
// Weakness: it is as good as the tags. Who sends all they own straight to a service's wallet looks
// like the service. A list that tags customers' deposit addresses as the service makes deposit
// addresses of those who pay into them: hence a wallet must have been paid by several, and must not
// pass on all it has to one place itself.

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "lib/entity/deposit_finder.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// An account whose balance has moved more often is no customer's.
constexpr int kMostMovements = 64;
// From the last receipt to the payment that passes it on: 3,200 blocks, when they took 13.5 s.
constexpr int64_t kMostSeconds = 12 * 3600;
// One part in so many of what came may stay.
constexpr int kRest = 100;
// A wallet has been paid by so many at least, and pays to so many, in the last movements of its.
constexpr size_t kFewestPayers = 3;
constexpr size_t kFewestPayees = 2;
constexpr int kLookedAt = 64;

AddressId GiverOf(const Movement& movement) {
  return movement.gives.empty() ? AddressId() : movement.gives[0].owner;
}

size_t Leaving(const Movement& movement) {
  return movement.takes.size() - (movement.gives.empty() ? 0 : 1);
}

// The movement before this one that touched the balance, which this one touches.
std::optional<Position> Previous(const Movement& movement, const Holding& balance) {
  if (!movement.gives.empty() && movement.gives[0].holding == balance) {
    return movement.gives[0].previous;
  }
  for (size_t i = 0; i < Leaving(movement); ++i) {
    const Take& take = movement.takes[i];
    if (take.kind == TakerKind::kHolding && take.holding == balance) return take.previous;
  }
  return std::nullopt;
}

}  // namespace

void DepositFinder::Start(const LedgerView* view, absl::Span<const TaggedAddress> tagged) {
  view_ = view;
  tags_.clear();
  for (const auto& [id, actor] : tagged) tags_.emplace(id.number, actor);
  fee_.reset();
}

std::optional<uint64_t> DepositFinder::ServiceOf(AddressId id) const {
  const auto it = tags_.find(id.number);
  if (it == tags_.end() || (it->second & kServiceTag) == 0) return std::nullopt;
  return it->second;
}

absl::StatusOr<int64_t> DepositFinder::TimeOf(const Movement& movement) const {
  SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, view_->BlockAt(movement.height));
  return block.order_time;
}

absl::StatusOr<bool> DepositFinder::PaysOnly(uint64_t actor, const Holding& balance,
                                             const Movement& movement, bool passes_on) const {
  const AddressId account{balance.major};
  Uint512 received = 0;
  Uint512 spent = 0;
  bool from_others = false;
  std::optional<Movement> last_receipt;
  Movement at = movement;
  for (int looked_at = 1;; ++looked_at) {
    const AddressId giver = GiverOf(at);
    for (size_t i = 0; i < Leaving(at); ++i) {
      const Take& take = at.takes[i];
      if (take.amount == 0) continue;  // anybody can write such a transfer of anybody's tokens
      const bool to_itself = take.kind == TakerKind::kHolding && take.holding == balance;
      if (giver == account) {
        if (to_itself) continue;
        spent += take.amount;
        if (at.kind == MovementKind::kFee) continue;
        if (take.kind != TakerKind::kHolding || ServiceOf(take.owner) != actor) return false;
      } else if (to_itself) {
        if (giver.IsNobody()) return false;  // it mines, or mints
        received += take.amount;
        from_others |= ServiceOf(giver) != actor;
        if (!last_receipt.has_value()) last_receipt = at;
      }
    }
    const std::optional<Position> previous = Previous(at, balance);
    if (!previous.has_value()) break;
    if (looked_at == kMostMovements) return false;
    SPOOR_ASSIGN_OR_RETURN(at, ReadMovement(*view_, *previous));
  }
  if (!passes_on) return true;
  if (!from_others) return false;
  if (received > spent && (received - spent) * kRest > received) return false;
  SPOOR_ASSIGN_OR_RETURN(const int64_t came, TimeOf(*last_receipt));
  SPOOR_ASSIGN_OR_RETURN(const int64_t went, TimeOf(movement));
  return went - came <= kMostSeconds;
}

absl::StatusOr<bool> DepositFinder::Gathers(const Movement& movement) const {
  const Holding& balance = movement.takes[0].holding;
  const AddressId wallet = movement.takes[0].owner;
  absl::flat_hash_set<uint64_t> payers;
  absl::flat_hash_set<uint64_t> payees;
  uint64_t payments = 0;
  Movement at = movement;
  for (int looked_at = 0;; ++looked_at) {
    const AddressId giver = GiverOf(at);
    for (size_t i = 0; i < Leaving(at) && at.kind != MovementKind::kFee; ++i) {
      const Take& take = at.takes[i];
      if (take.kind != TakerKind::kHolding || take.owner == giver || take.amount == 0) continue;
      if (giver == wallet) {
        payees.insert(take.owner.number);
        ++payments;
      } else if (take.owner == wallet && !giver.IsNobody()) {
        payers.insert(giver.number);
      }
    }
    if (payers.size() >= kFewestPayers && payees.size() >= kFewestPayees) return true;
    const std::optional<Position> previous = Previous(at, balance);
    if (!previous.has_value() || looked_at == kLookedAt) break;
    SPOOR_ASSIGN_OR_RETURN(at, ReadMovement(*view_, *previous));
  }
  return payers.size() >= kFewestPayers && payments < kFewestPayees;
}

absl::Status DepositFinder::Look(const Movement& movement, uint64_t addresses,
                                 std::vector<Sign>* signs) {
  if (movement.kind == MovementKind::kFee) {
    fee_ = movement;
    return absl::OkStatus();
  }
  if (movement.kind != MovementKind::kTransfer || movement.gives.empty()) return absl::OkStatus();
  const Give& give = movement.gives[0];
  const Take& take = movement.takes[0];
  if (take.kind != TakerKind::kHolding || take.owner == give.owner || take.amount == 0) {
    return absl::OkStatus();
  }
  const std::optional<uint64_t> service = ServiceOf(take.owner);
  if (!service.has_value() || ServiceOf(give.owner).has_value()) return absl::OkStatus();
  const uint64_t last = std::max(give.owner.number, take.owner.number);
  if (last >= addresses) {
    return absl::DataLossError(absl::StrCat("movement ", movement.position.number, " has address ",
                                            last, " of ", addresses));
  }
  SPOOR_ASSIGN_OR_RETURN(const bool passes_on,
                         PaysOnly(*service, give.holding, movement, /*passes_on=*/true));
  if (!passes_on) return absl::OkStatus();
  // Who pays the fee of its tokens' transfer has a history of that too.
  if (movement.asset != kNativeAsset && fee_.has_value() && fee_->txid == movement.txid &&
      fee_->height == movement.height && GiverOf(*fee_) == give.owner) {
    SPOOR_ASSIGN_OR_RETURN(const bool pays_only, PaysOnly(*service, fee_->gives[0].holding, *fee_,
                                                          /*passes_on=*/false));
    if (!pays_only) return absl::OkStatus();
  }
  SPOOR_ASSIGN_OR_RETURN(const bool gathers, Gathers(movement));
  if (!gathers) return absl::OkStatus();
  signs->push_back(
      {give.owner.number, take.owner.number, movement.position.number, Heuristic::kDepositAddress});
  return absl::OkStatus();
}

}  // namespace spoor
