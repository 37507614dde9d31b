#ifndef SPOOR_LIB_TAINT_LIMITS_H_
#define SPOOR_LIB_TAINT_LIMITS_H_

#include <cstdint>
#include <functional>
#include <limits>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/follow.h"

namespace spoor {

// A request's limits as they stand on one chain. For one thread.
class Limits {
 public:
  static absl::StatusOr<Limits> On(const LedgerView& view, uint32_t chain,
                                   const FollowOptions& options);

  // Why units that took `hops` movements to where they are do not go through the movement at
  // `next`; nullopt if they do, unless they are fewer than least().
  std::optional<EndpointKind> Stop(uint32_t hops, Position next) const {
    if (hops >= max_hops_) return EndpointKind::kHopLimit;
    if (next < begin_ || next >= end_) return EndpointKind::kTimeLimit;
    return std::nullopt;
  }
  // Whether they do, however few they are.
  bool LetAll(uint32_t hops, Position next) const {
    return hops < max_hops_ && next >= begin_ && next < end_ && !has_least_;
  }
  const Units& least() const { return min_taint_; }

  // Whether there are any.
  bool has_services() const { return stop_at_ != nullptr || service_degree_ > 0; }
  // Whether units of `asset` that come to `owner`, who may also be one of Flow's that stand for no
  // address, end there.
  absl::StatusOr<bool> IsService(AddressId owner, AssetId asset);
  // Of a service that IsService() found by its size, Endpoint::by_size; else 0.
  uint64_t BySize(AddressId owner, AssetId asset) const;

 private:
  // How many movements touched the owner's balance of `asset`; 0 if no more than so many, or if it
  // is known who they are.
  absl::StatusOr<uint64_t> Busy(AddressId owner, AssetId asset) const;

  const LedgerView* view_ = nullptr;
  uint32_t chain_ = 0;
  // Order never decreases from block to block, so a span of time is a span of positions.
  Position begin_;
  Position end_{std::numeric_limits<uint64_t>::max()};
  uint32_t max_hops_ = std::numeric_limits<uint32_t>::max();
  Units min_taint_ = 0;
  bool has_least_ = false;  // whether min_taint_ is more than 0
  std::function<absl::StatusOr<bool>(uint32_t, AddressId)> stop_at_;
  uint64_t service_degree_ = 0;
  std::function<absl::StatusOr<bool>(uint32_t, AddressId)> is_known_;
  absl::flat_hash_map<AddressId, bool> services_;  // as stop_at_ says
  // By balance, and only that in which the units come: anybody can move worthless assets of
  // anybody's.
  absl::flat_hash_map<Holding, uint64_t> by_size_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_LIMITS_H_
