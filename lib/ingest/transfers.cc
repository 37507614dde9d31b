#include "spoor/ingest/transfers.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/ingest/transfer_rows.h"
#include "lib/ingest/transfer_table.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/ingest/account_resolver.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

using Stage = TransferOptions::Progress::Stage;
using Kept = TransferTable::Kept;

// How many rows are looked up and written at once.
constexpr size_t kBatch = 8192;
// So many new rows are history, and fewer the tip (LedgerWriter::Mode).
constexpr uint64_t kHistory = 20'000;

// The rows of one transaction within a block, and what places it there.
struct Group {
  std::vector<const Kept*> rows;
  uint64_t least_index = std::numeric_limits<uint64_t>::max();
  std::pair<int64_t, uint32_t> least_time = {std::numeric_limits<int64_t>::max(), 0};
  uint64_t least_order = std::numeric_limits<uint64_t>::max();

  auto place() const { return std::tie(least_index, least_time, least_order); }
};

std::vector<Group> GroupByTransaction(const std::vector<Kept>& rows) {
  std::vector<Group> groups;
  absl::flat_hash_map<absl::string_view, size_t> numbers;
  for (const Kept& kept : rows) {
    const auto [it, fresh] = numbers.try_emplace(kept.row.tx, groups.size());
    if (fresh) groups.emplace_back();
    Group& group = groups[it->second];
    group.rows.push_back(&kept);
    group.least_index = std::min(group.least_index, kept.row.index.value_or(0));
    group.least_time =
        std::min(group.least_time, {kept.row.time.seconds, kept.row.time.milliseconds});
    group.least_order = std::min(group.least_order, kept.order);
  }
  for (Group& group : groups) {
    std::sort(group.rows.begin(), group.rows.end(), [](const Kept* a, const Kept* b) {
      return std::make_tuple(a->row.index.value_or(0), a->row.time.seconds,
                             a->row.time.milliseconds, a->order) <
             std::make_tuple(b->row.index.value_or(0), b->row.time.seconds,
                             b->row.time.milliseconds, b->order);
    });
  }
  std::sort(groups.begin(), groups.end(),
            [](const Group& a, const Group& b) { return a.place() < b.place(); });
  return groups;
}

class TransferIngest {
 public:
  TransferIngest(const TransferFormat& format, LedgerWriter* writer, TransferTable* table,
                 const TransferOptions& options)
      : format_(format), writer_(writer), table_(table), options_(options) {}

  // Reads the file to its end; with `keep`, its rows into the table.
  absl::Status ReadFile(const std::string& path, bool keep);
  // Has the chain say what the table does.
  absl::Status BringUp();

  TransferReport report;

 private:
  absl::StatusOr<AccountTransaction> MakeTransaction(const Group& group, AccountBlock* block);
  absl::StatusOr<AccountBlock> MakeBlock(uint32_t height, const std::vector<Kept>& rows);
  void Progress(Stage stage, uint64_t done, uint64_t total, absl::string_view file) const {
    if (options_.progress != nullptr) options_.progress({stage, done, total, file});
  }

  const TransferFormat& format_;
  LedgerWriter* writer_;
  TransferTable* table_;
  const TransferOptions& options_;
  absl::flat_hash_map<std::string, bool> assets_said_;
};

absl::Status TransferIngest::ReadFile(const std::string& path, bool keep) {
  SPOOR_ASSIGN_OR_RETURN(const auto reader, TransferReader::Open(path, format_));
  if (keep) table_->BeginFile();
  TransferTable::Added added;
  std::vector<TransferRow> rows;
  const auto flush = [&]() -> absl::Status {
    const LineFile& file = reader->file().file();
    Progress(keep ? Stage::kRead : Stage::kCheck, file.offset(), file.size(), path);
    if (keep) SPOOR_RETURN_IF_ERROR(table_->Add(rows, &added));
    rows.clear();
    return absl::OkStatus();
  };
  while (true) {
    TransferRow row;
    SPOOR_ASSIGN_OR_RETURN(const bool more, reader->Next(&row));
    if (!more) break;
    if (keep) {
      ++report.rows;
      report.failed_rows += row.failed ? 1 : 0;
      for (const TransferReader::Label& label : reader->labels()) {
        if (!label.label.empty() && options_.label != nullptr) {
          options_.label(path, label.address, label.label);
        }
      }
    }
    rows.push_back(std::move(row));
    if (rows.size() == kBatch) SPOOR_RETURN_IF_ERROR(flush());
  }
  SPOOR_RETURN_IF_ERROR(flush());
  report.new_rows += added.new_rows;
  report.known_rows += added.known_rows;
  report.repeated_rows += added.repeated_rows;
  return absl::OkStatus();
}

