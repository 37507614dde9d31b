#ifndef SPOOR_LIB_INGEST_RECENT_MAP_H_
#define SPOOR_LIB_INGEST_RECENT_MAP_H_

#include <cstdint>
#include <optional>
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
  // Holds at most about `bytes` bytes.
  explicit RecentMap(uint64_t bytes) {
    // A table has 2^n - 1 slots, of which 7/8 may be in use, and a control byte for each; while it
    // doubles, the half-sized one is there as well.
    constexpr uint64_t kSlot = sizeof(std::pair<const Key, Value>) + 1;
    uint64_t slots = 1024;
    while (slots * 2 * kSlot * 5 / 2 <= bytes) slots *= 2;
    half_ = slots * 7 / 8;
  }

  // Null if it is not there (any more). Valid until the next call of any other method.
  const Value* Find(const Key& key) {
    if (const auto it = new_.find(key); it != new_.end()) return &it->second;
    const auto it = old_.find(key);
    if (it == old_.end()) return nullptr;
    auto node = old_.extract(it);
    return &new_.insert(std::move(node)).position->second;
  }

  void Put(const Key& key, const Value& value) { new_.insert_or_assign(key, value); }

  // Takes it out; nullopt if it is not there (any more).
  std::optional<Value> Take(const Key& key) {
    for (auto* map : {&new_, &old_}) {
      if (const auto it = map->find(key); it != map->end()) {
        const Value value = it->second;
        map->erase(it);
        return value;
      }
    }
    return std::nullopt;
  }

  bool Full() const { return new_.size() >= half_; }
  void Trim() {
    has_forgotten_ |= !old_.empty();
    old_ = std::move(new_);
    new_ = {};
  }
  // Whether anything has ever been forgotten.
  bool has_forgotten() const { return has_forgotten_; }

 private:
  uint64_t half_ = 0;
  bool has_forgotten_ = false;
  absl::flat_hash_map<Key, Value> new_;
  absl::flat_hash_map<Key, Value> old_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_RECENT_MAP_H_
