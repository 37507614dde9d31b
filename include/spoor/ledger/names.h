#ifndef SPOOR_LEDGER_NAMES_H_
#define SPOOR_LEDGER_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/chain/network.h"
#include "spoor/chain/script.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// The bytes by which a ledger of Bitcoin's family tells scripts apart: the kind, then the payload.
std::string AddressKey(const ScriptId& id);
// DATA_LOSS if `key` is not such a key.
absl::StatusOr<ScriptId> ScriptFromAddressKey(absl::string_view key);

// The chain's entry in a ledger.
ChainInfo ChainInfoOf(const Network& network);

// Who holds something, for people and programs.
struct OwnerName {
  std::string text;         // the address, or ScriptText() where there is none; "" for nobody
  bool is_address = false;  // whether wallets would take it
};
absl::StatusOr<OwnerName> NameOwner(const LedgerView& view, AddressId id);

// The key of an address written as text. INVALID_ARGUMENT if it is not an address of `chain`.
absl::StatusOr<std::string> AddressKeyFromText(const ChainInfo& chain, absl::string_view text);

}  // namespace spoor

#endif  // SPOOR_LEDGER_NAMES_H_
