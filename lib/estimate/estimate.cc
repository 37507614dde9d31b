#include "spoor/estimate/estimate.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lib/estimate/any_account.h"
#include "lib/estimate/policy_share.h"
#include "lib/estimate/sampling.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr int kMostDays = 36'500;
constexpr uint64_t kLeastSamples = 1000;
constexpr uint64_t kMostSamples = 1'000'000'000;
// Every sample looks at each policy's every asset; no trace has so many.
constexpr size_t kMostPolicies = 64;
constexpr size_t kMostAssets = 1000;
// Warnings of the trace that are repeated.
constexpr size_t kRepeated = 20;
// Who is named of those whom labels put in no category.
constexpr size_t kNamed = 5;

absl::Status CheckOptions(const EstimateOptions& options) {
  if (options.horizon_days < 0 || options.horizon_days > kMostDays) {
    return absl::InvalidArgumentError(absl::StrCat("found a horizon of ", options.horizon_days,
                                                   " days, wanted 0 to ", kMostDays));
  }
  if (options.samples < kLeastSamples || options.samples > kMostSamples) {
    return absl::InvalidArgumentError(absl::StrCat("found ", options.samples, " samples, wanted ",
                                                   kLeastSamples, " to ", kMostSamples));
  }
  return absl::OkStatus();
}

absl::Status CheckSize(const TracedCase& traced) {
  if (traced.policies.size() > kMostPolicies) {
    return absl::InvalidArgumentError(absl::StrCat("found ", traced.policies.size(),
                                                   " policies, wanted at most ", kMostPolicies));
  }
  for (const TracedPolicy& policy : traced.policies) {
    if (policy.stolen.size() <= kMostAssets) continue;
    return absl::InvalidArgumentError(absl::StrCat(policy.policy, ": found ", policy.stolen.size(),
                                                   " stolen assets, wanted at most ", kMostAssets));
  }
  return absl::OkStatus();
}

absl::Status CheckModel(const Model& model) {
  for (size_t i = 0; i < kParameters; ++i) {
    const Parameter& p = model.parameters[i];
    if (p.low <= p.mode && p.mode <= p.high && p.weight >= 0) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "parameter ", ParameterName(static_cast<ParameterId>(i)), ": found low ", p.low, ", mode ",
        p.mode, ", high ", p.high, ", weight ", p.weight, ", wanted low <= mode <= high"));
  }
  return absl::OkStatus();
}

// Widens `*envelope` by `one`; p50 is not set.
void Widen(const Interval& one, bool first, Interval* envelope) {
  if (first) {
    *envelope = one;
    return;
  }
  envelope->low = std::min(envelope->low, one.low);
  envelope->p5 = std::min(envelope->p5, one.p5);
  envelope->p95 = std::max(envelope->p95, one.p95);
  envelope->high = std::max(envelope->high, one.high);
}

// Over all policies and both ways to draw, of what `layers` finds in them.
template <typename LayersOf>
Layers Envelope(const std::vector<PolicyEstimate>& policies, const LayersOf& layers) {
  Layers envelope;
  for (size_t i = 0; i < kFigures; ++i) {
    Interval& figure = FigureAt(&envelope, i);
    double least = 0, most = 0;
    bool first = true;
    for (const PolicyEstimate& policy : policies) {
      for (const Measures* drawn : {&policy.independent, &policy.dependent}) {
        Layers of_policy = layers(policy, *drawn);
        const Interval& one = FigureAt(&of_policy, i);
        Widen(one, first, &figure);
        least = first ? one.p50 : std::min(least, one.p50);
        most = first ? one.p50 : std::max(most, one.p50);
        first = false;
      }
    }
    figure.p50 = (least + most) / 2;
  }
  return envelope;
}

Layers Times(Layers layers, double factor) {
  for (size_t i = 0; i < kFigures; ++i) {
    Interval& figure = FigureAt(&layers, i);
    for (double* value : {&figure.low, &figure.p5, &figure.p50, &figure.p95, &figure.high}) {
      *value *= factor;
    }
  }
  return layers;
}

// What is asked of one draw in the ranking.
double FigureOf(const PolicyShare& policy, const Draw& draw, absl::string_view of, bool most) {
  const ShareRange range = policy.Usable(draw);
  const Share share = most ? range.most : range.least;
  if (of == "value") return share.value;
  if (of == "weighted") return share.units * Get(draw, ParameterId::kAttribution);
  if (of == "programmes") return share.units * Get(draw, ParameterId::kProgrammeShare);
  return share.units;
}

absl::string_view MovedBy(ParameterId id) {
  switch (id) {
    case ParameterId::kPriceRatio:
      return "value";
    case ParameterId::kAttribution:
      return "weighted";
    case ParameterId::kProgrammeShare:
      return "programmes";
    default:
      return "usable";
  }
}

