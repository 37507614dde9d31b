#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "absl/strings/str_cat.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/ethereum/raw_block.h"
#include "spoor/ingest/account_resolver.h"
#include "spoor/ingest/ethereum.h"

namespace spoor {
namespace {

// A block of more would not have fit into any gas limit.
constexpr uint64_t kLargestBlock = 256 << 20;
constexpr uint8_t kList = 0xc0;
constexpr uint8_t kLongList = 0xf7;

// A file of RLP lists, one after another.
class RlpFile {
 public:
  static absl::StatusOr<std::unique_ptr<RlpFile>> Open(const std::string& path) {
    std::unique_ptr<RlpFile> file(new RlpFile);
    file->path_ = path;
    file->file_.reset(std::fopen(path.c_str(), "rb"));
    if (file->file_ == nullptr) {
      return absl::NotFoundError(absl::StrCat("reading ", path, ": ", std::strerror(errno)));
    }
    return file;
  }

  // The next list whole; false at the end.
  absl::StatusOr<bool> Next(Bytes* list) {
    begin_ = end_;
    list->clear();
    SPOOR_RETURN_IF_ERROR(Read(1, list));
    if (list->empty()) return false;
    const uint8_t first = list->front();
    if (first < kList) return Bad("found no list, wanted a block");
    uint64_t size = first - kList;
    if (first > kLongList) {
      const size_t bytes = first - kLongList;
      SPOOR_RETURN_IF_ERROR(Read(bytes, list));
      if (list->size() != 1 + bytes) return Bad("a block is cut off");
      size = 0;
      for (size_t i = 1; i <= bytes; ++i) {
        size = size << 8 | (*list)[i];
        if (size > kLargestBlock) return Bad("found a block of more bytes than any has");
      }
    }
    const size_t head = list->size();
    SPOOR_RETURN_IF_ERROR(Read(size, list));
    if (list->size() != head + size) return Bad("a block is cut off");
    return true;
  }

  std::string where() const { return absl::StrCat(path_, ": offset ", begin_); }
  uint64_t offset() const { return end_; }

 private:
  struct Closer {
    void operator()(FILE* file) const { std::fclose(file); }
  };

  // Appends up to so many bytes, in steps, for the size may be a lie.
  absl::Status Read(uint64_t size, Bytes* out) {
    constexpr uint64_t kStep = 1 << 20;
    while (size > 0) {
      const size_t step = static_cast<size_t>(std::min(size, kStep));
      const size_t before = out->size();
      out->resize(before + step);
      const size_t n = std::fread(out->data() + before, 1, step, file_.get());
      out->resize(before + n);
      end_ += n;
      size -= n;
      if (n == step) continue;
      if (std::ferror(file_.get()) == 0) break;
      return absl::UnavailableError(absl::StrCat("reading ", path_, ": ", std::strerror(errno)));
    }
    return absl::OkStatus();
  }
  absl::Status Bad(absl::string_view what) const {
    return absl::DataLossError(absl::StrCat(where(), ": ", what));
  }

  std::string path_;
  std::unique_ptr<FILE, Closer> file_;
  uint64_t begin_ = 0;
  uint64_t end_ = 0;
};

}  // namespace

absl::Status CheckRlpFile(const std::string& path) {
  SPOOR_ASSIGN_OR_RETURN(const auto file, RlpFile::Open(path));
  Bytes bytes;
  SPOOR_ASSIGN_OR_RETURN(const bool more, file->Next(&bytes));
  if (!more) return absl::DataLossError(absl::StrCat(path, " is empty, wanted blocks"));
  ethereum::RlpReader in(bytes);
  return Annotate(ethereum::DecodeBlock(&in).status(), file->where());
}

absl::StatusOr<EthereumReport> IngestRlp(const std::string& path, LedgerWriter* writer,
                                         const EthereumOptions& options) {
  EthereumReport report;
  SPOOR_ASSIGN_OR_RETURN(const auto file, RlpFile::Open(path));
  AccountResolver resolver(writer, options.memory / 4);
  const auto add = [&](const Bytes& bytes) -> absl::Status {
    ethereum::RlpReader in(bytes);
    SPOOR_ASSIGN_OR_RETURN(const ethereum::BlockData data, ethereum::DecodeBlock(&in));
    const auto tip = writer->tip();
    if (tip.has_value() && data.header.number <= tip->height) {
      const auto there = writer->view().BlockAt(static_cast<uint32_t>(data.header.number));
      if (!there.ok()) {
        ++report.blocks_too_early;
      } else if (there->hash == data.header.hash) {
        ++report.blocks_known;
      } else {
        return absl::FailedPreconditionError(
            absl::StrCat("block ", data.header.number, " is not the ledger's"));
      }
      return absl::OkStatus();
    }
    report.gaps += tip.has_value() && tip->height + 1 < data.header.number ? 1 : 0;
    SPOOR_ASSIGN_OR_RETURN(const AccountBlock block,
                           MakeAccountBlock(data, writer->view().chain(), &report));
    SPOOR_RETURN_IF_ERROR(
        Annotate(resolver.Append(block), absl::StrCat("block ", data.header.number)));
    ++report.blocks_added;
    return absl::OkStatus();
  };
  absl::Status status;
  Bytes bytes;
  while (status.ok()) {
    const absl::StatusOr<bool> more = file->Next(&bytes);
    status = more.status();
    if (!status.ok() || !*more) break;
    status = Annotate(add(bytes), file->where());
    if (options.progress != nullptr) {
      options.progress({"ingesting", report.blocks_added, 0, "blocks"});
    }
  }
  // What came before a bad block stays.
  const absl::Status kept = writer->Sync();
  SPOOR_RETURN_IF_ERROR(status);
  SPOOR_RETURN_IF_ERROR(kept);
  return report;
}

}  // namespace spoor
