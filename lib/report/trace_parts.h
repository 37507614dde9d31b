#ifndef SPOOR_LIB_REPORT_TRACE_PARTS_H_
#define SPOOR_LIB_REPORT_TRACE_PARTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/report/names.h"
#include "spoor/chain/amount.h"
#include "spoor/report/trace_report.h"
#include "spoor/taint/follow.h"

// What a trace's JSON and its table have in common.

namespace spoor {

// One for each view.
std::vector<NameCache> MakeCaches(const TraceReport& report);
// "TXID:N", "TXID", a pool's name or an account's address.
std::string PlaceText(const Endpoint& end);
absl::StatusOr<std::string> PlaceText(const Path::Place& place, NameCache* names);
// The path by which `units` came, a place to a line, behind a column so wide.
absl::Status AddPathLines(const Path& path, const std::string& units, int column, NameCache* names,
                          std::string* out);
absl::StatusOr<std::vector<std::string>> WarningsOf(const TraceReport& report,
                                                    const PolicyResult& policy,
                                                    std::vector<NameCache>* caches);
// What was stolen, by chain and asset.
using ChainAsset = std::pair<uint32_t, AssetId>;
std::map<ChainAsset, Units> StolenByAsset(const PolicyResult& policy);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_TRACE_PARTS_H_
