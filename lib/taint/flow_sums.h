#ifndef SPOOR_LIB_TAINT_FLOW_SUMS_H_
#define SPOOR_LIB_TAINT_FLOW_SUMS_H_

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "lib/taint/agenda.h"
#include "lib/taint/step.h"
#include "spoor/base/apportion.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// The stolen units that went from owner to owner, under one policy on one chain.
template <typename U>
class FlowSums {
 public:
  explicit FlowSums(Direction direction) : direction_(direction) {}

  // Adds what `policy` moved in `step`: the givers' `sequence`, of which each exit got a slice.
  void Add(const Policy<U>& policy, const Step<U>& step, absl::Span<const Piece<U>> sequence,
           absl::Span<const Slice<U>> slices);

  uint64_t memory() const {
    // A hash table has a byte for each slot besides.
    return sums_.capacity() * (sizeof(typename decltype(sums_)::value_type) + 1) +
           transactions_ * sizeof(Transaction);
  }

  // Empties it.
  void MoveTo(uint32_t chain, std::vector<Flow>* flows);

 private:
  // The same units may go round many times: their sum may be more than there are.
  __extension__ using Uint128 = unsigned __int128;
  using SumUnits = std::conditional_t<std::is_same_v<U, uint64_t>, Uint128, U>;
  struct Transaction {
    Txid txid;
    uint32_t height = 0;
    SumUnits tainted = 0;
  };
  struct Sum {
    SumUnits tainted = 0;
    uint64_t movements = 0;
    Position last;
    std::vector<Transaction> transactions;
  };

  // Of a policy that does not say whose units a taker got: each giver's share of them, by the rule
  // by which haircut shares among takers.
  void AddShared(const Step<U>& step, absl::Span<const Piece<U>> sequence,
                 absl::Span<const Slice<U>> slices);
  // A ceiling for each pair of owners: all that the taker got may have come from any tainted giver.
  void AddCeiling(const Step<U>& step, absl::Span<const Piece<U>> sequence);
  void AddOne(const Step<U>& step, AddressId entry, AddressId exit, const U& units);

  Direction direction_;
  absl::flat_hash_map<std::pair<AddressId, AddressId>, Sum> sums_;
  uint64_t transactions_ = 0;  // that all sums keep
};

template <typename U>
void FlowSums<U>::AddOne(const Step<U>& step, AddressId entry, AddressId exit, const U& units) {
  // Flows go the way the money went.
  const bool forward = direction_ == Direction::kForward;
  Sum& sum = sums_[forward ? std::pair(entry, exit) : std::pair(exit, entry)];
  sum.tainted += units;
  if (sum.movements == 0 || sum.last != step.position) {
    ++sum.movements;
    sum.last = step.position;
    if (sum.transactions.size() < Flow::kMostTransactions &&
        (sum.transactions.empty() || sum.transactions.back().txid != step.txid)) {
      sum.transactions.push_back({step.txid, step.height, 0});
      ++transactions_;
    }
  }
  if (sum.transactions.back().txid == step.txid) sum.transactions.back().tainted += units;
}

template <typename U>
void FlowSums<U>::Add(const Policy<U>& policy, const Step<U>& step,
                      absl::Span<const Piece<U>> sequence, absl::Span<const Slice<U>> slices) {
  if (!policy.conserving()) return AddCeiling(step, sequence);
  if (!policy.ordered()) return AddShared(step, sequence, slices);
  for (size_t i = 0; i < step.exits.size(); ++i) {
    for (const Piece<U>& piece : slices[i]) {
      if (piece.source == kClean) continue;
      AddOne(step, step.entries[piece.giver].owner, step.exits[i].owner, piece.units);
    }
  }
}

template <typename U>
void FlowSums<U>::AddCeiling(const Step<U>& step, absl::Span<const Piece<U>> sequence) {
  std::vector<AddressId> owners;
  for (const Piece<U>& piece : sequence) {
    if (piece.source != kClean) owners.push_back(step.entries[piece.giver].owner);
  }
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
  for (const AddressId owner : owners) {
    for (size_t i = 0; i < step.exits.size(); ++i) {
      if (step.takers[i].amount == 0) continue;
      AddOne(step, owner, step.exits[i].owner, step.takers[i].amount);
    }
  }
}

template <typename U>
void FlowSums<U>::AddShared(const Step<U>& step, absl::Span<const Piece<U>> sequence,
                            absl::Span<const Slice<U>> slices) {
  // What each giver has still to give, by source and then by giver.
  std::vector<Piece<U>> pool;
  for (const Piece<U>& piece : sequence) {
    if (piece.source != kClean) pool.push_back(piece);
  }
  std::stable_sort(pool.begin(), pool.end(),
                   [](const Piece<U>& a, const Piece<U>& b) { return a.source < b.source; });
  for (size_t i = 0; i < step.exits.size(); ++i) {
    auto begin = pool.begin();
    for (const Piece<U>& piece : slices[i]) {
      if (piece.source == kClean) continue;
      while (begin->source != piece.source) ++begin;
      auto end = begin;
      U held = 0;
      for (; end != pool.end() && end->source == piece.source; ++end) held += end->units;
      Apportioner<U> among_givers(piece.units, held);
      for (; begin != end; ++begin) {
        const U units = among_givers.Next(begin->units);
        if (units == 0) continue;
        AddOne(step, step.entries[begin->giver].owner, step.exits[i].owner, units);
        begin->units -= units;
      }
    }
  }
}

template <typename U>
void FlowSums<U>::MoveTo(uint32_t chain, std::vector<Flow>* flows) {
  for (const auto& [owners, sum] : sums_) {
    Flow& flow = flows->emplace_back();
    flow.chain = chain;
    flow.from = owners.first;
    flow.to = owners.second;
    flow.tainted = Units(sum.tainted);
    flow.movements = sum.movements;
    for (const Transaction& transaction : sum.transactions) {
      flow.transactions.push_back(
          {transaction.txid, transaction.height, Units(transaction.tainted)});
    }
    if (direction_ == Direction::kBack) {
      std::reverse(flow.transactions.begin(), flow.transactions.end());
    }
  }
  sums_.clear();
  transactions_ = 0;
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FLOW_SUMS_H_
