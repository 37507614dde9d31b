#ifndef SPOOR_LIB_TAINT_ENDPOINT_LIST_H_
#define SPOOR_LIB_TAINT_ENDPOINT_LIST_H_

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// Where something ends: what Endpoint says before its taint, in a chain's own units.
template <typename U>
struct End {
  EndpointKind kind = EndpointKind::kUnspent;
  bool at_output = true;
  bool named = false;  // its place is no output or movement: a pool
  uint32_t output = 0;
  uint32_t height = 0;
  uint32_t hops = 0;
  AssetId asset = kNativeAsset;
  Position position;
  AddressId owner;
  U amount = 0;
  Txid txid;
};

// A place's text is "TXID" of a movement and "TXID:N" of an output, the txid's last byte first: how
// it begins, as a number that is larger where the text comes later.
inline uint64_t PlaceBegins(const Txid& txid) {
  return LoadLe64(txid.bytes().data() + txid.bytes().size() - 8);
}

// The order of these texts. `E` is an End or an Endpoint whose place has no other name.
template <typename E>
bool OutputBefore(const E& a, const E& b) {
  const auto& x = a.txid.bytes();
  const auto& y = b.txid.bytes();
  if (x != y) return std::lexicographical_compare(x.rbegin(), x.rend(), y.rbegin(), y.rend());
  if (!a.at_output || !b.at_output) return !a.at_output && b.at_output;
  return std::to_string(a.output) < std::to_string(b.output);
}

// What has ended, under one policy on one chain. There may be millions, so they are kept small, and
// become Endpoints when all is over.
template <typename U>
class EndpointList {
 public:
  EndpointList(uint32_t chain, bool conserving) : chain_(chain), conserving_(conserving) {}

  // Adds `end` with what `parcel` says of its taint. In 0 units nothing rests, whatever a ceiling
  // says: they are left out.
  void Add(const End<U>& end, Parcel<U> parcel, std::vector<Path> paths);

  // About how many bytes it takes when it becomes Endpoints.
  uint64_t memory() const {
    return rows_.size() * (sizeof(Endpoint) + sizeof(Row)) +
           lots_.size() * (sizeof(OfSource) + sizeof(Lot<U>)) + in_paths_;
  }

  // Checks that what ended is, source by source, what was `stolen` (by SourceId).
  void CheckAgainst(absl::Span<const U> stolen) const;
  // Empties it. They come in EndpointBefore()'s order, unless some are pools.
  void MoveTo(std::vector<Endpoint>* endpoints);

 private:
  using OfSource = std::pair<SourceId, Units>;
  struct Row {
    End<U> end;
    U tainted = 0;
    uint64_t lots = 0;  // where in lots_ they begin; they end where those of the next row begin
  };

  uint64_t LotsEnd(size_t row) const {
    return row + 1 < rows_.size() ? rows_[row + 1].lots : lots_.size();
  }

  uint32_t chain_;
  bool conserving_;
  // Growing them must not take twice the memory.
  std::deque<Row> rows_;
  std::deque<Lot<U>> lots_;                                  // by source in each row
  std::vector<std::pair<size_t, std::vector<Path>>> paths_;  // by row
  uint64_t in_paths_ = 0;                                    // bytes
};

template <typename U>
void EndpointList<U>::Add(const End<U>& end, Parcel<U> parcel, std::vector<Path> paths) {
  if (end.amount == 0) return;
  Row& row = rows_.emplace_back();
  row.end = end;
  row.lots = lots_.size();
  if (parcel.size() > 1) {
    std::sort(parcel.begin(), parcel.end(),
              [](const Lot<U>& a, const Lot<U>& b) { return a.source < b.source; });
  }
  for (const Lot<U>& lot : parcel) {
    if (lot.source == kClean) continue;
    if (lots_.size() > row.lots && lots_.back().source == lot.source) {
      lots_.back().units += lot.units;
    } else {
      lots_.push_back(lot);
    }
    if (conserving_) row.tainted += lot.units;
  }
  if (!conserving_) row.tainted = end.amount;
  if (paths.empty()) return;
  for (const Path& path : paths) {
    in_paths_ += sizeof(Path) + path.places.capacity() * sizeof(Path::Place);
  }
  paths_.emplace_back(rows_.size() - 1, std::move(paths));
}

template <typename U>
void EndpointList<U>::CheckAgainst(absl::Span<const U> stolen) const {
  std::vector<Units> ended(stolen.size());
  for (const Lot<U>& lot : lots_) ended[lot.source] += lot.units;
  for (size_t i = 0; i < stolen.size(); ++i) SPOOR_CHECK(ended[i] == stolen[i]);
}

template <typename U>
void EndpointList<U>::MoveTo(std::vector<Endpoint>* endpoints) {
  struct Key {
    U tainted;
    uint64_t text;  // how the place's text begins
    size_t row;
  };
  std::vector<Key> order;
  order.reserve(rows_.size());
  bool named = false;
  for (size_t i = 0; i < rows_.size(); ++i) {
    named |= rows_[i].end.named;
    order.push_back({rows_[i].tainted, PlaceBegins(rows_[i].end.txid), i});
  }
  if (!named) {
    std::sort(order.begin(), order.end(), [&](const Key& a, const Key& b) {
      if (a.tainted != b.tainted) return a.tainted > b.tainted;
      if (a.text != b.text) return a.text < b.text;
      const End<U>& x = rows_[a.row].end;
      const End<U>& y = rows_[b.row].end;
      if (OutputBefore(x, y)) return true;
      if (OutputBefore(y, x)) return false;
      return std::tie(x.asset, x.position, x.kind, x.output) <
             std::tie(y.asset, y.position, y.kind, y.output);
    });
  }
  endpoints->reserve(endpoints->size() + rows_.size());
  std::vector<size_t> has_paths(paths_.empty() ? 0 : rows_.size(), paths_.size());
  for (size_t i = 0; i < paths_.size(); ++i) has_paths[paths_[i].first] = i;
  for (const Key& key : order) {
    const Row& row = rows_[key.row];
    Endpoint& end = endpoints->emplace_back();
    end.kind = row.end.kind;
    end.chain = chain_;
    end.asset = row.end.asset;
    end.position = row.end.position;
    end.height = row.end.height;
    end.txid = row.end.txid;
    end.at_output = row.end.at_output;
    end.output = row.end.output;
    end.owner = row.end.owner;
    end.amount = row.end.amount;
    end.tainted = row.tainted;
    // Nothing is converted here, and what comes to an output comes at once.
    end.stolen = end.tainted;
    end.first_height = end.height;
    end.hops = row.end.hops;
    end.by_source.reserve(LotsEnd(key.row) - row.lots);
    for (uint64_t i = row.lots; i < LotsEnd(key.row); ++i) {
      end.by_source.emplace_back(lots_[i].source, lots_[i].units);
    }
    if (!paths_.empty() && has_paths[key.row] < paths_.size()) {
      end.paths = std::move(paths_[has_paths[key.row]].second);
    }
  }
  rows_.clear();
  lots_.clear();
  paths_.clear();
  in_paths_ = 0;
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ENDPOINT_LIST_H_
