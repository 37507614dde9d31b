#include "spoor/base/varint.h"

namespace spoor {

void AppendVarint(uint64_t v, std::string* out) {
  char bytes[kMostVarint];
  out->append(bytes, static_cast<size_t>(PutVarint(v, bytes) - bytes));
}

}  // namespace spoor
