#include "lib/ledger/database.h"

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdarg>
#include <filesystem>
#include <mutex>
#include <set>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/ledger/account_schema.h"
#include "lib/ledger/careful_files.h"
#include "lib/ledger/schema.h"
#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/listener.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/table.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// How often a reader tries again where opening fails; and how long, while a writer keeps changing
// what it opens.
constexpr int kTries = 8;
constexpr std::chrono::seconds kPatience(20);

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

// Changes rows of movements where they stand, so that spending an output, and on an account chain
// touching a balance, costs no read.
class ChangeOperator : public rocksdb::MergeOperator {
 public:
  using Apply = bool (*)(absl::string_view operand, std::string* row);
  ChangeOperator(const char* name, Apply apply) : name_(name), apply_(apply) {}

  const char* Name() const override { return name_; }

  bool FullMergeV2(const MergeOperationInput& in, MergeOperationOutput* out) const override {
    if (in.existing_value == nullptr) return false;  // a change of what was never written
    out->new_value.assign(in.existing_value->data(), in.existing_value->size());
    return std::all_of(
        in.operand_list.begin(), in.operand_list.end(),
        [&](const rocksdb::Slice& operand) { return apply_(View(operand), &out->new_value); });
  }

  bool PartialMergeMulti(const rocksdb::Slice&, const std::deque<rocksdb::Slice>& operands,
                         std::string* new_value, rocksdb::Logger*) const override {
    for (const rocksdb::Slice& operand : operands)
      new_value->append(operand.data(), operand.size());
    return true;
  }

 private:
  const char* name_;
  Apply apply_;
};

// Of what inputs revealed of an address keeps what was revealed first, so that revealing it again
// costs no read.
class FirstOperator : public rocksdb::AssociativeMergeOperator {
 public:
  const char* Name() const override { return "spoor.first.1"; }

  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& value,
             std::string* new_value, rocksdb::Logger*) const override {
    const rocksdb::Slice& first =
        existing != nullptr && existing->compare(value) <= 0 ? *existing : value;
    new_value->assign(first.data(), first.size());
    return true;
  }
};

// Keeps RocksDB from going on by itself after a failed write. Whoever writes is told and opens the
// ledger anew; and while RocksDB recovers, it ends the process if its manifest fails once more or
// the ledger is closed just then (`versions_->io_status().ok()`; facebook/rocksdb#9496).
class StaysFailed : public rocksdb::EventListener {
 public:
  const char* Name() const override { return "StaysFailed"; }

  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                            bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

rocksdb::ColumnFamilyOptions FamilyOptions(const std::string& name,
                                           const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::ColumnFamilyOptions options;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // A read brings in 4 KB each of a file's index and filter, not the megabytes that they have.
  table.index_type = rocksdb::BlockBasedTableOptions::kTwoLevelIndexSearch;
  table.partition_filters = true;
  table.format_version = 5;
  if (name == schema::kTxids) {
    options.prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(schema::kTxidPrefix));
  }
  const bool movements = name == schema::kMovements || name == schema::kAccountMovements;
  if (name == schema::kTxids || name == schema::kAddressIds || movements ||
      name == schema::kBalances || name == schema::kAssetIds ||
      absl::StartsWith(name, schema::kTablePrefix)) {
    table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
    table.whole_key_filtering = name != schema::kTxids;
  }
  if (movements) {
    options.merge_operator =
        name == schema::kMovements
            ? std::make_shared<ChangeOperator>("spoor.chunk.1", schema::ApplyToChunk)
            : std::make_shared<ChangeOperator>("spoor.touch.1", schema::ApplyNexts);
    // Finding a row goes through up to so many before it: with 4 a table of small rows is 2% larger
    // than with RocksDB's 16, and reading by position takes 6% less.
    table.block_restart_interval = 4;
    // Nobody asks for a position that is not there, so the last level needs no filter.
    options.optimize_filters_for_hits = true;
  }
  if (name == schema::kKeys) options.merge_operator = std::make_shared<FirstOperator>();
  // By measurement (lib/ledger/README.md): txids hardly compress, receipts very well.
  options.compression = movements                   ? rocksdb::kNoCompression
                        : name == schema::kReceipts ? rocksdb::kZSTD
                                                    : rocksdb::kLZ4Compression;
  options.level_compaction_dynamic_level_bytes = true;
  options.max_bytes_for_level_base = uint64_t{4} << 30;
  // Each batch of history is a file of such a table, over all of its keys: to bring four of them
  // down, or a quarter of a gigabyte, would write most of the table anew each time. More of them
  // cost who looks something up a filter each, which is little beside what a trace does then; but
  // looking for a transaction goes through an iterator of each, and movements are read all the
  // time. Writing does not wait for it.
  if (name == schema::kAddressIds || name == schema::kReceipts || name == schema::kKeys) {
    options.level0_file_num_compaction_trigger = 48;
    options.level0_slowdown_writes_trigger = 128;
    options.level0_stop_writes_trigger = 128;
  } else if (name == schema::kTxids || movements) {
    options.level0_file_num_compaction_trigger = 16;
    options.level0_slowdown_writes_trigger = 64;
    options.level0_stop_writes_trigger = 64;
  }
  // Never full: when what is in memory goes into tables is for Database::Write() to say.
  options.write_buffer_size = size_t{64} << 30;
  // Every table is held open: a whole chain's must stay below the usual limits on open files.
  options.target_file_size_base = 256 << 20;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

// The families that every store has, in the order of Database's handles. The first is RocksDB's
// own.
constexpr const char* kFamilies[] = {"default",         schema::kBlocks,    schema::kMovements,
                                     schema::kTxids,    schema::kAddresses, schema::kAddressIds,
                                     schema::kReceipts, schema::kKeys};

// They, and what else a store may have of those with these names.
std::vector<rocksdb::ColumnFamilyDescriptor> FamiliesWith(
    const std::vector<std::string>& names, const std::shared_ptr<rocksdb::Cache>& cache) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const char* name : kFamilies) families.emplace_back(name, FamilyOptions(name, cache));
  for (const std::string& name : names) {
    if (absl::StartsWith(name, schema::kTablePrefix) ||
        absl::StartsWith(name, schema::kAccountPrefix)) {
      families.emplace_back(name, FamilyOptions(name, cache));
    }
  }
  return families;
}

