#ifndef SPOOR_LIB_TAINT_FLOW_SUMS_H_
#define SPOOR_LIB_TAINT_FLOW_SUMS_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <deque>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "lib/taint/agenda.h"
#include "lib/taint/step.h"
#include "spoor/base/apportion.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// The movements that flows went by, each with a number, for all policies together.
class FlowSteps {
 public:
  struct At {
    Position position;
    Txid txid;
    uint32_t height = 0;
  };

  template <typename U>
  uint32_t NumberOf(const Step<U>& step) {
    if (steps_.empty() || steps_.back().position != step.position) {
      steps_.push_back({step.position, step.txid, step.height});
    }
    return static_cast<uint32_t>(steps_.size() - 1);
  }
  const At& operator[](uint32_t number) const { return steps_[number]; }
  uint64_t memory() const { return steps_.size() * sizeof(At); }

 private:
  // Growing it must not take twice the memory.
  std::deque<At> steps_;
};

// The stolen units that went from owner to owner, under one policy on one chain.
template <typename U>
class FlowSums {
 public:
  // `steps` must outlive this.
  FlowSums(Direction direction, FlowSteps* steps) : direction_(direction), steps_(steps) {}

  // Adds what `policy` moved in `step`: the givers' `sequence`, of which each exit got a slice.
  void Add(const Policy<U>& policy, const Step<U>& step, absl::Span<const Piece<U>> sequence,
           absl::Span<const Slice<U>> slices);

  // Without the steps.
  uint64_t memory() const;

  // Empties it. They come in the order of PolicyResult::flows.
  void MoveTo(uint32_t chain, std::vector<Flow>* flows);

 private:
  // The same units may go round many times: their sum may be more than there are.
  __extension__ using Uint128 = unsigned __int128;
  using SumUnits = std::conditional_t<std::is_same_v<U, uint64_t>, Uint128, U>;
  using Owners = std::pair<AddressId, AddressId>;
  struct Transaction {
    SumUnits tainted = 0;
    uint32_t step = 0;
  };
  struct Sum {
    SumUnits tainted = 0;
    uint64_t movements = 0;
    uint32_t last = 0;
    absl::InlinedVector<Transaction, 1> transactions;
  };
  struct Record {
    Owners owners;
    U units = 0;
    uint32_t step = 0;
  };
  // Of a wide trace the sums are many, and of no order: they stand in parts, and what is to be
  // added to a part waits until there is so much of it that the part is worth going to.
  struct Part {
    std::vector<Record> waiting;
    absl::flat_hash_map<Owners, Sum> sums;
  };
  static constexpr size_t kParts = 256;
  static constexpr size_t kMostWaiting = 1024;

  // Of a policy that does not say whose units a taker got: each giver's share of them, by the rule
  // by which haircut shares among takers.
  void AddShared(const Step<U>& step, absl::Span<const Piece<U>> sequence,
                 absl::Span<const Slice<U>> slices);
  // A ceiling for each pair of owners: all that the taker got may have come from any tainted giver.
  void AddCeiling(const Step<U>& step, absl::Span<const Piece<U>> sequence);
  void AddOne(AddressId entry, AddressId exit, const U& units);
  void Apply(Part* part);

  Direction direction_;
  FlowSteps* steps_;
  std::array<Part, kParts> parts_;
  uint64_t transactions_ = 0;  // that sums keep outside themselves

  // Of the step at hand.
  uint32_t step_ = 0;
  std::vector<Piece<U>> pool_;
  std::vector<AddressId> owners_;
};

template <typename U>
uint64_t FlowSums<U>::memory() const {
  uint64_t bytes = transactions_ * sizeof(Transaction);
  for (const Part& part : parts_) {
    // A hash table has a byte for each slot besides.
    bytes += part.waiting.capacity() * sizeof(Record) +
             part.sums.capacity() * (sizeof(typename decltype(part.sums)::value_type) + 1);
  }
  return bytes;
}

template <typename U>
void FlowSums<U>::AddOne(AddressId entry, AddressId exit, const U& units) {
  // Flows go the way the money went.
  const bool forward = direction_ == Direction::kForward;
  const Owners owners = forward ? Owners(entry, exit) : Owners(exit, entry);
  const uint64_t mixed =
      (owners.first.number * 0x9e3779b97f4a7c15 + owners.second.number) * 0xd6e8feb86659fd93;
  Part& part = parts_[mixed >> 56];
  part.waiting.push_back({owners, units, step_});
  if (part.waiting.size() == kMostWaiting) Apply(&part);
}

