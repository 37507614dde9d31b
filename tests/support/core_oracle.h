#ifndef SPOOR_TESTS_SUPPORT_CORE_ORACLE_H_
#define SPOOR_TESTS_SUPPORT_CORE_ORACLE_H_

#include <zlib.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "simdjson.h"

namespace spoor {

// What Bitcoin Core says of blocks: lines of `getblock HASH 3`, gzipped.

inline std::string Gunzip(const std::string& path) {
  std::string out;
  gzFile file = gzopen(path.c_str(), "rb");
  char buffer[1 << 16];
  for (int n; (n = gzread(file, buffer, sizeof buffer)) > 0;) out.append(buffer, buffer + n);
  gzclose(file);
  return out;
}

inline std::string Text(const simdjson::dom::element& e) {
  return std::string(std::string_view(e));
}

// Core prints coins as a decimal fraction; below 2^53 satoshis the double is near enough to tell.
inline uint64_t Satoshis(const simdjson::dom::element& coins) {
  return static_cast<uint64_t>(std::llround(double(coins) * 1e8));
}

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_CORE_ORACLE_H_
