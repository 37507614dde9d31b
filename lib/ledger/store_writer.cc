#include "lib/ledger/store_writer.h"

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/ledger/schema.h"
#include "rocksdb/write_batch.h"
#include "spoor/base/status_macros.h"

namespace spoor {

absl::StatusOr<std::unique_ptr<StoreWriter>> StoreWriter::Make(Database* database, TipRecord* tips,
                                                               uint8_t number,
                                                               std::unique_ptr<StoreView> view,
                                                               Options options) {
  std::error_code error;
  std::filesystem::remove_all(options.batch_dir, error);
  if (!error) std::filesystem::create_directories(options.batch_dir, error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat("emptying ", options.batch_dir, ": ", error.message()));
  }
  return std::unique_ptr<StoreWriter>(
      new StoreWriter(database, tips, number, std::move(view), std::move(options)));
}

StoreWriter::StoreWriter(Database* database, TipRecord* tips, uint8_t number,
                         std::unique_ptr<StoreView> view, Options options)
    : database_(database),
      tips_(tips),
      number_(number),
      view_(std::move(view)),
      options_(std::move(options)),
      tip_(view_->tip()),
      batch_(view_->chain().family, number),
      spare_(view_->chain().family, number) {
  if (view_->chain().family != Family::kAccount) return;
  balances_ = std::make_unique<BalanceCache>(database, number, options_.memory / 8);
}

StoreWriter::~StoreWriter() {
  if (ingested_.valid()) ingested_.wait();
  if (mode_ == Mode::kHistory) database_->SetBulk(false);
}

absl::Status StoreWriter::SetMode(Mode mode) {
  SPOOR_RETURN_IF_ERROR(Commit());
  database_->SetBulk(mode == Mode::kHistory);
  mode_ = mode;
  // A block of the tip needs a little of what a batch of history may have.
  for (RowBatch* batch : {&batch_, &spare_}) *batch = RowBatch(view_->chain().family, number_);
  return absl::OkStatus();
}

absl::Status StoreWriter::Note(absl::Status status) {
  broken_.Update(status);
  return status;
}

absl::Status StoreWriter::Append(const NewBlock& block) {
  SPOOR_RETURN_IF_ERROR(broken_);
  SPOOR_ASSIGN_OR_RETURN(BlockInfo info, CheckNewBlock(view_->chain().family, tip_, block));
  if (info.totals.movements >= schema::kNone40 || info.totals.addresses >= schema::kNone40) {
    return absl::ResourceExhaustedError("the chain has more movements than a ledger can hold");
  }
  if (balances_ == nullptr) {
    batch_.Add(block, info);
  } else {
    SPOOR_RETURN_IF_ERROR(Note(AppendAccounts(block, &info)));
  }
  tip_ = info;
  if (mode_ == Mode::kTip) return WriteBatch();
  const bool full =
      batch_.bytes() >= options_.memory / 16 * 3 || (balances_ != nullptr && balances_->Full());
  return full ? BeginIngest() : absl::OkStatus();
}

absl::Status StoreWriter::AppendAccounts(const NewBlock& block, BlockInfo* info) {
  std::vector<AccountRow> rows;
  SPOOR_RETURN_IF_ERROR(balances_->Apply(block, info, &rows));
  batch_.AddAccounts(block, *info, rows);
  return absl::OkStatus();
}

RowBatch StoreWriter::TakeBatch() {
  if (balances_ != nullptr) balances_->TakeChanges(&batch_);
  return std::exchange(batch_, std::exchange(spare_, RowBatch(view_->chain().family, number_)));
}

void StoreWriter::GiveBack(RowBatch batch) {
  batch.Clear();
  spare_ = std::move(batch);
}

absl::Status StoreWriter::Commit() {
  SPOOR_RETURN_IF_ERROR(broken_);
  SPOOR_RETURN_IF_ERROR(BeginIngest());
  return EndIngest();
}

absl::Status StoreWriter::WriteBatch() {
  rocksdb::WriteBatch rows;
  RowBatch batch = TakeBatch();
  batch.WriteTo(*database_, &rows);
  GiveBack(std::move(batch));
  SPOOR_RETURN_IF_ERROR(
      Note(database_->Write(&rows, /*sync=*/false, absl::StrCat("writing block ", tip_->height))));
  view_->set_tip(tip_);
  return absl::OkStatus();
}

absl::Status StoreWriter::BeginIngest() {
  SPOOR_RETURN_IF_ERROR(EndIngest());
  if (batch_.empty()) return absl::OkStatus();
  // The files are durable at once. What was written before them must not be lost after them.
  SPOOR_RETURN_IF_ERROR(Note(database_->Flush()));
  ingesting_ = std::make_unique<RowBatch>(TakeBatch());
  ingesting_tip_ = tip_;
  ingested_ = std::async(std::launch::async, [this, batch = ingesting_.get()] {
    return batch->Ingest(*database_, options_.batch_dir);
  });
  return absl::OkStatus();
}

absl::Status StoreWriter::EndIngest() {
  if (!ingested_.valid()) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(Note(ingested_.get()));
  GiveBack(std::move(*ingesting_));
  ingesting_.reset();
  view_->set_tip(ingesting_tip_);
  return absl::OkStatus();
}

