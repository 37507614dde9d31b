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
  limits.has_least_ = options.min_taint != 0;
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

absl::StatusOr<bool> Limits::IsService(AddressId owner, AssetId asset) {
  if (owner >= Flow::kFromMinted) return false;
  if (stop_at_ != nullptr) {
    auto it = services_.find(owner);
    if (it == services_.end()) {
      SPOOR_ASSIGN_OR_RETURN(const bool service, stop_at_(chain_, owner));
      it = services_.emplace(owner, service).first;
    }
    if (it->second) return true;
  }
  if (service_degree_ == 0) return false;
  const Holding balance = Holding::Balance(owner, asset);
  auto it = by_size_.find(balance);
  if (it == by_size_.end()) {
    SPOOR_ASSIGN_OR_RETURN(const uint64_t movements, Busy(owner, asset));
    it = by_size_.emplace(balance, movements).first;
  }
  return it->second > 0;
}

absl::StatusOr<uint64_t> Limits::Busy(AddressId owner, AssetId asset) const {
  if (is_known_ != nullptr) {
    SPOOR_ASSIGN_OR_RETURN(const bool known, is_known_(chain_, owner));
    if (known) return 0;
  }
  SPOOR_ASSIGN_OR_RETURN(const std::optional<BalanceInfo> balance,
                         view_->ReadBalance(Holding::Balance(owner, asset)));
  const uint64_t movements = balance.has_value() ? balance->movements : 0;
  return movements > service_degree_ ? movements : 0;
}

uint64_t Limits::BySize(AddressId owner, AssetId asset) const {
  const auto it = by_size_.find(Holding::Balance(owner, asset));
  return it == by_size_.end() ? 0 : it->second;
}

}  // namespace spoor
