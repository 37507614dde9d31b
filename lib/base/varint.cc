#include "spoor/base/varint.h"

#include <algorithm>

namespace spoor {

void AppendVarint(uint64_t v, std::string* out) {
  char bytes[kMostVarint];
  out->append(bytes, static_cast<size_t>(PutVarint(v, bytes) - bytes));
}

const char* ReadVarintSlowly(const char* in, const char* end, uint64_t* v) {
  const size_t most = std::min(static_cast<size_t>(end - in), kMostVarint);
  uint64_t result = 0;
  for (size_t i = 0; i < most; ++i) {
    const auto byte = static_cast<uint8_t>(in[i]);
    if (i == 9 && byte > 1) return nullptr;
    result |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte < 0x80) {
      *v = result;
      return in + i + 1;
    }
  }
  return nullptr;
}

}  // namespace spoor
