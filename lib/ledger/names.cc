#include "spoor/ledger/names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/address.h"
#include "spoor/chain/digest.h"

namespace spoor {
namespace {

// The first byte of an account's key.
constexpr char kEvmAddress = 0;
constexpr char kAccountName = 1;
constexpr size_t kEvmAddressSize = 20;
constexpr size_t kLongestName = 1000;

bool IsHex(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isxdigit(c); });
}

// The letters among the 40 digits of an address in the cases that its Keccak-256 says (EIP-55).
std::string WithChecksum(absl::string_view digits) {
  std::string out = absl::AsciiStrToLower(digits);
  const Digest256 hash = Keccak256(AsBytes(out));
  for (size_t i = 0; i < out.size(); ++i) {
    const int nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15;
    if (nibble >= 8) out[i] = absl::ascii_toupper(out[i]);
  }
  return out;
}

}  // namespace

std::string AddressKey(const ScriptId& id) {
  std::string key;
  SetAddressKey({id.kind, id.payload}, &key);
  return key;
}

void SetAddressKey(const ScriptIdView& id, std::string* key) {
  key->assign(1, static_cast<char>(id.kind));
  key->append(AsChars(id.payload).data(), id.payload.size());
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

absl::StatusOr<std::string> AccountKeyFromText(absl::string_view text) {
  if (text.empty() || text.size() > kLongestName) {
    return absl::InvalidArgumentError(
        absl::StrCat("an account's name of ", text.size(), " bytes, wanted 1 to ", kLongestName));
  }
  std::string key(1, kAccountName);
  const absl::string_view digits = text.substr(std::min<size_t>(text.size(), 2));
  if (!absl::StartsWithIgnoreCase(text, "0x") || !IsHex(digits)) {
    absl::StrAppend(&key, text);
    return key;
  }
  if (digits.size() != 2 * kEvmAddressSize) {
    absl::StrAppend(&key, absl::AsciiStrToLower(text));
    return key;
  }
  if (const std::string right = WithChecksum(digits); digits != right &&
                                                      digits != absl::AsciiStrToLower(digits) &&
                                                      digits != absl::AsciiStrToUpper(digits)) {
    return absl::InvalidArgumentError(absl::StrCat("address ", text,
                                                   " has a wrong checksum (EIP-55), wanted 0x",
                                                   right, " or all digits in one case"));
  }
  SPOOR_ASSIGN_OR_RETURN(const Bytes bytes, FromHex(digits));
  key[0] = kEvmAddress;
  key.append(AsChars(bytes).data(), bytes.size());
  return key;
}

absl::StatusOr<std::string> AccountText(absl::string_view key) {
  if (key.size() == 1 + kEvmAddressSize && key[0] == kEvmAddress) {
    return absl::StrCat("0x", ToHex(AsBytes(key.substr(1))));
  }
  if (key.size() > 1 && key[0] == kAccountName) return std::string(key.substr(1));
  return absl::DataLossError(
      absl::StrCat("an address key of ", key.size(), " bytes is not that of an account"));
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
  if (view.chain().family == Family::kAccount) {
    SPOOR_ASSIGN_OR_RETURN(std::string text, AccountText(key));
    return OwnerName{std::move(text), true};
  }
  SPOOR_ASSIGN_OR_RETURN(const ScriptId script, ScriptFromAddressKey(key));
  SPOOR_ASSIGN_OR_RETURN(const Network* network, FindNetwork(view.chain().network));
  if (std::optional<std::string> address = EncodeAddress(*network, script)) {
    return OwnerName{*std::move(address), true};
  }
  return OwnerName{ScriptText(*network, script), false};
}

absl::StatusOr<std::string> AddressKeyFromText(const ChainInfo& chain, absl::string_view text) {
  if (chain.family == Family::kAccount) return AccountKeyFromText(text);
  SPOOR_ASSIGN_OR_RETURN(const Network* network, FindNetwork(chain.network));
  SPOOR_ASSIGN_OR_RETURN(const ScriptId script, ScriptFromText(*network, text));
  return AddressKey(script);
}

absl::StatusOr<std::string> NameAsset(const LedgerView& view, AssetId id) {
  if (id == kNativeAsset) return view.chain().NativeAsset();
  SPOOR_ASSIGN_OR_RETURN(const AssetInfo asset, view.ReadAsset(id));
  SPOOR_ASSIGN_OR_RETURN(const std::string text, AccountText(asset.key));
  return absl::StrCat(view.chain().name, ":", text);
}

HashText HashTextOf(const ChainInfo& chain) {
  return chain.family == Family::kUtxo ? HashText::kReversed : HashText::kPrefixed;
}

absl::StatusOr<std::string> NameTransaction(const LedgerView& view, const Txid& txid) {
  if (view.chain().family == Family::kAccount) {
    SPOOR_ASSIGN_OR_RETURN(std::string text, view.FindTransactionText(txid));
    if (!text.empty()) return text;
  }
  return ToText(txid, HashTextOf(view.chain()));
}

absl::StatusOr<Txid> TxidFromText(const ChainInfo& chain, absl::string_view text) {
  absl::StatusOr<Txid> txid = FromText<Txid>(text, HashTextOf(chain));
  if (txid.ok() || chain.family == Family::kUtxo) return txid;
  if (text.empty() || text.size() > kLongestName) {
    return absl::InvalidArgumentError(absl::StrCat("a transaction's name of ", text.size(),
                                                   " bytes, wanted 1 to ", kLongestName));
  }
  return Txid::FromBytes(Keccak256(AsBytes(text)));
}

}  // namespace spoor
