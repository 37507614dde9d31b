#ifndef SPOOR_TESTS_SUPPORT_FAULT_FILE_SYSTEM_H_
#define SPOOR_TESTS_SUPPORT_FAULT_FILE_SYSTEM_H_

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "rocksdb/file_system.h"

namespace spoor {

// The real file system below one directory, with two things that no test can wait for: operations
// that fail, and power that goes. It keeps what a disk would hold: bytes are on it once their file
// is synced, names once their directory is. For use from any thread.
class FaultFileSystem : public rocksdb::FileSystemWrapper {
 public:
  // Files by what they are to a store.
  enum class Kind { kTable, kLog, kManifest, kCurrent, kBatch, kFormat, kTips, kOther };
  static Kind KindOf(const std::string& path);

  enum class Fault {
    kError,       // an I/O error, once
    kDiskFull,    // no space, until Mend()
    kShortWrite,  // half of the bytes are written, then an I/O error; other operations fail whole
    kPower,       // from then on nothing is done any more
  };

  explicit FaultFileSystem(const std::string& dir);
  const char* Name() const override { return "FaultFileSystem"; }

  // The operation that changes a file of `kind` (of any, if nullopt) `after` such operations from
  // now fails so.
  void FailAt(std::optional<Kind> kind, uint64_t after, Fault fault);
  // Whether one has failed since.
  bool failed() const;
  // How many operations there were, of files of `kind` or of all.
  uint64_t operations(std::optional<Kind> kind) const;
  void Mend();

  // Makes the directory what a disk may hold after power went at this moment: all that was synced,
  // and of the rest the first so many changes of names and bytes of each file, at random. Requires
  // that nothing is open. Mends.
  void LosePower(std::mt19937_64& rng);

  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                       std::unique_ptr<rocksdb::FSWritableFile>* file,
                                       rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus ReuseWritableFile(const std::string& path, const std::string& old_path,
                                      const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file,
                                      rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus NewDirectory(const std::string& path, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* directory,
                                 rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to,
                               const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* debug) override;
  rocksdb::IOStatus LinkFile(const std::string& from, const std::string& to,
                             const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override;

 private:
  friend class FaultFile;
  friend class FaultDirectory;

  // What is behind a name.
  struct Inode {
    std::string written;  // by now
    size_t synced = 0;    // so much of it is on the disk
  };
  using InodePtr = std::shared_ptr<Inode>;
  // A change of names in a directory that it has not been synced since: `to` is made `inode`, or
  // goes if that is null; a renaming takes `from` away.
  struct NameChange {
    std::string from;
    std::string to;
    InodePtr inode;
  };

  // Whether the next operation on `path` fails, and how.
  std::optional<Fault> Next(const std::string& path);
  static rocksdb::IOStatus Error(Fault fault, const std::string& path);
  bool IsOurs(const std::string& path) const;
  void Changed(NameChange change);
  static void Apply(const NameChange& change, std::map<std::string, InodePtr>* names);
  void SyncDirectory(const std::string& path);

  const std::string dir_;
  mutable std::mutex mutex_;
  std::optional<Kind> fail_kind_;
  std::optional<Fault> fault_;
  uint64_t fail_after_ = 0;
  bool failed_ = false;
  std::map<Kind, uint64_t> operations_;
  std::map<std::string, InodePtr> names_;    // as programs see them
  std::map<std::string, InodePtr> on_disk_;  // as they would be without power
  std::vector<NameChange> unsynced_;
};

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_FAULT_FILE_SYSTEM_H_
