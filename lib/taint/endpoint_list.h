#ifndef SPOOR_LIB_TAINT_ENDPOINT_LIST_H_
#define SPOOR_LIB_TAINT_ENDPOINT_LIST_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "lib/taint/end_place_numbers.h"
#include "lib/taint/path_tree.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/policy.h"
#include "spoor/taint/trace_lists.h"

namespace spoor {

// Where something ends: what Endpoint says before its taint, in a chain's own units.
template <typename U>
struct End {
  EndpointKind kind = EndpointKind::kUnspent;
  bool at_output = true;
  uint32_t output = 0;
  uint32_t height = 0;
  uint32_t hops = 0;
  Position position;
  AddressId owner;
  U amount = 0;
  const Txid* txid = nullptr;
};

// What has ended, under one policy on one chain.
template <typename U>
class EndpointList {
 public:
  // `plain`: ends may be pools or have paths. `numbers` must outlive this.
  EndpointList(uint32_t chain, bool conserving, bool plain, EndPlaceNumbers* numbers)
      : conserving_(conserving), is_plain_(plain), numbers_(numbers) {
    part_.chain = chain;
    part_.conserving = conserving;
  }

  // Adds `end`, of the movement at hand unless it is a pool, with what `parcel` says of its taint.
  // In 0 units nothing rests, whatever a ceiling says: they are left out.
  void Add(const End<U>& end, absl::Span<const Lot<U>> parcel, std::vector<Path> paths);

  // About how many bytes it takes when it is put in order.
  uint64_t memory() const {
    constexpr uint64_t kInOrder = 32;
    return part_.rows.size() * (sizeof(Endpoints::Row) + kInOrder) +
           part_.units.size() * sizeof(uint64_t) + sets_memory_ +
           2 * plain_.size() * sizeof(Endpoint) + outside_;
  }

  // Checks that what ended is, source by source, what was `stolen` (by SourceId).
  void CheckAgainst(absl::Span<const U> stolen) const;
  // Empties it.
  void MoveTo(Endpoints* endpoints);

 private:
  // Makes one of the lots_ of each source.
  void SumBySource();
  void AddRow(const End<U>& end);
  // Where in part_.sets the sources of lots_ are.
  uint32_t SetOfSources();
  void AddPlain(const End<U>& end, std::vector<Path> paths);

