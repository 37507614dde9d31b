#ifndef SPOOR_LIB_LEDGER_CHECK_CHAIN_H_
#define SPOOR_LIB_LEDGER_CHECK_CHAIN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "lib/ledger/check_sums.h"
#include "lib/ledger/database.h"
#include "rocksdb/db.h"
#include "spoor/ledger/check.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Where the findings of a check go.
class CheckLog {
 public:
  CheckLog(const CheckOptions& options, CheckReport* report) : options_(options), report_(report) {}

  const CheckOptions& options() const { return options_; }
  void set_chain(const std::string& name) { chain_ = name; }

  uint64_t total() const { return report_->total_findings; }
  // Whether the next finding would be kept: then it is worth the words.
  bool keeps() const { return report_->findings.size() < options_.most_findings; }
  void Find(absl::string_view table, std::string place, std::string found, std::string wanted) {
    report_->total_findings += 1;
    if (!keeps()) return;
    report_->findings.push_back(
        {chain_, std::string(table), std::move(place), std::move(found), std::move(wanted)});
  }
  void Progress(const char* stage, uint64_t done, uint64_t total, const char* unit) const {
    if (options_.progress) options_.progress({stage, done, total, unit});
  }

 private:
  const CheckOptions& options_;
  CheckReport* report_;
  std::string chain_;
};

// The rows of one chain.
struct ChainRows {
  const Database* database = nullptr;
  uint8_t number = 0;
  Family family = Family::kUtxo;
  RowHasher hasher;

  rocksdb::ColumnFamilyHandle* movements() const {
    return family == Family::kAccount ? database->accounts().movements : database->movements();
  }
  // The name of that table.
  const char* movement_table() const;
  // The key of the row that has the movement.
  std::string MovementKey(uint64_t position) const;
  // What every movement has.
  struct MovementHead {
    Txid txid;
    uint32_t height = 0;
  };
  // nullopt if the row cannot be read.
  std::optional<MovementHead> ReadHead(uint64_t position) const;

  std::unique_ptr<rocksdb::Iterator> Iterate(rocksdb::ColumnFamilyHandle* table) const;
  bool IsMine(const rocksdb::Slice& key) const {
    return !key.empty() && key[0] == static_cast<char>(number);
  }
  // "position 12 (TXID)", as long as the row can be read.
  std::string PlaceOf(uint64_t position) const;

  // Visits the movements below `end` in order. `gap` is told which are not there, or cannot be
  // read, and why; `strange`, what keys there are among theirs that are none.
  void ScanMovements(
      uint64_t end, absl::FunctionRef<void(uint64_t position, absl::string_view row)> visit,
      absl::FunctionRef<void(uint64_t begin, uint64_t end, const std::string& why)> gap,
      absl::FunctionRef<void(const rocksdb::Slice& key)> strange = [](const rocksdb::Slice&) {
      }) const;

 private:
  // The same of one row, which should have the movements from `begin` to before `end`.
  void VisitRow(uint64_t begin, uint64_t end, absl::string_view row,
                absl::FunctionRef<void(uint64_t, absl::string_view)> visit,
                absl::FunctionRef<void(uint64_t, uint64_t, const std::string&)> gap) const;
};

// Positions of which nothing is known, because their rows are missing or damaged. What hangs on
// them cannot be right, and is not another finding.
class LostPositions {
 public:
  // Ascending.
  void Add(uint64_t begin, uint64_t end);
  bool Contains(uint64_t position) const;
  uint64_t size() const { return size_; }

 private:
  std::vector<std::pair<uint64_t, uint64_t>> ranges_;
  uint64_t size_ = 0;
};

// What a first reading of all of a chain's tables leaves: where what must agree does not.
struct ChainSums {
  ChainSums(uint64_t all_movements, uint64_t all_addresses)
      : movements(all_movements),
        addresses(all_addresses),
        spends(all_movements),
        txids(~uint64_t{0}),
        address_ids(all_addresses),
        receipts(all_addresses),
        balances(all_addresses) {}

  uint64_t movements;  // and addresses: their number, by the tip; at least 1
  uint64_t addresses;
  LostPositions lost;
  // By the position spent from: what inputs say less what outputs say. On an account chain, by the
  // position that a balance was touched before: what is said after less what is said there.
  RowSums spends;
  RowSums txids;        // by the head of the txid: what movements say less what rows say
  RowSums address_ids;  // by id: addresses less address_ids
  RowSums receipts;     // by id: what movements say less what rows say
  RowSums balances;     // of an account chain, by id: likewise
};

// One output, and the input that says it spends it: the words that both must have in common.
RowHash HashSpend(const RowHasher& hasher, const Holding& output, AddressId owner,
                  const Units& amount, Position spender);
// The addresses that a movement credits, each once, ascending.
void CreditedAddresses(const Movement& movement, std::vector<uint64_t>* ids);
// The first eight bytes of a txid, as in a row of txids.
uint64_t TxidHead(const Txid& txid);

// Tells where the runs of movements begin that a row of txids is there for (schema.h).
class RunStarts {
 public:
  explicit RunStarts(Family family) : family_(family) {}
  // Of each movement in turn.
  bool See(const Txid& txid, uint32_t height);

 private:
  Family family_;
  bool begun_ = false;
  Txid txid_;
  uint32_t height_ = 0;
};

// Reads all tables of the chain once, and finds what can be seen in passing.
ChainSums ScanChain(const ChainRows& rows, const std::optional<BlockInfo>& tip, CheckLog* log);

// Holds what inputs revealed against the addresses, and against the movements that it names.
void CheckKeys(const ChainRows& rows, const ChainSums& sums, CheckLog* log);

// Reads again where sums differ, and finds the rows.
void ExplainSums(const ChainRows& rows, const ChainSums& sums, CheckLog* log);

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_CHECK_CHAIN_H_
