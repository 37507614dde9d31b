#ifndef SPOOR_LIB_INGEST_KEYED_HASH_H_
#define SPOOR_LIB_INGEST_KEYED_HASH_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "spoor/base/bytes.h"

namespace spoor {

// Stands for a key of at most 39 bytes. Two different keys have the same one with a probability of
// 2^-92 whatever they are, as long as whoever chose them does not know the hasher's own keys.
struct KeyHash {
  uint64_t a = 0;
  uint32_t b = 0;  // below 2^28

  friend bool operator==(const KeyHash&, const KeyHash&) = default;
};

// The multilinear hash of Lemire and Kaser, "Strongly universal string hashing is fast" (2014),
// twice: keys times words, summed modulo 2^128, of which the upper half is strongly universal.
class KeyHasher {
 public:
  static constexpr size_t kMostBytes = 39;

  // Under keys from the system's source of randomness.
  KeyHasher();

  // Requires at most kMostBytes.
  KeyHash Of(ByteSpan bytes) const {
    std::array<uint64_t, kWords> words{};
    std::memcpy(words.data(), bytes.data(), bytes.size());
    // The length, so that zeros at the end count.
    words[kWords - 1] |= uint64_t{bytes.size()} << 56;
    return {Half(keys_a_, words), static_cast<uint32_t>(Half(keys_b_, words) >> 36)};
  }

 private:
  __extension__ using Uint128 = unsigned __int128;
  static constexpr size_t kWords = 5;
  using Keys = std::array<Uint128, kWords + 1>;

  static uint64_t Half(const Keys& keys, const std::array<uint64_t, kWords>& words) {
    Uint128 sum = keys[kWords];
    for (size_t i = 0; i < kWords; ++i) sum += keys[i] * words[i];
    return static_cast<uint64_t>(sum >> 64);
  }

  Keys keys_a_;
  Keys keys_b_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_KEYED_HASH_H_
