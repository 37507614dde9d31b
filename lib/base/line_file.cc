#include "spoor/base/line_file.h"

#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr size_t kFirstCapacity = 1 << 20;
constexpr absl::string_view kByteOrderMark = "\xef\xbb\xbf";

}  // namespace

struct LineFile::Gz {
  gzFile file = nullptr;
  ~Gz() {
    if (file != nullptr) gzclose(file);
  }
};

LineFile::LineFile(std::string path, std::unique_ptr<Gz> gz, uint64_t size)
    : path_(std::move(path)),
      gz_(std::move(gz)),
      size_(size),
      buffer_(new char[kFirstCapacity + kPadding]()),
      capacity_(kFirstCapacity) {}

LineFile::~LineFile() = default;

absl::StatusOr<std::unique_ptr<LineFile>> LineFile::Open(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) {
    return absl::NotFoundError(absl::StrCat("no file ", path));
  }
  if (std::filesystem::is_directory(status)) {
    return absl::UnavailableError(absl::StrCat(path, " is a directory, wanted a file"));
  }
  uint64_t size = std::filesystem::file_size(path, error);
  if (error) size = 0;
  auto gz = std::make_unique<Gz>();
  // zlib gives files that are not compressed as they are.
  gz->file = gzopen(path.c_str(), "rb");
  if (gz->file == nullptr) {
    return absl::UnavailableError(absl::StrCat("reading ", path, ": ", std::strerror(errno)));
  }
  gzbuffer(gz->file, 256 << 10);
  return std::unique_ptr<LineFile>(new LineFile(path, std::move(gz), size));
}

uint64_t LineFile::offset() const {
  return std::min(size_, static_cast<uint64_t>(std::max<z_off_t>(gzoffset(gz_->file), 0)));
}

std::string LineFile::where() const { return absl::StrCat(path_, ": line ", line_); }

absl::Status LineFile::Fill() {
  if (begin_ > 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_) {
    if (capacity_ >= kLongestLine) {
      return absl::DataLossError(
          absl::StrCat(path_, ": line ", line_ + 1, " has more than ", kLongestLine, " bytes"));
    }
    std::unique_ptr<char[]> larger(new char[2 * capacity_ + kPadding]());
    std::memcpy(larger.get(), buffer_.get(), end_);
    buffer_ = std::move(larger);
    capacity_ *= 2;
  }
  const int n = gzread(gz_->file, buffer_.get() + end_, static_cast<unsigned>(capacity_ - end_));
  int code = Z_OK;
  const char* message = gzerror(gz_->file, &code);
  if (code == Z_ERRNO) {
    return absl::UnavailableError(absl::StrCat("reading ", path_, ": ", std::strerror(errno)));
  }
  if (n < 0 || code != Z_OK) {
    return absl::DataLossError(absl::StrCat(
        path_, ": after line ", line_, " the compressed file is ",
        code == Z_BUF_ERROR ? std::string("cut off") : absl::StrCat("damaged: ", message)));
  }
  ended_ = n == 0;
  end_ += static_cast<size_t>(n);
  return absl::OkStatus();
}

absl::StatusOr<bool> LineFile::Next(absl::string_view* line) {
  size_t searched = 0;
  while (true) {
    const char* const from = buffer_.get() + begin_;
    const void* const found = std::memchr(from + searched, '\n', end_ - begin_ - searched);
    size_t length = end_ - begin_;
    size_t next = length;
    if (found != nullptr) {
      length = static_cast<size_t>(static_cast<const char*>(found) - from);
      next = length + 1;
    } else if (!ended_) {
      searched = length;
      SPOOR_RETURN_IF_ERROR(Fill());
      continue;
    } else if (length == 0) {
      return false;
    }
    *line = absl::string_view(from, length);
    if (absl::EndsWith(*line, "\r")) line->remove_suffix(1);
    if (line_ == 0 && absl::StartsWith(*line, kByteOrderMark)) {
      line->remove_prefix(kByteOrderMark.size());
    }
    begin_ += next;
    ++line_;
    return true;
  }
}

}  // namespace spoor
