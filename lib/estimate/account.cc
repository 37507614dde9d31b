#include "lib/estimate/account.h"

#include <algorithm>

namespace spoor {
namespace {

constexpr double kEarly = 45;  // days: held_45d
constexpr double kLate = 365;  // held_1y

// Whether the swap or bridge to what can be sold lies still before units that ended so.
bool PaysConversion(Bucket bucket, bool converted) {
  return !converted && bucket != Bucket::kExchange && bucket != Bucket::kOtc;
}

double PassOf(Bucket bucket, const Draw& draw) {
  switch (bucket) {
    case Bucket::kExchange:
      return Get(draw, ParameterId::kPassExchange);
    case Bucket::kMixer:
      return Get(draw, ParameterId::kPassMixer);
    case Bucket::kOtc:
      return Get(draw, ParameterId::kPassOtc);
    case Bucket::kBridge:
      return Get(draw, ParameterId::kPassBridge);
    case Bucket::kUnknown:
      return Get(draw, ParameterId::kPassUnknown);
    case Bucket::kFrozen:
      return Get(draw, ParameterId::kPassFrozen);
    case Bucket::kHeld:
    case Bucket::kLost:
      break;
  }
  return 0;
}

}  // namespace

void Account::Weight::Add(const Weight& other, double times) {
  units += other.units * times;
  known += other.known * times;
  open += other.open * times;
}

void Account::Add(const Part& part) {
  if (part.bucket == Bucket::kLost) return;
  Weight weight;
  weight.units = part.share;
  if (part.ratio.has_value()) {
    weight.known = part.share * *part.ratio;
  } else {
    weight.open = part.share;
  }
  const bool pays = PaysConversion(part.bucket, part.converted);
  Group& group = building_[{part.bucket, pays}];
  group.bucket = part.bucket;
  group.pays_conversion = pays;
  if (part.bucket == Bucket::kFrozen) frozen_ += part.share;
  if (part.bucket != Bucket::kHeld) {
    group.parts.emplace_back(part.days, weight);
    return;
  }
  held_ += part.share;
  // held() is 1 on day 0, and straight lines lead to held_45d and on to held_1y.
  if (part.days < kEarly) {
    group.base.Add(weight, part.days / kEarly);
    group.by_45d.Add(weight, part.days / kEarly);
  } else {
    const double late = (std::min(part.days, kLate) - kEarly) / (kLate - kEarly);
    group.base.Add(weight, 1);
    group.by_45d.Add(weight, 1 - late);
    group.by_1y.Add(weight, late);
  }
}

void Account::Seal() {
  for (auto& [key, group] : building_) {
    std::sort(group.parts.begin(), group.parts.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    group.sums.emplace_back();
    group.day_sums.emplace_back();
    for (const auto& [days, weight] : group.parts) {
      group.sums.push_back(group.sums.back());
      group.sums.back().Add(weight, 1);
      group.day_sums.push_back(group.day_sums.back());
      group.day_sums.back().Add(weight, days);
    }
    groups_.push_back(std::move(group));
  }
  building_.clear();
}

Account::Weight Account::Group::Timed(double days_to_cash) const {
  if (parts.empty() || parts.front().first >= days_to_cash) return sums.back();
  const auto it = std::lower_bound(parts.begin(), parts.end(), days_to_cash,
                                   [](const auto& part, double days) { return part.first < days; });
  const auto young = static_cast<size_t>(it - parts.begin());
  Weight sum = sums.back();
  sum.Add(sums[young], -1);
  sum.Add(day_sums[young], 1 / days_to_cash);
  return sum;
}

Share Account::Usable(const Draw& draw) const {
  // Of what is held now and what was frozen already, so much is frozen in the end: what was counts
  // towards it, not on top of it.
  double frozen = Get(draw, ParameterId::kFrozen);
  if (frozen_ > 0 && held_ > 0) {
    frozen = std::max(0.0, (frozen * (held_ + frozen_) - frozen_) / held_);
  }
  const double sold =
      (1 - Get(draw, ParameterId::kBrokerDiscount)) * (1 - Get(draw, ParameterId::kRetained));
  const double swapped = 1 - Get(draw, ParameterId::kConversionCost);
  Weight total;
  for (const Group& group : groups_) {
    const double keeps = group.pays_conversion ? sold * swapped : sold;
    if (group.bucket == Bucket::kHeld) {
      const double times = keeps * (1 - frozen);
      total.Add(group.base, times);
      total.Add(group.by_45d, -times * Get(draw, ParameterId::kHeld45d));
      total.Add(group.by_1y, -times * Get(draw, ParameterId::kHeld1y));
    } else {
      total.Add(group.Timed(Get(draw, ParameterId::kDaysToCash)),
                keeps * PassOf(group.bucket, draw));
    }
  }
  return {total.units, total.known + total.open * Get(draw, ParameterId::kPriceRatio)};
}

}  // namespace spoor
