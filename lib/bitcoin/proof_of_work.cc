#include "lib/bitcoin/proof_of_work.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block.h"
#include "spoor/chain/scrypt.h"

namespace spoor::bitcoin {
namespace {

// The target that `bits` encode: a base-256 floating-point number with an 8-bit exponent and a
// signed 24-bit mantissa. nullopt if it is negative, zero or over 256 bits (Bitcoin Core's
// arith_uint256::SetCompact).
std::optional<Uint256> TargetFromBits(uint32_t bits) {
  const uint32_t exponent = bits >> 24;
  const uint32_t mantissa = bits & 0x007fffff;
  if (mantissa == 0 || (bits & 0x00800000) != 0) return std::nullopt;
  if (exponent > 34 || (mantissa > 0xff && exponent > 33) || (mantissa > 0xffff && exponent > 32)) {
    return std::nullopt;
  }
  const Uint256 target = exponent <= 3 ? Uint256(mantissa) >> (8 * (3 - exponent))
                                       : Uint256(mantissa) << (8 * (exponent - 3));
  if (target == 0) return std::nullopt;
  return target;
}

Uint256 FromLittleEndian(const Digest256& digest) {
  Uint256 v;
  boost::multiprecision::import_bits(v, digest.begin(), digest.end(), /*chunk_size=*/8,
                                     /*msv_first=*/false);
  return v;
}

}  // namespace

absl::Status CheckTarget(const Network& network, uint32_t bits) {
  const std::optional<Uint256> target = TargetFromBits(bits);
  if (!target.has_value() || *target > *TargetFromBits(network.pow_limit_bits)) {
    return absl::DataLossError(absl::StrCat("header bits 0x", absl::Hex(bits, absl::kZeroPad8),
                                            " are no target, or easier than 0x",
                                            absl::Hex(network.pow_limit_bits, absl::kZeroPad8),
                                            ", the easiest of network ", network.name));
  }
  return absl::OkStatus();
}

absl::Status CheckProofOfWork(const Network& network, ByteSpan header_bytes) {
  const ByteSpan header = header_bytes.first(BlockHeader::kSize);
  const uint32_t bits = DecodeBlockHeader(header).bits;
  SPOOR_RETURN_IF_ERROR(CheckTarget(network, bits));
  const Digest256 hash = network.scrypt_pow ? ScryptPow(header) : Sha256d(header);
  if (FromLittleEndian(hash) > *TargetFromBits(bits)) {
    return absl::DataLossError(absl::StrCat("proof of work ", HashToText(hash, HashText::kReversed),
                                            " is above the target of the header's bits 0x",
                                            absl::Hex(bits, absl::kZeroPad8)));
  }
  return absl::OkStatus();
}

Uint256 BlockWork(uint32_t bits) {
  const std::optional<Uint256> target = TargetFromBits(bits);
  if (!target.has_value()) return 0;
  // 2^256 has no room in 256 bits: floor((2^256 - 1 - target) / (target + 1)) + 1 is the same.
  return ~*target / (*target + 1) + 1;
}

}  // namespace spoor::bitcoin
