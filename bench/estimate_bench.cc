// The estimate beside the bare generator that it draws from, and beside a bare sampler: the five
// products of the plain model, drawn with Boost.Random's beta distribution, and their percentiles
// by partial sorting, as one would write it by hand.

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "benchmark/benchmark.h"
#include "boost/random/beta_distribution.hpp"
#include "boost/random/mersenne_twister.hpp"
#include "spoor/estimate/estimate.h"

namespace spoor {
namespace {

constexpr ParameterId kDrawn[] = {ParameterId::kHeld1y, ParameterId::kFrozen,
                                  ParameterId::kConversionCost, ParameterId::kBrokerDiscount,
                                  ParameterId::kRetained};

// The limit: a number for each parameter of each sample, and nothing done with it.
void BM_BareGenerator(benchmark::State& state) {
  for (auto _ : state) {
    std::mt19937_64 random(1);
    uint64_t sum = 0;
    for (int64_t i = 0; i < state.range(0) * static_cast<int64_t>(kParameters); ++i)
      sum += random();
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_BareGenerator)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

double Percentile(std::vector<double>* values, double p) {
  const auto at = values->begin() + static_cast<ptrdiff_t>(p * static_cast<double>(values->size()));
  std::nth_element(values->begin(), at, values->end());
  return *at;
}

void BM_BareSampler(benchmark::State& state) {
  for (auto _ : state) {
    boost::random::mt19937_64 random(1);
    std::vector<boost::random::beta_distribution<double>> betas;
    for (const ParameterId id : kDrawn) {
      const Parameter& p = DefaultModel()[id];
      const double range = p.high - p.low;
      betas.emplace_back(1 + p.weight * (p.mode - p.low) / range,
                         1 + p.weight * (p.high - p.mode) / range);
    }
    std::vector<double> usable(static_cast<size_t>(state.range(0)));
    for (double& value : usable) {
      value = 1;
      for (size_t i = 0; i < betas.size(); ++i) {
        const Parameter& p = DefaultModel()[kDrawn[i]];
        value *= 1 - (p.low + (p.high - p.low) * betas[i](random));
      }
    }
    const double p5 = Percentile(&usable, 0.05), p95 = Percentile(&usable, 0.95);
    if (std::abs(p5 - 0.397) > 0.01 || std::abs(p95 - 0.732) > 0.01) {
      state.SkipWithError("the bare sampler is wrong");
    }
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(BM_BareSampler)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// All sixteen parameters, both measures, both layers, weighted and not, envelope, ranking.
void Run(benchmark::State& state, const TracedCase& traced) {
  EstimateOptions options;
  options.samples = static_cast<uint64_t>(state.range(0));
  for (auto _ : state) {
    const absl::StatusOr<Estimate> estimate =
        MakeEstimate(traced, DefaultModel(), nullptr, options);
    if (!estimate.ok()) {
      state.SkipWithError("no estimate");
      return;
    }
    const Interval& usable = estimate->policies[0].independent.units.usable.conditional;
    if (!traced.traced &&
        (std::abs(usable.p5 - 0.397) > 0.01 || std::abs(usable.p95 - 0.732) > 0.01)) {
      state.SkipWithError("the estimate is wrong");
    }
    benchmark::DoNotOptimize(usable.p5);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_Untraced(benchmark::State& state) { Run(state, UntracedCase()); }
BENCHMARK(BM_Untraced)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

// Five policies with a thousand endpoints each in every bucket.
void BM_FivePolicies(benchmark::State& state) {
  constexpr const char* kCategories[] = {"",       "exchange", "mixing service", "market",
                                         "bridge", "miner",    "spoor:frozen"};
  std::mt19937_64 random(7);
  TracedCase traced;
  traced.as_of = 1'700'000'000;
  for (const char* name : {"fifo", "lifo", "haircut", "tiho", "libr"}) {
    TracedPolicy policy;
    policy.policy = name;
    for (int i = 0; i < 1000; ++i) {
      TracedUnits units;
      units.category = kCategories[random() % std::size(kCategories)];
      units.kind = units.category.empty() ? "unspent" : "service";
      units.stolen_asset = units.asset = "bitcoin:BTC";
      units.stolen = units.now = random() % 1'000'000;
      units.since = traced.as_of - static_cast<int64_t>(random() % 10'000'000);
      policy.stolen[units.asset] += units.stolen;
      policy.ends.push_back(units);
    }
    traced.policies.push_back(policy);
  }
  Run(state, traced);
}
BENCHMARK(BM_FivePolicies)->Arg(1'000'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spoor

BENCHMARK_MAIN();
