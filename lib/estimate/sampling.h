#ifndef SPOOR_LIB_ESTIMATE_SAMPLING_H_
#define SPOOR_LIB_ESTIMATE_SAMPLING_H_

#include <array>
#include <vector>

#include "absl/types/span.h"
#include "lib/estimate/policy_share.h"

namespace spoor {

// The four figures of a measure, in one order: usable, usable weighted, programmes, weighted.
inline constexpr size_t kFigures = 4;
Interval& FigureAt(Layers* layers, size_t figure);
// What each multiplies the usable share by.
std::array<double, kFigures> FactorsOf(const Draw& draw);

// Percentiles and extremes of one policy with all parameters moving together. No sampling: every
// figure rises with all of them at once, so its quantile is the figure of the quantiles.
Measures DependentMeasures(const PolicyShare& policy, const Model& model);

struct Sampled {
  std::vector<Measures> policies;  // in their order
  double error_units = 0;
  double error_value = 0;
};
// With every parameter drawn for itself. All policies are given the same draws.
Sampled SampleIndependent(absl::Span<const PolicyShare> policies, const Model& model,
                          const EstimateOptions& options);

}  // namespace spoor

#endif  // SPOOR_LIB_ESTIMATE_SAMPLING_H_
