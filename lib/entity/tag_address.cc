#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/chain/address.h"
#include "spoor/chain/network.h"
#include "spoor/entity/tag.h"

namespace spoor {
namespace {

constexpr absl::string_view kBitcoin = "btc";
constexpr absl::string_view kLitecoin = "ltc";
constexpr absl::string_view kEvm = "evm";
// "pk(...)" of an uncompressed key is the longest text that we write for an owner ourselves.
constexpr size_t kLongestAddress = 200;

bool IsHexAddress(absl::string_view text) {
  return text.size() == 42 && absl::StartsWithIgnoreCase(text, "0x") &&
         std::all_of(text.begin() + 2, text.end(),
                     [](char c) { return absl::ascii_isxdigit(static_cast<uint8_t>(c)); });
}

absl::string_view RealmOf(const Network& network) {
  return network.symbol == "LTC" ? kLitecoin : kBitcoin;
}

// The address as the first network of `realm` that knows it writes it.
std::optional<std::string> OnNetworks(absl::string_view realm, absl::string_view text) {
  for (const Network* network : AllNetworks()) {
    if (RealmOf(*network) != realm) continue;
    if (const auto script = ScriptFromText(*network, text); script.ok()) {
      return ScriptText(*network, *script);
    }
  }
  return std::nullopt;
}

std::string Key(absl::string_view realm, absl::string_view text) {
  return absl::StrCat(realm, ":", text);
}

}  // namespace

absl::StatusOr<std::string> TagKey(absl::string_view address, absl::string_view currency) {
  if (address.empty()) return absl::InvalidArgumentError("no address");
  if (address.size() > kLongestAddress || !std::all_of(address.begin(), address.end(), [](char c) {
        return absl::ascii_isgraph(static_cast<uint8_t>(c));
      })) {
    return absl::InvalidArgumentError("not an address: too long, or with spaces or odd characters");
  }
  if (currency.size() > 16 || !std::all_of(currency.begin(), currency.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<uint8_t>(c));
      })) {
    return absl::InvalidArgumentError("the currency is no symbol of one");
  }
  const std::string symbol = absl::AsciiStrToUpper(currency);
  const bool hex = IsHexAddress(address);
  if (symbol == "BTC" || symbol == "XBT") {
    if (auto text = OnNetworks(kBitcoin, address)) return Key(kBitcoin, *text);
    return absl::InvalidArgumentError("not a Bitcoin address, or its checksum is wrong");
  }
  if (symbol == "LTC") {
    if (auto text = OnNetworks(kLitecoin, address)) return Key(kLitecoin, *text);
    return absl::InvalidArgumentError("not a Litecoin address, or its checksum is wrong");
  }
  if (hex) return Key(kEvm, absl::AsciiStrToLower(address));
  if (symbol == "ETH" || symbol == "ETC") {
    return absl::InvalidArgumentError("not an Ethereum address: wanted 0x and 40 hex digits");
  }
  // USDT began as a token on Bitcoin (Omni).
  if (symbol.empty() || symbol == "USDT") {
    if (auto text = OnNetworks(kBitcoin, address)) return Key(kBitcoin, *text);
  }
  if (symbol.empty()) {
    if (auto text = OnNetworks(kLitecoin, address)) return Key(kLitecoin, *text);
    return absl::InvalidArgumentError(
        "not an address that can be told without its currency, or its checksum is wrong");
  }
  return Key(absl::AsciiStrToLower(symbol), address);
}

std::string TagKeyOnChain(const ChainInfo& chain, absl::string_view address) {
  if (chain.family == Family::kUtxo) {
    return Key(chain.symbol == "LTC" ? kLitecoin : kBitcoin, address);
  }
  if (IsHexAddress(address)) return Key(kEvm, absl::AsciiStrToLower(address));
  return Key(absl::AsciiStrToLower(chain.symbol), address);
}

}  // namespace spoor
