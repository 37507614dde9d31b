#ifndef SPOOR_LIB_TAINT_ENDPOINT_LIST_H_
#define SPOOR_LIB_TAINT_ENDPOINT_LIST_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// What has ended, under one policy on one chain.
template <typename U>
class EndpointList {
 public:
  EndpointList(uint32_t chain, bool conserving) : chain_(chain), conserving_(conserving) {}

  // Adds `end` with what `parcel` says of its taint. In 0 units nothing rests, whatever a ceiling
  // says: they are left out.
  void Add(Endpoint end, uint32_t hops, Parcel<U> parcel, std::vector<Path> paths);

  // About how many bytes it takes.
  uint64_t memory() const { return outside_ + endpoints_.size() * sizeof(Endpoint); }

  // Checks that what ended is, source by source, what was `stolen` (by SourceId).
  void CheckAgainst(absl::Span<const U> stolen) const;
  // Empties it.
  void MoveTo(std::vector<Endpoint>* endpoints);

 private:
  uint32_t chain_;
  bool conserving_;
  // Growing it must not take twice the memory.
  std::deque<Endpoint> endpoints_;
  uint64_t outside_ = 0;  // bytes that they have besides
};

template <typename U>
void EndpointList<U>::Add(Endpoint what, uint32_t hops, Parcel<U> parcel, std::vector<Path> paths) {
  if (what.amount == 0) return;
  Endpoint& end = endpoints_.emplace_back(std::move(what));
  end.chain = chain_;
  end.hops = hops;
  end.paths = std::move(paths);
  std::sort(parcel.begin(), parcel.end(),
            [](const Lot<U>& a, const Lot<U>& b) { return a.source < b.source; });
  for (const Lot<U>& lot : parcel) {
    if (lot.source == kClean) continue;
    if (!end.by_source.empty() && end.by_source.back().first == lot.source) {
      end.by_source.back().second += lot.units;
    } else {
      end.by_source.emplace_back(lot.source, lot.units);
    }
    if (conserving_) end.tainted += lot.units;
  }
  if (!conserving_) end.tainted = end.amount;
  outside_ += end.by_source.capacity() * sizeof(end.by_source[0]);
  for (const Path& path : end.paths) {
    outside_ += sizeof(Path) + path.places.capacity() * sizeof(Path::Place);
  }
}

template <typename U>
void EndpointList<U>::CheckAgainst(absl::Span<const U> stolen) const {
  std::vector<Units> ended(stolen.size());
  for (const Endpoint& end : endpoints_) {
    for (const auto& [source, units] : end.by_source) ended[source] += units;
  }
  for (size_t i = 0; i < stolen.size(); ++i) SPOOR_CHECK(ended[i] == stolen[i]);
}

template <typename U>
void EndpointList<U>::MoveTo(std::vector<Endpoint>* endpoints) {
  endpoints->reserve(endpoints->size() + endpoints_.size());
  for (; !endpoints_.empty(); endpoints_.pop_front()) {
    endpoints->push_back(std::move(endpoints_.front()));
  }
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ENDPOINT_LIST_H_
