#include "lib/taint/account_run.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/amount.h"

namespace spoor {

void AccountRun::SetParcel(AccountParcel parcel, Tracked* tracked) {
  outside_ -= MemoryOf(tracked->parcel);
  tracked->parcel = std::move(parcel);
  found_.CountLots(tracked->parcel);
  outside_ += MemoryOf(tracked->parcel);
}

absl::StatusOr<AccountRun::Frontier::iterator> AccountRun::Find(const Holding& holding,
                                                                const Units& amount,
                                                                Position position) {
  const auto it = frontier_.find(holding);
  if (it == frontier_.end() || it->second.amount == amount) return it;
  return absl::DataLossError(absl::StrCat("movement ", position.number, " finds a balance of ",
                                          ToDecimal(amount), ", and the movements before it leave ",
                                          ToDecimal(it->second.amount)));
}

absl::StatusOr<AccountRun::Frontier::iterator> AccountRun::Spendable(const Holding& holding,
                                                                     const Units& amount,
                                                                     Position position,
                                                                     const Limits& limits) {
  SPOOR_ASSIGN_OR_RETURN(const auto it, Find(holding, amount, position));
  if (it == frontier_.end()) return it;
  Tracked& held = it->second;
  std::optional<EndpointKind> stop = limits.Stop(held.hops, position);
  if (!stop.has_value() && limits.least() > 0 &&
      TaintedUnits(held.parcel, sharer_.form(), held.amount) < limits.least()) {
    stop = EndpointKind::kBelowLeast;
  }
  if (!stop.has_value()) return it;
  EndTracked(*stop, holding, std::move(held));
  frontier_.erase(it);
  return frontier_.end();
}

absl::Status AccountRun::Keep(Frontier::iterator it, AccountParcel parcel, const Units& amount,
                              const std::optional<Position>& next, Agenda* agenda) {
  SetParcel(std::move(parcel), &it->second);
  if (it->second.parcel.empty()) {
    frontier_.erase(it);
    return absl::OkStatus();
  }
  it->second.amount = amount;
  it->second.next = next;
  return next.has_value() ? agenda->Add(*next) : absl::OkStatus();
}

absl::Status AccountRun::Deliver(const Touch& to, Arrival arrival, const Endpoint& place,
                                 Limits* limits, Agenda* agenda) {
  if (!arrival.parcel.empty() && arrival.hops > 0) {
    SPOOR_ASSIGN_OR_RETURN(const bool service, limits->IsService(to.owner, to.holding.minor));
    if (service) {
      Endpoint end = place;
      end.kind = EndpointKind::kService;
      end.owner = to.owner;
      end.amount = arrival.amount;
      end.hops = arrival.hops;
      found_.AddEnd(std::move(end), arrival.parcel);
      arrival.parcel.clear();
    }
  }
  return Enter(to, std::move(arrival), place, agenda);
}

absl::Status AccountRun::Enter(const Touch& to, Arrival arrival, const Endpoint& place,
                               Agenda* agenda) {
  SPOOR_ASSIGN_OR_RETURN(auto it, Find(to.holding, to.before, place.position));
  if (it == frontier_.end()) {
    if (arrival.parcel.empty()) return absl::OkStatus();
    it = frontier_.try_emplace(to.holding).first;
    it->second.amount = to.before;
    it->second.hops = arrival.hops;
    it->second.first_height = place.height;
  }
  Tracked& held = it->second;
  if (!arrival.parcel.empty()) {
    held.hops = std::min(held.hops, arrival.hops);
    if (place.position >= held.position) {
      held.height = place.height;
      held.position = place.position;
      held.txid = place.txid;
    }
    if (to.opening != 0) found_.AddOpening(to.holding);
  }
  // What is put behind changes no lot but the last: a balance may have very many.
  const size_t last = held.parcel.empty() ? 0 : held.parcel.size() - 1;
  outside_ -= MemoryOf(held.parcel, last);
  AppendParcel(arrival.parcel, arrival.amount, sharer_.form(), held.amount, &held.parcel);
  found_.CountLots(held.parcel);
  outside_ += MemoryOf(held.parcel, last);
  held.amount += arrival.amount;
  held.next = to.next;
  return to.next.has_value() ? agenda->Add(*to.next) : absl::OkStatus();
}

absl::Status AccountRun::Open(const Movement& movement, const AccountMark& mark) {
  const Take& take = movement.takes[mark.take];
  const Units& amount = movement.IsChange(mark.take) ? movement.gives[0].amount : take.before;
  const auto [it, added] = frontier_.try_emplace(take.holding);
  Tracked& held = it->second;
  // Another seed may have marked it, but no movement touched it.
  if (!added && (held.amount != amount || held.next.has_value())) {
    return absl::DataLossError(absl::StrCat("movement ", movement.position.number,
                                            " is the first to touch a balance that others moved"));
  }
  held.amount = amount;
  held.hops = 0;
  held.height = held.first_height = movement.height;
  held.position = movement.position;
  held.txid = movement.txid;
  AccountParcel parcel = held.parcel;
  found_.Mark(mark, PathPlaceOf(PlaceOf(movement)), held.amount, held.amount, &parcel);
  SetParcel(std::move(parcel), &held);
  if (held.parcel.empty()) {
    frontier_.erase(it);
  } else {
    found_.AddOpening(take.holding);
  }
  return absl::OkStatus();
}

absl::Status AccountRun::Move(const Movement& movement, absl::Span<const AccountMark> marks,
                              Limits* limits, Agenda* agenda) {
  const Give* const give = movement.gives.empty() ? nullptr : &movement.gives[0];
  const size_t leaving = movement.takes.size() - (give != nullptr ? 1 : 0);
  uint32_t hops = 0;
  slices_.resize(movement.takes.size());
  for (AccountParcel& slice : slices_) slice.clear();
  // What a giver that pays itself keeps goes behind what it pays.
  const bool self = give != nullptr && movement.takes[0].kind == TakerKind::kHolding &&
                    movement.takes[0].holding == give->holding;
  std::optional<Tracked> kept;
  if (give != nullptr) {
    const Take& change = movement.takes.back();
    // Nothing that is paid moves nothing on.
    SPOOR_ASSIGN_OR_RETURN(
        const auto it, change.amount == give->amount
                           ? Find(give->holding, give->amount, movement.position)
                           : Spendable(give->holding, give->amount, movement.position, *limits));
    if (it != frontier_.end()) {
      Tracked& held = it->second;
      hops = held.hops + 1;
      if (change.amount == give->amount) {
        slices_.back() = held.parcel;
      } else {
        takers_.clear();
        for (const Take& take : movement.takes) {
          takers_.push_back({take.amount, take.kind == TakerKind::kFee});
        }
        sharer_.Share({{&held.parcel, held.amount}}, takers_, &slices_);
        if (give->opening != 0) found_.AddOpening(give->holding);
        bool moved = false;
        for (size_t i = 0; i < leaving; ++i) moved |= !slices_[i].empty();
        if (moved) found_.CountMovement();
      }
      if (self) {
        kept = std::move(held);
        outside_ -= MemoryOf(kept->parcel);
        frontier_.erase(it);
      } else {
        SPOOR_RETURN_IF_ERROR(
            Keep(it, std::move(slices_.back()), change.amount, change.next, agenda));
      }
    }
  }
  const Endpoint place = PlaceOf(movement);
  for (size_t i = 0; i < leaving; ++i) {
    const Take& take = movement.takes[i];
    Arrival arrival{std::move(slices_[i]), take.amount, hops};
    if (!arrival.parcel.empty()) {
      const AddressId to = take.kind == TakerKind::kHolding  ? take.owner
                           : take.kind == TakerKind::kBurned ? Flow::kToBurned
                                                             : Flow::kToFees;
      found_.AddFlow(give->owner, to, movement.asset, arrival.parcel, take.amount, place);
      found_.Extend(PathPlaceOf(movement), &arrival.parcel);
    }
    for (const AccountMark& mark : marks) {
      if (mark.take == i && !mark.opening &&
          found_.Mark(mark, PathPlaceOf(movement), take.amount, take.amount, &arrival.parcel)) {
        arrival.hops = 0;
      }
    }
    if (take.kind == TakerKind::kHolding) {
      SPOOR_RETURN_IF_ERROR(
          Deliver({take.holding, take.owner, take.before, take.opening, take.next},
                  std::move(arrival), place, limits, agenda));
    } else if (!arrival.parcel.empty()) {
      Endpoint end = place;
      end.kind = take.kind == TakerKind::kFee ? EndpointKind::kFee : EndpointKind::kBurned;
      end.at_output = movement.kind != MovementKind::kFee;
      if (end.at_output) end.output = movement.index;
      end.amount = take.amount;
      end.hops = arrival.hops;
      found_.AddEnd(std::move(end), arrival.parcel);
    }
  }
  if (!self) return absl::OkStatus();
  const Take& change = movement.takes.back();
  const Touch own{change.holding, change.owner, change.before, change.opening, change.next};
  if (!kept.has_value() || slices_.back().empty()) {
    return Enter(own, {{}, change.amount, 0}, place, agenda);
  }
  Endpoint before = place;
  before.height = kept->height;
  before.position = kept->position;
  before.txid = kept->txid;
  SPOOR_RETURN_IF_ERROR(
      Enter(own, {std::move(slices_.back()), change.amount, kept->hops}, before, agenda));
  frontier_.find(change.holding)->second.first_height = kept->first_height;
  return absl::OkStatus();
}

void AccountRun::EndTracked(EndpointKind kind, const Holding& holding, Tracked tracked) {
  outside_ -= MemoryOf(tracked.parcel);
  Endpoint end;
  end.kind = kind;
  end.asset = holding.minor;
  end.owner = AddressId{holding.major};
  end.position = tracked.position;
  end.height = tracked.height;
  end.first_height = tracked.first_height;
  end.txid = tracked.txid;
  end.at_output = false;
  end.amount = tracked.amount;
  end.hops = tracked.hops;
  found_.AddEnd(std::move(end), tracked.parcel);
}

uint64_t AccountRun::memory() const {
  return outside_ + found_.memory() +
         frontier_.capacity() * (sizeof(typename Frontier::value_type) + 1);
}

absl::Status AccountRun::Finish(PathMemory memory, PolicyResult* result) {
  for (auto& [holding, tracked] : frontier_) {
    if (tracked.next.has_value()) return NotTakenUp();
    EndTracked(EndpointKind::kUnspent, holding, std::move(tracked));
  }
  frontier_.clear();
  return found_.Finish(memory, result);
}

}  // namespace spoor
