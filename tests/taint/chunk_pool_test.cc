#include "lib/taint/chunk_pool.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <list>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace spoor {
namespace {

using Chunk = ChunkPool::Chunk;

// A list of chunks filled with one number, to be seen whole as long as it is not returned.
struct List {
  Chunk* first = nullptr;
  uint8_t number = 0;

  bool IsWhole() const {
    for (Chunk* chunk = first; chunk != nullptr; chunk = chunk->next) {
      if (std::any_of(chunk->bytes(), chunk->bytes() + chunk->room,
                      [&](std::byte byte) { return byte != std::byte{number}; })) {
        return false;
      }
    }
    return true;
  }
};

TEST(ChunkPoolTest, NoTwoHaveTheSameMemory) {
  std::mt19937 random(1);
  ChunkPool pool;
  std::list<List> lists;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0 || lists.empty()) {
      List& list = lists.emplace_back(List{nullptr, static_cast<uint8_t>(random())});
      for (uint32_t i = 1 + random() % 4; i > 0; --i) {
        const size_t room = random() % (size_t{1} << random() % 18);
        Chunk* const chunk = pool.Get(room);
        EXPECT_GE(chunk->room, room);
        EXPECT_EQ(chunk->used, 0U);
        EXPECT_EQ(chunk->next, nullptr);
        std::fill_n(chunk->bytes(), chunk->room, std::byte{list.number});
        chunk->used = chunk->room;
        chunk->next = list.first;
        list.first = chunk;
      }
    } else {
      const auto it = std::next(lists.begin(), static_cast<int>(random() % lists.size()));
      ASSERT_TRUE(it->IsWhole());
      pool.Return(it->first);
      lists.erase(it);
    }
  }
  for (const List& list : lists) {
    EXPECT_TRUE(list.IsWhole());
    pool.Return(list.first);
  }
}

TEST(ChunkPoolTest, GivesOutAgainWhatIsReturned) {
  ChunkPool pool;
  EXPECT_EQ(pool.memory(), 0U);
  std::vector<Chunk*> chunks;
  for (int i = 0; i < 10'000; ++i) chunks.push_back(pool.Get(1'000));
  const uint64_t memory = pool.memory();
  EXPECT_GE(memory, 10'000U * 1'000U);
  for (Chunk* chunk : chunks) pool.Return(chunk);
  // For less, too.
  for (int i = 0; i < 10'000; ++i) EXPECT_NE(pool.Get(i % 2 == 0 ? 1'000 : 100), nullptr);
  EXPECT_EQ(pool.memory(), memory);
}

TEST(ChunkPoolTest, LargeOnesAreGivenBackToTheSystem) {
  ChunkPool pool;
  Chunk* const chunk = pool.Get(size_t{100} << 20);
  EXPECT_GE(chunk->room, size_t{100} << 20);
  EXPECT_GE(pool.memory(), uint64_t{100} << 20);
  pool.Return(chunk);
  EXPECT_EQ(pool.memory(), 0U);
}

}  // namespace
}  // namespace spoor
