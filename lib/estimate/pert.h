#ifndef SPOOR_LIB_ESTIMATE_PERT_H_
#define SPOOR_LIB_ESTIMATE_PERT_H_

#include <array>
#include <cstddef>
#include <cstdint>

#include "spoor/estimate/model.h"

namespace spoor {

// The value that a share `p` of the parameter's PERT distribution lies below; its low at 0, its
// high at 1. Requires 0 <= p <= 1.
double PertQuantile(const Parameter& parameter, double p);

// A value of each parameter, by ParameterId.
using Draw = std::array<double, kParameters>;
inline double Get(const Draw& draw, ParameterId id) { return draw[static_cast<size_t>(id)]; }

// All parameters at the share `p` of their distributions, counted from the worst for the state.
Draw DependentDraw(const Model& model, double p);

// PertQuantile() of a number drawn at random, from a table: straight lines between its
// 1/kSegments-quantiles, whose error is some 10^-6 of the parameter's range but in the outermost
// segments.
class PertTable {
 public:
  PertTable() = default;
  explicit PertTable(const Parameter& parameter);

  double At(uint64_t random) const {
    const size_t segment = random >> (64 - kBits);
    const double rest = static_cast<double>((random << kBits) >> 11) * 0x1p-53;
    return quantiles_[segment] + rest * (quantiles_[segment + 1] - quantiles_[segment]);
  }

 private:
  static constexpr int kBits = 10;
  static constexpr size_t kSegments = size_t{1} << kBits;

  std::array<double, kSegments + 1> quantiles_ = {};
};

}  // namespace spoor

#endif  // SPOOR_LIB_ESTIMATE_PERT_H_
