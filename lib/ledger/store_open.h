#ifndef SPOOR_LIB_LEDGER_STORE_OPEN_H_
#define SPOOR_LIB_LEDGER_STORE_OPEN_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "rocksdb/env.h"
#include "spoor/ledger/store.h"

namespace spoor {

// LedgerStore::OpenForWriting(), with the files where `env` has them. For tests, whose files fail.
absl::StatusOr<std::unique_ptr<LedgerStore>> OpenStoreForWriting(
    const std::string& dir, const LedgerStore::Options& options, rocksdb::Env* env);

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_STORE_OPEN_H_
