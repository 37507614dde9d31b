#ifndef SPOOR_TESTS_LEDGER_PLAIN_ACCOUNTS_H_
#define SPOOR_TESTS_LEDGER_PLAIN_ACCOUNTS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

// What docs/model.md says of an account chain with these blocks, by numbers of any size and no
// other care than to be plainly right.
struct PlainAccounts {
  explicit PlainAccounts(absl::Span<const NewBlock> blocks);

  std::vector<Movement> movements;
  std::map<Holding, BalanceInfo> balances;
  std::vector<AssetInfo> assets;  // without the native one
  uint64_t native_openings = 0;
  uint64_t openings = 0;  // of all assets
  std::map<AddressId, std::vector<Position>> receipts;
};

// That `view` says just what the plain model does.
void ExpectPlain(absl::Span<const NewBlock> blocks, const LedgerView& view);

}  // namespace spoor

#endif  // SPOOR_TESTS_LEDGER_PLAIN_ACCOUNTS_H_
