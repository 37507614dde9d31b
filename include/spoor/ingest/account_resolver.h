#ifndef SPOOR_INGEST_ACCOUNT_RESOLVER_H_
#define SPOOR_INGEST_ACCOUNT_RESOLVER_H_

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "spoor/ingest/account_block.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

// Turns blocks of an account chain as their source has them into blocks as the ledger takes them:
// numbers accounts and assets. Remembers the recent ones, and asks the ledger for the rest. Nobody
// else may append meanwhile; blocks may be undone. For one thread.
class AccountResolver {
 public:
  // `memory` bytes are used at most, about.
  AccountResolver(LedgerWriter* writer, uint64_t memory);
  ~AccountResolver();

  // Resolves the block and appends it; may commit what the writer has. Blocks come in order of
  // height; heights may be left out. INVALID_ARGUMENT for what no source may say: a fee of nobody
  // or to somebody, a fee that burns more than it is, a transfer from nobody to nobody, a reward
  // with a giver, a text that is not the txid's. The writer's errors, of which FAILED_PRECONDITION
  // says that the block does not follow the tip.
  absl::Status Append(const AccountBlock& block);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace spoor

#endif  // SPOOR_INGEST_ACCOUNT_RESOLVER_H_
