#ifndef SPOOR_LIB_TAINT_FLOW_SUMS_H_
#define SPOOR_LIB_TAINT_FLOW_SUMS_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "lib/taint/agenda.h"
#include "lib/taint/movement_numbers.h"
#include "lib/taint/step.h"
#include "spoor/base/apportion.h"
#include "spoor/base/sort_by_number.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/policy.h"
#include "spoor/taint/trace_lists.h"

namespace spoor {

// The stolen units that went from owner to owner, under one policy on one chain.
template <typename U>
class FlowSums {
 public:
  // `numbers` must outlive this.
  FlowSums(Direction direction, MovementNumbers* numbers)
      : direction_(direction), numbers_(numbers) {}

  // Adds what `policy` moved in `step`: the givers' `sequence`, of which each exit got a slice.
  void Add(const Policy<U>& policy, const Step<U>& step, absl::Span<const Lot<U>> sequence,
           const Slices<U>& slices);

  // Without the movements' names.
  uint64_t memory() const;

  // Empties it.
  void MoveTo(uint32_t chain, Flows* flows);

 private:
  using Row = Flows::Row;
  // What went from owner to owner, one by one as it is found, and put in order when there is no
  // more room. In many parts, each of which is soon in order.
  struct Part {
    std::vector<Row> rows;
    size_t room = 0;  // for so many rows
    size_t tidy = 0;  // so many are in order, and as few as they can be
  };
  static constexpr size_t kParts = 256;
  static constexpr size_t kLeastRoom = 4;

  // Of a policy that does not say whose units a taker got: each giver's share of them, by the rule
  // by which haircut shares among takers.
  void AddShared(const Step<U>& step, absl::Span<const Lot<U>> sequence, const Slices<U>& slices);
  // A ceiling for each pair of owners: all that the taker got may have come from any tainted giver.
  void AddCeiling(const Step<U>& step, absl::Span<const Lot<U>> sequence);
  void AddOne(AddressId entry, AddressId exit, const U& units);
  void MakeRoom(Part* part);
  // Puts the rows in order and makes one of those that tell no more than one would.
  void Tidy(Part* part, bool over);
  // The same of one flow's rows, from `begin` to `end`: to where they end then.
  Row* TidyFlow(Row* begin, Row* end, bool over);

  Direction direction_;
  MovementNumbers* numbers_;
  std::array<Part, kParts> parts_;

