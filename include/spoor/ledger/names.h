#ifndef SPOOR_LEDGER_NAMES_H_
#define SPOOR_LEDGER_NAMES_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/chain/hash.h"
#include "spoor/chain/network.h"
#include "spoor/chain/script.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// The bytes by which a ledger of Bitcoin's family tells scripts apart: the kind, then the payload.
std::string AddressKey(const ScriptId& id);
// The same into `*key`, whose memory is used again.
void SetAddressKey(const ScriptIdView& id, std::string* key);
// DATA_LOSS if `key` is not such a key.
absl::StatusOr<ScriptId> ScriptFromAddressKey(absl::string_view key);

// The bytes by which a ledger of an account chain tells accounts apart: 0 and the 20 bytes of an
// address of Ethereum's kin ("0x" and 40 hexadecimal digits of either case), 1 and the text of any
// other name (of hexadecimal digits after "0x", in lower case). Assets are told apart likewise, by
// their contracts. INVALID_ARGUMENT if the text is empty or longer than 1,000 bytes, or an address
// in both cases whose checksum (EIP-55) is wrong.
absl::StatusOr<std::string> AccountKeyFromText(absl::string_view text);
// The text of such a key, addresses in lower case. DATA_LOSS if it is none.
absl::StatusOr<std::string> AccountText(absl::string_view key);

// The chain's entry in a ledger.
ChainInfo ChainInfoOf(const Network& network);

// Who holds something, for people and programs.
struct OwnerName {
  std::string text;         // the address, or ScriptText() where there is none; "" for nobody
  bool is_address = false;  // whether wallets would take it
};
// The name of a holder of `view`. Fails as ReadAddress() does; DATA_LOSS if the key is no address
// key.
absl::StatusOr<OwnerName> NameOwner(const LedgerView& view, AddressId id);

// The key of an address written as text. INVALID_ARGUMENT if it is not an address of `chain`; on
// an account chain nearly everything is.
absl::StatusOr<std::string> AddressKeyFromText(const ChainInfo& chain, absl::string_view text);

// The asset as reports name it: "ethereum:ETH",
// "ethereum:0xdac17f958d2ee523a2206206994597c13d831ec7".
absl::StatusOr<std::string> NameAsset(const LedgerView& view, AssetId id);

// How the chain's hashes are written.
HashText HashTextOf(const ChainInfo& chain);
// The transaction as its chain calls it. Every printing of a txid goes through this.
absl::StatusOr<std::string> NameTransaction(const LedgerView& view, const Txid& txid);
// INVALID_ARGUMENT on a UTXO chain unless it is a hash. On an account chain, what is not a hash is
// a name, whose Keccak-256 the txid is.
absl::StatusOr<Txid> TxidFromText(const ChainInfo& chain, absl::string_view text);

}  // namespace spoor

#endif  // SPOOR_LEDGER_NAMES_H_
