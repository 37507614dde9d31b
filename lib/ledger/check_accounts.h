#ifndef SPOOR_LIB_LEDGER_CHECK_ACCOUNTS_H_
#define SPOOR_LIB_LEDGER_CHECK_ACCOUNTS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "lib/ledger/account_row.h"
#include "lib/ledger/check_chain.h"
#include "spoor/ledger/model.h"

namespace spoor {

// What each balance that a movement touches leads to: the next movement, or its row among balances.
// Both ends must say the same of it.
struct BalanceLink {
  Position from;
  uint32_t slot = 0;  // which of that movement's it is
  Holding holding;
  Units relative;                // after `from`, less the opening balance, modulo 2^256
  std::optional<Position> next;  // nullopt: its row

  RowHash Hash(const RowHasher& hasher) const;
  std::string Text() const;
};

// What `row` says of what comes after it, and of what comes before it, or what it says at last.
void LinksAfter(Position position, const AccountRow& row, std::vector<BalanceLink>* links);
void LinksBefore(Position position, const AccountRow& row, std::vector<BalanceLink>* links);
BalanceLink LinkOf(const Holding& holding, const Balance& balance);

// Follows opening balances from the first movement on, for as many addresses at once as memory
// allows: those from begin() until end().
class OpeningScan {
 public:
  OpeningScan(uint64_t begin, uint64_t addresses, uint64_t memory);

  uint64_t begin() const { return begin_; }
  uint64_t end() const { return end_; }
  // By how much the opening balance should rise at a movement; nullopt for who is not followed.
  std::optional<Units> Raise(const AccountRow& row);
  // What it comes to. Zero for who has none.
  Units OpeningOf(const Holding& holding) const;

 private:
  uint64_t begin_;
  uint64_t end_;
  size_t most_;
  absl::flat_hash_map<Holding, Units> openings_;
};

// What the movements of an account chain say that must stand elsewhere.
class AccountScan {
 public:
  AccountScan(const ChainRows& rows, ChainSums* sums, CheckLog* log);

  // Of each movement that can be read, in order; counts what it adds to the totals. Returns what is
  // wrong with it by itself, and what would be right; empty if nothing is.
  struct Wrong {
    std::string found;
    std::string wanted;
  };
  std::optional<Wrong> See(Position position, const AccountRow& row, LedgerTotals* counted);

  // Reads the other tables of account chains.
  void Finish(const std::optional<BlockInfo>& tip);

 private:
  void ScanBalances(const std::optional<BlockInfo>& tip);
  void ScanAssets(const std::optional<BlockInfo>& tip);
  void FollowOtherOpenings(const std::optional<BlockInfo>& tip);
  // A word that only the balance's own amounts are multiplied by.
  uint64_t KeyOf(const Holding& holding, uint64_t what) const;

  const ChainRows& rows_;
  ChainSums* sums_;
  CheckLog* log_;
  OpeningScan openings_;
  std::vector<BalanceLink> links_;
  absl::flat_hash_map<AssetId, AssetTally> tallies_;
  // By ranges of addresses: what balances received and how often they were touched, by movements
  // less by their rows; each multiplied by its key.
  std::vector<Uint512> received_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_CHECK_ACCOUNTS_H_
