#include "spoor/base/apportion.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace spoor {
namespace {

using boost::multiprecision::cpp_int;

// A number of up to `bits` bits, all sizes alike, often at the ends of the range.
uint64_t AnySize(std::mt19937_64& rng, unsigned bits) {
  const uint64_t v = rng() >> (64 - bits) >> (rng() % bits);
  return rng() % 8 == 0 ? std::numeric_limits<uint64_t>::max() >> (64 - bits) : v;
}

// The rule as docs/model.md states it, in integers that cannot overflow.
std::vector<cpp_int> PlainShares(cpp_int left, const std::vector<cpp_int>& claims) {
  cpp_int claims_left = std::accumulate(claims.begin(), claims.end(), cpp_int(0));
  std::vector<cpp_int> shares;
  for (size_t i = 0; i < claims.size(); ++i) {
    const bool last = i + 1 == claims.size();
    const cpp_int share = last               ? left
                          : claims_left == 0 ? cpp_int(0)
                                             : left * claims[i] / claims_left;
    shares.push_back(share);
    left -= share;
    claims_left -= claims[i];
  }
  return shares;
}

template <typename Units>
void ExpectLaws(const Units& total, const std::vector<Units>& claims) {
  const Units sum = std::accumulate(claims.begin(), claims.end(), Units(0));
  Apportioner<Units> apportioner(total, sum);
  Units given = 0;
  std::vector<cpp_int> shares;
  for (const Units& claim : claims) {
    const Units share = apportioner.Next(claim);
    EXPECT_LE(share, claim);
    given += share;
    shares.push_back(cpp_int(share));
  }
  EXPECT_EQ(given, total);
  EXPECT_EQ(apportioner.left(), 0);
  EXPECT_EQ(shares,
            PlainShares(cpp_int(total), std::vector<cpp_int>(claims.begin(), claims.end())));
}

TEST(MulDiv, MatchesBigIntegers) {
  std::mt19937_64 rng(/*seed=*/1);
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t c = std::max<uint64_t>(1, AnySize(rng, 64));
    const uint64_t a = AnySize(rng, 64);
    const uint64_t b = AnySize(rng, 64) % c;
    ASSERT_EQ(cpp_int(MulDiv(a, b, c)), cpp_int(a) * b / c) << a << " * " << b << " / " << c;
  }
}

TEST(MulDiv, MatchesBigIntegersOf256Bits) {
  std::mt19937_64 rng(/*seed=*/2);
  const auto wide = [&rng] {
    Uint256 v = 0;
    for (int i = 0; i < 4; ++i) v = (v << 64) | rng();
    return Uint256(v >> (rng() % 256));
  };
  for (int i = 0; i < 5'000; ++i) {
    const Uint256 c = wide() | 1;
    const Uint256 a = wide();
    const Uint256 b = wide() % c;
    ASSERT_EQ(cpp_int(MulDiv(a, b, c)), cpp_int(a) * cpp_int(b) / cpp_int(c));
  }
  const Uint256 max = std::numeric_limits<Uint256>::max();
  EXPECT_EQ(MulDiv(max, max, max), max);
}

TEST(Apportioner, SharesByHand) {
  // 10 of 7 + 7 + 7: floor(10*7/21) = 3, floor(7*7/14) = 3, the rest.
  Apportioner<uint64_t> thirds(10, 21);
  EXPECT_EQ(thirds.Next(7), 3u);
  EXPECT_EQ(thirds.Next(7), 3u);
  EXPECT_EQ(thirds.left(), 4u);
  EXPECT_EQ(thirds.Next(7), 4u);
  EXPECT_EQ(thirds.left(), 0u);

  Apportioner<uint64_t> zeros(1, 1);
  EXPECT_EQ(zeros.Next(0), 0u);
  EXPECT_EQ(zeros.Next(1), 1u);
  EXPECT_EQ(zeros.Next(0), 0u);
}

TEST(Apportioner, IsExhaustivelyRightWhenSmall) {
  for (uint64_t a = 0; a <= 6; ++a) {
    for (uint64_t b = 0; b <= 6; ++b) {
      for (uint64_t c = 0; c <= 6; ++c) {
        for (uint64_t total = 0; total <= a + b + c; ++total) {
          SCOPED_TRACE(::testing::Message() << total << " of " << a << " + " << b << " + " << c);
          ExpectLaws<uint64_t>(total, {a, b, c});
        }
      }
    }
  }
}

TEST(Apportioner, LosesNoUnitOf64Bits) {
  std::mt19937_64 rng(/*seed=*/3);
  for (int round = 0; round < 2'000; ++round) {
    SCOPED_TRACE(round);
    std::vector<uint64_t> claims(1 + rng() % 16);
    for (uint64_t& claim : claims) claim = AnySize(rng, 60);  // 16 of 60 bits fit 64
    const uint64_t sum = std::accumulate(claims.begin(), claims.end(), uint64_t{0});
    ExpectLaws<uint64_t>(sum == 0 ? 0 : rng() % sum, claims);
    ExpectLaws<uint64_t>(sum, claims);
  }
}

TEST(Apportioner, LosesNoUnitOf256Bits) {
  std::mt19937_64 rng(/*seed=*/4);
  for (int round = 0; round < 500; ++round) {
    SCOPED_TRACE(round);
    std::vector<Uint256> claims(1 + rng() % 8);
    for (Uint256& claim : claims) claim = Uint256(AnySize(rng, 64)) << (rng() % 189);
    const Uint256 sum = std::accumulate(claims.begin(), claims.end(), Uint256(0));
    const Uint256 half = sum / 2;
    ExpectLaws<Uint256>(half - half / (1 + rng() % 1000), claims);
    ExpectLaws<Uint256>(sum, claims);
  }
}

}  // namespace
}  // namespace spoor
