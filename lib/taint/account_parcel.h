#ifndef SPOOR_LIB_TAINT_ACCOUNT_PARCEL_H_
#define SPOOR_LIB_TAINT_ACCOUNT_PARCEL_H_

#include <cstdint>
#include <vector>

#include "spoor/base/apportion.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/policy.h"

// What balances of an account chain hold (docs/model.md, "Conversion").

namespace spoor {

// Who stole units, and as which asset: 1, 2, ... in the order of the request's sources and then of
// assets, 0 for clean. Stands where a SourceId does.
using OriginId = SourceId;

// A run of units of one origin, and how many stolen units it stands for: as many as it has, unless
// it was converted.
struct AccountLot {
  Uint256 units;
  Uint256 stolen;
  OriginId origin = kClean;

  friend bool operator==(const AccountLot&, const AccountLot&) = default;
};

// How a policy's parcels are made.
enum class ParcelForm {
  kOrdered,   // lots in the order of arrival fill the balance
  kByOrigin,  // one lot for each origin, ascending; what they leave of the balance is clean
  kCeiling,   // so too, but each is as large as the balance
};

// Empty: all is clean. No lot is without units.
using AccountParcel = std::vector<AccountLot>;

// The stolen units among `amount`.
Uint256 TaintedUnits(const AccountParcel& parcel, ParcelForm form, const Uint256& amount);

// Puts a lot behind an ordered parcel.
void PushLot(const AccountLot& lot, AccountParcel* parcel);

// Puts `more`, which fills `added`, behind `parcel`, which fills `amount`.
void AppendParcel(const AccountParcel& more, const Uint256& added, ParcelForm form,
                  const Uint256& amount, AccountParcel* parcel);

// `parcel`, which fills `a`, as it fills `b`. What comes to no unit is left out and added to
// `*dust`.
AccountParcel ScaleParcel(const AccountParcel& parcel, ParcelForm form, const Uint256& a,
                          const Uint256& b, std::vector<AccountLot>* dust);

// Marks the first clean ones of the `amount` units that `parcel` fills, `limit` of them at most, as
// stolen by `origin`. A ceiling gains the origin whole, unless `limit` is 0. How many count as
// stolen. `*changed` tells whether the parcel did.
Uint256 MarkParcel(OriginId origin, const Uint256& limit, ParcelForm form, const Uint256& amount,
                   AccountParcel* parcel, bool* changed);

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ACCOUNT_PARCEL_H_
