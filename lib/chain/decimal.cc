#include "spoor/chain/decimal.h"

#include <cstdint>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// No more can be of use: 256 bits have 78 digits.
constexpr size_t kLongest = 400;
constexpr size_t kFitsWord = 19;

absl::Status Bad(absl::string_view text, absl::string_view wanted) {
  return absl::InvalidArgumentError(
      absl::StrCat("found \"", text.substr(0, 40), text.size() > 40 ? "\"..., " : "\", ", wanted));
}

bool AllDigits(absl::string_view text) {
  return text.find_first_not_of("0123456789") == absl::string_view::npos;
}

// Takes the commas out of "1,234,567"; false if they do not part thousands.
bool JoinThousands(std::string* whole) {
  if (whole->find(',') == std::string::npos) return true;
  std::string joined;
  for (size_t i = 0; i < whole->size(); ++i) {
    const bool comma_belongs = i > 0 && (whole->size() - i) % 4 == 0;
    if (((*whole)[i] == ',') != comma_belongs) return false;
    if (!comma_belongs) joined.push_back((*whole)[i]);
  }
  *whole = joined;
  return true;
}

}  // namespace

absl::StatusOr<Units> UnitsFromPoint(absl::string_view text, int decimals) {
  if (text.size() > kLongest) {
    return Bad(text, absl::StrCat("an amount of at most ", kLongest, " characters"));
  }
  const auto bad = [&] { return Bad(text, "wanted an amount, as in 1234.5"); };
  absl::string_view mantissa = text;
  int exponent = 0;
  if (const size_t e = text.find_first_of("eE"); e != absl::string_view::npos) {
    mantissa = text.substr(0, e);
    if (!absl::SimpleAtoi(text.substr(e + 1), &exponent) || exponent > 100 || exponent < -100) {
      return bad();
    }
  }
  const size_t point = mantissa.find('.');
  std::string digits(mantissa.substr(0, point));
  if (!JoinThousands(&digits)) return bad();
  int behind = 0;
  if (point != absl::string_view::npos) {
    const absl::string_view fraction = mantissa.substr(point + 1);
    behind = static_cast<int>(fraction.size());
    absl::StrAppend(&digits, fraction);
  }
  if (digits.empty() || !AllDigits(digits)) return bad();
  // Where the point stands in base units, counted from the last digit.
  int shift = decimals + exponent - behind;
  for (; shift < 0; ++shift) {
    if (!digits.empty() && digits.back() != '0') {
      return Bad(text,
                 absl::StrCat("wanted at most ", decimals, " digits after the point (--decimals)"));
    }
    if (!digits.empty()) digits.pop_back();
  }
  digits.append(static_cast<size_t>(shift), '0');
  if (digits.size() <= kFitsWord) {
    uint64_t small = 0;
    for (const char c : digits) small = 10 * small + static_cast<uint64_t>(c - '0');
    return Units(small);
  }
  digits.erase(0, digits.find_first_not_of('0'));
  if (digits.empty()) return Units(0);
  const absl::StatusOr<Units> units = UnitsFromDecimal(digits);
  if (!units.ok()) return Bad(text, "wanted an amount of at most 256 bits");
  return units;
}

}  // namespace spoor
