#ifndef SPOOR_LIB_TAINT_ACCOUNT_CLAIMS_H_
#define SPOOR_LIB_TAINT_ACCOUNT_CLAIMS_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/types/span.h"
#include "lib/taint/account_findings.h"
#include "lib/taint/agenda.h"
#include "lib/taint/exchange.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/seed.h"

namespace spoor {

using AccountMarks = absl::btree_map<Position, std::vector<AccountMark>>;

// What the seeds of an account chain mark, and whose it is then.
struct AccountClaims {
  std::vector<AccountOrigin> origins;  // sorted
  std::vector<Units> limits;           // by seed
  AccountMarks marks;                  // of a movement in the order of the request
};

// `source_of_seed` has the source of every seed of the request. Backwards, opening balances are
// where units end, and no seed means them.
AccountClaims ReadClaims(uint32_t chain, absl::Span<const Seed> seeds,
                         absl::Span<const SourceId> source_of_seed, Direction direction);

// The marks on an exchange's transfers, which `read` has read last; nullopt if one is on what goes
// on within the transaction: then it is moved transfer by transfer.
std::optional<std::vector<ExchangeMark>> MarksOn(const Exchange& exchange, const Exchanges& read,
                                                 const AccountMarks& marks);

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ACCOUNT_CLAIMS_H_
