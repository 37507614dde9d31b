#ifndef SPOOR_BASE_BYTES_H_
#define SPOOR_BASE_BYTES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace spoor {

using Bytes = std::vector<uint8_t>;
// A view of bytes that somebody else owns.
using ByteSpan = absl::Span<const uint8_t>;

inline ByteSpan AsBytes(absl::string_view s) {
  return ByteSpan(reinterpret_cast<const uint8_t*>(s.data()), s.size());
}
inline absl::string_view AsChars(ByteSpan b) {
  return absl::string_view(reinterpret_cast<const char*>(b.data()), b.size());
}

// Lower-case hexadecimal, two digits a byte, in memory order.
std::string ToHex(ByteSpan bytes);
// INVALID_ARGUMENT unless `hex` is an even number of hexadecimal digits of either case.
absl::StatusOr<Bytes> FromHex(absl::string_view hex);

inline uint16_t LoadLe16(const uint8_t* p) { return static_cast<uint16_t>(p[0] | p[1] << 8); }
inline uint32_t LoadLe32(const uint8_t* p) {
  return uint32_t{p[0]} | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24;
}
inline uint64_t LoadLe64(const uint8_t* p) {
  return uint64_t{LoadLe32(p)} | uint64_t{LoadLe32(p + 4)} << 32;
}

// Takes a byte string apart from the front. Every read checks what is left: DATA_LOSS, naming the
// offset, when there is too little. After an error the reader's place is unspecified. What it
// returns as ByteSpan points into the input.
class ByteReader {
 public:
  explicit ByteReader(ByteSpan input) : input_(input) {}

  size_t offset() const { return offset_; }
  size_t remaining() const { return input_.size() - offset_; }
  bool empty() const { return remaining() == 0; }
  // The input from `begin` to the current place. `begin` is an earlier offset().
  ByteSpan Since(size_t begin) const { return input_.subspan(begin, offset_ - begin); }

  absl::StatusOr<uint8_t> ReadU8();
  absl::StatusOr<uint16_t> ReadLe16();
  absl::StatusOr<uint32_t> ReadLe32();
  absl::StatusOr<uint64_t> ReadLe64();
  absl::StatusOr<ByteSpan> ReadBytes(size_t n);

  // Bitcoin's CompactSize: 1, 3, 5 or 9 bytes. DATA_LOSS also if a shorter form would have held it.
  absl::StatusOr<uint64_t> ReadCompactSize();
  // A CompactSize that counts things of at least `least_size` bytes each: DATA_LOSS if so many
  // cannot be in what remains, so that memory may be reserved for them.
  absl::StatusOr<size_t> ReadCount(size_t least_size);
  // A CompactSize and as many bytes.
  absl::StatusOr<ByteSpan> ReadSizedBytes();

 private:
  absl::Status Need(size_t n) const;

  ByteSpan input_;
  size_t offset_ = 0;
};

// Appenders, the inverse of ByteReader.
void AppendLe16(uint16_t v, Bytes* out);
void AppendLe32(uint32_t v, Bytes* out);
void AppendLe64(uint64_t v, Bytes* out);
void AppendCompactSize(uint64_t v, Bytes* out);
inline void AppendBytes(ByteSpan b, Bytes* out) { out->insert(out->end(), b.begin(), b.end()); }

}  // namespace spoor

#endif  // SPOOR_BASE_BYTES_H_
