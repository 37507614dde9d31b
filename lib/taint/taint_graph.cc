#include "lib/taint/taint_graph.h"

#include <algorithm>
#include <limits>

#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

template <typename U>
U LessOrNone(const U& amount, const U& taken) {
  return amount > taken ? U(amount - taken) : U(0);
}

}  // namespace

template <typename U>
TaintGraph<U>::TaintGraph(Direction direction, Label label, absl::Span<const U> seed_limits,
                          uint64_t most_edges)
    : direction_(direction), label_(std::move(label)), most_edges_(most_edges) {
  for (const U& limit : seed_limits) seed_limits_.push_back({limit, limit});
}

template <typename U>
typename TaintGraph<U>::Node TaintGraph<U>::AddNode() {
  // So that names of nodes do not run out, in a network that is not kept either.
  return too_large_ ? Node{FlowNetwork<U>::kOptionalSource + 1} : network_.AddNode();
}

template <typename U>
void TaintGraph<U>::AddEdge(Node from, const U& capacity) {
  if (from == FlowNetwork<U>::kSource) sources_[asset_] += WideUnits(capacity);
  if (too_large_) return;
  network_.AddEdge(from, capacity);
  if (network_.edges() <= most_edges_) return;
  too_large_ = true;
  network_.Clear();
}

template <typename U>
absl::Status TaintGraph<U>::Process(const Step<U>& step, absl::Span<const BoundMark> marks,
                                    Limits* limits, Agenda* agenda, Pools* pools) {
  asset_ = step.asset;
  return direction_ == Direction::kForward ? ProcessForward(step, marks, limits, agenda, pools)
                                           : ProcessBack(step, marks, limits, agenda, pools);
}

template <typename U>
absl::Status TaintGraph<U>::ProcessForward(const Step<U>& step, absl::Span<const BoundMark> marks,
                                           Limits* limits, Agenda* agenda, Pools* pools) {
  SPOOR_RETURN_IF_ERROR(TakeUpEntries(step, *limits, pools));
  const std::optional<Stream> in = Join(step.unresolved_inputs);
  if (!in.has_value() && marks.empty()) return absl::OkStatus();
  U volume = 0;
  for (const Taker<U>& taker : step.takers) volume += taker.amount;
  leaving_.assign(step.exits.size(), std::nullopt);
  if (in.has_value()) {
    for (size_t i = 0; i < leaving_.size(); ++i) {
      leaving_[i] = Leave(*in, step.takers[i].amount, volume);
    }
  }
  Mark(marks, [&](uint32_t take) { return step.takers[take].amount; });
  for (size_t i = 0; i < step.exits.size(); ++i) {
    const auto& exit = step.exits[i];
    const std::optional<Stream> stream = Enter(static_cast<uint32_t>(i));
    if (!stream.has_value()) continue;
    if (pools != nullptr && IsPooled<U>(exit, direction_)) {
      SPOOR_RETURN_IF_ERROR(DeliverToPool(*stream, exit.owner, limits, agenda, pools));
      continue;
    }
    const std::optional<Position> next = exit.to_coinbase ? step.position : exit.next;
    SPOOR_ASSIGN_OR_RETURN(const std::optional<Stream> on,
                           Settle(*stream, exit.rests, exit.owner, next, limits));
    if (!on.has_value()) continue;
    frontier_[exit.holding] = *on;
    SPOOR_RETURN_IF_ERROR(exit.to_coinbase ? agenda->AddCoinbase(step.height).status()
                                           : agenda->Add(*exit.next));
  }
  return absl::OkStatus();
}

