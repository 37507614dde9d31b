#include "lib/simulate/keys.h"

#include <algorithm>
#include <cstring>

#include "lib/simulate/sighash.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_builder.h"
#include "spoor/chain/script.h"

namespace spoor::simulate {
namespace {

constexpr uint8_t kSighashAllByte = 0x01;

Bytes Concat(std::initializer_list<ByteSpan> pieces) {
  Bytes out;
  for (const ByteSpan piece : pieces) AppendBytes(piece, &out);
  return out;
}

// Pushes shorter than OP_PUSHDATA1 needs.
Bytes Push(ByteSpan bytes) {
  SPOOR_CHECK(bytes.size() < 0x4c);
  return Concat({{static_cast<uint8_t>(bytes.size())}, bytes});
}

Bytes PayToPubkeyHash(const Digest160& hash) {
  static constexpr uint8_t kHead[] = {0x76, 0xa9, 20};  // OP_DUP OP_HASH160
  static constexpr uint8_t kTail[] = {0x88, 0xac};      // OP_EQUALVERIFY OP_CHECKSIG
  return Concat({kHead, hash, kTail});
}

Bytes WitnessProgram(uint8_t version_opcode, ByteSpan program) {
  return Concat({{version_opcode, static_cast<uint8_t>(program.size())}, program});
}

}  // namespace

ByteSpan Arena::Keep(ByteSpan bytes) {
  while (at_ < chunks_.size() && chunks_[at_].size - used_ < bytes.size()) {
    ++at_;
    used_ = 0;
  }
  if (at_ == chunks_.size()) {
    const size_t size = std::max(kChunk, bytes.size());
    chunks_.push_back({std::make_unique<uint8_t[]>(size), size});
  }
  uint8_t* to = chunks_[at_].bytes.get() + used_;
  std::copy(bytes.begin(), bytes.end(), to);
  used_ += bytes.size();
  return ByteSpan(to, bytes.size());
}

void Arena::Clear() {
  at_ = 0;
  used_ = 0;
}

Digest256 KeyRing::Derive(uint32_t key, uint8_t part) const {
  Bytes message;
  AppendLe64(seed_, &message);
  AppendLe32(key, &message);
  message.push_back(part);
  return Sha256({AsBytes("spoor simulated key"), message});
}

SecretKey KeyRing::Secret(uint32_t key, uint8_t part) const {
  const absl::StatusOr<SecretKey> secret = SecretKey::FromBytes(Derive(key, part));
  SPOOR_CHECK(secret.ok());  // fails once in 2^127 keys
  return *secret;
}

std::array<uint8_t, 33> KeyRing::PublicKey(uint32_t key, uint8_t part) const {
  if (sign_) return Secret(key, part).GetPublicKey().Compressed();
  const Digest256 noise = Derive(key, part);
  std::array<uint8_t, 33> out;
  out[0] = 2 + (noise[31] & 1);
  std::copy(noise.begin(), noise.end(), out.begin() + 1);
  return out;
}

Bytes KeyRing::TwoOfThree(uint32_t key) const {
  Bytes script = {0x52};  // OP_2
  for (uint8_t part = 0; part < 3; ++part) AppendBytes(Push(PublicKey(key, part)), &script);
  script.push_back(0x53);  // OP_3
  script.push_back(0xae);  // OP_CHECKMULTISIG
  return script;
}

Bytes KeyRing::Script(const Address& address) const {
  if (address.kind == AddressKind::kP2wsh) {
    return WitnessProgram(0, Sha256(TwoOfThree(address.key)));
  }
  if (address.kind == AddressKind::kP2tr) {
    if (sign_)
      return WitnessProgram(0x51, Secret(address.key, 0).GetPublicKey().TaprootOutputKey());
    return WitnessProgram(0x51, Sha256(PublicKey(address.key)));
  }
  const std::array<uint8_t, 33> key = PublicKey(address.key);
  switch (address.kind) {
    case AddressKind::kP2pk:
      return Concat({{33}, key, {0xac}});
    case AddressKind::kP2pkh:
      return PayToPubkeyHash(Hash160(key));
    case AddressKind::kP2shP2wpkh:
      return Concat({{0xa9, 20}, Hash160(WitnessProgram(0, Hash160(key))), {0x87}});
    case AddressKind::kP2wpkh:
    case AddressKind::kP2tr:
    case AddressKind::kP2wsh:
      break;
  }
  return WitnessProgram(0, Hash160(key));
}

Bytes KeyRing::Noise(size_t size) {
  Bytes out;
  while (out.size() < size) {
    uint64_t x = seed_ + ++noise_ * 0x9e3779b97f4a7c15;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
    x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
    AppendLe64(x ^ (x >> 31), &out);
  }
  out.resize(size);
  return out;
}

Bytes KeyRing::EcdsaSignature(uint32_t key, uint8_t part, const Digest256& sighash) {
  if (sign_) {
    Bytes signature = Secret(key, part).SignEcdsa(sighash);
    signature.push_back(kSighashAllByte);
    return signature;
  }
  // In DER still: two positive numbers of 32 bytes.
  Bytes r = Noise(32);
  Bytes s = Noise(32);
  for (Bytes* number : {&r, &s}) (*number)[0] = ((*number)[0] & 0x3f) | 0x20;
  static constexpr uint8_t kHead[] = {0x30, 0x44, 0x02, 0x20};
  static constexpr uint8_t kMiddle[] = {0x02, 0x20};
  return Concat({kHead, r, kMiddle, s, {kSighashAllByte}});
}

Bytes KeyRing::SchnorrSignature(uint32_t key, size_t input, SighashMaker* sighashes) {
  if (!sign_) return Noise(64);
  const auto signature = Secret(key, 0).SignSchnorr(sighashes->Taproot(input), /*taproot=*/true);
  return Bytes(signature.begin(), signature.end());
}

void KeyRing::Sign(absl::Span<const Address> spent_addresses,
                   absl::Span<const bitcoin::TxOut> spent_outputs, bitcoin::Transaction* tx,
                   Arena* arena) {
  SPOOR_CHECK(spent_addresses.size() == tx->inputs.size());
  SighashMaker sighashes(*tx, spent_outputs);
  for (size_t i = 0; i < tx->inputs.size(); ++i) {
    const Address& address = spent_addresses[i];
    bitcoin::TxIn& input = tx->inputs[i];
    if (address.kind == AddressKind::kP2tr) {
      input.witness =
          arena->Keep(bitcoin::EncodeWitness({SchnorrSignature(address.key, i, &sighashes)}));
      continue;
    }
    if (address.kind == AddressKind::kP2wsh) {
      const Bytes script = TwoOfThree(address.key);
      const Digest256 sighash = sign_ ? sighashes.WitnessV0(i, script) : Digest256{};
      // The empty item is what OP_CHECKMULTISIG takes too many.
      input.witness =
          arena->Keep(bitcoin::EncodeWitness({Bytes(), EcdsaSignature(address.key, 0, sighash),
                                              EcdsaSignature(address.key, 2, sighash), script}));
      continue;
    }
    const std::array<uint8_t, 33> key = PublicKey(address.key);
    if (address.kind == AddressKind::kP2pk || address.kind == AddressKind::kP2pkh) {
      const Digest256 sighash =
          sign_ ? sighashes.Legacy(i, spent_outputs[i].script_pubkey) : Digest256{};
      Bytes script_sig = Push(EcdsaSignature(address.key, 0, sighash));
      if (address.kind == AddressKind::kP2pkh) AppendBytes(Push(key), &script_sig);
      input.script_sig = arena->Keep(script_sig);
      continue;
    }
    const Digest160 key_hash = Hash160(key);
    const Digest256 sighash =
        sign_ ? sighashes.WitnessV0(i, PayToPubkeyHash(key_hash)) : Digest256{};
    if (address.kind == AddressKind::kP2shP2wpkh) {
      input.script_sig = arena->Keep(Push(WitnessProgram(0, key_hash)));
    }
    input.witness = arena->Keep(bitcoin::EncodeWitness(
        {EcdsaSignature(address.key, 0, sighash), Bytes(key.begin(), key.end())}));
  }
}

uint64_t InputWeight(AddressKind kind) {
  constexpr uint64_t kFixed = 4 * (32 + 4 + 1 + 4);
  constexpr uint64_t kSignature = 1 + 73;
  constexpr uint64_t kKey = 1 + 33;
  switch (kind) {
    case AddressKind::kP2pk:
      return kFixed + 4 * kSignature + 1;
    case AddressKind::kP2pkh:
      return kFixed + 4 * (kSignature + kKey) + 1;
    case AddressKind::kP2shP2wpkh:
      return kFixed + 4 * 23 + 1 + kSignature + kKey;
    case AddressKind::kP2wpkh:
      return kFixed + 1 + kSignature + kKey;
    case AddressKind::kP2tr:
      return kFixed + 1 + 65;
    case AddressKind::kP2wsh:
      return kFixed + 1 + 1 + 2 * kSignature + 1 + 105;
  }
  return 0;
}

uint64_t OutputWeight(AddressKind kind) {
  constexpr uint64_t kFixed = 8 + 1;
  switch (kind) {
    case AddressKind::kP2pk:
      return 4 * (kFixed + 35);
    case AddressKind::kP2pkh:
      return 4 * (kFixed + 25);
    case AddressKind::kP2shP2wpkh:
      return 4 * (kFixed + 23);
    case AddressKind::kP2wpkh:
      return 4 * (kFixed + 22);
    case AddressKind::kP2tr:
    case AddressKind::kP2wsh:
      return 4 * (kFixed + 34);
  }
  return 0;
}

}  // namespace spoor::simulate
