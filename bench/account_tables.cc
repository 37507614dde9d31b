// account_tables DIR [TRANSFERS]: prints what lib/ledger/README.md says of account chains: makes a
// ledger of so many transfers (a million) in DIR, which must not exist, and reads it back. Few
// accounts and tokens are busy and many are not; each transaction pays a fee, part of it burned.
// Times are processor time of all threads, user and system, without that of making the transfers.

#include <time.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/ledger/database.h"
#include "lib/ledger/format_file.h"
#include "spoor/base/status_macros.h"
#include "spoor/ingest/account_resolver.h"
#include "spoor/ledger/check.h"
#include "spoor/ledger/store.h"

namespace spoor {
namespace {

double Seconds(clockid_t clock) {
  timespec t;
  clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) / 1e9;
}
double ProcessSeconds() { return Seconds(CLOCK_PROCESS_CPUTIME_ID); }
double ThreadSeconds() { return Seconds(CLOCK_THREAD_CPUTIME_ID); }

class Source {
 public:
  AccountBlock Next() {
    AccountBlock block;
    block.height = height_++;
    block.previous = hash_;
    block.hash = hash_ = RandomHash<BlockHash>();
    block.time = 1'438'269'973 + 12 * int64_t{block.height};
    for (int i = 0; i < 150; ++i) {
      AccountTransaction& tx = block.transactions.emplace_back();
      tx.txid = RandomHash<Txid>();
      const std::string from = Account();
      AccountTransfer fee;
      fee.kind = AccountTransfer::Kind::kFee;
      fee.from = from;
      fee.burned = Units(21'000) * (rng_() % 60'000'000'000);
      fee.amount = fee.burned + Units(21'000) * (rng_() % 2'000'000'000);
      tx.transfers.push_back(fee);
      for (uint64_t n = 1 + rng_() % 2; n > 0; --n) {
        AccountTransfer t;
        t.from = from;
        t.to = Account();
        if (rng_() % 2 == 0) t.asset = Key(~uint64_t{0} - Rank(2000));
        t.amount = Units(rng_() % 1'000'000'000) * (rng_() % 5'000'000'000);
        tx.transfers.push_back(t);
      }
    }
    AccountTransaction& reward = block.transactions.emplace_back();
    reward.txid = Txid::FromBytes(block.hash.span());
    AccountTransfer t;
    t.kind = AccountTransfer::Kind::kReward;
    t.to = Account();
    t.amount = Units(1) << 55;
    reward.transfers.push_back(t);
    return block;
  }

 private:
  template <typename Hash>
  Hash RandomHash() {
    std::array<uint8_t, 32> bytes;
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng_());
    return Hash::FromBytes(bytes);
  }
  // Small numbers often, those near `end` seldom.
  uint64_t Rank(double end) {
    const double u = static_cast<double>(rng_() >> 11) / 9007199254740992.0;
    return static_cast<uint64_t>(std::pow(end, u)) - 1;
  }
  std::string Account() {
    if (accounts_ < 10 || rng_() % 3 == 0) return Key(accounts_++);
    return Key(rng_() % 2 == 0 ? Rank(static_cast<double>(accounts_)) : rng_() % accounts_);
  }
  static std::string Key(uint64_t number) {
    std::mt19937_64 rng(number);
    std::string key(1, '\0');
    while (key.size() < 21) key.push_back(static_cast<char>(rng()));
    return key;
  }

  std::mt19937_64 rng_{/*seed=*/20260601};
  uint32_t height_ = 0;
  BlockHash hash_;
  uint64_t accounts_ = 0;
};

