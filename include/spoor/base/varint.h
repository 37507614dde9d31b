#ifndef SPOOR_BASE_VARINT_H_
#define SPOOR_BASE_VARINT_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

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

// Takes a varint from the front of `*in`. False, with `*in` unspecified, if it is cut short or
// longer than 64 bits hold.
inline bool ConsumeVarint(absl::string_view* in, uint64_t* v) {
  const size_t most = std::min(in->size(), kMostVarint);
  uint64_t result = 0;
  for (size_t i = 0; i < most; ++i) {
    const auto byte = static_cast<uint8_t>((*in)[i]);
    if (i == 9 && byte > 1) return false;
    result |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      in->remove_prefix(i + 1);
      *v = result;
      return true;
    }
  }
  return false;
}

}  // namespace spoor

#endif  // SPOOR_BASE_VARINT_H_
