#ifndef SPOOR_LIB_INGEST_LATEST_IDS_H_
#define SPOOR_LIB_INGEST_LATEST_IDS_H_

#include <algorithm>
#include <cstdint>
#include <vector>

namespace spoor {

// A set of ids, of which only the latest count: an id that was given out long ago is not in it,
// whatever was put in. A bit for each.
class LatestIds {
 public:
  // Takes `bytes` at most; ids below `next` have been given out.
  LatestIds(uint64_t bytes, uint64_t next)
      : words_(std::max<uint64_t>(bytes / sizeof(uint64_t), 1)), next_(next) {}

  // The next id is given out, and is not in the set.
  void GiveOut(uint64_t id) {
    words_[WordOf(id)] &= ~BitOf(id);
    next_ = id + 1;
  }
  void Add(uint64_t id) {
    if (Counts(id)) words_[WordOf(id)] |= BitOf(id);
  }
  bool Has(uint64_t id) const { return Counts(id) && (words_[WordOf(id)] & BitOf(id)) != 0; }

 private:
  bool Counts(uint64_t id) const { return id < next_ && next_ - id <= words_.size() * 64; }
  size_t WordOf(uint64_t id) const { return id / 64 % words_.size(); }
  static uint64_t BitOf(uint64_t id) { return uint64_t{1} << (id % 64); }

  std::vector<uint64_t> words_;
  uint64_t next_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_LATEST_IDS_H_