uint64_t WriterCache(uint64_t memory) { return memory / 8 * 3; }

class SilentLogger : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

bool IsLocked(const rocksdb::Status& status) {
  const std::string message = status.ToString();
  return status.IsIOError() && (absl::StrContains(message, "lock hold by current process") ||
                                (absl::StrContains(message, "While lock file: ") &&
                                 absl::StrContains(message, "Resource temporarily unavailable")));
}

// RocksDB ends the process if the system refuses it a thread, or one of its threads memory. So both
// are tried out before: as many threads at once as it and its users may have, and room for all that
// they may keep.
absl::Status CheckRoom(uint64_t memory) {
  constexpr int kThreads = 6;
  std::mutex mutex;
  std::condition_variable changed;
  bool enough = false;
  std::vector<std::thread> threads;
  bool room = true;
  try {
    while (threads.size() < kThreads) {
      threads.emplace_back([&] {
        std::unique_lock<std::mutex> lock(mutex);
        changed.wait(lock, [&] { return enough; });
      });
    }
    void* const space = mmap(nullptr, memory, PROT_NONE,
                             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, /*fd=*/-1, /*offset=*/0);
    room = space != MAP_FAILED;
    if (room) munmap(space, memory);
  } catch (const std::system_error&) {
    room = false;
  }
  {
    const std::lock_guard<std::mutex> lock(mutex);
    enough = true;
  }
  changed.notify_all();
  for (std::thread& thread : threads) thread.join();
  if (room) return absl::OkStatus();
  return absl::ResourceExhaustedError(absl::StrCat(
      "the system does not let this process have ", kThreads, " more threads and ", memory >> 20,
      " MiB of addresses: raise ulimit -v and ulimit -u, or give it less memory"));
}

// The names of the files that are there.
std::set<std::string> FilesIn(const std::string& path) {
  std::set<std::string> files;
  std::error_code error;
  for (auto it = std::filesystem::directory_iterator(path, error);
       !error && it != std::filesystem::directory_iterator(); it.increment(error)) {
    files.insert(it->path().filename().string());
  }
  return files;
}

// Whether a write-ahead log that was there is gone.
bool LostALog(const std::set<std::string>& before, const std::set<std::string>& after) {
  return std::any_of(before.begin(), before.end(), [&](const std::string& name) {
    return absl::EndsWith(name, ".log") && after.count(name) == 0;
  });
}

}  // namespace

absl::Status ToStatus(const rocksdb::Status& status, absl::string_view doing) {
  if (status.ok()) return absl::OkStatus();
  const std::string message = absl::StrCat(doing, ": ", status.ToString());
  if (status.IsCorruption()) return absl::DataLossError(message);
  if (status.IsNoSpace()) {
    return absl::ResourceExhaustedError(
        absl::StrCat(message, "; make room and run it again: what was committed stands"));
  }
  if (status.IsNotFound()) return absl::DataLossError(absl::StrCat(doing, ": a row is missing"));
  return absl::UnavailableError(absl::StrCat(
      message, "; what was committed stands: see to the disk, run trace check, go on"));
}