absl::Status StoreWriter::UndoTip() {
  SPOOR_RETURN_IF_ERROR(Commit());
  if (!tip_.has_value()) return absl::FailedPreconditionError("the chain is empty");
  SPOOR_ASSIGN_OR_RETURN(const std::optional<BlockInfo> previous,
                         view_->LastBlockBelow(tip_->height));
  const LedgerTotals before = previous.has_value() ? previous->totals : LedgerTotals();
  rocksdb::WriteBatch rows;
  SPOOR_RETURN_IF_ERROR(balances_ == nullptr ? UndoMovements(before, &rows)
                                             : Note(UndoAccountMovements(before, &rows)));
  for (uint64_t number = before.addresses; number < tip_->totals.addresses; ++number) {
    SPOOR_ASSIGN_OR_RETURN(const std::string key, view_->ReadAddress(AddressId{number}));
    rows.Delete(database_->address_ids(), schema::AddressIdKey(number_, key));
    rows.Delete(database_->addresses(), schema::AddressRowKey(number_, AddressId{number}));
  }
  rows.Delete(database_->blocks(), schema::BlockKey(number_, tip_->height));
  // Before, or the block would be missed.
  SPOOR_RETURN_IF_ERROR(Note(tips_->Lower(view_->chain().name, previous)));
  SPOOR_RETURN_IF_ERROR(
      Note(database_->Write(&rows, /*sync=*/false, absl::StrCat("undoing block ", tip_->height))));
  tip_ = previous;
  view_->set_tip(previous);
  return absl::OkStatus();
}

// Both go backwards, so that what a movement of this block spent of another one in it is deleted
// after being unspent.

absl::Status StoreWriter::UndoMovements(const LedgerTotals& before, rocksdb::WriteBatch* rows) {
  std::string operand;
  for (uint64_t number = tip_->totals.movements; number-- > before.movements;) {
    SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(*view_, Position{number}));
    for (const Give& give : movement.gives) {
      if (!give.owner.IsNobody()) {
        SPOOR_ASSIGN_OR_RETURN(const auto revealed, view_->ReadRevealed(give.owner));
        if (revealed.has_value() && revealed->first.number >= before.movements) {
          rows->Delete(database_->keys(), schema::RevealedKey(number_, give.owner));
        }
      }
      if (give.kind != GiveKind::kHolding) continue;
      const Position spent{give.holding.major};
      operand.clear();
      schema::AppendSpend(spent, give.holding.minor, std::nullopt, &operand);
      rows->Merge(database_->movements(), schema::MovementKey(Family::kUtxo, number_, spent),
                  operand);
    }
    for (const Take& take : movement.takes) {
      if (take.owner.IsNobody()) continue;
      rows->Delete(database_->receipts(),
                   schema::ReceiptKey(number_, take.owner, movement.position));
    }
    rows->Delete(database_->txids(), schema::TxidKey(number_, movement.txid, movement.position));
    const Position position{number};
    if (number % schema::kInChunk == 0) {
      rows->Delete(database_->movements(), schema::MovementKey(Family::kUtxo, number_, position));
    } else if (number == before.movements) {
      operand.clear();
      schema::AppendCut(position, &operand);
      rows->Merge(database_->movements(), schema::MovementKey(Family::kUtxo, number_, position),
                  operand);
    }
  }
  return absl::OkStatus();
}

absl::Status StoreWriter::UndoAccountMovements(const LedgerTotals& before,
                                               rocksdb::WriteBatch* rows) {
  rocksdb::ColumnFamilyHandle* const movements = database_->accounts().movements;
  std::vector<AccountRow> undone;
  std::string value;
  std::string operand;
  for (uint64_t number = tip_->totals.movements; number-- > before.movements;) {
    const Position position{number};
    const std::string key = schema::MovementKey(Family::kAccount, number_, position);
    SPOOR_RETURN_IF_ERROR(
        ToStatus(database_->db()->Get(rocksdb::ReadOptions(), movements, key, &value),
                 absl::StrCat("reading movement ", number)));
    AccountRow& row = undone.emplace_back();
    SPOOR_RETURN_IF_ERROR(schema::DecodeAccountRow(position, value, &row));
    for (const Touch& touch : absl::MakeConstSpan(row.touches.data(), row.size())) {
      if (!touch.previous.has_value()) continue;
      operand.clear();
      schema::AppendNext(touch.previous_slot, std::nullopt, &operand);
      rows->Merge(movements, schema::MovementKey(Family::kAccount, number_, *touch.previous),
                  operand);
    }
    if (row.takes) {
      rows->Delete(database_->receipts(),
                   schema::ReceiptKey(number_, row.touches[row.size() - 1].owner, position));
    }
    rows->Delete(database_->txids(), schema::TxidKey(number_, row.txid, position));
    rows->Delete(movements, key);
  }
  return balances_->Undo(undone, tip_->totals, before, rows);
}

absl::Status StoreWriter::Sync() {
  SPOOR_RETURN_IF_ERROR(Commit());
  SPOOR_RETURN_IF_ERROR(Note(database_->Sync()));
  return Note(tips_->Raise(view_->chain().name, tip_));
}

}  // namespace spoor
