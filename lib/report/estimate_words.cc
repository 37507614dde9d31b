#include "lib/report/estimate_words.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lib/report/names.h"
#include "spoor/report/estimate_report.h"

namespace spoor {
namespace {

// Assets that a sentence names one by one.
constexpr size_t kNamed = 3;

std::string IfGuilty(const Estimate& estimate) {
  const std::string& level = estimate.model.attribution_level;
  if (level == "government") return "if the thief is the one that a government names";
  if (level == "vendor") return "if the thief is the one that analysts name";
  return "if the suspected state is the thief";
}

}  // namespace

std::string DayText(int64_t seconds) { return IsoTime(seconds).substr(0, 10); }

std::string PercentText(double share) {
  const double percent = std::round(share * 100);
  if (percent == 0 && share > 0) return "less than 1 %";
  if (percent == 100 && share < 1) return "more than 99 %";
  return absl::StrFormat("%.0f %%", percent);
}

std::string UsdText(double usd) {
  if (usd >= 999.5e6) return absl::StrFormat("$%.3gbn", usd / 1e9);
  if (usd >= 999.5e3) return absl::StrFormat("$%.3gm", usd / 1e6);
  if (usd >= 1000) return absl::StrFormat("$%.0f,000", usd / 1e3);
  return absl::StrFormat("$%.0f", usd);
}

std::string AmountText(const Estimate& estimate, const std::string& asset, const Units& units) {
  const auto info = estimate.assets.find(asset);
  const std::string symbol = asset.substr(asset.rfind(':') + 1);
  if (info == estimate.assets.end() || info->second.decimals < 0) {
    return absl::StrCat(ToDecimal(units), " base units");
  }
  // No more digits than people read.
  const int decimals = info->second.decimals;
  std::string text = FormatUnits(units, decimals);
  if (decimals > 8) text.resize(text.size() - static_cast<size_t>(decimals - 8));
  return absl::StrCat(text, " ", symbol);
}

std::string StolenText(const Estimate& estimate) {
  if (estimate.stolen_most.size() > 1 && estimate.stolen_usd_most.has_value()) {
    return absl::StrCat("about ", UsdText(*estimate.stolen_usd_most));
  }
  if (estimate.stolen_most.size() > kNamed) {
    return absl::StrCat("the ", estimate.stolen_most.size(), " assets");
  }
  std::vector<std::string> parts;
  for (const auto& [asset, units] : estimate.stolen_most) {
    parts.push_back(AmountText(estimate, asset, units));
  }
  return absl::StrJoin(parts, " and ");
}

EstimateSentences SentencesOf(const Estimate& estimate) {
  const Interval& usable = estimate.envelope.units.usable.conditional;
  const Interval& programmes = estimate.envelope.units.programmes.conditional;
  const std::string range =
      absl::StrCat("between ", PercentText(usable.p5), " and ", PercentText(usable.p95));
  EstimateSentences sentences;
  if (estimate.traced_case) {
    sentences.quotable = absl::StrCat(
        "Of ", StolenText(estimate), " stolen, followed on public ledgers up to ",
        DayText(estimate.as_of), ", ", range, " could become money that the state can use by ",
        DayText(estimate.horizon), ", ", IfGuilty(estimate),
        "; this is a calculation from stated assumptions and not an observation, and how much of "
        "it "
        "would reach weapons programmes is not known.");
  } else {
    sentences.quotable = absl::StrCat(
        "Of what is stolen in such a theft, ", range,
        " could become money that the state can use within ", estimate.options.horizon_days,
        " days, ", IfGuilty(estimate),
        "; this is a calculation from past cases and stated assumptions, and how much of it would "
        "reach weapons programmes is not known.");
  }
  sentences.forbidden =
      absl::StrCat(estimate.usd.has_value() ? UsdText(estimate.usd->programmes.conditional.p50)
                                            : PercentText(programmes.p50),
                   " of the stolen coins paid for missiles.");
  sentences.why_not = absl::StrCat(
      "It makes one figure of a range that goes from ", PercentText(programmes.p5), " to ",
      PercentText(programmes.p95), " (and cannot exclude ", PercentText(programmes.low), " to ",
      PercentText(programmes.high),
      "); it says \"paid\" where no payment was seen, only what could be used; it takes the "
      "attribution for proved; and the share that goes to programmes is inferred from budgets. "
      "That "
      "half of the missile programme is paid for by cybercrime, as officials have said, is a share "
      "of "
      "the programme's funding, not of the loot.");
  return sentences;
}

}  // namespace spoor
