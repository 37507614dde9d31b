#include "tests/support/fault_file_system.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string Normal(const std::string& path) {
  std::string normal = fs::path(path).lexically_normal().string();
  while (normal.size() > 1 && normal.back() == '/') normal.pop_back();
  return normal;
}
std::string Parent(const std::string& path) { return fs::path(path).parent_path().string(); }

}  // namespace

// A file whose bytes are also kept in memory, with how many of them are synced.
class FaultFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FaultFile(std::unique_ptr<rocksdb::FSWritableFile> file, FaultFileSystem* fault, std::string path,
            FaultFileSystem::InodePtr inode)
      : FSWritableFileOwnerWrapper(std::move(file)),
        fault_(fault),
        path_(std::move(path)),
        inode_(std::move(inode)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    if (const auto fault = fault_->Next(path_)) {
      if (*fault == FaultFileSystem::Fault::kShortWrite) {
        Write(Slice(data.data(), data.size() / 2), options, debug).PermitUncheckedError();
      }
      return FaultFileSystem::Error(*fault, path_);
    }
    return Write(data, options, debug);
  }
  IOStatus Append(const Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* debug) override {
    return Append(data, options, debug);
  }
  IOStatus Truncate(uint64_t size, const IOOptions& options, IODebugContext* debug) override {
    if (const auto fault = fault_->Next(path_)) return FaultFileSystem::Error(*fault, path_);
    const IOStatus status = FSWritableFileOwnerWrapper::Truncate(size, options, debug);
    const std::lock_guard<std::mutex> lock(fault_->mutex_);
    if (status.ok() && size < inode_->written.size()) inode_->written.resize(size);
    inode_->synced = std::min(inode_->synced, inode_->written.size());
    return status;
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    const auto fault = fault_->Next(path_);
    const IOStatus status = FSWritableFileOwnerWrapper::Close(options, debug);
    return fault.has_value() ? FaultFileSystem::Error(*fault, path_) : status;
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return DoSync(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return DoSync(); }
  // Promises nothing.
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::OK();
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&, IODebugContext*) override {
    return IOStatus::NotSupported("positioned writes");
  }
  IOStatus PositionedAppend(const Slice&, uint64_t, const IOOptions&,
                            const rocksdb::DataVerificationInfo&, IODebugContext*) override {
    return IOStatus::NotSupported("positioned writes");
  }

 private:
  IOStatus Write(const Slice& data, const IOOptions& options, IODebugContext* debug) {
    const IOStatus status = FSWritableFileOwnerWrapper::Append(data, options, debug);
    const std::lock_guard<std::mutex> lock(fault_->mutex_);
    if (status.ok()) inode_->written.append(data.data(), data.size());
    return status;
  }
  // The real file is not synced: it is LosePower() that says what is left of it.
  IOStatus DoSync() {
    if (const auto fault = fault_->Next(path_)) return FaultFileSystem::Error(*fault, path_);
    const std::lock_guard<std::mutex> lock(fault_->mutex_);
    inode_->synced = inode_->written.size();
    return IOStatus::OK();
  }

  FaultFileSystem* fault_;
  std::string path_;
  FaultFileSystem::InodePtr inode_;
};

class FaultDirectory : public rocksdb::FSDirectory {
 public:
  FaultDirectory(FaultFileSystem* fault, std::string path)
      : fault_(fault), path_(std::move(path)) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    if (const auto fault = fault_->Next(path_)) return FaultFileSystem::Error(*fault, path_);
    fault_->SyncDirectory(path_);
    return IOStatus::OK();
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* debug,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, debug);
  }

 private:
  FaultFileSystem* fault_;
  std::string path_;
};

FaultFileSystem::FaultFileSystem(const std::string& dir)
    : FileSystemWrapper(rocksdb::FileSystem::Default()), dir_(Normal(dir)) {}

