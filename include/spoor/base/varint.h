#ifndef SPOOR_BASE_VARINT_H_
#define SPOOR_BASE_VARINT_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "absl/base/attributes.h"
#include "absl/strings/string_view.h"

namespace spoor {

// Numbers as our own rows hold them: little-endian base 128, seven bits a byte, the high bit set on
// every byte but the last (LEB128). At most ten bytes.
void AppendVarint(uint64_t v, std::string* out);

// The same to `out`, which must have room for kMostVarint bytes. Returns where it ends.
inline constexpr size_t kMostVarint = 10;
inline char* PutVarint(uint64_t v, char* out) {
  for (; v >= 0x80; v >>= 7) *out++ = static_cast<char>(v | 0x80);
  *out++ = static_cast<char>(v);
  return out;
}

// Reads a varint, byte by byte.
const char* ReadVarintSlowly(const char* in, const char* end, uint64_t* v);

// Reads a varint from `in` on. Returns where it ends; null, with `*v` unspecified, if it is cut
// short by `end` or longer than 64 bits hold.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline const char* ReadVarint(const char* in, const char* end,
                                                           uint64_t* v) {
  if constexpr (std::endian::native == std::endian::little) {
    // Up to eight bytes at once: lengths differ so much that to branch on each byte is slow.
    uint64_t word = 0;
    if (static_cast<size_t>(end - in) >= sizeof(word)) {
      std::memcpy(&word, in, sizeof(word));
      const uint64_t ends = ~word & 0x8080808080808080;
      if (ends != 0) {
        word &= (ends ^ (ends - 1)) & 0x7f7f7f7f7f7f7f7f;
        word = (word & 0x007f007f007f007f) | (word & 0x7f007f007f007f00) >> 1;
        word = (word & 0x00003fff00003fff) | (word & 0x3fff00003fff0000) >> 2;
        word = (word & 0x000000000fffffff) | (word & 0x0fffffff00000000) >> 4;
        *v = word;
        return in + static_cast<size_t>(std::countr_zero(ends)) / 8 + 1;
      }
    }
  }
  return ReadVarintSlowly(in, end, v);
}

// Takes a varint from the front of `*in`. False, with `*in` as it was, if there is none.
inline bool ConsumeVarint(absl::string_view* in, uint64_t* v) {
  const char* const end = ReadVarint(in->data(), in->data() + in->size(), v);
  if (end == nullptr) return false;
  in->remove_prefix(static_cast<size_t>(end - in->data()));
  return true;
}

}  // namespace spoor

#endif  // SPOOR_BASE_VARINT_H_
