#include "lib/ledger/row_batch.h"

#include <algorithm>
#include <cstring>
#include <future>
#include <optional>
#include <tuple>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/ledger/schema.h"
#include "rocksdb/sst_file_writer.h"
#include "spoor/base/sort_by_number.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"

namespace spoor {
namespace {

rocksdb::Slice Slice(absl::string_view s) { return rocksdb::Slice(s.data(), s.size()); }

// The first eight bytes, fewer padded with zeros, as a number that compares as they do.
uint64_t Head(absl::string_view bytes) {
  uint64_t v = 0;
  for (size_t i = 0; i < 8; ++i) {
    v = v << 8 | (i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0);
  }
  return v;
}

// Sorts by a number of each row, and those that have the same one by `before`.
template <typename Rows, typename Number, typename Before>
void SortBy(Rows* rows, Number number, Before before) {
  SortByNumber(rows->begin(), rows->end(), number);
  VisitEqual(rows->begin(), rows->end(), number,
             [&](auto begin, auto end) { std::sort(begin, end, before); });
}

// One sorted file of one table; made when its first row comes.
class SortedFile {
 public:
  SortedFile(const Database& database, rocksdb::ColumnFamilyHandle* table, std::string path)
      : table_(table),
        path_(std::move(path)),
        env_(database.db()->GetEnv()),
        writer_(rocksdb::EnvOptions(), database.db()->GetOptions(table), table, kForgetPages) {}

  absl::Status Put(absl::string_view key, absl::string_view value) {
    SPOOR_RETURN_IF_ERROR(Begin());
    return Wrote(writer_.Put(Slice(key), Slice(value)));
  }
  absl::Status Merge(absl::string_view key, absl::string_view operand) {
    SPOOR_RETURN_IF_ERROR(Begin());
    return Wrote(writer_.Merge(Slice(key), Slice(operand)));
  }
  // Ends the file and adds it to `files`, unless it has no rows.
  absl::Status Finish(std::vector<rocksdb::IngestExternalFileArg>* files) {
    if (!begun_) return absl::OkStatus();
    SPOOR_RETURN_IF_ERROR(Wrote(writer_.Finish()));
    for (rocksdb::IngestExternalFileArg& arg : *files) {
      if (arg.column_family == table_) {
        arg.external_files.push_back(path_);
        return absl::OkStatus();
      }
    }
    rocksdb::IngestExternalFileArg& arg = files->emplace_back();
    arg.column_family = table_;
    arg.external_files = {path_};
    arg.options.move_files = true;
    arg.options.write_global_seqno = false;
    return absl::OkStatus();
  }

 private:
  absl::Status Wrote(const rocksdb::Status& status) const {
    if (status.ok()) return absl::OkStatus();  // nearly always, and then no text need be made
    return ToStatus(status, absl::StrCat("writing ", path_));
  }
  absl::Status Begin() {
    if (begun_) return absl::OkStatus();
    begun_ = true;
    // What the database took over but could not remove from here is one of its tables by another
    // name. Writing to it would destroy that.
    if (env_->FileExists(path_).ok()) {
      SPOOR_RETURN_IF_ERROR(ToStatus(env_->DeleteFile(path_), absl::StrCat("removing ", path_)));
    }
    return ToStatus(writer_.Open(path_), absl::StrCat("making ", path_));
  }

  // What was written is read soon: by compactions, and for what the resolver has forgotten. RocksDB
  // would have the system drop it from its cache.
  static constexpr bool kForgetPages = false;

