#ifndef SPOOR_BASE_APPORTION_H_
#define SPOOR_BASE_APPORTION_H_

#include <cstdint>

#include "boost/multiprecision/cpp_int.hpp"

namespace spoor {

using Uint256 = boost::multiprecision::uint256_t;
using Uint512 = boost::multiprecision::uint512_t;

// floor(a * b / c), exact whatever the size of the product. Requires c > 0 and a quotient that
// fits, which a <= c or b <= c guarantees.
inline uint64_t MulDiv(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t product = 0;
  // A 64-bit division is several times cheaper than a 128-bit one, and most products are small.
  if (!__builtin_mul_overflow(a, b, &product)) return product / c;
  __extension__ using Uint128 = unsigned __int128;
  return static_cast<uint64_t>(Uint128{a} * b / c);
}

inline Uint256 MulDiv(const Uint256& a, const Uint256& b, const Uint256& c) {
  return static_cast<Uint256>(Uint512(a) * Uint512(b) / Uint512(c));
}

// Gives out `total` among claims in proportion to their sizes, in whole units, without losing one:
// each claim in turn takes floor(left * claim / claims left), both reduced after it, so that the
// last takes all that remains and nobody takes more than its claim (docs/model.md, `haircut`).
template <typename Units>
class Apportioner {
 public:
  // Requires total <= claims, the sum of all the claims that Next() will see.
  Apportioner(Units total, Units claims) : left_(total), claims_left_(claims) {}

  // The share of the next claim. Requires claim <= the claims not yet seen.
  Units Next(const Units& claim) {
    if (claim == 0 || left_ == 0) {
      claims_left_ -= claim;
      return Units(0);
    }
    Units share = claim == claims_left_ ? left_ : MulDiv(left_, claim, claims_left_);
    left_ -= share;
    claims_left_ -= claim;
    return share;
  }

  const Units& left() const { return left_; }

 private:
  Units left_;
  Units claims_left_;
};

}  // namespace spoor

#endif  // SPOOR_BASE_APPORTION_H_
