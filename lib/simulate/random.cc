#include "lib/simulate/random.h"

#include <cmath>

namespace spoor::simulate {
namespace {

constexpr double kLn2 = 0.693147180559945309417;

// Spreads a seed and a stream over the engine's state (SplitMix64, Steele and others 2014).
uint64_t Spread(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

double PortableLog(double x) {
  SPOOR_CHECK(x > 0);
  int exponent = 0;
  double m = std::frexp(x, &exponent);
  if (m < 0.7071067811865476) {
    m *= 2;
    --exponent;
  }
  // log m = 2 artanh y, |y| < 0.172.
  const double y = (m - 1) / (m + 1);
  const double y2 = y * y;
  double sum = 0;
  for (int k = 23; k >= 1; k -= 2) sum = sum * y2 + 1.0 / k;
  return 2 * y * sum + exponent * kLn2;
}

double PortableExp(double x) {
  SPOOR_CHECK(x < 700);
  if (x < -700) return 0;
  const double k = std::floor(x / kLn2 + 0.5);
  const double r = x - k * kLn2;
  double sum = 1;
  for (int n = 16; n >= 1; --n) sum = 1 + sum * r / n;
  return std::ldexp(sum, static_cast<int>(k));
}

Random::Random(uint64_t seed, uint64_t stream) : engine_(Spread(Spread(seed) + stream)) {}

double Random::Exponential(double mean) { return -mean * PortableLog(1 - Unit()); }

// Marsaglia's polar method.
double Random::Normal() {
  for (;;) {
    const double u = 2 * Unit() - 1;
    const double v = 2 * Unit() - 1;
    const double s = u * u + v * v;
    if (s >= 1 || s == 0) continue;
    return u * std::sqrt(-2 * PortableLog(s) / s);
  }
}

double Random::LogNormal(double median, double sigma) {
  return median * PortableExp(sigma * Normal());
}

uint64_t Random::PowerLaw(uint64_t least, uint64_t most, double exponent) {
  SPOOR_CHECK(exponent > 1 && least >= 1 && least <= most);
  // The continuous law on [least, most + 1), inverted, then rounded down.
  const double a = 1 - exponent;
  const double low = PortableExp(a * PortableLog(static_cast<double>(least)));
  const double high = PortableExp(a * PortableLog(static_cast<double>(most) + 1));
  const double x = PortableExp(PortableLog(low + Unit() * (high - low)) / a);
  const auto n = static_cast<uint64_t>(x);
  return n < least ? least : n > most ? most : n;
}

size_t Random::Weighted(absl::Span<const double> weights) {
  double total = 0;
  for (const double w : weights) total += w;
  double at = Unit() * total;
  for (size_t i = 0; i + 1 < weights.size(); ++i) {
    if (at < weights[i]) return i;
    at -= weights[i];
  }
  return weights.size() - 1;
}

}  // namespace spoor::simulate
