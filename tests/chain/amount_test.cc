#include "spoor/chain/amount.h"

#include <limits>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace spoor {
namespace {

TEST(Amount, IsAtMostTheLargestSupply) {
  EXPECT_EQ(Amount().sat(), 0u);
  EXPECT_EQ(Amount::FromSat(5'000'000'000)->sat(), 5'000'000'000u);
  EXPECT_EQ(Amount::FromSat(Amount::kMaxSat)->sat(), 8'400'000'000'000'000u);
  for (uint64_t sat : {Amount::kMaxSat + 1, std::numeric_limits<uint64_t>::max()}) {
    SCOPED_TRACE(sat);
    EXPECT_EQ(Amount::FromSat(sat).status().code(), absl::StatusCode::kOutOfRange);
  }
  EXPECT_LT(*Amount::FromSat(1), *Amount::FromSat(2));
}

TEST(Units, AreWrittenWithAsManyPlacesAsTheAssetHas) {
  struct Case {
    Units units;
    int decimals;
    const char* text;
  };
  for (const Case& c :
       {Case{5'000'000'000, 8, "50.00000000"}, Case{0, 8, "0.00000000"}, Case{1, 8, "0.00000001"},
        Case{99'999'999, 8, "0.99999999"}, Case{100'000'000, 8, "1.00000000"}, Case{7, 0, "7"},
        Case{0, 0, "0"}, Case{123, 1, "12.3"}, Case{123, 3, "0.123"}, Case{123, 4, "0.0123"},
        Case{Units("1234567890123456789012345678"), 18, "1234567890.123456789012345678"}}) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(FormatUnits(c.units, c.decimals), c.text);
  }
}

TEST(Units, RoundTripThroughDecimalAtEverySize) {
  std::mt19937_64 rng(/*seed=*/11);
  for (int bits = 0; bits <= 256; ++bits) {
    Units units = 0;
    for (int i = 0; i < 4; ++i) units = (units << 64) | rng();
    units >>= 256 - bits;
    SCOPED_TRACE(units.str());
    EXPECT_EQ(ToDecimal(units), units.str());
    EXPECT_EQ(UnitsFromDecimal(ToDecimal(units)).value(), units);
  }
}

TEST(Units, ReadUpToTheLast256BitNumber) {
  constexpr char kMax[] =
      "115792089237316195423570985008687907853269984665640564039457584007913129639935";
  EXPECT_EQ(UnitsFromDecimal(kMax).value(), std::numeric_limits<Units>::max());
  EXPECT_EQ(UnitsFromDecimal(std::string(500, '0') + kMax).value(),
            std::numeric_limits<Units>::max());
  EXPECT_EQ(UnitsFromDecimal("007").value(), 7);
}

TEST(Units, RefuseWhatIsNoAmount) {
  struct Case {
    const char* name;
    std::string text;
  };
  constexpr char kMaxPlusOne[] =
      "115792089237316195423570985008687907853269984665640564039457584007913129639936";
  for (const Case& c :
       {Case{"empty", ""}, Case{"minus", "-1"}, Case{"plus", "+1"}, Case{"point", "1.0"},
        Case{"space", " 1"}, Case{"hex", "0x10"}, Case{"exponent", "1e8"},
        Case{"256 bits and one", kMaxPlusOne}, Case{"one digit more", std::string(79, '1')},
        Case{"very long", std::string(100'000, '9')}}) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(UnitsFromDecimal(c.text).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace spoor
