#ifndef SPOOR_LIB_TAINT_POLICY_RUN_POOLS_H_
#define SPOOR_LIB_TAINT_POLICY_RUN_POOLS_H_

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "lib/taint/policy_run.h"
#include "lib/taint/pools.h"
#include "spoor/base/status_macros.h"

// How a PolicyRun goes where coins are pooled (docs/model.md, "Pools").

namespace spoor {

template <typename U>
absl::Status PolicyRun<U>::PayFromPools(const Step<U>& step, Limits* limits) {
  payments_.clear();
  payment_of_.assign(step.entries.size(), kNoPayment);
  if (pools_.empty() && options_.frontier->size() == 0) return absl::OkStatus();
  absl::flat_hash_map<AddressId, size_t> known;
  for (size_t i = 0; i < step.entries.size(); ++i) {
    const auto& entry = step.entries[i];
    if (!IsPooled<U>(entry)) continue;
    SPOOR_ASSIGN_OR_RETURN(const AddressId pool, options_.pools->Of(entry.owner));
    const auto [it, added] = known.try_emplace(pool, payments_.size());
    if (added) payments_.push_back({pool, i, 0, {}, 0});
    payments_[it->second].amount += entry.amount;
    payment_of_[i] = it->second;
  }
  for (Payment& payment : payments_) {
    const auto it = pools_.find(payment.pool);
    if (it == pools_.end()) {
      if (payment.amount > 0) payment.parcel.push_back({payment.amount, kClean});
      continue;
    }
    Pooled& pooled = it->second;
    const std::optional<EndpointKind> stop =
        Stop(*limits, {pooled.parcel, pooled.amount, pooled.hops}, pooled.amount, step.position);
    if (stop.has_value()) {
      AddPoolEndpoint(*stop, payment.pool, &pooled);
      pools_.erase(it);
      if (payment.amount > 0) payment.parcel.push_back({payment.amount, kClean});
      continue;
    }
    pooled.amount -= payment.amount;
    policy_->Share(pooled.parcel, {{payment.amount}, {pooled.amount}}, &slices_);
    payment.parcel.assign(slices_[0].begin(), slices_[0].end());
    payment.hops = pooled.hops;
    pooled.parcel.assign(slices_[1].begin(), slices_[1].end());
    // An empty account forgets, also under a ceiling.
    if (!IsTainted(pooled.parcel) || pooled.amount == 0) pools_.erase(it);
  }
  return absl::OkStatus();
}

template <typename U>
absl::Status PolicyRun<U>::LeaveToPools(const Step<U>& step, Limits* limits, Agenda* agenda) {
  std::vector<Parcel<U>> parcels(step.exits.size());
  for (size_t i = 0; i < step.exits.size(); ++i) {
    const auto& exit = step.exits[i];
    if (!IsPooled<U>(exit, Direction::kForward)) {
      SPOOR_RETURN_IF_ERROR(Leave(step, i, limits, agenda));
      continue;
    }
    if (!IsTainted(slices_[i])) continue;
    parcels[i].assign(slices_[i].begin(), slices_[i].end());
    bool service = false;
    if (hops_[i] > 0) {
      SPOOR_ASSIGN_OR_RETURN(service, limits->IsService(exit.owner, kNativeAsset));
    }
    if (service) {
      AddEndpoint(step, EndpointKind::kService,
                  {exit.at_output, exit.index, exit.owner, step.takers[i].amount}, hops_[i],
                  absl::MakeSpan(parcels[i]));
      parcels[i].clear();
    } else {
      SPOOR_RETURN_IF_ERROR(options_.pools->Learn(exit.owner, agenda).status());
    }
  }
  // What each known pool that the movement touches holds as it goes on.
  holds_.clear();
  const auto holds = [&](AddressId pool) -> U& {
    return holds_.try_emplace(pool, static_cast<U>(options_.pools->Balance(pool))).first->second;
  };
  for (const auto& entry : step.entries) {
    const AddressId pool = options_.pools->Known(entry.owner);
    if (entry.holding.has_value() && !pool.IsNobody()) holds(pool) -= entry.amount;
  }
  for (size_t i = 0; i < step.exits.size(); ++i) {
    const auto& exit = step.exits[i];
    const AddressId pool =
        IsPooled<U>(exit, Direction::kForward) ? options_.pools->Known(exit.owner) : AddressId();
    if (pool.IsNobody()) continue;
    const U& amount = step.takers[i].amount;
    U& held = holds(pool);
    auto it = pools_.find(pool);
    if (it == pools_.end() && !parcels[i].empty()) {
      it = pools_.try_emplace(pool).first;
      it->second.amount = held;
      if (policy_->conserving() && held > 0) it->second.parcel.push_back({held, kClean});
      it->second.hops = hops_[i];
    }
    held += amount;
    if (it == pools_.end()) continue;
    Pooled& pooled = it->second;
    Append(parcels[i], amount, &pooled);
    most_lots_ = std::max(most_lots_, pooled.parcel.size());
    SPOOR_CHECK(pooled.amount == held);
    if (!parcels[i].empty()) {
      pooled.hops = std::min(pooled.hops, hops_[i]);
      pooled.position = step.position;
      pooled.height = step.height;
      pooled.txid = step.txid;
    }
    if (pooled.amount == 0) pools_.erase(it);
  }
  return absl::OkStatus();
}

template <typename U>
void PolicyRun<U>::Append(const Parcel<U>& parcel, const U& amount, Pooled* pooled) const {
  pooled->amount += amount;
  Parcel<U>& whole = pooled->parcel;
  if (!policy_->conserving()) {
    for (const Lot<U>& lot : parcel) {
      const auto it =
          std::lower_bound(whole.begin(), whole.end(), lot.source,
                           [](const Lot<U>& l, SourceId source) { return l.source < source; });
      if (it == whole.end() || it->source != lot.source) whole.insert(it, lot);
    }
    for (Lot<U>& lot : whole) lot.units = pooled->amount;
    return;
  }
  const auto add = [&](const U& units, SourceId source) {
    if (units == 0) return;
    // Where order means nothing, all of one source is one lot.
    auto it = whole.empty() ? whole.end() : whole.end() - 1;
    if (!policy_->ordered()) {
      it = std::find_if(whole.begin(), whole.end(),
                        [&](const Lot<U>& lot) { return lot.source == source; });
    }
    if (it != whole.end() && it->source == source) {
      it->units += units;
    } else {
      whole.push_back({units, source});
    }
  };
  if (parcel.empty()) add(amount, kClean);
  for (const Lot<U>& lot : parcel) add(lot.units, lot.source);
}

template <typename U>
void PolicyRun<U>::AddPoolEndpoint(EndpointKind kind, AddressId pool, Pooled* pooled) {
  End<U> end;
  end.kind = kind;
  end.position = pooled->position;
  end.height = pooled->height;
  end.txid = &pooled->txid;
  end.at_output = false;
  end.owner = pool;
  end.amount = pooled->amount;
  end.hops = pooled->hops;
  AddEndpoint(end, absl::MakeSpan(pooled->parcel));
}

template <typename U>
absl::Status PolicyRun<U>::TakeFromPools(const Step<U>& step) {
  payment_of_.assign(step.entries.size(), kNoPayment);
  if (pools_.empty()) return absl::OkStatus();
  absl::btree_map<AddressId, std::vector<size_t>> received;
  for (size_t i = 0; i < step.entries.size(); ++i) {
    if (!IsPooled<U>(step.entries[i])) continue;
    const AddressId pool = options_.pools->Known(step.entries[i].owner);
    if (pools_.contains(pool)) received[pool].push_back(i);
  }
  std::vector<Taker<U>> parts;
  for (const auto& [pool, entries] : received) {
    const auto it = pools_.find(pool);
    Pooled& pooled = it->second;
    // What it held before, and behind that what it received.
    parts.assign(1, {pooled.amount});
    for (const size_t i : entries) {
      parts[0].amount -= step.entries[i].amount;
      parts.push_back({step.entries[i].amount});
    }
    policy_->ShareBack(pooled.parcel, parts, &slices_);
    pooled.parcel.assign(slices_[0].begin(), slices_[0].end());
    pooled.amount = parts[0].amount;
    for (size_t n = 0; n < entries.size(); ++n) {
      const auto index = static_cast<uint32_t>(entries[n]);
      if (unit_ways_.has_value()) {
        unit_ways_->Extend({step.position, Txid(), true, index}, slices_[n + 1]);
      }
      if (!IsTainted(slices_[n + 1])) continue;
      options_.frontier->Put(options_.policy, *step.entries[index].holding, step.position,
                             {slices_[n + 1], parts[n + 1].amount, pooled.hops});
    }
    if (!IsTainted(pooled.parcel) || pooled.amount == 0) pools_.erase(it);
  }
  return absl::OkStatus();
}

template <typename U>
absl::Status PolicyRun<U>::ReturnToPools(const Step<U>& step, Limits* limits, Agenda* agenda) {
  std::vector<Parcel<U>> parcels(step.exits.size());
  for (size_t i = 0; i < step.exits.size(); ++i) {
    const auto& exit = step.exits[i];
    if (!IsPooled<U>(exit, Direction::kBack)) {
      SPOOR_RETURN_IF_ERROR(Leave(step, i, limits, agenda));
      continue;
    }
    if (!IsTainted(slices_[i])) continue;
    parcels[i].assign(slices_[i].begin(), slices_[i].end());
    SPOOR_ASSIGN_OR_RETURN(const bool service, limits->IsService(exit.owner, kNativeAsset));
    if (service) {
      SPOOR_ASSIGN_OR_RETURN(const AddressId pool, options_.pools->Of(exit.owner));
      AddEndpoint(step, EndpointKind::kService, {false, 0, pool, step.takers[i].amount}, hops_[i],
                  absl::MakeSpan(parcels[i]));
      parcels[i].clear();
    } else {
      SPOOR_RETURN_IF_ERROR(options_.pools->Learn(exit.owner, agenda).status());
    }
  }
  holds_.clear();
  for (const auto& entry : step.entries) {
    const AddressId pool = IsPooled<U>(entry) ? options_.pools->Known(entry.owner) : AddressId();
    if (!pool.IsNobody()) holds_[pool] += entry.amount;
  }
  for (size_t i = 0; i < step.exits.size(); ++i) {
    const auto& exit = step.exits[i];
    if (!IsPooled<U>(exit, Direction::kBack)) continue;
    const AddressId pool = options_.pools->Known(exit.owner);
    auto it = pools_.find(pool);
    if (it == pools_.end()) {
      if (parcels[i].empty()) continue;
      it = pools_.try_emplace(pool).first;
      U& kept = it->second.amount;
      kept = static_cast<U>(options_.pools->Balance(pool)) - holds_[pool];
      if (policy_->conserving() && kept > 0) it->second.parcel.push_back({kept, kClean});
      it->second.hops = hops_[i];
    }
    Pooled& pooled = it->second;
    JoinPool(parcels[i], step.takers[i].amount, &pooled);
    most_lots_ = std::max(most_lots_, pooled.parcel.size());
    if (!parcels[i].empty()) pooled.hops = std::min(pooled.hops, hops_[i]);
    if (pooled.amount == 0) pools_.erase(it);
  }
  return absl::OkStatus();
}

// What a pool held before it paid `paid`, if `pooled` is what it kept.
template <typename U>
void PolicyRun<U>::JoinPool(const Parcel<U>& paid, const U& amount, Pooled* pooled) {
  sequence_.Clear();
  for (const Lot<U>& lot : paid) sequence_.Add(lot.units, lot.source, 0);
  if (paid.empty() && amount > 0) sequence_.Add(amount, kClean, 0);
  for (const Lot<U>& lot : pooled->parcel) sequence_.Add(lot.units, lot.source, 1);
  pooled->amount += amount;
  policy_->ShareBack(sequence_.lots(), {{pooled->amount}}, &slices_);
  const absl::Span<Lot<U>> joined = slices_[0].subspan(0, Condense(slices_[0]));
  pooled->parcel.assign(joined.begin(), joined.end());
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_POLICY_RUN_POOLS_H_
