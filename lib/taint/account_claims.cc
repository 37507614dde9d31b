#include "lib/taint/account_claims.h"

#include <algorithm>
#include <limits>

namespace spoor {
namespace {

bool Counts(const Credit& credit, Direction direction) {
  return !credit.opening || direction == Direction::kForward;
}

}  // namespace

AccountClaims ReadClaims(uint32_t chain, absl::Span<const Seed> seeds,
                         absl::Span<const SourceId> source_of_seed, Direction direction) {
  AccountClaims claims;
  for (size_t i = 0; i < seeds.size(); ++i) {
    claims.limits.push_back(seeds[i].request.limit.value_or(std::numeric_limits<Units>::max()));
    if (seeds[i].chain != chain) continue;
    for (const Credit& credit : seeds[i].credits) {
      if (!Counts(credit, direction)) continue;
      claims.origins.push_back({source_of_seed[i], credit.asset});
    }
  }
  std::sort(claims.origins.begin(), claims.origins.end());
  claims.origins.erase(std::unique(claims.origins.begin(), claims.origins.end()),
                       claims.origins.end());
  for (size_t i = 0; i < seeds.size(); ++i) {
    if (seeds[i].chain != chain) continue;
    for (const Credit& credit : seeds[i].credits) {
      if (!Counts(credit, direction)) continue;
      const auto origin = std::lower_bound(claims.origins.begin(), claims.origins.end(),
                                           AccountOrigin{source_of_seed[i], credit.asset});
      const auto id = static_cast<OriginId>(origin - claims.origins.begin() + 1);
      claims.marks[credit.position].push_back({credit.take, id, i, credit.opening});
    }
  }
  return claims;
}

std::optional<std::vector<ExchangeMark>> MarksOn(const Exchange& exchange, const Exchanges& read,
                                                 const AccountMarks& marks) {
  std::vector<ExchangeMark> found;
  for (auto it = marks.lower_bound(exchange.first); it != marks.end() && it->first <= exchange.last;
       ++it) {
    const Movement& transfer = read.transfer(it->first);
    for (const AccountMark& mark : it->second) {
      if (mark.opening) continue;
      const Take& take = transfer.takes[mark.take];
      const std::optional<size_t> side = take.kind == TakerKind::kHolding
                                             ? exchange.Receiver(take.owner, transfer.asset)
                                             : std::nullopt;
      if (!side.has_value()) return std::nullopt;
      found.push_back({*side, take.amount, PathPlaceOf(transfer), mark});
    }
  }
  return found;
}

}  // namespace spoor
