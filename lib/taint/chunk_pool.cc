#include "lib/taint/chunk_pool.h"

#include <algorithm>
#include <limits>

#include "spoor/base/status_macros.h"

namespace spoor {

ChunkPool::~ChunkPool() {
  for (const Slab& slab : slabs_) HugePageAllocator<Chunk>().deallocate(slab.begin, slab.chunks);
}

ChunkPool::Chunk* ChunkPool::Get(size_t room) {
  const int bits = BitsOf(room);
  if (bits > kMostBits) {
    SPOOR_CHECK(room <= std::numeric_limits<uint32_t>::max());
    const size_t size = sizeof(Chunk) + room;
    auto* const chunk = new (::operator new (size, std::align_val_t{alignof(Chunk)})) Chunk;
    chunk->room = static_cast<uint32_t>(room);
    memory_ += size;
    return chunk;
  }
  for (int i = bits; i <= kMostBits; ++i) {
    Chunk* const chunk = free_[i];
    if (chunk == nullptr) continue;
    free_[i] = chunk->next;
    chunk->next = nullptr;
    chunk->used = 0;
    return chunk;
  }
  return Cut((size_t{1} << bits) - sizeof(Chunk));
}

ChunkPool::Chunk* ChunkPool::Cut(size_t room) {
  const size_t chunks = room / sizeof(Chunk) + 1;
  if (slabs_.empty() || slabs_.back().chunks - cut_ < chunks) {
    const size_t last = slabs_.empty() ? kFirstSlab / 2 : slabs_.back().chunks;
    const size_t size = std::max(last < kLastSmallSlab ? 2 * last : kSlab, chunks);
    slabs_.push_back({HugePageAllocator<Chunk>().allocate(size), size});
    cut_ = 0;
    memory_ += size * sizeof(Chunk);
  }
  auto* const chunk = new (slabs_.back().begin + cut_) Chunk;
  chunk->room = static_cast<uint32_t>(room);
  cut_ += chunks;
  return chunk;
}

void ChunkPool::Return(Chunk* first) {
  while (first != nullptr) {
    Chunk* const next = first->next;
    const int bits = BitsOf(first->room);
    if (bits > kMostBits) {
      memory_ -= sizeof(Chunk) + first->room;
      first->~Chunk();
      ::operator delete (first, std::align_val_t{alignof(Chunk)});
    } else {
      first->next = std::exchange(free_[bits], first);
    }
    first = next;
  }
}

}  // namespace spoor
