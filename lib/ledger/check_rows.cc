#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/ledger/account_schema.h"
#include "lib/ledger/check_chain.h"
#include "lib/ledger/schema.h"

namespace spoor {
namespace {

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

}  // namespace

std::unique_ptr<rocksdb::Iterator> ChainRows::Iterate(rocksdb::ColumnFamilyHandle* table) const {
  rocksdb::ReadOptions read;
  read.readahead_size = 2 << 20;
  read.fill_cache = false;
  read.total_order_seek = true;
  return std::unique_ptr<rocksdb::Iterator>(database->db()->NewIterator(read, table));
}

const char* ChainRows::movement_table() const {
  return family == Family::kAccount ? schema::kAccountMovements : schema::kMovements;
}

std::string ChainRows::MovementKey(uint64_t position) const {
  return schema::MovementKey(family, number, Position{position});
}

std::optional<ChainRows::MovementHead> ChainRows::ReadHead(uint64_t position) const {
  rocksdb::PinnableSlice value;
  if (position >= schema::kNone40 ||
      !database->db()
           ->Get(rocksdb::ReadOptions(), movements(), MovementKey(position), &value)
           .ok()) {
    return std::nullopt;
  }
  if (family == Family::kAccount) {
    AccountRow row;
    if (!schema::DecodeAccountRow(Position{position}, View(value), &row).ok()) return std::nullopt;
    return MovementHead{row.txid, row.height};
  }
  Movement movement;
  const auto row = schema::FindInChunk(View(value), Position{position});
  if (!row.has_value() || !schema::DecodeMovement(Position{position}, *row, &movement).ok()) {
    return std::nullopt;
  }
  return MovementHead{movement.txid, movement.height};
}

std::string ChainRows::PlaceOf(uint64_t position) const {
  std::string place = absl::StrCat("position ", position);
  if (const auto head = ReadHead(position); head.has_value()) {
    absl::StrAppend(
        &place, " (",
        ToText(head->txid, family == Family::kAccount ? HashText::kPrefixed : HashText::kReversed),
        ")");
  }
  return place;
}

void ChainRows::ScanMovements(uint64_t end,
                              absl::FunctionRef<void(uint64_t, absl::string_view)> visit,
                              absl::FunctionRef<void(uint64_t, uint64_t, const std::string&)> gap,
                              absl::FunctionRef<void(const rocksdb::Slice&)> strange) const {
  // A row has so many movements.
  const uint64_t in_row = family == Family::kAccount ? 1 : schema::kInChunk;
  std::unique_ptr<rocksdb::Iterator> it = Iterate(movements());
  const auto can_seek = [&](uint64_t row) {
    it = Iterate(movements());
    it->Seek(MovementKey(row * in_row));
    return it->status().ok();
  };
  const uint64_t rows = (end + in_row - 1) / in_row;
  const auto lose = [&](uint64_t first, uint64_t last, const std::string& why) {
    gap(first * in_row, std::min(last * in_row, end), why);
  };
  uint64_t next = 0;
  it->Seek(MovementKey(0));
  while (next < rows) {
    if (it->Valid() && IsMine(it->key())) {
      if (it->key().size() != MovementKey(0).size()) {
        strange(it->key());
        it->Next();
        continue;
      }
      const uint64_t row = schema::TrailingNumber(View(it->key()));
      if (row > next) lose(next, std::min(row, rows), "no row");
      if (row >= rows) return;
      VisitRow(row * in_row, std::min((row + 1) * in_row, end), View(it->value()), visit, gap);
      next = row + 1;
      it->Next();
      continue;
    }
    if (it->status().ok()) {
      lose(next, rows, "no row");
      return;
    }
    // The least row from which on there is something to read.
    const std::string why = it->status().ToString();
    uint64_t bad = next;
    uint64_t good = rows;
    for (uint64_t step = 1; rows - bad > step; step *= 2) {
      if (can_seek(bad + step)) {
        good = bad + step;
        break;
      }
      bad += step;
    }
    while (good - bad > 1) {
      const uint64_t middle = bad + (good - bad) / 2;
      (can_seek(middle) ? good : bad) = middle;
    }
    lose(next, good, why);
    next = good;
    if (next < rows && !can_seek(next)) {
      lose(next, rows, it->status().ToString());
      return;
    }
  }
}

void ChainRows::VisitRow(
    uint64_t begin, uint64_t end, absl::string_view row,
    absl::FunctionRef<void(uint64_t, absl::string_view)> visit,
    absl::FunctionRef<void(uint64_t, uint64_t, const std::string&)> gap) const {
  if (family == Family::kAccount) return visit(begin, row);
  absl::string_view movement;
  for (uint64_t position = begin; position < end; ++position) {
    if (!schema::ConsumeFromChunk(&row, &movement)) {
      return gap(position, end, "a row that ends before it");
    }
    if (position % schema::kInChunk == schema::kInChunk - 1 && !row.empty()) {
      return gap(position, end, "a row that goes on behind it");
    }
    visit(position, movement);
  }
}

void LostPositions::Add(uint64_t begin, uint64_t end) {
  // Beyond that, what hangs on them is told as well.
  constexpr size_t kMost = 1'000'000;
  size_ += end - begin;
  if (!ranges_.empty() && ranges_.back().second == begin) {
    ranges_.back().second = end;
  } else if (ranges_.size() < kMost) {
    ranges_.emplace_back(begin, end);
  }
}

bool LostPositions::Contains(uint64_t position) const {
  const auto it = std::upper_bound(ranges_.begin(), ranges_.end(), position,
                                   [](uint64_t p, const auto& range) { return p < range.first; });
  return it != ranges_.begin() && position < std::prev(it)->second;
}

RowHash HashSpend(const RowHasher& hasher, const Holding& output, AddressId owner,
                  const Units& amount, Position spender) {
  return hasher.Of(
      {output.major, output.minor, owner.number, static_cast<uint64_t>(amount), spender.number});
}

void CreditedAddresses(const Movement& movement, std::vector<uint64_t>* ids) {
  ids->clear();
  for (const Take& take : movement.takes) {
    if (!take.owner.IsNobody()) ids->push_back(take.owner.number);
  }
  std::sort(ids->begin(), ids->end());
  ids->erase(std::unique(ids->begin(), ids->end()), ids->end());
}

bool RunStarts::See(const Txid& txid, uint32_t height) {
  if (family_ == Family::kUtxo) return true;
  const bool starts = !begun_ || txid != txid_ || height != height_;
  begun_ = true;
  txid_ = txid;
  height_ = height;
  return starts;
}

uint64_t TxidHead(const Txid& txid) {
  uint64_t head = 0;
  for (size_t i = 0; i < 8; ++i) head = head << 8 | txid.bytes()[i];
  return head;
}

}  // namespace spoor
