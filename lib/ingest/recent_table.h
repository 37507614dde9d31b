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
// longest is forgotten, roughly. Entries are of an age: what is used comes to be of the newest, and
// the oldest ages are forgotten first. Forgetting happens in Trim() only, so that what was put in
// since is surely there.
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
    most_slots_ = std::max<uint64_t>(bytes / kSlot / kParts, kLeastSlots);
    most_ = most_slots_ * kParts * kFull / kOf;
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
    Renew(slot);
    return slot + kHash;
  }

  // Replaces what is there.
  void Put(const KeyHash& key, const Value& value) {
    Part& part = PartOf(key);
    const std::optional<size_t> at = part.Find(key);
    if (at.has_value()) {
      uint8_t* slot = part.Slot(*at);
      Renew(slot);
      std::memcpy(slot + kHash, value.data(), kBytes);
      return;
    }
    if (part.used >= part.slots * kGrow / kOf) part.Grow(most_slots_);
    if (count_[newest_] >= begin_age_at_) BeginAge();
    uint8_t slot[kSlot];
    StoreHash(key, newest_, slot);
    std::memcpy(slot + kHash, value.data(), kBytes);
    part.Insert(slot);
    ++count_[newest_];
    ++used_;
  }

  // Takes it out; nullopt if it is not there (any more).
  std::optional<Value> Take(const KeyHash& key) {
    Part& part = PartOf(key);
    const std::optional<size_t> at = part.Find(key);
    if (!at.has_value()) return std::nullopt;
    const uint8_t* slot = part.Slot(*at);
    Value value;
    std::memcpy(value.data(), slot + kHash, kBytes);
    --count_[AgeOf(slot)];
    --used_;
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

  bool Full() const { return used_ >= most_; }
  // If Full(): forgets of the oldest ages an eighth of what there may be, or as much more as the
  // last of them is, but for values that `must_stay(const uint8_t*)`.
  template <typename MustStay>
  void Trim(MustStay must_stay) {
    const uint64_t left = most_ - most_ / 8;
    uint64_t used = used_;
    Age oldest = Next(newest_);
    for (; used > left && oldest != newest_; oldest = Next(oldest)) used -= count_[oldest];
    // Which ages those are, by number.
    std::array<bool, kAges + 1> forgotten = {};
    for (Age age = Next(newest_); age != oldest; age = Next(age)) forgotten[age] = true;
    forgotten[newest_] = used > left;
    const auto stays = [&](const uint8_t* slot) {
      const Age age = AgeOf(slot);
      return age != kEmpty && (!forgotten[age] || must_stay(slot + kHash));
    };
    for (Part& part : parts_) {
      const HugePageVector<uint8_t> before = std::move(part.bytes);
      size_t kept = 0;
      for (size_t at = 0; at < before.size(); at += kSlot) {
        kept += stays(before.data() + at) ? 1 : 0;
      }
      // What it may have no more is given back.
      part.slots = std::min<size_t>(part.slots, 2 * kept + kLeastSlots);
      if (kept < most_slots_ * kGrow / kOf) part.slots = std::min<size_t>(part.slots, most_slots_);
      part.bytes.assign(part.slots * kSlot, 0);
      part.used = 0;
      for (size_t at = 0; at < before.size(); at += kSlot) {
        const uint8_t* const slot = before.data() + at;
        if (stays(slot)) {
          part.Insert(slot);
        } else if (AgeOf(slot) != kEmpty) {
          --count_[AgeOf(slot)];
          --used_;
        }
      }
    }
  }

  // Calls `visit` with each key, in no particular order.
  template <typename Visit>
  void VisitKeys(Visit visit) const {
    for (const Part& part : parts_) {
      for (size_t i = 0; i < part.slots; ++i) {
        const uint8_t* slot = part.bytes.data() + i * kSlot;
        if (AgeOf(slot) != kEmpty) visit(LoadHash(slot));
      }
    }
  }

 private:
  static constexpr size_t kHash = 12;  // 28 bits and the age, then 64 bits
  static constexpr size_t kSlot = kHash + kBytes;
  static constexpr size_t kParts = 16;
  static constexpr size_t kLeastSlots = 16;
  // A part grows when so much of it is in use, and the table is full when so much of all is that it
  // may have. A part has some more than its share, by chance.
  static constexpr size_t kGrow = 26;
  static constexpr size_t kFull = 25;
  static constexpr size_t kOf = 32;

  // Numbered round: the one after the newest is the oldest.
  using Age = uint32_t;
  static constexpr Age kEmpty = 0;
  static constexpr Age kAges = 15;
  // How many there are of a full table of which nothing was taken out.
  static constexpr uint64_t kAgesWanted = 12;
  static Age Next(Age age) { return age % kAges + 1; }

  static void StoreHash(const KeyHash& key, Age age, uint8_t* slot) {
    const uint32_t head = key.b << 4 | age;
    std::memcpy(slot, &head, sizeof(head));
    std::memcpy(slot + sizeof(head), &key.a, sizeof(key.a));
  }
  static KeyHash LoadHash(const uint8_t* slot) {
    uint32_t head = 0;
    KeyHash key;
    std::memcpy(&head, slot, sizeof(head));
    std::memcpy(&key.a, slot + sizeof(head), sizeof(key.a));
    key.b = head >> 4;
    return key;
  }
  static Age AgeOf(const uint8_t* slot) { return slot[0] & 15u; }
  static void SetAge(uint8_t* slot, Age age) {
    slot[0] = static_cast<uint8_t>((slot[0] & ~15u) | age);
  }

  struct Part {
    uint8_t* Slot(size_t i) { return bytes.data() + i * kSlot; }

    // Where a key belongs: in the order of the keys, so that growing goes from front to back.
    size_t Home(const KeyHash& key) const {
      __extension__ using Uint128 = unsigned __int128;
      return static_cast<size_t>(Uint128{key.a} * slots >> 64);
    }
    size_t After(size_t i) const { return i + 1 == slots ? 0 : i + 1; }

    std::optional<size_t> Find(const KeyHash& key) {
      if (used == 0) return std::nullopt;
      for (size_t i = Home(key);; i = After(i)) {
        const uint8_t* slot = Slot(i);
        if (AgeOf(slot) == kEmpty) return std::nullopt;
        if (LoadHash(slot) == key) return i;
      }
    }
    // Requires room, and that the key is not there.
    void Insert(const uint8_t* from) {
      size_t i = Home(LoadHash(from));
      while (AgeOf(Slot(i)) != kEmpty) i = After(i);
      std::memcpy(Slot(i), from, kSlot);
      ++used;
    }
    void Erase(size_t hole) {
      // Whatever stands behind and belongs at the hole or before it moves up.
      for (size_t i = After(hole); AgeOf(Slot(i)) != kEmpty; i = After(i)) {
        const size_t home = Home(LoadHash(Slot(i)));
        const bool stays = hole <= i ? hole < home && home <= i : hole < home || home <= i;
        if (stays) continue;
        std::memcpy(Slot(hole), Slot(i), kSlot);
        hole = i;
      }
      SetAge(Slot(hole), kEmpty);
      --used;
    }
    // By a quarter, up to `most`. Beyond that, where it stays till the next Trim() only, by less.
    void Grow(size_t most) {
      const HugePageVector<uint8_t> before = std::move(bytes);
      const size_t more = std::max<size_t>(kLeastSlots, slots + slots / 4);
      slots = slots < most ? std::min(more, most) : slots + slots / 16 + 1;
      bytes.assign(slots * kSlot, 0);
      used = 0;
      for (size_t at = 0; at < before.size(); at += kSlot) {
        if (AgeOf(before.data() + at) != kEmpty) Insert(before.data() + at);
      }
    }

    HugePageVector<uint8_t> bytes;
    size_t slots = 0;
    size_t used = 0;
  };

  Part& PartOf(const KeyHash& key) { return parts_[key.b % kParts]; }
  void Renew(uint8_t* slot) {
    const Age age = AgeOf(slot);
    if (age == newest_) return;
    --count_[age];
    ++count_[newest_];
    SetAge(slot, newest_);
  }

  // What is put in from now on is newer than all before, if an age is free for it. There is none
  // where there are more entries than there may be in the end.
  void BeginAge() {
    if (count_[Next(newest_)] > 0) MergeAges();
    if (count_[Next(newest_)] == 0) newest_ = Next(newest_);
    begin_age_at_ = count_[newest_] + most_ / kAgesWanted;
  }
  // Makes one of ages that are neighbours, where they are small: of fifteen or more that are left
  // as they are, seven pairs would be more than the whole table.
  void MergeAges() {
    std::array<Age, kAges + 1> merged = {};
    std::array<uint64_t, kAges + 1> count = {};
    Age into = 0;
    Age age = newest_;
    do {
      age = Next(age);
      if (into == 0 || count[into] + count_[age] > most_ / 7) ++into;
      count[into] += count_[age];
      merged[age] = into;
    } while (age != newest_);
    for (Part& part : parts_) {
      for (size_t i = 0; i < part.slots; ++i) SetAge(part.Slot(i), merged[AgeOf(part.Slot(i))]);
    }
    count_ = count;
    newest_ = into;
  }

  uint64_t most_slots_ = 0;  // of a part
  uint64_t most_ = 0;        // entries of all
  uint64_t used_ = 0;
  std::array<uint64_t, kAges + 1> count_ = {};  // by age
  Age newest_ = 1;
  uint64_t begin_age_at_ = 0;  // a new one, when the newest has so many
  std::array<Part, kParts> parts_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_RECENT_TABLE_H_
