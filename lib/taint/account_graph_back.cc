// How a TaintGraph goes over an account chain against the stream. A balance between two movements
// that touch it is an edge; undoing a receipt is a node from which what was there before and what
// was paid lead on, and what an account paid and what it kept are joined in a node.

#include <algorithm>
#include <utility>

#include "lib/taint/taint_graph.h"
#include "spoor/base/status_macros.h"

namespace spoor {

template <typename U>
absl::StatusOr<std::optional<typename TaintGraph<U>::Stream>> TaintGraph<U>::TakeOut(
    const Holding& holding, const U& before, const U& amount,
    const std::optional<Position>& previous, Agenda* agenda) {
  const std::optional<Stream> all = TakeUp(holding);
  if (!all.has_value()) return all;
  streams_.assign(1, *all);
  const Stream in = Merge();
  const std::optional<Stream> kept = Part(in, before, before + amount);
  SPOOR_RETURN_IF_ERROR(Keep(holding, kept, before, previous, agenda));
  return Part(in, amount, before + amount);
}

template <typename U>
absl::StatusOr<std::optional<typename TaintGraph<U>::Stream>> TaintGraph<U>::Judge(
    std::optional<Stream> stream, AddressId owner, Position position, const Limits& limits) {
  if (!stream.has_value()) return stream;
  Fate fate;
  AddLimits(*stream, position, limits, &fate);
  return Divide(*stream, fate, owner);
}

template <typename U>
std::optional<typename TaintGraph<U>::Stream> TaintGraph<U>::OneHopOn(
    std::optional<Stream> stream) {
  if (stream.has_value()) stream->hops = {stream->hops.least + 1, stream->hops.most + 1};
  return stream;
}

template <typename U>
absl::Status TaintGraph<U>::ProcessBack(const Movement& movement, absl::Span<const BoundMark> marks,
                                        Limits* limits, Agenda* agenda) {
  const Give* const give = movement.gives.empty() ? nullptr : &movement.gives[0];
  const Take& receipt = movement.takes[0];
  const bool received = receipt.kind == TakerKind::kHolding;
  leaving_.assign(movement.takes.size(), std::nullopt);
  if (received && give != nullptr && receipt.holding == give->holding) {
    // What it kept waits for what it paid itself.
    SPOOR_ASSIGN_OR_RETURN(leaving_[0],
                           TakeOut(receipt.holding, static_cast<U>(movement.takes.back().amount),
                                   static_cast<U>(receipt.amount), std::nullopt, agenda));
  } else if (received) {
    SPOOR_ASSIGN_OR_RETURN(leaving_[0],
                           TakeOut(receipt.holding, static_cast<U>(receipt.before),
                                   static_cast<U>(receipt.amount), receipt.previous, agenda));
  }
  Mark(marks, [&](uint32_t take) { return static_cast<U>(movement.takes[take].amount); });
  SPOOR_ASSIGN_OR_RETURN(
      std::optional<Stream> asked,
      Judge(Enter(0), received ? receipt.owner : AddressId(), movement.position, *limits));
  movements_ += asked.has_value() ? 1 : 0;
  asked = OneHopOn(asked);
  if (give != nullptr) {
    return Deliver(asked, give->holding, give->owner, static_cast<U>(give->amount), give->previous,
                   limits, agenda);
  }
  return asked.has_value() ? AddEnd(*asked, EndpointKind::kMinted, AddressId(), asked->capacity,
                                    /*certain=*/true)
                           : absl::OkStatus();
}

template <typename U>
absl::Status TaintGraph<U>::GatherOthersBack(const Exchange& exchange) {
  const std::vector<Exchange::Side>& sides = exchange.sides;
  const auto unresolved = [&](const std::optional<Stream>& stream) {
    return stream.has_value() ? AddEnd(*stream, EndpointKind::kUnresolved, AddressId(),
                                       stream->capacity, /*certain=*/true)
                              : absl::OkStatus();
  };
  for (const size_t i : exchange.clean) {
    asset_ = sides[i].asset;
    SPOOR_RETURN_IF_ERROR(unresolved(leaving_[i]));
  }
  if (!exchange.giver.has_value()) return absl::OkStatus();
  for (const size_t i : exchange.converted) {
    asset_ = sides[i].asset;
    if (leaving_[i].has_value()) AddConverted(*leaving_[i]);
  }
  streams_.clear();
  for (const size_t i : exchange.same) {
    if (leaving_[i].has_value()) streams_.push_back(*leaving_[i]);
  }
  if (streams_.empty()) return absl::OkStatus();
  const Exchange::Side& giver = sides[*exchange.giver];
  asset_ = giver.asset;
  const Stream in = Merge();
  const U gave = static_cast<U>(giver.amount);
  const U volume = std::max<U>(gave, static_cast<U>(exchange.same_amount));
  // The hop was counted when it was asked for.
  leaving_[*exchange.giver] = Part(in, gave, volume);
  return unresolved(Part(in, volume - gave, volume));
}

template <typename U>
absl::Status TaintGraph<U>::ProcessBack(const Exchange& exchange, absl::Span<const BoundMark> marks,
                                        Limits* limits, Agenda* agenda) {
  const std::vector<Exchange::Side>& sides = exchange.sides;
  leaving_.assign(sides.size(), std::nullopt);
  for (size_t i = 0; i < sides.size(); ++i) {
    const Exchange::Side& side = sides[i];
    if (!side.receives || side.issue) continue;
    asset_ = side.asset;
    SPOOR_ASSIGN_OR_RETURN(leaving_[i],
                           TakeOut(side.holding(), static_cast<U>(side.before),
                                   static_cast<U>(side.amount), side.previous, agenda));
  }
  Mark(marks, [&](uint32_t side) { return static_cast<U>(sides[side].amount); });
  bool moved = false;
  for (uint32_t i = 0; i < sides.size(); ++i) {
    const Exchange::Side& side = sides[i];
    if (!side.receives) continue;
    asset_ = side.asset;
    std::optional<Stream> asked = Enter(i);
    if (!side.issue) {
      SPOOR_ASSIGN_OR_RETURN(asked, Judge(asked, side.owner, exchange.first, *limits));
    }
    leaving_[i] = OneHopOn(asked);
    moved = moved || asked.has_value();
  }
  movements_ += moved ? 1 : 0;
  for (const Exchange::Conversion& conversion : exchange.conversions) {
    asset_ = sides[conversion.to].asset;
    if (leaving_[conversion.to].has_value()) AddConverted(*leaving_[conversion.to]);
  }
  SPOOR_RETURN_IF_ERROR(GatherOthersBack(exchange));
  for (size_t i = 0; i < sides.size(); ++i) {
    const Exchange::Side& side = sides[i];
    if (side.receives) continue;
    asset_ = side.asset;
    if (!side.issue) {
      SPOOR_RETURN_IF_ERROR(Deliver(leaving_[i], side.holding(), side.owner,
                                    static_cast<U>(side.before), side.previous, limits, agenda));
    } else if (leaving_[i].has_value()) {
      SPOOR_RETURN_IF_ERROR(AddEnd(*leaving_[i], EndpointKind::kMinted, AddressId(),
                                   leaving_[i]->capacity, /*certain=*/true));
    }
  }
  for (const Exchange::Side& side : exchange.even) {
    asset_ = side.asset;
    SPOOR_RETURN_IF_ERROR(
        Keep(side.holding(), std::nullopt, static_cast<U>(side.before), side.previous, agenda));
  }
  return absl::OkStatus();
}

// What the rest needs is instantiated with taint_graph.cc.
template absl::Status TaintGraph<Uint256>::ProcessBack(const Movement&, absl::Span<const BoundMark>,
                                                       Limits*, Agenda*);
template absl::Status TaintGraph<Uint256>::ProcessBack(const Exchange&, absl::Span<const BoundMark>,
                                                       Limits*, Agenda*);

}  // namespace spoor
