#ifndef SPOOR_LIB_TAINT_POLICY_RUN_H_
#define SPOOR_LIB_TAINT_POLICY_RUN_H_

#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// Units that enter a take are stolen.
struct SeedMark {
  uint32_t take = 0;
  SourceId source = kClean;
  size_t seed = 0;  // whose limit it draws on
};

// One policy on its way through one chain: what it has tainted and has not yet moved (the
// frontier), and what has ended. The movements must come in order of position; those that touch no
// tainted holding and no seed may be left out.
template <typename U>
class PolicyRun {
 public:
  struct Options {
    uint32_t chain = 0;
    size_t sources = 0;
    bool flows = true;
  };

  // `limits` has for each seed what it may still mark; it belongs to this run.
  PolicyRun(std::unique_ptr<Policy<U>> policy, const Options& options, std::vector<U> limits)
      : policy_(std::move(policy)),
        options_(options),
        limits_(std::move(limits)),
        stolen_(options.sources + 1) {}

  // Moves what `movement` moves. Calls `visit_later(position)` for every movement that touches what
  // is tainted now. `marks` are the seeds' on this movement, in the order of the request.
  template <typename VisitLater>
  void Process(const Movement& movement, absl::Span<const SeedMark> marks,
               const VisitLater& visit_later);

  // Adds what has ended to `result`. Nothing may be left in the frontier.
  void Finish(PolicyResult* result);

 private:
  struct Tracked {
    Parcel<U> parcel;
    uint32_t hops = 0;
  };
  struct FlowSum {
    Units tainted = 0;  // wide: the same units may go round many times
    uint64_t movements = 0;
    Position last;
  };

  // Joins the givers' parcels into sequence_. False if nothing in it is tainted.
  bool Join(const Movement& movement, uint32_t* hops);
  // Whether it marked anything. `amount` is the credit's.
  bool Mark(const SeedMark& mark, const U& amount, Slice<U>* slice);
  // The slice as a parcel; empty if nothing in it is tainted.
  static Parcel<U> Condense(const Slice<U>& slice);
  void AddEndpoint(const Movement& movement, uint32_t index, Parcel<U> parcel, uint32_t hops);
  void AddFlows(const Movement& movement);
  void AddFlow(AddressId from, AddressId to, const U& units, Position position);
  static AddressId FlowTarget(const Take& take);

  std::unique_ptr<Policy<U>> policy_;
  Options options_;
  std::vector<U> limits_;  // by seed
  std::vector<U> stolen_;  // by source
  absl::flat_hash_map<Holding, Tracked> frontier_;
  absl::flat_hash_map<std::pair<AddressId, AddressId>, FlowSum> flows_;
  std::vector<Endpoint> endpoints_;
  uint64_t movements_ = 0;
  uint64_t unresolved_inputs_ = 0;

  // Memory reused from movement to movement.
  std::vector<Piece<U>> sequence_;
  std::vector<Taker<U>> takers_;
  std::vector<Slice<U>> slices_;
  std::vector<uint32_t> hops_;  // by taker
};

template <typename U>
bool PolicyRun<U>::Join(const Movement& movement, uint32_t* hops) {
  sequence_.clear();
  *hops = std::numeric_limits<uint32_t>::max();
  bool tainted = false;
  if (movement.minted != 0) {
    sequence_.push_back({static_cast<U>(movement.minted), kClean, 0});
  }
  for (size_t i = 0; i < movement.gives.size(); ++i) {
    const Give& give = movement.gives[i];
    const auto giver = static_cast<uint32_t>(i);
    const auto it =
        give.kind == GiveKind::kHolding ? frontier_.find(give.holding) : frontier_.end();
    if (it == frontier_.end()) {
      sequence_.push_back({static_cast<U>(give.amount), kClean, giver});
      continue;
    }
    for (const Lot<U>& lot : it->second.parcel) {
      sequence_.push_back({lot.units, lot.source, giver});
    }
    *hops = std::min(*hops, it->second.hops);
    tainted = true;
    frontier_.erase(it);
  }
  return tainted;
}

