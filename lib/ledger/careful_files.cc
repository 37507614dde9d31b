#include "lib/ledger/careful_files.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "rocksdb/file_system.h"

namespace spoor {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

std::string NameOf(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

// A MANIFEST. Whatever fails sets the flag.
class Manifest : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  Manifest(std::unique_ptr<rocksdb::FSWritableFile> file, std::shared_ptr<std::atomic<bool>> failed)
      : FSWritableFileOwnerWrapper(std::move(file)), failed_(std::move(failed)) {}

  IOStatus Append(const Slice& data, const IOOptions& options, IODebugContext* debug) override {
    return Note(FSWritableFileOwnerWrapper::Append(data, options, debug));
  }
  IOStatus Append(const Slice& data, const IOOptions& options,
                  const rocksdb::DataVerificationInfo& info, IODebugContext* debug) override {
    return Note(FSWritableFileOwnerWrapper::Append(data, options, info, debug));
  }
  IOStatus Flush(const IOOptions& options, IODebugContext* debug) override {
    return Note(FSWritableFileOwnerWrapper::Flush(options, debug));
  }
  IOStatus Sync(const IOOptions& options, IODebugContext* debug) override {
    return Note(FSWritableFileOwnerWrapper::Sync(options, debug));
  }
  IOStatus Fsync(const IOOptions& options, IODebugContext* debug) override {
    return Note(FSWritableFileOwnerWrapper::Fsync(options, debug));
  }
  IOStatus Close(const IOOptions& options, IODebugContext* debug) override {
    return Note(FSWritableFileOwnerWrapper::Close(options, debug));
  }

 private:
  IOStatus Note(IOStatus status) {
    if (!status.ok()) *failed_ = true;
    return status;
  }

  std::shared_ptr<std::atomic<bool>> failed_;
};

class CarefulFileSystem : public rocksdb::FileSystemWrapper {
 public:
  using FileSystemWrapper::FileSystemWrapper;
  const char* Name() const override { return "spoor.CarefulFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file,
                           IODebugContext* debug) override {
    IOStatus status = target()->NewWritableFile(path, options, file, debug);
    if (absl::StartsWith(NameOf(path), "MANIFEST")) {
      if (status.ok()) {
        *file = std::make_unique<Manifest>(std::move(*file), failed_);
      } else {
        *failed_ = true;
      }
    }
    return status;
  }
  // A MANIFEST takes effect when CURRENT is renamed to name it.
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                      IODebugContext* debug) override {
    IOStatus status = target()->RenameFile(from, to, options, debug);
    if (!status.ok() && NameOf(to) == "CURRENT") *failed_ = true;
    return status;
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& options,
                      IODebugContext* debug) override {
    if (*failed_) return IOStatus::IOError(path, "kept, after a failed write to the MANIFEST");
    return target()->DeleteFile(path, options, debug);
  }

 private:
  // Outlives files, which RocksDB may close late.
  std::shared_ptr<std::atomic<bool>> failed_ = std::make_shared<std::atomic<bool>>(false);
};

}  // namespace

std::unique_ptr<rocksdb::Env> CarefulEnv(rocksdb::Env* base) {
  return rocksdb::NewCompositeEnv(std::make_shared<CarefulFileSystem>(base->GetFileSystem()));
}

}  // namespace spoor
