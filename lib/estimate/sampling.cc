#include "lib/estimate/sampling.h"

#include <algorithm>
#include <memory>
#include <random>

#include "lib/estimate/histogram.h"

namespace spoor {
namespace {

// The measures of a share and the layers they are in.
struct Measure {
  double Share::*share;
  Layers Measures::*layers;
};
constexpr Measure kMeasures[] = {{&Share::units, &Measures::units},
                                 {&Share::value, &Measures::value}};

// The figures of one policy that are sampled.
class Tally {
 public:
  Tally(const PolicyShare& policy, const Model& model)
      : policy_(policy), limits_(DependentMeasures(policy, model)) {
    for (const Measure& measure : kMeasures) {
      for (size_t i = 0; i < kFigures; ++i) {
        const Interval& limit = FigureAt(&(limits_.*measure.layers), i);
        least_.emplace_back(limit.low, limit.high);
        if (!policy.one_figure()) most_.emplace_back(limit.low, limit.high);
      }
    }
  }

  void Add(const Draw& draw, const std::array<double, kFigures>& factors) {
    const ShareRange range = policy_.Usable(draw);
    size_t at = 0;
    for (const Measure& measure : kMeasures) {
      const double least = range.least.*measure.share;
      for (const double factor : factors) least_[at++].Add(least * factor);
    }
    if (most_.empty()) return;
    at = 0;
    for (const Measure& measure : kMeasures) {
      const double most = range.most.*measure.share;
      for (const double factor : factors) most_[at++].Add(most * factor);
    }
  }

  Measures Result() const {
    Measures result = limits_;
    size_t at = 0;
    for (const Measure& measure : kMeasures) {
      for (size_t i = 0; i < kFigures; ++i, ++at) {
        const Histogram& least = least_[at];
        const Histogram& most = most_.empty() ? least : most_[at];
        Interval& figure = FigureAt(&(result.*measure.layers), i);
        figure.p5 = least.Quantile(0.05);
        figure.p50 = (least.Quantile(0.5) + most.Quantile(0.5)) / 2;
        figure.p95 = most.Quantile(0.95);
      }
    }
    return result;
  }

  // The greatest error of the percentiles of kMeasures[measure].
  double Error(size_t measure) const {
    double error = 0;
    for (size_t i = measure * kFigures; i < (measure + 1) * kFigures; ++i) {
      const Histogram& most = most_.empty() ? least_[i] : most_[i];
      error = std::max(
          {error, least_[i].Error(0.05), least_[i].Error(0.5), most.Error(0.5), most.Error(0.95)});
    }
    return error;
  }

 private:
  const PolicyShare& policy_;
  Measures limits_;
  std::vector<Histogram> least_, most_;  // the second empty where both are the same
};

}  // namespace

Interval& FigureAt(Layers* layers, size_t figure) {
  Figures& figures = figure < 2 ? layers->usable : layers->programmes;
  return figure % 2 == 0 ? figures.conditional : figures.weighted;
}

std::array<double, kFigures> FactorsOf(const Draw& draw) {
  const double attribution = Get(draw, ParameterId::kAttribution);
  const double programmes = Get(draw, ParameterId::kProgrammeShare);
  return {1, attribution, programmes, programmes * attribution};
}

Measures DependentMeasures(const PolicyShare& policy, const Model& model) {
  Measures result;
  struct Point {
    double p;
    double Interval::*at;
  };
  for (const Point& point :
       {Point{0, &Interval::low}, Point{0.05, &Interval::p5}, Point{0.5, &Interval::p50},
        Point{0.95, &Interval::p95}, Point{1, &Interval::high}}) {
    const Draw draw = DependentDraw(model, point.p);
    const ShareRange range = policy.Usable(draw);
    const std::array<double, kFigures> factors = FactorsOf(draw);
    for (const Measure& measure : kMeasures) {
      const double least = range.least.*measure.share;
      const double most = range.most.*measure.share;
      const double share = point.p < 0.5 ? least : point.p > 0.5 ? most : (least + most) / 2;
      for (size_t i = 0; i < kFigures; ++i) {
        FigureAt(&(result.*measure.layers), i).*point.at = share * factors[i];
      }
    }
  }
  return result;
}

Sampled SampleIndependent(absl::Span<const PolicyShare> policies, const Model& model,
                          const EstimateOptions& options) {
  std::vector<Tally> tallies;
  for (const PolicyShare& policy : policies) tallies.emplace_back(policy, model);
  const auto tables = std::make_unique<std::array<PertTable, kParameters>>();
  for (size_t i = 0; i < kParameters; ++i) (*tables)[i] = PertTable(model.parameters[i]);
  // The standard fixes what this generator says, but not what its distributions make of it.
  std::mt19937_64 random(options.seed);
  Draw draw;
  for (uint64_t sample = 0; sample < options.samples; ++sample) {
    for (size_t i = 0; i < kParameters; ++i) draw[i] = (*tables)[i].At(random());
    const std::array<double, kFigures> factors = FactorsOf(draw);
    for (Tally& tally : tallies) tally.Add(draw, factors);
  }
  Sampled sampled;
  for (const Tally& tally : tallies) {
    sampled.policies.push_back(tally.Result());
    sampled.error_units = std::max(sampled.error_units, tally.Error(0));
    sampled.error_value = std::max(sampled.error_value, tally.Error(1));
  }
  return sampled;
}

}  // namespace spoor
