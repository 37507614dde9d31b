#include <utility>

#include "lib/taint/account_run.h"
#include "spoor/base/status_macros.h"

// How an AccountRun goes through an exchange (docs/model.md, "Conversion").

namespace spoor {

absl::Status AccountRun::Settle(const Exchange& exchange, const Movement& movement,
                                absl::Span<const ExchangeMark> marks, Limits* limits,
                                Agenda* agenda) {
  SPOOR_ASSIGN_OR_RETURN(const bool moved, TakeUp(exchange, *limits, agenda));
  if (moved) found_.CountMovement();
  Endpoint place = PlaceOf(movement);
  place.position = exchange.last;
  Convert(exchange, place);
  ShareOthers(exchange, place);
  for (size_t i = 0; i < exchange.sides.size(); ++i) {
    if (exchange.sides[i].receives) found_.Extend(PathPlaceOf(place), &moving_[i].parcel);
  }
  for (const ExchangeMark& mark : marks) {
    Arrival& arrival = moving_[mark.side];
    if (found_.Mark(mark.mark, mark.place, mark.amount, arrival.amount, &arrival.parcel)) {
      arrival.hops = 0;
    }
  }
  for (size_t i = 0; i < exchange.sides.size(); ++i) {
    const Exchange::Side& side = exchange.sides[i];
    if (!side.receives) continue;
    place.asset = side.asset;
    if (!side.issue) {
      SPOOR_RETURN_IF_ERROR(
          Deliver({side.holding(), side.owner, side.before, side.opening, side.next},
                  std::move(moving_[i]), place, limits, agenda));
    } else if (!moving_[i].parcel.empty()) {
      Endpoint end = place;
      end.kind = EndpointKind::kBurned;
      end.amount = side.amount;
      end.hops = moving_[i].hops;
      found_.AddEnd(std::move(end), moving_[i].parcel);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> AccountRun::TakeUp(const Exchange& exchange, const Limits& limits,
                                        Agenda* agenda) {
  moving_.assign(exchange.sides.size(), {});
  bool moved = false;
  for (size_t i = 0; i < exchange.sides.size(); ++i) {
    const Exchange::Side& side = exchange.sides[i];
    moving_[i].amount = side.amount;
    if (side.receives || side.issue) continue;
    SPOOR_ASSIGN_OR_RETURN(const auto it,
                           Spendable(side.holding(), side.before, exchange.first, limits));
    if (it == frontier_.end()) continue;
    const Tracked& held = it->second;
    const Units rest = held.amount - side.amount;
    sharer_.Share({{&held.parcel, held.amount}}, {{side.amount}, {rest}}, &slices_);
    if (side.opening != 0) found_.AddOpening(side.holding());
    moving_[i].parcel = std::move(slices_[0]);
    moving_[i].hops = held.hops + 1;
    moved |= !moving_[i].parcel.empty();
    SPOOR_RETURN_IF_ERROR(Keep(it, std::move(slices_[1]), rest, side.next, agenda));
  }
  for (const Exchange::Side& side : exchange.even) {
    const auto it = frontier_.find(side.holding());
    if (it == frontier_.end()) continue;
    it->second.next = side.next;
    if (side.next.has_value()) SPOOR_RETURN_IF_ERROR(agenda->Add(*side.next));
  }
  return moved;
}

AccountParcel AccountRun::Scale(const AccountParcel& parcel, const Units& from, const Units& to,
                                AddressId owner, AssetId asset, uint32_t hops, Endpoint place) {
  dust_.clear();
  AccountParcel scaled = ScaleParcel(parcel, sharer_.form(), from, to, &dust_);
  place.owner = owner;
  place.asset = asset;
  place.hops = hops;
  found_.AddDust(place, dust_);
  return scaled;
}

void AccountRun::Convert(const Exchange& exchange, const Endpoint& place) {
  for (const Exchange::Conversion& conversion : exchange.conversions) {
    const Exchange::Side& from = exchange.sides[conversion.from];
    const Exchange::Side& to = exchange.sides[conversion.to];
    const Arrival& given = moving_[conversion.from];
    if (given.parcel.empty()) continue;
    ConversionOnTheWay told;
    told.position = place.position;
    told.height = place.height;
    told.txid = place.txid;
    told.owner = from.owner;
    told.from = from.asset;
    told.to = to.asset;
    told.gave = from.amount;
    told.got = to.amount;
    found_.AddConversion(told, given.parcel);
    moving_[conversion.to].hops = given.hops;
    moving_[conversion.to].parcel =
        Scale(given.parcel, from.amount, to.amount, to.owner, to.asset, given.hops, place);
  }
}

AccountParcel AccountRun::GiveOut(const Exchange& exchange,
                                  absl::Span<const AccountSharer::Part> parts,
                                  const std::vector<size_t>& among, const Units& rest,
                                  const Endpoint& place) {
  takers_.clear();
  for (const size_t i : among) takers_.push_back({exchange.sides[i].amount});
  takers_.push_back({rest});
  sharer_.Share(parts, takers_, &slices_);
  const Arrival& given = moving_[*exchange.giver];
  for (size_t i = 0; i < among.size(); ++i) {
    const Exchange::Side& to = exchange.sides[among[i]];
    Arrival& arrival = moving_[among[i]];
    arrival.parcel = std::move(slices_[i]);
    arrival.hops = given.hops;
    found_.AddFlow(exchange.sides[*exchange.giver].owner, to.issue ? Flow::kToBurned : to.owner,
                   to.asset, arrival.parcel, to.amount, place);
  }
  return std::move(slices_.back());
}

void AccountRun::ShareOthers(const Exchange& exchange, const Endpoint& place) {
  if (!exchange.giver.has_value() || moving_[*exchange.giver].parcel.empty()) return;
  const Exchange::Side& giver = exchange.sides[*exchange.giver];
  const Arrival& given = moving_[*exchange.giver];
  std::vector<AccountSharer::Part> parts = {{&given.parcel, giver.amount}};
  Units surplus = 0;
  if (exchange.same_amount < giver.amount) {
    surplus = giver.amount - exchange.same_amount;
  } else if (exchange.same_amount > giver.amount) {
    parts.push_back({nullptr, exchange.same_amount - giver.amount});
  }
  const AccountParcel others = GiveOut(exchange, parts, exchange.same, surplus, place);
  if (others.empty()) return;
  const AssetId asset = exchange.sides[exchange.converted.front()].asset;
  const AccountParcel scaled =
      Scale(others, surplus, exchange.converted_amount, giver.owner, asset, given.hops, place);
  GiveOut(exchange, {{&scaled, exchange.converted_amount}}, exchange.converted, 0, place);
}

}  // namespace spoor