std::vector<Swing> Rank(const std::vector<PolicyShare>& policies, const Model& model) {
  const Draw middle = DependentDraw(model, 0.5);
  std::vector<Swing> ranking;
  for (size_t i = 0; i < kParameters; ++i) {
    const auto id = static_cast<ParameterId>(i);
    Swing swing;
    swing.parameter = std::string(ParameterName(id));
    swing.of = std::string(MovedBy(id));
    Draw at_5 = middle, at_95 = middle;
    at_5[i] = PertQuantile(model[id], 0.05);
    at_95[i] = PertQuantile(model[id], 0.95);
    bool first = true;
    for (const PolicyShare& policy : policies) {
      for (const bool most : {false, true}) {
        const double from = FigureOf(policy, at_5, swing.of, most);
        const double to = FigureOf(policy, at_95, swing.of, most);
        if (!first && std::abs(to - from) <= swing.swing) continue;
        swing.from = from;
        swing.to = to;
        swing.swing = std::abs(to - from);
        first = false;
      }
    }
    ranking.push_back(std::move(swing));
  }
  Swing by_policy;
  by_policy.parameter = "policy";
  by_policy.of = "usable";
  by_policy.from = 1;
  for (const PolicyShare& policy : policies) {
    const ShareRange range = policy.Usable(middle);
    by_policy.from = std::min(by_policy.from, range.least.units);
    by_policy.to = std::max(by_policy.to, range.most.units);
  }
  by_policy.swing = by_policy.to - by_policy.from;
  ranking.push_back(std::move(by_policy));
  constexpr absl::string_view kFiguresRanked[] = {"usable", "value", "weighted", "programmes"};
  const auto place = [&](const Swing& swing) {
    return std::find(std::begin(kFiguresRanked), std::end(kFiguresRanked), swing.of);
  };
  std::stable_sort(ranking.begin(), ranking.end(), [&](const Swing& a, const Swing& b) {
    return place(a) != place(b) ? place(a) < place(b) : a.swing > b.swing;
  });
  return ranking;
}

// The greatest share of an asset stolen that a policy leaves at the ends that are `asked` for.
double ShareAt(const TracedPolicy& policy, absl::FunctionRef<bool(const TracedUnits&)> asked) {
  std::map<std::string, double> units;
  for (const TracedUnits& end : policy.ends) {
    if (asked(end)) units[end.stolen_asset] += end.stolen.convert_to<double>();
  }
  double share = 0;
  for (const auto& [asset, there] : units) {
    const auto stolen = policy.stolen.find(asset);
    if (stolen == policy.stolen.end() || stolen->second == 0) continue;
    share = std::max(share, there / stolen->second.convert_to<double>());
  }
  return share;
}

// Where a policy was told not to follow units to an end.
bool IsAtLimit(const TracedUnits& end) {
  return end.kind == "hop-limit" || end.kind == "time-limit" || end.kind == "below-least";
}

// Held, as far as the trace knows, by somebody whom a label names.
bool IsHeldBySomebody(const TracedUnits& end) {
  return !end.actor.empty() && end.category.empty() &&
         BucketOf(end.kind, end.category) == Bucket::kHeld;
}

double PercentShown(double share) { return std::max(0.1, share * 100); }

void WarnOfTrace(const TracedCase& traced, std::vector<std::string>* warnings) {
  bool any_category = false;
  std::vector<std::string> conserving;
  double at_limits = 0;
  double with_somebody = 0;
  std::set<std::string> somebody;
  for (const TracedPolicy& policy : traced.policies) {
    if (policy.conserving) {
      conserving.push_back(policy.policy);
      at_limits = std::max(at_limits, ShareAt(policy, IsAtLimit));
      with_somebody = std::max(with_somebody, ShareAt(policy, IsHeldBySomebody));
      for (const TracedUnits& end : policy.ends) {
        if (IsHeldBySomebody(end)) somebody.insert(end.actor);
      }
    }
    if (!policy.conserving) {
      warnings->push_back(absl::StrCat(policy.policy,
                                       " does not conserve, its figures do not add up to what was "
                                       "stolen: it is left out of the estimate"));
    }
    for (const TracedUnits& end : policy.ends) any_category |= !end.category.empty();
  }
  if (!any_category) {
    warnings->push_back(
        "no end of the trace has a category: nothing tells an exchange from the thief's own "
        "wallet, "
        "and all that is unspent counts as held (read label lists with trace tags, and trace "
        "again)");
  }
  if (with_somebody > 0) {
    const size_t named = std::min(somebody.size(), kNamed);
    warnings->push_back(absl::StrFormat(
        "up to %.1f %% of the units are with somebody whom a label names but puts in no category "
        "(%s%s): they count as held, as if they were the thief's still; give those labels a "
        "category if they are services, and trace again",
        PercentShown(with_somebody),
        absl::StrJoin(somebody.begin(), std::next(somebody.begin(), static_cast<ptrdiff_t>(named)),
                      ", "),
        named < somebody.size() ? absl::StrCat(" and ", somebody.size() - named, " more") : ""));
  }
  if (conserving.size() == 1) {
    warnings->push_back(absl::StrCat(
        "the trace is by ", conserving[0],
        " alone: other policies say otherwise where the units are, and the interval knows nothing "
        "of that (trace follow --policy all --bounds)"));
  }
  if (at_limits > 0) {
    warnings->push_back(absl::StrFormat(
        "up to %.1f %% of the units were not followed to where they are, because a limit on hops, "
        "time or amount stopped the trace: they count as what their category says, else as unknown",
        PercentShown(at_limits)));
  }
  for (size_t i = 0; i < traced.warnings.size() && i < kRepeated; ++i) {
    warnings->push_back(absl::StrCat("of the trace: ", traced.warnings[i]));
  }
  if (traced.warnings.size() > kRepeated) {
    warnings->push_back(
        absl::StrCat("of the trace: ", traced.warnings.size() - kRepeated, " more, in its result"));
  }
}

