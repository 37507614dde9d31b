#ifndef SPOOR_LIB_TAINT_POLICY_RUN_H_
#define SPOOR_LIB_TAINT_POLICY_RUN_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lib/taint/agenda.h"
#include "lib/taint/end_place_numbers.h"
#include "lib/taint/endpoint_list.h"
#include "lib/taint/flow_sums.h"
#include "lib/taint/frontier.h"
#include "lib/taint/limits.h"
#include "lib/taint/movement_numbers.h"
#include "lib/taint/pools.h"
#include "lib/taint/sequence.h"
#include "lib/taint/step.h"
#include "lib/taint/strongest_ways.h"
#include "lib/taint/unit_ways.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// Units that enter a take are stolen; backwards, they are what is asked for.
struct SeedMark {
  uint32_t take = 0;
  SourceId source = kClean;
  size_t seed = 0;  // whose limit it draws on
};

// One policy on its way through one chain: what it has tainted and has not yet moved (the
// frontier), and what has ended. The movements must come in the agenda's order; those that touch no
// tainted holding and no seed may be left out.
template <typename U>
class PolicyRun {
 public:
  struct Options {
    uint32_t chain = 0;
    Direction direction = Direction::kForward;
    size_t sources = 0;
    bool flows = true;
    size_t paths = 0;
    bool patterns = false;   // whether to tell last_moved()
    Pools* pools = nullptr;  // null: coins are not pooled
    // Shared with the other policies, of which this one is number `policy`.
    MovementNumbers* numbers = nullptr;
    EndPlaceNumbers* places = nullptr;
    Frontier<U>* frontier = nullptr;
    uint32_t policy = 0;
  };

  // Outputs with stolen units that a movement spent and made.
  struct Moved {
    struct Given {
      Holding holding;
      AddressId owner;
      U amount = 0;
      U tainted = 0;
      uint32_t height = 0;  // of the movement that made it
    };
    std::vector<Given> given;
    size_t taken = 0;
    U taken_units = 0;
  };

  // `seed_limits` has for each seed what it may still mark; it belongs to this run.
  PolicyRun(std::unique_ptr<Policy<U>> policy, const Options& options, std::vector<U> seed_limits)
      : policy_(std::move(policy)),
        options_(options),
        seed_limits_(std::move(seed_limits)),
        stolen_(options.sources + 1),
        flows_(options.direction, options.numbers),
        tells_givers_(options.flows || options.direction == Direction::kBack),
        endpoints_(options.chain, policy_->conserving(),
                   options.paths > 0 || options.pools != nullptr, options.places) {
    if (options_.paths == 0) return;
    if (policy_->ordered()) {
      unit_ways_.emplace();
    } else {
      strongest_ways_.emplace(policy_->conserving(), options_.paths);
    }
  }

  // Moves what `step` moves, as far as `limits` let it, and adds to `agenda` every movement that
  // touches what is tainted now. `marks` are the seeds' on this movement, in the order of the
  // request.
  absl::Status Process(const Step<U>& step, absl::Span<const SeedMark> marks, Limits* limits,
                       Agenda* agenda);

  // How many it has moved stolen units through.
  uint64_t movements() const { return movements_; }
  // Of the last movement that it moved stolen units through, forward, if Options::patterns.
  const Moved& last_moved() const { return last_moved_; }
  // About how many bytes its tables take.
  uint64_t memory() const;

  // Adds what has ended to `result`. DATA_LOSS if something still waits, to be taken up.
  absl::Status Finish(PolicyResult* result);

 private:
  using Held = typename Frontier<U>::Held;
  // A pool with stolen units in it.
  struct Pooled {
    Parcel<U> parcel;
    uint32_t hops = 0;
    U amount = 0;
    // Of the movement that last brought stolen ones.
    Position position;
    uint32_t height = 0;
    Txid txid;
  };
  // What a pool gives to the movement at hand, in place of the entry at `first`.
  struct Payment {
    AddressId pool;
    size_t first = 0;
    U amount = 0;
    Parcel<U> parcel;
    uint32_t hops = 0;
  };
  // Where an endpoint is, as seen from a step.
  struct Place {
    bool at_output = true;
    uint32_t index = 0;
    AddressId owner;
    U amount = 0;
  };

