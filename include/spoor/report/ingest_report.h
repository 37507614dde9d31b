#ifndef SPOOR_REPORT_INGEST_REPORT_H_
#define SPOOR_REPORT_INGEST_REPORT_H_

#include <string>
#include <vector>

#include "spoor/ingest/block_files.h"
#include "spoor/ingest/ethereum.h"
#include "spoor/ingest/transfers.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// The document `spoor.ingest.v1` (docs/trace.md): the totals now in the ledger for a chain.
std::string IngestToJson(const LedgerView& view, double seconds);
// For a person: what was done, and the totals.
std::string IngestToText(const LedgerView& view, const IngestReport& report, double seconds);
// What was passed over or is uncertain, one sentence each; empty if nothing.
std::vector<std::string> IngestWarnings(const IngestReport& report);

// The same of files of transfers.
std::string TransfersToText(const LedgerView& view, const TransferReport& report, double seconds);
std::vector<std::string> TransferWarnings(const TransferReport& report);

// The same of Ethereum's kin.
std::string EthereumToText(const LedgerView& view, const EthereumReport& report, double seconds);
std::vector<std::string> EthereumWarnings(const EthereumReport& report);

}  // namespace spoor

#endif  // SPOOR_REPORT_INGEST_REPORT_H_
