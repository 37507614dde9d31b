#ifndef SPOOR_LIB_ENTITY_HUGE_PAGES_H_
#define SPOOR_LIB_ENTITY_HUGE_PAGES_H_

#include <sys/mman.h>

#include <cstdint>
#include <vector>

namespace spoor {

// Has the system use large pages for the vector's room where it does so when asked. Who reads at
// random in gigabytes waits for the tables of small pages as long as for the bytes themselves.
template <typename T>
void AdviseHugePages(const std::vector<T>& room) {
#ifdef MADV_HUGEPAGE
  constexpr uintptr_t kHugePage = uintptr_t{2} << 20;
  const auto begin = reinterpret_cast<uintptr_t>(room.data());
  const uintptr_t end = begin + room.capacity() * sizeof(T);
  const uintptr_t first = (begin + kHugePage - 1) / kHugePage * kHugePage;
  // Advice: nothing is wrong if it is not taken.
  if (first < end) madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#endif
}

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_HUGE_PAGES_H_
