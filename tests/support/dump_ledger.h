#ifndef SPOOR_TESTS_SUPPORT_DUMP_LEDGER_H_
#define SPOOR_TESTS_SUPPORT_DUMP_LEDGER_H_

#include <string>

#include "absl/status/statusor.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// All that `view` answers to every question it can be asked, as text, one answer to a line: two
// ledgers are the same if their dumps are. Fails with the first error that is no proper answer.
absl::StatusOr<std::string> DumpLedger(const LedgerView& view);

std::string DumpMovement(const Movement& movement);
std::string DumpBalance(const BalanceInfo& balance);
std::string DumpAsset(const AssetInfo& asset);

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_DUMP_LEDGER_H_
