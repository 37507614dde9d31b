#include "lib/taint/account_sharer.h"

#include <algorithm>

#include "spoor/base/status_macros.h"

namespace spoor {

AccountSharer::AccountSharer(std::unique_ptr<Policy<Uint256>> policy, Direction direction)
    : policy_(std::move(policy)), direction_(direction) {
  form_ = !policy_->conserving() ? ParcelForm::kCeiling
          : policy_->ordered()   ? ParcelForm::kOrdered
                                 : ParcelForm::kByOrigin;
}

void AccountSharer::Share(absl::Span<const Part> parts, absl::Span<const Taker<Uint256>> takers,
                          std::vector<AccountParcel>* slices) {
  slices->resize(takers.size());
  for (AccountParcel& slice : *slices) slice.clear();
  sequence_.clear();
  cuts_.clear();
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto giver = static_cast<uint32_t>(i);
    const Part& part = parts[i];
    Uint256 clean = part.amount;
    if (part.parcel != nullptr) {
      for (const AccountLot& lot : *part.parcel) {
        if (lot.origin == kClean) {
          sequence_.push_back({lot.units, kClean, giver});
        } else {
          // By an ordered policy every lot goes its own way, and its name is only a name.
          cuts_.push_back({&lot, 0, 0});
          const auto name =
              form_ == ParcelForm::kOrdered ? static_cast<SourceId>(cuts_.size()) : lot.origin;
          sequence_.push_back({lot.units, name, giver});
        }
        if (form_ != ParcelForm::kCeiling) clean -= lot.units;
      }
      if (form_ == ParcelForm::kCeiling && !part.parcel->empty()) clean = 0;
    }
    if (clean != 0) sequence_.push_back({clean, kClean, giver});
  }
  if (cuts_.empty()) return;
  if (direction_ == Direction::kForward) {
    policy_->Share(sequence_, takers, &shared_);
  } else {
    policy_->ShareBack(sequence_, takers, &shared_);
  }
  switch (form_) {
    case ParcelForm::kOrdered:
      return ShareOrdered(takers, slices);
    case ParcelForm::kByOrigin:
      return ShareByOrigin(takers, slices);
    case ParcelForm::kCeiling:
      for (size_t i = 0; i < takers.size(); ++i) {
        // An account that gets nothing gets no taint.
        if (takers[i].amount == 0) continue;
        for (const Lot<Uint256>& part : shared_[i]) {
          (*slices)[i].push_back({part.units, part.units, part.source});
        }
      }
      return;
  }
}

void AccountSharer::ShareOrdered(absl::Span<const Taker<Uint256>> takers,
                                 std::vector<AccountParcel>* slices) {
  // Each lot is cut where one taker's part ends and the next one's begins, from its front on.
  order_.resize(takers.size());
  direction_ == Direction::kForward ? policy_->FrontFirst(takers, absl::MakeSpan(order_))
                                    : policy_->FrontFirstBack(takers, absl::MakeSpan(order_));
  for (const size_t i : order_) {
    AccountParcel& slice = (*slices)[i];
    bool tainted = false;
    for (const Lot<Uint256>& part : shared_[i]) {
      AccountLot lot{part.units, 0, kClean};
      if (part.source != kClean) {
        tainted = true;
        Cut& cut = cuts_[part.source - 1];
        lot.origin = cut.lot->origin;
        if (!cut.lot->ways.empty()) lot.ways = CutWays(cut.lot->ways, cut.used, part.units);
        cut.used += part.units;
        const Uint256 end = cut.lot->stolen == cut.lot->units
                                ? cut.used
                                : MulDiv(cut.used, cut.lot->stolen, cut.lot->units);
        lot.stolen = end - cut.stolen;
        cut.stolen = end;
      }
      PushLot(lot, &slice);
    }
    if (!tainted) slice.clear();
  }
}

void AccountSharer::ShareByOrigin(absl::Span<const Taker<Uint256>> takers,
                                  std::vector<AccountParcel>* slices) {
  // What is left of each origin.
  AccountParcel left;
  for (const Cut& cut : cuts_) AppendParcel({*cut.lot}, 0, form_, 0, &left);
  for (size_t i = 0; i < takers.size(); ++i) {
    for (const Lot<Uint256>& part : shared_[i]) {
      if (part.source == kClean) continue;
      const auto lot = std::find_if(left.begin(), left.end(), [&](const AccountLot& known) {
        return known.origin == part.source;
      });
      const Uint256 stolen = lot->stolen == lot->units ? part.units
                             : part.units == lot->units
                                 ? lot->stolen
                                 : MulDiv(lot->stolen, part.units, lot->units);
      (*slices)[i].push_back({part.units, stolen, part.source});
      lot->units -= part.units;
      lot->stolen -= stolen;
    }
  }
}

}  // namespace spoor
