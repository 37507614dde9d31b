#ifndef SPOOR_LIB_REPORT_TAGS_OF_ADDRESS_H_
#define SPOOR_LIB_REPORT_TAGS_OF_ADDRESS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "lib/report/json.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/label.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// The tags of one address, or of all addresses of a cluster, and what they say together.
struct KnownTags {
  std::vector<TagTable::Found> tags;
  Label label;
};
// None if `table` is null.
absl::StatusOr<KnownTags> ReadTags(const TagTable* table, absl::string_view key);

// Of the cluster that `id` is in; none if `table` is null.
absl::StatusOr<KnownTags> ReadClusterTags(const LedgerView& view, const Clusters& clusters,
                                          const TagTable* table, AddressId id);

// "actor", "category", "confidence", "conflicts" and "tags": members of the object begun.
void WriteTags(const KnownTags& known, Json* json);
// A table of the first `rows`; empty if there are none. `of_cluster`: with the address of each.
std::string TagsText(const KnownTags& known, size_t rows, bool of_cluster = false);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_TAGS_OF_ADDRESS_H_