absl::Status Run(const std::string& dir, uint64_t transfers) {
  LedgerStore::Options options;
  ChainInfo chain{"ethereum", Family::kAccount, "", "ETH", 18};
  LedgerTotals totals;
  {
    SPOOR_ASSIGN_OR_RETURN(const auto store, LedgerStore::OpenForWriting(dir, options));
    SPOOR_ASSIGN_OR_RETURN(const auto writer, store->Writer(chain));
    SPOOR_RETURN_IF_ERROR(writer->SetMode(LedgerWriter::Mode::kHistory));
    AccountResolver resolver(writer.get(), 128 << 20);
    Source source;
    const double begin = ProcessSeconds();
    double making = 0;
    while (totals.transfers < transfers) {
      const double before = ThreadSeconds();
      const AccountBlock block = source.Next();
      making += ThreadSeconds() - before;
      SPOOR_RETURN_IF_ERROR(resolver.Append(block));
      totals = writer->tip()->totals;
    }
    SPOOR_RETURN_IF_ERROR(writer->Sync());
    const double seconds = ProcessSeconds() - begin - making;
    const auto n = static_cast<double>(totals.movements);
    std::cout << absl::StrFormat(
        "%d blocks, %d transactions, %d transfers, %d movements, %d addresses, %d assets, %d "
        "opening balances\nwritten: %.2f us a movement, %.0f movements/s\n",
        totals.blocks, totals.transactions, totals.transfers, totals.movements, totals.addresses,
        totals.assets, totals.unresolved_inputs, seconds / n * 1e6, n / seconds);
  }
  {
    SPOOR_ASSIGN_OR_RETURN(const auto database,
                           Database::Open(DatabasePath(dir), Database::Mode::kWrite, 256 << 20));
    uint64_t all = 0;
    const Database::Accounts& accounts = database->accounts();
    for (rocksdb::ColumnFamilyHandle* table :
         {accounts.movements, accounts.balances, accounts.assets, accounts.asset_ids,
          database->txids(), database->addresses(), database->address_ids(), database->receipts(),
          database->blocks()}) {
      rocksdb::CompactRangeOptions compact;
      compact.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
      if (!database->db()->CompactRange(compact, table, nullptr, nullptr).ok()) {
        return absl::InternalError("compacting failed");
      }
      rocksdb::ColumnFamilyMetaData meta;
      database->db()->GetColumnFamilyMetaData(table, &meta);
      all += meta.size;
      std::cout << absl::StrFormat(
          "%-20s %8.1f bytes a movement\n", table->GetName(),
          static_cast<double>(meta.size) / static_cast<double>(totals.movements));
    }
    std::cout << absl::StrFormat("%-20s %8.1f bytes a movement\n", "all",
                                 static_cast<double>(all) / static_cast<double>(totals.movements));
  }
  SPOOR_ASSIGN_OR_RETURN(const auto store, LedgerStore::OpenForReading(dir, options));
  SPOOR_ASSIGN_OR_RETURN(const auto view, store->View(chain.name));
  const auto report = [](const char* what, uint64_t n, double seconds) {
    std::cout << absl::StrFormat("%s: %.2f us a movement, %.0f movements/s\n", what,
                                 seconds / static_cast<double>(n) * 1e6,
                                 static_cast<double>(n) / seconds);
  };
  std::mt19937_64 rng(/*seed=*/1);
  for (const size_t at_once : {size_t{1}, size_t{256}}) {
    std::vector<Position> positions(at_once);
    std::vector<Movement> movements;
    uint64_t read = 0;
    const double begin = ProcessSeconds();
    while (read < 300'000) {
      for (Position& p : positions) p = Position{rng() % totals.movements};
      SPOOR_RETURN_IF_ERROR(view->ReadMovements(positions, &movements));
      for (size_t i = 0; i < at_once; ++i) {
        if (movements[i].position != positions[i]) return absl::InternalError("another movement");
      }
      read += at_once;
    }
    report(absl::StrCat("read at random, ", at_once, " at once").c_str(), read,
           ProcessSeconds() - begin);
  }
  // As a trace goes: from each balance to what touches it next.
  Movement movement;
  uint64_t followed = 0;
  double begin = ProcessSeconds();
  while (followed < 100'000) {
    Position position{rng() % totals.movements};
    for (int i = 0; i < 100; ++i, ++followed) {
      SPOOR_ASSIGN_OR_RETURN(movement, ReadMovement(*view, position));
      const auto next = movement.takes[0].next;
      if (!next.has_value()) break;
      position = *next;
    }
    ++followed;
  }
  report("followed from movement to next movement", followed, ProcessSeconds() - begin);
  begin = ProcessSeconds();
  uint64_t scanned = 0;
  SPOOR_RETURN_IF_ERROR(view->ScanMovements(Position{0}, [&](const Movement&) {
    ++scanned;
    return absl::OkStatus();
  }));
  if (scanned != totals.movements) return absl::InternalError("movements are missing");
  report("scanned", scanned, ProcessSeconds() - begin);
  begin = ProcessSeconds();
  SPOOR_ASSIGN_OR_RETURN(const CheckReport check, CheckStore(dir, CheckOptions()));
  if (!check.sound()) return absl::InternalError("the ledger is not sound");
  report("checked", totals.movements, ProcessSeconds() - begin);
  return absl::OkStatus();
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3 || std::filesystem::exists(argv[1])) {
    std::cerr << "usage: account_tables DIR [TRANSFERS], where there is no DIR\n";
    return 2;
  }
  const absl::Status status =
      spoor::Run(argv[1], argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 1'000'000);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? 0 : 1;
}