  bool conserving_;
  bool is_plain_;
  EndPlaceNumbers* numbers_;
  Endpoints::Part part_;
  absl::flat_hash_map<std::vector<SourceId>, uint32_t> number_of_set_;  // in part_.sets
  uint64_t sets_memory_ = 0;
  std::deque<Endpoint> plain_;
  uint64_t outside_ = 0;  // bytes that plain ones have outside themselves
  // Of the end at hand: its taint by source, and in all.
  std::vector<Lot<U>> lots_;
  U tainted_ = 0;
  std::vector<SourceId> set_;
};

template <typename U>
void EndpointList<U>::Add(const End<U>& end, absl::Span<const Lot<U>> parcel,
                          std::vector<Path> paths) {
  if (end.amount == 0) return;
  lots_.clear();
  tainted_ = 0;
  for (const Lot<U>& lot : parcel) {
    if (lot.source == kClean) continue;
    lots_.push_back(lot);
    if (conserving_) tainted_ += lot.units;
  }
  if (!conserving_) tainted_ = end.amount;
  if (lots_.size() > 1) SumBySource();
  if (is_plain_) {
    AddPlain(end, std::move(paths));
  } else {
    AddRow(end);
  }
}

template <typename U>
void EndpointList<U>::SumBySource() {
  std::sort(lots_.begin(), lots_.end(),
            [](const Lot<U>& a, const Lot<U>& b) { return a.source < b.source; });
  auto last = lots_.begin();
  for (auto lot = last + 1; lot != lots_.end(); ++lot) {
    if (lot->source == last->source) {
      last->units += lot->units;
    } else {
      *++last = *lot;
    }
  }
  lots_.erase(last + 1, lots_.end());
}

template <typename U>
void EndpointList<U>::AddRow(const End<U>& end) {
  SPOOR_CHECK(end.hops <= Endpoints::Row::kMostHops && end.output < EndPlace::kMovement);
  EndPlace place;
  place.owner = end.owner;
  place.amount = static_cast<uint64_t>(end.amount);
  place.place = end.output | (end.at_output ? 0 : EndPlace::kMovement);
  SPOOR_CHECK(!lots_.empty() && lots_[0].source < Endpoints::Row::kSeveral);
  uint32_t sources = lots_[0].source;
  uint32_t units = 0;
  if (lots_.size() > 1) {
    sources = Endpoints::Row::kSeveral | SetOfSources();
    SPOOR_CHECK(part_.units.size() <= std::numeric_limits<uint32_t>::max());
    units = static_cast<uint32_t>(part_.units.size());
    for (size_t i = 0; conserving_ && i + 1 < lots_.size(); ++i) {
      part_.units.emplace_back(static_cast<uint64_t>(lots_[i].units));
    }
  }
  part_.rows.emplace_back(static_cast<uint64_t>(tainted_),
                          numbers_->NumberOf(place, end.position, *end.txid, end.height), sources,
                          units,
                          end.hops << Endpoints::Row::kKindBits | static_cast<uint32_t>(end.kind));
}

template <typename U>
uint32_t EndpointList<U>::SetOfSources() {
  set_.clear();
  for (const Lot<U>& lot : lots_) set_.push_back(lot.source);
  const auto found = number_of_set_.find(set_);
  if (found != number_of_set_.end()) return found->second;
  SPOOR_CHECK(part_.sets.size() < Endpoints::Row::kSeveral);
  const auto number = static_cast<uint32_t>(part_.sets.size());
  number_of_set_.emplace(set_, number);
  part_.sets.push_back(set_);
  // There, and in the table.
  sets_memory_ += 2 * (sizeof(set_) + set_.size() * sizeof(SourceId)) + 2 * sizeof(number);
  return number;
}

template <typename U>
void EndpointList<U>::AddPlain(const End<U>& end, std::vector<Path> paths) {
  Endpoint& plain = plain_.emplace_back();
  plain.kind = end.kind;
  plain.chain = part_.chain;
  plain.position = end.position;
  plain.height = end.height;
  plain.txid = *end.txid;
  // Nothing is converted here, and what comes to an output comes at once.
  plain.first_height = end.height;
  plain.at_output = end.at_output;
  plain.output = end.output;
  plain.owner = end.owner;
  plain.amount = end.amount;
  plain.tainted = tainted_;
  plain.stolen = plain.tainted;
  plain.hops = end.hops;
  plain.by_source.reserve(lots_.size());
  for (const Lot<U>& lot : lots_) plain.by_source.emplace_back(lot.source, lot.units);
  plain.paths = std::move(paths);
  outside_ += lots_.size() * sizeof(plain.by_source[0]);
  for (const Path& path : plain.paths) outside_ += MemoryOf(path);
}

template <typename U>
void EndpointList<U>::CheckAgainst(absl::Span<const U> stolen) const {
  std::vector<Units> ended(stolen.size());
  for (size_t i = 0; i < part_.rows.size(); ++i) {
    Endpoints::VisitSources(part_, part_.rows[i],
                            [&](SourceId source, uint64_t units) { ended[source] += units; });
  }
  for (const Endpoint& end : plain_) {
    for (const auto& [source, units] : end.by_source) ended[source] += units;
  }
  for (size_t i = 0; i < stolen.size(); ++i) SPOOR_CHECK(ended[i] == stolen[i]);
}

template <typename U>
void EndpointList<U>::MoveTo(Endpoints* endpoints) {
  for (Endpoint& end : plain_) endpoints->push_back(std::move(end));
  plain_.clear();
  if (part_.rows.empty()) return;
  part_.names = numbers_->movements().names();
  part_.places = numbers_->places();
  number_of_set_.clear();
  endpoints->Add(std::exchange(part_, {}));
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ENDPOINT_LIST_H_
