#ifndef SPOOR_LIB_ENTITY_SHARES_H_
#define SPOOR_LIB_ENTITY_SHARES_H_

#include <algorithm>
#include <cstddef>
#include <future>
#include <thread>
#include <vector>

#include "absl/functional/function_ref.h"

namespace spoor {

// Into how many shares work on `count` things is to be divided, each of `least` at least: no more
// than there are processors.
inline size_t SharesOf(size_t count, size_t least) {
  return std::clamp<size_t>(count / least, 1,
                            std::max<size_t>(std::thread::hardware_concurrency(), 1));
}

// Does the work on things 0 to `count` in so many shares at once, share `i` of them from `begin` to
// `end`. Where the system has no more threads to give, a share waits for its turn.
inline void DoInShares(size_t count, size_t shares,
                       absl::FunctionRef<void(size_t i, size_t begin, size_t end)> work) {
  const auto share = [&](size_t i) { work(i, count * i / shares, count * (i + 1) / shares); };
  std::vector<std::future<void>> others;
  for (size_t i = 1; i < shares; ++i) {
    others.push_back(std::async(std::launch::async | std::launch::deferred, share, i));
  }
  share(0);
  for (std::future<void>& other : others) other.get();
}

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_SHARES_H_
