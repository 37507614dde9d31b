#ifndef SPOOR_LIB_INGEST_RECENT_TABLE_H_
#define SPOOR_LIB_INGEST_RECENT_TABLE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "lib/ingest/keyed_hash.h"
#include "spoor/base/huge_pages.h"

namespace spoor {

// Values of kBytes bytes by the hashes of their keys, in bounded memory: what has not been used for
// longest is forgotten, roughly. An entry is new or old; what is used becomes new, and Trim()
// forgets the old ones and makes the new ones old. Forgetting happens only there, so that what was
// put in since is surely there.
//
// Open addressing with linear probing, in parts that grow one by one: so nearly all of the memory
// can be in use, and an entry costs 12 bytes more than its value. There are hundreds of millions.
template <size_t kBytes>
class RecentTable {
 public:
  using Value = std::array<uint8_t, kBytes>;

  // Takes about `bytes` bytes at most.
  explicit RecentTable(uint64_t bytes) { SetMost(bytes); }
  // Full() goes by it at once; memory is given back at the next Trim().
  void SetMost(uint64_t bytes) {
    half_ = std::max<uint64_t>(bytes / kSlot * kFullParts / kOfParts / 2, 1024);
  }
  // Memory in use.
  uint64_t bytes() const {
    uint64_t slots = 0;
    for (const Part& part : parts_) slots += part.slots;
    return slots * kSlot;
  }

  // Null if it is not there (any more). Valid until the next call of any other method.
  const uint8_t* Find(const KeyHash& key) {
    Part& part = PartOf(key);
    const std::optional<size_t> at = part.Find(key);
    if (!at.has_value()) return nullptr;
    uint8_t* slot = part.Slot(*at);
    if (StateOf(slot) == kOld) {
      SetState(slot, kNew);
      ++new_;
    }
    return slot + kHash;
  }

  // Replaces what is there.
  void Put(const KeyHash& key, const Value& value) {
    Part& part = PartOf(key);
    const std::optional<size_t> at = part.Find(key);
    if (at.has_value()) {
      uint8_t* slot = part.Slot(*at);
      if (StateOf(slot) == kOld) ++new_;
      SetState(slot, kNew);
      std::memcpy(slot + kHash, value.data(), kBytes);
      return;
    }
    if (part.used >= part.slots / kOfParts * kFullParts) part.Grow();
    uint8_t slot[kSlot];
    StoreHash(key, kNew, slot);
    std::memcpy(slot + kHash, value.data(), kBytes);
    part.Insert(slot);
    ++new_;
  }

  // Takes it out; nullopt if it is not there (any more).
  std::optional<Value> Take(const KeyHash& key) {
    Part& part = PartOf(key);
    const std::optional<size_t> at = part.Find(key);
    if (!at.has_value()) return std::nullopt;
    const uint8_t* slot = part.Slot(*at);
    Value value;
    std::memcpy(value.data(), slot + kHash, kBytes);
    new_ -= StateOf(slot) == kNew ? 1 : 0;
    part.Erase(*at);
    return value;
  }

  void Prefetch(const KeyHash& key) const {
    const Part& part = parts_[key.b % kParts];
    if (part.slots == 0) return;
    const uint8_t* home = part.bytes.data() + part.Home(key) * kSlot;
    __builtin_prefetch(home);
    __builtin_prefetch(home + kSlot - 1);  // most slots lie across two lines of the cache
  }

  bool Full() const { return new_ >= half_; }
  void Trim() {
    for (Part& part : parts_) {
      const HugePageVector<uint8_t> before = std::move(part.bytes);
      size_t kept = 0;
      for (size_t at = 0; at < before.size(); at += kSlot) {
        kept += StateOf(before.data() + at) == kNew ? 1 : 0;
      }
      // What it may have no more is given back.
      part.slots = std::min<size_t>(part.slots, 2 * kept + kLeastSlots);
      part.bytes.assign(part.slots * kSlot, 0);
      part.used = 0;
      for (size_t at = 0; at < before.size(); at += kSlot) {
        uint8_t slot[kSlot];
        std::memcpy(slot, before.data() + at, kSlot);
        if (StateOf(slot) != kNew) continue;
        SetState(slot, kOld);
        part.Insert(slot);
      }
    }
    new_ = 0;
  }

