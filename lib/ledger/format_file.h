#ifndef SPOOR_LIB_LEDGER_FORMAT_FILE_H_
#define SPOOR_LIB_LEDGER_FORMAT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "rocksdb/env.h"

// The file that makes a directory a ledger, and what else there is in it.

namespace spoor {

std::string DatabasePath(const std::string& dir);
// Where a chain's sorted files are made.
std::string BatchPath(const std::string& dir, uint8_t chain);

// Whether there is a format file, of whatever content.
bool HasFormat(const std::string& dir);

// OK if `dir` is a ledger of our format; NOT_FOUND if it holds nothing that could be a ledger;
// FAILED_PRECONDITION, with what to do, if it has another format, or a database and no format.
absl::Status CheckFormat(const std::string& dir);

// Writes a file into `dir`, or in place of the one there is. It appears whole or not at all, and
// survives a loss of power, if the directory does.
absl::Status WriteFileDurably(const std::string& dir, const std::string& name,
                              const std::string& text, rocksdb::Env* env);

// Writes the format file; with it, the directory survives a loss of power.
absl::Status WriteFormat(const std::string& dir, rocksdb::Env* env);

// OK if a ledger may be made in `dir`: it is missing, empty, or holds what an interrupted making of
// one leaves behind, and nothing anybody would miss.
absl::Status CheckMayMake(const std::string& dir);

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_FORMAT_FILE_H_
