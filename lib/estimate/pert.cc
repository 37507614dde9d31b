#include "lib/estimate/pert.h"

#include "boost/math/distributions/beta.hpp"

namespace spoor {

double PertQuantile(const Parameter& parameter, double p) {
  const double range = parameter.high - parameter.low;
  if (p <= 0 || range == 0) return parameter.low;
  if (p >= 1) return parameter.high;
  // As wide as the numbers that go in: more digits would cost four times as long.
  using Policy = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
  const boost::math::beta_distribution<double, Policy> beta(
      1 + parameter.weight * (parameter.mode - parameter.low) / range,
      1 + parameter.weight * (parameter.high - parameter.mode) / range);
  return parameter.low + range * boost::math::quantile(beta, p);
}

Draw DependentDraw(const Model& model, double p) {
  Draw draw;
  for (size_t i = 0; i < kParameters; ++i) {
    draw[i] =
        PertQuantile(model.parameters[i], RaisesEstimate(static_cast<ParameterId>(i)) ? p : 1 - p);
  }
  return draw;
}

PertTable::PertTable(const Parameter& parameter) {
  for (size_t i = 0; i <= kSegments; ++i) {
    quantiles_[i] =
        PertQuantile(parameter, static_cast<double>(i) / static_cast<double>(kSegments));
  }
}

}  // namespace spoor
