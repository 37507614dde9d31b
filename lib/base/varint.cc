#include "spoor/base/varint.h"

namespace spoor {

void AppendVarint(uint64_t v, std::string* out) {
  char bytes[kMostVarint];
  out->append(bytes, static_cast<size_t>(PutVarint(v, bytes) - bytes));
}

bool ConsumeVarint(absl::string_view* in, uint64_t* v) {
  uint64_t result = 0;
  for (size_t i = 0; i < in->size() && i < 10; ++i) {
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