template <typename U>
absl::Status TaintGraph<U>::ProcessBack(const Step<U>& step, absl::Span<const BoundMark> marks,
                                        Limits* limits, Agenda* agenda, Pools* pools) {
  TakeUpEntriesBack(step, pools);
  Mark(marks, [&](uint32_t take) { return step.entries[take].amount; });
  streams_.clear();
  for (size_t i = 0; i < step.entries.size(); ++i) {
    const std::optional<Stream> stream = Enter(static_cast<uint32_t>(i));
    if (!stream.has_value()) continue;
    SPOOR_ASSIGN_OR_RETURN(
        const std::optional<Stream> on,
        Settle(*stream, EndpointKind::kUnspent, step.entries[i].owner, step.position, limits));
    if (on.has_value()) streams_.push_back(*on);
  }
  const std::optional<Stream> in = Join(step.unresolved_inputs);
  if (!in.has_value()) return absl::OkStatus();
  U volume = 0;
  for (const Taker<U>& giver : step.takers) volume += giver.amount;
  for (size_t i = 0; i < step.exits.size(); ++i) {
    const auto& exit = step.exits[i];
    const std::optional<Stream> stream = Leave(*in, step.takers[i].amount, volume);
    if (!stream.has_value()) continue;
    if (pools != nullptr && IsPooled<U>(exit, direction_)) {
      SPOOR_RETURN_IF_ERROR(DeliverToPool(*stream, exit.owner, limits, agenda, pools));
    } else if (exit.next.has_value()) {
      frontier_[exit.holding] = *stream;
      SPOOR_RETURN_IF_ERROR(agenda->Add(*exit.next));
    } else {
      SPOOR_RETURN_IF_ERROR(
          AddEnd(*stream, exit.rests, exit.owner, stream->capacity, /*certain=*/true));
    }
  }
  return absl::OkStatus();
}

template <typename U>
absl::Status TaintGraph<U>::TakeUpEntries(const Step<U>& step, const Limits& limits,
                                          const Pools* pools) {
  std::vector<Stream> found;
  std::vector<std::pair<AddressId, U>> payments;
  for (const auto& entry : step.entries) {
    if (!entry.holding.has_value()) continue;
    if (pools == nullptr || !IsPooled<U>(entry)) {
      if (const std::optional<Stream> stream = TakeUp(*entry.holding)) found.push_back(*stream);
      continue;
    }
    const AddressId pool = pools->Known(entry.owner);
    if (pool.IsNobody()) continue;
    const auto it = std::find_if(payments.begin(), payments.end(),
                                 [&](const auto& payment) { return payment.first == pool; });
    if (it == payments.end()) {
      payments.emplace_back(pool, entry.amount);
    } else {
      it->second += entry.amount;
    }
  }
  for (const auto& [pool, amount] : payments) {
    const U held = static_cast<U>(pools->Balance(pool));
    SPOOR_ASSIGN_OR_RETURN(const std::optional<Stream> in,
                           Spend(PoolHolding(pool), pool, step.position, limits));
    if (!in.has_value()) continue;
    if (const std::optional<Stream> paid = Part(*in, amount, held)) found.push_back(*paid);
    if (const std::optional<Stream> kept = Part(*in, held - amount, held)) {
      frontier_[PoolHolding(pool)] = *kept;
    }
  }
  streams_ = std::move(found);
  return absl::OkStatus();
}

template <typename U>
void TaintGraph<U>::TakeUpEntriesBack(const Step<U>& step, const Pools* pools) {
  leaving_.assign(step.entries.size(), std::nullopt);
  absl::flat_hash_map<AddressId, Stream> known;
  std::map<AddressId, U> before;
  for (size_t i = 0; i < step.entries.size(); ++i) {
    const auto& entry = step.entries[i];
    if (pools == nullptr || !IsPooled<U>(entry)) {
      leaving_[i] = TakeUp(*entry.holding);
      continue;
    }
    const AddressId pool = pools->Known(entry.owner);
    if (pool.IsNobody()) continue;
    if (const std::optional<Stream> all = TakeUp(PoolHolding(pool))) {
      streams_.assign(1, *all);
      known.emplace(pool, Merge());
      before.emplace(pool, static_cast<U>(pools->Balance(pool)));
    }
    const auto it = known.find(pool);
    if (it == known.end()) continue;
    leaving_[i] = Part(it->second, entry.amount, static_cast<U>(pools->Balance(pool)));
    before[pool] -= entry.amount;
  }
  for (const auto& [pool, amount] : before) {
    const auto kept = Part(known.at(pool), amount, static_cast<U>(pools->Balance(pool)));
    if (kept.has_value()) frontier_[PoolHolding(pool)] = *kept;
  }
}

template <typename U>
absl::Status TaintGraph<U>::DeliverToPool(Stream stream, AddressId owner, Limits* limits,
                                          Agenda* agenda, Pools* pools) {
  SPOOR_ASSIGN_OR_RETURN(const AddressId pool, pools->Of(owner));
  Fate fate;
  SPOOR_RETURN_IF_ERROR(AddService(&stream, owner, limits, &fate));
  const bool back = direction_ == Direction::kBack;
  SPOOR_ASSIGN_OR_RETURN(const std::optional<Stream> on, Divide(stream, fate, back ? pool : owner));
  if (!on.has_value()) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(pools->Learn(owner, agenda).status());
  return Keep(PoolHolding(pool), on, std::numeric_limits<U>::max(), std::nullopt, agenda);
}

