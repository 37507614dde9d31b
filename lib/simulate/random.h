#ifndef SPOOR_LIB_SIMULATE_RANDOM_H_
#define SPOOR_LIB_SIMULATE_RANDOM_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "spoor/base/status_macros.h"

namespace spoor::simulate {

// Natural logarithm and exponential from additions, multiplications and divisions alone, which IEEE
// 754 rounds alike everywhere. libm's may differ in the last bit from one machine to the next, and
// with one bit the whole ledger.
double PortableLog(double x);
double PortableExp(double x);

// The simulator's only source of chance. The standard's distributions are not specified to the bit,
// so the few that are needed are written here.
class Random {
 public:
  // Different streams of one seed are unrelated.
  Random(uint64_t seed, uint64_t stream);

  uint64_t Next() { return engine_(); }
  // 0 .. n-1. Requires n > 0. The bias, below n / 2^64, is of no matter here.
  uint64_t Below(uint64_t n) {
    __extension__ using Uint128 = unsigned __int128;
    return static_cast<uint64_t>(Uint128{Next()} * n >> 64);
  }
  // low .. high, both included.
  uint64_t Between(uint64_t low, uint64_t high) { return low + Below(high - low + 1); }
  double Unit() { return static_cast<double>(Next() >> 11) * 0x1p-53; }  // [0, 1)
  bool Chance(double p) { return Unit() < p; }

  double Exponential(double mean);
  double LogNormal(double median, double sigma);
  // An integer n in least..most with P(n) about proportional to n^-exponent. Requires exponent > 1.
  uint64_t PowerLaw(uint64_t least, uint64_t most, double exponent);
  // An index, with chances in proportion to the weights.
  size_t Weighted(absl::Span<const double> weights);

  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    SPOOR_CHECK(!from.empty());
    return from[Below(from.size())];
  }
  template <typename T>
  void Shuffle(std::vector<T>* v) {
    for (size_t i = v->size(); i > 1; --i) std::swap((*v)[i - 1], (*v)[Below(i)]);
  }

 private:
  double Normal();

  std::mt19937_64 engine_;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_RANDOM_H_
