#ifndef SPOOR_TAINT_TRACE_LISTS_H_
#define SPOOR_TAINT_TRACE_LISTS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/strings/string_view.h"
#include "spoor/base/huge_pages.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/policy.h"

// What a trace finds most of: the places where units ended, and the flows from owner to owner.
// There may be millions of either, so a result keeps them small and makes each when it is asked
// for.

namespace spoor {

// Why units are not followed further. Every unit ends at one of these.
enum class EndpointKind {
  kUnspent,     // they rest where they are
  kService,     // their owner is one of FollowOptions::stop_at, or found by its size
  kFee,         // a movement's fee took them
  kBurned,      // in an output that nobody can spend
  kHopLimit,    // they moved on, but FollowOptions::max_hops movements had been followed,
  kTimeLimit,   // at a time outside FollowOptions::since and until,
  kBelowLeast,  // or they were fewer than FollowOptions::min_taint
  // Backwards, where units came from:
  kMinted,      // a coinbase made them
  kOutside,     // from before the ledger's first block, and it knows from whom
  kUnresolved,  // from before the ledger's first block, and nothing is known of it
};
// As results print it: "unspent", "service", "fee", "burned", "hop-limit", "time-limit",
// "below-least", "minted", "outside", "unresolved".
absl::string_view EndpointKindName(EndpointKind kind);

// The way that some units of an endpoint took, from the credit that a seed marked; backwards, from
// the endpoint asked about (docs/model.md, "Paths").
struct Path {
  // Of a longer way than twice so many places, so many are told at its beginning and at its end.
  static constexpr uint32_t kToldAtEachEnd = 500;
  struct Place {
    Position position;
    Txid txid;
    // Whether it is an output of the movement, on an account chain the transfer `output` of its
    // transaction; if not, it is the movement, there the transaction, itself.
    bool at_output = true;
    uint32_t output = 0;
  };
  SourceId source = kClean;
  // The units of the endpoint that came by it; under a policy that does not conserve, the smallest
  // amount on it.
  Units tainted;
  // Each spent by the movement that made the next, or a balance to which it came.
  std::vector<Place> places;
  uint64_t omitted = 0;  // places left out in the middle
};

// Units at an endpoint that one source stole as one asset of the endpoint's chain.
struct OfOrigin {
  SourceId source = 0;
  AssetId asset = kNativeAsset;  // when they were stolen
  Units tainted;                 // of the endpoint's asset, into which they may have been converted
  Units stolen;                  // so many they were when they were stolen

  friend bool operator==(const OfOrigin&, const OfOrigin&) = default;
};

// A place where stolen units ended.
struct Endpoint {
  EndpointKind kind = EndpointKind::kUnspent;
  uint32_t chain = 0;  // which of the views
  AssetId asset = kNativeAsset;
  Position position;  // of the movement that brought them there, the last if there were several
  uint32_t height = 0;
  Txid txid;
  uint32_t first_height = 0;  // of the movement that first brought some of them
  // Whether the place is an output of that movement; on an account chain, what the transfer
  // `output` of its transaction burned. If not, it is the movement itself: its fee, what it minted,
  // or an input from outside; or it is a pool or a balance.
  bool at_output = true;
  uint32_t output = 0;  // which output; of an input from outside, which input; else 0
  AddressId owner;      // nobody for fees, burned outputs and what was minted
  // How reports print the place, if it is more than an output or a movement. Of a pool, its name:
  // the address or "cluster:ADDRESS"; `owner` is the address that stands for it, and `position`
  // that of the last movement that brought stolen units. On an account chain always: of a balance,
  // and of all that came to a service, the address.
  std::string place;
  // All that is there, stolen or not; of a service on an account chain, all that came there with
  // stolen units in it.
  Units amount;
  Units tainted;  // the stolen part; under a policy that does not conserve, all
  Units stolen;   // so many they were when they were stolen: `tainted`, unless they were converted
  // `stolen` by source, in the order of SourceId. Under a policy that does not conserve each is as
  // large as `amount`.
  absl::InlinedVector<std::pair<SourceId, Units>, 1> by_source;
  std::vector<OfOrigin> origins;  // on an account chain: by source and asset
  uint32_t hops = 0;              // the fewest movements from a seed
  // If asked for, the ways by which most came, by tainted descending.
  std::vector<Path> paths;
  // Of a service that was found by FollowOptions::service_degree: how many movements have touched
  // its balance of `asset`. Else 0.
  uint64_t by_size = 0;
};

// Stolen units that went from one owner to another, over all movements. Both may be one that stands
// for no address.
struct Flow {
  static constexpr AddressId kToFees{AddressId::kNobody - 1};  // and from, if fees are followed
  static constexpr AddressId kToBurned{AddressId::kNobody - 2};
  static constexpr AddressId kFromMinted{AddressId::kNobody - 3};  // backwards only