  using WayList = typename StrongestWays<U>::List;

  // Backwards: seeds mark what enters, and what has come far enough goes no further.
  absl::Status EnterBack(const Step<U>& step, absl::Span<const SeedMark> marks, Limits* limits);
  // What is at the entry; nullopt if nothing is.
  std::optional<Held> FindAt(const Step<U>& step, const typename Step<U>::Entry& entry) {
    return entry.holding.has_value()
               ? options_.frontier->Find(options_.policy, *entry.holding, step.position)
               : std::nullopt;
  }
  std::optional<Held> TakeAt(const Step<U>& step, const typename Step<U>::Entry& entry) {
    return entry.holding.has_value()
               ? options_.frontier->Take(options_.policy, *entry.holding, step.position)
               : std::nullopt;
  }
  U TaintedOf(absl::Span<const Lot<U>> parcel, const U& amount) const;
  void CountTaken(const Step<U>& step);
  void ExtendWays(const Step<U>& step);
  // Has the tainted pools pay what the step spends of them, into payments_.
  absl::Status PayFromPools(const Step<U>& step, Limits* limits);
  // Sends what leaves on, where coins are pooled.
  absl::Status LeaveToPools(const Step<U>& step, Limits* limits, Agenda* agenda);
  // The same against the stream: has the pools hand over what the step brought to them, and sends
  // what is asked for of what it spent back to them.
  absl::Status TakeFromPools(const Step<U>& step);
  absl::Status ReturnToPools(const Step<U>& step, Limits* limits, Agenda* agenda);
  void JoinPool(const Parcel<U>& paid, const U& amount, Pooled* pooled);
  void Append(const Parcel<U>& parcel, const U& amount, Pooled* pooled) const;
  void AddPoolEndpoint(EndpointKind kind, AddressId pool, Pooled* pooled);
  // Joins what enters into sequence_, and tells whether anything in it is tainted.
  absl::Status Join(const Step<U>& step, bool* tainted, uint32_t* hops);
  // How many units it marked, if any: the credit has `amount` of them and is at `place`.
  std::optional<U> Mark(const SeedMark& mark, const U& amount, const Path::Place& place,
                        Parcel<U>* slice);
  // Sends what leaves by exit `i` on, or ends it there.
  absl::Status Leave(const Step<U>& step, size_t i, Limits* limits, Agenda* agenda);
  // Why the parcel does not go through the movement at `next`, if it does not.
  std::optional<EndpointKind> Stop(const Limits& limits, const Held& held, const U& amount,
                                   Position next) const;
  // Adds to the sequence what the entry `giver` brought.
  void Bring(absl::Span<const Lot<U>> parcel, uint32_t giver) {
    for (const Lot<U>& lot : parcel) {
      sequence_.Add(lot.units, lot.source, tells_givers_ ? giver : 0);
    }
  }
  // Neighbours of one source become one lot, whoever brought them. Returns how many there are then.
  static size_t Condense(absl::Span<Lot<U>> parcel);
  // Of a parcel whose neighbours differ in source: of any two one is tainted.
  static bool IsTainted(absl::Span<const Lot<U>> parcel) {
    return parcel.size() > 1 || (parcel.size() == 1 && parcel[0].source != kClean);
  }
  // Of these two the parcel is of no use after.
  void AddEndpoint(const Step<U>& step, EndpointKind kind, const Place& place, uint32_t hops,
                   absl::Span<Lot<U>> parcel, const WayList& ways = {});
  void AddEndpoint(const End<U>& end, absl::Span<Lot<U>> parcel, const WayList& ways = {});

  std::unique_ptr<Policy<U>> policy_;
  Options options_;
  std::vector<U> seed_limits_;  // by seed
  std::vector<U> stolen_;       // by source
  absl::flat_hash_map<AddressId, Pooled> pools_;
  FlowSums<U> flows_;
  bool tells_givers_;  // whether somebody asks who brought a lot
  EndpointList<U> endpoints_;
  // One of them if paths are asked for. With UnitWays lots are labelled with ways.
  std::optional<UnitWays> unit_ways_;
  std::optional<StrongestWays<U>> strongest_ways_;
  uint64_t movements_ = 0;
  uint64_t unresolved_inputs_ = 0;
  size_t most_lots_ = 0;
  Moved last_moved_;

