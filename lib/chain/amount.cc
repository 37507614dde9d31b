#include "spoor/chain/amount.h"

#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {

absl::StatusOr<Amount> Amount::FromSat(uint64_t sat) {
  if (sat > kMaxSat) {
    return absl::OutOfRangeError(
        absl::StrCat("an amount of ", sat, " base units, wanted at most ", kMaxSat));
  }
  return Amount(sat);
}

std::string ToDecimal(const Units& units) {
  if (units <= std::numeric_limits<uint64_t>::max()) {
    return absl::StrCat(static_cast<uint64_t>(units));
  }
  return units.str();
}

std::string FormatUnits(const Units& units, int decimals) {
  SPOOR_CHECK(decimals >= 0);
  std::string text = ToDecimal(units);
  if (decimals == 0) return text;
  const auto places = static_cast<size_t>(decimals);
  if (text.size() <= places) text.insert(0, places + 1 - text.size(), '0');
  text.insert(text.size() - places, ".");
  return text;
}

absl::StatusOr<Units> UnitsFromDecimal(absl::string_view text) {
  if (text.empty()) return absl::InvalidArgumentError("an empty amount, wanted decimal digits");
  const Units max = std::numeric_limits<Units>::max();
  Units units = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] < '0' || text[i] > '9') {
      return absl::InvalidArgumentError(absl::StrCat("character ", i, " of an amount is '",
                                                     text.substr(i, 1),
                                                     "', wanted decimal digits only"));
    }
    const unsigned digit = static_cast<unsigned>(text[i] - '0');
    if (units > (max - digit) / 10) {
      return absl::InvalidArgumentError("an amount of more than 256 bits");
    }
    units = units * 10 + digit;
  }
  return units;
}

}  // namespace spoor
