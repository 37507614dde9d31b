#include "spoor/chain/key.h"

#include <cstring>

#include "absl/strings/str_cat.h"
#include "secp256k1.h"
#include "secp256k1_extrakeys.h"
#include "secp256k1_recovery.h"
#include "secp256k1_schnorrsig.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// Made once and never changed, so that any number of threads may use it.
const secp256k1_context* Context() {
  static const secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  return context;
}

secp256k1_pubkey ToLibrary(const std::array<uint8_t, 64>& point) {
  secp256k1_pubkey key;
  static_assert(sizeof key.data == sizeof point);
  std::memcpy(key.data, point.data(), point.size());
  return key;
}

secp256k1_xonly_pubkey XOnlyOf(const std::array<uint8_t, 64>& point) {
  const secp256k1_pubkey key = ToLibrary(point);
  secp256k1_xonly_pubkey x_only;
  SPOOR_CHECK(secp256k1_xonly_pubkey_from_pubkey(Context(), &x_only, nullptr, &key));
  return x_only;
}

std::array<uint8_t, 32> Serialize(const secp256k1_xonly_pubkey& key) {
  std::array<uint8_t, 32> out;
  secp256k1_xonly_pubkey_serialize(Context(), out.data(), &key);
  return out;
}

// What a P2TR output without a script tree adds to its internal key (BIP 341).
Digest256 TaprootTweak(const secp256k1_xonly_pubkey& internal) {
  return TaggedHash("TapTweak", {Serialize(internal)});
}

template <size_t N>
std::array<uint8_t, N> SerializePoint(const std::array<uint8_t, 64>& point, unsigned form) {
  const secp256k1_pubkey key = ToLibrary(point);
  std::array<uint8_t, N> out;
  size_t size = out.size();
  secp256k1_ec_pubkey_serialize(Context(), out.data(), &size, &key, form);
  SPOOR_CHECK(size == N);
  return out;
}

}  // namespace

absl::StatusOr<PublicKey> PublicKey::Parse(ByteSpan sec1) {
  secp256k1_pubkey parsed;
  // The library ends the process when given no bytes at all.
  if (sec1.empty() || !secp256k1_ec_pubkey_parse(Context(), &parsed, sec1.data(), sec1.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("public key ", ToHex(sec1), " is no point of secp256k1"));
  }
  PublicKey key;
  std::memcpy(key.point_.data(), parsed.data, key.point_.size());
  return key;
}

absl::StatusOr<PublicKey> PublicKey::Recover(const Digest256& message_hash,
                                             const std::array<uint8_t, 64>& r_and_s, int which) {
  secp256k1_ecdsa_recoverable_signature signature;
  secp256k1_pubkey recovered;
  // The library ends the process for any other number.
  if (which < 0 || which > 3 ||
      !secp256k1_ecdsa_recoverable_signature_parse_compact(Context(), &signature, r_and_s.data(),
                                                           which) ||
      !secp256k1_ecdsa_recover(Context(), &recovered, &signature, message_hash.data())) {
    return absl::InvalidArgumentError("no key has made this signature");
  }
  PublicKey key;
  std::memcpy(key.point_.data(), recovered.data, key.point_.size());
  return key;
}

std::array<uint8_t, 33> PublicKey::Compressed() const {
  return SerializePoint<33>(point_, SECP256K1_EC_COMPRESSED);
}

std::array<uint8_t, 65> PublicKey::Uncompressed() const {
  return SerializePoint<65>(point_, SECP256K1_EC_UNCOMPRESSED);
}

std::array<uint8_t, 32> PublicKey::XOnly() const { return Serialize(XOnlyOf(point_)); }

std::array<uint8_t, 32> PublicKey::TaprootOutputKey() const {
  const secp256k1_xonly_pubkey internal = XOnlyOf(point_);
  const Digest256 tweak = TaprootTweak(internal);
  secp256k1_pubkey tweaked;
  // Fails only for a tweak that nobody can find: a preimage of SHA-256.
  SPOOR_CHECK(secp256k1_xonly_pubkey_tweak_add(Context(), &tweaked, &internal, tweak.data()));
  secp256k1_xonly_pubkey output;
  SPOOR_CHECK(secp256k1_xonly_pubkey_from_pubkey(Context(), &output, nullptr, &tweaked));
  return Serialize(output);
}

