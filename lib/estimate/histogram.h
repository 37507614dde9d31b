#ifndef SPOOR_LIB_ESTIMATE_HISTOGRAM_H_
#define SPOOR_LIB_ESTIMATE_HISTOGRAM_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace spoor {

// Percentiles of numbers from a known range, in memory that does not grow with their count. What a
// bin holds is taken to be spread evenly in it, an error of some 10^-7 of the range.
class Histogram {
 public:
  Histogram(double low, double high)
      : low_(low), high_(high), scale_(high > low ? kBins / (high - low) : 0), bins_(kBins) {}

  // Rounding may put a number a little outside of the range.
  void Add(double value) {
    const double bin = std::clamp((value - low_) * scale_, 0.0, kBins - 1.0);
    ++bins_[static_cast<size_t>(bin)];
    ++count_;
  }

  // Requires a count.
  double Quantile(double p) const;
  // How far Quantile(p) may be from another seed's, 99.99 % sure, whatever the distribution.
  double Error(double p) const;

 private:
  static constexpr int kBins = 2048;

  double low_, high_, scale_;
  std::vector<uint64_t> bins_;
  uint64_t count_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_LIB_ESTIMATE_HISTOGRAM_H_
