#include "lib/taint/exchange.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>
#include <utility>

#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// A side while the transaction's transfers are added up.
struct Net {
  Exchange::Side side;
  Uint512 given;
  Uint512 received;
  bool touched = false;
};

class Nets {
 public:
  Net* Of(AddressId owner, AssetId asset, bool issue) {
    const auto [it, added] = index_.try_emplace({owner, asset, issue}, nets_.size());
    if (added) {
      Net& net = nets_.emplace_back();
      net.side.owner = owner;
      net.side.asset = asset;
      net.side.issue = issue;
    }
    return &nets_[it->second];
  }

  std::vector<Net>& all() { return nets_; }

 private:
  absl::flat_hash_map<std::tuple<AddressId, AssetId, bool>, size_t> index_;
  std::vector<Net> nets_;
};

// `from` is a Give or a Take, as the balance was before the movement.
template <typename Before>
void Touch(const Before& from, const Units& before, const Take& after, Position position,
           Net* net) {
  Exchange::Side& side = net->side;
  if (!net->touched) {
    net->touched = true;
    side.before = before;
    side.previous = from.previous;
  }
  side.opening = std::max(side.opening, from.opening);
  side.next = after.next;
  side.last = position;
}

// What is left to be told when all conversions are known: who else gives and receives. False if
// that is more than an exchange can say.
bool SettleOthers(const std::vector<bool>& converts, Exchange* exchange) {
  std::map<AssetId, std::vector<size_t>> receivers;
  for (size_t i = 0; i < exchange->sides.size(); ++i) {
    if (converts[i]) continue;
    const Exchange::Side& side = exchange->sides[i];
    if (side.receives) {
      receivers[side.asset].push_back(i);
    } else if (exchange->giver.has_value()) {
      return false;
    } else {
      exchange->giver = i;
    }
  }
  const auto sum = [&](const std::vector<size_t>& sides) {
    Uint512 total = 0;
    for (const size_t i : sides) total += exchange->sides[i].amount;
    return total;
  };
  constexpr auto kMost = std::numeric_limits<Units>::max();
  if (exchange->giver.has_value()) {
    const Exchange::Side& giver = exchange->sides[*exchange->giver];
    if (const auto it = receivers.find(giver.asset); it != receivers.end()) {
      if (sum(it->second) > kMost) return false;
      exchange->same = std::move(it->second);
      exchange->same_amount = static_cast<Units>(sum(exchange->same));
      receivers.erase(it);
    }
    if (exchange->same_amount < giver.amount) {
      if (receivers.size() != 1 || sum(receivers.begin()->second) > kMost) return false;
      exchange->converted = std::move(receivers.begin()->second);
      exchange->converted_amount = static_cast<Units>(sum(exchange->converted));
      receivers.clear();
    }
  }
  for (const auto& [asset, sides] : receivers) {
    exchange->clean.insert(exchange->clean.end(), sides.begin(), sides.end());
  }
  return true;
}

}  // namespace

std::optional<size_t> Exchange::Receiver(AddressId owner, AssetId asset) const {
  for (size_t i = 0; i < sides.size(); ++i) {
    const Side& side = sides[i];
    if (side.receives && !side.issue && side.owner == owner && side.asset == asset) return i;
  }
  return std::nullopt;
}

absl::StatusOr<const Exchange*> Exchanges::Of(const Movement& movement) {
  if (movement.kind != MovementKind::kTransfer) return nullptr;
  if (movement.position < first_ || movement.position >= end_) {
    exchange_.reset();
    SPOOR_RETURN_IF_ERROR(Read(movement));
    // One transfer alone exchanges nothing.
    if (transfers_.size() > 1) {
      SPOOR_ASSIGN_OR_RETURN(exchange_, Settle());
    }
  }
  return exchange_.has_value() ? &*exchange_ : nullptr;
}

