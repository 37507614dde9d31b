#ifndef SPOOR_REPORT_TAGS_REPORT_H_
#define SPOOR_REPORT_TAGS_REPORT_H_

#include <string>

#include "absl/types/span.h"
#include "spoor/entity/tag_table.h"

namespace spoor {

// A file of tags that was put into a ledger.
struct TagFileReport {
  std::string file;  // its path, as the user gave it
  TagListSummary summary;
  TagTable::Change change;
};

// The document `spoor.tags.v1` (docs/trace.md). `lists` is what the ledger has now.
std::string TagsToJson(absl::Span<const TagFileReport> files, absl::Span<const TagList> lists);
// For a person.
std::string TagsToText(absl::Span<const TagFileReport> files, absl::Span<const TagList> lists);

}  // namespace spoor

#endif  // SPOOR_REPORT_TAGS_REPORT_H_
