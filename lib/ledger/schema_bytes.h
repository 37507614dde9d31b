#ifndef SPOOR_LIB_LEDGER_SCHEMA_BYTES_H_
#define SPOOR_LIB_LEDGER_SCHEMA_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "spoor/base/varint.h"

// The numbers and strings that keys and values are made of.

namespace spoor::schema {

// Of a movement that is named at a fixed place.
inline constexpr size_t kSpenderSize = 5;

// Both require at most 8 bytes.
inline void AppendBe(uint64_t v, size_t bytes, std::string* out) {
  char be[sizeof(v)];
  for (size_t i = 0; i < bytes; ++i) be[i] = static_cast<char>(v >> (8 * (bytes - 1 - i)));
  out->append(be, bytes);
}

inline void AppendLe(uint64_t v, size_t bytes, std::string* out) {
  for (size_t i = 0; i < bytes; ++i) out->push_back(static_cast<char>(v >> (8 * i)));
}

inline uint64_t LoadBe(absl::string_view bytes) {
  uint64_t v = 0;
  for (const char c : bytes) v = v << 8 | static_cast<uint8_t>(c);
  return v;
}

inline void StoreLe40(uint64_t v, char* out) {
  for (size_t i = 0; i < kSpenderSize; ++i) out[i] = static_cast<char>(v >> (8 * i));
}

inline uint64_t LoadLe40(const char* p) {
  uint64_t v = 0;
  for (size_t i = 0; i < kSpenderSize; ++i) v |= uint64_t{static_cast<uint8_t>(p[i])} << (8 * i);
  return v;
}

inline void AppendString(absl::string_view s, std::string* out) {
  AppendVarint(s.size(), out);
  out->append(s.data(), s.size());
}

inline bool ConsumeString(absl::string_view* in, std::string* s) {
  uint64_t size = 0;
  if (!ConsumeVarint(in, &size) || size > in->size()) return false;
  *s = std::string(in->substr(0, size));
  in->remove_prefix(size);
  return true;
}

}  // namespace spoor::schema

#endif  // SPOOR_LIB_LEDGER_SCHEMA_BYTES_H_