absl::Status Exchanges::Read(const Movement& movement) {
  const std::optional<BlockInfo> tip = view_.tip();
  const uint64_t chain_end = tip.has_value() ? tip->totals.movements : 0;
  first_ = Position{movement.position.number - movement.index};
  end_ = Position{movement.position.number + 1};
  transfers_.clear();
  // The transfers before it are known by its index, those after it by looking.
  positions_.clear();
  for (uint64_t n = first_.number; n < movement.position.number; ++n) positions_.push_back({n});
  SPOOR_RETURN_IF_ERROR(view_.ReadMovements(positions_, &transfers_));
  transfers_.push_back(movement);
  for (uint64_t ahead = movement.index == 0 ? 1 : 4; end_.number < chain_end; ahead *= 4) {
    positions_.clear();
    for (uint64_t n = end_.number; n < std::min(chain_end, end_.number + ahead); ++n) {
      positions_.push_back({n});
    }
    SPOOR_RETURN_IF_ERROR(view_.ReadMovements(positions_, &batch_));
    for (Movement& next : batch_) {
      if (next.txid != movement.txid || next.height != movement.height ||
          next.kind != MovementKind::kTransfer || next.index != transfers_.size()) {
        return absl::OkStatus();
      }
      ++end_.number;
      transfers_.push_back(std::move(next));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<AddressId> Exchanges::Issuer(AssetId asset) {
  if (const auto it = issuers_.find(asset); it != issuers_.end()) return it->second;
  AddressId issuer;
  if (asset != kNativeAsset) {
    SPOOR_ASSIGN_OR_RETURN(const AssetInfo info, view_.ReadAsset(asset));
    SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> found, view_.FindAddress(info.key));
    issuer = found.value_or(AddressId());
  }
  issuers_.emplace(asset, issuer);
  return issuer;
}

absl::StatusOr<std::optional<Exchange>> Exchanges::Settle() {
  const std::optional<Exchange> none;
  Nets nets;
  for (const Movement& transfer : transfers_) {
    const Take& receipt = transfer.takes[0];
    const bool given = !transfer.gives.empty();
    AddressId issuer;
    if (!given || receipt.kind != TakerKind::kHolding) {
      SPOOR_ASSIGN_OR_RETURN(issuer, Issuer(transfer.asset));
    }
    Net* giver = given ? nets.Of(transfer.gives[0].owner, transfer.asset, /*issue=*/false)
                       : nets.Of(issuer, transfer.asset, /*issue=*/true);
    giver->given += receipt.amount;
    giver->side.last = transfer.position;
    if (given) {
      const Give& give = transfer.gives[0];
      Touch(give, give.amount, transfer.takes.back(), transfer.position, giver);
      if (receipt.owner == give.owner) {
        giver->received += receipt.amount;
        continue;
      }
    }
    const bool kept = receipt.kind == TakerKind::kHolding;
    Net* receiver = nets.Of(kept ? receipt.owner : issuer, transfer.asset, /*issue=*/!kept);
    receiver->received += receipt.amount;
    receiver->side.last = transfer.position;
    if (kept) Touch(receipt, receipt.before, receipt, transfer.position, receiver);
  }

  Exchange exchange;
  exchange.first = first_;
  exchange.last = Position{end_.number - 1};
  std::map<AddressId, std::vector<size_t>> of_owner;
  for (Net& net : nets.all()) {
    if (net.given == net.received) {
      if (!net.side.issue) exchange.even.push_back(net.side);
      continue;
    }
    net.side.receives = net.received > net.given;
    const Uint512 amount =
        net.side.receives ? Uint512(net.received - net.given) : Uint512(net.given - net.received);
    if (amount > std::numeric_limits<Units>::max()) return none;
    net.side.amount = static_cast<Units>(amount);
    if (!net.side.owner.IsNobody()) of_owner[net.side.owner].push_back(exchange.sides.size());
    exchange.sides.push_back(net.side);
  }
  std::vector<bool> converts(exchange.sides.size(), false);
  for (const auto& [owner, sides] : of_owner) {
    if (sides.size() != 2) continue;
    const Exchange::Side& a = exchange.sides[sides[0]];
    const Exchange::Side& b = exchange.sides[sides[1]];
    if (a.receives == b.receives || a.asset == b.asset) continue;
    converts[sides[0]] = converts[sides[1]] = true;
    exchange.conversions.push_back(a.receives ? Exchange::Conversion{sides[1], sides[0]}
                                              : Exchange::Conversion{sides[0], sides[1]});
  }
  if (exchange.conversions.empty() || !SettleOthers(converts, &exchange)) return none;
  return exchange;
}

}  // namespace spoor
