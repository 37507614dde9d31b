#ifndef SPOOR_LIB_REPORT_SHOW_ACCOUNT_H_
#define SPOOR_LIB_REPORT_SHOW_ACCOUNT_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/report/tags_of_address.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/report/show.h"

namespace spoor {

// What trace show says on account chains.

struct ShownAccount {
  AddressId id;
  KnownTags tags;
  std::string cluster;  // its name; empty if it is in none
  uint64_t cluster_size = 0;
  KnownTags cluster_tags;  // of all its addresses
};
// Its balances, and the last movements of them, as many as `rows` of each as text; a thousand in
// JSON, which says how many there are. Nothing is read of the history before these.
absl::StatusOr<std::string> ShowAccount(const LedgerView& view, const ShownAccount& account,
                                        ReportForm form, size_t rows);

// The movements of one transaction, all of them, in order.
absl::StatusOr<std::string> ShowAccountTransaction(const LedgerView& view,
                                                   const std::vector<Position>& positions,
                                                   ReportForm form);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_SHOW_ACCOUNT_H_
