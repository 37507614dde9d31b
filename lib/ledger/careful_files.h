#ifndef SPOOR_LIB_LEDGER_CAREFUL_FILES_H_
#define SPOOR_LIB_LEDGER_CAREFUL_FILES_H_

#include <memory>

#include "rocksdb/env.h"

namespace spoor {

// `base`, but after a failed write to a MANIFEST no file is removed any more. What failed may be on
// the disk all the same, whole or its first part, and name tables that RocksDB takes for useless
// now and would remove: then nobody could open the database again. Of several threads that share a
// write only one is told that it was to the MANIFEST, so RocksDB's own care is not enough. What is
// useless indeed is removed when the database is opened the next time. `base` must outlive it.
std::unique_ptr<rocksdb::Env> CarefulEnv(rocksdb::Env* base);

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_CAREFUL_FILES_H_