FaultFileSystem::Kind FaultFileSystem::KindOf(const std::string& path) {
  const std::string name = fs::path(path).filename().string();
  if (absl::StrContains(path, "/batch/")) return Kind::kBatch;
  if (absl::EndsWith(name, ".sst")) return Kind::kTable;
  if (absl::EndsWith(name, ".log")) return Kind::kLog;
  if (absl::StartsWith(name, "MANIFEST")) return Kind::kManifest;
  if (name == "CURRENT" || absl::EndsWith(name, ".dbtmp")) return Kind::kCurrent;
  if (absl::StartsWith(name, "FORMAT")) return Kind::kFormat;
  if (absl::StartsWith(name, "TIPS")) return Kind::kTips;
  return Kind::kOther;
}

bool FaultFileSystem::IsOurs(const std::string& path) const {
  return path == dir_ || absl::StartsWith(path, dir_ + "/");
}

void FaultFileSystem::FailAt(std::optional<Kind> kind, uint64_t after, Fault fault) {
  const std::lock_guard<std::mutex> lock(mutex_);
  fail_kind_ = kind;
  fail_after_ = after;
  fault_ = fault;
  failed_ = false;
}

bool FaultFileSystem::failed() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return failed_;
}

uint64_t FaultFileSystem::operations(std::optional<Kind> kind) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  uint64_t sum = 0;
  for (const auto& [of, count] : operations_) sum += !kind.has_value() || *kind == of ? count : 0;
  return sum;
}

void FaultFileSystem::Mend() {
  const std::lock_guard<std::mutex> lock(mutex_);
  fault_.reset();
}

std::optional<FaultFileSystem::Fault> FaultFileSystem::Next(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const Kind kind = KindOf(path);
  operations_[kind] += 1;
  if (!fault_.has_value()) return std::nullopt;
  if (failed_ && (*fault_ == Fault::kPower || *fault_ == Fault::kDiskFull)) return fault_;
  if (failed_ || (fail_kind_.has_value() && *fail_kind_ != kind)) return std::nullopt;
  if (fail_after_-- > 0) return std::nullopt;
  failed_ = true;
  return fault_;
}

IOStatus FaultFileSystem::Error(Fault fault, const std::string& path) {
  if (fault == Fault::kDiskFull) return IOStatus::NoSpace(path, "injected: no space left");
  IOStatus error = IOStatus::IOError(path, "injected error");
  return error;
}

void FaultFileSystem::Apply(const NameChange& change, std::map<std::string, InodePtr>* names) {
  if (!change.from.empty()) names->erase(change.from);
  if (change.inode == nullptr) {
    names->erase(change.to);
  } else {
    (*names)[change.to] = change.inode;
  }
}

void FaultFileSystem::Changed(NameChange change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  Apply(change, &names_);
  unsynced_.push_back(std::move(change));
}

void FaultFileSystem::SyncDirectory(const std::string& path) {
  const std::lock_guard<std::mutex> lock(mutex_);
  std::vector<NameChange> rest;
  for (NameChange& change : unsynced_) {
    if (Parent(change.to) == path) {
      Apply(change, &on_disk_);
    } else {
      rest.push_back(std::move(change));
    }
  }
  unsynced_ = std::move(rest);
}

void FaultFileSystem::LosePower(std::mt19937_64& rng) {
  const std::lock_guard<std::mutex> lock(mutex_);
  const size_t kept = rng() % (unsynced_.size() + 1);
  for (size_t i = 0; i < kept; ++i) Apply(unsynced_[i], &on_disk_);
  unsynced_.clear();
  std::error_code error;
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(dir_, error)) {
    if (entry.is_regular_file(error)) files.push_back(entry.path());
  }
  for (const fs::path& path : files) fs::remove(path, error);
  names_.clear();
  for (auto& [path, inode] : on_disk_) {
    const size_t unsynced = inode->written.size() - inode->synced;
    inode->written.resize(inode->synced + rng() % (unsynced + 1));
    inode->synced = inode->written.size();
    fs::create_directories(Parent(path), error);
    std::ofstream(path, std::ios::binary | std::ios::trunc) << inode->written;
    names_[path] = inode;
  }
  fault_.reset();
}

