#ifndef SPOOR_LIB_BITCOIN_CURSOR_H_
#define SPOOR_LIB_BITCOIN_CURSOR_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "spoor/base/bytes.h"

namespace spoor::bitcoin {

// ByteReader for the hot path: what fails is remembered, not returned, so that a field costs a
// comparison and a load. After a failure every read gives zero or nothing; look at ok() once a
// field's value would be acted on, and at the end.
class Cursor {
 public:
  // `base` is where `input` stands in what the caller reads, for messages.
  explicit Cursor(ByteSpan input, size_t base = 0)
      : begin_(input.data()), at_(begin_), end_(begin_ + input.size()), base_(base) {}

  bool ok() const { return problem_.empty(); }
  absl::Status status() const { return ok() ? absl::OkStatus() : absl::DataLossError(problem_); }
  size_t offset() const { return static_cast<size_t>(at_ - begin_); }
  size_t remaining() const { return static_cast<size_t>(end_ - at_); }
  ByteSpan Since(size_t begin) const { return ByteSpan(begin_ + begin, offset() - begin); }

  // NOLINTNEXTLINE(clang-analyzer-core.NullDereference): of no bytes, Have(1) is false
  uint8_t U8() { return Have(1) ? *at_++ : uint8_t{0}; }
  uint16_t Le16() {
    const uint8_t* p = Take(2);
    return p == nullptr ? uint16_t{0} : LoadLe16(p);
  }
  uint32_t Le32() {
    const uint8_t* p = Take(4);
    return p == nullptr ? 0 : LoadLe32(p);
  }
  uint64_t Le64() {
    const uint8_t* p = Take(8);
    return p == nullptr ? 0 : LoadLe64(p);
  }
  ByteSpan Take(size_t n, ByteSpan otherwise) {
    const uint8_t* p = Take(n);
    return p == nullptr ? otherwise : ByteSpan(p, n);
  }

  // As ByteReader::ReadCount() and ReadSizedBytes().
  size_t Count(size_t least_size) {
    const size_t at = offset();
    const uint64_t n = CompactSize();
    if (n <= remaining() / least_size) return static_cast<size_t>(n);
    Fail(at, absl::StrCat("a count of ", n, " needs at least ", least_size, " bytes each, ",
                          remaining(), " remain"));
    return 0;
  }
  ByteSpan SizedBytes() { return Take(Count(1), {}); }

  // Fails at the current place, or at an earlier offset().
  void Fail(absl::string_view problem) { Fail(offset(), problem); }
  [[gnu::cold, gnu::noinline]] void Fail(size_t at, absl::string_view problem) {
    if (!ok()) return;
    problem_ = absl::StrCat("offset ", base_ + at, ": ", problem);
    at_ = end_;
  }

 private:
  bool Have(size_t n) {
    if (n <= remaining()) return true;
    FailShort(n);
    return false;
  }
  [[gnu::cold, gnu::noinline]] void FailShort(size_t n) {
    Fail(offset(), absl::StrCat("need ", n, " bytes, ", remaining(), " remain"));
  }
  const uint8_t* Take(size_t n) {
    if (!Have(n)) return nullptr;
    const uint8_t* p = at_;
    at_ += n;
    return p;
  }
  uint64_t CompactSize() {
    const size_t at = offset();
    const uint8_t first = U8();
    if (first < 253) return first;
    const uint64_t v = first == 253 ? Le16() : first == 254 ? Le32() : Le64();
    const uint64_t least = first == 253 ? 253 : first == 254 ? 0x10000 : 0x100000000;
    if (v < least) {
      Fail(at, absl::StrCat("compact size ", v, " is not in its shortest form"));
      return 0;
    }
    return v;
  }

  const uint8_t* begin_;
  const uint8_t* at_;
  const uint8_t* end_;
  size_t base_;
  std::string problem_;  // empty while all is well
};

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_CURSOR_H_
