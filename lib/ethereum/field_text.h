#ifndef SPOOR_LIB_ETHEREUM_FIELD_TEXT_H_
#define SPOOR_LIB_ETHEREUM_FIELD_TEXT_H_

#include <array>
#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/amount.h"

// Fields of exports and of nodes' replies, as text. Every error says what was found and wanted.

namespace spoor::ethereum {

// "0x" and just as many hexadecimal digits as `out` has room for.
bool ParseHex(absl::string_view text, absl::Span<uint8_t> out);

// Quantities in decimal digits, as exports have them, or in hexadecimal after "0x" without leading
// zeros, as nodes do.
enum class NumberForm { kDecimal, kHex };
absl::StatusOr<uint64_t> ParseNumber(absl::string_view text, NumberForm form);
absl::StatusOr<Units> ParseUnits(absl::string_view text, NumberForm form);

// 32 bytes, most significant first.
Units UnitsFromBytes(ByteSpan bytes);

// `found "TEXT", wanted WANTED`, shortened; DATA_LOSS.
absl::Status BadField(absl::string_view text, absl::string_view wanted);

template <size_t N>
absl::StatusOr<std::array<uint8_t, N>> ParseBytes(absl::string_view text) {
  std::array<uint8_t, N> bytes;
  if (ParseHex(text, absl::MakeSpan(bytes))) return bytes;
  return BadField(text, N == 20 ? "an address, 0x and 40 hexadecimal digits"
                                : "a hash, 0x and 64 hexadecimal digits");
}
template <typename Hash>
absl::StatusOr<Hash> ParseHash(absl::string_view text) {
  std::array<uint8_t, 32> bytes;
  if (ParseHex(text, absl::MakeSpan(bytes))) return Hash::FromBytes(bytes);
  return BadField(text, "a hash, 0x and 64 hexadecimal digits");
}

}  // namespace spoor::ethereum

#endif  // SPOOR_LIB_ETHEREUM_FIELD_TEXT_H_
