#ifndef SPOOR_LEDGER_STORE_H_
#define SPOOR_LEDGER_STORE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/chain/hash.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

// Blocks of a chain that had been made durable, and are gone.
struct LostBlocks {
  std::string chain;
  uint32_t height = 0;  // of the last of them
  BlockHash hash;
  std::optional<uint32_t> tip;  // the height at which the chain ends now; nullopt if it is empty
};
std::string ToText(const LostBlocks& lost);

// The ledger on disk: one directory with any number of chains, in RocksDB. One process at a time
// may hold it for writing; any number read it meanwhile. Its rows are described in
// lib/ledger/schema.h.
class LedgerStore {
 public:
  // The version of the format that this library reads and writes.
  static constexpr int kFormat = 4;

  struct Options {
    // Memory for caches and write buffers, in bytes.
    uint64_t memory = 512ull << 20;
    // Opens for writing also if lost_blocks(), for whoever is going to append them again.
    bool accept_lost_blocks = false;
  };

  // How much memory a program that ingests, and is to take no more than `budget` bytes, may give to
  // the store; and as much again to what finds outputs and addresses. The rest is for the program
  // and for files that are read and written: of less than 256 MiB it takes up to 100 MiB more.
  static uint64_t ShareForIngest(uint64_t budget);

  // Whether `dir` holds a ledger, of whatever format.
  static bool Exists(const std::string& dir);

  // Opens for reading the state that is there now; later writes are not seen. NOT_FOUND if `dir`
  // holds no ledger; FAILED_PRECONDITION if it has another format; DATA_LOSS, naming them, if
  // blocks that LedgerWriter::Sync() had acknowledged are gone. Changes nothing on disk.
  static absl::StatusOr<std::unique_ptr<LedgerStore>> OpenForReading(const std::string& dir,
                                                                     const Options& options);
  // Opens for writing; makes the ledger if `dir` is missing or empty. FAILED_PRECONDITION if
  // another process has it open for writing, if it has another format, or if `dir` holds something
  // else; DATA_LOSS as above.
  static absl::StatusOr<std::unique_ptr<LedgerStore>> OpenForWriting(const std::string& dir,
                                                                     const Options& options);
  virtual ~LedgerStore() = default;

  // The chains, in the order in which they were added.
  virtual std::vector<ChainInfo> chains() const = 0;

  // What was gone when the ledger was opened. Until a chain is as long again it opens only for who
  // accepts that.
  virtual std::vector<LostBlocks> lost_blocks() const = 0;

  // The chain's state at this moment. It must not outlive the store. NOT_FOUND, naming the chains
  // there are, if it is none of them.
  virtual absl::StatusOr<std::unique_ptr<LedgerView>> View(absl::string_view chain) const = 0;

  // The writer of a chain, which is added if it is new. It must not outlive the store; one at a
  // time for each chain. FAILED_PRECONDITION if the store is open for reading, or has a chain of
  // that name that has blocks and is not the same in the rest; but internal transfers once missing
  // stay missing, whatever is said later, and may be missing from now on.
  virtual absl::StatusOr<std::unique_ptr<LedgerWriter>> Writer(const ChainInfo& chain) = 0;

  // The table of that name, empty if nothing was ever written to it. It must not outlive the store.
  virtual std::unique_ptr<LedgerTable> Table(absl::string_view name) = 0;
};

}  // namespace spoor

#endif  // SPOOR_LEDGER_STORE_H_
