#ifndef SPOOR_LIB_REPORT_TAG_BEHIND_H_
#define SPOOR_LIB_REPORT_TAG_BEHIND_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "lib/report/json.h"
#include "lib/report/names.h"
#include "spoor/entity/tag.h"
#include "spoor/ledger/model.h"
#include "spoor/report/trace_report.h"

namespace spoor {

// The tag by which an owner is a service: of the owner's own address, or, where that has none that
// says so, of another address of its cluster.
struct TagBehind {
  std::string address;  // the tagged one
  Tag tag;
  std::string list;  // the name of the list's file
};
using TagsBehind = std::map<std::pair<uint32_t, AddressId>, TagBehind>;

// Those of the owners of all endpoints that are services: of each the most confident tag that says
// what its label says. Reads all tags once if it has to look for a cluster's. Empty if
// `report.tags` is null.
absl::StatusOr<TagsBehind> FindTagsBehind(const TraceReport& report,
                                          std::vector<NameCache>* caches);

// {"address":A,"label":L,"source":S,"confidence":N,"list":FILE}, or null.
void WriteTagBehind(const TagsBehind& tags, uint32_t chain, AddressId owner, Json* json);
// "by the tag of ADDRESS in LIST, confidence N"; empty if none is known.
std::string TagBehindText(const TagsBehind& tags, uint32_t chain, AddressId owner);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_TAG_BEHIND_H_
