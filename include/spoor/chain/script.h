#ifndef SPOOR_CHAIN_SCRIPT_H_
#define SPOOR_CHAIN_SCRIPT_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "spoor/base/bytes.h"

namespace spoor {

// The standard forms of script_pubkey. The numbers are stored in ledgers: never renumber.
enum class ScriptKind : uint8_t {
  kP2pk = 1,      // payload: the public key, 33 or 65 bytes
  kP2pkh = 2,     // the key's Hash160, 20 bytes
  kP2sh = 3,      // the script's Hash160, 20 bytes
  kP2wpkh = 4,    // 20 bytes
  kP2wsh = 5,     // 32 bytes
  kP2tr = 6,      // the x-only output key, 32 bytes
  kWitness = 7,   // any other witness program: its version (0..16), then 2 to 40 bytes
  kMultisig = 8,  // bare m-of-n, n <= 20: the script itself
  kOther = 9,     // SHA-256 of the script, 32 bytes
  // Provably unspendable, and so nobody's: begins with OP_RETURN, or is longer than 10,000 bytes
  // (Bitcoin Core's CScript::IsUnspendable). The payload is empty.
  kUnspendable = 10,
};

// What a script_pubkey says of who may spend, in its shortest form. Two outputs have equal
// ScriptIds exactly if their scripts are the same, but for kUnspendable, whose ids are all equal
// (and for a collision of SHA-256).
struct ScriptId {
  ScriptKind kind = ScriptKind::kOther;
  Bytes payload;

  friend bool operator==(const ScriptId&, const ScriptId&) = default;
  friend auto operator<=>(const ScriptId&, const ScriptId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const ScriptId& v) {
    return H::combine(std::move(h), v.kind, v.payload);
  }
};

// Whether the payload is one that the kind can have, as it is in every id made by this layer. For
// ids that are read back from storage: the other functions here require it.
bool IsValid(const ScriptId& id);

// A ScriptId whose payload stands in the script as it is, and is not copied.
struct ScriptIdView {
  ScriptKind kind = ScriptKind::kOther;
  ByteSpan payload;  // points into the script
};

// The same as ClassifyScript(); nullopt for those whose payload does not stand in the script:
// kOther, kWitness and kUnspendable.
std::optional<ScriptIdView> ViewScript(ByteSpan script_pubkey);

// Never fails: what no pattern fits is kOther. The public key of kP2pk is of the right length and
// prefix, but may not be a point of the curve.
ScriptId ClassifyScript(ByteSpan script_pubkey);

// The script_pubkey that has this id; nullopt for kOther and kUnspendable, which do not keep it.
std::optional<Bytes> ScriptFromId(const ScriptId& id);

struct MultisigScript {
  int required = 0;
  std::vector<ByteSpan> public_keys;  // as they stand in the script, 33 or 65 bytes each
};
// Takes apart "m <key>... n OP_CHECKMULTISIG" with 1 <= m <= n <= 20; nullopt if it is not that.
// The keys point into `script`.
std::optional<MultisigScript> ParseMultisig(ByteSpan script);

}  // namespace spoor

#endif  // SPOOR_CHAIN_SCRIPT_H_
