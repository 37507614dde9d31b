#include "lib/estimate/any_account.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "lib/estimate/account.h"

// An account of the units gives each end a share within its bounds, services together a share
// within theirs, and all ends together 1. What can be used is a sum of these shares, each times
// what can be used of the end: so the extremes are had by filling the best end, or the worst, as
// far as it goes, then the next.

namespace spoor {
namespace {

constexpr double kRounding = 1e-9;
constexpr char kService[] = "service";

struct End {
  bool service = false;
  double lower = 0, upper = 0;
  double least = 0, most = 0;  // usable, of 1
};

struct Ends {
  std::vector<End> ends;
  double services_lower = 0, services_upper = 1;
};

// The extremes of what can be used of units in `buckets`, whatever they are by now and whenever
// they came there.
void SetUsable(const std::set<Bucket>& buckets, const Model& model, int horizon_days, bool frozen,
               End* end) {
  Draw worst = DependentDraw(model, 0);
  Draw best = DependentDraw(model, 1);
  // What is frozen already counts towards what is frozen in the end, and may be all of it.
  if (frozen) best[static_cast<size_t>(ParameterId::kFrozen)] = 0;
  end->least = 1;
  end->most = 0;
  for (const Bucket bucket : buckets) {
    // held() bends at 45 days and at 365.
    for (const double days : {0.0, 45.0, 365.0, 36'500.0}) {
      for (const bool converted : {false, true}) {
        Account::Part part;
        part.bucket = bucket;
        part.converted = converted;
        part.share = 1;
        part.days = std::max(days, static_cast<double>(horizon_days));
        Account account;
        account.Add(part);
        account.Seal();
        end->least = std::min(end->least, account.Usable(worst).units);
        end->most = std::max(end->most, account.Usable(best).units);
      }
    }
  }
}

// The buckets of what the bound is of, so far as the policies met any.
std::set<Bucket> BucketsOf(const TracedCase& traced, const TracedBound& bound) {
  std::set<Bucket> buckets = {BucketOf(bound.kind, bound.category)};
  if (!bound.category.empty()) return buckets;
  for (const TracedPolicy& policy : traced.policies) {
    for (const TracedUnits& end : policy.ends) {
      if (end.kind == bound.kind && end.stolen_asset == bound.asset) {
        buckets.insert(BucketOf(end.kind, end.category));
      }
    }
  }
  return buckets;
}

std::optional<Ends> EndsOf(const TracedCase& traced, const std::string& asset, const Model& model,
                           int horizon_days) {
  std::vector<const TracedBound*> bounds;
  bool categories = false;
  for (const TracedBound& bound : traced.bounds) {
    if (bound.asset != asset) continue;
    if (bound.stolen == 0 || bound.stolen != bound.stolen_least) return std::nullopt;
    bounds.push_back(&bound);
    categories |= bound.kind == kService && !bound.category.empty();
  }
  bool frozen = false;
  for (const TracedBound* bound : bounds) {
    frozen |= BucketsOf(traced, *bound).count(Bucket::kFrozen) > 0;
  }
  Ends result;
  for (const TracedBound* bound : bounds) {
    const auto stolen = bound->stolen.convert_to<double>();
    End end;
    end.lower = bound->lower.convert_to<double>() / stolen;
    end.upper = std::min(1.0, bound->upper.convert_to<double>() / stolen);
    if (bound->kind == kService && bound->category.empty() && categories) {
      result.services_lower = end.lower;
      result.services_upper = end.upper;
      continue;
    }
    end.service = bound->kind == kService;
    SetUsable(BucketsOf(traced, *bound), model, horizon_days, frozen, &end);
    result.ends.push_back(end);
  }
  if (result.ends.empty()) return std::nullopt;
  return result;
}

// The most usable share (least: the least) that the bounds allow. nullopt if nothing keeps to them.
std::optional<double> Extreme(const Ends& given, bool least) {
  std::vector<End> ends = given.ends;
  std::stable_sort(ends.begin(), ends.end(), [&](const End& a, const End& b) {
    return least ? a.least < b.least : a.most > b.most;
  });
  double left = 1, services = 0, usable = 0;
  const auto put = [&](const End& end, double share) {
    left -= share;
    services += end.service ? share : 0;
    usable += share * (least ? end.least : end.most);
  };
  for (End& end : ends) {
    put(end, end.lower);
    end.upper -= end.lower;
  }
  for (End& end : ends) {
    if (!end.service) continue;
    const double share = std::clamp(given.services_lower - services, 0.0, end.upper);
    put(end, share);
    end.upper -= share;
  }
  for (const End& end : ends) {
    double room = std::min(end.upper, left);
    if (end.service) room = std::min(room, given.services_upper - services);
    put(end, std::max(0.0, room));
  }
  if (left < -kRounding || left > kRounding || services > given.services_upper + kRounding ||
      services < given.services_lower - kRounding) {
    return std::nullopt;
  }
  return usable;
}

}  // namespace

std::optional<Interval> AnyAccount(const TracedCase& traced, const Model& model, int horizon_days) {
  std::set<std::string> assets;
  for (const TracedPolicy& policy : traced.policies) {
    for (const auto& [asset, units] : policy.stolen) {
      if (units != 0) assets.insert(asset);
    }
  }
  std::optional<Interval> result;
  for (const std::string& asset : assets) {
    const std::optional<Ends> ends = EndsOf(traced, asset, model, horizon_days);
    if (!ends.has_value()) return std::nullopt;
    const std::optional<double> low = Extreme(*ends, true);
    const std::optional<double> high = Extreme(*ends, false);
    if (!low.has_value() || !high.has_value()) return std::nullopt;
    if (!result.has_value()) {
      result.emplace();
      result->low = *low;
      result->high = *high;
    }
    result->low = std::min(result->low, *low);
    result->high = std::max(result->high, *high);
  }
  return result;
}

}  // namespace spoor
