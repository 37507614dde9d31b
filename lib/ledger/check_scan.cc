#include <algorithm>
#include <limits>

#include "absl/strings/str_cat.h"
#include "lib/ledger/account_schema.h"
#include "lib/ledger/check_accounts.h"
#include "lib/ledger/check_chain.h"
#include "lib/ledger/schema.h"
#include "spoor/chain/digest.h"

namespace spoor {
namespace {

constexpr uint64_t kProgressRows = 1 << 16;
constexpr size_t kBlockKeySize = 5;
constexpr size_t kNumberKeySize = 6;  // of movements and addresses
constexpr size_t kTxidKeySize = schema::kTxidPrefix + 5;
constexpr size_t kReceiptKeySize = 11;

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

std::string KeyText(const rocksdb::Slice& key) {
  return absl::StrCat("row ", ToHex(AsBytes(View(key))));
}

struct TotalField {
  const char* name;
  uint64_t LedgerTotals::*field;
  bool needs_movements;  // cannot be known while a movement of the block is lost
};
constexpr TotalField kTotals[] = {
    {"blocks", &LedgerTotals::blocks, false},
    {"transactions", &LedgerTotals::transactions, false},
    {"movements", &LedgerTotals::movements, false},
    {"inputs", &LedgerTotals::inputs, true},
    {"outputs", &LedgerTotals::outputs, true},
    {"addresses", &LedgerTotals::addresses, true},
    {"transfers", &LedgerTotals::transfers, false},
    {"unresolved_inputs", &LedgerTotals::unresolved_inputs, true},
    {"assets", &LedgerTotals::assets, true},
};

// The rows of blocks in order, each with the one after it.
class BlockScan {
 public:
  BlockScan(const ChainRows& rows, CheckLog* log)
      : rows_(rows), log_(log), it_(rows.Iterate(rows.database->blocks())) {
    it_->Seek(schema::BlockKey(rows.number, 0));
    Next();
  }

  const std::optional<BlockInfo>& current() const { return current_; }
  const std::optional<BlockInfo>& following() const { return following_; }
  void Next() {
    current_ = begun_ ? following_ : Read();
    begun_ = true;
    following_ = current_.has_value() ? Read() : std::nullopt;
  }

 private:
  // The next row that can be read.
  std::optional<BlockInfo> Read() {
    for (; it_->Valid() && rows_.IsMine(it_->key()); it_->Next()) {
      if (it_->key().size() != kBlockKeySize) {
        log_->Find(schema::kBlocks, KeyText(it_->key()),
                   absl::StrCat("a key of ", it_->key().size(), " bytes"), "one of 5 bytes");
        continue;
      }
      uint32_t height = 0;
      for (const char c : View(it_->key()).substr(1)) {
        height = height << 8 | static_cast<uint8_t>(c);
      }
      const auto block = schema::DecodeBlock(height, View(it_->value()));
      // Of an account chain heights may be left out: the number of blocks tells.
      if (height != next_height_ && next_height_ != 0 && rows_.family == Family::kUtxo) {
        log_->Find(schema::kBlocks,
                   height == next_height_ + 1
                       ? absl::StrCat("block ", next_height_)
                       : absl::StrCat("blocks ", next_height_, " to ", height - 1),
                   "no row", "a row for every height");
      }
      next_height_ = height + 1;
      if (block.ok()) {
        it_->Next();
        return *block;
      }
      log_->Find(schema::kBlocks, absl::StrCat("block ", height), "a record that is damaged",
                 "a block and its totals");
    }
    if (!it_->status().ok()) {
      log_->Find(schema::kBlocks, absl::StrCat("from block ", next_height_, " on"),
                 it_->status().ToString(), "rows that can be read");
    }
    return std::nullopt;
  }

  const ChainRows& rows_;
  CheckLog* log_;
  std::unique_ptr<rocksdb::Iterator> it_;
  uint32_t next_height_ = 0;
  bool begun_ = false;
  std::optional<BlockInfo> current_;
  std::optional<BlockInfo> following_;
};

// Goes through blocks and movements side by side.
class Scan {
 public:
  Scan(const ChainRows& rows, ChainSums* sums, CheckLog* log)
      : rows_(rows), sums_(sums), log_(log), blocks_(rows, log), runs_(rows.family) {
    if (rows.family == Family::kAccount) accounts_.emplace(rows, sums, log);
    BeginBlock();
  }

