#ifndef SPOOR_LIB_LEDGER_TIP_RECORD_H_
#define SPOOR_LIB_LEDGER_TIP_RECORD_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/ledger/database.h"
#include "rocksdb/env.h"
#include "spoor/chain/hash.h"
#include "spoor/ledger/model.h"
#include "spoor/ledger/store.h"

namespace spoor {

// The tips of a store's chains that were acknowledged as durable, in a file beside the database,
// TIPS. RocksDB takes a write-ahead log that is damaged, cut short or gone for one that a loss of
// power left so, and goes without what it no longer tells. What power can take was never
// acknowledged; so a tip that was, and that the database does not know, was lost to damage.
//
//   spoor ledger tips
//   870123 0000000000000000000320283a032748cef8227873ff4872689bf23f1cda83a5 bitcoin
//   end
//
// Height, hash and name of each chain that has blocks, sorted by name.
class TipRecord {
 public:
  struct Tip {
    uint32_t height = 0;
    BlockHash hash;
  };
  using Tips = std::map<std::string, Tip, std::less<>>;  // by chain

  // What the file says; nothing if there is none, as in ledgers of older programs.
  // FAILED_PRECONDITION, with what to do, if it is not whole.
  static absl::StatusOr<Tips> Read(const std::string& dir);

  // `lost`: chains that do not have the tip that `tips` says. That stays in the record until they
  // are as long again. `env` must outlive this.
  TipRecord(std::string dir, rocksdb::Env* env, Tips tips, std::set<std::string> lost)
      : dir_(std::move(dir)), env_(env), tips_(std::move(tips)), lost_(std::move(lost)) {}

  // To be called when the chain ends at `tip`, durably; nullopt if it is empty.
  absl::Status Raise(const std::string& chain, const std::optional<BlockInfo>& tip);
  // To be called before the chain is made to end at `tip`.
  absl::Status Lower(const std::string& chain, const std::optional<BlockInfo>& tip);

 private:
  absl::Status Put(const std::string& chain, const std::optional<BlockInfo>& tip);

  std::string dir_;
  rocksdb::Env* env_;
  Tips tips_;
  std::set<std::string> lost_;
};

// Which of `tips` the database does not have. Rows that cannot be read are not among them: whoever
// reads them is told.
std::vector<LostBlocks> FindLostBlocks(const Database& database, const TipRecord::Tips& tips);
absl::Status LostBlocksError(const std::string& dir, const std::vector<LostBlocks>& lost);

// A database opened for reading, and what it has lost; a writer may be at work meanwhile.
struct OpenDatabase {
  std::unique_ptr<Database> database;
  std::vector<LostBlocks> lost;
};
absl::StatusOr<OpenDatabase> OpenDatabaseForReading(const std::string& dir, uint64_t memory);

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_TIP_RECORD_H_
