#ifndef SPOOR_LIB_TAINT_ACCOUNT_PARCEL_H_
#define SPOOR_LIB_TAINT_ACCOUNT_PARCEL_H_

#include <cstddef>
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

// Units that came by one way (UnitWays).
struct LotWay {
  uint32_t way = 0;
  Uint256 units;

  friend bool operator==(const LotWay&, const LotWay&) = default;
};

// A run of units of one origin, and how many stolen units it stands for: as many as it has, unless
// it was converted.
struct AccountLot {
  Uint256 units;
  Uint256 stolen;
  OriginId origin = kClean;
  // If paths are asked for, the ways by which its units came, one behind another. They do not part
  // the lot: what is shared and converted must not hang on whether somebody asks for paths.
  std::vector<LotWay> ways = {};

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

// What it has on the heap, in bytes; of its ways those of the lots from the `first` on.
uint64_t MemoryOf(const AccountParcel& parcel, size_t first = 0);

// The `units` from the `begin`-th on of a lot's that came by `ways`.
std::vector<LotWay> CutWays(const std::vector<LotWay>& ways, const Uint256& begin,
                            const Uint256& units);

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
// stolen by `origin`, whence they go by `way`, if it is not 0. A ceiling gains the origin whole,
// unless `limit` is 0. How many count as stolen. `*changed` tells whether the parcel did.
Uint256 MarkParcel(OriginId origin, uint32_t way, const Uint256& limit, ParcelForm form,
                   const Uint256& amount, AccountParcel* parcel, bool* changed);

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ACCOUNT_PARCEL_H_
