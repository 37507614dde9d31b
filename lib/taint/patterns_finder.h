#ifndef SPOOR_LIB_TAINT_PATTERNS_FINDER_H_
#define SPOOR_LIB_TAINT_PATTERNS_FINDER_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "lib/taint/agenda.h"
#include "lib/taint/block_times.h"
#include "lib/taint/policy_run.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/coinjoin.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/patterns.h"
#include "spoor/taint/peel_chain.h"

namespace spoor {

// What is recognised of the movements that one policy's run goes through.
class PatternsFinder {
 public:
  // `times` is asked about kLeastDormancySeconds; others may ask it too.
  PatternsFinder(const LedgerView& view, uint32_t chain, Direction direction, BlockTimes* times)
      : view_(&view), chain_(chain), direction_(direction), times_(times) {}

  // `moved` is what of the movement's holdings has stolen units.
  template <typename Moved>
  absl::Status Visit(const Movement& movement, const std::optional<CoinJoinKind>& coinjoin,
                     const Moved& moved);
  // Adds all found to `result`.
  absl::Status Finish(PolicyResult* result);

 private:
  // Dormancies know by their positions which movements made them.
  absl::Status NameDormancies();

  const LedgerView* view_;
  uint32_t chain_;
  Direction direction_;
  BlockTimes* times_;
  std::vector<CoinJoinOnTheWay> coinjoins_;
  PeelChainFinder peel_chains_;
  std::vector<Dormancy> dormancies_;
  std::vector<Spread> splits_;
  std::vector<Spread> merges_;
};

template <typename Moved>
absl::Status PatternsFinder::Visit(const Movement& movement,
                                   const std::optional<CoinJoinKind>& coinjoin,
                                   const Moved& moved) {
  if (coinjoin.has_value()) {
    coinjoins_.push_back({chain_, movement.position, movement.txid, *coinjoin});
  }
  if (direction_ == Direction::kBack) return absl::OkStatus();
  peel_chains_.Visit(movement);
  for (const auto& holding : moved.given) {
    SPOOR_ASSIGN_OR_RETURN(const bool dormant, times_->Apart(holding.height, movement.height));
    if (dormant) {
      Dormancy& dormancy = dormancies_.emplace_back();
      dormancy.chain = chain_;
      dormancy.output = holding.holding.minor;
      dormancy.owner = holding.owner;
      dormancy.amount = Units(holding.amount);
      dormancy.tainted = Units(holding.tainted);
      dormancy.from_height = holding.height;
      dormancy.to_height = movement.height;
      dormancy.moved_by = movement.txid;
      dormancy.made = Position{holding.holding.major};
      dormancy.moved = movement.position;
    }
  }
  if (coinjoin.has_value()) return absl::OkStatus();
  const Spread spread{chain_, movement.position, movement.txid, movement.height, 0, 0};
  if (moved.taken >= kLeastSplitTakers) {
    splits_.push_back(spread);
    splits_.back().outputs = moved.taken;
    splits_.back().tainted = Units(moved.taken_units);
  }
  if (moved.given.size() >= kLeastMergeGivers) {
    merges_.push_back(spread);
    merges_.back().outputs = moved.given.size();
    for (const auto& holding : moved.given) merges_.back().tainted += Units(holding.tainted);
  }
  return absl::OkStatus();
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_PATTERNS_FINDER_H_