  // Memory reused from movement to movement.
  Sequence<U> sequence_;
  Slices<U> slices_;            // what leaves by each exit
  std::vector<uint32_t> hops_;  // by exit
  std::vector<Payment> payments_;
  std::vector<size_t> payment_of_;  // by entry
  static constexpr size_t kNoPayment = std::numeric_limits<size_t>::max();
  absl::flat_hash_map<AddressId, U> holds_;  // backwards, what it received
};

template <typename U>
absl::Status PolicyRun<U>::Join(const Step<U>& step, bool* tainted, uint32_t* hops) {
  sequence_.Clear();
  last_moved_.given.clear();
  *hops = std::numeric_limits<uint32_t>::max();
  *tainted = false;
  for (size_t i = 0; i < step.entries.size(); ++i) {
    const auto& entry = step.entries[i];
    const auto giver = static_cast<uint32_t>(i);
    if (options_.pools != nullptr && payment_of_[i] != kNoPayment) {
      const Payment& payment = payments_[payment_of_[i]];
      if (payment.first != i) continue;
      Bring(payment.parcel, giver);
      if (!IsTainted(payment.parcel)) continue;
      *tainted = true;
      *hops = std::min(*hops, payment.hops);
      continue;
    }
    const std::optional<Held> held = TakeAt(step, entry);
    if (!held.has_value()) {
      if (entry.amount != 0) sequence_.Add(entry.amount, kClean, tells_givers_ ? giver : 0);
      continue;
    }
    // What is shared must be as much as the movement moves.
    if (held->amount != entry.amount) return NotTheSameAmount();
    if (tells_givers_) {
      Bring(held->parcel, giver);
    } else {
      sequence_.AddPadded(held->parcel);
    }
    *hops = std::min(*hops, held->hops);
    *tainted = true;
    if (options_.patterns && entry.amount != 0) {
      last_moved_.given.push_back({*entry.holding, entry.owner, entry.amount,
                                   TaintedOf(held->parcel, entry.amount), held->height});
    }
    if (strongest_ways_.has_value()) strongest_ways_->Enter(*entry.holding, held->parcel);
  }
  return absl::OkStatus();
}

template <typename U>
std::optional<U> PolicyRun<U>::Mark(const SeedMark& mark, const U& amount, const Path::Place& place,
                                    Parcel<U>* slice) {
  U& limit = seed_limits_[mark.seed];
  if (policy_->conserving()) {
    std::optional<U> all;
    const SourceId label =
        unit_ways_.has_value() ? unit_ways_->Begin(mark.source, place) : mark.source;
    Parcel<U> marked;
    for (const Lot<U>& lot : *slice) {
      const U units = lot.source == kClean ? std::min(limit, lot.units) : U(0);
      if (units == 0) {
        marked.push_back(lot);
        continue;
      }
      all = all.value_or(0) + units;
      limit -= units;
      stolen_[mark.source] += units;
      marked.push_back({units, label, lot.giver});
      if (units < lot.units) marked.push_back({lot.units - units, kClean, lot.giver});
    }
    *slice = std::move(marked);
    return all;
  }
  // A ceiling has no parts: a credit is tainted whole or not at all. Its lots stand by source.
  if (limit == 0 && amount != 0) return std::nullopt;
  if (slice->empty() || slice->front().source == kClean) {
    const U units = std::min(limit, amount);
    stolen_[mark.source] += units;
    limit -= units;
    slice->clear();
  }
  const auto found =
      std::lower_bound(slice->begin(), slice->end(), mark.source,
                       [](const Lot<U>& lot, SourceId source) { return lot.source < source; });
  if (found != slice->end() && found->source == mark.source) return std::nullopt;
  slice->insert(found, {amount, mark.source, 0});
  return amount;
}

