#ifndef SPOOR_LIB_TAINT_CHUNK_POOL_H_
#define SPOOR_LIB_TAINT_CHUNK_POOL_H_

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>
#include <vector>

#include "spoor/base/huge_pages.h"

namespace spoor {

// Memory in chunks of a few sizes. What is returned is given out again, the last first, while it is
// in the processor's caches and has its pages: to many lists that grow and are soon gone, a heap
// gives memory that has neither, and copies what they have each time they grow.
class ChunkPool {
 public:
  struct alignas(16) Chunk {
    Chunk* next = nullptr;
    uint32_t room = 0;  // bytes
    uint32_t used = 0;

    std::byte* bytes() { return reinterpret_cast<std::byte*>(this + 1); }
  };
  static constexpr size_t kLeastRoom = 256 - sizeof(Chunk);

  ChunkPool() = default;
  // All must have been returned.
  ~ChunkPool();
  ChunkPool(const ChunkPool&) = delete;
  ChunkPool& operator=(const ChunkPool&) = delete;

  // One with room for as much at least; of none that follow.
  Chunk* Get(size_t room);
  // Takes back `first` and all that follow it.
  void Return(Chunk* first);

  // Bytes, given out or not.
  uint64_t memory() const { return memory_; }

 private:
  static constexpr int kLeastBits = 8;
  static constexpr int kMostBits = 14;
  // Chunks are cut from these. The first ones are small, for there may be no need of more.
  struct Slab {
    Chunk* begin = nullptr;
    size_t chunks = 0;  // so many times sizeof(Chunk)
  };
  static constexpr size_t kFirstSlab = (size_t{4} << 10) / sizeof(Chunk);
  static constexpr size_t kLastSmallSlab = (size_t{64} << 10) / sizeof(Chunk);
  static constexpr size_t kSlab = kHugePage / sizeof(Chunk);

  static int BitsOf(size_t room) {
    const int bits = std::bit_width(room + sizeof(Chunk) - 1);
    return bits < kLeastBits ? kLeastBits : bits;
  }
  Chunk* Cut(size_t room);

  std::array<Chunk*, kMostBits + 1> free_ = {};
  std::vector<Slab> slabs_;
  size_t cut_ = 0;  // of the last slab
  uint64_t memory_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_CHUNK_POOL_H_
