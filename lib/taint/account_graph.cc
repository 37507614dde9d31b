// How a TaintGraph goes over an account chain, forward, and what pools of coins have in common with
// that. A balance between two movements that touch it is an edge; a payment is a node from which
// the receipt and what is kept lead on, and where something arrives in a balance that stolen units
// can be in, both are joined in a node.

#include <algorithm>
#include <type_traits>
#include <utility>

#include "lib/taint/taint_graph.h"
#include "spoor/base/status_macros.h"

namespace spoor {

template <typename U>
absl::StatusOr<std::optional<typename TaintGraph<U>::Stream>> TaintGraph<U>::Spend(
    const Holding& holding, AddressId owner, Position position, const Limits& limits) {
  const std::optional<Stream> stream = TakeUp(holding);
  if (!stream.has_value()) return stream;
  Fate fate;
  AddLimits(*stream, position, limits, &fate);
  SPOOR_ASSIGN_OR_RETURN(const std::optional<Stream> on, Divide(*stream, fate, owner));
  if (!on.has_value()) return on;
  streams_.assign(1, *on);
  return Merge();
}

template <typename U>
absl::Status TaintGraph<U>::Keep(const Holding& holding, const std::optional<Stream>& stream,
                                 const U& balance, const std::optional<Position>& next,
                                 Agenda* agenda) {
  streams_.clear();
  if (const std::optional<Stream> there = TakeUp(holding)) streams_.push_back(*there);
  if (stream.has_value()) streams_.push_back(*stream);
  if (streams_.empty()) return absl::OkStatus();
  Stream all = streams_.front();
  if (streams_.size() > 1) {
    const U capacity = streams_[0].capacity + streams_[1].capacity;
    all = Merge();
    all.capacity = std::min<U>(capacity, balance);
    all.tainted.most = std::min<U>(all.tainted.most, balance);
  }
  frontier_[holding] = all;
  return next.has_value() ? agenda->Add(*next) : absl::OkStatus();
}

template <typename U>
absl::Status TaintGraph<U>::Deliver(std::optional<Stream> stream, const Holding& holding,
                                    AddressId owner, const U& balance,
                                    const std::optional<Position>& next, Limits* limits,
                                    Agenda* agenda) {
  if (stream.has_value()) {
    Fate fate;
    SPOOR_RETURN_IF_ERROR(AddService(&*stream, owner, limits, &fate));
    SPOOR_ASSIGN_OR_RETURN(stream, Divide(*stream, fate, owner));
  }
  return Keep(holding, stream, balance, next, agenda);
}

template <typename U>
absl::Status TaintGraph<U>::Process(const Movement& movement, absl::Span<const BoundMark> marks,
                                    Limits* limits, Agenda* agenda) {
  asset_ = movement.asset;
  if (direction_ == Direction::kBack) return ProcessBack(movement, marks, limits, agenda);
  const Give* const give = movement.gives.empty() ? nullptr : &movement.gives[0];
  const size_t leaving = movement.takes.size() - (give != nullptr ? 1 : 0);
  leaving_.assign(movement.takes.size(), std::nullopt);
  std::optional<Stream> kept;
  if (give != nullptr) {
    const Take& change = movement.takes.back();
    if (change.amount == give->amount) {
      kept = TakeUp(give->holding);
    } else {
      SPOOR_ASSIGN_OR_RETURN(const std::optional<Stream> in,
                             Spend(give->holding, give->owner, movement.position, *limits));
      movements_ += in.has_value() ? 1 : 0;
      for (size_t i = 0; in.has_value() && i < movement.takes.size(); ++i) {
        leaving_[i] =
            Leave(*in, static_cast<U>(movement.takes[i].amount), static_cast<U>(give->amount));
      }
      kept = leaving_.back();
      // It has not moved.
      if (kept.has_value()) kept->hops = in->hops;
    }
  }
  Mark(marks, [&](uint32_t take) { return static_cast<U>(movement.takes[take].amount); });
  for (uint32_t i = 0; i < leaving; ++i) {
    const Take& take = movement.takes[i];
    if (take.kind == TakerKind::kHolding) {
      SPOOR_RETURN_IF_ERROR(Deliver(Enter(i), take.holding, take.owner,
                                    static_cast<U>(take.before + take.amount), take.next, limits,
                                    agenda));
      continue;
    }
    const std::optional<Stream> stream = Enter(i);
    if (!stream.has_value()) continue;
    const bool fee = take.kind == TakerKind::kFee;
    SPOOR_RETURN_IF_ERROR(AddEnd(*stream, fee ? EndpointKind::kFee : EndpointKind::kBurned,
                                 fee ? Flow::kToFees : Flow::kToBurned, stream->capacity,
                                 /*certain=*/true));
  }
  if (give == nullptr) return absl::OkStatus();
  const Take& change = movement.takes.back();
  return Keep(change.holding, kept, static_cast<U>(change.before + change.amount), change.next,
              agenda);
}

template <typename U>
void TaintGraph<U>::AddConverted(const Stream& stream) {
  const auto [it, added] = converted_.try_emplace(asset_);
  if (added) it->second.sink = NewSink();
  it->second.tainted.most += WideUnits(stream.tainted.most);
  AddSinkEdge(stream.from, it->second.sink, stream.capacity);
}

template <typename U>
absl::Status TaintGraph<U>::Process(const Exchange& exchange, absl::Span<const BoundMark> marks,
                                    Limits* limits, Agenda* agenda) {
  if (direction_ == Direction::kBack) return ProcessBack(exchange, marks, limits, agenda);
  const std::vector<Exchange::Side>& sides = exchange.sides;
  std::vector<std::optional<Stream>> given(sides.size());
  for (size_t i = 0; i < sides.size(); ++i) {
    const Exchange::Side& side = sides[i];
    if (side.receives || side.issue) continue;
    asset_ = side.asset;
    SPOOR_ASSIGN_OR_RETURN(const std::optional<Stream> in,
                           Spend(side.holding(), side.owner, exchange.first, *limits));
    if (!in.has_value()) continue;
    ++movements_;
    const U before = static_cast<U>(side.before);
    const U amount = static_cast<U>(side.amount);
    given[i] = Part(*in, amount, before);  // until it comes to somebody
    SPOOR_RETURN_IF_ERROR(Keep(side.holding(), Part(*in, before - amount, before), before - amount,
                               side.next, agenda));
  }
  for (const Exchange::Conversion& conversion : exchange.conversions) {
    asset_ = sides[conversion.from].asset;
    if (given[conversion.from].has_value()) AddConverted(*given[conversion.from]);
  }
  leaving_.assign(sides.size(), std::nullopt);
  if (exchange.giver.has_value() && given[*exchange.giver].has_value()) {
    const Exchange::Side& giver = sides[*exchange.giver];
    asset_ = giver.asset;
    streams_.assign(1, *given[*exchange.giver]);
    const Stream in = Merge();
    const U volume = static_cast<U>(std::max(giver.amount, exchange.same_amount));
    for (const size_t i : exchange.same) {
      leaving_[i] = Leave(in, static_cast<U>(sides[i].amount), volume);
    }
    const U rest = volume - static_cast<U>(exchange.same_amount);
    const std::optional<Stream> converted = Leave(in, rest, volume);
    if (converted.has_value()) AddConverted(*converted);
  }
  Mark(marks, [&](uint32_t side) { return static_cast<U>(sides[side].amount); });
  for (uint32_t i = 0; i < sides.size(); ++i) {
    const Exchange::Side& side = sides[i];
    if (!side.receives) continue;
    asset_ = side.asset;
    if (!side.issue) {
      SPOOR_RETURN_IF_ERROR(Deliver(Enter(i), side.holding(), side.owner,
                                    static_cast<U>(side.before + side.amount), side.next, limits,
                                    agenda));
    } else if (leaving_[i].has_value()) {
      SPOOR_RETURN_IF_ERROR(AddEnd(*leaving_[i], EndpointKind::kBurned, Flow::kToBurned,
                                   leaving_[i]->capacity, /*certain=*/true));
    }
  }
  for (const Exchange::Side& side : exchange.even) {
    asset_ = side.asset;
    SPOOR_RETURN_IF_ERROR(
        Keep(side.holding(), std::nullopt, static_cast<U>(side.before), side.next, agenda));
  }
  return absl::OkStatus();
}

template <typename U>
void TaintGraph<U>::Open(const Holding& balance, const U& amount, size_t seed) {
  asset_ = balance.minor;
  leaving_.assign(1, TakeUp(balance));
  const BoundMark mark{0, seed, std::nullopt};
  Mark({mark}, [&](uint32_t) { return amount; });
  if (const std::optional<Stream> stream = Enter(0)) frontier_[balance] = *stream;
}

template <typename U>
absl::Status TaintGraph<U>::FinishBalances() {
  const EndpointKind kind =
      direction_ == Direction::kForward ? EndpointKind::kUnspent : EndpointKind::kOutside;
  for (const auto& [holding, stream] : frontier_) {
    if constexpr (std::is_same_v<U, Uint256>) {
      asset_ = holding.minor;
    } else {
      // Only a pool rests with units in it; before it received anything, it had nothing.
      const bool rests =
          direction_ == Direction::kForward && holding == PoolHolding(AddressId{holding.major});
      if (!rests) return NotTakenUp();
      asset_ = kNativeAsset;
    }
    SPOOR_RETURN_IF_ERROR(
        AddEnd(stream, kind, AddressId{holding.major}, stream.capacity, /*certain=*/true));
  }
  frontier_.clear();
  return absl::OkStatus();
}

// What the rest needs is instantiated with taint_graph.cc.
template absl::Status TaintGraph<Uint256>::Process(const Movement&, absl::Span<const BoundMark>,
                                                   Limits*, Agenda*);
template absl::Status TaintGraph<Uint256>::Process(const Exchange&, absl::Span<const BoundMark>,
                                                   Limits*, Agenda*);
template void TaintGraph<Uint256>::Open(const Holding&, const Uint256&, size_t);
template absl::Status TaintGraph<Uint256>::FinishBalances();
template absl::Status TaintGraph<uint64_t>::FinishBalances();
template absl::StatusOr<std::optional<TaintGraph<uint64_t>::Stream>> TaintGraph<uint64_t>::Spend(
    const Holding&, AddressId, Position, const Limits&);
template absl::Status TaintGraph<uint64_t>::Keep(const Holding&, const std::optional<Stream>&,
                                                 const uint64_t&, const std::optional<Position>&,
                                                 Agenda*);
template absl::Status TaintGraph<Uint256>::Keep(const Holding&, const std::optional<Stream>&,
                                                const Uint256&, const std::optional<Position>&,
                                                Agenda*);
template absl::Status TaintGraph<Uint256>::Deliver(std::optional<Stream>, const Holding&, AddressId,
                                                   const Uint256&, const std::optional<Position>&,
                                                   Limits*, Agenda*);
template void TaintGraph<Uint256>::AddConverted(const Stream&);

}  // namespace spoor
