#include "spoor/ledger/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "lib/ledger/database.h"
#include "lib/ledger/schema.h"
#include "lib/ledger/store_table.h"
#include "lib/ledger/store_view.h"
#include "lib/ledger/store_writer.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

constexpr char kFormatFile[] = "FORMAT";
constexpr char kDatabase[] = "rocksdb";
constexpr char kBatch[] = "batch";
constexpr absl::string_view kFormatText = "spoor ledger format ";
// Chain numbers are a byte, and never given twice.
constexpr size_t kMaxChains = 255;

rocksdb::Slice Slice(absl::string_view s) { return rocksdb::Slice(s.data(), s.size()); }

absl::Status FileError(absl::string_view doing, const std::string& path) {
  return absl::UnavailableError(absl::StrCat(doing, " ", path, ": ", std::strerror(errno)));
}

// OK if `dir` is a ledger of our format; NOT_FOUND if it has no format file.
absl::Status CheckFormat(const std::string& dir) {
  const std::string path = (fs::path(dir) / kFormatFile).string();
  std::ifstream in(path);
  if (!in && errno != ENOENT && errno != ENOTDIR) return FileError("reading", path);
  if (!in) return absl::NotFoundError(absl::StrCat("no ledger in ", dir));
  std::string line;
  std::getline(in, line);
  absl::string_view text = line;
  int format = 0;
  if (!absl::ConsumePrefix(&text, kFormatText) || !absl::SimpleAtoi(text, &format)) {
    return absl::FailedPreconditionError(
        absl::StrCat(path, " does not say \"", kFormatText, "N\": not a ledger of this program"));
  }
  if (format != LedgerStore::kFormat) {
    return absl::FailedPreconditionError(absl::StrCat(
        "ledger ", dir, " has format ", format, ", this program reads format ",
        LedgerStore::kFormat, ": use the program that made it, or ingest into a new directory"));
  }
  return absl::OkStatus();
}

absl::Status SyncPath(const std::string& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC);
  if (fd < 0) return FileError("opening", path);
  const int result = ::fsync(fd);
  ::close(fd);
  return result == 0 ? absl::OkStatus() : FileError("syncing", path);
}

// The format file appears whole or not at all: it is what makes a directory a ledger.
absl::Status WriteFormat(const std::string& dir) {
  const std::string path = (fs::path(dir) / kFormatFile).string();
  const std::string temporary = path + ".new";
  std::ofstream out(temporary, std::ios::trunc);
  out << std::string(kFormatText) << LedgerStore::kFormat << "\n";
  out.close();
  if (!out) return FileError("writing", temporary);
  SPOOR_RETURN_IF_ERROR(SyncPath(temporary, O_RDONLY));
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return FileError("renaming", temporary);
  return SyncPath(dir, O_RDONLY | O_DIRECTORY);
}

// Whether a ledger may be made in `dir`: it is missing, empty, or holds what an interrupted making
// of one leaves behind.
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

class RocksStore : public LedgerStore {
 public:
  RocksStore(std::string dir, std::unique_ptr<Database> database, uint64_t memory)
      : dir_(std::move(dir)), database_(std::move(database)), memory_(memory) {}

  absl::Status Load() {
    const std::unique_ptr<rocksdb::Iterator> it(
        database_->db()->NewIterator(rocksdb::ReadOptions(), database_->meta()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      if (it->key() != Slice(schema::ChainKey(static_cast<uint8_t>(chains_.size())))) {
        return absl::DataLossError("the list of chains is damaged");
      }
      SPOOR_ASSIGN_OR_RETURN(ChainInfo chain,
                             schema::DecodeChain({it->value().data(), it->value().size()}));
      chains_.push_back(std::move(chain));
    }
    return ToStatus(it->status(), "reading the list of chains");
  }

  std::vector<ChainInfo> chains() const override { return chains_; }

  absl::StatusOr<std::unique_ptr<LedgerView>> View(absl::string_view chain) const override {
    std::vector<std::string> names;
    for (size_t i = 0; i < chains_.size(); ++i) {
      if (chains_[i].name == chain) {
        SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<LedgerView> view,
                               StoreView::Make(database_.get(), static_cast<uint8_t>(i), chains_[i],
                                               StoreView::State::kFixed));
        return view;
      }
      names.push_back(chains_[i].name);
    }
    return absl::NotFoundError(absl::StrCat("the ledger has no chain \"", chain, "\"; it has ",
                                            names.empty() ? "none" : absl::StrJoin(names, ", ")));
  }