absl::StatusOr<SecretKey> SecretKey::FromBytes(const Digest256& bytes) {
  if (!secp256k1_ec_seckey_verify(Context(), bytes.data())) {
    return absl::InvalidArgumentError("a secret key of zero or not below the order of secp256k1");
  }
  SecretKey key;
  key.bytes_ = bytes;
  return key;
}

PublicKey SecretKey::GetPublicKey() const {
  secp256k1_pubkey made;
  SPOOR_CHECK(secp256k1_ec_pubkey_create(Context(), &made, bytes_.data()));
  PublicKey key;
  std::memcpy(key.point_.data(), made.data, key.point_.size());
  return key;
}

Bytes SecretKey::SignEcdsa(const Digest256& message_hash) const {
  secp256k1_ecdsa_signature signature;
  SPOOR_CHECK(secp256k1_ecdsa_sign(Context(), &signature, message_hash.data(), bytes_.data(),
                                   secp256k1_nonce_function_rfc6979, nullptr));
  Bytes der(72);
  size_t size = der.size();
  SPOOR_CHECK(secp256k1_ecdsa_signature_serialize_der(Context(), der.data(), &size, &signature));
  der.resize(size);
  return der;
}

std::array<uint8_t, 64> SecretKey::SignRecoverable(const Digest256& message_hash,
                                                   int* which) const {
  secp256k1_ecdsa_recoverable_signature signature;
  SPOOR_CHECK(secp256k1_ecdsa_sign_recoverable(Context(), &signature, message_hash.data(),
                                               bytes_.data(), secp256k1_nonce_function_rfc6979,
                                               nullptr));
  std::array<uint8_t, 64> compact;
  secp256k1_ecdsa_recoverable_signature_serialize_compact(Context(), compact.data(), which,
                                                          &signature);
  return compact;
}

std::array<uint8_t, 64> SecretKey::SignSchnorr(const Digest256& message_hash, bool taproot) const {
  secp256k1_keypair pair;
  SPOOR_CHECK(secp256k1_keypair_create(Context(), &pair, bytes_.data()));
  if (taproot) {
    secp256k1_xonly_pubkey internal;
    SPOOR_CHECK(secp256k1_keypair_xonly_pub(Context(), &internal, nullptr, &pair));
    const Digest256 tweak = TaprootTweak(internal);
    SPOOR_CHECK(secp256k1_keypair_xonly_tweak_add(Context(), &pair, tweak.data()));
  }
  std::array<uint8_t, 64> signature;
  SPOOR_CHECK(secp256k1_schnorrsig_sign32(Context(), signature.data(), message_hash.data(), &pair,
                                          nullptr));
  return signature;
}

bool VerifyEcdsa(const PublicKey& key, const Digest256& message_hash, ByteSpan der) {
  const std::array<uint8_t, 33> sec1 = key.Compressed();
  secp256k1_pubkey point;
  secp256k1_ecdsa_signature signature;
  if (der.empty() || !secp256k1_ec_pubkey_parse(Context(), &point, sec1.data(), sec1.size()) ||
      !secp256k1_ecdsa_signature_parse_der(Context(), &signature, der.data(), der.size())) {
    return false;
  }
  // Bitcoin's consensus takes either sign of s, libsecp256k1 only the lower.
  secp256k1_ecdsa_signature_normalize(Context(), &signature, &signature);
  return secp256k1_ecdsa_verify(Context(), &signature, message_hash.data(), &point);
}

bool VerifySchnorr(const std::array<uint8_t, 32>& x_only, const Digest256& message_hash,
                   ByteSpan signature) {
  secp256k1_xonly_pubkey key;
  return signature.size() == 64 && secp256k1_xonly_pubkey_parse(Context(), &key, x_only.data()) &&
         secp256k1_schnorrsig_verify(Context(), signature.data(), message_hash.data(),
                                     message_hash.size(), &key);
}

}  // namespace spoor
