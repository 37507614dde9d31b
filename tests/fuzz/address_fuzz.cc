// An address that is read is written back as the same text, in lower case if it is bech32; but for
// the script prefixes that are read and never written, where reading the new text gives the same
// id. The first byte of the input picks the network.

#include <cstdint>
#include <cstdlib>

#include "absl/strings/ascii.h"
#include "spoor/chain/address.h"

namespace {

void Require(bool law) {
  if (!law) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto& networks = spoor::AllNetworks();
  const spoor::Network& network = *networks[data[0] % networks.size()];
  const absl::string_view text = spoor::AsChars(spoor::ByteSpan(data + 1, size - 1));

  if (const auto bytes = spoor::DecodeBase58Check(text); bytes.ok()) {
    Require(spoor::EncodeBase58Check((*bytes)[0], spoor::ByteSpan(*bytes).subspan(1)) == text);
  }
  if (const auto id = spoor::DecodeAddress(network, text); id.ok()) {
    const auto back = spoor::EncodeAddress(network, *id);
    Require(back.has_value());
    const auto again = spoor::DecodeAddress(network, *back);
    Require(again.ok() && *again == *id);
    const bool base58 =
        id->kind == spoor::ScriptKind::kP2pkh || id->kind == spoor::ScriptKind::kP2sh;
    const bool old_prefix =
        base58 && spoor::DecodeBase58Check(text).value()[0] == network.old_script_prefix &&
        network.old_script_prefix != network.script_prefix;
    if (!old_prefix) Require(*back == (base58 ? std::string(text) : absl::AsciiStrToLower(text)));
  }
  if (const auto id = spoor::ScriptFromText(network, text); id.ok()) {
    const auto again = spoor::ScriptFromText(network, spoor::ScriptText(network, *id));
    Require(again.ok() && *again == *id);
  }
  return 0;
}
