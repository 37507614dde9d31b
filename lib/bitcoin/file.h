#ifndef SPOOR_LIB_BITCOIN_FILE_H_
#define SPOOR_LIB_BITCOIN_FILE_H_

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "spoor/base/bytes.h"

namespace spoor::bitcoin {

// What xor.dat holds: byte i of a file was combined with byte i mod 8 of it. All zero: not at all.
using XorKey = std::array<uint8_t, 8>;

// Combines `bytes`, which stand at `offset` of their file, with the key. Its own inverse.
void ApplyXor(const XorKey& key, uint64_t offset, absl::Span<uint8_t> bytes);

// A file open for reading, its obfuscation undone. Its size is fixed when it is opened.
class XorFile {
 public:
  static absl::StatusOr<std::unique_ptr<XorFile>> Open(const std::string& path, const XorKey& key);
  ~XorFile();
  XorFile(const XorFile&) = delete;
  XorFile& operator=(const XorFile&) = delete;

  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }
  // Fills `out` with the bytes from `offset` on. DATA_LOSS if the file ends before.
  absl::Status Read(uint64_t offset, absl::Span<uint8_t> out) const;
  // Whether a byte read at `offset` as `plain` is zero on disk, as it is in space that was
  // allocated and never written, or zero as it was meant.
  bool IsPadding(uint64_t offset, uint8_t plain) const {
    return plain == 0 || plain == key_[offset % key_.size()];
  }

 private:
  XorFile(std::string path, int fd, uint64_t size, const XorKey& key)
      : path_(std::move(path)), fd_(fd), size_(size), key_(key) {}

  std::string path_;
  int fd_;
  uint64_t size_;
  XorKey key_;
};

// A look into a file through a bounded buffer, in ascending order. It reads ahead far where the
// looks are near to each other (small blocks, damage), and little where they are far apart, so that
// the headers of large blocks are read without the blocks.
class FileWindow {
 public:
  static constexpr size_t kMaxPeek = 256 << 10;

  // Does not own `file`.
  explicit FileWindow(const XorFile* file) : file_(file) {}

  // `n` bytes from `offset`, or as many as there are, good until the next call. Requires
  // n <= kMaxPeek.
  absl::StatusOr<ByteSpan> Peek(uint64_t offset, size_t n);

 private:
  static constexpr size_t kMinRead = 4 << 10;

  const XorFile* file_;
  Bytes buffer_;
  uint64_t begin_ = 0;  // of the buffer, in the file
  size_t read_ahead_ = kMinRead;
};

// The files in use lately, so that blocks read out of order do not open a file each.
class FilePool {
 public:
  explicit FilePool(const XorKey& key) : key_(key) {}
  // The open file at `path`, good until the next call.
  absl::StatusOr<const XorFile*> Get(const std::string& path);

 private:
  static constexpr size_t kMaxOpen = 32;

  XorKey key_;
  std::deque<std::unique_ptr<XorFile>> open_;  // oldest first
};

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_FILE_H_
