#include "lib/taint/account_back.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/amount.h"

namespace spoor {

void AccountBackRun::End(EndpointKind kind, AddressId owner, const Endpoint& place,
                         const Asked& asked) {
  Endpoint end = place;
  end.kind = kind;
  end.owner = owner;
  end.amount = asked.amount;
  end.hops = asked.hops;
  found_.AddEnd(std::move(end), asked.parcel);
}

absl::Status AccountBackRun::Wait(const Before& before, Held held, const Endpoint& place,
                                  Agenda* agenda) {
  found_.CountLots(held.parcel);
  if (before.previous.has_value()) {
    outside_ += MemoryOf(held.parcel);
    frontier_[before.holding] = std::move(held);
    return agenda->Add(*before.previous);
  }
  // All that is left was there when the ledger begins.
  End(EndpointKind::kOutside, before.owner, place,
      {std::move(held.parcel), std::move(held.amount), held.hops});
  return absl::OkStatus();
}

absl::StatusOr<AccountBackRun::Asked> AccountBackRun::TakeOut(const Before& before,
                                                              const Units& amount,
                                                              const Endpoint& place,
                                                              Agenda* agenda) {
  Asked asked;
  asked.amount = amount;
  const auto it = frontier_.find(before.holding);
  if (it == frontier_.end()) return asked;
  Held held = std::move(it->second);
  frontier_.erase(it);
  outside_ -= MemoryOf(held.parcel);
  if (held.amount != before.amount + amount) {
    return absl::DataLossError(
        absl::StrCat("movement ", place.position.number, " leaves a balance of ",
                     ToDecimal(before.amount + amount), ", and the movements after it begin with ",
                     ToDecimal(held.amount)));
  }
  sharer_.Share({{&held.parcel, held.amount}}, {{before.amount}, {amount}}, &slices_);
  asked.parcel = std::move(slices_[1]);
  asked.hops = held.hops;
  if (!slices_[0].empty()) {
    SPOOR_RETURN_IF_ERROR(
        Wait(before, {before.amount, std::move(slices_[0]), held.hops}, place, agenda));
  }
  return asked;
}

void AccountBackRun::Judge(const Before& of, const Endpoint& place, Position position,
                           const Limits& limits, Asked* asked) {
  if (asked->parcel.empty()) return;
  if (of.opening != 0) found_.AddOpening(of.holding);
  std::optional<EndpointKind> stop = limits.Stop(asked->hops, position);
  if (!stop.has_value() && limits.least() > 0 &&
      TaintedUnits(asked->parcel, sharer_.form(), asked->amount) < limits.least()) {
    stop = EndpointKind::kBelowLeast;
  }
  if (!stop.has_value()) return;
  End(*stop, of.owner, place, *asked);
  asked->parcel.clear();
}

absl::Status AccountBackRun::PutBack(const Before& before, absl::Span<Asked> paid,
                                     const Endpoint& place, Limits* limits, Agenda* agenda) {
  bool any = false;
  uint32_t hops = std::numeric_limits<uint32_t>::max();
  Units kept = before.amount;
  for (Asked& asked : paid) {
    kept -= asked.amount;
    if (asked.parcel.empty()) continue;
    SPOOR_ASSIGN_OR_RETURN(const bool service,
                           limits->IsService(before.owner, before.holding.minor));
    if (service) {
      End(EndpointKind::kService, before.owner, place, asked);
      asked.parcel.clear();
      continue;
    }
    any = true;
    hops = std::min(hops, asked.hops);
  }
  if (any && before.opening != 0) found_.AddOpening(before.holding);
  Held held;
  if (const auto it = frontier_.find(before.holding); it != frontier_.end()) {
    held = std::move(it->second);
    frontier_.erase(it);
    outside_ -= MemoryOf(held.parcel);
    hops = std::min(hops, held.hops);
    if (held.amount != kept) {
      return absl::DataLossError(
          absl::StrCat("movement ", place.position.number, " keeps a balance of ", ToDecimal(kept),
                       ", and the movements after it begin with ", ToDecimal(held.amount)));
    }
  } else if (!any) {
    return absl::OkStatus();
  }
  parts_.clear();
  for (const Asked& asked : paid) parts_.push_back({&asked.parcel, asked.amount});
  parts_.push_back({&held.parcel, kept});
  sharer_.Share(parts_, {{before.amount}}, &slices_);
  return Wait(before, {before.amount, std::move(slices_[0]), hops}, place, agenda);
}

absl::Status AccountBackRun::Move(const Movement& movement, absl::Span<const AccountMark> marks,
                                  Limits* limits, Agenda* agenda) {
  const Give* const give = movement.gives.empty() ? nullptr : &movement.gives[0];
  const Endpoint place = PlaceOf(movement);
  const size_t leaving = movement.takes.size() - (give != nullptr ? 1 : 0);
  const Take& receipt = movement.takes[0];
  const bool kept = receipt.kind == TakerKind::kHolding;
  const bool self = give != nullptr && kept && receipt.holding == give->holding;
  moving_.assign(leaving, {});
  for (size_t i = 0; i < leaving; ++i) moving_[i].amount = movement.takes[i].amount;
  std::optional<Held> own;
  if (self) {
    // What it kept came behind what it paid itself.
    const Take& change = movement.takes.back();
    const auto it = frontier_.find(give->holding);
    if (it != frontier_.end()) {
      Held all = std::move(it->second);
      frontier_.erase(it);
      outside_ -= MemoryOf(all.parcel);
      if (all.amount != give->amount) {
        return absl::DataLossError(absl::StrCat("movement ", movement.position.number,
                                                " pays itself out of another balance"));
      }
      sharer_.Share({{&all.parcel, all.amount}}, {{receipt.amount}, {change.amount}}, &slices_);
      own = Held{change.amount, std::move(slices_[1]), all.hops};
      moving_[0].parcel = std::move(slices_[0]);
      moving_[0].hops = all.hops;
    }
  } else if (kept) {
    SPOOR_ASSIGN_OR_RETURN(moving_[0], TakeOut({receipt.holding, receipt.owner, receipt.before,
                                                receipt.opening, receipt.previous},
                                               receipt.amount, place, agenda));
  }
  if (!moving_.empty()) found_.Extend(PathPlaceOf(movement), &moving_[0].parcel);
  for (const AccountMark& mark : marks) {
    Asked& asked = moving_[mark.take];
    if (found_.Mark(mark, PathPlaceOf(movement), asked.amount, asked.amount, &asked.parcel)) {
      asked.hops = 0;
    }
  }
  if (movement.kind != MovementKind::kFee) {
    Before of;
    if (kept) of = {receipt.holding, receipt.owner, receipt.before, receipt.opening, {}};
    if (self) of.opening = give->opening;
    Judge(of, place, movement.position, *limits, &moving_[0]);
    Asked& asked = moving_[0];
    if (!asked.parcel.empty()) {
      found_.CountMovement();
      found_.AddFlow(give != nullptr ? give->owner : Flow::kFromMinted,
                     kept ? receipt.owner : Flow::kToBurned, movement.asset, asked.parcel,
                     asked.amount, place);
      ++asked.hops;
      if (give == nullptr) End(EndpointKind::kMinted, AddressId(), place, asked);
    }
  }
  if (give == nullptr) return absl::OkStatus();
  if (own.has_value() && !own->parcel.empty()) {
    outside_ += MemoryOf(own->parcel);
    frontier_[give->holding] = *std::move(own);
  }
  return PutBack({give->holding, give->owner, give->amount, give->opening, give->previous},
                 absl::MakeSpan(moving_), place, limits, agenda);
}

AccountParcel AccountBackRun::Scale(const Asked& asked, const Units& to, AddressId owner,
                                    AssetId asset, Endpoint place) {
  std::vector<AccountLot> dust;
  AccountParcel scaled = ScaleParcel(asked.parcel, sharer_.form(), asked.amount, to, &dust);
  place.owner = owner;
  place.asset = asset;
  place.hops = asked.hops;
  found_.AddDust(place, dust);
  return scaled;
}

void AccountBackRun::Convert(const Exchange& exchange, const Endpoint& place) {
  for (const Exchange::Conversion& conversion : exchange.conversions) {
    const Exchange::Side& from = exchange.sides[conversion.from];
    const Exchange::Side& to = exchange.sides[conversion.to];
    const Asked& asked = moving_[conversion.to];
    if (asked.parcel.empty()) continue;
    ConversionOnTheWay told;
    told.position = place.position;
    told.height = place.height;
    told.txid = place.txid;
    told.owner = from.owner;
    told.from = from.asset;
    told.to = to.asset;
    told.gave = from.amount;
    told.got = to.amount;
    moving_[conversion.from].parcel = Scale(asked, from.amount, from.owner, from.asset, place);
    moving_[conversion.from].hops = asked.hops;
    found_.AddConversion(told, moving_[conversion.from].parcel);
  }
}

void AccountBackRun::GatherOthers(const Exchange& exchange, const Endpoint& place) {
  const std::vector<Exchange::Side>& sides = exchange.sides;
  const auto unresolved = [&](AssetId asset, const Asked& asked) {
    if (asked.parcel.empty()) return;
    Endpoint at = place;
    at.asset = asset;
    End(EndpointKind::kUnresolved, AddressId(), at, asked);
  };
  for (const size_t i : exchange.clean) unresolved(sides[i].asset, moving_[i]);
  if (!exchange.giver.has_value()) return;
  const Exchange::Side& giver = sides[*exchange.giver];
  uint32_t hops = std::numeric_limits<uint32_t>::max();
  for (const std::vector<size_t>* among : {&exchange.same, &exchange.converted}) {
    for (const size_t i : *among) {
      if (moving_[i].parcel.empty()) continue;
      hops = std::min(hops, moving_[i].hops);
      found_.AddFlow(giver.issue ? Flow::kFromMinted : giver.owner,
                     sides[i].issue ? Flow::kToBurned : sides[i].owner, sides[i].asset,
                     moving_[i].parcel, sides[i].amount, place);
    }
  }
  std::vector<AccountSharer::Part> parts;
  Asked surplus{{}, exchange.converted_amount, hops};
  if (!exchange.converted.empty()) {
    for (const size_t i : exchange.converted) {
      parts.push_back({&moving_[i].parcel, sides[i].amount});
    }
    sharer_.Share(parts, {{exchange.converted_amount}}, &slices_);
    surplus.parcel = std::move(slices_[0]);
    const Units as = giver.amount - exchange.same_amount;
    surplus.parcel = Scale(surplus, as, giver.owner, giver.asset, place);
    surplus.amount = as;
    parts.clear();
  }
  for (const size_t i : exchange.same) parts.push_back({&moving_[i].parcel, sides[i].amount});
  parts.push_back({&surplus.parcel, surplus.amount});
  const Units shortage =
      exchange.same_amount > giver.amount ? Units(exchange.same_amount - giver.amount) : Units(0);
  sharer_.Share(parts, {{giver.amount}, {shortage}}, &slices_);
  moving_[*exchange.giver].parcel = std::move(slices_[0]);
  moving_[*exchange.giver].hops = hops;
  unresolved(giver.asset, {std::move(slices_[1]), shortage, hops});
}

absl::Status AccountBackRun::Settle(const Exchange& exchange, const Movement& movement,
                                    absl::Span<const ExchangeMark> marks, Limits* limits,
                                    Agenda* agenda) {
  const std::vector<Exchange::Side>& sides = exchange.sides;
  Endpoint place = PlaceOf(movement);
  place.position = exchange.last;
  moving_.assign(sides.size(), {});
  const auto before = [&](const Exchange::Side& side) {
    place.asset = side.asset;
    return Before{side.holding(), side.owner, side.before, side.opening, side.previous};
  };
  for (size_t i = 0; i < sides.size(); ++i) {
    moving_[i].amount = sides[i].amount;
    if (!sides[i].receives || sides[i].issue) continue;
    const Before of = before(sides[i]);
    SPOOR_ASSIGN_OR_RETURN(moving_[i], TakeOut(of, sides[i].amount, place, agenda));
  }
  for (Asked& asked : moving_) found_.Extend(PathPlaceOf(place), &asked.parcel);
  for (const ExchangeMark& mark : marks) {
    Asked& asked = moving_[mark.side];
    if (found_.Mark(mark.mark, mark.place, mark.amount, asked.amount, &asked.parcel)) {
      asked.hops = 0;
    }
  }
  bool moved = false;
  for (size_t i = 0; i < sides.size(); ++i) {
    if (!sides[i].receives) continue;
    const Before of = before(sides[i]);
    if (!sides[i].issue) Judge(of, place, exchange.first, *limits, &moving_[i]);
    if (moving_[i].parcel.empty()) continue;
    moved = true;
    ++moving_[i].hops;
  }
  if (moved) found_.CountMovement();
  Convert(exchange, place);
  GatherOthers(exchange, place);
  for (size_t i = 0; i < sides.size(); ++i) {
    if (sides[i].receives) continue;
    const Before of = before(sides[i]);
    if (!sides[i].issue) {
      SPOOR_RETURN_IF_ERROR(PutBack(of, absl::MakeSpan(&moving_[i], 1), place, limits, agenda));
    } else if (!moving_[i].parcel.empty()) {
      End(EndpointKind::kMinted, AddressId(), place, moving_[i]);
    }
  }
  // A balance that the transaction's transfers touch, but leave as it was, waits on.
  for (const Exchange::Side& side : exchange.even) {
    const auto it = frontier_.find(side.holding());
    if (it == frontier_.end()) continue;
    Held held = std::move(it->second);
    frontier_.erase(it);
    outside_ -= MemoryOf(held.parcel);
    const Before of = before(side);
    SPOOR_RETURN_IF_ERROR(Wait(of, std::move(held), place, agenda));
  }
  return absl::OkStatus();
}

uint64_t AccountBackRun::memory() const {
  return outside_ + found_.memory() +
         frontier_.capacity() * (sizeof(typename decltype(frontier_)::value_type) + 1);
}

absl::Status AccountBackRun::Finish(PathMemory memory, PolicyResult* result) {
  if (!frontier_.empty()) return NotTakenUp();
  return found_.Finish(memory, result);
}

}  // namespace spoor
