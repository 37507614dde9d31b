#include "spoor/chain/hash.h"

#include "absl/strings/match.h"

namespace spoor {

std::string HashToText(ByteSpan hash, HashText form) {
  if (form == HashText::kPrefixed) return absl::StrCat("0x", ToHex(hash));
  return ToHex(Bytes(hash.rbegin(), hash.rend()));
}

absl::StatusOr<std::array<uint8_t, 32>> HashFromText(absl::string_view text, HashText form) {
  const absl::string_view digits = absl::StartsWithIgnoreCase(text, "0x") ? text.substr(2) : text;
  if (digits.size() != 64) {
    return absl::InvalidArgumentError(
        absl::StrCat("a hash of ", digits.size(), " hexadecimal digits, wanted 64"));
  }
  SPOOR_ASSIGN_OR_RETURN(const Bytes bytes, FromHex(digits));
  std::array<uint8_t, 32> hash;
  if (form == HashText::kPrefixed) {
    std::copy(bytes.begin(), bytes.end(), hash.begin());
  } else {
    std::copy(bytes.rbegin(), bytes.rend(), hash.begin());
  }
  return hash;
}

}  // namespace spoor