IOStatus FaultFileSystem::NewWritableFile(const std::string& path,
                                          const rocksdb::FileOptions& options,
                                          std::unique_ptr<rocksdb::FSWritableFile>* file,
                                          IODebugContext* debug) {
  const std::string name = Normal(path);
  if (!IsOurs(name)) return target()->NewWritableFile(path, options, file, debug);
  if (const auto fault = Next(name)) return Error(*fault, name);
  std::unique_ptr<rocksdb::FSWritableFile> real;
  rocksdb::FileOptions plain = options;
  plain.use_direct_writes = false;
  plain.use_mmap_writes = false;
  const IOStatus status = target()->NewWritableFile(path, plain, &real, debug);
  if (!status.ok()) return status;
  auto inode = std::make_shared<Inode>();
  Changed({"", name, inode});
  *file = std::make_unique<FaultFile>(std::move(real), this, name, inode);
  return status;
}

IOStatus FaultFileSystem::ReopenWritableFile(const std::string& path,
                                             const rocksdb::FileOptions& options,
                                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                                             IODebugContext* debug) {
  const std::string name = Normal(path);
  if (!IsOurs(name)) return target()->ReopenWritableFile(path, options, file, debug);
  InodePtr inode;
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (const auto it = names_.find(name); it != names_.end()) inode = it->second;
  }
  if (inode == nullptr) return NewWritableFile(path, options, file, debug);
  if (const auto fault = Next(name)) return Error(*fault, name);
  std::unique_ptr<rocksdb::FSWritableFile> real;
  const IOStatus status = target()->ReopenWritableFile(path, options, &real, debug);
  if (status.ok()) *file = std::make_unique<FaultFile>(std::move(real), this, name, inode);
  return status;
}

IOStatus FaultFileSystem::ReuseWritableFile(const std::string& path, const std::string&,
                                            const rocksdb::FileOptions&,
                                            std::unique_ptr<rocksdb::FSWritableFile>*,
                                            IODebugContext*) {
  return IOStatus::NotSupported("reusing " + path);
}

IOStatus FaultFileSystem::NewDirectory(const std::string& path, const IOOptions& options,
                                       std::unique_ptr<rocksdb::FSDirectory>* directory,
                                       IODebugContext* debug) {
  const std::string name = Normal(path);
  if (!IsOurs(name)) return target()->NewDirectory(path, options, directory, debug);
  std::unique_ptr<rocksdb::FSDirectory> real;
  const IOStatus status = target()->NewDirectory(path, options, &real, debug);
  if (status.ok()) *directory = std::make_unique<FaultDirectory>(this, name);
  return status;
}

IOStatus FaultFileSystem::DeleteFile(const std::string& path, const IOOptions& options,
                                     IODebugContext* debug) {
  const std::string name = Normal(path);
  if (!IsOurs(name)) return target()->DeleteFile(path, options, debug);
  if (const auto fault = Next(name)) return Error(*fault, name);
  const IOStatus status = target()->DeleteFile(path, options, debug);
  if (status.ok()) Changed({"", name, nullptr});
  return status;
}

IOStatus FaultFileSystem::RenameFile(const std::string& from, const std::string& to,
                                     const IOOptions& options, IODebugContext* debug) {
  const std::string name = Normal(to);
  if (!IsOurs(name)) return target()->RenameFile(from, to, options, debug);
  if (const auto fault = Next(name)) return Error(*fault, name);
  const IOStatus status = target()->RenameFile(from, to, options, debug);
  if (status.ok()) {
    InodePtr inode;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      inode = names_[Normal(from)];
    }
    Changed({Normal(from), name, inode});
  }
  return status;
}

IOStatus FaultFileSystem::LinkFile(const std::string& from, const std::string& to,
                                   const IOOptions& options, IODebugContext* debug) {
  const std::string name = Normal(to);
  if (!IsOurs(name)) return target()->LinkFile(from, to, options, debug);
  if (const auto fault = Next(name)) return Error(*fault, name);
  const IOStatus status = target()->LinkFile(from, to, options, debug);
  if (status.ok()) {
    InodePtr inode;
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      inode = names_[Normal(from)];
    }
    Changed({"", name, inode});
  }
  return status;
}

}  // namespace spoor