absl::StatusOr<AccountTransaction> TransferIngest::MakeTransaction(const Group& group,
                                                                   AccountBlock* block) {
  AccountTransaction tx;
  const std::string& name = group.rows.front()->row.tx;
  SPOOR_ASSIGN_OR_RETURN(tx.txid, TxidFromText(writer_->view().chain(), name));
  if (!FromText<Txid>(name, HashText::kPrefixed).ok()) tx.text = name;
  AccountTransfer fee;
  fee.kind = AccountTransfer::Kind::kFee;
  for (const Kept* kept : group.rows) {
    if (kept->row.fee == 0) continue;
    if (!fee.from.has_value()) fee.from = kept->row.from;
    fee.amount = std::max(fee.amount, kept->row.fee);
  }
  if (fee.amount != 0) tx.transfers.push_back(std::move(fee));
  for (const Kept* kept : group.rows) {
    const TransferRow& row = kept->row;
    const bool moves = !row.failed && (row.from.has_value() || row.to.has_value());
    for (uint64_t copy = 0; moves && copy < kept->copies; ++copy) {
      AccountTransfer transfer;
      transfer.from = row.from;
      transfer.to = row.to;
      transfer.asset = row.asset;
      transfer.amount = row.amount;
      tx.transfers.push_back(std::move(transfer));
    }
    if (!row.asset.empty() && assets_said_.emplace(row.asset, true).second) {
      SPOOR_ASSIGN_OR_RETURN(const std::string text, AccountText(row.asset));
      AssetInfo asset;
      asset.key = row.asset;
      asset.decimals = format_.decimals;
      // A contract's address is no name.
      if (row.asset[0] == '\1') asset.symbol = text;
      block->assets_seen.push_back(std::move(asset));
    }
  }
  return tx;
}

absl::StatusOr<AccountBlock> TransferIngest::MakeBlock(uint32_t height,
                                                       const std::vector<Kept>& rows) {
  AccountBlock block;
  block.height = height;
  if (const auto tip = writer_->tip(); tip.has_value()) block.previous = tip->hash;
  const std::vector<Group> groups = GroupByTransaction(rows);
  block.time = std::numeric_limits<int64_t>::max();
  int64_t latest = 0;
  // A block has a hash; these have none of their own.
  std::string content(AsChars(block.previous.span()));
  for (const Group& group : groups) {
    for (const Kept* kept : group.rows) {
      block.time = std::min(block.time, kept->row.time.seconds);
      latest = std::max(latest, kept->row.time.seconds);
      absl::StrAppend(&content, kept->copies, " ", EncodeRow(kept->row));
    }
    SPOOR_ASSIGN_OR_RETURN(AccountTransaction tx, MakeTransaction(group, &block));
    block.transactions.push_back(std::move(tx));
  }
  report.mixed_times += latest != block.time ? 1 : 0;
  block.hash = BlockHash::FromBytes(Keccak256(AsBytes(content)));
  return block;
}

absl::Status TransferIngest::BringUp() {
  const auto changed = table_->changed_from();
  if (!changed.has_value()) return absl::OkStatus();
  for (auto tip = writer_->tip(); tip.has_value() && tip->height >= *changed;
       tip = writer_->tip()) {
    SPOOR_RETURN_IF_ERROR(writer_->UndoTip());
    Progress(Stage::kBlocks, ++report.blocks_undone, 0, "");
  }
  const bool history = report.new_rows >= kHistory || report.blocks_undone >= kHistory / 10;
  SPOOR_RETURN_IF_ERROR(
      writer_->SetMode(history ? LedgerWriter::Mode::kHistory : LedgerWriter::Mode::kTip));
  AccountResolver resolver(writer_, options_.memory / 4);
  const auto add = [&](uint32_t height, std::vector<Kept> rows) -> absl::Status {
    SPOOR_ASSIGN_OR_RETURN(const AccountBlock block, MakeBlock(height, rows));
    SPOOR_RETURN_IF_ERROR(
        Annotate(resolver.Append(block), absl::StrCat("block ", height, " of the transfers")));
    ++report.blocks_added;
    Progress(Stage::kBlocks, report.blocks_undone + report.blocks_added, 0, "");
    return absl::OkStatus();
  };
  SPOOR_RETURN_IF_ERROR(table_->ReadBlocks(*changed, options_.memory / 4, add));
  SPOOR_RETURN_IF_ERROR(writer_->Sync());
  return table_->SetUnchanged();
}

}  // namespace

std::string TransferTableName(absl::string_view chain) { return absl::StrCat("transfers.", chain); }

absl::StatusOr<bool> HasTransfers(const LedgerTable& table) {
  bool any = false;
  const absl::Status status = table.Scan("", "", [&](absl::string_view, absl::string_view) {
    any = true;
    return absl::CancelledError("");
  });
  if (any) return true;
  SPOOR_RETURN_IF_ERROR(status);
  return false;
}

absl::Status CheckTransferFile(const std::string& path, const TransferFormat& format) {
  SPOOR_ASSIGN_OR_RETURN(const auto reader, TransferReader::Open(path, format));
  TransferRow row;
  while (true) {
    SPOOR_ASSIGN_OR_RETURN(const bool more, reader->Next(&row));
    if (!more) return absl::OkStatus();
  }
}

absl::StatusOr<TransferReport> IngestTransfers(const std::vector<std::string>& files,
                                               const TransferFormat& format, LedgerWriter* writer,
                                               LedgerTable* table, const TransferOptions& options) {
  if (files.empty()) return absl::InvalidArgumentError("found no files, wanted at least one");
  SPOOR_ASSIGN_OR_RETURN(TransferTable rows, TransferTable::Open(table));
  if (!rows.has_rows() && writer->tip().has_value()) {
    return absl::FailedPreconditionError(
        absl::StrCat("the ledger's chain ", format.chain,
                     " did not come from files of transfers; give these another --chain"));
  }
  TransferIngest ingest(format, writer, &rows, options);
  for (const bool keep : {false, true}) {
    for (const std::string& file : files) SPOOR_RETURN_IF_ERROR(ingest.ReadFile(file, keep));
  }
  SPOOR_RETURN_IF_ERROR(ingest.BringUp());
  return ingest.report;
}

}  // namespace spoor
