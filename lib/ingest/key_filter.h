#ifndef SPOOR_LIB_INGEST_KEY_FILTER_H_
#define SPOOR_LIB_INGEST_KEY_FILTER_H_

#include <cstddef>
#include <cstdint>

#include "lib/ingest/keyed_hash.h"
#include "spoor/base/huge_pages.h"

namespace spoor {

// Tells of a key that it is surely not among those added, mostly. A Bloom filter in blocks of one
// cache line (Putze, Sanders, Singler, "Cache-, hash- and space-efficient Bloom filters", 2007):
// with ten bits for each key added, about one other in fifty is taken for one of them.
class KeyFilter {
 public:
  explicit KeyFilter(uint64_t bytes) : words_(bytes / kBlockBytes * kBlockWords + kBlockWords) {}

  void Add(const KeyHash& key) {
    uint64_t* block = words_.data() + BlockOf(key);
    ForEachBit(key, [&](size_t bit) {
      block[bit / 64] |= uint64_t{1} << bit % 64;
      return true;
    });
  }
  bool MayHave(const KeyHash& key) const {
    const uint64_t* block = words_.data() + BlockOf(key);
    return ForEachBit(key, [&](size_t bit) { return (block[bit / 64] >> bit % 64 & 1) != 0; });
  }
  void Prefetch(const KeyHash& key) const { __builtin_prefetch(words_.data() + BlockOf(key)); }

 private:
  static constexpr size_t kBlockBytes = 64;
  static constexpr size_t kBlockWords = kBlockBytes / 8;

  size_t BlockOf(const KeyHash& key) const {
    __extension__ using Uint128 = unsigned __int128;
    return static_cast<size_t>(Uint128{key.a} * (words_.size() / kBlockWords) >> 64) * kBlockWords;
  }
  // Six of a block's bits, from what does not choose the block.
  template <typename Visit>
  static bool ForEachBit(const KeyHash& key, Visit visit) {
    uint64_t bits = (uint64_t{key.b} << 24 | (key.a & 0xffffff)) * 0x9e3779b97f4a7c15;
    for (int i = 0; i < 6; ++i, bits >>= 9) {
      if (!visit(static_cast<size_t>(bits >> 10 & 511))) return false;
    }
    return true;
  }

  HugePageVector<uint64_t> words_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_KEY_FILTER_H_