void WarnOfModel(const Model& model, std::vector<std::string>* warnings) {
  if (model.attribution_level == "suspected") {
    warnings->push_back(
        "nobody was said to have attributed the theft: the weighted figures take the thief to be "
        "no "
        "more than suspected (--attribution government or vendor, with a source, says otherwise)");
  }
}

void AddStolen(const TracedPolicy& policy, Estimate* estimate) {
  for (const auto& [asset, units] : policy.stolen) {
    const auto [least, is_new] = estimate->stolen_least.emplace(asset, units);
    if (!is_new) least->second = std::min(least->second, units);
    Units& most = estimate->stolen_most[asset];
    most = std::max(most, units);
  }
}

}  // namespace

absl::StatusOr<Estimate> MakeEstimate(const TracedCase& traced, const Model& model,
                                      const Prices* prices, const EstimateOptions& options) {
  SPOOR_RETURN_IF_ERROR(CheckOptions(options));
  SPOOR_RETURN_IF_ERROR(CheckModel(model));
  SPOOR_RETURN_IF_ERROR(CheckSize(traced));
  Estimate estimate;
  estimate.options = options;
  estimate.model = model;
  estimate.traced_case = traced.traced;
  estimate.as_of = traced.as_of;
  estimate.horizon = traced.as_of + static_cast<int64_t>(options.horizon_days * kDay);
  estimate.prices = prices != nullptr;
  estimate.gaps = traced.gaps;
  estimate.bounds = traced.bounds;
  estimate.assets = traced.assets;
  if (estimate.traced_case) WarnOfTrace(traced, &estimate.warnings);
  WarnOfModel(model, &estimate.warnings);

  std::vector<PolicyShare> shares;
  for (const TracedPolicy& policy : traced.policies) {
    if (!policy.conserving) continue;
    SPOOR_ASSIGN_OR_RETURN(
        PolicyShare share,
        PolicyShare::Make(policy, traced, prices, options.horizon_days, &estimate.warnings));
    AddStolen(policy, &estimate);
    estimate.traced.insert(estimate.traced.end(), share.rows().begin(), share.rows().end());
    shares.push_back(std::move(share));
  }
  if (shares.empty()) {
    return absl::InvalidArgumentError(
        "found no policy that conserves, wanted a trace by one of fifo, lifo, haircut, tiho, libr");
  }

  const Sampled sampled = SampleIndependent(shares, model, options);
  estimate.sampling_error = sampled.error_units;
  estimate.sampling_error_value = sampled.error_value;
  bool all_usd = true;
  for (size_t i = 0; i < shares.size(); ++i) {
    PolicyEstimate policy;
    policy.policy = shares[i].policy();
    policy.independent = sampled.policies[i];
    policy.dependent = DependentMeasures(shares[i], model);
    policy.stolen_usd = shares[i].stolen_usd();
    all_usd &= policy.stolen_usd.has_value();
    estimate.policies.push_back(std::move(policy));
  }
  estimate.envelope.units =
      Envelope(estimate.policies, [](const PolicyEstimate&, const Measures& m) { return m.units; });
  estimate.envelope.value =
      Envelope(estimate.policies, [](const PolicyEstimate&, const Measures& m) { return m.value; });
  if (all_usd) {
    estimate.usd = Envelope(estimate.policies, [](const PolicyEstimate& p, const Measures& m) {
      return Times(m.value, *p.stolen_usd);
    });
    for (const PolicyEstimate& policy : estimate.policies) {
      const double usd = *policy.stolen_usd;
      estimate.stolen_usd_least = std::min(estimate.stolen_usd_least.value_or(usd), usd);
      estimate.stolen_usd_most = std::max(estimate.stolen_usd_most.value_or(usd), usd);
    }
  }
  estimate.any_account = AnyAccount(traced, model, options.horizon_days);
  estimate.sensitivity = Rank(shares, model);
  return estimate;
}

}  // namespace spoor
