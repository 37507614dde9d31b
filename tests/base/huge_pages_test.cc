#include "spoor/base/huge_pages.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "gtest/gtest.h"

namespace spoor {
namespace {

TEST(HugePages, AreMemoryLikeAnyOther) {
  for (const size_t size :
       {size_t{1}, kHugePage / 8, kHugePage - 1, kHugePage, 2 * kHugePage + 5}) {
    SCOPED_TRACE(size);
    HugePageVector<uint8_t> bytes(size, 7);
    if (size >= kHugePage / 8) {
      EXPECT_EQ(reinterpret_cast<uintptr_t>(bytes.data()) % kHugePage, 0u);
    }
    bytes.back() = 9;
    HugePageVector<uint8_t> copy = bytes;
    copy.push_back(1);
    bytes = {};
    EXPECT_EQ(copy.size(), size + 1);
    EXPECT_EQ(copy[size - 1], 9);
    EXPECT_EQ(std::count(copy.begin(), copy.end(), 7), static_cast<std::ptrdiff_t>(size) - 1);
  }
}

}  // namespace
}  // namespace spoor
