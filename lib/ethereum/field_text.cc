#include "lib/ethereum/field_text.h"

#include <limits>

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include "absl/strings/str_cat.h"

namespace spoor::ethereum {
namespace {

constexpr std::array<int8_t, 256> MakeDigits() {
  std::array<int8_t, 256> digits{};
  for (int8_t& d : digits) d = -1;
  for (int i = 0; i < 10; ++i) digits['0' + i] = static_cast<int8_t>(i);
  for (int i = 0; i < 6; ++i) digits['a' + i] = digits['A' + i] = static_cast<int8_t>(10 + i);
  return digits;
}
constexpr std::array<int8_t, 256> kDigits = MakeDigits();

constexpr size_t kMostDecimal = 78;  // of 256 bits
constexpr size_t kMostHex = 64;
constexpr absl::string_view kWantedDecimal = "a whole number in decimal digits";
constexpr absl::string_view kWantedHex = "a number, as in 0x1b4";

// Eight digits at once, a byte of a word each: hashes and addresses are most of what exports have.
// Writes four bytes; false if one of them is no digit.
bool ParseEightDigits(const char* digits, uint8_t* out) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  const uint64_t text = LoadLe64(reinterpret_cast<const uint8_t*>(digits));
  const uint64_t letters = text >> 6 & kOnes;
  const uint64_t values = (text & 0x0f * kOnes) + 9 * letters;
  // What these values are written as must be what stands there, in either case.
  const uint64_t above_nine = (values + 0x76 * kOnes) >> 7 & kOnes;
  const uint64_t wanted = values + 0x30 * kOnes + 0x27 * above_nine;
  if ((values & 0xf0 * kOnes) != 0 || wanted != (text | letters << 5)) return false;
  uint64_t bytes = (values << 4 | values >> 8) & 0x00ff00ff00ff00ff;
  bytes = (bytes | bytes >> 8) & 0x0000ffff0000ffff;
  const auto packed = static_cast<uint32_t>(bytes | bytes >> 16);
  for (int i = 0; i < 4; ++i) out[i] = static_cast<uint8_t>(packed >> 8 * i);
  return true;
}

#ifdef __SSE2__
// The same of sixteen, where the processor has it: eight bytes.
bool ParseSixteenDigits(const char* digits, uint8_t* out) {
  const __m128i text = _mm_loadu_si128(reinterpret_cast<const __m128i*>(digits));
  // Bytes from 0x80 on are negative here, and so below all digits.
  const auto among = [](__m128i bytes, char first, char last) {
    return _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8(static_cast<char>(first - 1))),
                         _mm_cmplt_epi8(bytes, _mm_set1_epi8(static_cast<char>(last + 1))));
  };
  const __m128i lower = _mm_or_si128(text, _mm_set1_epi8(0x20));
  const __m128i decimal = among(text, '0', '9');
  const __m128i letter = among(lower, 'a', 'f');
  if (_mm_movemask_epi8(_mm_or_si128(decimal, letter)) != 0xffff) return false;
  const __m128i values =
      _mm_or_si128(_mm_and_si128(decimal, _mm_sub_epi8(text, _mm_set1_epi8('0'))),
                   _mm_and_si128(letter, _mm_sub_epi8(lower, _mm_set1_epi8('a' - 10))));
  const __m128i pairs = _mm_or_si128(_mm_slli_epi16(values, 4), _mm_srli_epi16(values, 8));
  const __m128i bytes = _mm_and_si128(pairs, _mm_set1_epi16(0xff));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out), _mm_packus_epi16(bytes, bytes));
  return true;
}
#endif

// The digits behind "0x"; empty unless they are a quantity.
absl::string_view HexDigits(absl::string_view text) {
  if (text.size() < 3 || text[0] != '0' || text[1] != 'x') return "";
  text.remove_prefix(2);
  return text.size() > 1 && text[0] == '0' ? "" : text;
}

}  // namespace

absl::Status BadField(absl::string_view text, absl::string_view wanted) {
  if (text.empty()) return absl::DataLossError(absl::StrCat("found nothing, wanted ", wanted));
  return absl::DataLossError(absl::StrCat(
      "found \"", text.substr(0, 80), text.size() > 80 ? "\"..., wanted " : "\", wanted ", wanted));
}

