// Hexadecimal digits, which are read many at a time, against one at a time.

#include "lib/ethereum/field_text.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace spoor::ethereum {
namespace {

bool ParsePlainly(const std::string& text, std::vector<uint8_t>* out) {
  if (text.size() != 2 + 2 * out->size() || text.substr(0, 2) != "0x") return false;
  for (size_t i = 2; i < text.size(); ++i) {
    if (!absl::ascii_isxdigit(static_cast<unsigned char>(text[i]))) return false;
    const int digit = text[i] <= '9' ? text[i] - '0' : absl::ascii_tolower(text[i]) - 'a' + 10;
    uint8_t& byte = (*out)[i / 2 - 1];
    byte = static_cast<uint8_t>(i % 2 == 0 ? digit << 4 : byte | digit);
  }
  return true;
}

void ExpectAsPlain(const std::string& text, size_t size) {
  std::vector<uint8_t> plain(size, 0);
  std::vector<uint8_t> fast(size, 0);
  const bool good = ParsePlainly(text, &plain);
  ASSERT_EQ(ParseHex(text, absl::MakeSpan(fast)), good) << absl::CHexEscape(text);
  if (good) {
    EXPECT_EQ(fast, plain);
  }
}

TEST(ParseHex, ReadsWhatOneDigitAtATimeReads) {
  std::mt19937_64 rng(/*seed=*/16);
  const std::string digits = "0123456789abcdefABCDEF";
  for (size_t size = 0; size <= 40; ++size) {
    std::string text = "0x";
    while (text.size() < 2 + 2 * size) text.push_back(digits[rng() % digits.size()]);
    ExpectAsPlain(text, size);
    ExpectAsPlain(text, size + 1);
    ExpectAsPlain(text + "0", size);
    // Any byte anywhere.
    for (size_t at = 0; at < text.size(); ++at) {
      std::string other = text;
      for (int byte = 0; byte < 256; ++byte) {
        other[at] = static_cast<char>(byte);
        ExpectAsPlain(other, size);
      }
    }
  }
}

}  // namespace
}  // namespace spoor::ethereum
