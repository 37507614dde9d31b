#include "spoor/ledger/names.h"

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/address.h"

namespace spoor {

std::string AddressKey(const ScriptId& id) {
  std::string key(1, static_cast<char>(id.kind));
  key.append(AsChars(id.payload).data(), id.payload.size());
  return key;
}

absl::StatusOr<ScriptId> ScriptFromAddressKey(absl::string_view key) {
  ScriptId id;
  if (!key.empty()) {
    const ByteSpan payload = AsBytes(key.substr(1));
    id = {static_cast<ScriptKind>(key[0]), Bytes(payload.begin(), payload.end())};
    if (IsValid(id)) return id;
  }
  return absl::DataLossError(
      absl::StrCat("an address key of ", key.size(), " bytes is not that of a script"));
}

ChainInfo ChainInfoOf(const Network& network) {
  ChainInfo chain;
  chain.name = std::string(network.chain);
  chain.family = Family::kUtxo;
  chain.network = std::string(network.name);
  chain.symbol = std::string(network.symbol);
  chain.decimals = 8;
  return chain;
}

absl::StatusOr<OwnerName> NameOwner(const LedgerView& view, AddressId id) {
  if (id.IsNobody()) return OwnerName();
  SPOOR_ASSIGN_OR_RETURN(const std::string key, view.ReadAddress(id));
  SPOOR_ASSIGN_OR_RETURN(const ScriptId script, ScriptFromAddressKey(key));
  SPOOR_ASSIGN_OR_RETURN(const Network* network, FindNetwork(view.chain().network));
  if (std::optional<std::string> address = EncodeAddress(*network, script)) {
    return OwnerName{*std::move(address), true};
  }
  return OwnerName{ScriptText(*network, script), false};
}

absl::StatusOr<std::string> AddressKeyFromText(const ChainInfo& chain, absl::string_view text) {
  SPOOR_ASSIGN_OR_RETURN(const Network* network, FindNetwork(chain.network));
  SPOOR_ASSIGN_OR_RETURN(const ScriptId script, ScriptFromText(*network, text));
  return AddressKey(script);
}

}  // namespace spoor