  void Run(uint64_t end, const std::optional<BlockInfo>& tip) {
    end_ = end;
    rows_.ScanMovements(
        end,
        [&](uint64_t position, absl::string_view row) {
          if (position % kProgressRows == 0) {
            log_->Progress("movements", position, end_, "rows");
          }
          CloseBlocksUntil(position);
          See(position, row);
        },
        [&](uint64_t begin, uint64_t gap_end, const std::string& why) {
          EndStreak();
          log_->Find(rows_.movement_table(), Positions(begin, gap_end), why,
                     "a movement at every position below the tip's");
          Lose(begin, gap_end);
        },
        [&](const rocksdb::Slice& key) { FindKey(key); });
    CloseBlocksUntil(std::numeric_limits<uint64_t>::max());
    EndStreak();
    FindBeyond();
    if (accounts_.has_value()) accounts_->Finish(tip);
  }

 private:
  static std::string Positions(uint64_t begin, uint64_t end) {
    return begin + 1 == end ? absl::StrCat("position ", begin)
                            : absl::StrCat("positions ", begin, " to ", end - 1);
  }

  // A range of positions may pass through several blocks.
  void Lose(uint64_t begin, uint64_t end) {
    sums_->lost.Add(begin, end);
    while (begin < end) {
      CloseBlocksUntil(begin);
      const uint64_t until = blocks_.current().has_value() ? std::min(end, block_end_) : end;
      counted_.movements += until - begin;
      counted_.transactions += until - begin;
      lost_in_block_ = true;
      begin = until;
    }
  }

  // What is wrong with successive movements in the same way is one finding.
  void FindInStreak(const char* kind, uint64_t position, absl::string_view found,
                    absl::string_view wanted) {
    if (streak_kind_ == kind && streak_end_ == position) {
      streak_end_ = position + 1;
      return;
    }
    EndStreak();
    streak_kind_ = kind;
    streak_begin_ = position;
    streak_end_ = position + 1;
    streak_found_ = std::string(found);
    streak_wanted_ = std::string(wanted);
  }
  void EndStreak() {
    if (streak_kind_ == nullptr) return;
    log_->Find(rows_.movement_table(),
               streak_begin_ + 1 == streak_end_ && log_->keeps()
                   ? rows_.PlaceOf(streak_begin_)
                   : Positions(streak_begin_, streak_end_),
               streak_found_, streak_wanted_);
    streak_kind_ = nullptr;
  }

  void See(uint64_t position, absl::string_view row) {
    counted_.movements += 1;
    counted_.transactions += 1;
    const absl::Status status =
        accounts_.has_value() ? schema::DecodeAccountRow(Position{position}, row, &account_row_)
                              : schema::DecodeMovement(Position{position}, row, &movement_);
    if (!status.ok()) {
      FindInStreak("damaged", position, "a record that is damaged", "a movement");
      sums_->lost.Add(position, position + 1);
      lost_in_block_ = true;
      return;
    }
    const uint32_t height = accounts_.has_value() ? account_row_.height : movement_.height;
    if (const auto& block = blocks_.current();
        block.has_value() && position >= block_begin_ && height != block->height) {
      FindInStreak("height", position, absl::StrCat("height ", height),
                   absl::StrCat(block->height, ", in whose block it lies"));
    }
    const Txid& txid = accounts_.has_value() ? account_row_.txid : movement_.txid;
    if (runs_.See(txid, height)) {
      const uint64_t head = TxidHead(txid);
      sums_->txids.Add(head, rows_.hasher.Of({head, position}));
    }
    accounts_.has_value() ? SeeAccounts(position) : SeeOutputs(position);
  }

  void SeeAccounts(uint64_t position) {
    for (size_t i = 0; i < account_row_.size(); ++i) {
      SeeOwner(position, account_row_.touches[i].owner);
    }
    const auto wrong = accounts_->See(Position{position}, account_row_, &counted_);
    if (wrong.has_value()) FindInStreak("balance", position, wrong->found, wrong->wanted);
  }

  void SeeOutputs(uint64_t position) {
    counted_.inputs += movement_.gives.size();
    for (const Give& give : movement_.gives) {
      SeeOwner(position, give.owner);
      if (give.kind == GiveKind::kUnresolved) counted_.unresolved_inputs += 1;
      if (give.kind != GiveKind::kHolding) continue;
      sums_->spends.Add(give.holding.major, HashSpend(rows_.hasher, give.holding, give.owner,
                                                      give.amount, movement_.position));
    }
    for (const Take& take : movement_.takes) {
      if (take.kind == TakerKind::kFee) continue;
      counted_.outputs += 1;
      SeeOwner(position, take.owner);
      if (!take.next.has_value()) continue;
      if (take.kind == TakerKind::kBurned) {
        FindInStreak("burned", position,
                     absl::StrCat("output ", take.holding.minor, " burned, and spent at position ",
                                  take.next->number),
                     "a burned output that nothing spends");
      }
      sums_->spends.Subtract(
          position, HashSpend(rows_.hasher, take.holding, take.owner, take.amount, *take.next));
    }
    CreditedAddresses(movement_, &credited_);
    for (const uint64_t id : credited_) {
      if (id < sums_->addresses) sums_->receipts.Add(id, rows_.hasher.Of({id, position}));
    }
  }