  rocksdb::ColumnFamilyHandle* table_;
  std::string path_;
  rocksdb::Env* env_;
  rocksdb::SstFileWriter writer_;
  bool begun_ = false;
};

}  // namespace

void RowBatch::Arena::Add(absl::string_view value) {
  bytes.insert(bytes.end(), value.begin(), value.end());
  ends.push_back(bytes.size());
}

void RowBatch::Arena::AddToChunk(absl::string_view movement) {
  char head[schema::kMostChunkHead];
  bytes.insert(bytes.end(), head, schema::PutChunkHead(movement.size(), head));
  Add(movement);
}

void RowBatch::Arena::Clear() {
  bytes.clear();
  ends.clear();
}

absl::string_view RowBatch::Arena::operator[](size_t i) const {
  const size_t begin = i == 0 ? 0 : ends[i - 1];
  return absl::string_view(bytes.data() + begin, ends[i] - begin);
}

void RowBatch::Clear() {
  blocks_.clear();
  for (Arena* arena : {&movements_, &texts_, &addresses_, &revealed_bytes_}) arena->Clear();
  revealed_.clear();
  outputs_.clear();
  txids_.clear();
  receipts_.clear();
  spends_.clear();
  balances_.clear();
  assets_.clear();
}

rocksdb::ColumnFamilyHandle* RowBatch::MovementTable(const Database& database) const {
  return family_ == Family::kAccount ? database.accounts().movements : database.movements();
}

uint64_t RowBatch::RowOf(uint64_t position) const {
  return schema::MovementRow(family_, Position{position});
}

std::string RowBatch::MovementKey(uint64_t position) const {
  return schema::MovementKey(family_, chain_, Position{position});
}

absl::Status RowBatch::VisitRows(
    absl::FunctionRef<absl::Status(Position first, absl::string_view row)> visit) const {
  size_t begin = 0;
  for (size_t i = 1; i <= movements_.size(); ++i) {
    const uint64_t first = first_movement_ + begin;
    if (i < movements_.size() && RowOf(first_movement_ + i) == RowOf(first)) continue;
    const size_t at = begin == 0 ? 0 : movements_.ends[begin - 1];
    SPOOR_RETURN_IF_ERROR(visit(Position{first}, absl::string_view(movements_.bytes.data() + at,
                                                                   movements_.ends[i - 1] - at)));
    begin = i;
  }
  return absl::OkStatus();
}

void RowBatch::AppendChange(const SpendRow& spend, std::string* operand) const {
  if (family_ == Family::kAccount) {
    schema::AppendNext(spend.output, Position{spend.spender}, operand);
  } else {
    schema::AppendSpend(Position{spend.position}, spend.output, Position{spend.spender}, operand);
  }
}

void RowBatch::AddBlock(const NewBlock& block, const BlockInfo& info) {
  if (blocks_.empty()) {
    first_movement_ = info.first.number;
    first_address_ = info.totals.addresses - block.new_addresses.size();
  }
  blocks_.push_back(info);
  first_new_address_ = info.totals.addresses - block.new_addresses.size();
  for (const std::string& key : block.new_addresses) {
    row_.clear();
    schema::EncodeAddressRow({std::nullopt, key}, &row_);
    addresses_.Add(row_);
  }
}

void RowBatch::AddReceipt(AddressId address, Position position) {
  if (address.number < first_new_address_ ||
      !schema::SetFirstReceipt(position, addresses_.At(address.number - first_address_))) {
    receipts_.push_back({address.number, position.number});
  }
}

absl::string_view RowBatch::AddressKeyAt(size_t i) const {
  return addresses_[i].substr(schema::kFirstReceiptSize);
}

absl::string_view RowBatch::TextOf(const TxidRow& row) const {
  return row.text == kNoText ? absl::string_view() : texts_[row.text];
}

void RowBatch::AddAccounts(const NewBlock& block, const BlockInfo& info,
                           absl::Span<const AccountRow> rows) {
  AddBlock(block, info);
  absl::flat_hash_map<Txid, uint32_t> texts;
  for (const std::string& text : block.transaction_texts) {
    if (texts.emplace(Txid::FromBytes(Keccak256(AsBytes(text))), texts_.size()).second) {
      texts_.Add(text);
    }
  }
  const Txid* last = nullptr;
  Position position = info.first;
  for (const AccountRow& row : rows) {
    row_.clear();
    schema::EncodeAccountRow(position, row, &row_);
    movements_.Add(row_);
    if (last == nullptr || *last != row.txid) {
      const auto text = texts.empty() ? texts.end() : texts.find(row.txid);
      txids_.push_back({Head(AsChars(row.txid.span())), position.number,
                        text == texts.end() ? kNoText : text->second});
    }
    last = &row.txid;
    for (const Touch& touch : absl::MakeConstSpan(row.touches.data(), row.size())) {
      if (!touch.previous.has_value()) continue;
      if (touch.previous->number < first_movement_) {
        spends_.push_back({touch.previous->number, touch.previous_slot, position.number});
        continue;
      }
      const size_t i = touch.previous->number - first_movement_;
      schema::SetNext(touch.previous_slot, position, movements_.At(i), movements_[i].size());
    }
    if (row.takes) AddReceipt(row.touches[row.size() - 1].owner, position);
    ++position.number;
  }
}

void RowBatch::AddBalance(const Holding& holding, const Balance& balance) {
  balances_.emplace_back(holding, schema::EncodeBalance(balance));
}

void RowBatch::AddAsset(AssetId id, const schema::AssetRow& asset) {
  assets_.emplace_back(id, asset);
}

void RowBatch::Add(const NewBlock& block, const BlockInfo& info) {
  AddBlock(block, info);
  for (const Movement& movement : block.movements) {
    const uint64_t position = movement.position.number;
    row_.clear();
    schema::EncodeMovement(movement, &row_);
    movements_.AddToChunk(row_);
    const auto outputs = movement.takes.size() - (movement.coinbase ? 0 : 1);
    outputs_.push_back(static_cast<uint32_t>(outputs));
    txids_.push_back({Head(AsChars(movement.txid.span())), position, kNoText});
    for (const Give& give : movement.gives) {
      if (give.kind != GiveKind::kHolding) continue;
      if (give.holding.major < first_movement_) {
        spends_.push_back({give.holding.major, give.holding.minor, position});
      } else {
        const size_t i = give.holding.major - first_movement_;
        schema::SetSpender(give.holding.minor, outputs_[i], movement.position,
                           movements_.bytes.data() + movements_.ends[i]);
      }
    }
    for (const Take& take : movement.takes) {
      if (!take.owner.IsNobody()) AddReceipt(take.owner, movement.position);
    }
  }
  for (const NewBlock::Revealed& revealed : block.revealed) {
    const Movement& movement = block.movements[revealed.movement];
    const uint64_t address = movement.gives[revealed.give].owner.number;
    revealed_.push_back({address, movement.position.number, revealed_bytes_.size()});
    revealed_bytes_.Add(revealed.bytes);
  }
}

size_t RowBatch::bytes() const {
  return movements_.bytes.size() + addresses_.bytes.size() + texts_.bytes.size() +
         (movements_.size() + addresses_.size() + texts_.size()) * sizeof(size_t) +
         outputs_.size() * sizeof(uint32_t) + txids_.size() * sizeof(TxidRow) +
         receipts_.size() * sizeof(ReceiptRow) + spends_.size() * sizeof(SpendRow) +
         revealed_bytes_.bytes.size() + revealed_.size() * (sizeof(RevealedRow) + sizeof(size_t)) +
         blocks_.size() * sizeof(BlockInfo);
}

void RowBatch::WriteTo(const Database& database, rocksdb::WriteBatch* out) const {
  for (size_t i = 0; i < addresses_.size(); ++i) {
    const AddressId id{first_address_ + i};
    out->Put(database.addresses(), schema::AddressRowKey(chain_, id), Slice(addresses_[i]));
    out->Put(database.address_ids(), schema::AddressIdKey(chain_, AddressKeyAt(i)),
             schema::EncodeAddressId(id));
  }
  std::string operand;
  VisitRows([&](Position first, absl::string_view row) {
    const std::string key = MovementKey(first.number);
    if (IsRest(first)) {
      operand.clear();
      schema::AppendAddition(first, row, &operand);
      out->Merge(MovementTable(database), key, operand);
    } else {
      out->Put(MovementTable(database), key, Slice(row));
    }
    return absl::OkStatus();
  }).IgnoreError();  // there is none
  for (const TxidRow& row : txids_) {
    out->Put(database.txids(), schema::TxidKey(chain_, row.prefix, Position{row.position}),
             Slice(TextOf(row)));
  }
  for (const ReceiptRow& row : receipts_) {
    out->Put(database.receipts(),
             schema::ReceiptKey(chain_, AddressId{row.address}, Position{row.position}), "");
  }
  for (const SpendRow& row : spends_) {
    operand.clear();
    AppendChange(row, &operand);
    out->Merge(MovementTable(database), MovementKey(row.position), operand);
  }
  for (const RevealedRow& row : revealed_) {
    out->Merge(database.keys(), schema::RevealedKey(chain_, AddressId{row.address}),
               schema::EncodeRevealed(Position{row.position}, revealed_bytes_[row.place]));
  }
  for (const auto& [holding, value] : balances_) {
    out->Put(database.accounts().balances, schema::BalanceKey(chain_, holding), value);
  }
  for (const auto& [id, asset] : assets_) {
    out->Put(database.accounts().assets, schema::AssetKey(chain_, id), schema::EncodeAsset(asset));
    if (id == kNativeAsset) continue;
    out->Put(database.accounts().asset_ids, schema::AssetIdKey(chain_, asset.stated.key),
             schema::EncodeAssetId(id));
  }
  for (const BlockInfo& block : blocks_) {
    out->Put(database.blocks(), schema::BlockKey(chain_, block.height), schema::EncodeBlock(block));
  }
}

absl::Status RowBatch::WriteMovements(const Database& database, const std::string& dir,
                                      SortedFiles* files) {
  std::string rest;  // of a chunk that is there already
  {
    SortedFile out(database, MovementTable(database), absl::StrCat(dir, "/movements.sst"));
    SPOOR_RETURN_IF_ERROR(VisitRows([&](Position first, absl::string_view row) -> absl::Status {
      if (!IsRest(first)) return out.Put(MovementKey(first.number), row);
      schema::AppendAddition(first, row, &rest);
      return absl::OkStatus();
    }));
    SPOOR_RETURN_IF_ERROR(out.Finish(files));
  }
  // What changes rows that are there already. Among new ones these would keep them from their place
  // behind all others.
  SortedFile out(database, MovementTable(database), absl::StrCat(dir, "/spends.sst"));
  SortBy(
      &spends_, [](const SpendRow& row) { return row.position; },
      [](const SpendRow& a, const SpendRow& b) {
        return std::tie(a.output, a.spender) < std::tie(b.output, b.spender);
      });
  std::string operand;
  for (size_t i = 0; i < spends_.size(); ++i) {
    const uint64_t position = spends_[i].position;
    AppendChange(spends_[i], &operand);
    const uint64_t next = i + 1 < spends_.size() ? spends_[i + 1].position
                          : rest.empty()         ? ~uint64_t{0}
                                                 : first_movement_;
    if (RowOf(next) == RowOf(position)) continue;
    SPOOR_RETURN_IF_ERROR(out.Merge(MovementKey(position), operand));
    operand.clear();
  }
  operand += rest;
  if (!operand.empty()) SPOOR_RETURN_IF_ERROR(out.Merge(MovementKey(first_movement_), operand));
  return out.Finish(files);
}

absl::Status RowBatch::WriteTxids(const Database& database, const std::string& dir,
                                  SortedFiles* files) {
  SortedFile out(database, database.txids(), absl::StrCat(dir, "/txids.sst"));
  SortBy(
      &txids_, [](const TxidRow& row) { return row.prefix; },
      [](const TxidRow& a, const TxidRow& b) { return a.position < b.position; });
  for (const TxidRow& row : txids_) {
    SPOOR_RETURN_IF_ERROR(
        out.Put(schema::TxidKey(chain_, row.prefix, Position{row.position}), TextOf(row)));
  }
  return out.Finish(files);
}

absl::Status RowBatch::WriteAddresses(const Database& database, const std::string& dir,
                                      SortedFiles* files) const {
  {
    SortedFile out(database, database.addresses(), absl::StrCat(dir, "/addresses.sst"));
    for (size_t i = 0; i < addresses_.size(); ++i) {
      SPOOR_RETURN_IF_ERROR(
          out.Put(schema::AddressRowKey(chain_, AddressId{first_address_ + i}), addresses_[i]));
    }
    SPOOR_RETURN_IF_ERROR(out.Finish(files));
  }
  SortedFile out(database, database.address_ids(), absl::StrCat(dir, "/address_ids.sst"));
  struct Entry {
    uint64_t head;
    size_t i;
  };
  HugePageVector<Entry> order(addresses_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = {Head(AddressKeyAt(i)), i};
  SortBy(
      &order, [](const Entry& entry) { return entry.head; },
      [&](const Entry& a, const Entry& b) { return AddressKeyAt(a.i) < AddressKeyAt(b.i); });
  // They lie about in memory: each is sent for some rows ahead.
  constexpr size_t kAhead = 16;
  for (size_t place = 0; place < order.size(); ++place) {
    if (place + kAhead < order.size()) {
      __builtin_prefetch(addresses_[order[place + kAhead].i].data());
    }
    const Entry& entry = order[place];
    SPOOR_RETURN_IF_ERROR(out.Put(schema::AddressIdKey(chain_, AddressKeyAt(entry.i)),
                                  schema::EncodeAddressId(AddressId{first_address_ + entry.i})));
  }
  return out.Finish(files);
}

absl::Status RowBatch::WriteReceipts(const Database& database, const std::string& dir,
                                     SortedFiles* files) {
  SortedFile out(database, database.receipts(), absl::StrCat(dir, "/receipts.sst"));
  const auto key = [](const ReceiptRow& row) { return std::tie(row.address, row.position); };
  SortBy(
      &receipts_, [](const ReceiptRow& row) { return row.address; },
      [](const ReceiptRow& a, const ReceiptRow& b) { return a.position < b.position; });
  receipts_.erase(
      std::unique(receipts_.begin(), receipts_.end(),
                  [&](const ReceiptRow& a, const ReceiptRow& b) { return key(a) == key(b); }),
      receipts_.end());
  for (const ReceiptRow& row : receipts_) {
    SPOOR_RETURN_IF_ERROR(
        out.Put(schema::ReceiptKey(chain_, AddressId{row.address}, Position{row.position}), ""));
  }
  return out.Finish(files);
}

absl::Status RowBatch::WriteKeys(const Database& database, const std::string& dir,
                                 SortedFiles* files) {
  // What is revealed of addresses that the batch is the first to have stands behind all that there
  // is: like new movements it need not be brought together with anything. Of the others the first
  // to reveal counts.
  SortedFile known(database, database.keys(), absl::StrCat(dir, "/keys.sst"));
  SortedFile fresh(database, database.keys(), absl::StrCat(dir, "/new_keys.sst"));
  SortBy(
      &revealed_, [](const RevealedRow& row) { return row.address; },
      [](const RevealedRow& a, const RevealedRow& b) { return a.place < b.place; });
  for (size_t i = 0; i < revealed_.size(); ++i) {
    const RevealedRow& row = revealed_[i];
    if (i > 0 && row.address == revealed_[i - 1].address) continue;
    const std::string key = schema::RevealedKey(chain_, AddressId{row.address});
    const std::string value =
        schema::EncodeRevealed(Position{row.position}, revealed_bytes_[row.place]);
    const bool is_new = row.address >= first_address_;
    SPOOR_RETURN_IF_ERROR(is_new ? fresh.Put(key, value) : known.Merge(key, value));
  }
  SPOOR_RETURN_IF_ERROR(known.Finish(files));
  return fresh.Finish(files);
}

absl::Status RowBatch::WriteBlocks(const Database& database, const std::string& dir,
                                   SortedFiles* files) const {
  SortedFile out(database, database.blocks(), absl::StrCat(dir, "/blocks.sst"));
  for (const BlockInfo& block : blocks_) {
    SPOOR_RETURN_IF_ERROR(
        out.Put(schema::BlockKey(chain_, block.height), schema::EncodeBlock(block)));
  }
  return out.Finish(files);
}

absl::Status RowBatch::WriteAccounts(const Database& database, const std::string& dir,
                                     SortedFiles* files) const {
  if (family_ != Family::kAccount) return absl::OkStatus();
  SortedFile balances(database, database.accounts().balances, absl::StrCat(dir, "/balances.sst"));
  for (const auto& [holding, value] : balances_) {
    SPOOR_RETURN_IF_ERROR(balances.Put(schema::BalanceKey(chain_, holding), value));
  }
  SPOOR_RETURN_IF_ERROR(balances.Finish(files));
  SortedFile assets(database, database.accounts().assets, absl::StrCat(dir, "/assets.sst"));
  std::vector<std::pair<std::string, AssetId>> ids;
  for (const auto& [id, asset] : assets_) {
    SPOOR_RETURN_IF_ERROR(assets.Put(schema::AssetKey(chain_, id), schema::EncodeAsset(asset)));
    if (id != kNativeAsset) ids.emplace_back(asset.stated.key, id);
  }
  SPOOR_RETURN_IF_ERROR(assets.Finish(files));
  SortedFile asset_ids(database, database.accounts().asset_ids,
                       absl::StrCat(dir, "/asset_ids.sst"));
  std::sort(ids.begin(), ids.end());
  for (const auto& [key, id] : ids) {
    SPOOR_RETURN_IF_ERROR(
        asset_ids.Put(schema::AssetIdKey(chain_, key), schema::EncodeAssetId(id)));
  }
  return asset_ids.Finish(files);
}

absl::Status RowBatch::Ingest(const Database& database, const std::string& dir) {
  if (empty()) return absl::OkStatus();
  // Half of the work on a second thread: at the end of an ingest there is nothing else to do.
  SortedFiles more;
  std::future<absl::Status> second = std::async(std::launch::async, [&]() -> absl::Status {
    SPOOR_RETURN_IF_ERROR(WriteTxids(database, dir, &more));
    SPOOR_RETURN_IF_ERROR(WriteReceipts(database, dir, &more));
    SPOOR_RETURN_IF_ERROR(WriteKeys(database, dir, &more));
    SPOOR_RETURN_IF_ERROR(WriteAccounts(database, dir, &more));
    return WriteBlocks(database, dir, &more);
  });
  SortedFiles files;
  absl::Status status = WriteMovements(database, dir, &files);
  if (status.ok()) status = WriteAddresses(database, dir, &files);
  status.Update(second.get());
  SPOOR_RETURN_IF_ERROR(status);
  files.insert(files.end(), more.begin(), more.end());
  return ToStatus(database.db()->IngestExternalFiles(files), "taking over sorted files");
}

}  // namespace spoor