void Database::SetBulk(bool bulk) {
  cache_->SetCapacity(bulk ? memory_ / 8 : WriterCache(memory_));
}

std::shared_ptr<rocksdb::Logger> NoLog() { return std::make_shared<SilentLogger>(); }

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, Mode mode,
                                                         uint64_t memory, rocksdb::Env* env) {
  SPOOR_RETURN_IF_ERROR(CheckRoom(memory));
  auto database = std::unique_ptr<Database>(new Database());
  database->env_ = CarefulEnv(env);
  rocksdb::DBOptions options;
  options.env = database->env_.get();
  options.create_if_missing = mode == Mode::kMake;
  options.info_log = NoLog();
  options.atomic_flush = true;
  options.max_bgerror_resume_count = 0;  // for what a retry could mend; for a full disk:
  options.listeners.push_back(std::make_shared<StaysFailed>());
  // Or the log would take up as much of the disk at once as the write buffers may have in memory.
  options.allow_fallocate = false;
  options.max_background_jobs = 2;
  // A reader must keep reading tables that the writer's compactions have since removed: it holds
  // every one of them open.
  options.max_open_files = -1;
  // RocksDB ends the process if the system refuses it one of several threads for opening them.
  options.max_file_opening_threads = 1;
  // A writer has batches of rows in memory besides.
  const auto cache = rocksdb::NewLRUCache(mode == Mode::kRead ? memory / 2 : WriterCache(memory));

  database->mode_ = mode;
  database->memory_ = memory;
  database->cache_ = cache;
  SPOOR_RETURN_IF_ERROR(mode == Mode::kRead ? database->OpenForReading(options, path)
                                            : database->OpenForWriting(options, path));
  database->FindAccounts();
  return database;
}

absl::Status Database::OpenForWriting(const rocksdb::DBOptions& options, const std::string& path) {
  // It must open every column family that there is.
  std::vector<std::string> names = {rocksdb::kDefaultColumnFamilyName};
  const bool there =
      mode_ == Mode::kWrite || !options.env->FileExists(path + "/CURRENT").IsNotFound();
  for (int i = 1; there; ++i) {
    const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, path, &names);
    if (status.ok()) break;
    // Another may be making it just now.
    if (mode_ == Mode::kWrite || i == kTries) {
      return ToStatus(status, absl::StrCat("opening ", path));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10 << i));
  }
  // Those that are missing are made together, after what is there is open: while it opens, RocksDB
  // would write down all options anew for each.
  std::vector<rocksdb::ColumnFamilyDescriptor> families = FamiliesWith(names, cache_);
  std::vector<rocksdb::ColumnFamilyDescriptor> missing;
  if (mode_ == Mode::kMake) {
    const auto first_missing =
        std::stable_partition(families.begin(), families.end(), [&](const auto& family) {
          return std::find(names.begin(), names.end(), family.name) != names.end();
        });
    missing.assign(first_missing, families.end());
    families.erase(first_missing, families.end());
  }
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(options, path, families, &handles_, &db);
  if (IsLocked(status)) {
    return absl::FailedPreconditionError(
        absl::StrCat("ledger ", path, " is in use by another writer; wait for it to end"));
  }
  SPOOR_RETURN_IF_ERROR(ToStatus(status, absl::StrCat("opening ", path)));
  db_.reset(db);
  if (missing.empty()) return absl::OkStatus();
  std::vector<rocksdb::ColumnFamilyHandle*> made;
  const rocksdb::Status status_of_making = db->CreateColumnFamilies(missing, &made);
  handles_.insert(handles_.end(), made.begin(), made.end());
  SPOOR_RETURN_IF_ERROR(ToStatus(status_of_making, absl::StrCat("making ", path)));
  // As if all had been there.
  for (size_t i = 0; i < std::size(kFamilies); ++i) {
    const auto it = std::find_if(handles_.begin(), handles_.end(), [&](const auto* handle) {
      return handle->GetName() == kFamilies[i];
    });
    std::swap(handles_[i], *it);
  }
  return absl::OkStatus();
}