  void SeeOwner(uint64_t position, AddressId owner) {
    if (owner.IsNobody()) return;
    if (owner.number >= sums_->addresses) {
      FindInStreak("owner", position, absl::StrCat("address ", owner.number),
                   absl::StrCat("one of the ", sums_->addresses, " there are"));
      return;
    }
    // Addresses are numbered in the order in which movements first name them.
    counted_.addresses = std::max(counted_.addresses, owner.number + 1);
  }

  // Before the movement at `position` is seen.
  void CloseBlocksUntil(uint64_t position) {
    while (blocks_.current().has_value() && position >= block_end_) {
      CloseBlock(*blocks_.current());
      blocks_.Next();
      BeginBlock();
    }
  }

  void BeginBlock() {
    const auto& block = blocks_.current();
    if (!block.has_value()) return;
    block_begin_ = block->first.number;
    block_end_ = BlockEnd(*block);
    if (!before_.has_value()) {
      CheckTime(*block, block->time);
      return;
    }
    const bool gap = before_->height + 1 != block->height;
    if (gap && rows_.family == Family::kUtxo) return;
    const auto place = [&] { return absl::StrCat("block ", block->height); };
    if (!gap && block->previous != before_->hash) {
      log_->Find(schema::kBlocks, place(), absl::StrCat("previous ", ToText(block->previous)),
                 absl::StrCat(ToText(before_->hash), ", the block before it"));
    }
    CheckTime(*block, std::max(block->time, before_->order_time));
    if (block->first.number != before_->totals.movements) {
      log_->Find(schema::kBlocks, place(), absl::StrCat("first movement ", block->first.number),
                 absl::StrCat(before_->totals.movements, ", where the block before it ends"));
    }
  }

  void CheckTime(const BlockInfo& block, int64_t wanted) {
    if (block.order_time == wanted) return;
    log_->Find(schema::kBlocks, absl::StrCat("block ", block.height),
               absl::StrCat("order time ", block.order_time), absl::StrCat(wanted));
  }

  // The position behind the last movement of `block`, which its own row and the next one state. If
  // they disagree, movements bear witness.
  uint64_t BlockEnd(const BlockInfo& block) const {
    const uint64_t end = block.totals.movements;
    if (!blocks_.following().has_value()) return end;
    const uint64_t other = blocks_.following()->first.number;
    if (end == other || blocks_.following()->height != block.height + 1) return end;
    for (const uint64_t candidate : {end, other}) {
      const auto before = candidate == 0 ? std::nullopt : HeightAt(candidate - 1);
      const auto after = HeightAt(candidate);
      if (before.has_value() && *before <= block.height && after.has_value() &&
          *after > block.height) {
        return candidate;
      }
    }
    return std::min(end, other);
  }
  std::optional<uint32_t> HeightAt(uint64_t position) const {
    const auto head = rows_.ReadHead(position);
    if (!head.has_value()) return std::nullopt;
    return head->height;
  }

  void CloseBlock(const BlockInfo& block) {
    const bool account = rows_.family == Family::kAccount;
    counted_.blocks += before_.has_value() && !account ? block.height - before_->height : 1;
    // Transactions that moved nothing leave nothing.
    if (account) counted_.transactions = block.totals.transactions;
    const LedgerTotals stated_before = before_.has_value() ? before_->totals : LedgerTotals();
    for (const TotalField& total : kTotals) {
      const uint64_t found = block.totals.*total.field;
      uint64_t& wanted = counted_.*total.field;
      if (found == wanted) continue;
      // A difference that an earlier block has as well has been told there.
      const bool told = found - stated_before.*total.field == wanted - counted_before_.*total.field;
      if (!told && !(total.needs_movements && lost_in_block_)) {
        log_->Find(schema::kBlocks, absl::StrCat("block ", block.height),
                   absl::StrCat("total of ", total.name, " ", found),
                   absl::StrCat(wanted, ", by its movements and the blocks before"));
        continue;
      }
      wanted = found;
    }
    counted_before_ = counted_;
    before_ = block;
    lost_in_block_ = false;
  }