  // Calls `visit` with each key, in no particular order.
  template <typename Visit>
  void VisitKeys(Visit visit) const {
    for (const Part& part : parts_) {
      for (size_t i = 0; i < part.slots; ++i) {
        const uint8_t* slot = part.bytes.data() + i * kSlot;
        if (StateOf(slot) != kEmpty) visit(LoadHash(slot));
      }
    }
  }

 private:
  static constexpr size_t kHash = 12;  // 30 bits and the state, then 64 bits
  static constexpr size_t kSlot = kHash + kBytes;
  static constexpr size_t kParts = 16;
  static constexpr size_t kLeastSlots = 16;
  // So much of a part is in use before it grows.
  static constexpr size_t kFullParts = 13;
  static constexpr size_t kOfParts = 16;

  enum State : uint32_t { kEmpty = 0, kOld = 1, kNew = 2 };

  static void StoreHash(const KeyHash& key, State state, uint8_t* slot) {
    const uint32_t head = key.b << 2 | state;
    std::memcpy(slot, &head, sizeof(head));
    std::memcpy(slot + sizeof(head), &key.a, sizeof(key.a));
  }
  static KeyHash LoadHash(const uint8_t* slot) {
    uint32_t head = 0;
    KeyHash key;
    std::memcpy(&head, slot, sizeof(head));
    std::memcpy(&key.a, slot + sizeof(head), sizeof(key.a));
    key.b = head >> 2;
    return key;
  }
  static State StateOf(const uint8_t* slot) { return static_cast<State>(slot[0] & 3); }
  static void SetState(uint8_t* slot, State state) {
    slot[0] = static_cast<uint8_t>((slot[0] & ~3) | state);
  }

  struct Part {
    uint8_t* Slot(size_t i) { return bytes.data() + i * kSlot; }

    // Where a key belongs: in the order of the keys, so that growing goes from front to back.
    size_t Home(const KeyHash& key) const {
      __extension__ using Uint128 = unsigned __int128;
      return static_cast<size_t>(Uint128{key.a} * slots >> 64);
    }
    size_t Next(size_t i) const { return i + 1 == slots ? 0 : i + 1; }

    std::optional<size_t> Find(const KeyHash& key) {
      if (used == 0) return std::nullopt;
      for (size_t i = Home(key);; i = Next(i)) {
        const uint8_t* slot = Slot(i);
        if (StateOf(slot) == kEmpty) return std::nullopt;
        if (LoadHash(slot) == key) return i;
      }
    }
    // Requires room, and that the key is not there.
    void Insert(const uint8_t* from) {
      size_t i = Home(LoadHash(from));
      while (StateOf(Slot(i)) != kEmpty) i = Next(i);
      std::memcpy(Slot(i), from, kSlot);
      ++used;
    }
    void Erase(size_t hole) {
      // Whatever stands behind and belongs at the hole or before it moves up.
      for (size_t i = Next(hole); StateOf(Slot(i)) != kEmpty; i = Next(i)) {
        const size_t home = Home(LoadHash(Slot(i)));
        const bool stays = hole <= i ? hole < home && home <= i : hole < home || home <= i;
        if (stays) continue;
        std::memcpy(Slot(hole), Slot(i), kSlot);
        hole = i;
      }
      SetState(Slot(hole), kEmpty);
      --used;
    }
    void Grow() {
      const HugePageVector<uint8_t> before = std::move(bytes);
      slots = std::max<size_t>(kLeastSlots, slots + slots / 4);
      bytes.assign(slots * kSlot, 0);
      used = 0;
      for (size_t at = 0; at < before.size(); at += kSlot) {
        if (StateOf(before.data() + at) != kEmpty) Insert(before.data() + at);
      }
    }

    HugePageVector<uint8_t> bytes;
    size_t slots = 0;
    size_t used = 0;
  };

  Part& PartOf(const KeyHash& key) { return parts_[key.b % kParts]; }

  uint64_t half_;
  uint64_t new_ = 0;
  std::array<Part, kParts> parts_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_RECENT_TABLE_H_