template <typename U>
void FlowSums<U>::Apply(Part* part) {
  for (const Record& record : part->waiting) {
    Sum& sum = part->sums[record.owners];
    sum.tainted += record.units;
    if (sum.movements == 0 || sum.last != record.step) {
      ++sum.movements;
      sum.last = record.step;
      if (sum.transactions.size() < Flow::kMostTransactions &&
          (sum.transactions.empty() ||
           (*steps_)[sum.transactions.back().step].txid != (*steps_)[record.step].txid)) {
        if (sum.transactions.size() == sum.transactions.capacity()) {
          transactions_ += sum.transactions.capacity();
        }
        sum.transactions.push_back({0, record.step});
      }
    }
    Transaction& last = sum.transactions.back();
    if (last.step == record.step || (*steps_)[last.step].txid == (*steps_)[record.step].txid) {
      last.tainted += record.units;
    }
  }
  part->waiting.clear();
}

template <typename U>
void FlowSums<U>::Add(const Policy<U>& policy, const Step<U>& step,
                      absl::Span<const Piece<U>> sequence, absl::Span<const Slice<U>> slices) {
  step_ = steps_->NumberOf(step);
  if (!policy.conserving()) return AddCeiling(step, sequence);
  if (!policy.ordered()) return AddShared(step, sequence, slices);
  for (size_t i = 0; i < step.exits.size(); ++i) {
    for (const Piece<U>& piece : slices[i]) {
      if (piece.source == kClean) continue;
      AddOne(step.entries[piece.giver].owner, step.exits[i].owner, piece.units);
    }
  }
}

template <typename U>
void FlowSums<U>::AddCeiling(const Step<U>& step, absl::Span<const Piece<U>> sequence) {
  owners_.clear();
  for (const Piece<U>& piece : sequence) {
    if (piece.source != kClean) owners_.push_back(step.entries[piece.giver].owner);
  }
  std::sort(owners_.begin(), owners_.end());
  owners_.erase(std::unique(owners_.begin(), owners_.end()), owners_.end());
  for (const AddressId owner : owners_) {
    for (size_t i = 0; i < step.exits.size(); ++i) {
      if (step.takers[i].amount == 0) continue;
      AddOne(owner, step.exits[i].owner, step.takers[i].amount);
    }
  }
}

template <typename U>
void FlowSums<U>::AddShared(const Step<U>& step, absl::Span<const Piece<U>> sequence,
                            absl::Span<const Slice<U>> slices) {
  // What each giver has still to give, by source and then by giver.
  pool_.clear();
  for (const Piece<U>& piece : sequence) {
    if (piece.source != kClean) pool_.push_back(piece);
  }
  const auto by_source = [](const Piece<U>& a, const Piece<U>& b) { return a.source < b.source; };
  if (!std::is_sorted(pool_.begin(), pool_.end(), by_source)) {
    std::stable_sort(pool_.begin(), pool_.end(), by_source);
  }
  for (size_t i = 0; i < step.exits.size(); ++i) {
    auto begin = pool_.begin();
    for (const Piece<U>& piece : slices[i]) {
      if (piece.source == kClean) continue;
      while (begin->source != piece.source) ++begin;
      auto end = begin;
      U held = 0;
      for (; end != pool_.end() && end->source == piece.source; ++end) held += end->units;
      Apportioner<U> among_givers(piece.units, held);
      for (; begin != end; ++begin) {
        const U units = among_givers.Next(begin->units);
        if (units == 0) continue;
        AddOne(step.entries[begin->giver].owner, step.exits[i].owner, units);
        begin->units -= units;
      }
    }
  }
}

template <typename U>
void FlowSums<U>::MoveTo(uint32_t chain, std::vector<Flow>* flows) {
  struct Found {
    SumUnits tainted;
    Owners owners;
    const Sum* sum;
  };
  std::vector<Found> order;
  for (Part& part : parts_) {
    Apply(&part);
    for (const auto& [owners, sum] : part.sums) order.push_back({sum.tainted, owners, &sum});
  }
  std::sort(order.begin(), order.end(), [](const Found& a, const Found& b) {
    return a.tainted != b.tainted ? a.tainted > b.tainted : a.owners < b.owners;
  });
  flows->reserve(flows->size() + order.size());
  for (const Found& found : order) {
    Flow& flow = flows->emplace_back();
    flow.chain = chain;
    flow.from = found.owners.first;
    flow.to = found.owners.second;
    flow.tainted = Units(found.tainted);
    flow.movements = found.sum->movements;
    flow.transactions.reserve(found.sum->transactions.size());
    for (const Transaction& transaction : found.sum->transactions) {
      const FlowSteps::At& at = (*steps_)[transaction.step];
      flow.transactions.push_back({at.txid, at.height, Units(transaction.tainted)});
    }
    if (direction_ == Direction::kBack) {
      std::reverse(flow.transactions.begin(), flow.transactions.end());
    }
  }
  parts_ = {};
  transactions_ = 0;
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FLOW_SUMS_H_
