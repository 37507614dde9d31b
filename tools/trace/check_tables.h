#ifndef SPOOR_TOOLS_TRACE_CHECK_TABLES_H_
#define SPOOR_TOOLS_TRACE_CHECK_TABLES_H_

#include <cstddef>

#include "absl/status/status.h"
#include "spoor/ledger/check.h"
#include "tools/trace/session.h"

namespace spoor::tools {

// What CheckStore() does for chains, for what is kept beside them: that every tag and every list
// can be read and they agree on how many there are; that every merge of clusters lies in its chain,
// the merges and conflicts are as many as was counted, and the two addresses of each merge are in
// one cluster. Adds to the findings, of which `most` are kept.
absl::Status CheckTables(const Session& session, size_t most, CheckReport* report);

}  // namespace spoor::tools

#endif  // SPOOR_TOOLS_TRACE_CHECK_TABLES_H_