  void FindKey(const rocksdb::Slice& key) {
    log_->Find(rows_.movement_table(), KeyText(key),
               absl::StrCat("a key of ", key.size(), " bytes"),
               absl::StrCat("one of ", kNumberKeySize, " bytes"));
  }

  // Movements that no block holds.
  void FindBeyond() {
    const auto it = rows_.Iterate(rows_.movements());
    uint64_t beyond = 0;
    uint64_t first = 0;
    const auto see = [&](uint64_t position) {
      if (position < end_) return;
      if (beyond++ == 0) first = position;
    };
    // The tip's own row may have more.
    const std::string last = rows_.MovementKey(end_ == 0 ? 0 : end_ - 1);
    for (it->Seek(last); it->Valid() && rows_.IsMine(it->key()); it->Next()) {
      if (it->key().size() != last.size()) {
        FindKey(it->key());
        continue;
      }
      const uint64_t row = schema::TrailingNumber(View(it->key()));
      if (rows_.family == Family::kAccount) {
        see(row);
        continue;
      }
      const uint64_t begin = row * schema::kInChunk;
      uint64_t position = begin;
      absl::string_view chunk = View(it->value());
      absl::string_view movement;
      for (; schema::ConsumeFromChunk(&chunk, &movement); ++position) see(position);
      // Of what is no movement, too; before the tip it has been told.
      if (!chunk.empty() || position == begin) see(position);
    }
    if (beyond > 0) {
      log_->Find(rows_.movement_table(), absl::StrCat("from position ", first, " on"),
                 absl::StrCat(beyond, " movements"), absl::StrCat("none: the tip ends at ", end_));
    }
    if (!it->status().ok()) {
      log_->Find(rows_.movement_table(), absl::StrCat("from position ", end_, " on"),
                 it->status().ToString(), "rows that can be read, or none");
    }
  }

