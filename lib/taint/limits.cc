#include "lib/taint/limits.h"

#include "lib/taint/blocks.h"
#include "spoor/base/status_macros.h"

namespace spoor {

absl::StatusOr<Limits> Limits::On(const LedgerView& view, uint32_t chain,
                                  const FollowOptions& options) {
  Limits limits;
  limits.view_ = &view;
  limits.chain_ = chain;
  limits.max_hops_ = options.max_hops.value_or(limits.max_hops_);
  limits.min_taint_ = options.min_taint;
  limits.stop_at_ = options.stop_at;
  if (view.chain().family == Family::kAccount) limits.service_degree_ = options.service_degree;
  limits.is_known_ = options.is_known;
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
  if ((stop_at_ == nullptr && service_degree_ == 0) || owner >= Flow::kFromMinted) return false;
  const auto it = services_.find(owner);
  if (it != services_.end()) return it->second;
  bool service = false;
  if (stop_at_ != nullptr) {
    SPOOR_ASSIGN_OR_RETURN(service, stop_at_(chain_, owner));
  }
  if (!service && service_degree_ > 0) {
    SPOOR_ASSIGN_OR_RETURN(const uint64_t movements, Busy(owner));
    service = movements > 0;
    if (service) by_size_.emplace(owner, movements);
  }
  services_.emplace(owner, service);
  return service;
}

absl::StatusOr<uint64_t> Limits::Busy(AddressId owner) const {
  if (is_known_ != nullptr) {
    SPOOR_ASSIGN_OR_RETURN(const bool known, is_known_(chain_, owner));
    if (known) return 0;
  }
  uint64_t movements = 0;
  const absl::Status status = view_->ScanBalances(owner, [&](const BalanceInfo& balance) {
    if (balance.movements <= service_degree_) return absl::OkStatus();
    movements = balance.movements;
    return absl::CancelledError();
  });
  if (movements == 0) SPOOR_RETURN_IF_ERROR(status);
  return movements;
}

uint64_t Limits::BySize(AddressId owner) const {
  const auto it = by_size_.find(owner);
  return it == by_size_.end() ? 0 : it->second;
}

}  // namespace spoor
