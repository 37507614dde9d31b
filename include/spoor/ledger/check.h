#ifndef SPOOR_LEDGER_CHECK_H_
#define SPOOR_LEDGER_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Something in a store that cannot be.
struct CheckFinding {
  std::string chain;   // its name; empty where it is none's
  std::string table;   // the column family, as lib/ledger/schema.h names it; "file", "database"
  std::string place;   // "block 7", "position 12 (TXID)", "address 5", a file's name
  std::string found;   // what is there
  std::string wanted;  // what should be
};

// What a check has seen of a chain.
struct CheckedChain {
  std::string name;
  std::optional<BlockInfo> tip;
};

struct CheckReport {
  std::vector<CheckedChain> chains;  // in the order of the store
  uint64_t files = 0;                // tables whose every block was read
  uint64_t bytes = 0;                // in them
  // Of all findings the first, in the order in which they came up.
  std::vector<CheckFinding> findings;
  // How many there are. Where much is damaged close together it is counted as one.
  uint64_t total_findings = 0;

  bool sound() const { return total_findings == 0; }
};

struct CheckProgress {
  const char* stage = "";  // "files", "movements", ...: another word begins another count
  uint64_t done = 0;
  uint64_t total = 0;
  const char* unit = "";  // "bytes", "rows"
};

struct CheckOptions {
  // Bytes, caches included. However little, a few tens of megabytes are used.
  uint64_t memory = 512ull << 20;
  // How many findings to keep.
  size_t most_findings = 100;
  // Called now and then, from the calling thread.
  std::function<void(const CheckProgress&)> progress = nullptr;
};

// Proves that what the store in `dir` says is whole and agrees with itself, as it stands when this
// is called; a writer may go on meanwhile. Every table file matches its checksums. Blocks follow
// one another by height and hash, and their totals are those of their movements. Movements are
// numbered without gaps and lie in their blocks. Every input spends an output that is there, whose
// owner, amount and spender are those the input says, and no output names a spender that does not
// spend it. Transactions, addresses and receipts can be found as the movements say, and no others.
// What inputs revealed of an address has its hash, and is of a movement that spends from it;
// whether an earlier one revealed it, and whether others revealed more, only the blocks tell.
//
// The tables are read from front to back, each once, however large: rows that must match are
// compared by keyed sums over ranges of them. Only where sums differ is read a second time, to say
// which rows. So rows of which 2^-128 is the chance to be taken for others, and the 24 bytes of a
// txid that nothing else holds, are what is left to the checksums.
//
// NOT_FOUND if `dir` holds no ledger, FAILED_PRECONDITION if it has another format, UNAVAILABLE if
// it cannot be opened for another reason than damage. Damage is in the report.
absl::StatusOr<CheckReport> CheckStore(const std::string& dir, const CheckOptions& options);

}  // namespace spoor

#endif  // SPOOR_LEDGER_CHECK_H_
