// The estimate against a second computation by other means: distributions on a grid, added and
// multiplied exactly as such, from densities that are integrated here.

#include <algorithm>
#include <cmath>
#include <vector>

#include "gtest/gtest.h"
#include "tests/estimate/traced_cases.h"

namespace spoor {
namespace {

constexpr size_t kGrid = 2500;
constexpr double kStep = 1.0 / kGrid;

// A distribution on 0, kStep, ..., 1. What falls between two points is shared by both so that the
// mean stays.
class Grid {
 public:
  Grid() : mass_(kGrid + 1) {}

  static Grid Of(double low, double mode, double high, double weight) {
    const double a = 1 + weight * (mode - low) / (high - low);
    const double b = 1 + weight * (high - mode) / (high - low);
    const double log_beta = std::lgamma(a) + std::lgamma(b) - std::lgamma(a + b);
    // Midpoints; the density is bounded for a, b >= 1.
    constexpr int kParts = 20'000;
    Grid grid;
    double sum = 0;
    for (int i = 0; i < kParts; ++i) {
      const double x = (i + 0.5) / kParts;
      sum += std::exp((a - 1) * std::log(x) + (b - 1) * std::log1p(-x) - log_beta) / kParts;
    }
    EXPECT_NEAR(sum, 1, 1e-5);
    for (int i = 0; i < kParts; ++i) {
      const double x = (i + 0.5) / kParts;
      const double density = std::exp((a - 1) * std::log(x) + (b - 1) * std::log1p(-x) - log_beta);
      grid.Put(low + (high - low) * x, density / kParts / sum);
    }
    return grid;
  }
  static Grid Of(ParameterId id) {
    const Parameter& p = DefaultModel()[id];
    return Of(p.low, p.mode, p.high, p.weight);
  }

  // Of f(x, y) of independent x and y.
  template <typename F>
  static Grid Combine(const Grid& x, const Grid& y, const F& f) {
    Grid result;
    for (size_t i = 0; i <= kGrid; ++i) {
      if (x.mass_[i] < 1e-15) continue;
      for (size_t j = 0; j <= kGrid; ++j) {
        if (y.mass_[j] > 0) {
          result.Put(f(static_cast<double>(i) * kStep, static_cast<double>(j) * kStep),
                     x.mass_[i] * y.mass_[j]);
        }
      }
    }
    return result;
  }
  Grid Rest() const {  // of 1 - x
    Grid result = *this;
    std::reverse(result.mass_.begin(), result.mass_.end());
    return result;
  }
  friend Grid operator*(const Grid& x, const Grid& y) {
    return Combine(x, y, [](double a, double b) { return a * b; });
  }

  // Mass at a point is spread over a step around it.
  double Quantile(double p) const {
    double below = 0;
    for (size_t i = 0; i <= kGrid; ++i) {
      if (below + mass_[i] >= p) {
        return (static_cast<double>(i) - 0.5 + (p - below) / mass_[i]) * kStep;
      }
      below += mass_[i];
    }
    return 1;
  }

 private:
  void Put(double value, double mass) {
    const double at = std::clamp(value, 0.0, 1.0) / kStep;
    const size_t i = std::min(static_cast<size_t>(at), kGrid - 1);
    mass_[i + 1] += mass * (at - static_cast<double>(i));
    mass_[i] += mass * (static_cast<double>(i) + 1 - at);
  }