template <typename U>
bool PolicyRun<U>::Mark(const SeedMark& mark, const U& amount, Slice<U>* slice) {
  U& limit = limits_[mark.seed];
  if (policy_->conserving()) {
    bool any = false;
    Slice<U> marked;
    for (const Piece<U>& piece : *slice) {
      const U units = piece.source == kClean ? std::min(limit, piece.units) : U(0);
      if (units == 0) {
        marked.push_back(piece);
        continue;
      }
      any = true;
      limit -= units;
      stolen_[mark.source] += units;
      marked.push_back({units, mark.source, piece.giver});
      if (units < piece.units) marked.push_back({piece.units - units, kClean, piece.giver});
    }
    *slice = std::move(marked);
    return any;
  }
  // A ceiling has no parts: a credit is tainted whole or not at all. Its pieces stand by source.
  if (limit == 0 && amount != 0) return false;
  if (slice->empty() || slice->front().source == kClean) {
    const U units = std::min(limit, amount);
    stolen_[mark.source] += units;
    limit -= units;
    slice->clear();
  }
  const auto place =
      std::lower_bound(slice->begin(), slice->end(), mark.source,
                       [](const Piece<U>& p, SourceId source) { return p.source < source; });
  if (place != slice->end() && place->source == mark.source) return false;
  slice->insert(place, {amount, mark.source, 0});
  return true;
}

template <typename U>
AddressId PolicyRun<U>::FlowTarget(const Take& take) {
  switch (take.kind) {
    case TakerKind::kFee:
      return Flow::kToFees;
    case TakerKind::kBurned:
      return Flow::kToBurned;
    case TakerKind::kHolding:
      break;
  }
  return take.owner;
}

template <typename U>
void PolicyRun<U>::AddFlow(AddressId from, AddressId to, const U& units, Position position) {
  FlowSum& flow = flows_[{from, to}];
  flow.tainted += units;
  if (flow.movements == 0 || flow.last != position) {
    ++flow.movements;
    flow.last = position;
  }
}

template <typename U>
void PolicyRun<U>::AddFlows(const Movement& movement) {
  if (policy_->conserving()) {
    for (size_t i = 0; i < movement.takes.size(); ++i) {
      const AddressId to = FlowTarget(movement.takes[i]);
      for (const Piece<U>& piece : slices_[i]) {
        if (piece.source == kClean) continue;
        AddFlow(movement.gives[piece.giver].owner, to, piece.units, movement.position);
      }
    }
    return;
  }
  // A ceiling for each pair of owners: all that the taker got may have come from any tainted giver.
  std::vector<AddressId> owners;
  for (const Piece<U>& piece : sequence_) {
    if (piece.source != kClean) owners.push_back(movement.gives[piece.giver].owner);
  }
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  for (const AddressId from : owners) {
    for (const Take& take : movement.takes) {
      if (take.amount == 0) continue;
      AddFlow(from, FlowTarget(take), static_cast<U>(take.amount), movement.position);
    }
  }
}

template <typename U>
template <typename VisitLater>
void PolicyRun<U>::Process(const Movement& movement, absl::Span<const SeedMark> marks,
                           const VisitLater& visit_later) {
  uint32_t hops = 0;
  const bool tainted = Join(movement, &hops);
  if (!tainted && marks.empty()) return;

  takers_.clear();
  for (const Take& take : movement.takes) {
    takers_.push_back({static_cast<U>(take.amount), take.kind == TakerKind::kFee});
  }
  slices_.resize(takers_.size());
  for (Slice<U>& slice : slices_) slice.clear();
  if (tainted) {
    ++movements_;
    for (const Give& give : movement.gives) {
      unresolved_inputs_ += give.kind == GiveKind::kUnresolved ? 1 : 0;
    }
    policy_->Share(sequence_, takers_, &slices_);
    if (options_.flows) AddFlows(movement);
    hops_.assign(takers_.size(), hops + 1);
  } else {
    // Only seeds matter here: whose the clean units were does not.
    for (size_t i = 0; i < takers_.size(); ++i) {
      if (takers_[i].amount > 0) slices_[i].push_back({takers_[i].amount, kClean, 0});
    }
    hops_.assign(takers_.size(), 0);
  }
  for (const SeedMark& mark : marks) {
    if (Mark(mark, takers_[mark.take].amount, &slices_[mark.take])) hops_[mark.take] = 0;
  }
  for (size_t i = 0; i < takers_.size(); ++i) {
    const Take& take = movement.takes[i];
    Parcel<U> parcel = Condense(slices_[i]);
    if (parcel.empty()) continue;
    if (take.kind == TakerKind::kHolding && take.next.has_value()) {
      frontier_[take.holding] = {std::move(parcel), hops_[i]};
      visit_later(*take.next);
    } else if (take.amount != 0) {  // in 0 units nothing rests, whatever a ceiling says
      AddEndpoint(movement, static_cast<uint32_t>(i), std::move(parcel), hops_[i]);
    }
  }
}

