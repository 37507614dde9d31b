#ifndef SPOOR_LIB_TAINT_WINDOW_TABLE_H_
#define SPOOR_LIB_TAINT_WINDOW_TABLE_H_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace spoor {

// What waits for each window of a ledger, by the windows' numbers, which are not large: found in
// two looks, and in their order. What waits nowhere takes little memory. `T` is cheap to move and
// has empty().
template <typename T>
class WindowTable {
 public:
  // What waits for the window `number`, to which something is added at once if it is empty.
  T& At(uint64_t number) {
    const uint64_t page = number / kPage;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page] == nullptr) {
      pages_[page] = std::make_unique<Page>();
      ++made_;
    }
    T& at = pages_[page]->windows[number % kPage];
    if (at.empty()) {
      ++pages_[page]->used;
      ++size_;
    }
    return at;
  }
  // The same, if anything waits for it; else null.
  const T* Find(uint64_t number) const {
    const uint64_t page = number / kPage;
    if (page >= pages_.size() || pages_[page] == nullptr) return nullptr;
    const T& at = pages_[page]->windows[number % kPage];
    return at.empty() ? nullptr : &at;
  }
  // Takes it away. Requires something.
  T Take(uint64_t number) {
    std::unique_ptr<Page>& page = pages_[number / kPage];
    T taken = std::exchange(page->windows[number % kPage], T());
    --size_;
    if (--page->used == 0) {
      page.reset();
      --made_;
    }
    return taken;
  }

  // How many windows something waits for.
  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // The first from `number` on, or the last before it, that something waits for.
  std::optional<uint64_t> FirstFrom(uint64_t number) const;
  std::optional<uint64_t> LastBefore(uint64_t number) const;

  // About how many bytes it takes, without what `T` has outside itself.
  uint64_t memory() const { return pages_.capacity() * sizeof(pages_[0]) + made_ * sizeof(Page); }

 private:
  static constexpr uint64_t kPage = 64;
  struct Page {
    std::array<T, kPage> windows = {};
    size_t used = 0;
  };

  uint64_t end() const { return pages_.size() * kPage; }

  std::vector<std::unique_ptr<Page>> pages_;
  size_t made_ = 0;
  size_t size_ = 0;
};

template <typename T>
std::optional<uint64_t> WindowTable<T>::FirstFrom(uint64_t number) const {
  while (number < end()) {
    const uint64_t page = number / kPage;
    if (pages_[page] == nullptr) {
      number = (page + 1) * kPage;
    } else if (pages_[page]->windows[number % kPage].empty()) {
      ++number;
    } else {
      return number;
    }
  }
  return std::nullopt;
}

template <typename T>
std::optional<uint64_t> WindowTable<T>::LastBefore(uint64_t number) const {
  number = std::min(number, end());
  while (number > 0) {
    const uint64_t page = (number - 1) / kPage;
    if (pages_[page] == nullptr) {
      number = page * kPage;
    } else if (pages_[page]->windows[(number - 1) % kPage].empty()) {
      --number;
    } else {
      return number - 1;
    }
  }
  return std::nullopt;
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_WINDOW_TABLE_H_