  std::vector<double> mass_;
};

void ExpectSame(const Grid& wanted, const Interval& found, double error) {
  EXPECT_NEAR(found.p5, wanted.Quantile(0.05), error);
  EXPECT_NEAR(found.p50, wanted.Quantile(0.50), error);
  EXPECT_NEAR(found.p95, wanted.Quantile(0.95), error);
}

Estimate Make(const TracedCase& traced, int horizon_days) {
  EstimateOptions options;
  options.horizon_days = horizon_days;
  options.samples = 400'000;
  const absl::StatusOr<Estimate> estimate = MakeEstimate(traced, DefaultModel(), nullptr, options);
  EXPECT_TRUE(estimate.ok()) << estimate.status();
  return *estimate;
}

TEST(Exact, Untraced) {
  const Grid usable =
      Grid::Of(ParameterId::kHeld1y).Rest() * Grid::Of(ParameterId::kFrozen).Rest() *
      Grid::Of(ParameterId::kConversionCost).Rest() *
      Grid::Of(ParameterId::kBrokerDiscount).Rest() * Grid::Of(ParameterId::kRetained).Rest();
  const Estimate estimate = Make(UntracedCase(), 365);
  const Layers& found = estimate.policies[0].independent.units;
  const double error = estimate.sampling_error + kStep;
  ExpectSame(usable, found.usable.conditional, error);
  ExpectSame(usable * Grid::Of(ParameterId::kAttribution), found.usable.weighted, error);
  const Grid programmes = usable * Grid::Of(ParameterId::kProgrammeShare);
  ExpectSame(programmes, found.programmes.conditional, error);
  // To the digits that are published.
  EXPECT_NEAR(usable.Quantile(0.05), 0.40, 0.005);
  EXPECT_NEAR(usable.Quantile(0.50), 0.57, 0.005);
  EXPECT_NEAR(usable.Quantile(0.95), 0.73, 0.005);
}

TEST(Exact, ExchangeMixerAndFees) {
  const TracedCase traced = MakeCase({MakePolicy(
      "fifo", {{"service", "exchange", 50}, {"service", "mixing service", 40}, {"fee", "", 10}})});
  const Grid mixed =
      Grid::Of(ParameterId::kPassMixer) * Grid::Of(ParameterId::kConversionCost).Rest();
  const Grid passed = Grid::Combine(Grid::Of(ParameterId::kPassExchange), mixed,
                                    [](double a, double b) { return 0.5 * a + 0.4 * b; });
  const Grid usable = passed * Grid::Of(ParameterId::kBrokerDiscount).Rest() *
                      Grid::Of(ParameterId::kRetained).Rest();
  const Estimate estimate = Make(traced, 365);
  ExpectSame(usable, estimate.policies[0].independent.units.usable.conditional,
             estimate.sampling_error + kStep);
}

TEST(Exact, HeldBetweenTheHorizons) {
  // 205 days are halfway from 45 to 365.
  const Grid held = Grid::Combine(Grid::Of(ParameterId::kHeld45d), Grid::Of(ParameterId::kHeld1y),
                                  [](double a, double b) { return (a + b) / 2; });
  const Grid usable = held.Rest() * Grid::Of(ParameterId::kFrozen).Rest() *
                      Grid::Of(ParameterId::kConversionCost).Rest() *
                      Grid::Of(ParameterId::kBrokerDiscount).Rest() *
                      Grid::Of(ParameterId::kRetained).Rest();
  const Estimate estimate = Make(MakeCase({MakePolicy("fifo", {{"unspent", "", 9, 5}})}), 200);
  ExpectSame(usable, estimate.policies[0].independent.units.usable.conditional,
             estimate.sampling_error + kStep);
}

TEST(Exact, AllMovingTogether) {
  // The share below which all parameters are at once, each counted from the worst for the state.
  const Estimate estimate = Make(UntracedCase(), 365);
  const Interval& found = estimate.policies[0].dependent.units.usable.conditional;
  for (const auto& [p, figure] :
       {std::pair(0.05, found.p5), std::pair(0.50, found.p50), std::pair(0.95, found.p95)}) {
    double usable = 1;
    for (const ParameterId id :
         {ParameterId::kHeld1y, ParameterId::kFrozen, ParameterId::kConversionCost,
          ParameterId::kBrokerDiscount, ParameterId::kRetained}) {
      usable *= 1 - Grid::Of(id).Quantile(1 - p);
    }
    EXPECT_NEAR(figure, usable, 2 * kStep);
  }
}

}  // namespace
}  // namespace spoor
