#ifndef SPOOR_ETHEREUM_ETL_H_
#define SPOOR_ETHEREUM_ETL_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "spoor/ethereum/block_data.h"

namespace spoor::ethereum {

// Exports as the program `ethereum-etl` writes them: a directory with files of rows, CSV or JSON
// lines, plain or gzip, cut into any number of files by block range.

enum class EtlKind { kBlocks, kTransactions, kReceipts, kLogs, kTokenTransfers, kTraces, kTokens };
inline constexpr size_t kEtlKinds = 7;
// "blocks", "token_transfers": with what the names of its files begin.
const char* EtlKindName(EtlKind kind);

// The files by kind, each list sorted.
struct EtlFiles {
  std::array<std::vector<std::string>, kEtlKinds> of;

  const std::vector<std::string>& operator[](EtlKind kind) const {
    return of[static_cast<size_t>(kind)];
  }
};
// Searches `dir` and the directories below it for names KIND*.csv, .json, .jsonl and .ndjson, each
// with .gz or without. NOT_FOUND if there is no such directory or there are no blocks in it.
absl::StatusOr<EtlFiles> FindEtlFiles(const std::string& dir);

// What a contract says of its token.
struct TokenInfo {
  Address token{};
  std::string symbol;
  int decimals = 0;
};

// A row, and the block to which it belongs.
struct EtlRow {
  EtlKind kind = EtlKind::kBlocks;
  uint64_t block = 0;
  BlockHeader header;       // of kBlocks
  Transaction transaction;  // of kTransactions
  Receipt receipt;          // of kReceipts, and of kTransactions that have it in them
  bool has_receipt = false;
  // Of kLogs, all that the log says of tokens; of kTokenTransfers one.
  std::vector<TokenEvent> tokens;
  Trace trace;      // of kTraces
  TokenInfo token;  // of kTokens
};

// The rows of one file. For one thread.
class EtlReader {
 public:
  // Errors as LineFile and Next(). INVALID_ARGUMENT if a CSV file's header has not the columns
  // that are needed.
  static absl::StatusOr<std::unique_ptr<EtlReader>> Open(EtlKind kind, const std::string& path);
  virtual ~EtlReader() = default;

  // False at the end. DATA_LOSS, naming file, line and field, for what is no such row: no JSON, no
  // UTF-8, a field missing, or not a number, hash or address as it should be. Numbers are decimal,
  // of 256 bits at most.
  virtual absl::StatusOr<bool> Next(EtlRow* row) = 0;

  virtual uint64_t offset() const = 0;  // of the file as stored
  virtual uint64_t size() const = 0;
};

}  // namespace spoor::ethereum

#endif  // SPOOR_ETHEREUM_ETL_H_
