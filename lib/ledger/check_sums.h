#ifndef SPOOR_LIB_LEDGER_CHECK_SUMS_H_
#define SPOOR_LIB_LEDGER_CHECK_SUMS_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "absl/strings/string_view.h"

namespace spoor {

// 128 bits that stand for a row.
struct RowHash {
  uint64_t a = 0;
  uint64_t b = 0;
};

// Hashes rows under a key that nobody knew when they were made, so that none can be made whose
// hashes cancel out.
class RowHasher {
 public:
  RowHasher(uint64_t key_a, uint64_t key_b) : key_{key_a, key_b} {}

  RowHash Of(std::initializer_list<uint64_t> words) const {
    RowHash h = key_;
    for (const uint64_t word : words) Absorb(word, &h);
    return h;
  }
  RowHash Of(uint64_t number, absl::string_view bytes) const {
    RowHash h = key_;
    Absorb(number, &h);
    Absorb(bytes.size(), &h);
    while (!bytes.empty()) {
      uint64_t word = 0;
      const absl::string_view head = bytes.substr(0, 8);
      for (const char c : head) word = word << 8 | static_cast<uint8_t>(c);
      Absorb(word, &h);
      bytes.remove_prefix(head.size());
    }
    return h;
  }

 private:
  // The finaliser of splitmix64: every bit of what goes in moves half of those that come out.
  static uint64_t Mix(uint64_t v) {
    v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9;
    v = (v ^ v >> 27) * 0x94d049bb133111eb;
    return v ^ v >> 31;
  }
  void Absorb(uint64_t word, RowHash* h) const {
    h->a = Mix((h->a + key_.b) ^ word);
    h->b = Mix(h->b ^ key_.a ^ (std::rotl(word, 32) * 0x9e3779b97f4a7c15));
  }

  RowHash key_;
};

// For each range of numbers the sum of the hashes of rows that one table implies less that of the
// rows that another has. Zero where they agree, in whatever order they came.
class RowSums {
 public:
  // For the numbers below `end`, at least. Requires end > 0.
  explicit RowSums(uint64_t end) : width_((end - 1) / kRanges + 1), sums_(kRanges) {}

  void Add(uint64_t number, const RowHash& row) {
    RowHash& sum = sums_[number / width_];
    sum.a += row.a;
    sum.b += row.b;
  }
  void Subtract(uint64_t number, const RowHash& row) {
    RowHash& sum = sums_[number / width_];
    sum.a -= row.a;
    sum.b -= row.b;
  }

  // For rows that cannot all be read: no range differs.
  void Forget() { sums_.assign(kRanges, {}); }

  uint64_t width() const { return width_; }
  size_t RangeOf(uint64_t number) const { return number / width_; }
  // The ranges where they differ, ascending.
  std::vector<size_t> Differing() const {
    std::vector<size_t> ranges;
    for (size_t i = 0; i < kRanges; ++i) {
      if (sums_[i].a != 0 || sums_[i].b != 0) ranges.push_back(i);
    }
    return ranges;
  }

  static constexpr uint64_t kRanges = 1 << 16;

 private:
  uint64_t width_;
  std::vector<RowHash> sums_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_CHECK_SUMS_H_