template <typename U>
Parcel<U> PolicyRun<U>::Condense(const Slice<U>& slice) {
  Parcel<U> parcel;
  bool tainted = false;
  for (const Piece<U>& piece : slice) {
    tainted |= piece.source != kClean;
    if (!parcel.empty() && parcel.back().source == piece.source) {
      parcel.back().units += piece.units;
    } else {
      parcel.push_back({piece.units, piece.source});
    }
  }
  if (!tainted) parcel.clear();
  return parcel;
}

template <typename U>
void PolicyRun<U>::AddEndpoint(const Movement& movement, uint32_t index, Parcel<U> parcel,
                               uint32_t hops) {
  const Take& take = movement.takes[index];
  Endpoint& end = endpoints_.emplace_back();
  end.kind = take.kind == TakerKind::kFee      ? EndpointKind::kFee
             : take.kind == TakerKind::kBurned ? EndpointKind::kBurned
                                               : EndpointKind::kUnspent;
  end.chain = options_.chain;
  end.asset = movement.asset;
  end.position = movement.position;
  end.height = movement.height;
  end.txid = movement.txid;
  end.output = take.kind == TakerKind::kFee ? 0 : index;
  end.owner = take.owner;
  end.amount = take.amount;
  end.hops = hops;
  std::sort(parcel.begin(), parcel.end(),
            [](const Lot<U>& a, const Lot<U>& b) { return a.source < b.source; });
  for (const Lot<U>& lot : parcel) {
    if (lot.source == kClean) continue;
    if (!end.by_source.empty() && end.by_source.back().first == lot.source) {
      end.by_source.back().second += lot.units;
    } else {
      end.by_source.emplace_back(lot.source, lot.units);
    }
    if (policy_->conserving()) end.tainted += lot.units;
  }
  if (!policy_->conserving()) end.tainted = end.amount;
}

template <typename U>
void PolicyRun<U>::Finish(PolicyResult* result) {
  SPOOR_CHECK(frontier_.empty());
  if (policy_->conserving()) {
    std::vector<Units> ended(stolen_.size());
    for (const Endpoint& end : endpoints_) {
      for (const auto& [source, units] : end.by_source) ended[source] += units;
    }
    for (size_t i = 0; i < stolen_.size(); ++i) SPOOR_CHECK(ended[i] == stolen_[i]);
  }
  for (size_t i = 1; i < stolen_.size(); ++i) {
    if (stolen_[i] == 0) continue;
    result->stolen.push_back({static_cast<SourceId>(i), options_.chain, kNativeAsset, stolen_[i]});
  }
  result->endpoints.insert(result->endpoints.end(), std::make_move_iterator(endpoints_.begin()),
                           std::make_move_iterator(endpoints_.end()));
  endpoints_.clear();
  for (const auto& [owners, flow] : flows_) {
    result->flows.push_back(
        {options_.chain, kNativeAsset, owners.first, owners.second, flow.tainted, flow.movements});
  }
  flows_.clear();
  result->movements += movements_;
  result->unresolved_inputs += unresolved_inputs_;
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_POLICY_RUN_H_
