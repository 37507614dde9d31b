#include "lib/ingest/recent_table.h"

#include <array>
#include <cstdint>
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

std::array<uint8_t, 4> KeyOf(uint32_t v) {
  return {static_cast<uint8_t>(v), static_cast<uint8_t>(v >> 8), static_cast<uint8_t>(v >> 16),
          static_cast<uint8_t>(v >> 24)};
}

// What a table must know: of each key its value, and whether it was used since the last Trim().
class PlainTable {
 public:
  std::optional<Table::Value> Find(uint32_t key) {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return std::nullopt;
    it->second.second = true;
    return it->second.first;
  }
  void Put(uint32_t key, const Table::Value& value) { entries_[key] = {value, true}; }
  std::optional<Table::Value> Take(uint32_t key) {
    const auto it = entries_.find(key);
    if (it == entries_.end()) return std::nullopt;
    const Table::Value value = it->second.first;
    entries_.erase(it);
    return value;
  }
  void Trim() {
    std::erase_if(entries_, [](const auto& entry) { return !entry.second.second; });
    for (auto& [key, entry] : entries_) entry.second = false;
  }
  size_t used_since_trim() const {
    size_t count = 0;
    for (const auto& [key, entry] : entries_) count += entry.second ? 1 : 0;
    return count;
  }
  std::set<uint32_t> keys() const {
    std::set<uint32_t> keys;
    for (const auto& [key, entry] : entries_) keys.insert(key);
    return keys;
  }

 private:
  std::map<uint32_t, std::pair<Table::Value, bool>> entries_;
};

TEST(RecentTable, KnowsWhatAPlainOneKnows) {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const KeyHasher hasher;
    const auto hash = [&](uint32_t key) { return hasher.Of(KeyOf(key)); };
    // From so few keys that parts are empty to so many that all of them grow.
    const uint32_t keys = 1u << (2 + seed % 15);
    Table table(1 << 20);
    PlainTable plain;
    for (int i = 0; i < 20'000; ++i) {
      const uint32_t key = random() % keys;
      switch (random() % 4) {
        case 0: {
          const auto want = plain.Find(key);
          const uint8_t* found = table.Find(hash(key));
          ASSERT_EQ(found != nullptr, want.has_value());
          if (want.has_value()) {
            ASSERT_TRUE(std::equal(want->begin(), want->end(), found));
          }
          break;
        }
        case 1:
          ASSERT_EQ(table.Take(hash(key)), plain.Take(key));
          break;
        default:
          table.Put(hash(key), ValueOf(i));
          plain.Put(key, ValueOf(i));
      }
      if (random() % 3000 == 0) {
        table.Trim();
        plain.Trim();
      }
    }
    std::set<std::pair<uint64_t, uint32_t>> want;
    for (const uint32_t key : plain.keys()) want.insert({hash(key).a, hash(key).b});
    std::set<std::pair<uint64_t, uint32_t>> found;
    table.VisitKeys([&](const KeyHash& key) { EXPECT_TRUE(found.insert({key.a, key.b}).second); });
    EXPECT_EQ(found, want);
  }
}

TEST(RecentTable, IsFullByWhatWasUsedSinceTheLastTrim) {
  const KeyHasher hasher;
  Table table(60'000);  // some 4000 slots of 15 bytes
  PlainTable plain;
  uint32_t key = 0;
  for (int round = 0; round < 5; ++round) {
    while (!table.Full()) {
      table.Put(hasher.Of(KeyOf(key)), ValueOf(key));
      plain.Put(key, ValueOf(key));
      ++key;
    }
    EXPECT_GT(plain.used_since_trim(), 1000u);
    EXPECT_LT(plain.used_since_trim(), 2000u);
    table.Trim();
    plain.Trim();
    EXPECT_FALSE(table.Full());
  }
  for (uint32_t k = 0; k < key; ++k) {
    EXPECT_EQ(table.Find(hasher.Of(KeyOf(k))) != nullptr, plain.Find(k).has_value()) << k;
  }
}

TEST(RecentTable, GivesBackWhatItMayHaveNoMore) {
  const KeyHasher hasher;
  Table table(1 << 20);
  uint32_t key = 0;
  const auto fill = [&] {
    const uint32_t first = key;
    for (; !table.Full(); ++key) table.Put(hasher.Of(KeyOf(key)), ValueOf(key));
    return first;
  };
  for (int i = 0; i < 3; ++i) {
    fill();
    table.Trim();
  }
  const uint64_t before = table.bytes();
  EXPECT_LE(before, 5u << 18);  // parts have room for a quarter more when they have just grown
  table.SetMost(1 << 18);
  const uint32_t first = fill();
  table.Trim();
  EXPECT_LT(table.bytes(), before / 2);
  for (uint32_t k = first; k < key; ++k) EXPECT_NE(table.Find(hasher.Of(KeyOf(k))), nullptr) << k;
  table.SetMost(1 << 20);
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
  table.Trim();
  EXPECT_EQ(table.Find(hasher.Of(KeyOf(97))), nullptr);
  EXPECT_NE(table.Find(hasher.Of(KeyOf(98))), nullptr);
}

TEST(KeyHasher, TellsKeysApart) {
  const KeyHasher hasher;
  std::set<std::pair<uint64_t, uint32_t>> seen;
  // All of two bytes and, of zeros, every length.
  for (uint32_t v = 0; v < 1 << 16; ++v) {
    const KeyHash hash = hasher.Of(ByteSpan(KeyOf(v)).first(2));
    EXPECT_LT(hash.b, 1u << 30);
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
