// Amounts as people write them: exact or refused.

#include "spoor/chain/decimal.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace spoor {
namespace {

TEST(UnitsFromPoint, ReadsExactly) {
  struct Case {
    const char* text;
    int decimals;
    const char* units;
  };
  for (const Case& c :
       {Case{"0", 0, "0"}, Case{"1", 18, "1000000000000000000"}, Case{"0.03316", 5, "3316"},
        Case{"200000.0", 0, "200000"}, Case{".5", 1, "5"}, Case{"5.", 1, "50"}, Case{"007", 0, "7"},
        Case{"1,234,567.89", 2, "123456789"}, Case{"1e-05", 8, "1000"}, Case{"1.5E3", 0, "1500"},
        Case{"12000e-3", 0, "12"}, Case{"0.00000000000000000000", 2, "0"},
        Case{"115792089237316195423570985008687907853269984665640564039457584007913129639935", 0,
             "115792089237316195423570985008687907853269984665640564039457584007913129639935"},
        Case{"115792089237316195423570985008687907853269984665640564039457.584007913129639935", 18,
             "115792089237316195423570985008687907853269984665640564039457584007913129639935"}}) {
    SCOPED_TRACE(c.text);
    const auto units = UnitsFromPoint(c.text, c.decimals);
    ASSERT_TRUE(units.ok()) << units.status();
    EXPECT_EQ(ToDecimal(*units), c.units);
  }
}

TEST(UnitsFromPoint, RefusesTheRest) {
  for (const char* text : {"",      ".",    "-1",    "+1",     "1.234",    "1..2",   "1.2.3",
                           "0x10",  "1e",   "1e1.5", "1e101",  "e5",       "NaN",    "inf",
                           "1 000", "1,00", ",100",  "1,0000", "1,000,00", "1.0,00", "١"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(UnitsFromPoint(text, 2).status())) << text;
  }
  EXPECT_FALSE(
      UnitsFromPoint(
          "115792089237316195423570985008687907853269984665640564039457584007913129639936", 0)
          .ok());
  EXPECT_FALSE(
      UnitsFromPoint(
          "1157920892373161954235709850086879078532699846656405640394575840079131296399.36", 3)
          .ok());
  EXPECT_FALSE(UnitsFromPoint(std::string(100000, '9'), 0).ok());
}

TEST(UnitsFromPoint, UndoesFormatUnits) {
  std::mt19937_64 rng(/*seed=*/3);
  for (int i = 0; i < 2000; ++i) {
    const int decimals = static_cast<int>(rng() % 30);
    const Units units = Units(rng()) << (rng() % 180);
    EXPECT_EQ(*UnitsFromPoint(FormatUnits(units, decimals), decimals), units);
  }
}

}  // namespace
}  // namespace spoor
