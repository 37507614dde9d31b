#ifndef SPOOR_CHAIN_KEY_H_
#define SPOOR_CHAIN_KEY_H_

#include <array>
#include <cstdint>

#include "absl/status/statusor.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/digest.h"

namespace spoor {

// A point of secp256k1. Invariant: on the curve, not infinity.
class PublicKey {
 public:
  // The key by which `message_hash` was signed: r and s of 32 bytes each, big-endian, and which of
  // the up to four keys that they fit. s may be of either sign. INVALID_ARGUMENT if there is none.
  static absl::StatusOr<PublicKey> Recover(const Digest256& message_hash,
                                           const std::array<uint8_t, 64>& r_and_s, int which);
  // SEC 1: 33 bytes (02, 03) or 65 (04; the hybrid 06 and 07 are taken too, as Bitcoin takes them).
  // INVALID_ARGUMENT if it is no point of the curve.
  static absl::StatusOr<PublicKey> Parse(ByteSpan sec1);

  std::array<uint8_t, 33> Compressed() const;
  std::array<uint8_t, 65> Uncompressed() const;
  // The x coordinate: an x-only key (BIP 340).
  std::array<uint8_t, 32> XOnly() const;
  // The output key of a P2TR script with this internal key and no script tree (BIP 86).
  std::array<uint8_t, 32> TaprootOutputKey() const;

  friend bool operator==(const PublicKey&, const PublicKey&) = default;

 private:
  friend class SecretKey;
  PublicKey() = default;
  std::array<uint8_t, 64> point_{};  // libsecp256k1's own form
};

// A secret key, for ledgers that we make ourselves (tests, simulation). Not hardened: it is kept in
// plain memory. Invariant: in 1..n-1.
class SecretKey {
 public:
  // INVALID_ARGUMENT if zero or not below the group's order.
  static absl::StatusOr<SecretKey> FromBytes(const Digest256& bytes);

  PublicKey GetPublicKey() const;
  // ECDSA with RFC 6979 nonces and low s, DER-encoded, 70 to 72 bytes as a rule.
  Bytes SignEcdsa(const Digest256& message_hash) const;
  // The same as Recover() takes it; `*which` tells it the key.
  std::array<uint8_t, 64> SignRecoverable(const Digest256& message_hash, int* which) const;
  // BIP 340, by the key tweaked for a P2TR output without scripts (BIP 86) if `taproot`, else by
  // the key itself. Deterministic: no auxiliary randomness.
  std::array<uint8_t, 64> SignSchnorr(const Digest256& message_hash, bool taproot) const;

 private:
  SecretKey() = default;
  std::array<uint8_t, 32> bytes_{};
};

// For tests of what was signed.
bool VerifyEcdsa(const PublicKey& key, const Digest256& message_hash, ByteSpan der);
bool VerifySchnorr(const std::array<uint8_t, 32>& x_only, const Digest256& message_hash,
                   ByteSpan signature);

}  // namespace spoor

#endif  // SPOOR_CHAIN_KEY_H_