  // Of the movement at hand.
  uint32_t movement_ = 0;
  std::vector<Lot<U>> pool_;
  std::vector<AddressId> owners_;
  std::vector<Row> several_;
};

template <typename U>
uint64_t FlowSums<U>::memory() const {
  constexpr uint64_t kInOrder = 24;  // for each flow, when all are put in order
  uint64_t bytes = 0;
  for (const Part& part : parts_) {
    bytes += part.rows.capacity() * sizeof(Row) + part.rows.size() * kInOrder;
  }
  return bytes;
}

template <typename U>
void FlowSums<U>::AddOne(AddressId entry, AddressId exit, const U& units) {
  // Flows go the way the money went.
  const bool forward = direction_ == Direction::kForward;
  const AddressId from = forward ? entry : exit;
  const AddressId to = forward ? exit : entry;
  const uint64_t mixed = (from.number * 0x9e3779b97f4a7c15 + to.number) * 0xd6e8feb86659fd93;
  Part& part = parts_[mixed >> 56];
  if (part.rows.size() == part.room) MakeRoom(&part);
  part.rows.push_back({from, to, static_cast<uint64_t>(units), movement_});
}

template <typename U>
void FlowSums<U>::MakeRoom(Part* part) {
  Tidy(part, /*over=*/false);
  part->room = std::max({part->room, part->rows.size() / 2 * 3, kLeastRoom});
  part->rows.reserve(part->room);
}

template <typename U>
void FlowSums<U>::Tidy(Part* part, bool over) {
  std::vector<Row>& rows = part->rows;
  const auto before = [](const Row& a, const Row& b) {
    return std::tie(a.from, a.to, a.movement) < std::tie(b.from, b.to, b.movement);
  };
  const auto from = [](const Row& row) { return row.from.number; };
  const auto middle = rows.begin() + static_cast<std::ptrdiff_t>(part->tidy);
  SortByNumber(middle, rows.end(), from);
  VisitEqual(middle, rows.end(), from,
             [&](auto begin, auto end) { std::sort(begin, end, before); });
  std::inplace_merge(rows.begin(), middle, rows.end(), before);
  Row* const all_end = rows.data() + rows.size();
  Row* out = rows.data();
  for (Row* begin = rows.data(); begin != all_end;) {
    Row* end = begin + 1;
    while (end != all_end && end->from == begin->from && end->to == begin->to) ++end;
    Row* const flow_end = end - begin == 1 ? end : TidyFlow(begin, end, over);
    out = out == begin ? flow_end : std::copy(begin, flow_end, out);
    begin = end;
  }
  rows.resize(static_cast<size_t>(out - rows.data()));
  part->tidy = rows.size();
}

template <typename U>
Flows::Row* FlowSums<U>::TidyFlow(Row* begin, Row* end, bool over) {
  // By movement first: what one movement moves, it has.
  Row* out = begin;
  for (Row* row = begin + 1; row != end; ++row) {
    if (row->movement == out->movement && row->movement != Row::kSeveral) {
      out->units += row->units;
    } else {
      *++out = *row;
    }
  }
  end = out + 1;
  if (static_cast<size_t>(end - begin) <= Flow::kMostTransactions) return end;
  // Only the first movements are told one by one. The one at hand may come again.
  const MovementNames& names = *numbers_->names();
  several_.clear();
  size_t told = 0;
  const Txid* last = nullptr;
  out = begin;
  for (Row* row = begin; row != end; ++row) {
    if (row->movement != Row::kSeveral) {
      const Txid& txid = names[row->movement].txid;
      const bool tells = told < Flow::kMostTransactions && (last == nullptr || *last != txid);
      if (tells) {
        ++told;
        last = &txid;
      }
      if (*last == txid || (row->movement == movement_ && !over)) {
        *out++ = *row;
        continue;
      }
    }
    // The same units may go round many times: their sum may be more than there are.
    uint64_t units = 0;
    uint32_t movements = 0;
    if (!several_.empty() && !__builtin_add_overflow(several_.back().units, row->units, &units) &&
        !__builtin_add_overflow(several_.back().movements, row->movements, &movements)) {
      several_.back().units = units;
      several_.back().movements = movements;
    } else {
      several_.push_back(*row);
      several_.back().movement = Row::kSeveral;
    }
  }
  return std::copy(several_.begin(), several_.end(), out);
}

template <typename U>
void FlowSums<U>::Add(const Policy<U>& policy, const Step<U>& step,
                      absl::Span<const Lot<U>> sequence, const Slices<U>& slices) {
  movement_ = numbers_->NumberOf(step.position, step.txid, step.height);
  if (!policy.conserving()) return AddCeiling(step, sequence);
  if (!policy.ordered()) return AddShared(step, sequence, slices);
  for (size_t i = 0; i < step.exits.size(); ++i) {
    for (const Lot<U>& lot : slices[i]) {
      if (lot.source == kClean) continue;
      AddOne(step.entries[lot.giver].owner, step.exits[i].owner, lot.units);
    }
  }
}

template <typename U>
void FlowSums<U>::AddCeiling(const Step<U>& step, absl::Span<const Lot<U>> sequence) {
  owners_.clear();
  for (const Lot<U>& lot : sequence) {
    if (lot.source != kClean) owners_.push_back(step.entries[lot.giver].owner);
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
void FlowSums<U>::AddShared(const Step<U>& step, absl::Span<const Lot<U>> sequence,
                            const Slices<U>& slices) {
  // What each giver has still to give, by source and then by giver.
  pool_.clear();
  for (const Lot<U>& lot : sequence) {
    if (lot.source != kClean) pool_.push_back(lot);
  }
  const auto by_source = [](const Lot<U>& a, const Lot<U>& b) { return a.source < b.source; };
  if (!std::is_sorted(pool_.begin(), pool_.end(), by_source)) {
    std::stable_sort(pool_.begin(), pool_.end(), by_source);
  }
  for (size_t i = 0; i < step.exits.size(); ++i) {
    auto begin = pool_.begin();
    for (const Lot<U>& lot : slices[i]) {
      if (lot.source == kClean) continue;
      while (begin->source != lot.source) ++begin;
      auto end = begin;
      U held = 0;
      for (; end != pool_.end() && end->source == lot.source; ++end) held += end->units;
      Apportioner<U> among_givers(lot.units, held);
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
void FlowSums<U>::MoveTo(uint32_t chain, Flows* flows) {
  for (Part& part : parts_) {
    if (part.rows.empty()) continue;
    Tidy(&part, /*over=*/true);
    flows->Add({chain, direction_ == Direction::kBack, numbers_->names(), std::move(part.rows)});
    part = {};
  }
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FLOW_SUMS_H_
