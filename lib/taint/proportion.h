#ifndef SPOOR_LIB_TAINT_PROPORTION_H_
#define SPOOR_LIB_TAINT_PROPORTION_H_

#include <bit>
#include <cstdint>
#include <utility>

#include "spoor/base/apportion.h"

namespace spoor {

// A number from 0 to 1 to 62 binary places from the first that is not 0, so that products of many
// keep their order however small they become. Each operation rounds down.
class Proportion {
 public:
  Proportion() = default;  // 0
  static Proportion One() { return Proportion(kOne, 0); }

  // This times part / whole. Requires part <= whole and whole > 0.
  template <typename U>
  Proportion Times(const U& part, const U& whole) const {
    if (part == whole || mantissa_ == 0) return *this;
    if (part == 0) return Proportion();
    const auto [part_bits, part_shift] = Normalised(part);
    const auto [whole_bits, whole_shift] = Normalised(whole);
    __extension__ using Uint128 = unsigned __int128;
    // From 2^126 on, over less than 2^64.
    Uint128 quotient = Uint128{mantissa_} * part_bits / whole_bits;
    int64_t places = int64_t{places_} + whole_shift - part_shift;
    if (quotient >> 64 != 0) {
      quotient >>= 1;
      --places;
    } else if (quotient >> 63 == 0) {
      quotient <<= 1;
      ++places;
    }
    return Proportion(static_cast<uint64_t>(quotient), static_cast<uint32_t>(places));
  }

  // So many of `units`, rounded down; but what is less than a millionth short of a whole number is
  // that number.
  Uint256 Of(const Uint256& units) const {
    if (mantissa_ == 0 || places_ > 300) return 0;
    const uint32_t shift = 63 + places_;
    const Uint512 missing = shift > 20 ? Uint512(1) << (shift - 20) : Uint512(0);
    return static_cast<Uint256>((Uint512(units) * mantissa_ + missing) >> shift);
  }

  friend bool operator<(const Proportion& a, const Proportion& b) {
    if (a.mantissa_ == 0 || b.mantissa_ == 0) return a.mantissa_ < b.mantissa_;
    return a.places_ != b.places_ ? a.places_ > b.places_ : a.mantissa_ < b.mantissa_;
  }

 private:
  static constexpr uint64_t kOne = uint64_t{1} << 63;

  Proportion(uint64_t mantissa, uint32_t places) : mantissa_(mantissa), places_(places) {}

  // The 64 first bits of `n` > 0, and how many places to the left they stand.
  static std::pair<uint64_t, int> Normalised(uint64_t n) {
    const int zeros = std::countl_zero(n);
    return {n << zeros, -zeros};
  }
  static std::pair<uint64_t, int> Normalised(const Uint256& n) {
    const auto first = static_cast<int>(boost::multiprecision::msb(n));
    const int shift = first - 63;
    return {static_cast<uint64_t>(shift > 0 ? Uint256(n >> shift) : Uint256(n << -shift)), shift};
  }

  // mantissa_ / 2^63 / 2^places_; the first bit of mantissa_ is set, unless all is 0.
  uint64_t mantissa_ = 0;
  uint32_t places_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_PROPORTION_H_
