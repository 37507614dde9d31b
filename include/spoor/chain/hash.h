#ifndef SPOOR_CHAIN_HASH_H_
#define SPOOR_CHAIN_HASH_H_

#include <algorithm>
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"

namespace spoor {

// 32 bytes that name something. `Tag` keeps the names of different things apart: hashes with
// different tags do not convert into each other.
template <typename Tag>
class Hash256 {
 public:
  static constexpr size_t kSize = 32;

  constexpr Hash256() = default;
  // Requires 32 bytes, in the order in which they are hashed and go over the wire.
  static Hash256 FromBytes(ByteSpan bytes) {
    SPOOR_CHECK(bytes.size() == kSize);
    Hash256 h;
    std::copy(bytes.begin(), bytes.end(), h.bytes_.begin());
    return h;
  }

  const std::array<uint8_t, kSize>& bytes() const { return bytes_; }
  ByteSpan span() const { return bytes_; }
  bool IsZero() const { return *this == Hash256(); }

  friend bool operator==(const Hash256&, const Hash256&) = default;
  friend auto operator<=>(const Hash256&, const Hash256&) = default;

  template <typename H>
  friend H AbslHashValue(H h, const Hash256& v) {
    // The bytes are themselves a hash: eight of them spread well, and hashing all costs more. The
    // middle ones, because block hashes end in zeros.
    uint64_t word;
    std::memcpy(&word, v.bytes_.data() + 8, sizeof word);
    return H::combine(std::move(h), word);
  }

 private:
  std::array<uint8_t, kSize> bytes_{};
};

using Txid = Hash256<struct TxidTag>;
using BlockHash = Hash256<struct BlockHashTag>;

// The order of digits in which a family of chains writes its hashes: Bitcoin and its kin print the
// last byte first, Ethereum and its kin the first byte first with "0x" before it.
enum class HashText { kReversed, kPrefixed };

std::string HashToText(ByteSpan hash, HashText form);
// INVALID_ARGUMENT unless `text` is 64 hexadecimal digits of either case, with or without "0x".
absl::StatusOr<std::array<uint8_t, 32>> HashFromText(absl::string_view text, HashText form);

template <typename Tag>
std::string ToText(const Hash256<Tag>& hash, HashText form = HashText::kReversed) {
  return HashToText(hash.span(), form);
}
template <typename Hash>
absl::StatusOr<Hash> FromText(absl::string_view text, HashText form = HashText::kReversed) {
  SPOOR_ASSIGN_OR_RETURN(const auto bytes, HashFromText(text, form));
  return Hash::FromBytes(bytes);
}

}  // namespace spoor

#endif  // SPOOR_CHAIN_HASH_H_
