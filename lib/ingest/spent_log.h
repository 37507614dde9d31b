#ifndef SPOOR_LIB_INGEST_SPENT_LOG_H_
#define SPOOR_LIB_INGEST_SPENT_LOG_H_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

#include "spoor/base/huge_pages.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Holdings, noted quickly and seldom looked for: a list, and a filter of it that answers nearly
// every question for what is not there. The filter is brought up to date when somebody asks.
class SpentLog {
 public:
  void Add(const Holding& holding) { list_.push_back(holding); }
  bool Has(const Holding& holding) {
    if (list_.empty()) return false;
    MarkAll();
    const uint64_t hash = Mix(holding);
    return (filter_[WordOf(hash)] & BitsOf(hash)) == BitsOf(hash) &&
           std::find(list_.begin(), list_.end(), holding) != list_.end();
  }
  void Clear() {
    list_.clear();
    std::fill(filter_.begin(), filter_.end(), 0);
    marked_ = 0;
  }

 private:
  static constexpr size_t kBits = 16;  // of the filter for each holding, at the least

  // The finaliser of splitmix64.
  static uint64_t Mix(const Holding& holding) {
    uint64_t v = holding.major * 0x9e3779b97f4a7c15 + holding.minor;
    v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9;
    v = (v ^ v >> 27) * 0x94d049bb133111eb;
    return v ^ v >> 31;
  }
  // A holding has some bits in one word, so that it costs one look into memory. There are 2^n
  // words.
  size_t WordOf(uint64_t hash) const { return hash & (filter_.size() - 1); }
  static uint64_t BitsOf(uint64_t hash) {
    return uint64_t{1} << (hash >> 58) | uint64_t{1} << (hash >> 52 & 63) |
           uint64_t{1} << (hash >> 46 & 63);
  }
  void MarkAll() {
    if (list_.size() > filter_.size() * 64 / kBits) {
      filter_.assign(std::bit_ceil(std::max<size_t>(64, list_.size() * kBits / 32)), 0);
      marked_ = 0;
    }
    for (; marked_ < list_.size(); ++marked_) {
      const uint64_t hash = Mix(list_[marked_]);
      filter_[WordOf(hash)] |= BitsOf(hash);
    }
  }

  HugePageVector<Holding> list_;
  HugePageVector<uint64_t> filter_;
  size_t marked_ = 0;  // of list_, in the filter
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_SPENT_LOG_H_
