// Past cases (docs/backtest.csv) against what the shipped assumptions say of them, by the same way
// that an estimate takes: the tables of docs/backtest.md, which has to have every line of them. To
// print them: estimate_test --gtest_filter=Backtest.*

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "spoor/base/csv.h"
#include "tests/estimate/traced_cases.h"

namespace spoor {
namespace {

std::string ReadDoc(const std::string& name) {
  std::ifstream in(absl::StrCat(SPOOR_DOCS, "/", name));
  EXPECT_TRUE(in.good()) << name;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

struct Outcome {
  std::string name, date, what, basis, source;
  int days = 0;
  double low = 0, high = 0;
};

std::vector<Outcome> ReadOutcomes() {
  const std::string text = ReadDoc("backtest.csv");
  CsvReader reader(text);
  std::vector<std::string> fields;
  std::vector<Outcome> outcomes;
  for (bool header = true; *reader.Next(&fields); header = false) {
    if (header) continue;
    Outcome outcome;
    EXPECT_EQ(fields.size(), 8u);
    outcome.name = fields[0];
    outcome.date = fields[1];
    outcome.what = fields[2];
    EXPECT_TRUE(fields[3].empty() || absl::SimpleAtoi(fields[3], &outcome.days));
    EXPECT_TRUE(absl::SimpleAtod(fields[4], &outcome.low));
    EXPECT_TRUE(absl::SimpleAtod(fields[5], &outcome.high));
    outcome.basis = fields[6];
    outcome.source = fields[7];
    EXPECT_FALSE(outcome.source.empty());
    outcomes.push_back(outcome);
  }
  return outcomes;
}

// All assumptions but those named out of the way.
Model Only(const std::set<ParameterId>& kept, const Model& model = DefaultModel()) {
  Model only = model;
  for (size_t i = 0; i < kParameters; ++i) {
    const auto id = static_cast<ParameterId>(i);
    if (kept.count(id) > 0) continue;
    Parameter& p = only[id];
    p.low = p.mode = p.high = RaisesEstimate(id) ? 1 : 0;
  }
  return only;
}

Interval Usable(const TracedCase& traced, const Model& model, int horizon = 365) {
  EstimateOptions options;
  options.samples = 200'000;
  options.horizon_days = horizon;
  const absl::StatusOr<Estimate> estimate = MakeEstimate(traced, model, nullptr, options);
  EXPECT_TRUE(estimate.ok()) << estimate.status();
  const Measures& drawn = estimate->policies[0].independent;
  return model[ParameterId::kPriceRatio].low == 1 ? drawn.units.usable.conditional
                                                  : drawn.value.usable.conditional;
}

Interval Rest(const Interval& i) { return {1 - i.high, 1 - i.p95, 1 - i.p50, 1 - i.p5, 1 - i.low}; }

TracedCase At(const std::string& category) {
  return MakeCase({MakePolicy("fifo", {{"service", category, 100}})});
}

// What is said of the outcome by those who do not know it.
Interval Forecast(const Outcome& outcome) {
  if (outcome.what == "stopped") return Rest(Usable(UntracedCase(), Only({ParameterId::kFrozen})));
  if (outcome.what == "held") {
    return Rest(
        Usable(UntracedCase(), Only({ParameterId::kHeld1y, ParameterId::kHeld45d}), outcome.days));
  }
  if (outcome.what == "stopped at exchanges") {
    return Rest(Usable(At("exchange"), Only({ParameterId::kPassExchange})));
  }
  if (outcome.what == "stopped after a mixer") {
    return Rest(Usable(At("mixing service"), Only({ParameterId::kPassMixer})));
  }
  EXPECT_EQ(outcome.what, "price");
  return Usable(At("exchange"), Only({ParameterId::kPriceRatio}));
}

std::string Held(const Outcome& outcome, double low, double high) {
  if (outcome.low >= low && outcome.high <= high) return "yes";
  return outcome.high < low || outcome.low > high ? "no" : "in part";
}

std::string Share(double low, double high) {
  return low == high ? absl::StrFormat("%.3f", low) : absl::StrFormat("%.3f-%.3f", low, high);
}

class Table {
 public:
  explicit Table(std::string doc) : doc_(std::move(doc)) {}
  // The doc has the line; else it is wrong.
  void Line(const std::string& line) {
    std::printf("%s\n", line.c_str());
    EXPECT_TRUE(absl::StrContains(doc_, line + "\n")) << "the page does not say: " << line;
  }

 private:
  std::string doc_;
};

TEST(Backtest, NamesWhoSaysSo) {
  Table table(ReadDoc("backtest.md"));
  for (const Outcome& outcome : ReadOutcomes()) {
    table.Line(absl::StrFormat("| %s | %s | %s |", outcome.name, outcome.what, outcome.source));
  }
}

TEST(Backtest, PastCasesAgainstTheAssumptions) {
  Table table(ReadDoc("backtest.md"));
  size_t inside = 0, partly = 0, possible = 0;
  double width = 0;
  const std::vector<Outcome> outcomes = ReadOutcomes();
  for (const Outcome& outcome : outcomes) {
    const Interval forecast = Forecast(outcome);
    const std::string held = Held(outcome, forecast.p5, forecast.p95);
    const std::string can = Held(outcome, forecast.low, forecast.high);
    inside += held == "yes" ? 1 : 0;
    partly += held == "in part" ? 1 : 0;
    possible += can == "yes" ? 1 : 0;
    width += forecast.p95 - forecast.p5;
    table.Line(absl::StrFormat("| %s | %s%s | %s | %.2f-%.2f | %s | %.2f-%.2f | %s |", outcome.name,
                               outcome.what,
                               outcome.days == 0 ? "" : absl::StrCat(" on day ", outcome.days),
                               Share(outcome.low, outcome.high), forecast.p5, forecast.p95, held,
                               forecast.low, forecast.high, can));
  }
  table.Line(absl::StrFormat(
      "Of %d outcomes the 5-95 %% interval holds %d, and %d in part; the range of what is held "
      "possible holds %d. Mean width of the interval: %.2f.",
      outcomes.size(), inside, partly, possible, width / static_cast<double>(outcomes.size())));
}

// The share stopped, forecast from the other cases alone: lowest, median and highest of them.
TEST(Backtest, StoppedForecastFromTheOtherCases) {
  Table table(ReadDoc("backtest.md"));
  std::vector<Outcome> stopped;
  for (const Outcome& outcome : ReadOutcomes()) {
    if (outcome.what == "stopped") stopped.push_back(outcome);
  }
  size_t inside = 0;
  double width = 0;
  for (const Outcome& left_out : stopped) {
    std::vector<double> others;
    for (const Outcome& other : stopped) {
      if (other.name != left_out.name) others.push_back((other.low + other.high) / 2);
    }
    std::sort(others.begin(), others.end());
    Model model = DefaultModel();
    Parameter& frozen = model[ParameterId::kFrozen];
    frozen.low = others.front();
    frozen.mode = (others[(others.size() - 1) / 2] + others[others.size() / 2]) / 2;
    frozen.high = others.back();
    const Interval forecast = Rest(Usable(UntracedCase(), Only({ParameterId::kFrozen}, model)));
    const std::string held = Held(left_out, forecast.p5, forecast.p95);
    inside += held == "yes" ? 1 : 0;
    width += forecast.p95 - forecast.p5;
    table.Line(absl::StrFormat("| %s | %s | %.2f-%.2f | %s |", left_out.name,
                               Share(left_out.low, left_out.high), forecast.p5, forecast.p95,
                               held));
  }
  table.Line(absl::StrFormat("It holds %d of %d; mean width %.2f.", inside, stopped.size(),
                             width / static_cast<double>(stopped.size())));
}

// What can have been usable at most is what was not stopped. Before anything is known of a case;
// and with what was stopped put in as a trace would show it.
TEST(Backtest, UsableAgainstWhatWasNotStopped) {
  Table table(ReadDoc("backtest.md"));
  for (const Outcome& outcome : ReadOutcomes()) {
    if (outcome.what != "stopped") continue;
    const double ceiling = 1 - outcome.low;
    const auto stopped = static_cast<uint64_t>(outcome.low * 100'000);
    EstimateOptions options;
    options.samples = 200'000;
    const auto range = [&](const TracedCase& traced) {
      const absl::StatusOr<Estimate> estimate =
          MakeEstimate(traced, DefaultModel(), nullptr, options);
      EXPECT_TRUE(estimate.ok());
      return estimate->envelope.units.usable.conditional;
    };
    const Interval before = range(UntracedCase());
    const Interval told = range(MakeCase({MakePolicy(
        "fifo", {{"unspent", "spoor:frozen", stopped}, {"unspent", "", 100'000 - stopped}})}));
    // Never more than was left and what can be released.
    EXPECT_LE(told.high,
              ceiling + (1 - ceiling) * DefaultModel()[ParameterId::kPassFrozen].high + 1e-4);
    table.Line(absl::StrFormat("| %s | %.2f | %.2f-%.2f | %s | %.2f-%.2f |", outcome.name, ceiling,
                               before.p5, before.p95, before.p5 <= ceiling ? "yes" : "no", told.p5,
                               told.p95));
  }
}

}  // namespace
}  // namespace spoor
