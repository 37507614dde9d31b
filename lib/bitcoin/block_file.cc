#include "spoor/bitcoin/block_file.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "lib/bitcoin/block_scan.h"
#include "lib/bitcoin/file.h"
#include "lib/bitcoin/undo_index.h"
#include "spoor/base/status_macros.h"

namespace spoor::bitcoin {
namespace {

struct NumberedFile {
  std::string path;
  uint64_t size = 0;
};
// By the N of their name: the order in which a node wrote them, whatever the directory lists.
using NumberedFiles = std::map<uint32_t, NumberedFile>;

// The N of "<prefix>N.dat".
std::optional<uint32_t> FileNumber(absl::string_view name, absl::string_view prefix) {
  uint32_t number = 0;
  if (!absl::ConsumePrefix(&name, prefix) || !absl::ConsumeSuffix(&name, ".dat") ||
      !std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }) ||
      !absl::SimpleAtoi(name, &number)) {
    return std::nullopt;
  }
  return number;
}

absl::StatusOr<XorKey> ReadXorKey(const std::string& path) {
  XorKey key{};
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return key;
  SPOOR_ASSIGN_OR_RETURN(const auto file, XorFile::Open(path, key));
  if (file->size() != key.size()) {
    return absl::DataLossError(
        absl::StrCat(path, " has ", file->size(), " bytes, wanted ", key.size()));
  }
  SPOOR_RETURN_IF_ERROR(file->Read(0, absl::MakeSpan(key)));
  return key;
}

class Directory final : public BlockDirectory {
 public:
  Directory(const Network& network, const XorKey& key, NumberedFiles blocks, NumberedFiles undos)
      : network_(network),
        key_(key),
        blocks_(std::move(blocks)),
        undos_(std::move(undos)),
        pool_(key) {
    for (const auto& [number, file] : blocks_) total_bytes_ += file.size;
  }

  uint64_t total_bytes() const override { return total_bytes_; }
  absl::StatusOr<BlockFileSkips> Scan(const std::function<absl::Status(const BlockRecord&)>& visit,
                                      const std::function<void(uint64_t bytes)>& progress) override;
  absl::Status ReadBlock(const BlockRecord& record, Bytes* buffer) override;
  absl::StatusOr<std::vector<std::vector<TxOut>>> ReadUndo(const BlockRecord& record,
                                                           const Block& block,
                                                           Bytes* buffer) override;

 private:
  const Network& network_;
  XorKey key_;
  NumberedFiles blocks_;
  NumberedFiles undos_;
  uint64_t total_bytes_ = 0;
  FilePool pool_;
  std::map<uint32_t, UndoIndex> undo_indexes_;  // of the rev files asked for so far
  Bytes undo_bytes_;
};

