#ifndef SPOOR_BASE_LINE_FILE_H_
#define SPOOR_BASE_LINE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace spoor {

// A file of text, plain or gzip, taken line by line in bounded memory. For one thread.
class LineFile {
 public:
  static constexpr size_t kLongestLine = 64 << 20;
  // Behind every line so many bytes may be read, though not used: what simdjson wants.
  static constexpr size_t kPadding = 64;

  // NOT_FOUND if there is no such file, UNAVAILABLE if it cannot be read.
  static absl::StatusOr<std::unique_ptr<LineFile>> Open(const std::string& path);
  ~LineFile();
  LineFile(const LineFile&) = delete;
  LineFile& operator=(const LineFile&) = delete;

  // The next line without its LF or CRLF, good until the next call; false at the end. A UTF-8 byte
  // order mark before the first one is passed over. DATA_LOSS, naming file and line, if a line is
  // longer than kLongestLine, or a compressed file is damaged or cut off.
  absl::StatusOr<bool> Next(absl::string_view* line);

  const std::string& path() const { return path_; }
  uint64_t line() const { return line_; }  // of the last one, from 1
  uint64_t size() const { return size_; }  // of the file as it is stored
  uint64_t offset() const;                 // of it, how much has been read
  std::string where() const;               // "PATH: line N"

 private:
  struct Gz;
  LineFile(std::string path, std::unique_ptr<Gz> gz, uint64_t size);
  absl::Status Fill();

  const std::string path_;
  const std::unique_ptr<Gz> gz_;
  const uint64_t size_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_;
  size_t begin_ = 0;  // of what has not been taken
  size_t end_ = 0;
  bool ended_ = false;
  uint64_t line_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_BASE_LINE_FILE_H_
