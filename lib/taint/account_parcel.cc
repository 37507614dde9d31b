#include "lib/taint/account_parcel.h"

#include <algorithm>

#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

AccountParcel::iterator FindOrigin(OriginId origin, AccountParcel* parcel) {
  return std::lower_bound(
      parcel->begin(), parcel->end(), origin,
      [](const AccountLot& lot, OriginId wanted) { return lot.origin < wanted; });
}

// Lots that stand for as many units as they have can be joined and parted again at will.
bool IsPlain(const AccountLot& lot) { return lot.units == lot.stolen; }

void PushWay(uint32_t way, const Uint256& units, std::vector<LotWay>* ways) {
  if (units == 0) return;
  if (!ways->empty() && ways->back().way == way) {
    ways->back().units += units;
  } else {
    ways->push_back({way, units});
  }
}

// The ways of `a` units as those of `b`. One that comes to no unit is left out.
std::vector<LotWay> ScaleWays(const std::vector<LotWay>& ways, const Uint256& a, const Uint256& b) {
  std::vector<LotWay> scaled;
  Uint256 end = 0;
  Uint256 scaled_end = 0;
  for (const LotWay& part : ways) {
    end += part.units;
    const Uint256 next = end == a ? b : MulDiv(end, b, a);
    PushWay(part.way, next - scaled_end, &scaled);
    scaled_end = next;
  }
  return scaled;
}

}  // namespace

uint64_t MemoryOf(const AccountParcel& parcel, size_t first) {
  uint64_t bytes = parcel.capacity() * sizeof(AccountLot);
  for (size_t i = first; i < parcel.size(); ++i) {
    bytes += parcel[i].ways.capacity() * sizeof(LotWay);
  }
  return bytes;
}

std::vector<LotWay> CutWays(const std::vector<LotWay>& ways, const Uint256& begin,
                            const Uint256& units) {
  std::vector<LotWay> cut;
  Uint256 before = 0;
  const Uint256 end = begin + units;
  for (const LotWay& part : ways) {
    if (before >= end) break;
    const Uint256 after = before + part.units;
    if (after > begin) {
      PushWay(part.way, std::min(after, end) - std::max(before, begin), &cut);
    }
    before = after;
  }
  return cut;
}

void PushLot(const AccountLot& lot, AccountParcel* parcel) {
  if (lot.units == 0) return;
  if (!parcel->empty()) {
    AccountLot& last = parcel->back();
    if (last.origin == lot.origin && (lot.origin == kClean || (IsPlain(last) && IsPlain(lot)))) {
      last.units += lot.units;
      last.stolen += lot.stolen;
      for (const LotWay& part : lot.ways) PushWay(part.way, part.units, &last.ways);
      return;
    }
  }
  parcel->push_back(lot);
}

Uint256 TaintedUnits(const AccountParcel& parcel, ParcelForm form, const Uint256& amount) {
  if (parcel.empty()) return 0;
  if (form == ParcelForm::kCeiling) return amount;
  Uint256 tainted = 0;
  for (const AccountLot& lot : parcel) {
    if (lot.origin != kClean) tainted += lot.units;
  }
  return tainted;
}

void AppendParcel(const AccountParcel& more, const Uint256& added, ParcelForm form,
                  const Uint256& amount, AccountParcel* parcel) {
  if (parcel->empty() && more.empty()) return;
  switch (form) {
    case ParcelForm::kOrdered:
      if (parcel->empty() && amount != 0) parcel->push_back({amount, 0, kClean});
      if (more.empty()) PushLot({added, 0, kClean}, parcel);
      for (const AccountLot& lot : more) PushLot(lot, parcel);
      return;
    case ParcelForm::kByOrigin:
      for (const AccountLot& lot : more) {
        const auto it = FindOrigin(lot.origin, parcel);
        if (it != parcel->end() && it->origin == lot.origin) {
          it->units += lot.units;
          it->stolen += lot.stolen;
        } else {
          parcel->insert(it, lot);
        }
      }
      return;
    case ParcelForm::kCeiling:
      for (const AccountLot& lot : more) {
        const auto it = FindOrigin(lot.origin, parcel);
        if (it == parcel->end() || it->origin != lot.origin) parcel->insert(it, lot);
      }
      for (AccountLot& lot : *parcel) lot.units = lot.stolen = amount + added;
      return;
  }
}

AccountParcel ScaleParcel(const AccountParcel& parcel, ParcelForm form, const Uint256& a,
                          const Uint256& b, std::vector<AccountLot>* dust) {
  AccountParcel scaled;
  if (parcel.empty() || b == 0) {
    SPOOR_CHECK(parcel.empty());
    return scaled;
  }
  if (form == ParcelForm::kCeiling) {
    for (const AccountLot& lot : parcel) scaled.push_back({b, b, lot.origin});
    return scaled;
  }
  Uint256 end = 0;
  Uint256 scaled_end = 0;
  bool tainted = false;
  for (const AccountLot& lot : parcel) {
    end += lot.units;
    const Uint256 next = end == a ? b : MulDiv(end, b, a);
    AccountLot moved{next - scaled_end, lot.stolen, lot.origin};
    moved.ways = ScaleWays(lot.ways, lot.units, moved.units);
    scaled_end = next;
    if (lot.origin != kClean && moved.units == 0) {
      dust->push_back(moved);
    } else {
      tainted |= lot.origin != kClean;
      PushLot(moved, &scaled);
    }
  }
  if (!tainted) scaled.clear();
  return scaled;
}

Uint256 MarkParcel(OriginId origin, uint32_t way, const Uint256& limit, ParcelForm form,
                   const Uint256& amount, AccountParcel* parcel, bool* changed) {
  *changed = false;
  if (amount == 0 || limit == 0) return 0;
  switch (form) {
    case ParcelForm::kOrdered: {
      Uint256 left = limit;
      if (parcel->empty()) parcel->push_back({amount, 0, kClean});
      AccountParcel marked;
      for (const AccountLot& lot : *parcel) {
        const Uint256 units = lot.origin == kClean ? std::min(left, lot.units) : Uint256(0);
        if (units == 0) {
          PushLot(lot, &marked);
          continue;
        }
        left -= units;
        AccountLot stolen{units, units, origin};
        if (way != 0) stolen.ways.push_back({way, units});
        PushLot(stolen, &marked);
        if (units < lot.units) PushLot({lot.units - units, 0, kClean}, &marked);
      }
      *parcel = std::move(marked);
      *changed = left != limit;
      return limit - left;
    }
    case ParcelForm::kByOrigin: {
      const Uint256 units = std::min<Uint256>(limit, amount - TaintedUnits(*parcel, form, amount));
      *changed = units != 0;
      if (units != 0) AppendParcel({{units, units, origin}}, 0, form, 0, parcel);
      return units;
    }
    case ParcelForm::kCeiling: {
      const Uint256 units = parcel->empty() ? std::min(limit, amount) : Uint256(0);
      const auto it = FindOrigin(origin, parcel);
      if (it == parcel->end() || it->origin != origin) {
        parcel->insert(it, {amount, amount, origin});
        *changed = true;
      }
      return units;
    }
  }
  return 0;
}

}  // namespace spoor