absl::Status Database::OpenForReading(const rocksdb::DBOptions& options, const std::string& path) {
  // A writer may replace the files just listed before they are opened; then the list is stale,
  // nothing is wrong, and reading it again helps. A log that goes away meanwhile would not even
  // be missed: its rows are in a table that the list does not have yet. Nor would column families
  // that have just been made.
  const auto give_up = std::chrono::steady_clock::now() + kPatience;
  rocksdb::DB* db = nullptr;
  const auto open = [&](std::vector<std::string>* names) {
    const rocksdb::Status status = rocksdb::DB::ListColumnFamilies(options, path, names);
    if (!status.ok()) return status;
    return rocksdb::DB::OpenForReadOnly(options, path, FamiliesWith(*names, cache_), &handles_,
                                        &db);
  };
  for (int failures = 0;;) {
    const std::set<std::string> before = FilesIn(path);
    std::vector<std::string> names;
    const rocksdb::Status status = open(&names);
    const std::set<std::string> after = FilesIn(path);
    const bool patient = std::chrono::steady_clock::now() < give_up;
    if (status.ok()) {
      db_.reset(db);
      std::vector<std::string> names_after;
      if (!LostALog(before, after) &&
          rocksdb::DB::ListColumnFamilies(options, path, &names_after).ok() &&
          names_after == names) {
        return absl::OkStatus();
      }
      CloseHandles();
      db_.reset();
      if (!patient) {
        return absl::UnavailableError(
            absl::StrCat("opening ", path, " for reading: it keeps changing; try again"));
      }
      continue;
    }
    // Of damage nothing changes.
    if (before == after) ++failures;
    if (failures == kTries || !patient) {
      return ToStatus(status, absl::StrCat("opening ", path, " for reading"));
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(10 << failures));
  }
}

void Database::CloseHandles() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
  handles_.clear();
}

rocksdb::ColumnFamilyHandle* Database::FindFamily(const std::string& family) const {
  const auto it = std::find_if(handles_.begin(), handles_.end(),
                               [&](const auto* handle) { return handle->GetName() == family; });
  return it == handles_.end() ? nullptr : *it;
}

absl::StatusOr<rocksdb::ColumnFamilyHandle*> Database::MakeFamily(const std::string& family,
                                                                  absl::string_view what) {
  if (rocksdb::ColumnFamilyHandle* const found = FindFamily(family); found != nullptr) return found;
  rocksdb::ColumnFamilyHandle* handle = nullptr;
  SPOOR_RETURN_IF_ERROR(
      ToStatus(db_->CreateColumnFamily(FamilyOptions(family, cache_), family, &handle),
               absl::StrCat("making ", what)));
  handles_.push_back(handle);
  return handle;
}

rocksdb::ColumnFamilyHandle* Database::FindTable(const std::string& name) const {
  return FindFamily(schema::kTablePrefix + name);
}

absl::StatusOr<rocksdb::ColumnFamilyHandle*> Database::MakeTable(const std::string& name) {
  return MakeFamily(schema::kTablePrefix + name, absl::StrCat("table ", name));
}

absl::Status Database::MakeAccounts() {
  for (const char* name :
       {schema::kAccountMovements, schema::kBalances, schema::kAssets, schema::kAssetIds}) {
    SPOOR_RETURN_IF_ERROR(MakeFamily(name, "the tables of account chains").status());
  }
  FindAccounts();
  return absl::OkStatus();
}

void Database::FindAccounts() {
  const Accounts found = {FindFamily(schema::kAccountMovements), FindFamily(schema::kBalances),
                          FindFamily(schema::kAssets), FindFamily(schema::kAssetIds)};
  if (found.movements != nullptr && found.balances != nullptr && found.assets != nullptr &&
      found.asset_ids != nullptr) {
    accounts_ = found;
  }
}

absl::Status Database::Write(rocksdb::WriteBatch* changes, bool sync, absl::string_view doing) {
  rocksdb::WriteOptions options;
  options.sync = sync;
  SPOOR_RETURN_IF_ERROR(ToStatus(db_->Write(options, changes), doing));
  return BytesInLog() < memory_ / 4 ? absl::OkStatus() : Flush();
}

absl::Status Database::Sync() { return ToStatus(db_->SyncWAL(), "making the ledger durable"); }

absl::Status Database::Flush() {
  return ToStatus(db_->Flush(rocksdb::FlushOptions(), handles_), "writing tables");
}

uint64_t Database::BytesInLog() const {
  uint64_t sum = 0;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    uint64_t bytes = 0;
    db_->GetIntProperty(handle, rocksdb::DB::Properties::kCurSizeAllMemTables, &bytes);
    sum += bytes;
  }
  return sum;
}

Database::~Database() {
  // If it fails, the log still has everything.
  if (db_ != nullptr && mode_ != Mode::kRead) Flush().IgnoreError();
  if (db_ != nullptr) CloseHandles();
}

}  // namespace spoor
