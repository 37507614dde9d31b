#include "lib/ledger/store_view.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/ledger/schema.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"

namespace spoor {
namespace {

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace

StoreView::StoreView(const Database* database, uint8_t number, ChainInfo chain, State state)
    : database_(database), number_(number), chain_(std::move(chain)), state_(state) {
  if (chain_.family != Family::kAccount) return;
  accounts_ =
      std::make_unique<AccountReader>(database_, number_, chain_, &read_, state_ == State::kFixed);
}

absl::StatusOr<std::unique_ptr<StoreView>> StoreView::Make(const Database* database, uint8_t number,
                                                           ChainInfo chain, State state) {
  if (chain.family == Family::kAccount && database->accounts().movements == nullptr) {
    return absl::UnavailableError(absl::StrCat(
        "chain ", chain.name, " was added while the ledger was being opened; open it again"));
  }
  auto view = std::unique_ptr<StoreView>(new StoreView(database, number, std::move(chain), state));
  if (state == State::kFixed) view->read_.snapshot = database->db()->GetSnapshot();
  SPOOR_ASSIGN_OR_RETURN(view->tip_,
                         view->LastBlockBelow(uint64_t{std::numeric_limits<uint32_t>::max()} + 1));
  return view;
}

StoreView::~StoreView() {
  if (read_.snapshot != nullptr) database_->db()->ReleaseSnapshot(read_.snapshot);
}

absl::StatusOr<std::optional<BlockInfo>> StoreView::LastBlockBelow(uint64_t height) const {
  if (height == 0) return std::optional<BlockInfo>();
  const auto last = static_cast<uint32_t>(height - 1);
  const std::unique_ptr<rocksdb::Iterator> it(
      database_->db()->NewIterator(read_, database_->blocks()));
  it->SeekForPrev(schema::BlockKey(number_, last));
  if (!it->Valid() || !it->key().starts_with(std::string(1, static_cast<char>(number_)))) {
    SPOOR_RETURN_IF_ERROR(ToStatus(it->status(), "looking for the tip"));
    return std::optional<BlockInfo>();
  }
  if (it->key().size() != schema::BlockKey(number_, 0).size()) {
    return absl::DataLossError("the list of blocks is damaged");
  }
  uint32_t found = 0;
  for (const char c : View(it->key()).substr(1)) found = found << 8 | static_cast<uint8_t>(c);
  SPOOR_ASSIGN_OR_RETURN(BlockInfo block, schema::DecodeBlock(found, View(it->value())));
  return std::optional<BlockInfo>(block);
}

absl::Status StoreView::Inspect(const Movement& movement) const {
  if (state_ == State::kCurrent) return absl::OkStatus();
  const auto error = [&](absl::string_view what, uint64_t number) {
    return absl::DataLossError(absl::StrCat("movement ", movement.position.number, " names ", what,
                                            " ", number, ", which ", chain_.name,
                                            " does not have"));
  };
  const auto known = [&](AddressId id) { return id.IsNobody() || id.number < addresses(); };
  if (movement.height > tip_->height) return error("block", movement.height);
  for (const Give& give : movement.gives) {
    if (!known(give.owner)) return error("address", give.owner.number);
  }
  for (const Take& take : movement.takes) {
    if (!known(take.owner)) return error("address", take.owner.number);
    if (take.next.has_value() && take.next->number >= end()) {
      return error("spender", take.next->number);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<BlockInfo> StoreView::BlockAt(uint32_t height) const {
  std::string value;
  const rocksdb::Status status =
      database_->db()->Get(read_, database_->blocks(), schema::BlockKey(number_, height), &value);
  if (status.IsNotFound() || !tip_.has_value() || height > tip_->height) {
    return absl::NotFoundError(absl::StrCat(chain_.name, " has no block at height ", height));
  }
  SPOOR_RETURN_IF_ERROR(ToStatus(status, absl::StrCat("reading block ", height)));
  return schema::DecodeBlock(height, value);
}

absl::Status StoreView::ReadMovements(absl::Span<const Position> positions,
                                      std::vector<Movement>* out) const {
  // One for positions that follow each other in one row.
  std::vector<std::string> keys;
  std::vector<size_t> key_of(positions.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    if (positions[i].number >= end()) {
      return absl::OutOfRangeError(
          absl::StrCat(chain_.name, " has ", end(), " movements, no number ", positions[i].number));
    }
    if (i == 0 || RowOf(positions[i]) != RowOf(positions[i - 1])) {
      keys.push_back(schema::MovementKey(chain_.family, number_, positions[i]));
    }
    key_of[i] = keys.size() - 1;
  }
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> values(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database_->db()->MultiGet(read_, movements(), slices.size(), slices.data(), values.data(),
                            statuses.data(), std::is_sorted(positions.begin(), positions.end()));
  std::vector<absl::string_view> rows;
  rows.reserve(positions.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    const absl::string_view value = View(values[key_of[i]]);
    SPOOR_RETURN_IF_ERROR(
        ToStatus(statuses[key_of[i]], absl::StrCat("reading movement ", positions[i].number)));
    if (accounts_ != nullptr) {
      rows.push_back(value);
      continue;
    }
    const auto movement = schema::FindInChunk(value, positions[i]);
    if (!movement.has_value()) return Missing(positions[i]);
    rows.push_back(*movement);
  }
  return Decode(positions, rows, out);
}

rocksdb::ColumnFamilyHandle* StoreView::movements() const {
  return accounts_ == nullptr ? database_->movements() : database_->accounts().movements;
}

absl::Status StoreView::Missing(Position position) {
  return absl::DataLossError(absl::StrCat("movement ", position.number, " is missing"));
}

absl::Status StoreView::Decode(absl::Span<const Position> positions,
                               absl::Span<const absl::string_view> values,
                               std::vector<Movement>* out) const {
  if (accounts_ != nullptr) {
    SPOOR_RETURN_IF_ERROR(accounts_->Decode(positions, values, totals(), out));
  }
  out->resize(positions.size());
  for (size_t i = 0; i < positions.size(); ++i) {
    if (accounts_ == nullptr) {
      SPOOR_RETURN_IF_ERROR(schema::DecodeMovement(positions[i], values[i], &(*out)[i]));
    }
    SPOOR_RETURN_IF_ERROR(Inspect((*out)[i]));
  }
  return absl::OkStatus();
}

absl::Status StoreView::ScanMovements(
    Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const {
  rocksdb::ReadOptions read = read_;
  read.readahead_size = 512 << 10;
  read.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(database_->db()->NewIterator(read, movements()));
  std::vector<Movement> movement(1);
  const auto show = [&](Position position, absl::string_view row) -> absl::Status {
    SPOOR_RETURN_IF_ERROR(Decode({position}, {row}, &movement));
    return visit(movement[0]);
  };
  Position next = from;
  it->Seek(schema::MovementKey(chain_.family, number_, from));
  for (; next.number < end(); it->Next()) {
    const std::string key = schema::MovementKey(chain_.family, number_, next);
    if (!it->Valid() || it->key() != rocksdb::Slice(key)) {
      SPOOR_RETURN_IF_ERROR(ToStatus(it->status(), "scanning the movements"));
      return Missing(next);
    }
    absl::string_view rows = View(it->value());
    if (accounts_ != nullptr) {
      SPOOR_RETURN_IF_ERROR(show(next, rows));
      ++next.number;
      continue;
    }
    const uint64_t chunk = RowOf(next);
    absl::string_view row;
    for (Position at{chunk * schema::kInChunk}; RowOf(at) == chunk && at.number < end();
         ++at.number) {
      if (!schema::ConsumeFromChunk(&rows, &row)) return Missing(at);
      if (at < next) continue;
      SPOOR_RETURN_IF_ERROR(show(at, row));
      ++next.number;
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<StoreView::Candidate>> StoreView::FindCandidates(
    const Txid& txid) const {
  rocksdb::ReadOptions read = read_;
  read.prefix_same_as_start = true;
  const std::string prefix = schema::TxidPrefix(number_, txid);
  const std::unique_ptr<rocksdb::Iterator> it(
      database_->db()->NewIterator(read, database_->txids()));
  std::vector<Candidate> candidates;
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    if (it->key().size() != prefix.size() + 5) {
      return absl::DataLossError("a record of a transaction's position is damaged");
    }
    const Position position{schema::TrailingNumber(View(it->key()))};
    // The writer's second thread may be ahead of this view.
    if (position.number < end()) candidates.push_back({position, it->value().ToString()});
  }
  SPOOR_RETURN_IF_ERROR(ToStatus(it->status(), "looking for a transaction"));
  return candidates;
}

absl::StatusOr<std::vector<Position>> StoreView::FindTransaction(const Txid& txid) const {
  std::vector<Position> found;
  if (accounts_ == nullptr) {
    std::vector<Movement> movements;
    SPOOR_RETURN_IF_ERROR(ReadTransaction(txid, &movements));
    for (const Movement& movement : movements) found.push_back(movement.position);
    return found;
  }
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Candidate> candidates, FindCandidates(txid));
  for (const Candidate& candidate : candidates) {
    if (!found.empty() && candidate.position <= found.back()) continue;
    SPOOR_RETURN_IF_ERROR(FindRun(txid, candidate.position, &found));
  }
  return found;
}

absl::Status StoreView::ReadTransaction(const Txid& txid, std::vector<Movement>* out) const {
  if (accounts_ != nullptr) return LedgerView::ReadTransaction(txid, out);
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Candidate> candidates, FindCandidates(txid));
  std::vector<Position> positions;
  for (const Candidate& candidate : candidates) positions.push_back(candidate.position);
  SPOOR_RETURN_IF_ERROR(ReadMovements(positions, out));
  // The table has a part of the txid only.
  std::erase_if(*out, [&](const Movement& movement) { return movement.txid != txid; });
  return absl::OkStatus();
}

absl::Status StoreView::FindRun(const Txid& txid, Position begin,
                                std::vector<Position>* found) const {
  constexpr uint64_t kAtOnce = 8;  // most transactions have no more movements
  std::vector<Position> positions;
  std::vector<Movement> movements;
  for (uint64_t next = begin.number; next < end(); next += kAtOnce) {
    positions.clear();
    for (uint64_t n = next; n < std::min(next + kAtOnce, end()); ++n) positions.push_back({n});
    SPOOR_RETURN_IF_ERROR(ReadMovements(positions, &movements));
    for (const Movement& movement : movements) {
      if (movement.txid != txid) return absl::OkStatus();
      found->push_back(movement.position);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> StoreView::FindTransactionText(const Txid& txid) const {
  if (accounts_ == nullptr) return std::string();
  SPOOR_ASSIGN_OR_RETURN(std::vector<Candidate> candidates, FindCandidates(txid));
  for (Candidate& candidate : candidates) {
    if (candidate.text.empty() || Txid::FromBytes(Keccak256(AsBytes(candidate.text))) != txid) {
      continue;
    }
    return std::move(candidate.text);
  }
  return std::string();
}

absl::StatusOr<std::optional<AssetId>> StoreView::FindAsset(absl::string_view key) const {
  if (accounts_ == nullptr) return LedgerView::FindAsset(key);
  return accounts_->FindAsset(key, totals());
}

absl::StatusOr<AssetInfo> StoreView::ReadAsset(AssetId id) const {
  if (accounts_ == nullptr) return LedgerView::ReadAsset(id);
  return accounts_->ReadAsset(id, totals());
}

absl::StatusOr<std::optional<BalanceInfo>> StoreView::ReadBalance(const Holding& balance) const {
  if (accounts_ == nullptr) return std::optional<BalanceInfo>();
  return accounts_->ReadBalance(balance);
}

absl::Status StoreView::ScanBalances(
    AddressId id, absl::FunctionRef<absl::Status(const BalanceInfo&)> visit) const {
  if (accounts_ == nullptr) return absl::OkStatus();
  return accounts_->ScanBalances(id, visit);
}

absl::StatusOr<std::optional<AddressId>> StoreView::FindAddress(absl::string_view key) const {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = database_->db()->Get(read_, database_->address_ids(),
                                                      schema::AddressIdKey(number_, key), &value);
  if (status.IsNotFound()) return std::optional<AddressId>();
  SPOOR_RETURN_IF_ERROR(ToStatus(status, "looking for an address"));
  SPOOR_ASSIGN_OR_RETURN(const AddressId id, schema::DecodeAddressId(View(value)));
  if (state_ == State::kFixed && id.number >= addresses()) {
    return absl::DataLossError(absl::StrCat("the key of an address names number ", id.number, "; ",
                                            chain_.name, " has ", addresses()));
  }
  return std::optional<AddressId>(id);
}

absl::StatusOr<std::string> StoreView::ReadAddress(AddressId id) const {
  if (id.number >= addresses()) {
    return absl::OutOfRangeError(
        absl::StrCat(chain_.name, " has ", addresses(), " addresses, no number ", id.number));
  }
  rocksdb::PinnableSlice value;
  SPOOR_ASSIGN_OR_RETURN(const schema::AddressRow row, ReadAddressRow(id, &value));
  return std::string(row.key);
}

absl::StatusOr<schema::AddressRow> StoreView::ReadAddressRow(AddressId id,
                                                             rocksdb::PinnableSlice* value) const {
  const rocksdb::Status status = database_->db()->Get(read_, database_->addresses(),
                                                      schema::AddressRowKey(number_, id), value);
  SPOOR_RETURN_IF_ERROR(ToStatus(status, absl::StrCat("reading address ", id.number)));
  return schema::DecodeAddressRow(id, View(*value));
}

absl::Status StoreView::ReadAddresses(AddressId first, size_t count,
                                      std::vector<std::string>* keys) const {
  if (first.number > addresses() || count > addresses() - first.number) {
    return absl::OutOfRangeError(absl::StrCat(chain_.name, " has ", addresses(), " addresses, not ",
                                              count, " from number ", first.number, " on"));
  }
  rocksdb::ReadOptions read = read_;
  read.readahead_size = 512 << 10;
  read.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_->db()->NewIterator(read, database_->addresses()));
  keys->resize(count);  // and reuses what they have
  it->Seek(schema::AddressRowKey(number_, first));
  for (size_t i = 0; i < count; ++i, it->Next()) {
    const AddressId id{first.number + i};
    if (!it->Valid() || it->key() != rocksdb::Slice(schema::AddressRowKey(number_, id))) {
      SPOOR_RETURN_IF_ERROR(ToStatus(it->status(), "reading addresses"));
      return absl::DataLossError(absl::StrCat("address ", id.number, " is missing"));
    }
    SPOOR_ASSIGN_OR_RETURN(const schema::AddressRow row,
                           schema::DecodeAddressRow(id, View(it->value())));
    (*keys)[i].assign(row.key.data(), row.key.size());
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<RevealedScript>> StoreView::DecodeRevealed(
    AddressId id, absl::string_view value) const {
  SPOOR_ASSIGN_OR_RETURN(RevealedScript revealed, schema::DecodeRevealed(id, value));
  if (revealed.first.number < end()) return std::optional<RevealedScript>(std::move(revealed));
  if (state_ == State::kCurrent) return std::optional<RevealedScript>();
  return absl::DataLossError(absl::StrCat("what inputs revealed of address ", id.number,
                                          " names movement ", revealed.first.number, ", which ",
                                          chain_.name, " does not have"));
}

absl::StatusOr<std::optional<RevealedScript>> StoreView::ReadRevealed(AddressId id) const {
  if (id.number >= addresses()) return std::optional<RevealedScript>();
  rocksdb::PinnableSlice value;
  const rocksdb::Status status =
      database_->db()->Get(read_, database_->keys(), schema::RevealedKey(number_, id), &value);
  if (status.IsNotFound()) return std::optional<RevealedScript>();
  SPOOR_RETURN_IF_ERROR(ToStatus(status, "reading what inputs revealed"));
  return DecodeRevealed(id, View(value));
}

absl::Status StoreView::ScanRevealed(
    AddressId from, absl::FunctionRef<absl::Status(AddressId, const RevealedScript&)> visit) const {
  rocksdb::ReadOptions read = read_;
  read.readahead_size = 512 << 10;
  read.fill_cache = false;
  const std::unique_ptr<rocksdb::Iterator> it(
      database_->db()->NewIterator(read, database_->keys()));
  if (from.number >= addresses()) return absl::OkStatus();
  for (it->Seek(schema::RevealedKey(number_, from));
       it->Valid() && it->key().starts_with(std::string(1, static_cast<char>(number_)));
       it->Next()) {
    if (it->key().size() != schema::RevealedKey(number_, from).size()) {
      return absl::DataLossError("a record of what inputs revealed is damaged");
    }
    const AddressId id{schema::TrailingNumber(View(it->key()))};
    if (id.number >= addresses()) {
      if (state_ == State::kCurrent) break;
      return absl::DataLossError(absl::StrCat("inputs revealed something of address ", id.number,
                                              "; ", chain_.name, " has ", addresses()));
    }
    SPOOR_ASSIGN_OR_RETURN(const std::optional<RevealedScript> revealed,
                           DecodeRevealed(id, View(it->value())));
    if (revealed.has_value()) SPOOR_RETURN_IF_ERROR(visit(id, *revealed));
  }
  return ToStatus(it->status(), "reading what inputs revealed");
}

absl::StatusOr<std::vector<Position>> StoreView::Receipts(AddressId id) const {
  std::vector<Position> positions;
  // A key has only five bytes of the id.
  if (id.number >= addresses()) return positions;
  const auto damaged = [&] {
    return absl::DataLossError(
        absl::StrCat("the list of receipts of address ", id.number, " is damaged"));
  };
  const auto known = [&](Position position) {
    return state_ != State::kFixed || position.number < end();
  };
  rocksdb::PinnableSlice value;
  SPOOR_ASSIGN_OR_RETURN(const schema::AddressRow row, ReadAddressRow(id, &value));
  if (row.first_receipt.has_value()) {
    if (!known(*row.first_receipt)) return damaged();
    positions.push_back(*row.first_receipt);
  }
  const std::string prefix = schema::ReceiptPrefix(number_, id);
  const std::unique_ptr<rocksdb::Iterator> it(
      database_->db()->NewIterator(read_, database_->receipts()));
  for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
    const Position position{schema::TrailingNumber(View(it->key()))};
    if (it->key().size() != prefix.size() + 5 || !known(position) ||
        (!positions.empty() && position <= positions.back())) {
      return damaged();
    }
    positions.push_back(position);
  }
  SPOOR_RETURN_IF_ERROR(ToStatus(it->status(), "reading an address's receipts"));
  return positions;
}

}  // namespace spoor
