#include "lib/report/estimate_words.h"

#include <cmath>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lib/report/names.h"
#include "lib/report/visible.h"
#include "spoor/report/estimate_report.h"

namespace spoor {
namespace {

// Assets that a sentence names one by one.
constexpr size_t kNamed = 3;

std::string IfGuilty(const Estimate& estimate) {
  const std::string& level = estimate.model.attribution_level;
  if (level == "government") return "if the thief works for the state that a government accuses";
  if (level == "vendor") return "if the thief works for the state that analysts name";
  if (level.empty() || level == "suspected") {
    return "if the thief works for a state, which is not established";
  }
  // A level of a user's own.
  return absl::StrCat("if the thief works for the state that is named (", Visible(level), ")");
}

// "between 29 % and 88 %".
std::string RangeText(const Interval& interval) {
  if (interval.high == 0) return "nothing";
  const std::string low = PercentText(interval.p5), high = PercentText(interval.p95);
  return low == high ? low : absl::StrCat("between ", low, " and ", high);
}

// What was followed, how, and how far: no more than was done.
std::string FollowedText(const Estimate& estimate) {
  std::string text = "followed on public ledgers";
  if (estimate.gaps) absl::StrAppend(&text, ", of which the copy that was read has gaps,");
  absl::StrAppend(&text, " up to ", DayText(estimate.as_of));
  if (estimate.policies.size() == 1) {
    absl::StrAppend(&text, " by one of several rules (", estimate.policies[0].policy, ")");
  }
  return text;
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
  if (decimals > 8) text.erase(text.size() - static_cast<size_t>(decimals - 8));
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
  const std::string could =
      absl::StrCat(RangeText(usable), " could become money that the state can use ");
  constexpr absl::string_view kNature =
      "; nobody has seen this, it is the range of nine in ten cases computed from stated "
      "assumptions, and how much of it would reach weapons programmes is not known.";
  EstimateSentences sentences;
  if (estimate.traced_case) {
    const bool apart = estimate.stolen_most.size() > 1 && !estimate.usd.has_value();
    sentences.quotable =
        absl::StrCat("Of ", estimate.stolen_least == estimate.stolen_most ? "" : "up to ",
                     StolenText(estimate), " stolen, ", FollowedText(estimate), ", ",
                     apart ? "whatever the one was worth beside the other, " : "", could, "by ",
                     DayText(estimate.horizon), ", ", IfGuilty(estimate), kNature);
  } else {
    sentences.quotable =
        absl::StrCat("Of what is stolen in such a theft, ", could, "within ",
                     estimate.options.horizon_days, " days, ", IfGuilty(estimate), kNature);
  }
  if (usable.high == 0) {
    sentences.forbidden = "The state got nothing.";
    sentences.why_not =
        "Under the assumptions given, nothing of what the trace followed can be used. Assumptions "
        "are no facts, whose the fees became is not followed, and what was stolen beside these "
        "coins is not in this trace.";
    return sentences;
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
      "That half of the missile programme is paid for by cybercrime, as officials have said, is a "
      "share of the programme's funding, not of the loot.");
  return sentences;
}

}  // namespace spoor
