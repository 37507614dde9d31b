#include "lib/taint/window_table.h"

#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace spoor {
namespace {

using Table = WindowTable<std::vector<int>>;

// What a map knows, after each of many steps.
TEST(WindowTableTest, KnowsWhatAMapKnows) {
  std::mt19937 random(1);
  for (const uint64_t windows : {1, 64, 65, 1'000}) {
    Table table;
    std::map<uint64_t, std::vector<int>> map;
    for (int step = 0; step < 4'000; ++step) {
      const uint64_t number = random() % windows;
      // It fills, and then empties.
      if (random() % 4'000 > static_cast<uint32_t>(step)) {
        table.At(number).push_back(step);
        map[number].push_back(step);
      } else if (const auto first = map.lower_bound(number); first != map.end()) {
        ASSERT_EQ(table.Take(first->first), first->second);
        map.erase(first);
      }
      const uint64_t from = random() % (windows + 100);
      const auto after = map.lower_bound(from);
      ASSERT_EQ(table.FirstFrom(from),
                after == map.end() ? std::nullopt : std::optional(after->first));
      ASSERT_EQ(table.LastBefore(from),
                after == map.begin() ? std::nullopt : std::optional(std::prev(after)->first));
      const auto here = map.find(number);
      const std::vector<int>* const found = table.Find(number);
      ASSERT_EQ(found != nullptr, here != map.end());
      if (found != nullptr) {
        ASSERT_EQ(*found, here->second);
      }
      ASSERT_EQ(table.empty(), map.empty());
    }
  }
}

TEST(WindowTableTest, TakesLittleWhereNothingWaits) {
  Table table;
  EXPECT_EQ(table.FirstFrom(0), std::nullopt);
  EXPECT_EQ(table.LastBefore(100), std::nullopt);
  constexpr uint64_t kFar = 1'000'000;
  table.At(kFar).push_back(1);
  const uint64_t one = table.memory();
  EXPECT_LT(one, kFar);
  for (uint64_t number = 0; number < kFar; number += 100) table.At(number).push_back(1);
  EXPECT_GT(table.memory(), 2 * one);
  for (uint64_t number = 0; number < kFar; number += 100) table.Take(number);
  EXPECT_EQ(table.memory(), one);
}

}  // namespace
}  // namespace spoor