template <typename U>
absl::Status PolicyRun<U>::EnterBack(const Step<U>& step, absl::Span<const SeedMark> marks,
                                     Limits* limits) {
  for (const SeedMark& mark : marks) {
    const auto& entry = step.entries[mark.take];
    Parcel<U> slice;
    const std::optional<Held> held = FindAt(step, entry);
    if (!held.has_value()) {
      if (entry.amount > 0) slice.push_back({entry.amount, kClean, 0});
    } else {
      for (const Lot<U>& lot : held->parcel) slice.push_back({lot.units, lot.source, 0});
    }
    const Path::Place place{step.position, Txid(), true, mark.take};
    const std::optional<U> marked = Mark(mark, entry.amount, place, &slice);
    if (!marked.has_value()) continue;
    slice.resize(Condense(absl::MakeSpan(slice)));
    if (strongest_ways_.has_value()) {
      strongest_ways_->MarkAt(*entry.holding, mark.source, *marked, slice, entry.amount, place);
    }
    TakeAt(step, entry);
    if (IsTainted(slice)) {
      options_.frontier->Put(options_.policy, *entry.holding, step.position, {slice, entry.amount});
    }
  }
  for (size_t i = 0; i < step.entries.size(); ++i) {
    const auto& entry = step.entries[i];
    const std::optional<Held> held = FindAt(step, entry);
    if (!held.has_value()) continue;
    std::optional<EndpointKind> kind = Stop(*limits, *held, entry.amount, step.position);
    if (held->hops > 0) {
      SPOOR_ASSIGN_OR_RETURN(const bool service, limits->IsService(entry.owner, kNativeAsset));
      if (service) kind = EndpointKind::kService;
    }
    if (!kind.has_value()) continue;
    const uint32_t index = entry.at_output ? static_cast<uint32_t>(i) : 0;
    WayList ways;
    if (strongest_ways_.has_value()) ways = strongest_ways_->Take(*entry.holding);
    Parcel<U> parcel(held->parcel.begin(), held->parcel.end());
    AddEndpoint(step, *kind, {entry.at_output, index, entry.owner, entry.amount}, held->hops,
                absl::MakeSpan(parcel), ways);
    TakeAt(step, entry);
  }
  return absl::OkStatus();
}

template <typename U>
absl::Status PolicyRun<U>::Process(const Step<U>& step, absl::Span<const SeedMark> marks,
                                   Limits* limits, Agenda* agenda) {
  const bool back = options_.direction == Direction::kBack;
  const bool pools = options_.pools != nullptr;
  if (pools) SPOOR_RETURN_IF_ERROR(back ? TakeFromPools(step) : PayFromPools(step, limits));
  if (back) {
    SPOOR_RETURN_IF_ERROR(EnterBack(step, marks, limits));
    marks = {};
  }
  if (strongest_ways_.has_value()) strongest_ways_->Start();
  uint32_t hops = 0;
  bool tainted = false;
  SPOOR_RETURN_IF_ERROR(Join(step, &tainted, &hops));
  if (!tainted && marks.empty() && pools_.empty()) return absl::OkStatus();

  const size_t exits = step.exits.size();
  if (tainted) {
    ++movements_;
    unresolved_inputs_ += step.unresolved_inputs;
    if (back) {
      policy_->ShareBack(sequence_.lots(), step.takers, &slices_);
    } else {
      policy_->Share(sequence_.lots(), step.takers, &slices_);
    }
    if (options_.flows) flows_.Add(*policy_, step, sequence_.lots(), slices_);
    if (unit_ways_.has_value()) ExtendWays(step);
    if (strongest_ways_.has_value()) strongest_ways_->Join();
    if (options_.patterns) CountTaken(step);
    hops_.assign(exits, hops + 1);
  } else {
    // Only seeds matter here: whose the clean units were does not.
    Lot<U>* out = slices_.Begin(exits, exits);
    for (size_t i = 0; i < exits; ++i, ++out) {
      *out = {step.takers[i].amount, kClean};
      if (out->units > 0) slices_.Set(i, out, out + 1);
    }
    hops_.assign(exits, 0);
  }
  for (const SeedMark& mark : marks) {
    Parcel<U> slice(slices_[mark.take].begin(), slices_[mark.take].end());
    const std::optional<U> marked =
        Mark(mark, step.takers[mark.take].amount, ExitPlace(step, step.exits[mark.take]), &slice);
    if (!marked.has_value()) continue;
    slices_.Replace(mark.take, slice);
    hops_[mark.take] = 0;
    if (strongest_ways_.has_value()) strongest_ways_->Mark(mark.take, mark.source, *marked);
  }
  if (tells_givers_ || !marks.empty()) {
    for (size_t i = 0; i < exits; ++i) slices_.Shorten(i, Condense(slices_[i]));
  }
  if (pools) {
    return back ? ReturnToPools(step, limits, agenda) : LeaveToPools(step, limits, agenda);
  }
  for (size_t i = 0; i < exits; ++i) {
    SPOOR_RETURN_IF_ERROR(Leave(step, i, limits, agenda));
  }
  return absl::OkStatus();
}

