#ifndef SPOOR_LIB_REPORT_TAGS_OF_ADDRESS_H_
#define SPOOR_LIB_REPORT_TAGS_OF_ADDRESS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/report/json.h"
#include "spoor/entity/label.h"
#include "spoor/entity/tag_table.h"

namespace spoor {

// The tags of one address, and what they say together.
struct KnownTags {
  std::vector<TagTable::Found> tags;
  Label label;
};
// None if `table` is null.
absl::StatusOr<KnownTags> ReadTags(const TagTable* table, absl::string_view key);

// "actor", "category", "confidence", "conflicts" and "tags": members of the object begun.
void WriteTags(const KnownTags& known, Json* json);
// A table of the first `rows`; empty if there are none.
std::string TagsText(const KnownTags& known, size_t rows);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_TAGS_OF_ADDRESS_H_
