#include "lib/estimate/histogram.h"

#include <cmath>

namespace spoor {

double Histogram::Quantile(double p) const {
  if (scale_ == 0) return low_;
  const double rank = p * static_cast<double>(count_);
  double below = 0;
  for (size_t i = 0; i < kBins; ++i) {
    const auto in_bin = static_cast<double>(bins_[i]);
    if (in_bin > 0 && below + in_bin >= rank) {
      return low_ + (static_cast<double>(i) + std::max(0.0, rank - below) / in_bin) / scale_;
    }
    below += in_bin;
  }
  return high_;
}

double Histogram::Error(double p) const {
  // The rank of the quantile errs by the standard deviation of a binomial; two seeds' ranks differ
  // by sqrt(2) times that; 3.89 standard deviations are 99.99 %.
  const double rank = 3.89 * std::sqrt(2 * p * (1 - p) / static_cast<double>(count_));
  const double middle = Quantile(p);
  return std::max(Quantile(std::min(1.0, p + rank)) - middle,
                  middle - Quantile(std::max(0.0, p - rank)));
}

}  // namespace spoor
