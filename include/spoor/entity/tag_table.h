#ifndef SPOOR_ENTITY_TAG_TABLE_H_
#define SPOOR_ENTITY_TAG_TABLE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/entity/label.h"
#include "spoor/entity/tag.h"
#include "spoor/entity/tag_file.h"
#include "spoor/ledger/ledger_table.h"

namespace spoor {

// The table of a ledger that has its tags. Its rows are described in lib/entity/tag_rows.h.
inline constexpr absl::string_view kTagTable = "tags";

// A list whose tags a ledger has. It is known by the name of its file and its title: what is read
// under the same two is a new version of it, and takes its place.
struct TagList {
  TagFileKind kind = TagFileKind::kTagPack;
  std::string name;
  std::string title;
  uint64_t tags = 0;
  uint64_t addresses = 0;

  friend bool operator==(const TagList&, const TagList&) = default;
};

// What became of a file's entries.
struct TagListSummary {
  // Refusals that are kept one by one; all are counted.
  static constexpr size_t kRefusalsKept = 100;

  TagList list;
  uint64_t entries = 0;   // all: taken, repeated and refused
  uint64_t repeated = 0;  // say what another of the list says, word for word
  uint64_t refused = 0;
  std::map<std::string, uint64_t> reasons;  // of refusals
  std::vector<TagRefusal> refusals;         // the first ones
  std::map<Category, uint64_t> categories;  // of the tags taken
};

// A file's entries, gathered before any is written, so that a file is taken whole or not at all.
class TagListReader : public TagSink {
 public:
  // Most tags of one list on one address: more are refused.
  static constexpr size_t kMostOnOneAddress = 1000;
  // Most bytes of a list's tags as they are kept.
  static constexpr uint64_t kMostBytes = uint64_t{1} << 30;
  // The memory that a list takes until TagTable::Put() is done, for each of those bytes.
  static constexpr uint64_t kMemoryFactor = 10;

  // `progress` hears how many bytes have been read.
  explicit TagListReader(std::function<void(uint64_t done)> progress = nullptr,
                         uint64_t most_bytes = kMostBytes)
      : progress_(std::move(progress)), most_bytes_(most_bytes) {}

  // Reads the file `name` (without its directory), whose bytes are `text`: ReadTagFile(). Once.
  // RESOURCE_EXHAUSTED if its tags take more than the bytes they may.
  absl::Status Read(absl::string_view name, absl::string_view text);

  const TagListSummary& summary() const { return summary_; }

  absl::Status Add(Tag tag, uint64_t line) override;
  absl::Status Refuse(TagRefusal refusal) override;
  void Progress(uint64_t done) override;

 private:
  friend class TagTable;

  std::function<void(uint64_t done)> progress_;
  uint64_t most_bytes_;
  TagListSummary summary_;
  uint64_t bytes_ = 0;
  // By TagKey(), tags as rows hold them, sorted.
  std::map<std::string, std::vector<std::string>> tags_;
};

// The tags of a ledger. For one thread while it writes.
class TagTable {
 public:
  // `table` must outlive this. FAILED_PRECONDITION if it is of another format.
  static absl::StatusOr<TagTable> Open(LedgerTable* table);

  struct Change {
    uint64_t added = 0;    // tags
    uint64_t removed = 0;  // tags that the version before had
  };
  // Puts the list in the place of its version before, if there is one, all or none. The same list
  // again changes nothing.
  absl::StatusOr<Change> Put(const TagListReader& reader);

  // All lists that were put in. DATA_LOSS if a row is damaged.
  absl::StatusOr<std::vector<TagList>> Lists() const;

  struct Found {
    Tag tag;
    std::string list;  // the name of the list's file
  };
  // The tags of what is kept under `key`, the most confident first, then the latest.
  absl::StatusOr<std::vector<Found>> Tags(absl::string_view key) const;

  // What they say together; without claims if there are none. One read.
  absl::StatusOr<Label> LabelOf(absl::string_view key) const;
  // Of every address that has tags, in the order of their keys.
  absl::Status VisitLabels(
      absl::FunctionRef<absl::Status(absl::string_view key, const Label& label)> visit) const;

 private:
  explicit TagTable(LedgerTable* table) : table_(table) {}

  LedgerTable* table_;
};

}  // namespace spoor

#endif  // SPOOR_ENTITY_TAG_TABLE_H_
