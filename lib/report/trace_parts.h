#ifndef SPOOR_LIB_REPORT_TRACE_PARTS_H_
#define SPOOR_LIB_REPORT_TRACE_PARTS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "lib/report/names.h"
#include "spoor/chain/amount.h"
#include "spoor/report/trace_report.h"
#include "spoor/taint/follow.h"

// What a trace's JSON and its table have in common.

namespace spoor {

// One for each view.
std::vector<NameCache> MakeCaches(const TraceReport& report);
// "TXID:N", "TXID", or a pool's name.
std::string PlaceText(const Endpoint& end);
std::string PlaceText(const Path::Place& place);
std::vector<std::string> WarningsOf(const TraceReport& report, const PolicyResult& policy);
// What was stolen, by chain.
std::map<uint32_t, Units> StolenByChain(const PolicyResult& policy);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_TRACE_PARTS_H_
