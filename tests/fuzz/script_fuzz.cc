// A script that its id keeps comes back from it byte for byte, and a multisig script is nothing but
// its keys and numbers.

#include <cstdint>
#include <cstdlib>

#include "spoor/chain/address.h"
#include "spoor/chain/network.h"
#include "spoor/chain/script.h"

namespace {

using spoor::Bytes;
using spoor::ByteSpan;
using spoor::ScriptKind;

void Require(bool law) {
  if (!law) std::abort();
}

void AppendNumber(size_t n, Bytes* script) {
  if (n > 16) script->push_back(1);
  script->push_back(static_cast<uint8_t>(n > 16 ? n : 0x50 + n));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const ByteSpan script(data, size);
  const spoor::ScriptId id = spoor::ClassifyScript(script);
  const auto back = spoor::ScriptFromId(id);
  Require(back.has_value() !=
          (id.kind == ScriptKind::kOther || id.kind == ScriptKind::kUnspendable));
  if (back.has_value()) {
    Require(*back == script);
    Require(spoor::ClassifyScript(*back) == id);
  }

  Require(spoor::IsValid(id));

  const auto multisig = spoor::ParseMultisig(script);
  Require(multisig.has_value() == (id.kind == ScriptKind::kMultisig) ||
          id.kind == ScriptKind::kUnspendable);
  if (multisig.has_value()) {
    Bytes made;
    AppendNumber(static_cast<size_t>(multisig->required), &made);
    for (const ByteSpan key : multisig->public_keys) {
      made.push_back(static_cast<uint8_t>(key.size()));
      spoor::AppendBytes(key, &made);
    }
    AppendNumber(multisig->public_keys.size(), &made);
    made.push_back(0xae);
    Require(made == script);
  }

  const spoor::Network& network = spoor::GetNetwork(spoor::NetworkId::kMain);
  const auto named = spoor::ScriptFromText(network, spoor::ScriptText(network, id));
  Require(id.kind == ScriptKind::kUnspendable ? !named.ok() : named.ok() && *named == id);

  // The input once more, as a row of storage: a kind and a payload.
  if (size > 0) {
    const spoor::ScriptId stored{static_cast<ScriptKind>(data[0]), Bytes(data + 1, data + size)};
    if (spoor::IsValid(stored)) {
      const auto made = spoor::ScriptFromId(stored);
      Require(!made.has_value() || spoor::ClassifyScript(*made) == stored);
      const auto text = spoor::ScriptFromText(network, spoor::ScriptText(network, stored));
      Require(stored.kind == ScriptKind::kUnspendable ? !text.ok() : text.ok() && *text == stored);
    }
  }
  return 0;
}