absl::StatusOr<BlockFileSkips> Directory::Scan(
    const std::function<absl::Status(const BlockRecord&)>& visit,
    const std::function<void(uint64_t bytes)>& progress) {
  BlockFileSkips skips;
  std::map<const Network*, uint64_t> foreign;
  uint64_t blocks = 0;
  uint64_t passed = 0;
  for (const auto& [number, blk] : blocks_) {
    SPOOR_ASSIGN_OR_RETURN(const auto file, XorFile::Open(blk.path, key_));
    BlockScan scan(network_, file.get(), number, &skips, &foreign);
    while (true) {
      SPOOR_ASSIGN_OR_RETURN(const std::optional<BlockRecord> record, scan.Next());
      if (progress) progress(passed + scan.offset());
      if (!record.has_value()) break;
      ++blocks;
      SPOOR_RETURN_IF_ERROR(visit(*record));
    }
    passed += file->size();
  }
  if (blocks == 0 && !foreign.empty()) {
    const auto most =
        std::max_element(foreign.begin(), foreign.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    return absl::FailedPreconditionError(absl::StrCat("no blocks of network ", network_.name,
                                                      " here, but ", most->second, " of network ",
                                                      most->first->name));
  }
  return skips;
}

absl::Status Directory::ReadBlock(const BlockRecord& record, Bytes* buffer) {
  const auto blk = blocks_.find(record.file);
  if (blk == blocks_.end()) {
    return absl::DataLossError(absl::StrCat("block ", ToText(record.hash), " is in block file ",
                                            record.file, ", which is not there"));
  }
  SPOOR_ASSIGN_OR_RETURN(const XorFile* file, pool_.Get(blk->second.path));
  if (record.size < BlockHeader::kSize || record.size > kMaxBlockSize) {
    return absl::DataLossError(
        absl::StrCat("block ", ToText(record.hash), " cannot have ", record.size, " bytes"));
  }
  buffer->resize(record.size);
  SPOOR_RETURN_IF_ERROR(file->Read(record.offset, absl::MakeSpan(*buffer)));
  const BlockHash hash = HashBlockHeader(*buffer);
  if (hash != record.hash) {
    return absl::DataLossError(absl::StrCat(file->path(), " has changed: at ", record.offset,
                                            " is block ", ToText(hash), ", wanted ",
                                            ToText(record.hash)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::vector<TxOut>>> Directory::ReadUndo(const BlockRecord& record,
                                                                    const Block& block,
                                                                    Bytes* buffer) {
  // Nothing was spent. Worth a rule of its own: all such blocks' records look alike, and finding
  // one among them means hashing many.
  if (block.transactions.size() == 1) return std::vector<std::vector<TxOut>>();

  const auto rev = undos_.find(record.file);
  if (rev == undos_.end()) {
    return absl::NotFoundError(absl::StrCat("no rev file of number ", record.file));
  }
  SPOOR_ASSIGN_OR_RETURN(const XorFile* file, pool_.Get(rev->second.path));
  auto index = undo_indexes_.find(record.file);
  if (index == undo_indexes_.end()) {
    SPOOR_ASSIGN_OR_RETURN(UndoIndex built, UndoIndex::Build(network_, file));
    index = undo_indexes_.emplace(record.file, std::move(built)).first;
  }
  SPOOR_RETURN_IF_ERROR(Annotate(
      index->second.Read(*file, record.previous, block.transactions.size() - 1, &undo_bytes_),
      absl::StrCat("undo record of block ", ToText(record.hash))));
  const auto context = [&] {
    return absl::StrCat("undo record of block ", ToText(record.hash), " in ", file->path());
  };
  auto spent = DecodeBlockUndo(network_, undo_bytes_, buffer);
  if (!spent.ok()) return Annotate(spent.status(), context());
  for (size_t i = 0; i < spent->size(); ++i) {
    const size_t inputs = block.transactions[i + 1].inputs.size();
    if ((*spent)[i].size() != inputs) {
      return absl::DataLossError(absl::StrCat(context(), ": transaction ", i + 1, " has ", inputs,
                                              " inputs, the record ", (*spent)[i].size()));
    }
  }
  return spent;
}

}  // namespace

absl::StatusOr<std::unique_ptr<BlockDirectory>> BlockDirectory::Open(const std::string& path,
                                                                     const Network& network) {
  std::error_code error;
  NumberedFiles blocks;
  NumberedFiles undos;
  std::filesystem::directory_iterator entries(path, error);
  if (error) {
    return absl::NotFoundError(
        absl::StrCat("no directory of block files at ", path, ": ", error.message()));
  }
  for (; entries != std::filesystem::directory_iterator(); entries.increment(error)) {
    const std::string name = entries->path().filename().string();
    const std::optional<uint32_t> blk = FileNumber(name, "blk");
    const std::optional<uint32_t> rev = FileNumber(name, "rev");
    if (!blk.has_value() && !rev.has_value()) continue;
    const uint64_t size = entries->file_size(error);
    if (error) {
      return absl::UnavailableError(
          absl::StrCat(entries->path().string(), ", wanted a file: ", error.message()));
    }
    (blk.has_value() ? blocks : undos)[blk.has_value() ? *blk : *rev] = {entries->path().string(),
                                                                         size};
  }
  if (error) return absl::UnavailableError(absl::StrCat("listing ", path, ": ", error.message()));
  if (blocks.empty()) return absl::NotFoundError(absl::StrCat("no blk*.dat in ", path));
  SPOOR_ASSIGN_OR_RETURN(const XorKey key,
                         ReadXorKey((std::filesystem::path(path) / "xor.dat").string()));
  return std::make_unique<Directory>(network, key, std::move(blocks), std::move(undos));
}

}  // namespace spoor::bitcoin
