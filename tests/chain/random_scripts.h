#ifndef SPOOR_TESTS_CHAIN_RANDOM_SCRIPTS_H_
#define SPOOR_TESTS_CHAIN_RANDOM_SCRIPTS_H_

#include <random>

#include "spoor/chain/script.h"

namespace spoor {

inline Bytes RandomBytes(std::mt19937_64& rng, size_t size) {
  Bytes out(size);
  for (uint8_t& b : out) b = static_cast<uint8_t>(rng());
  return out;
}

// Bytes of a public key's length and first byte; as a rule no point of the curve.
inline Bytes RandomKey(std::mt19937_64& rng) {
  constexpr uint8_t kForms[] = {2, 3, 4, 6, 7};
  const uint8_t form = kForms[rng() % 5];
  Bytes key = RandomBytes(rng, form <= 3 ? 33 : 65);
  key[0] = form;
  return key;
}

inline void AppendSmallNumber(size_t n, Bytes* script) {
  if (n > 16) script->push_back(1);
  script->push_back(static_cast<uint8_t>(n > 16 ? n : 0x50 + n));
}

// A bare multisig script over `keys` keys.
inline Bytes RandomMultisig(std::mt19937_64& rng, size_t required, size_t keys) {
  Bytes script;
  AppendSmallNumber(required, &script);
  for (size_t i = 0; i < keys; ++i) {
    const Bytes key = RandomKey(rng);
    script.push_back(static_cast<uint8_t>(key.size()));
    AppendBytes(key, &script);
  }
  AppendSmallNumber(keys, &script);
  script.push_back(0xae);
  return script;
}

// An id of any kind whose payload is as script.h describes it.
inline ScriptId RandomScriptId(std::mt19937_64& rng) {
  const auto kind = static_cast<ScriptKind>(1 + rng() % 10);
  switch (kind) {
    case ScriptKind::kP2pk:
      return {kind, RandomKey(rng)};
    case ScriptKind::kP2pkh:
    case ScriptKind::kP2sh:
    case ScriptKind::kP2wpkh:
      return {kind, RandomBytes(rng, 20)};
    case ScriptKind::kP2wsh:
    case ScriptKind::kP2tr:
    case ScriptKind::kOther:
      return {kind, RandomBytes(rng, 32)};
    case ScriptKind::kWitness: {
      Bytes payload = RandomBytes(rng, 3 + rng() % 39);
      payload[0] %= 17;
      const size_t size = payload.size() - 1;
      // These have kinds of their own.
      if ((payload[0] == 0 && (size == 20 || size == 32)) || (payload[0] == 1 && size == 32)) {
        payload[0] = 2;
      }
      return {kind, payload};
    }
    case ScriptKind::kMultisig: {
      const size_t keys = 1 + rng() % 20;
      return {kind, RandomMultisig(rng, 1 + rng() % keys, keys)};
    }
    case ScriptKind::kUnspendable:
      break;
  }
  return {ScriptKind::kUnspendable, {}};
}

}  // namespace spoor

#endif  // SPOOR_TESTS_CHAIN_RANDOM_SCRIPTS_H_
