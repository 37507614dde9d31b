#ifndef SPOOR_LIB_REPORT_SHOW_KEYS_H_
#define SPOOR_LIB_REPORT_SHOW_KEYS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/report/json.h"
#include "lib/report/tags_of_address.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/names.h"

namespace spoor {

// Where one public key is known.
struct ShownKey {
  struct Place {
    std::string chain;
    OwnerName name;
    uint64_t movements = 0;  // of an account, by its native balance
    KnownTags known;
  };
  std::string key;               // compressed, in hex
  std::string account;           // its account's address on Ethereum and its kin
  std::vector<Place> addresses;  // on chains of Bitcoin's family, but the one asked for
  std::vector<Place> accounts;   // on account chains that know it
  KnownTags known;               // of the account, whether a chain knows it or not
};

// The keys behind an address of a chain of Bitcoin's family.
struct ShownKeys {
  std::optional<ShownKey> one;  // that alone can spend from it
  int required = 0;             // of `members`; 0 if it is no multisig
  std::vector<ShownKey> members;
  std::string revealed_in;  // a txid; empty if the address names its keys

  bool empty() const { return !one.has_value() && members.empty(); }
};

// Looks for each key on all chains of the ledger. `tags` may be null.
absl::StatusOr<ShownKeys> FindShownKeys(absl::Span<const LedgerView* const> views,
                                        const LedgerView& view, AddressId id, const TagTable* tags);

// "keys": a member of the object begun; null if nothing is known.
void WriteKeys(const ShownKeys& keys, Json* json);
// Lines for a person; empty if nothing is known.
std::string KeysText(const ShownKeys& keys);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_SHOW_KEYS_H_