template <typename U>
std::optional<typename TaintGraph<U>::Stream> TaintGraph<U>::TakeUp(const Holding& holding) {
  const auto it = frontier_.find(holding);
  if (it == frontier_.end()) return std::nullopt;
  const Stream stream = it->second;
  frontier_.erase(it);
  return stream;
}

template <typename U>
std::optional<typename TaintGraph<U>::Stream> TaintGraph<U>::Join(uint64_t unresolved_inputs) {
  if (streams_.empty()) return std::nullopt;
  ++movements_;
  unresolved_inputs_ += unresolved_inputs;
  return Merge();
}

template <typename U>
typename TaintGraph<U>::Stream TaintGraph<U>::Merge() {
  Stream in;
  in.from = AddNode();
  in.hops = streams_.front().hops;
  for (const Stream& stream : streams_) {
    AddEdge(stream.from, stream.capacity);
    // The fewest of those that are tainted, and these are no more than of one that is for certain.
    in.hops.least = std::min(in.hops.least, stream.hops.least);
    if ((stream.tainted.least > 0) == (in.tainted.least > 0)) {
      in.hops.most = in.tainted.least > 0 ? std::min(in.hops.most, stream.hops.most)
                                          : std::max(in.hops.most, stream.hops.most);
    } else if (stream.tainted.least > 0) {
      in.hops.most = stream.hops.most;
    }
    in.tainted.least += stream.tainted.least;
    in.tainted.most += stream.tainted.most;
  }
  return in;
}

template <typename U>
std::optional<typename TaintGraph<U>::Stream> TaintGraph<U>::Leave(const Stream& in,
                                                                   const U& amount,
                                                                   const U& volume) {
  const U most = std::min(amount, in.tainted.most);
  if (most == 0) return std::nullopt;
  const U least = LessOrNone<U>(in.tainted.least, volume - amount);
  return Stream{in.from, amount, {least, most}, {in.hops.least + 1, in.hops.most + 1}};
}

template <typename U>
std::optional<typename TaintGraph<U>::Stream> TaintGraph<U>::Part(const Stream& in, const U& amount,
                                                                  const U& volume) {
  std::optional<Stream> stream = Leave(in, amount, volume);
  if (stream.has_value()) stream->hops = in.hops;
  return stream;
}

template <typename U>
typename TaintGraph<U>::Credit* TaintGraph<U>::FindCredit(uint32_t take) {
  const auto it = std::find_if(credits_.begin(), credits_.end(),
                               [&](const Credit& credit) { return credit.take == take; });
  return it == credits_.end() ? nullptr : &*it;
}

template <typename U>
void TaintGraph<U>::Mark(absl::Span<const BoundMark> marks,
                         absl::FunctionRef<U(uint32_t take)> amount_of) {
  credits_.clear();
  for (const BoundMark& mark : marks) {
    Credit* credit = FindCredit(mark.take);
    if (credit == nullptr) {
      credit = &credits_.emplace_back();
      credit->take = mark.take;
      credit->amount = amount_of(mark.take);
      if (const auto& arrived = leaving_[mark.take]) credit->arrived = arrived->tainted;
      credit->clean = {credit->amount - credit->arrived.most,
                       credit->amount - credit->arrived.least};
    }
    // It marks as many as are clean, but no more than it may. Both are less the other.
    Between<U>& limit = seed_limits_[mark.seed];
    Between<U>& clean = credit->clean;
    if (mark.amount.has_value() || converted()) {
      const U most = std::min<U>(
          limit.most, static_cast<U>(std::min(mark.amount.value_or(Units(credit->amount)),
                                              Units(credit->amount))));
      credit->open = true;
      credit->allowed.most += std::min<U>(most, credit->amount - credit->allowed.most);
      limit.least = LessOrNone(limit.least, most);
      clean.least = LessOrNone(clean.least, most);
      continue;
    }
    for (auto [sum, more] : {std::pair(&credit->allowed.least, &limit.least),
                             std::pair(&credit->allowed.most, &limit.most)}) {
      *sum += std::min<U>(*more, credit->amount - *sum);
    }
    const Between<U> limit_before = limit;
    limit = {LessOrNone(limit.least, clean.most), LessOrNone(limit.most, clean.least)};
    clean = {LessOrNone(clean.least, limit_before.most),
             LessOrNone(clean.most, limit_before.least)};
  }
}