  const ChainRows& rows_;
  ChainSums* sums_;
  CheckLog* log_;
  BlockScan blocks_;
  uint64_t end_ = 0;
  uint64_t block_begin_ = 0;
  uint64_t block_end_ = 0;
  std::optional<BlockInfo> before_;  // the block before the current one
  LedgerTotals counted_;             // up to now, by the movements
  LedgerTotals counted_before_;      // up to `before_`
  bool lost_in_block_ = false;
  const char* streak_kind_ = nullptr;
  uint64_t streak_begin_ = 0;
  uint64_t streak_end_ = 0;
  std::string streak_found_;
  std::string streak_wanted_;
  RunStarts runs_;
  Movement movement_;
  std::vector<uint64_t> credited_;
  std::optional<AccountScan> accounts_;  // of an account chain
  AccountRow account_row_;
};

// Visits all rows of the chain in a table whose keys have the size they should have. False if some
// cannot be read.
bool ScanTable(const ChainRows& rows, rocksdb::ColumnFamilyHandle* table, const char* name,
               size_t key_size, uint64_t expected, CheckLog* log,
               absl::FunctionRef<void(absl::string_view key, absl::string_view value)> visit) {
  const auto it = rows.Iterate(table);
  uint64_t seen = 0;
  for (it->Seek(std::string(1, static_cast<char>(rows.number)));
       it->Valid() && rows.IsMine(it->key()); it->Next()) {
    if (seen++ % kProgressRows == 0) log->Progress(name, seen - 1, expected, "rows");
    if (key_size != 0 && it->key().size() != key_size) {
      log->Find(name, KeyText(it->key()), absl::StrCat("a key of ", it->key().size(), " bytes"),
                absl::StrCat("one of ", key_size, " bytes"));
      continue;
    }
    visit(View(it->key()), View(it->value()));
  }
  if (it->status().ok()) return true;
  log->Find(name, absl::StrCat("after ", seen, " rows"), it->status().ToString(),
            "rows that can be read");
  return false;
}

bool ScanTxids(const ChainRows& rows, ChainSums* sums, CheckLog* log) {
  return ScanTable(
      rows, rows.database->txids(), schema::kTxids, kTxidKeySize, sums->movements, log,
      [&](absl::string_view key, absl::string_view value) {
        const uint64_t position = schema::TrailingNumber(key);
        uint64_t head = 0;
        for (const char c : key.substr(1, 8)) head = head << 8 | static_cast<uint8_t>(c);
        if (!value.empty() && (rows.family == Family::kUtxo ||
                               TxidHead(Txid::FromBytes(Keccak256(AsBytes(value)))) != head)) {
          log->Find(schema::kTxids, absl::StrCat("position ", position), "a value",
                    "none, or the text whose Keccak-256 is the txid");
        }
        sums->txids.Subtract(head, rows.hasher.Of({head, position}));
      });
}

// The row of an address there is: its key, and the receipt that it names.
void SeeAddress(const ChainRows& rows, uint64_t id, absl::string_view value, ChainSums* sums,
                CheckLog* log) {
  const auto row = schema::DecodeAddressRow(AddressId{id}, value);
  if (!row.ok()) {
    log->Find(schema::kAddresses, absl::StrCat("address ", id), "a record that is damaged",
              "the first receipt and the address's key");
    return;
  }
  sums->address_ids.Add(id, rows.hasher.Of(id, row->key));
  if (row->first_receipt.has_value()) {
    sums->receipts.Subtract(id, rows.hasher.Of({id, row->first_receipt->number}));
  }
}

bool ScanAddresses(const ChainRows& rows, uint64_t addresses, ChainSums* sums, CheckLog* log) {
  uint64_t next = 0;
  const auto missing = [&](uint64_t end) {
    if (next >= end) return;
    log->Find(schema::kAddresses,
              next + 1 == end ? absl::StrCat("address ", next)
                              : absl::StrCat("addresses ", next, " to ", end - 1),
              "no row", absl::StrCat("a row for each of ", addresses, " addresses"));
  };
  uint64_t beyond = 0;
  const bool whole =
      ScanTable(rows, rows.database->addresses(), schema::kAddresses, kNumberKeySize,
                sums->addresses, log, [&](absl::string_view key, absl::string_view value) {
                  const uint64_t id = schema::TrailingNumber(key);
                  if (id >= addresses) {
                    beyond += 1;
                    return;
                  }
                  missing(id);
                  next = id + 1;
                  SeeAddress(rows, id, value, sums, log);
                });
  if (whole) missing(addresses);
  if (beyond > 0) {
    log->Find(schema::kAddresses, absl::StrCat("from address ", addresses, " on"),
              absl::StrCat(beyond, " rows"), "none: the tip has no more addresses");
  }
  return whole;
}

bool ScanAddressIds(const ChainRows& rows, uint64_t addresses, ChainSums* sums, CheckLog* log) {
  return ScanTable(
      rows, rows.database->address_ids(), schema::kAddressIds, 0, sums->addresses, log,
      [&](absl::string_view key, absl::string_view value) {
        const auto id = schema::DecodeAddressId(value);
        if (id.ok() && id->number < addresses) {
          sums->address_ids.Subtract(id->number, rows.hasher.Of(id->number, key.substr(1)));
          return;
        }
        log->Find(schema::kAddressIds, absl::StrCat("key ", ToHex(AsBytes(key.substr(1)))),
                  id.ok() ? absl::StrCat("address ", id->number) : "no address id",
                  absl::StrCat("one of the ", addresses, " there are"));
      });
}

bool ScanReceipts(const ChainRows& rows, uint64_t addresses, ChainSums* sums, CheckLog* log) {
  return ScanTable(rows, rows.database->receipts(), schema::kReceipts, kReceiptKeySize, 0, log,
                   [&](absl::string_view key, absl::string_view value) {
                     const uint64_t position = schema::TrailingNumber(key);
                     const uint64_t id = schema::TrailingNumber(key.substr(0, 6));
                     const auto place = [&] {
                       return absl::StrCat("address ", id, ", position ", position);
                     };
                     if (!value.empty()) log->Find(schema::kReceipts, place(), "a value", "none");
                     if (id >= addresses) {
                       log->Find(schema::kReceipts, place(), "a row",
                                 absl::StrCat("none: there are ", addresses, " addresses"));
                       return;
                     }
                     sums->receipts.Subtract(id, rows.hasher.Of({id, position}));
                   });
}

}  // namespace

ChainSums ScanChain(const ChainRows& rows, const std::optional<BlockInfo>& tip, CheckLog* log) {
  const LedgerTotals totals = tip.has_value() ? tip->totals : LedgerTotals();
  // Positions and address ids have five bytes; a tip that says more is found by its totals.
  const uint64_t movements = std::min(totals.movements, schema::kNone40);
  const uint64_t addresses = std::min(totals.addresses, schema::kNone40);
  ChainSums sums(std::max<uint64_t>(movements, 1), std::max<uint64_t>(addresses, 1));
  Scan(rows, &sums, log).Run(movements, tip);
  if (!ScanTxids(rows, &sums, log)) sums.txids.Forget();
  const bool addresses_read = ScanAddresses(rows, addresses, &sums, log);
  if (!ScanAddressIds(rows, addresses, &sums, log) || !addresses_read) sums.address_ids.Forget();
  if (!ScanReceipts(rows, addresses, &sums, log) || !addresses_read) sums.receipts.Forget();
  return sums;
}

}  // namespace spoor
