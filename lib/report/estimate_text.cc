#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "lib/report/estimate_words.h"
#include "lib/report/visible.h"
#include "spoor/report/estimate_report.h"

namespace spoor {
namespace {

constexpr size_t kWidth = 100;
// Less than this is not worth a person's line.
constexpr double kLeastSwing = 0.001;

// `text` in lines of at most kWidth; `first` before the first, as many spaces before the others.
void AppendWrapped(absl::string_view first, absl::string_view text, std::string* out) {
  std::string line(first);
  bool begun = false;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    if (begun && line.size() + 1 + word.size() > kWidth) {
      absl::StrAppend(out, line, "\n");
      line.assign(first.size(), ' ');
      begun = false;
    }
    absl::StrAppend(&line, begun ? " " : "", word);
    begun = true;
  }
  if (begun) absl::StrAppend(out, line, "\n");
}

void AppendShares(absl::string_view what, const Interval& i, std::string* out) {
  absl::StrAppendFormat(out, "  %-48s  %6.2f  %6.2f  %6.2f  %6.2f  %6.2f\n", what, i.low, i.p5,
                        i.p50, i.p95, i.high);
}

void AppendUsd(absl::string_view what, const Interval& i, std::string* out) {
  absl::StrAppendFormat(out, "  %-40s  %8s  %8s  %8s  %8s  %8s\n", what, UsdText(i.low),
                        UsdText(i.p5), UsdText(i.p50), UsdText(i.p95), UsdText(i.high));
}

void AppendHead(absl::string_view what, std::string* out) {
  absl::StrAppendFormat(out, "  %-48s  %6s  %6s  %6s  %6s  %6s\n", what, "least", "5 %", "50 %",
                        "95 %", "most");
}

std::string AttributionText(const Model& model) {
  const Parameter& attribution = model[ParameterId::kAttribution];
  return absl::StrFormat("times the chance of that (%s%.2f-%.2f)",
                         model.attribution_level.empty() ? "" : model.attribution_level + ", ",
                         attribution.low, attribution.high);
}

void AppendTraced(const Estimate& estimate, std::string* out) {
  absl::StrAppend(out, "1. TRACED: where the stolen units are");
  if (!estimate.traced_case) {
    absl::StrAppend(out, "\n  There is no trace: nothing is known but that there was a theft.\n");
    return;
  }
  absl::StrAppend(out, ", by the ledger up to ", DayText(estimate.as_of), ". No probability.\n");
  absl::StrAppendFormat(out, "  %-8s  %6s  %26s  %-32s  %s\n", "policy", "share", "stolen units",
                        "is", "counts as");
  std::string policy;
  for (const TracedRow& row : estimate.traced) {
    absl::StrAppendFormat(
        out, "  %-8s  %6.4f  %26s  %-32s  %s\n", row.policy == policy ? "" : row.policy, row.share,
        AmountText(estimate, row.asset, row.stolen),
        absl::StrCat(row.kind, row.category.empty() ? "" : ", ", row.category, " (", row.endpoints,
                     row.endpoints == 1 ? " place)" : " places)"),
        BucketName(row.bucket));
    policy = row.policy;
  }
  if (estimate.bounds.empty()) return;
  absl::StrAppend(out,
                  "  by any account that loses no unit and makes none, policy or not (services: "
                  "those that tags name):\n");
  for (const TracedBound& bound : estimate.bounds) {
    absl::StrAppendFormat(out, "  %26s  to %26s  %s%s%s\n",
                          AmountText(estimate, bound.asset, bound.lower),
                          AmountText(estimate, bound.asset, bound.upper), bound.kind,
                          bound.category.empty() ? "" : ", ", bound.category);
  }
}

// Layer 2 or 3.
void AppendLayer(const Estimate& estimate, Figures Layers::*layer, std::string* out) {
  AppendHead("share of the stolen units", out);
  const Figures& units = estimate.envelope.units.*layer;
  AppendShares("if the thief is who they say", units.conditional, out);
  AppendShares(AttributionText(estimate.model), units.weighted, out);
  const Figures& value = estimate.envelope.value.*layer;
  absl::StrAppend(out, "  share of what they were worth at the theft, prices having moved since\n");
  AppendShares("if the thief is who they say", value.conditional, out);
  AppendShares("times the chance of that", value.weighted, out);
  if (estimate.usd.has_value()) {
    absl::StrAppend(out, "  US dollars, of ", UsdText(*estimate.stolen_usd_most),
                    " at the theft\n");
    AppendUsd("if the thief is who they say", (*estimate.usd.*layer).conditional, out);
    AppendUsd("times the chance of that", (*estimate.usd.*layer).weighted, out);
  }
}

void AppendPolicies(const Estimate& estimate, Figures Layers::*layer, std::string* out) {
  absl::StrAppend(out, "  of which (share of units, if the thief is who they say)\n");
  for (const PolicyEstimate& policy : estimate.policies) {
    AppendShares(absl::StrCat(policy.policy, ", each parameter drawn for itself"),
                 (policy.independent.units.*layer).conditional, out);
    AppendShares(absl::StrCat(policy.policy, ", all moving together"),
                 (policy.dependent.units.*layer).conditional, out);
  }
}

void AppendRanking(const Estimate& estimate, std::string* out) {
  absl::StrAppend(
      out,
      "\nWHAT MOVES IT MOST: one at its 5th and its 95th percentile, the others at their "
      "medians\n");
  absl::StrAppendFormat(out, "  %-18s  %6s  %6s  %6s  %s\n", "parameter", "swing", "from", "to",
                        "of");
  for (const Swing& swing : estimate.sensitivity) {
    if (swing.swing < kLeastSwing) continue;
    absl::StrAppendFormat(out, "  %-18s  %6.3f  %6.3f  %6.3f  %s\n", swing.parameter, swing.swing,
                          swing.from, swing.to, swing.of);
  }
}

void AppendParameters(const Model& model, std::string* out) {
  absl::StrAppend(
      out,
      "\nASSUMPTIONS (low / mode / high, weight of the mode; S seen, C computed, J judgement, "
      "U unverified)\n");
  for (size_t i = 0; i < kParameters; ++i) {
    const auto id = static_cast<ParameterId>(i);
    const Parameter& p = model[id];
    absl::StrAppendFormat(out, "  %-16s %6g / %6g / %6g, %g  %s  %s\n", ParameterName(id), p.low,
                          p.mode, p.high, p.weight, p.mark, p.meaning);
    AppendWrapped(
        "      ",
        absl::StrCat(p.source, p.date.empty() ? "" : " (", p.date, p.date.empty() ? "" : ")"), out);
  }
}

// What a model or a result says may be an enemy's words, and stdout a terminal.
std::string Printable(absl::string_view text) {
  return absl::StrJoin(
      absl::StrSplit(text, '\n'), "\n",
      [](std::string* out, absl::string_view line) { out->append(Visible(line)); });
}

}  // namespace

