#ifndef SPOOR_BASE_VARINT_H_
#define SPOOR_BASE_VARINT_H_

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
bool ConsumeVarint(absl::string_view* in, uint64_t* v);

}  // namespace spoor

#endif  // SPOOR_BASE_VARINT_H_
