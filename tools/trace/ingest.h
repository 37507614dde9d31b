#ifndef SPOOR_TOOLS_TRACE_INGEST_H_
#define SPOOR_TOOLS_TRACE_INGEST_H_

#include <functional>
#include <memory>

#include "spoor/chain/hash.h"
#include "spoor/ingest/bitcoin_node.h"
#include "tools/trace/session.h"

namespace spoor::tools {

// The sources of `trace ingest`.
void AddIngestBitcoin(CLI::App* ingest, const Session* session, Run* run);
void AddIngestEthereum(CLI::App* ingest, const Session* session, Run* run);
void AddIngestTransfers(CLI::App* ingest, const Session* session, Run* run);

// What happens at the tip, a line each. `quiet`: but for warnings.
void ShowEvent(const NodeEvent& event, HashText form, bool quiet);

// The ledger, to append to: also after a damaged log, whose blocks are then fetched again.
absl::StatusOr<std::unique_ptr<LedgerStore>> OpenToAppend(const Session& session);

// INVALID_ARGUMENT, naming the option, unless it is a name for a chain or an asset.
absl::Status CheckChainName(absl::string_view option, absl::string_view name);

// Has SIGINT and SIGTERM end the work at the next good moment, and a second one at once. The
// function that is returned says whether one came.
std::function<bool()> StopOnSignals();

}  // namespace spoor::tools

#endif  // SPOOR_TOOLS_TRACE_INGEST_H_
