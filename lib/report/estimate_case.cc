#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/report/visible.h"
#include "spoor/base/status_macros.h"
#include "spoor/report/estimate_report.h"
#include "spoor/taint/seed.h"

namespace spoor {
namespace {

using Document = TraceDocument;

// As traces say it in their warnings.
constexpr char kCoinJoin[] = "CoinJoin on the way";
constexpr char kLacking[] = "lacks internal transfers";

absl::StatusOr<int64_t> TimeOf(absl::string_view what, const std::string& text) {
  absl::StatusOr<int64_t> time = ParseTime(text, /*end=*/false);
  if (time.ok()) return time;
  return absl::DataLossError(absl::StrCat(what, ": ", time.status().message()));
}

// The units at an endpoint, apart by the asset that was stolen.
absl::Status AddEnd(const Document::Result& result, const Document::Endpoint& end, int64_t as_of,
                    TracedPolicy* policy) {
  TracedUnits units;
  units.kind = Visible(end.kind);
  units.category = Visible(end.category);
  units.actor = Visible(end.actor);
  units.asset = end.asset;
  units.since = as_of;
  const std::string& time = end.last.empty() ? end.first : end.last;
  if (!time.empty()) {
    SPOOR_ASSIGN_OR_RETURN(units.since, TimeOf("an endpoint", time));
  }
  if (end.origins.empty()) {
    // Without conversions the asset is the one stolen.
    units.stolen_asset = result.stolen.size() == 1 ? result.stolen[0].asset : end.asset;
    units.stolen = end.stolen_units;
    units.now = end.tainted;
    policy->ends.push_back(std::move(units));
    return absl::OkStatus();
  }
  // Of all sources together, or an endpoint would be several places.
  std::map<std::string, TracedUnits> by_asset;
  for (const Document::Origin& origin : end.origins) {
    TracedUnits& sum = by_asset.try_emplace(origin.asset, units).first->second;
    sum.stolen_asset = origin.asset;
    sum.stolen += origin.stolen_units;
    sum.now += origin.tainted;
  }
  for (auto& [asset, sum] : by_asset) policy->ends.push_back(std::move(sum));
  return absl::OkStatus();
}

// Of movements that the ledger does not have, in whole or in part.
bool HasGaps(const Document::Result& result) {
  return result.unresolved_inputs > 0 || result.opening_balances > 0 ||
         std::any_of(
             result.warnings.begin(), result.warnings.end(),
             [](const std::string& warning) { return absl::StrContains(warning, kLacking); });
}

// Each once, and CoinJoins, of which there may be hundreds, counted.
std::vector<std::string> WarningsOf(const Document& document) {
  std::vector<std::string> warnings;
  std::set<std::string> seen;
  size_t coinjoins = 0;
  for (const Document::Result& result : document.results) {
    if (!result.conserving) continue;
    for (const std::string& warning : result.warnings) {
      if (!seen.insert(warning).second) continue;
      if (absl::StartsWith(warning, kCoinJoin)) {
        ++coinjoins;
      } else {
        warnings.push_back(warning);
      }
    }
  }
  if (coinjoins > 0) {
    warnings.push_back(absl::StrCat(
        coinjoins,
        " CoinJoins on the way: which of the coins behind them are the stolen ones, each "
        "policy says otherwise"));
  }
  for (const std::string& warning : document.bounds_warnings) {
    if (seen.insert(warning).second) warnings.push_back(warning);
  }
  return warnings;
}

}  // namespace

absl::StatusOr<TracedCase> CaseOf(const TraceDocument& document) {
  if (document.back) {
    return absl::InvalidArgumentError(
        "found a trace back to where coins came from, wanted one of trace follow");
  }
  TracedCase traced;
  for (const Document::Tip& tip : document.tip) {
    SPOOR_ASSIGN_OR_RETURN(const int64_t time, TimeOf("a tip", tip.time));
    traced.as_of = std::max(traced.as_of, time);
  }
  for (const Document::Result& result : document.results) {
    TracedPolicy policy;
    policy.policy = Visible(result.policy);
    policy.conserving = result.conserving;
    traced.gaps |= HasGaps(result);
    for (const Document::Stolen& stolen : result.stolen) {
      if (!policy.stolen.emplace(stolen.asset, stolen.amount).second) {
        return absl::DataLossError(absl::StrCat("found two amounts of ", stolen.asset,
                                                " stolen by ", result.policy, ", wanted one"));
      }
    }
    for (const Document::Endpoint& end : result.endpoints) {
      SPOOR_RETURN_IF_ERROR(AddEnd(result, end, traced.as_of, &policy));
    }
    traced.policies.push_back(std::move(policy));
  }
  // A document that tells no tip was read up to its last movement.
  if (document.tip.empty()) {
    for (const TracedPolicy& policy : traced.policies) {
      for (const TracedUnits& end : policy.ends) traced.as_of = std::max(traced.as_of, end.since);
    }
  }
  for (const Document::Bound& bound : document.bounds) {
    if (!bound.group.empty()) continue;
    traced.bounds.push_back({Visible(bound.kind), Visible(bound.category), bound.asset,
                             bound.stolen, bound.stolen_least, bound.lower, bound.upper});
  }
  for (const auto& [name, asset] : document.assets) traced.assets[name].decimals = asset.decimals;
  for (const Document::Seed& seed : document.seeds) {
    if (seed.first.empty()) continue;
    SPOOR_ASSIGN_OR_RETURN(const int64_t time, TimeOf("a seed", seed.first));
    int64_t& stolen_at = traced.assets[seed.asset].stolen_at;
    stolen_at = stolen_at < 0 ? time : std::min(stolen_at, time);
  }
  // A line break would begin what looks like a line of ours.
  for (const std::string& warning : WarningsOf(document)) {
    traced.warnings.push_back(Visible(warning));
  }
  return traced;
}

}  // namespace spoor
