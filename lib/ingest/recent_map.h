#ifndef SPOOR_LIB_INGEST_RECENT_MAP_H_
#define SPOOR_LIB_INGEST_RECENT_MAP_H_

#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_map.h"

namespace spoor {

// A hash map of bounded size that forgets what has not been used for longest, roughly: it is two
// maps, a new one and an old one; what is used moves to the new one, and when that is full it
// becomes the old one, whose contents are forgotten. Forgetting happens only in Trim(), so that
// what was put in since is surely there.
template <typename Key, typename Value>
class RecentMap {
 public:
  explicit RecentMap(size_t capacity) : half_(capacity / 2 + 1) {}

  // Null if it is not there (any more). Valid until the next call of any other method.
  template <typename LookupKey>
  const Value* Find(const LookupKey& key) {
    if (const auto it = new_.find(key); it != new_.end()) return &it->second;
    const auto it = old_.find(key);
    if (it == old_.end()) return nullptr;
    auto node = old_.extract(it);
    return &new_.insert(std::move(node)).position->second;
  }

  void Put(Key key, Value value) { new_.insert_or_assign(std::move(key), std::move(value)); }

  template <typename LookupKey>
  void Erase(const LookupKey& key) {
    if (new_.erase(key) == 0) old_.erase(key);
  }

  void Trim() {
    if (new_.size() < half_) return;
    old_ = std::move(new_);
    new_ = {};
  }

  void Clear() {
    old_.clear();
    new_.clear();
  }

 private:
  size_t half_;
  absl::flat_hash_map<Key, Value> new_;
  absl::flat_hash_map<Key, Value> old_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_RECENT_MAP_H_
