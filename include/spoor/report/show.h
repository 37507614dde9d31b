#ifndef SPOOR_REPORT_SHOW_H_
#define SPOOR_REPORT_SHOW_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

enum class ReportForm { kJson, kText };

// A chain and its clusters, which are of a block in it (Clusters::CheckAgainst()).
struct ChainClusters {
  const LedgerView* view = nullptr;
  const Clusters* clusters = nullptr;
};

// One output that an address received.
struct Receipt {
  Position position;
  Txid txid;
  uint32_t output = 0;
  int64_t time = 0;  // seconds since 1970-01-01 UTC
  Units amount;
  std::optional<Position> spender;
};

// What a ledger knows of an address.
struct AddressSummary {
  AddressId id;
  std::string name;
  uint64_t transactions = 0;  // that pay it or spend from it
  Units received;
  Units sent;
  Units balance;
  // Times of the first and the last of its transactions; 0 if there are none: the ledger begins
  // after the address received all that it had.
  int64_t first = 0;
  int64_t last = 0;
  std::vector<Receipt> receipts;  // in order of position
};
// On an account chain: of its native balance alone, with its movements for transactions, the time
// of the last, and no receipts.
absl::StatusOr<AddressSummary> SummarizeAddress(const LedgerView& view, AddressId id);

// What the ledger is: its chains, their tips and totals. `form` kJson gives a document
// `spoor.show.v1`.
std::string ShowLedger(absl::Span<const LedgerView* const> views, ReportForm form);

// What the ledger knows of `what`, a txid or an address, "CHAIN:" before it where two chains have
// it; as text at most `rows` receipts (of an account: balances and last movements) and tags of an
// address. `tags` may be null. An address that
// no chain has is shown by its tags alone, with the currency before it ("trx:T...") where the
// address does not tell. INVALID_ARGUMENT if it is neither, or is not there.
// `clusters` has those of the chains that have any.
absl::StatusOr<std::string> Show(absl::Span<const LedgerView* const> views, const TagTable* tags,
                                 absl::Span<const ChainClusters> clusters, absl::string_view what,
                                 ReportForm form, size_t rows);

}  // namespace spoor

#endif  // SPOOR_REPORT_SHOW_H_