template <typename U>
void PolicyRun<U>::ExtendWays(const Step<U>& step) {
  for (size_t i = 0; i < step.exits.size(); ++i) {
    const auto& exit = step.exits[i];
    // By which coins units left a pool is told when it received them.
    if (options_.pools != nullptr && options_.direction == Direction::kBack &&
        IsPooled<U>(exit, options_.direction)) {
      continue;
    }
    unit_ways_->Extend(ExitPlace(step, exit), slices_[i]);
  }
}

template <typename U>
absl::Status PolicyRun<U>::Leave(const Step<U>& step, size_t i, Limits* limits, Agenda* agenda) {
  const absl::Span<Lot<U>> parcel = slices_[i];
  if (!IsTainted(parcel)) return absl::OkStatus();
  const U& amount = step.takers[i].amount;
  const Held held{parcel, amount, hops_[i], step.height, /*padded=*/true};
  most_lots_ = std::max(most_lots_, parcel.size());
  const auto& exit = step.exits[i];
  EndpointKind kind = exit.rests;
  bool goes_on = exit.next.has_value() || exit.to_coinbase;
  // Backwards a holding is judged when the movement is read that made it: EnterBack().
  if (options_.direction == Direction::kForward) {
    const Position next = exit.next.value_or(step.position);
    if (goes_on && !limits->LetAll(held.hops, next)) {
      const auto stop = Stop(*limits, held, amount, next);
      goes_on = !stop.has_value();
      kind = stop.value_or(kind);
    }
    if (held.hops > 0 && limits->has_services()) {
      SPOOR_ASSIGN_OR_RETURN(const bool service, limits->IsService(exit.owner, kNativeAsset));
      if (service) kind = EndpointKind::kService;
      goes_on = goes_on && !service;
    }
  }
  if (!goes_on) {
    WayList ways;
    if (strongest_ways_.has_value()) {
      ways = strongest_ways_->Leave(i, parcel, amount, ExitPlace(step, exit));
    }
    AddEndpoint(step, kind, {exit.at_output, exit.index, exit.owner, amount}, held.hops, parcel,
                ways);
    return absl::OkStatus();
  }
  if (strongest_ways_.has_value()) {
    strongest_ways_->Put(exit.holding,
                         strongest_ways_->Leave(i, parcel, amount, ExitPlace(step, exit)));
  }
  Position next;
  if (exit.to_coinbase) {
    SPOOR_ASSIGN_OR_RETURN(next, agenda->AddCoinbase(step.height));
  } else {
    next = *exit.next;
    SPOOR_RETURN_IF_ERROR(agenda->Add(next));
  }
  options_.frontier->Put(options_.policy, exit.holding, next, held);
  return absl::OkStatus();
}

template <typename U>
std::optional<EndpointKind> PolicyRun<U>::Stop(const Limits& limits, const Held& held,
                                               const U& amount, Position next) const {
  const std::optional<EndpointKind> stop = limits.Stop(held.hops, next);
  if (stop.has_value() || limits.least() == 0) return stop;
  return TaintedOf(held.parcel, amount) < limits.least() ? std::optional(EndpointKind::kBelowLeast)
                                                         : std::nullopt;
}

