#include "lib/ingest/recent_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "lib/ingest/key_filter.h"
#include "lib/ingest/keyed_hash.h"
#include "spoor/base/bytes.h"

namespace spoor {
namespace {

using Table = RecentTable<3>;

Table::Value ValueOf(uint32_t v) {
  return {static_cast<uint8_t>(v), static_cast<uint8_t>(v >> 8), static_cast<uint8_t>(v >> 16)};
}

// As irregular as the hashes that real keys are, each of another number. The hasher spreads such
// keys as by chance, whatever its own keys; numbers in a row mostly better, but by some of its keys
// far worse.
std::array<uint8_t, 8> KeyOf(uint32_t v) {
  uint64_t x = v + 1;
  for (int i = 0; i < 2; ++i) {
    x *= 0x9e3779b97f4a7c15u;  // odd, so that no two come to be one
    x ^= x >> 32;
  }
  std::array<uint8_t, 8> key;
  std::memcpy(key.data(), &x, key.size());
  return key;
}

// What a table must know of each key, as long as it has not been trimmed: its value, and which of
// all uses of keys was its last one.
class PlainTable {
 public:
  struct Entry {
    Table::Value value;
    uint64_t used = 0;
  };

  std::optional<Table::Value> Find(uint32_t key) {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return std::nullopt;
    it->second.used = ++uses_;
    return it->second.value;
  }
  void Put(uint32_t key, const Table::Value& value) { entries_[key] = {value, ++uses_}; }
  std::optional<Table::Value> Take(uint32_t key) {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return std::nullopt;
    const Table::Value value = it->second.value;
    entries_.erase(it);
    return value;
  }
  std::map<uint32_t, Entry>& entries() { return entries_; }
  // When the last used ones, so many, were last used, the first of them.
  uint64_t UsedSince(size_t last) const {
    std::vector<uint64_t> used;
    for (const auto& [key, entry] : entries_) used.push_back(entry.used);
    std::sort(used.begin(), used.end());
    return used[used.size() - last];
  }

