#ifndef SPOOR_LIB_INGEST_SPENT_LOG_H_
#define SPOOR_LIB_INGEST_SPENT_LOG_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "spoor/ledger/model.h"

namespace spoor {

// Holdings, noted quickly and seldom looked for: a list, and a filter of it that answers nearly
// every question for what is not there.
class SpentLog {
 public:
  void Add(const Holding& holding) {
    if (list_.size() >= filter_.size() * 64 / kBits) Grow();
    list_.push_back(holding);
    Mark(holding);
  }
  bool Has(const Holding& holding) const {
    if (filter_.empty()) return false;
    const uint64_t hash = Mix(holding);
    return (filter_[WordOf(hash)] & BitsOf(hash)) == BitsOf(hash) &&
           std::find(list_.begin(), list_.end(), holding) != list_.end();
  }
  void Clear() {
    list_.clear();
    std::fill(filter_.begin(), filter_.end(), 0);
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
  void Mark(const Holding& holding) {
    const uint64_t hash = Mix(holding);
    filter_[WordOf(hash)] |= BitsOf(hash);
  }
  void Grow() {
    filter_.assign(std::max<size_t>(64, filter_.size() * 2), 0);
    for (const Holding& holding : list_) Mark(holding);
  }

  std::vector<Holding> list_;
  std::vector<uint64_t> filter_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_SPENT_LOG_H_