bool ParseHex(absl::string_view text, absl::Span<uint8_t> out) {
  if (text.size() != 2 + 2 * out.size() || text[0] != '0' || text[1] != 'x') return false;
  const char* digits = text.data() + 2;
  size_t i = 0;
#ifdef __SSE2__
  for (; i + 8 <= out.size(); i += 8, digits += 16) {
    if (!ParseSixteenDigits(digits, out.data() + i)) return false;
  }
#endif
  for (; i + 4 <= out.size(); i += 4, digits += 8) {
    if (!ParseEightDigits(digits, out.data() + i)) return false;
  }
  int bad = 0;
  for (; i < out.size(); ++i, digits += 2) {
    const int high = kDigits[static_cast<uint8_t>(digits[0])];
    const int low = kDigits[static_cast<uint8_t>(digits[1])];
    bad |= high | low;
    out[i] = static_cast<uint8_t>(static_cast<unsigned>(high) << 4 | static_cast<unsigned>(low));
  }
  return bad >= 0;
}

absl::StatusOr<uint64_t> ParseNumber(absl::string_view text, NumberForm form) {
  uint64_t number = 0;
  if (form == NumberForm::kHex) {
    const absl::string_view digits = HexDigits(text);
    if (digits.empty() || digits.size() > 16) return BadField(text, kWantedHex);
    for (const char c : digits) {
      const int digit = kDigits[static_cast<uint8_t>(c)];
      if (digit < 0) return BadField(text, kWantedHex);
      number = number << 4 | static_cast<uint64_t>(digit);
    }
    return number;
  }
  if (text.empty() || text.size() > 20) return BadField(text, kWantedDecimal);
  for (const char c : text) {
    if (c < '0' || c > '9' || __builtin_mul_overflow(number, uint64_t{10}, &number) ||
        __builtin_add_overflow(number, static_cast<uint64_t>(c - '0'), &number)) {
      return BadField(text, kWantedDecimal);
    }
  }
  return number;
}

absl::StatusOr<Units> ParseUnits(absl::string_view text, NumberForm form) {
  if (form == NumberForm::kHex) {
    const absl::string_view digits = HexDigits(text);
    if (digits.size() <= 16) {
      const absl::StatusOr<uint64_t> small = ParseNumber(text, form);
      if (!small.ok()) return small.status();
      return Units(*small);
    }
    if (digits.size() > kMostHex) return BadField(text, "a number of at most 256 bits");
    std::array<uint8_t, 32> bytes{};
    for (size_t i = 0; i < digits.size(); ++i) {
      const int digit = kDigits[static_cast<uint8_t>(digits[digits.size() - 1 - i])];
      if (digit < 0) return BadField(text, kWantedHex);
      bytes[31 - i / 2] = static_cast<uint8_t>(bytes[31 - i / 2] | digit << (i % 2 == 0 ? 0 : 4));
    }
    return UnitsFromBytes(bytes);
  }
  if (text.size() > kMostDecimal) return BadField(text, "a number of at most 256 bits");
  if (text.size() <= 19) {
    const absl::StatusOr<uint64_t> small = ParseNumber(text, form);
    if (!small.ok()) return small.status();
    return Units(*small);
  }
  // Eighteen digits at a time: a multiplication of 256 bits for each is slow.
  Units units = 0;
  const Units most = std::numeric_limits<Units>::max();
  for (size_t at = 0; at < text.size();) {
    const size_t n = (text.size() - at - 1) % 18 + 1;
    const absl::StatusOr<uint64_t> part = ParseNumber(text.substr(at, n), form);
    if (!part.ok()) return BadField(text, kWantedDecimal);
    uint64_t scale = 1;
    for (size_t i = 0; i < n; ++i) scale *= 10;
    if (units > (most - *part) / scale) return BadField(text, "a number of at most 256 bits");
    units = units * scale + *part;
    at += n;
  }
  return units;
}

Units UnitsFromBytes(ByteSpan bytes) {
  Units units = 0;
  for (size_t at = 0; at < bytes.size(); at += 8) {
    uint64_t word = 0;
    for (size_t i = 0; i < 8; ++i) word = word << 8 | bytes[at + i];
    units = units << 64 | word;
  }
  return units;
}

}  // namespace spoor::ethereum
