#ifndef SPOOR_LIB_INGEST_RECORD_SORTER_H_
#define SPOOR_LIB_INGEST_RECORD_SORTER_H_

#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace spoor {

// Sorts any number of records in bounded memory: what does not fit goes, sorted, to temporary files
// that have no names and vanish with this. Records of equal keys keep the order in which they came.
class RecordSorter {
 public:
  struct Key {
    uint64_t major = 0;
    uint64_t minor = 0;

    friend auto operator<=>(const Key&, const Key&) = default;
  };

  // About `memory` bytes are used at most. Files are made in the system's temporary directory.
  explicit RecordSorter(uint64_t memory);
  ~RecordSorter();

  // UNAVAILABLE if a file cannot be written, as Visit().
  absl::Status Add(Key key, absl::string_view record);
  uint64_t records() const { return records_; }

  // Visits all records in order; once, and nothing is added afterwards. Stops with what `visit`
  // returns unless it is OK.
  absl::Status Visit(absl::FunctionRef<absl::Status(const Key&, absl::string_view record)> visit);

 private:
  struct Entry {
    Key key;
    uint64_t offset;  // in arena_
    uint32_t size;
  };
  struct Run;

  absl::Status Spill();
  void SortEntries();

  const uint64_t memory_;
  std::string arena_;
  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<Run>> runs_;
  uint64_t records_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_RECORD_SORTER_H_