template <typename U>
U PolicyRun<U>::TaintedOf(absl::Span<const Lot<U>> parcel, const U& amount) const {
  if (!policy_->conserving()) return amount;
  U tainted = 0;
  for (const Lot<U>& lot : parcel) tainted += lot.source == kClean ? U(0) : lot.units;
  return tainted;
}

template <typename U>
void PolicyRun<U>::CountTaken(const Step<U>& step) {
  last_moved_.taken = 0;
  last_moved_.taken_units = 0;
  for (size_t i = 0; i < step.exits.size(); ++i) {
    U units = 0;
    for (const Lot<U>& lot : slices_[i]) units += lot.source == kClean ? U(0) : lot.units;
    if (units == 0 || !step.exits[i].at_output) continue;
    ++last_moved_.taken;
    last_moved_.taken_units += policy_->conserving() ? units : step.takers[i].amount;
  }
}

template <typename U>
uint64_t PolicyRun<U>::memory() const {
  uint64_t pools = pools_.capacity() * (sizeof(typename decltype(pools_)::value_type) + 1);
  for (const auto& [pool, pooled] : pools_) {
    pools += pooled.parcel.capacity() * sizeof(Lot<U>);
  }
  // A hash table has a byte for each slot besides.
  return pools + flows_.memory() + endpoints_.memory() +
         (unit_ways_.has_value() ? unit_ways_->memory() : 0) +
         (strongest_ways_.has_value() ? strongest_ways_->memory() : 0);
}

template <typename U>
size_t PolicyRun<U>::Condense(absl::Span<Lot<U>> parcel) {
  if (parcel.empty()) return 0;
  auto last = parcel.begin();
  last->giver = 0;
  for (auto lot = last + 1; lot != parcel.end(); ++lot) {
    if (lot->source == last->source) {
      last->units += lot->units;
    } else {
      *++last = {lot->units, lot->source};
    }
  }
  return static_cast<size_t>(last + 1 - parcel.begin());
}

template <typename U>
void PolicyRun<U>::AddEndpoint(const Step<U>& step, EndpointKind kind, const Place& place,
                               uint32_t hops, absl::Span<Lot<U>> parcel, const WayList& ways) {
  End<U> end;
  end.kind = kind;
  end.position = step.position;
  end.height = step.height;
  end.txid = &step.txid;
  end.at_output = place.at_output;
  end.output = place.index;
  if (place.owner < Flow::kFromMinted) end.owner = place.owner;
  end.amount = place.amount;
  end.hops = hops;
  AddEndpoint(end, parcel, ways);
}

template <typename U>
void PolicyRun<U>::AddEndpoint(const End<U>& end, absl::Span<Lot<U>> parcel, const WayList& ways) {
  std::vector<Path> paths;
  if (unit_ways_.has_value()) paths = unit_ways_->End(options_.paths, parcel);
  if (strongest_ways_.has_value()) paths = strongest_ways_->PathsOf(ways, parcel);
  endpoints_.Add(end, parcel, std::move(paths));
}

template <typename U>
absl::Status PolicyRun<U>::Finish(PolicyResult* result) {
  // Before a pool received anything, it had nothing.
  const bool back = options_.direction == Direction::kBack;
  if (options_.frontier->size() != 0 || (back && !pools_.empty())) return NotTakenUp();
  for (auto& [pool, pooled] : pools_) AddPoolEndpoint(EndpointKind::kUnspent, pool, &pooled);
  pools_.clear();
  if (policy_->conserving()) endpoints_.CheckAgainst(stolen_);
  for (size_t i = 1; i < stolen_.size(); ++i) {
    if (stolen_[i] == 0) continue;
    result->stolen.push_back({static_cast<SourceId>(i), options_.chain, kNativeAsset, stolen_[i]});
  }
  endpoints_.MoveTo(&result->endpoints);
  flows_.MoveTo(options_.chain, &result->flows);
  result->movements += movements_;
  result->unresolved_inputs += unresolved_inputs_;
  result->most_lots = std::max(result->most_lots, most_lots_);
  return absl::OkStatus();
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_POLICY_RUN_H_