  uint32_t chain = 0;
  AssetId asset = kNativeAsset;
  AddressId from;
  AddressId to;
  Units tainted;
  uint64_t movements = 0;
  struct Transaction {
    Txid txid;
    uint32_t height = 0;
    Units tainted;  // under a ceiling, as Flow::tainted is one
  };
  // The first transactions that it went by, in the chain's order (backwards, the last ones).
  static constexpr size_t kMostTransactions = 8;
  absl::InlinedVector<Transaction, 1> transactions;
};

// A vector that takes no more memory when it grows than when it has grown: what it has stays where
// it is, but for the first elements. Few take little.
template <typename T>
class Chunked {
 public:
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  const T& operator[](size_t i) const { return chunks_[i / kChunk][i % kChunk]; }
  const T& back() const { return chunks_.back().back(); }
  // Of the element's members.
  template <typename... Members>
  T& emplace_back(const Members&... members) {
    if (chunks_.empty() || chunks_.back().size() == chunks_.back().capacity()) MakeRoom();
    ++size_;
    return chunks_.back().emplace_back(members...);
  }

 private:
  static constexpr size_t kFew = 1024;
  // Of whole huge pages.
  static constexpr size_t kChunk = std::max(size_t{1} << 17, kHugePage / sizeof(T));

  void MakeRoom() {
    if (size_ % kChunk == 0) chunks_.emplace_back();
    const size_t more = size_ == 0 ? kFew : 4 * size_;
    chunks_.back().reserve(more < kChunk / 2 ? more : kChunk);
  }

  std::vector<HugePageVector<T>> chunks_;
  size_t size_ = 0;
};

// The movements that units of one chain went by, each with a number.
struct MovementName {
  Position position;
  Txid txid;
  uint32_t height = 0;
};
using MovementNames = Chunked<MovementName>;

// Places of one UTXO chain where units ended, under any policy: outputs of movements, or movements.
struct EndPlace {
  static constexpr uint32_t kMovement = uint32_t{1} << 31;

  AddressId owner;
  uint64_t amount = 0;
  uint32_t movement = 0;  // in MovementNames
  uint32_t place = 0;     // Endpoint::output; with kMovement if it is not at_output

  bool at_output() const { return (place & kMovement) == 0; }
  uint32_t output() const { return place & ~kMovement; }
  friend bool operator==(const EndPlace&, const EndPlace&) = default;
};
using EndPlaces = Chunked<EndPlace>;

// Goes over a list that makes its elements when they are asked for.
template <typename List, typename Element>
class MadeOnDemand {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Element;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = Element;

  MadeOnDemand(const List* list, size_t i) : list_(list), i_(i) {}

  Element operator*() const { return (*list_)[i_]; }
  MadeOnDemand& operator++() {
    ++i_;
    return *this;
  }
  MadeOnDemand operator++(int) {
    const MadeOnDemand before = *this;
    ++i_;
    return before;
  }
  friend bool operator==(const MadeOnDemand&, const MadeOnDemand&) = default;

 private:
  const List* list_;
  size_t i_;
};

// A list of Endpoint, each made when it is asked for: `for (const Endpoint& end : endpoints)` is
// right, but `end` is gone after its turn. Const methods may be called from several threads at
// once.
class Endpoints {
 public:
  // Endpoints of one UTXO chain whose places are EndPlaces, and that have no paths.
  struct Row {
    static constexpr uint32_t kSeveral = uint32_t{1} << 31;
    static constexpr int kKindBits = 4;
    static constexpr uint32_t kMostHops = (uint32_t{1} << (32 - kKindBits)) - 1;

    uint64_t tainted = 0;
    uint32_t place = 0;  // in Part::places
    // The source of all that is tainted; or, with kSeveral, where in Part::sets theirs are.
    uint32_t sources = 0;
    // Of several: where in Part::units those of each but the last begin. The last has the rest.
    uint32_t units = 0;
    uint32_t hops_and_kind = 0;

