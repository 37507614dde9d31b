#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/ingest/ethereum_records.h"
#include "lib/ingest/record_sorter.h"
#include "spoor/base/status_macros.h"
#include "spoor/ingest/account_resolver.h"
#include "spoor/ingest/ethereum.h"

namespace spoor {
namespace {

using ethereum::BlockData;
using ethereum::EtlFiles;
using ethereum::EtlKind;
using ethereum::EtlReader;
using ethereum::EtlRow;

// So many blocks are history, and fewer the tip (LedgerWriter::Mode).
constexpr uint64_t kHistory = 100;
constexpr uint64_t kProgressRows = 4096;

class EtlIngest {
 public:
  EtlIngest(const EtlFiles& files, LedgerWriter* writer, const EthereumOptions& options)
      : files_(files), writer_(writer), options_(options), sorter_(options.memory / 4) {}

  absl::StatusOr<EthereumReport> Run() {
    SPOOR_RETURN_IF_ERROR(ReadBlocks());
    if (blocks_ == 0) return report_;
    for (const EtlKind kind : {EtlKind::kTransactions, EtlKind::kReceipts, EtlKind::kLogs,
                               EtlKind::kTokenTransfers, EtlKind::kTraces, EtlKind::kTokens}) {
      for (const std::string& file : files_[kind]) SPOOR_RETURN_IF_ERROR(ReadRows(kind, file));
    }
    SPOOR_RETURN_IF_ERROR(AddBlocks());
    SPOOR_RETURN_IF_ERROR(writer_->Sync());
    report_.repeated_rows += assembler_.repeated();
    return report_;
  }

 private:
  // The blocks' own rows: which of them the ledger is to get.
  absl::Status ReadBlocks();
  absl::Status ReadFile(EtlKind kind, const std::string& file,
                        absl::FunctionRef<absl::Status(const EtlRow& row)> take);
  absl::Status ReadRows(EtlKind kind, const std::string& file);
  absl::Status AddBlocks();
  absl::Status AddBlock();

