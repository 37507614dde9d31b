#include "lib/bitcoin/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor::bitcoin {

void ApplyXor(const XorKey& key, uint64_t offset, absl::Span<uint8_t> bytes) {
  if (key == XorKey{}) return;
  XorKey turned;
  for (size_t i = 0; i < turned.size(); ++i) turned[i] = key[(offset + i) % key.size()];
  uint64_t word;
  std::memcpy(&word, turned.data(), sizeof word);
  size_t i = 0;
  for (; i + sizeof word <= bytes.size(); i += sizeof word) {
    uint64_t v;
    std::memcpy(&v, bytes.data() + i, sizeof v);
    v ^= word;
    std::memcpy(bytes.data() + i, &v, sizeof v);
  }
  for (; i < bytes.size(); ++i) bytes[i] ^= turned[i % turned.size()];
}

absl::StatusOr<std::unique_ptr<XorFile>> XorFile::Open(const std::string& path, const XorKey& key) {
  // Without waiting, should it be a pipe.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return absl::ErrnoToStatus(errno, absl::StrCat("opening ", path));
  struct stat info;
  if (fstat(fd, &info) != 0) {
    const int error = errno;
    close(fd);
    return absl::ErrnoToStatus(error, absl::StrCat("asking the size of ", path));
  }
  if (!S_ISREG(info.st_mode)) {
    close(fd);
    return absl::FailedPreconditionError(
        absl::StrCat(path, " is ", S_ISDIR(info.st_mode) ? "a directory" : "a device or a pipe",
                     ", wanted a file"));
  }
  return std::unique_ptr<XorFile>(new XorFile(path, fd, static_cast<uint64_t>(info.st_size), key));
}

XorFile::~XorFile() { close(fd_); }

absl::Status XorFile::Read(uint64_t offset, absl::Span<uint8_t> out) const {
  size_t done = 0;
  while (done < out.size()) {
    const ssize_t n =
        pread(fd_, out.data() + done, out.size() - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return absl::ErrnoToStatus(errno, absl::StrCat("reading ", path_));
    if (n == 0) {
      return absl::DataLossError(absl::StrCat(path_, " ends at ", offset + done, ", wanted ",
                                              out.size(), " bytes from ", offset));
    }
    done += static_cast<size_t>(n);
  }
  ApplyXor(key_, offset, out);
  return absl::OkStatus();
}

absl::StatusOr<ByteSpan> FileWindow::Peek(uint64_t offset, size_t n) {
  SPOOR_CHECK(n <= kMaxPeek);
  if (offset >= file_->size()) return ByteSpan();
  n = static_cast<size_t>(std::min<uint64_t>(n, file_->size() - offset));
  const uint64_t end = begin_ + buffer_.size();
  if (offset < begin_ || offset + n > end) {
    const bool near = offset >= begin_ && offset <= end + read_ahead_;
    read_ahead_ = near ? std::min(2 * read_ahead_, kMaxPeek) : kMinRead;
    const uint64_t want = std::min<uint64_t>(std::max(n, read_ahead_), file_->size() - offset);
    buffer_.resize(static_cast<size_t>(want));
    begin_ = offset;
    if (absl::Status read = file_->Read(offset, absl::MakeSpan(buffer_)); !read.ok()) {
      buffer_.clear();
      return read;
    }
  }
  return ByteSpan(buffer_).subspan(static_cast<size_t>(offset - begin_), n);
}

absl::StatusOr<const XorFile*> FilePool::Get(const std::string& path) {
  // Blocks follow each other, so the file wanted is mostly the last one opened.
  for (auto file = open_.rbegin(); file != open_.rend(); ++file) {
    if ((*file)->path() == path) return file->get();
  }
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<XorFile> file, XorFile::Open(path, key_));
  if (open_.size() == kMaxOpen) open_.pop_front();
  open_.push_back(std::move(file));
  return open_.back().get();
}

}  // namespace spoor::bitcoin