template <typename U>
std::optional<typename TaintGraph<U>::Stream> TaintGraph<U>::Enter(uint32_t take) {
  const std::optional<Stream>& arrived = leaving_[take];
  const Credit* credit = FindCredit(take);
  if (credit == nullptr) return arrived;
  const U& amount = credit->amount;
  const Between<U> marked = {std::min<U>(credit->allowed.least, amount - credit->arrived.most),
                             std::min<U>(credit->allowed.most, amount - credit->arrived.least)};
  if (marked.most == 0) return arrived;
  marked_[asset_].least += WideUnits(marked.least);
  marked_[asset_].most += WideUnits(marked.most);
  Stream out;
  out.tainted = {amount - credit->clean.most, amount - credit->clean.least};
  out.capacity = out.tainted.most;
  // A marked credit counts from here.
  out.hops.most = marked.least == 0 && arrived.has_value() ? arrived->hops.most : 0;

  // So many units leave it at least; and they are counted as coming from the seeds, the others that
  // arrived pass beside them, or replace them and come to nothing.
  const bool known = marked.least == marked.most;
  const U forced = credit->open ? U(0) : known ? marked.least : out.tainted.least;
  if (credit->open || (!known && forced < amount)) loose_ = true;
  if (!arrived.has_value() && known && !credit->open) {
    out.from = FlowNetwork<U>::kSource;
    return out;
  }
  const U passing = amount - forced;
  Node from = arrived.has_value() ? arrived->from : Node{FlowNetwork<U>::kSource};
  if (arrived.has_value() && forced > marked.least) {
    const Node returned = AddNode();
    AddEdge(from, arrived->capacity);
    const auto [it, added] = returned_.try_emplace(asset_, sinks_);
    if (added) NewSink();
    if (!too_large_) network_.AddSinkEdge(returned, it->second, forced - marked.least);
    from = returned;
  }
  out.from = AddNode();
  if (arrived.has_value()) AddEdge(from, passing);
  AddEdge(FlowNetwork<U>::kSource, forced);
  AddEdge(FlowNetwork<U>::kOptionalSource, std::min<U>(passing, LessOrNone(marked.most, forced)));
  return out;
}

template <typename U>
absl::StatusOr<std::optional<typename TaintGraph<U>::Stream>> TaintGraph<U>::Settle(
    Stream stream, EndpointKind rests, AddressId owner, std::optional<Position> next,
    Limits* limits) {
  Fate fate;
  SPOOR_RETURN_IF_ERROR(AddService(&stream, owner, limits, &fate));
  if (fate.goes_on && !next.has_value()) {
    fate.ends.emplace_back(rests, stream.capacity);
    fate.goes_on = false;
  }
  if (fate.goes_on) AddLimits(stream, *next, *limits, &fate);
  return Divide(std::move(stream), fate, owner);
}

template <typename U>
absl::Status TaintGraph<U>::AddService(Stream* stream, AddressId owner, Limits* limits,
                                       Fate* fate) const {
  if (stream->hops.most == 0) return absl::OkStatus();
  SPOOR_ASSIGN_OR_RETURN(const bool service, limits->IsService(owner, asset_));
  if (!service) return absl::OkStatus();
  fate->ends.emplace_back(EndpointKind::kService, stream->capacity);
  fate->goes_on = stream->hops.least == 0;
  stream->hops = {0, 0};  // else it stops
  return absl::OkStatus();
}

template <typename U>
void TaintGraph<U>::AddLimits(const Stream& stream, Position next, const Limits& limits,
                              Fate* fate) const {
  // Converted units may be there too, and count: how many, and how far they came, is not known.
  constexpr uint32_t kFar = std::numeric_limits<uint32_t>::max() - 1;
  const std::optional<EndpointKind> at_most_hops =
      limits.Stop(converted() ? kFar : stream.hops.most, next);
  const std::optional<EndpointKind> at_least_hops =
      limits.Stop(converted() ? 0 : stream.hops.least, next);
  if (at_most_hops.has_value()) fate->ends.emplace_back(*at_most_hops, stream.capacity);
  if (at_least_hops.has_value() && at_least_hops != at_most_hops) {
    fate->ends.emplace_back(*at_least_hops, stream.capacity);
  }
  fate->goes_on = !at_least_hops.has_value();
  if (!fate->goes_on || stream.tainted.least >= limits.least()) return;
  if (stream.tainted.most < limits.least() && !converted()) fate->goes_on = false;
  fate->ends.emplace_back(
      EndpointKind::kBelowLeast,
      std::min<U>(stream.capacity,
                  static_cast<U>(std::min<Units>(limits.least() - 1, Units(stream.capacity)))));
}

