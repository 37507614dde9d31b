#include "spoor/chain/script.h"

#include <tuple>

#include "spoor/chain/digest.h"
#include "spoor/chain/revealed.h"

namespace spoor {
namespace {

// Opcodes, named as Bitcoin Core names them.
constexpr uint8_t kOp0 = 0x00;
constexpr uint8_t kOp1 = 0x51;
constexpr uint8_t kOp16 = 0x60;
constexpr uint8_t kOpReturn = 0x6a;
constexpr uint8_t kOpDup = 0x76;
constexpr uint8_t kOpEqual = 0x87;
constexpr uint8_t kOpEqualVerify = 0x88;
constexpr uint8_t kOpHash160 = 0xa9;
constexpr uint8_t kOpCheckSig = 0xac;
constexpr uint8_t kOpCheckMultisig = 0xae;

constexpr size_t kMaxScriptSize = 10'000;
constexpr size_t kMaxMultisigKeys = 20;

Bytes ToBytes(ByteSpan b) { return Bytes(b.begin(), b.end()); }

bool IsUnspendable(ByteSpan s) {
  return s.size() > kMaxScriptSize || (!s.empty() && s[0] == kOpReturn);
}

bool IsP2pk(ByteSpan s) {
  return (s.size() == 35 || s.size() == 67) && s[0] == s.size() - 2 && s.back() == kOpCheckSig &&
         IsKeySized(s.subspan(1, s.size() - 2));
}

bool IsP2pkh(ByteSpan s) {
  return s.size() == 25 && s[0] == kOpDup && s[1] == kOpHash160 && s[2] == 20 &&
         s[23] == kOpEqualVerify && s[24] == kOpCheckSig;
}

bool IsP2sh(ByteSpan s) {
  return s.size() == 23 && s[0] == kOpHash160 && s[1] == 20 && s[22] == kOpEqual;
}

bool IsWitnessProgram(ByteSpan s) {
  return s.size() >= 4 && s.size() <= 42 && (s[0] == kOp0 || (s[0] >= kOp1 && s[0] <= kOp16)) &&
         size_t{s[1]} + 2 == s.size();
}

// Takes a number from 1 to 20 from the front of `*s` as a script pushes it in the shortest way:
// OP_1 to OP_16, or one byte of data above that.
std::optional<size_t> ConsumeSmallNumber(ByteSpan* s) {
  if (s->empty()) return std::nullopt;
  const uint8_t op = s->front();
  if (op >= kOp1 && op <= kOp16) {
    s->remove_prefix(1);
    return op - kOp1 + 1;
  }
  if (s->size() < 2 || op != 1 || (*s)[1] <= 16 || (*s)[1] > kMaxMultisigKeys) return std::nullopt;
  const size_t number = (*s)[1];
  s->remove_prefix(2);
  return number;
}

Bytes WitnessScript(uint8_t version, ByteSpan program) {
  Bytes script = {version == 0 ? kOp0 : static_cast<uint8_t>(kOp1 + version - 1),
                  static_cast<uint8_t>(program.size())};
  AppendBytes(program, &script);
  return script;
}

}  // namespace

bool IsValid(const ScriptId& id) {
  const Bytes& payload = id.payload;
  switch (id.kind) {
    case ScriptKind::kOther:
      return payload.size() == std::tuple_size_v<Digest256>;
    case ScriptKind::kUnspendable:
      return payload.empty();
    case ScriptKind::kWitness:
      if (payload.empty() || payload[0] > 16) return false;
      [[fallthrough]];
    default: {
      const std::optional<Bytes> script = ScriptFromId(id);
      return script.has_value() && ClassifyScript(*script) == id;
    }
  }
}

std::optional<ScriptIdView> ViewScript(ByteSpan s) {
  if (IsUnspendable(s)) return std::nullopt;
  if (IsP2pkh(s)) return ScriptIdView{ScriptKind::kP2pkh, s.subspan(3, 20)};
  if (IsP2sh(s)) return ScriptIdView{ScriptKind::kP2sh, s.subspan(2, 20)};
  if (IsWitnessProgram(s)) {
    const ByteSpan program = s.subspan(2);
    if (s[0] == kOp0 && program.size() == 20) return ScriptIdView{ScriptKind::kP2wpkh, program};
    if (s[0] == kOp0 && program.size() == 32) return ScriptIdView{ScriptKind::kP2wsh, program};
    if (s[0] == kOp1 && program.size() == 32) return ScriptIdView{ScriptKind::kP2tr, program};
    return std::nullopt;
  }
  if (IsP2pk(s)) return ScriptIdView{ScriptKind::kP2pk, s.subspan(1, s.size() - 2)};
  if (ParseMultisig(s).has_value()) return ScriptIdView{ScriptKind::kMultisig, s};
  return std::nullopt;
}

ScriptId ClassifyScript(ByteSpan s) {
  if (IsUnspendable(s)) return {ScriptKind::kUnspendable, {}};
  if (const auto view = ViewScript(s)) return {view->kind, ToBytes(view->payload)};
  if (IsWitnessProgram(s)) {
    Bytes payload = {static_cast<uint8_t>(s[0] == kOp0 ? 0 : s[0] - kOp1 + 1)};
    AppendBytes(s.subspan(2), &payload);
    return {ScriptKind::kWitness, std::move(payload)};
  }
  const Digest256 digest = Sha256(s);
  return {ScriptKind::kOther, ToBytes(digest)};
}

std::optional<Bytes> ScriptFromId(const ScriptId& id) {
  const Bytes& payload = id.payload;
  Bytes script;
  switch (id.kind) {
    case ScriptKind::kP2pk:
      script = {static_cast<uint8_t>(payload.size())};
      AppendBytes(payload, &script);
      script.push_back(kOpCheckSig);
      return script;
    case ScriptKind::kP2pkh:
      script = {kOpDup, kOpHash160, 20};
      AppendBytes(payload, &script);
      script.push_back(kOpEqualVerify);
      script.push_back(kOpCheckSig);
      return script;
    case ScriptKind::kP2sh:
      script = {kOpHash160, 20};
      AppendBytes(payload, &script);
      script.push_back(kOpEqual);
      return script;
    case ScriptKind::kP2wpkh:
    case ScriptKind::kP2wsh:
      return WitnessScript(0, payload);
    case ScriptKind::kP2tr:
      return WitnessScript(1, payload);
    case ScriptKind::kWitness:
      return WitnessScript(payload[0], ByteSpan(payload).subspan(1));
    case ScriptKind::kMultisig:
      return payload;
    case ScriptKind::kOther:
    case ScriptKind::kUnspendable:
      break;
  }
  return std::nullopt;
}

std::optional<MultisigScript> ParseMultisig(ByteSpan script) {
  if (script.empty() || script.back() != kOpCheckMultisig) return std::nullopt;
  const std::optional<size_t> required = ConsumeSmallNumber(&script);
  if (!required.has_value()) return std::nullopt;

  MultisigScript out;
  out.required = static_cast<int>(*required);
  while (!script.empty() && (script[0] == 33 || script[0] == 65)) {
    const ByteSpan key = script.subspan(1, script[0]);
    if (!IsKeySized(key) || out.public_keys.size() == kMaxMultisigKeys) return std::nullopt;
    out.public_keys.push_back(key);
    script.remove_prefix(1 + key.size());
  }
  const std::optional<size_t> keys = ConsumeSmallNumber(&script);
  if (keys != out.public_keys.size() || required > keys || script.size() != 1) return std::nullopt;
  return out;
}

}  // namespace spoor
