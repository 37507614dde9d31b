#include "lib/report/json.h"

namespace spoor {
namespace {

// The length of the UTF-8 sequence at the front of `s`, or 0 if there is none (RFC 3629: no
// surrogates, nothing above U+10FFFF, nothing longer than need be).
size_t Utf8Length(absl::string_view s) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(s[i]); };
  const auto continues = [&](size_t i, uint8_t low = 0x80, uint8_t high = 0xbf) {
    return i < s.size() && byte(i) >= low && byte(i) <= high;
  };
  const uint8_t b = byte(0);
  if (b < 0x80) return 1;
  if (b >= 0xc2 && b <= 0xdf) return continues(1) ? 2 : 0;
  if (b >= 0xe0 && b <= 0xef) {
    const uint8_t low = b == 0xe0 ? 0xa0 : 0x80;
    const uint8_t high = b == 0xed ? 0x9f : 0xbf;
    return continues(1, low, high) && continues(2) ? 3 : 0;
  }
  if (b >= 0xf0 && b <= 0xf4) {
    const uint8_t low = b == 0xf0 ? 0x90 : 0x80;
    const uint8_t high = b == 0xf4 ? 0x8f : 0xbf;
    return continues(1, low, high) && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

}  // namespace

std::string Json::Utf8(absl::string_view s) {
  std::string text;
  while (!s.empty()) {
    const size_t n = Utf8Length(s);
    text.append(n == 0 ? "\xef\xbf\xbd" : s.data(), n == 0 ? 3 : n);
    s.remove_prefix(n == 0 ? 1 : n);
  }
  return text;
}

Json& Json::String(absl::string_view value) {
  const std::string text = Utf8(value);
  writer_.String(text.data(), Size(text));
  return *this;
}

}  // namespace spoor
