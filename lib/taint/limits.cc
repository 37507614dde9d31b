#include "lib/taint/limits.h"

#include "lib/taint/blocks.h"
#include "spoor/base/status_macros.h"

namespace spoor {

absl::StatusOr<Limits> Limits::On(const LedgerView& view, uint32_t chain,
                                  const FollowOptions& options) {
  Limits limits;
  limits.chain_ = chain;
  limits.max_hops_ = options.max_hops.value_or(limits.max_hops_);
  limits.min_taint_ = options.min_taint;
  limits.stop_at_ = options.stop_at;
  // The first movement of the first block for which `past` holds, or the end of the chain.
  const auto first_past = [&](auto past) -> absl::StatusOr<Position> {
    SPOOR_ASSIGN_OR_RETURN(const std::optional<BlockInfo> block, FirstBlock(view, past));
    if (block.has_value()) return block->first;
    const std::optional<BlockInfo> tip = view.tip();
    return Position{tip.has_value() ? tip->totals.movements : 0};
  };
  if (options.since.has_value()) {
    SPOOR_ASSIGN_OR_RETURN(limits.begin_, first_past([&](const BlockInfo& block) {
                             return block.order_time >= *options.since;
                           }));
  }
  if (options.until.has_value()) {
    SPOOR_ASSIGN_OR_RETURN(limits.end_, first_past([&](const BlockInfo& block) {
                             return block.order_time > *options.until;
                           }));
  }
  return limits;
}

std::optional<EndpointKind> Limits::Stop(uint32_t hops, Position next) const {
  if (hops >= max_hops_) return EndpointKind::kHopLimit;
  if (next < begin_ || next >= end_) return EndpointKind::kTimeLimit;
  return std::nullopt;
}

absl::StatusOr<bool> Limits::IsService(AddressId owner) {
  if (stop_at_ == nullptr || owner >= Flow::kFromMinted) return false;
  const auto it = services_.find(owner);
  if (it != services_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const bool service, stop_at_(chain_, owner));
  services_.emplace(owner, service);
  return service;
}

}  // namespace spoor