std::string EstimateToText(const Estimate& estimate) {
  std::string out;
  AppendTraced(estimate, &out);
  absl::StrAppend(&out, "\n2. USABLE by the state ", estimate.options.horizon_days, " days later");
  if (estimate.traced_case) absl::StrAppend(&out, ", on ", DayText(estimate.horizon));
  absl::StrAppend(&out, ": computed from the assumptions below\n");
  AppendLayer(estimate, &Layers::usable, &out);
  AppendPolicies(estimate, &Layers::usable, &out);
  if (estimate.any_account.has_value()) {
    absl::StrAppendFormat(&out, "  %-48s  %6.2f  %6s  %6s  %6s  %6.2f\n",
                          "any account within the bounds, policy or not", estimate.any_account->low,
                          "", "", "", estimate.any_account->high);
  }
  absl::StrAppendFormat(
      &out,
      "  Another --seed changes no percentile of units by more than %.4f (%.4f of "
      "worth), %d samples.\n",
      estimate.sampling_error, estimate.sampling_error_value, estimate.options.samples);
  absl::StrAppend(&out,
                  "\n3. REACHING weapons programmes: weakly known, never to be told without 2\n");
  AppendLayer(estimate, &Layers::programmes, &out);
  AppendPolicies(estimate, &Layers::programmes, &out);
  AppendRanking(estimate, &out);

  const EstimateSentences sentences = SentencesOf(estimate);
  absl::StrAppend(&out, "\nTO QUOTE\n");
  AppendWrapped("  ", sentences.quotable, &out);
  absl::StrAppend(&out, "NOT TO WRITE\n");
  AppendWrapped("  ", sentences.forbidden, &out);
  AppendWrapped("  Why: ", sentences.why_not, &out);
  AppendParameters(estimate.model, &out);
  if (!estimate.warnings.empty()) absl::StrAppend(&out, "\nWARNINGS\n");
  for (const std::string& warning : estimate.warnings) AppendWrapped("  - ", warning, &out);
  return Printable(out);
}

}  // namespace spoor
