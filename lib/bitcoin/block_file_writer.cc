#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "lib/bitcoin/block_scan.h"
#include "lib/bitcoin/file.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/digest.h"

namespace spoor::bitcoin {
namespace {

// One file being written, obfuscated with `key`.
class XorOutput {
 public:
  explicit XorOutput(const XorKey& key) : key_(key) {}
  ~XorOutput() {
    if (file_ != nullptr) std::fclose(file_);
  }
  XorOutput(const XorOutput&) = delete;
  XorOutput& operator=(const XorOutput&) = delete;

  bool is_open() const { return file_ != nullptr; }
  uint64_t size() const { return size_; }

  absl::Status Open(const std::string& path) {
    path_ = path;
    size_ = 0;
    file_ = std::fopen(path.c_str(), "wbx");
    if (file_ == nullptr) return absl::ErrnoToStatus(errno, absl::StrCat("creating ", path));
    return absl::OkStatus();
  }
  absl::Status Write(ByteSpan bytes) {
    if (bytes.empty()) return absl::OkStatus();
    Bytes copy(bytes.begin(), bytes.end());
    ApplyXor(key_, size_, absl::MakeSpan(copy));
    if (std::fwrite(copy.data(), 1, copy.size(), file_) != copy.size()) {
      return absl::ErrnoToStatus(errno, absl::StrCat("writing ", path_));
    }
    size_ += copy.size();
    return absl::OkStatus();
  }
  absl::Status Close() {
    if (file_ == nullptr) return absl::OkStatus();
    FILE* const file = std::exchange(file_, nullptr);
    if (std::fclose(file) != 0) {
      return absl::ErrnoToStatus(errno, absl::StrCat("writing ", path_));
    }
    return absl::OkStatus();
  }

 private:
  XorKey key_;
  FILE* file_ = nullptr;
  std::string path_;
  uint64_t size_ = 0;
};

class Writer final : public BlockFileWriter {
 public:
  Writer(std::string path, const Network& network, const XorKey& key, uint64_t max_file_size)
      : path_(std::move(path)),
        network_(network),
        max_file_size_(max_file_size),
        blk_(key),
        rev_(key) {}

  absl::Status Append(ByteSpan block) override {
    SPOOR_RETURN_IF_ERROR(MakeRoom(kFrameSize + block.size()));
    return WriteRecord(block, &blk_);
  }

  absl::Status AppendUndo(const BlockHash& previous, ByteSpan undo) override {
    SPOOR_RETURN_IF_ERROR(MakeRoom(0));
    if (!rev_.is_open()) SPOOR_RETURN_IF_ERROR(rev_.Open(FileName("rev")));
    SPOOR_RETURN_IF_ERROR(WriteRecord(undo, &rev_));
    return rev_.Write(Sha256d({previous.span(), undo}));
  }

  absl::Status AppendRaw(ByteSpan bytes) override {
    SPOOR_RETURN_IF_ERROR(MakeRoom(bytes.size()));
    return blk_.Write(bytes);
  }

  absl::Status Close() override {
    SPOOR_RETURN_IF_ERROR(rev_.Close());
    return blk_.Close();
  }

 private:
  // Opens the first file, or the next one if `n` bytes would pass the limit of this one.
  absl::Status MakeRoom(size_t n) {
    if (blk_.is_open()) {
      if (blk_.size() == 0 || blk_.size() + n <= max_file_size_) return absl::OkStatus();
      SPOOR_RETURN_IF_ERROR(Close());
      ++number_;
    }
    return blk_.Open(FileName("blk"));
  }
  std::string FileName(absl::string_view prefix) const {
    return absl::StrCat(path_, "/", prefix, absl::Dec(number_, absl::kZeroPad5), ".dat");
  }
  absl::Status WriteRecord(ByteSpan body, XorOutput* out) {
    Bytes frame(network_.magic.begin(), network_.magic.end());
    AppendLe32(static_cast<uint32_t>(body.size()), &frame);
    SPOOR_RETURN_IF_ERROR(out->Write(frame));
    return out->Write(body);
  }

  std::string path_;
  const Network& network_;
  uint64_t max_file_size_;
  uint32_t number_ = 0;
  XorOutput blk_;
  XorOutput rev_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BlockFileWriter>> BlockFileWriter::Create(const std::string& path,
                                                                         const Network& network,
                                                                         const Options& options) {
  XorKey key{};
  if (!options.xor_key.empty() && options.xor_key.size() != key.size()) {
    return absl::InvalidArgumentError(absl::StrCat("an xor key of ", options.xor_key.size(),
                                                   " bytes, wanted ", key.size(), " or none"));
  }
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) {
    return absl::UnavailableError(absl::StrCat("making ", path, ": ", error.message()));
  }
  if (BlockDirectory::Open(path, network).ok()) {
    return absl::AlreadyExistsError(absl::StrCat(path, " has block files already"));
  }
  if (!options.xor_key.empty()) {
    std::copy(options.xor_key.begin(), options.xor_key.end(), key.begin());
    // The key itself is written as it is.
    XorOutput file{XorKey{}};
    SPOOR_RETURN_IF_ERROR(file.Open(absl::StrCat(path, "/xor.dat")));
    SPOOR_RETURN_IF_ERROR(file.Write(key));
    SPOOR_RETURN_IF_ERROR(file.Close());
  }
  return std::make_unique<Writer>(path, network, key, options.max_file_size);
}

}  // namespace spoor::bitcoin