  absl::StatusOr<std::unique_ptr<LedgerWriter>> Writer(const ChainInfo& chain) override {
    if (database_->mode() == Database::Mode::kRead) {
      return absl::FailedPreconditionError("the ledger is open for reading only");
    }
    if (chain.family != Family::kUtxo) {
      return absl::UnimplementedError(absl::StrCat(
          "chain ", chain.name, " is an account chain; ledgers hold UTXO chains only"));
    }
    size_t number = 0;
    while (number < chains_.size() && chains_[number].name != chain.name) ++number;
    if (number == chains_.size()) {
      if (number == kMaxChains) {
        return absl::ResourceExhaustedError(
            absl::StrCat("the ledger has ", kMaxChains, " chains, it holds no more"));
      }
      rocksdb::WriteOptions write;
      write.sync = true;
      SPOOR_RETURN_IF_ERROR(
          ToStatus(database_->db()->Put(write, database_->meta(),
                                        schema::ChainKey(static_cast<uint8_t>(number)),
                                        schema::EncodeChain(chain)),
                   absl::StrCat("adding chain ", chain.name)));
      chains_.push_back(chain);
    } else if (chains_[number] != chain) {
      return absl::FailedPreconditionError(
          absl::StrCat("the ledger has another chain by the name of ", chain.name,
                       ", of network \"", chains_[number].network, "\""));
    }
    SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<StoreView> view,
                           StoreView::Make(database_.get(), static_cast<uint8_t>(number), chain,
                                           StoreView::State::kCurrent));
    return StoreWriter::Make(database_.get(), static_cast<uint8_t>(number), std::move(view),
                             {absl::StrCat(dir_, "/", kBatch, "/", number), memory_ / 4});
  }

  std::unique_ptr<LedgerTable> Table(absl::string_view name) override {
    return std::make_unique<StoreTable>(database_.get(), std::string(name));
  }

 private:
  std::string dir_;
  std::unique_ptr<Database> database_;
  uint64_t memory_;
  std::vector<ChainInfo> chains_;
};

absl::StatusOr<std::unique_ptr<LedgerStore>> OpenStore(const std::string& dir, Database::Mode mode,
                                                       uint64_t memory) {
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<Database> database,
                         Database::Open((fs::path(dir) / kDatabase).string(), mode, memory));
  auto store = std::make_unique<RocksStore>(dir, std::move(database), memory);
  SPOOR_RETURN_IF_ERROR(store->Load());
  return store;
}

}  // namespace

bool LedgerStore::Exists(const std::string& dir) {
  std::error_code error;
  return fs::exists(fs::path(dir) / kFormatFile, error);
}

absl::StatusOr<std::unique_ptr<LedgerStore>> LedgerStore::OpenForReading(const std::string& dir,
                                                                         const Options& options) {
  SPOOR_RETURN_IF_ERROR(CheckFormat(dir));
  return OpenStore(dir, Database::Mode::kRead, options.memory);
}

absl::StatusOr<std::unique_ptr<LedgerStore>> LedgerStore::OpenForWriting(const std::string& dir,
                                                                         const Options& options) {
  const absl::Status format = CheckFormat(dir);
  const bool make = absl::IsNotFound(format);
  if (make) {
    SPOOR_RETURN_IF_ERROR(CheckMayMake(dir));
    std::error_code error;
    fs::create_directories(dir, error);
    if (error) return absl::UnavailableError(absl::StrCat("making ", dir, ": ", error.message()));
  } else {
    SPOOR_RETURN_IF_ERROR(format);
  }
  SPOOR_ASSIGN_OR_RETURN(
      std::unique_ptr<LedgerStore> store,
      OpenStore(dir, make ? Database::Mode::kMake : Database::Mode::kWrite, options.memory));
  if (make) SPOOR_RETURN_IF_ERROR(WriteFormat(dir));
  return store;
}

}  // namespace spoor