    EndpointKind kind() const {
      return static_cast<EndpointKind>(hops_and_kind & ((1U << kKindBits) - 1));
    }
    uint32_t hops() const { return hops_and_kind >> kKindBits; }
  };
  struct Part {
    uint32_t chain = 0;
    bool conserving = true;  // if not, of each source as much is tainted as in all
    std::shared_ptr<const MovementNames> names;
    std::shared_ptr<const EndPlaces> places;
    Chunked<Row> rows;
    std::vector<std::vector<SourceId>> sets;
    Chunked<uint64_t> units;
  };
  // Calls `visit(source, units)` with each source of what is tainted, in the order of SourceId.
  template <typename Visit>
  static void VisitSources(const Part& part, const Row& row, Visit visit) {
    if ((row.sources & Row::kSeveral) == 0) return visit(row.sources, row.tainted);
    const std::vector<SourceId>& set = part.sets[row.sources & ~Row::kSeveral];
    uint64_t left = row.tainted;
    for (size_t i = 0; part.conserving && i + 1 < set.size(); ++i) {
      const uint64_t units = part.units[row.units + i];
      visit(set[i], units);
      left -= units;
    }
    if (part.conserving) return visit(set.back(), left);
    for (const SourceId source : set) visit(source, row.tainted);
  }
  using const_iterator = MadeOnDemand<Endpoints, Endpoint>;

  size_t size() const { return plain_.size() + order_.size(); }
  bool empty() const { return size() == 0; }
  // Requires i < size().
  Endpoint operator[](size_t i) const;
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, size()}; }

  void push_back(Endpoint end) { plain_.push_back(std::move(end)); }
  void Add(Part part);
  // Puts them in the order of PolicyResult::endpoints.
  void Sort();
  // Those that were not added as parts.
  std::vector<Endpoint>& plain() { return plain_; }

 private:
  struct Ref {
    uint32_t part = 0;
    uint32_t row = 0;
  };
  // What nearly always tells the order.
  struct OrderKey {
    uint64_t untainted = 0;  // larger where less is tainted
    uint64_t text = 0;       // how the place's text begins
    Ref ref;
  };
  Endpoint Make(Ref ref) const;
  bool Before(Ref a, Ref b) const;
  // Where they stand is of no order in memory: fetches what those after order_[i] are made of.
  void FetchAfter(size_t i) const;

  // First these, then the others. After Sort() there is one sort only.
  std::vector<Endpoint> plain_;
  std::vector<Part> parts_;
  HugePageVector<Ref> order_;
};

// A list of Flow, likewise.
class Flows {
 public:
  // What went from owner to owner by one movement; or, after the first Flow::kMostTransactions, by
  // several.
  struct Row {
    static constexpr uint32_t kSeveral = std::numeric_limits<uint32_t>::max();

    AddressId from;
    AddressId to;
    uint64_t units = 0;
    uint32_t movement = 0;  // in Part::names, or kSeveral
    uint32_t movements = 1;
  };
  // Flows of one UTXO chain: by from, to and movement. Of each all rows are in one part.
  struct Part {
    uint32_t chain = 0;
    bool back = false;  // the movements are in the order of the numbers, the chain's last first
    std::shared_ptr<const MovementNames> names;
    std::vector<Row> rows;
  };
  using const_iterator = MadeOnDemand<Flows, Flow>;

  size_t size() const { return plain_.size() + order_.size(); }
  bool empty() const { return size() == 0; }
  // Requires i < size().
  Flow operator[](size_t i) const;
  const_iterator begin() const { return {this, 0}; }
  const_iterator end() const { return {this, size()}; }

  void push_back(Flow flow) { plain_.push_back(std::move(flow)); }
  void Add(Part part);
  // Puts them in the order of PolicyResult::flows.
  void Sort();

 private:
  struct Ref {
    uint32_t part = 0;
    uint32_t row = 0;  // the flow's first
  };
  // What nearly always tells the order, within a chain.
  struct OrderKey {
    uint64_t untainted = 0;  // larger where less is tainted; 0 where that is 2^64 - 1 or more
    uint64_t from = 0;
    Ref ref;
  };
  Flow Make(Ref ref) const;
  Units Tainted(Ref ref) const;

  // As in Endpoints.
  std::vector<Flow> plain_;
  std::vector<Part> parts_;
  HugePageVector<Ref> order_;
};

}  // namespace spoor

#endif  // SPOOR_TAINT_TRACE_LISTS_H_