template <typename U>
absl::StatusOr<std::optional<typename TaintGraph<U>::Stream>> TaintGraph<U>::Divide(
    Stream stream, const Fate& fate, AddressId owner) {
  if (fate.ends.empty()) return stream;
  const bool certain = fate.ends.size() == 1 && !fate.goes_on;
  if (!certain) {
    loose_ = true;
    const Node node = AddNode();
    AddEdge(stream.from, stream.capacity);
    stream.from = node;
  }
  for (const auto& [kind, most] : fate.ends) {
    SPOOR_RETURN_IF_ERROR(AddEnd(stream, kind, owner, most, certain));
  }
  stream.tainted.least = 0;
  return fate.goes_on ? std::optional(stream) : std::nullopt;
}

template <typename U>
absl::Status TaintGraph<U>::AddEnd(const Stream& stream, EndpointKind kind, AddressId owner,
                                   const U& most, bool certain) {
  SPOOR_ASSIGN_OR_RETURN(std::string label, label_(kind, owner));
  const auto [it, added] = ends_.try_emplace(Sort{asset_, kind, std::move(label)});
  End& end = it->second;
  if (added) end.sink = NewSink();
  if (certain) end.tainted.least += WideUnits(stream.tainted.least);
  end.tainted.most += WideUnits(std::min(most, stream.tainted.most));
  AddSinkEdge(stream.from, end.sink, most);
  return absl::OkStatus();
}

template <typename U>
void TaintGraph<U>::AddSinkEdge(Node from, uint32_t sink, const U& capacity) {
  if (from == FlowNetwork<U>::kSource) sources_[asset_] += WideUnits(capacity);
  if (!too_large_) network_.AddSinkEdge(from, sink, capacity);
}

template <typename U>
std::vector<typename TaintGraph<U>::Sort> TaintGraph<U>::Sorts() const {
  std::vector<Sort> sorts;
  for (const auto& [sort, end] : ends_) sorts.push_back(sort);
  return sorts;
}

template <typename U>
WideUnits TaintGraph<U>::MaxFlow(const std::vector<bool>& open, bool optional_source) {
  const auto [it, added] = flows_.try_emplace({open, optional_source});
  if (added) it->second = network_.MaxFlow(open, optional_source);
  return it->second;
}

template <typename U>
typename TaintGraph<U>::Range TaintGraph<U>::Ask(AssetId asset,
                                                 absl::FunctionRef<bool(const Sort&)> asked,
                                                 const WideUnits& most_stolen, bool whole) {
  Range inside;
  Range outside;
  std::vector<bool> into(sinks_, false);
  std::vector<bool> elsewhere(sinks_, false);
  for (const auto& [sort, end] : ends_) {
    if (sort.asset != asset) continue;
    const bool in = asked(sort);
    (in ? into : elsewhere)[end.sink] = true;
    Range& sum = in ? inside : outside;
    sum.least += end.tainted.least;
    sum.most += end.tainted.most;
  }
  if (const auto it = returned_.find(asset); it != returned_.end()) elsewhere[it->second] = true;
  // What was converted may have come to either.
  if (const auto it = converted_.find(asset); it != converted_.end()) {
    into[it->second.sink] = true;
    elsewhere[it->second.sink] = !whole;
    inside.most += it->second.tainted.most;
    if (!whole) outside.most += it->second.tainted.most;
  }
  const Range& marked = marked_[asset];
  const WideUnits stolen = std::min(most_stolen, marked.most);
  Range range = {std::max<WideUnits>(inside.least, marked.least - outside.most),
                 std::min<WideUnits>(inside.most, stolen - outside.least)};
  if (!too_large_) {
    range.least = std::max<WideUnits>(
        range.least, sources_[asset] - MaxFlow(elsewhere, /*optional_source=*/false));
    range.most = std::min(range.most, MaxFlow(into, /*optional_source=*/true));
  }
  return range;
}

template <typename U>
BoundTightness TaintGraph<U>::tightness() const {
  if (too_large_) return BoundTightness::kTooLarge;
  return loose_ || converted() ? BoundTightness::kLoose : BoundTightness::kAttained;
}

template class TaintGraph<uint64_t>;
template class TaintGraph<Uint256>;

}  // namespace spoor
