#ifndef SPOOR_BASE_HUGE_PAGES_H_
#define SPOOR_BASE_HUGE_PAGES_H_

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <utility>
#include <vector>

namespace spoor {

inline constexpr size_t kHugePage = size_t{2} << 20;

// For vectors that may become large. From a quarter of a megabyte on they have memory of their own
// from the system, which gets it back whole when they have grown out of it: of a heap, what many
// growing vectors leave behind would be too small for any of them. And huge pages (2 MiB) are asked
// for where they are filled: a table that is read all over costs the processor a second look into
// memory otherwise, for where the page is. Systems that do not have them, or are told not to give
// them, give others.
template <typename T>
struct HugePageAllocator {
  using value_type = T;

  HugePageAllocator() = default;
  template <typename U>
  explicit HugePageAllocator(const HugePageAllocator<U>&) {}

  T* allocate(size_t n) {
    if (!IsLarge(n)) return std::allocator<T>().allocate(n);
    // A page more than is wanted, for what lies before the first whole one.
    const size_t size = SizeOf(n);
    void* const got = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS, /*fd=*/-1, /*offset=*/0);
    if (got == MAP_FAILED) throw std::bad_alloc();
    char* const begin = static_cast<char*>(got);
    const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(begin) % kHugePage) % kHugePage;
    if (before > 0) munmap(begin, before);
    munmap(begin + before + size, kHugePage - before);
#ifdef MADV_HUGEPAGE
    // The pages that are wanted whole; of the last one only what is used is taken. Advice that
    // cannot be followed does no harm.
    const size_t whole = n * sizeof(T) / kHugePage * kHugePage;
    static_cast<void>(madvise(begin + before, whole, MADV_HUGEPAGE));
#endif
    return reinterpret_cast<T*>(begin + before);
  }
  // With braces, so that members are an aggregate's, and none is narrowed.
  template <typename U, typename... Members>
  void construct(U* p, Members&&... members) {
    ::new (static_cast<void*>(p)) U{std::forward<Members>(members)...};
  }
  void deallocate(T* p, size_t n) {
    if (!IsLarge(n)) return std::allocator<T>().deallocate(p, n);
    munmap(p, SizeOf(n));
  }

  friend bool operator==(const HugePageAllocator&, const HugePageAllocator&) { return true; }

 private:
  static bool IsLarge(size_t n) { return n * sizeof(T) >= kHugePage / 8; }
  static size_t SizeOf(size_t n) { return (n * sizeof(T) + kHugePage - 1) / kHugePage * kHugePage; }
};

template <typename T>
using HugePageVector = std::vector<T, HugePageAllocator<T>>;

}  // namespace spoor

#endif  // SPOOR_BASE_HUGE_PAGES_H_
