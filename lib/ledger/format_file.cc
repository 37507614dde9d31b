#include "lib/ledger/format_file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/ledger/database.h"
#include "lib/ledger/schema.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/store.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

constexpr char kFormatFile[] = "FORMAT";
constexpr char kDatabase[] = "rocksdb";
constexpr char kBatch[] = "batch";
constexpr absl::string_view kFormatText = "spoor ledger format ";

// Whether a database has been written to since it was made. One whose making was interrupted has
// not: the format file is made before anything is written.
bool HoldsRows(const std::string& path) {
  std::error_code error;
  for (auto it = fs::directory_iterator(path, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    if (it->path().extension() == ".sst") return true;
  }
  if (!fs::exists(fs::path(path) / "CURRENT", error)) return false;
  rocksdb::Options options;
  options.info_log = NoLog();
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, path, &names).ok()) return true;
  for (const std::string& name : names) {
    if (absl::StartsWith(name, schema::kTablePrefix)) return true;
  }
  // Chains are in the default column family, and nothing comes before the first chain.
  rocksdb::DB* opened = nullptr;
  if (!rocksdb::DB::OpenForReadOnly(options, path, &opened).ok()) return true;
  const std::unique_ptr<rocksdb::DB> db(opened);
  const std::unique_ptr<rocksdb::Iterator> it(db->NewIterator(rocksdb::ReadOptions()));
  it->SeekToFirst();
  return it->Valid() || !it->status().ok();
}

absl::Status SyncDirectory(const std::string& path, rocksdb::Env* env) {
  std::unique_ptr<rocksdb::Directory> directory;
  rocksdb::Status status = env->NewDirectory(path, &directory);
  if (status.ok()) status = directory->Fsync();
  return ToStatus(status, absl::StrCat("syncing ", path));
}

}  // namespace

std::string DatabasePath(const std::string& dir) { return (fs::path(dir) / kDatabase).string(); }

std::string BatchPath(const std::string& dir, uint8_t chain) {
  return absl::StrCat((fs::path(dir) / kBatch).string(), "/", chain);
}

bool HasFormat(const std::string& dir) {
  std::error_code error;
  return fs::exists(fs::path(dir) / kFormatFile, error);
}

absl::Status CheckFormat(const std::string& dir) {
  const std::string path = (fs::path(dir) / kFormatFile).string();
  const auto mend = [&] {
    return absl::StrCat("if ", dir, " is a ledger that this version of the program made, write \"",
                        kFormatText, LedgerStore::kFormat, "\" into ", path,
                        " and run trace check; else ingest into a new directory");
  };
  std::ifstream in(path);
  if (!in) {
    const int why = errno;
    if (why != ENOENT && why != ENOTDIR) {
      return absl::UnavailableError(absl::StrCat("reading ", path, ": ", std::strerror(why)));
    }
    if (HoldsRows(DatabasePath(dir))) {
      return absl::FailedPreconditionError(
          absl::StrCat(dir, " holds a database and no file ", kFormatFile, ": ", mend()));
    }
    return absl::NotFoundError(absl::StrCat("no ledger in ", dir));
  }
  std::string line;
  std::getline(in, line);
  absl::string_view text = line;
  uint64_t format = 0;
  if (!absl::ConsumePrefix(&text, kFormatText) || !absl::SimpleAtoi(text, &format)) {
    return absl::FailedPreconditionError(absl::StrCat(path, " does not say \"", kFormatText,
                                                      "N\": not a ledger of this program, or ",
                                                      "damaged; ", mend()));
  }
  if (format != LedgerStore::kFormat) {
    return absl::FailedPreconditionError(absl::StrCat(
        "ledger ", dir, " has format ", format, ", this program reads format ",
        LedgerStore::kFormat, ": use the program that made it, or ingest into a new directory"));
  }
  return absl::OkStatus();
}

absl::Status WriteFileDurably(const std::string& dir, const std::string& name,
                              const std::string& text, rocksdb::Env* env) {
  const std::string path = (fs::path(dir) / name).string();
  const std::string temporary = path + ".new";
  SPOOR_RETURN_IF_ERROR(
      ToStatus(rocksdb::WriteStringToFile(env, text, temporary, /*should_sync=*/true),
               absl::StrCat("writing ", temporary)));
  SPOOR_RETURN_IF_ERROR(
      ToStatus(env->RenameFile(temporary, path), absl::StrCat("renaming ", temporary)));
  return SyncDirectory(dir, env);
}

absl::Status WriteFormat(const std::string& dir, rocksdb::Env* env) {
  SPOOR_RETURN_IF_ERROR(WriteFileDurably(
      dir, kFormatFile, absl::StrCat(kFormatText, LedgerStore::kFormat, "\n"), env));
  // The directory itself may be new.
  const fs::path parent = fs::absolute(dir).lexically_normal().parent_path();
  return SyncDirectory(parent.filename().empty() && parent.has_relative_path()
                           ? parent.parent_path().string()
                           : parent.string(),
                       env);
}

absl::Status CheckMayMake(const std::string& dir) {
  std::error_code error;
  if (!fs::exists(dir, error)) return absl::OkStatus();
  if (!fs::is_directory(dir, error)) {
    return absl::FailedPreconditionError(absl::StrCat(dir, " is not a directory"));
  }
  for (auto it = fs::directory_iterator(dir, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name != kDatabase && name != kBatch && name != std::string(kFormatFile) + ".new") {
      return absl::FailedPreconditionError(absl::StrCat(
          dir, " is no ledger, and holds ", name, ": name a new or empty directory with --ledger"));
    }
  }
  if (error) return absl::UnavailableError(absl::StrCat("reading ", dir, ": ", error.message()));
  return absl::OkStatus();
}

}  // namespace spoor
