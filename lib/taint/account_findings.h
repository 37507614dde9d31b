#ifndef SPOOR_LIB_TAINT_ACCOUNT_FINDINGS_H_
#define SPOOR_LIB_TAINT_ACCOUNT_FINDINGS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "lib/taint/account_parcel.h"
#include "lib/taint/unit_ways.h"
#include "spoor/taint/follow.h"

namespace spoor {

// Whose units, and as which asset they were stolen. An OriginId is a place in the list, from 1 on.
struct AccountOrigin {
  SourceId source = kClean;
  AssetId asset = kNativeAsset;

  friend bool operator==(const AccountOrigin&, const AccountOrigin&) = default;
  friend auto operator<=>(const AccountOrigin&, const AccountOrigin&) = default;
};

// Units that enter a receipt are stolen; backwards, they are what is asked for.
struct AccountMark {
  uint32_t take = 0;
  OriginId origin = kClean;
  size_t seed = 0;  // whose limit it draws on
  // It is on the opening balance that the take is the first to touch.
  bool opening = false;
};

// A seed's mark on what a side of an exchange receives.
struct ExchangeMark {
  size_t side = 0;
  // Of the transfer that it marks.
  Units amount;
  Path::Place place;
  AccountMark mark;
};

// Where what a movement moves comes to, but for the kind and whose it is.
Endpoint PlaceOf(const Movement& movement);
// As a place on a path: the transfer, or what else it is, whole.
Path::Place PathPlaceOf(const Movement& movement);
// A transaction, whole: of an exchange, and of what touches an opening balance first.
inline Path::Place PathPlaceOf(const Endpoint& place) {
  return {place.position, Txid(), /*at_output=*/false, 0};
}

// Hears how many bytes the paths made so far take; an error if that is too much.
using PathMemory = absl::FunctionRef<absl::Status(uint64_t bytes)>;

// What one policy's trace of an account chain has found so far.
class AccountFindings {
 public:
  // `origins` must outlive this; `seed_limits` has for each seed what it may still mark. If `paths`
  // are asked for, so many to each endpoint, the form must be kOrdered.
  AccountFindings(uint32_t chain, const std::vector<AccountOrigin>* origins, ParcelForm form,
                  bool flows, size_t paths, std::vector<Units> seed_limits);

  // Has `mark`'s seed mark the `amount` units that `parcel` fills, `most` of them at most, at
  // `place`. Whether it changed.
  bool Mark(const AccountMark& mark, const Path::Place& place, const Units& most,
            const Units& amount, AccountParcel* parcel);
  // What is stolen in `parcel` has come one place further.
  void Extend(const Path::Place& place, AccountParcel* parcel);

  // Adds an end of `parcel`. What comes to a service, from outside or to no whole unit is summed,
  // by owner and asset.
  void AddEnd(Endpoint end, const AccountParcel& parcel);
  // Lots that came to no unit when `owner` converted them: they are fewer than the least there is.
  void AddDust(const Endpoint& place, const std::vector<AccountLot>& dust);
  // By the movement of `place`, as the asset `asset`.
  void AddFlow(AddressId from, AddressId to, AssetId asset, const AccountParcel& parcel,
               const Units& amount, const Endpoint& place);
  void AddConversion(ConversionOnTheWay conversion, const AccountParcel& parcel);
  void AddOpening(const Holding& holding) { openings_.insert(holding); }
  void CountMovement() { ++movements_; }
  // What a balance has, for PolicyResult::most_lots.
  void CountLots(const AccountParcel& parcel) { most_lots_ = std::max(most_lots_, parcel.size()); }

  uint64_t memory() const;
  // Adds all to `result`. Checks that under a policy that conserves, what ended is what was stolen.
  // The error is `memory`'s.
  absl::Status Finish(PathMemory memory, PolicyResult* result);

 private:
  struct FlowSum {
    Uint512 tainted;
    uint64_t movements = 0;
    Position last;
    absl::InlinedVector<Flow::Transaction, 1> transactions;
  };

  // Adds the lots to the endpoint `index`.
  void AddLots(const std::vector<AccountLot>& lots, size_t index);
  size_t Add(Endpoint end);
  size_t Summed(const Endpoint& end);

  uint32_t chain_;
  const std::vector<AccountOrigin>& origins_;
  ParcelForm form_;
  bool with_flows_;
  std::vector<Units> seed_limits_;
  std::vector<Units> stolen_;  // by origin
  std::vector<Endpoint> endpoints_;
  size_t paths_;
  std::optional<UnitWays> ways_;
  std::vector<std::vector<UnitWays::Came>> came_;  // by endpoint, if paths are asked for
  size_t came_count_ = 0;
  std::vector<uint32_t*> labels_;  // memory used again
  absl::flat_hash_map<std::tuple<EndpointKind, AddressId, AssetId>, size_t> summed_;
  absl::flat_hash_map<std::tuple<AddressId, AddressId, AssetId>, FlowSum> flows_;
  std::vector<ConversionOnTheWay> conversions_;
  absl::flat_hash_set<Holding> openings_;
  uint64_t movements_ = 0;
  size_t most_lots_ = 0;
  uint64_t transactions_ = 0;  // that all flows keep
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ACCOUNT_FINDINGS_H_
