#include "spoor/base/sort_by_number.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace spoor {
namespace {

using Pair = std::pair<uint64_t, uint64_t>;

uint64_t First(const Pair& pair) { return pair.first; }

// Few numbers or many, small, large or of any size.
TEST(SortByNumberTest, SortsAsComparingDoes) {
  std::mt19937_64 random(1);
  for (const uint64_t size : {0, 1, 2, 100, 5'000, 100'000}) {
    for (const uint64_t different :
         {uint64_t{1}, uint64_t{10}, uint64_t{100'000}, std::numeric_limits<uint64_t>::max()}) {
      for (const bool any_size : {false, true}) {
        std::vector<Pair> pairs(size);
        for (Pair& pair : pairs) {
          pair = {random() % different >> (any_size ? random() % 64 : 0), random()};
          if (random() % 1'000 == 0) pair.first = std::numeric_limits<uint64_t>::max();
        }
        std::vector<Pair> sorted = pairs;
        std::sort(sorted.begin(), sorted.end());
        SortByNumber(pairs.begin(), pairs.end(), First);
        uint64_t several = 0;
        VisitEqual(pairs.begin(), pairs.end(), First, [&](auto begin, auto end) {
          EXPECT_GT(end - begin, 1);
          several += static_cast<uint64_t>(end - begin);
          std::sort(begin, end);
        });
        EXPECT_EQ(pairs, sorted);
        uint64_t alone = 0;
        for (size_t i = 0; i < sorted.size(); ++i) {
          alone += (i == 0 || First(sorted[i - 1]) != First(sorted[i])) &&
                   (i + 1 == sorted.size() || First(sorted[i + 1]) != First(sorted[i]));
        }
        EXPECT_EQ(several + alone, size);
      }
    }
  }
}

}  // namespace
}  // namespace spoor
