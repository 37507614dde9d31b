#include "lib/report/visible.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace spoor {
namespace {

struct Range {
  uint32_t first, last;
};
// Unicode 15: controls (Cc), format characters (Cf), and line and paragraph separators.
constexpr std::array<Range, 17> kUnseen = {{{0x00, 0x1f},
                                            {0x7f, 0x9f},
                                            {0xad, 0xad},
                                            {0x600, 0x605},
                                            {0x61c, 0x61c},
                                            {0x6dd, 0x6dd},
                                            {0x70f, 0x70f},
                                            {0x115f, 0x1160},
                                            {0x180b, 0x180f},
                                            {0x200b, 0x200f},
                                            {0x2028, 0x202e},
                                            {0x2060, 0x206f},
                                            {0x3164, 0x3164},
                                            {0xfe00, 0xfe0f},
                                            {0xfeff, 0xfeff},
                                            {0xfff0, 0xfffb},
                                            {0xe0000, 0xe0fff}}};

bool Unseen(uint32_t c) {
  return std::any_of(kUnseen.begin(), kUnseen.end(),
                     [c](const Range& r) { return c >= r.first && c <= r.last; });
}

}  // namespace

std::string Visible(absl::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const auto byte = [&](size_t at) { return static_cast<uint8_t>(text[at]); };
    const size_t length = byte(i) < 0x80 ? 1 : byte(i) < 0xe0 ? 2 : byte(i) < 0xf0 ? 3 : 4;
    if (i + length > text.size()) break;  // no UTF-8
    uint32_t c = length == 1 ? byte(i) : byte(i) & (0x7f >> length);
    for (size_t k = 1; k < length; ++k) c = c << 6 | (byte(i + k) & 0x3f);
    if (Unseen(c)) {
      absl::StrAppendFormat(&out, "[U+%04X]", c);
    } else {
      out.append(text.data() + i, length);
    }
    i += length;
  }
  return out;
}

}  // namespace spoor