  const EtlFiles& files_;
  LedgerWriter* writer_;
  const EthereumOptions& options_;
  EthereumReport report_;
  RecordSorter sorter_;
  BlockAssembler assembler_{options_.memory / 4};
  uint64_t from_ = 0;    // the first block that is new
  uint64_t blocks_ = 0;  // from there on
  std::optional<uint64_t> undo_from_;
  absl::flat_hash_map<std::string, AssetInfo> assets_;  // by key, not yet said
  std::unique_ptr<AccountResolver> resolver_;
};

absl::Status EtlIngest::ReadFile(EtlKind kind, const std::string& file,
                                 absl::FunctionRef<absl::Status(const EtlRow& row)> take) {
  SPOOR_ASSIGN_OR_RETURN(const auto reader, EtlReader::Open(kind, file));
  const std::string what = absl::StrCat("reading ", EtlKindName(kind));
  EtlRow row;
  for (uint64_t rows = 0;; ++rows) {
    if (rows % kProgressRows == 0 && options_.progress != nullptr) {
      options_.progress({what, reader->offset(), reader->size(), "bytes"});
    }
    SPOOR_ASSIGN_OR_RETURN(const bool more, reader->Next(&row));
    if (!more) return absl::OkStatus();
    SPOOR_RETURN_IF_ERROR(take(row));
  }
}

absl::Status EtlIngest::ReadBlocks() {
  RecordSorter headers(options_.memory / 4);
  for (const std::string& file : files_[EtlKind::kBlocks]) {
    SPOOR_RETURN_IF_ERROR(ReadFile(EtlKind::kBlocks, file,
                                   [&](const EtlRow& row) { return AddRecords(row, &headers); }));
  }
  const auto tip = writer_->tip();
  bool begun = false;
  std::optional<uint64_t> last;
  const auto visit = [&](const RecordSorter::Key& key, absl::string_view record) -> absl::Status {
    if (last == key.major) {
      // Rows that differ contradict each other, which the assembler says.
      if (begun) return sorter_.Add(key, record);
      ++report_.repeated_rows;
      return absl::OkStatus();
    }
    last = key.major;
    if (!begun && tip.has_value() && key.major <= tip->height) {
      BlockAssembler one(options_.memory / 4);
      SPOOR_RETURN_IF_ERROR(one.Add(key, record));
      SPOOR_ASSIGN_OR_RETURN(const auto data, one.Take());
      const auto there = writer_->view().BlockAt(static_cast<uint32_t>(key.major));
      if (there.ok() && there->hash == data->header.hash) {
        ++report_.blocks_known;
        return absl::OkStatus();
      }
      if (!there.ok()) {
        ++report_.blocks_too_early;
        return absl::OkStatus();
      }
      undo_from_ = key.major;
    }
    if (!begun) from_ = key.major;
    begun = true;
    ++blocks_;
    return sorter_.Add(key, record);
  };
  SPOOR_RETURN_IF_ERROR(headers.Visit(visit));
  if (undo_from_.has_value() && *last < tip->height) {
    return absl::FailedPreconditionError(absl::StrCat(
        "block ", *undo_from_, " of the export is not the ledger's, and the export ends at ", *last,
        ", the ledger at ", tip->height, ": wanted one that goes as far"));
  }
  return absl::OkStatus();
}

absl::Status EtlIngest::ReadRows(EtlKind kind, const std::string& file) {
  return ReadFile(kind, file, [&](const EtlRow& row) -> absl::Status {
    if (kind == EtlKind::kTokens) {
      AssetInfo asset;
      asset.key.push_back('\0');
      asset.key.append(reinterpret_cast<const char*>(row.token.token.data()),
                       row.token.token.size());
      asset.symbol = row.token.symbol;
      asset.decimals = row.token.decimals;
      assets_[asset.key] = std::move(asset);
      return absl::OkStatus();
    }
    if (row.block < from_) return absl::OkStatus();
    return AddRecords(row, &sorter_);
  });
}

absl::Status EtlIngest::AddBlock() {
  const uint64_t number = assembler_.number();
  const uint64_t rows = assembler_.rows();
  SPOOR_ASSIGN_OR_RETURN(const std::optional<BlockData> data, assembler_.Take());
  if (!data.has_value()) {
    if (report_.rows_without_block == 0) report_.first_without_block = number;
    report_.rows_without_block += rows;
    return absl::OkStatus();
  }
  SPOOR_ASSIGN_OR_RETURN(AccountBlock block,
                         MakeAccountBlock(*data, writer_->view().chain(), &report_));
  for (const AccountTransaction& tx : block.transactions) {
    for (const AccountTransfer& transfer : tx.transfers) {
      const auto it = assets_.find(transfer.asset);
      if (it == assets_.end()) continue;
      block.assets_seen.push_back(std::move(it->second));
      assets_.erase(it);
    }
  }
  const auto tip = writer_->tip();
  report_.gaps += tip.has_value() && tip->height + 1 < number ? 1 : 0;
  SPOOR_RETURN_IF_ERROR(
      Annotate(resolver_->Append(block), absl::StrCat("block ", number, " of the export")));
  ++report_.blocks_added;
  if (options_.progress != nullptr) {
    options_.progress({"ingesting", report_.blocks_added, blocks_, "blocks"});
  }
  return absl::OkStatus();
}

absl::Status EtlIngest::AddBlocks() {
  for (auto tip = writer_->tip();
       undo_from_.has_value() && tip.has_value() && tip->height >= *undo_from_;
       tip = writer_->tip()) {
    SPOOR_RETURN_IF_ERROR(writer_->UndoTip());
    ++report_.blocks_undone;
  }
  SPOOR_RETURN_IF_ERROR(writer_->SetMode(blocks_ >= kHistory ? LedgerWriter::Mode::kHistory
                                                             : LedgerWriter::Mode::kTip));
  resolver_ = std::make_unique<AccountResolver>(writer_, options_.memory / 4);
  const auto take = [&](const RecordSorter::Key& key, absl::string_view record) -> absl::Status {
    if (assembler_.Begins(key)) SPOOR_RETURN_IF_ERROR(AddBlock());
    return assembler_.Add(key, record);
  };
  SPOOR_RETURN_IF_ERROR(sorter_.Visit(take));
  return assembler_.any() ? AddBlock() : absl::OkStatus();
}

}  // namespace

absl::StatusOr<EthereumReport> IngestEtl(const EtlFiles& files, LedgerWriter* writer,
                                         const EthereumOptions& options) {
  return EtlIngest(files, writer, options).Run();
}

}  // namespace spoor