 private:
  std::map<uint32_t, Entry> entries_;
  uint64_t uses_ = 0;
};

bool MustStay(const uint8_t* value) { return value[0] % 16 == 3; }
bool NoneMustStay(const uint8_t*) { return false; }

TEST(RecentTable, KnowsWhatAPlainOneKnowsAndForgetsWhatWasNotUsedForLongest) {
  int trims = 0;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const KeyHasher hasher;
    const auto hash = [&](uint32_t key) { return hasher.Of(KeyOf(key)); };
    // From so few keys that parts are empty to so many that the table is full again and again.
    const uint32_t keys = 1u << (2 + seed % 15);
    constexpr size_t kMost = 1 << 12;
    Table table(kMost * 15 * 32 / 25);
    PlainTable plain;
    for (int i = 0; i < 50'000; ++i) {
      const uint32_t key = random() % keys;
      switch (random() % 8) {
        case 0:
        case 1:
        case 2: {
          const auto want = plain.Find(key);
          const uint8_t* found = table.Find(hash(key));
          ASSERT_EQ(found != nullptr, want.has_value());
          if (want.has_value()) {
            ASSERT_TRUE(std::equal(want->begin(), want->end(), found));
          }
          break;
        }
        case 3:
          ASSERT_EQ(table.Take(hash(key)), plain.Take(key));
          break;
        default:
          table.Put(hash(key), ValueOf(i));
          plain.Put(key, ValueOf(i));
      }
      if (!table.Full()) {
        ASSERT_LT(plain.entries().size(), kMost);
        continue;
      }
      ASSERT_GT(plain.entries().size(), kMost - kMost / 64);
      const bool some_stay = ++trims % 2 == 0;
      table.Trim(some_stay ? MustStay : NoneMustStay);
      std::set<std::pair<uint64_t, uint32_t>> left;
      table.VisitKeys([&](const KeyHash& k) { ASSERT_TRUE(left.insert({k.a, k.b}).second); });
      const uint64_t used_lately = plain.UsedSince(kMost / 2);
      size_t forgotten = 0;
      std::erase_if(plain.entries(), [&](const auto& known) {
        const KeyHash k = hash(known.first);
        if (left.erase({k.a, k.b}) > 0) return false;
        EXPECT_FALSE(some_stay && MustStay(known.second.value.data()));
        EXPECT_LT(known.second.used, used_lately);
        ++forgotten;
        return true;
      });
      EXPECT_TRUE(left.empty());
      EXPECT_GT(forgotten, kMost / 16);
      EXPECT_LT(forgotten, kMost / 3);
    }
    std::set<std::pair<uint64_t, uint32_t>> want;
    for (const auto& [key, entry] : plain.entries()) want.insert({hash(key).a, hash(key).b});
    std::set<std::pair<uint64_t, uint32_t>> found;
    table.VisitKeys([&](const KeyHash& key) { EXPECT_TRUE(found.insert({key.a, key.b}).second); });
    EXPECT_EQ(found, want);
  }
  EXPECT_GT(trims, 20);
}

TEST(RecentTable, StaysFullWhereAllMustStay) {
  const KeyHasher hasher;
  Table table(60'000);
  uint32_t key = 0;
  for (; !table.Full(); ++key) table.Put(hasher.Of(KeyOf(key)), ValueOf(key));
  table.Trim([](const uint8_t*) { return true; });
  EXPECT_TRUE(table.Full());
  // More than it may have, until it is trimmed.
  for (; key < 20'000; ++key) table.Put(hasher.Of(KeyOf(key)), ValueOf(key));
  for (uint32_t k = 0; k < key; ++k) EXPECT_NE(table.Find(hasher.Of(KeyOf(k))), nullptr) << k;
  table.Trim(NoneMustStay);
  EXPECT_FALSE(table.Full());
}

TEST(RecentTable, GivesBackWhatItMayHaveNoMore) {
  const KeyHasher hasher;
  // So much that no part has a 25th more than its share by chance: that is nine times what is
  // usual.
  constexpr uint64_t kBytes = 1 << 24;
  Table table(kBytes);
  uint32_t key = 0;
  const auto fill = [&] {
    for (; !table.Full(); ++key) table.Put(hasher.Of(KeyOf(key)), ValueOf(key));
  };
  for (int i = 0; i < 3; ++i) {
    fill();
    EXPECT_LE(table.bytes(), kBytes);
    EXPECT_GT(table.bytes(), kBytes / 16 * 15);
    table.Trim(NoneMustStay);
  }
  fill();
  table.SetMost(kBytes / 4);
  EXPECT_TRUE(table.Full());
  table.Trim(NoneMustStay);
  EXPECT_LE(table.bytes(), kBytes / 4);
  const uint32_t lately = key - static_cast<uint32_t>(kBytes / 4 / 15 / 3);
  for (uint32_t k = lately; k < key; ++k) EXPECT_NE(table.Find(hasher.Of(KeyOf(k))), nullptr) << k;
  table.SetMost(kBytes);
  EXPECT_FALSE(table.Full());
}

// From 2 MiB on a part has memory of its own from the system.
TEST(RecentTable, KnowsAllInPartsOfManyPages) {
  const KeyHasher hasher;
  Table table(uint64_t{1} << 30);
  constexpr uint32_t kKeys = 3'000'000;
  for (uint32_t key = 0; key < kKeys; ++key) table.Put(hasher.Of(KeyOf(key)), ValueOf(key));
  ASSERT_GE(table.bytes(), uint64_t{16} * 2 << 20);
  for (uint32_t key = 0; key < kKeys; key += 97) {
    const auto value = table.Take(hasher.Of(KeyOf(key)));
    ASSERT_TRUE(value.has_value()) << key;
    ASSERT_EQ(*value, ValueOf(key));
  }
  EXPECT_EQ(table.Find(hasher.Of(KeyOf(97))), nullptr);
  EXPECT_NE(table.Find(hasher.Of(KeyOf(98))), nullptr);
}

TEST(KeyHasher, TellsKeysApart) {
  const KeyHasher hasher;
  std::set<std::pair<uint64_t, uint32_t>> seen;
  // All of two bytes and, of zeros, every length.
  for (uint32_t v = 0; v < 1 << 16; ++v) {
    const std::array<uint8_t, 2> key = {static_cast<uint8_t>(v), static_cast<uint8_t>(v >> 8)};
    const KeyHash hash = hasher.Of(key);
    EXPECT_LT(hash.b, 1u << 28);
    EXPECT_TRUE(seen.insert({hash.a, hash.b}).second);
  }
  const Bytes zeros(KeyHasher::kMostBytes, 0);
  for (size_t size = 0; size <= zeros.size(); ++size) {
    const KeyHash hash = hasher.Of(ByteSpan(zeros).first(size));
    EXPECT_EQ(seen.insert({hash.a, hash.b}).second, size != 2);
  }
}

TEST(KeyHasher, HasKeysOfItsOwn) { EXPECT_NE(KeyHasher().Of(KeyOf(1)), KeyHasher().Of(KeyOf(1))); }

TEST(KeyFilter, NeverMissesAKeyAndSeldomTakesAnother) {
  const KeyHasher hasher;
  constexpr uint32_t kKeys = 20'000;
  KeyFilter filter(kKeys * 10 / 8);
  for (uint32_t key = 0; key < kKeys; ++key) filter.Add(hasher.Of(KeyOf(key)));
  uint32_t taken = 0;
  for (uint32_t key = 0; key < 10 * kKeys; ++key) {
    const bool may_have = filter.MayHave(hasher.Of(KeyOf(key)));
    if (key < kKeys) {
      EXPECT_TRUE(may_have) << key;
    } else {
      taken += may_have ? 1 : 0;
    }
  }
  EXPECT_LT(taken, 9 * kKeys / 25);
  EXPECT_GT(taken, 0u);
}

}  // namespace
}  // namespace spoor
