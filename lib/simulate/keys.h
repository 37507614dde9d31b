#ifndef SPOOR_LIB_SIMULATE_KEYS_H_
#define SPOOR_LIB_SIMULATE_KEYS_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "lib/simulate/sighash.h"
#include "lib/simulate/world.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/transaction.h"
#include "spoor/chain/key.h"

namespace spoor::simulate {

// Memory for the scripts and witnesses of one block, given back all at once. What it hands out does
// not move.
class Arena {
 public:
  ByteSpan Keep(ByteSpan bytes);
  void Clear();

 private:
  static constexpr size_t kChunk = 1 << 20;
  struct Chunk {
    std::unique_ptr<uint8_t[]> bytes;
    size_t size = 0;
  };
  std::vector<Chunk> chunks_;
  size_t at_ = 0;    // which chunk
  size_t used_ = 0;  // of it
};

// The keys of the whole world, derived from the seed and an index, so that none is stored.
class KeyRing {
 public:
  // Without `sign`, a public key is 33 bytes of noise, as likely as not no point of the curve.
  KeyRing(uint64_t seed, bool sign) : seed_(seed), sign_(sign) {}

  std::array<uint8_t, 33> PublicKey(uint32_t key) const { return PublicKey(key, 0); }
  Bytes Script(const Address& address) const;

  // Sets script_sig and witness of every input. `spent` are the addresses and outputs that the
  // inputs spend, in their order; `tx` is otherwise complete.
  void Sign(absl::Span<const Address> spent_addresses,
            absl::Span<const bitcoin::TxOut> spent_outputs, bitcoin::Transaction* tx, Arena* arena);

 private:
  // An address of several keys has parts 0, 1, 2 of its key.
  Digest256 Derive(uint32_t key, uint8_t part) const;
  SecretKey Secret(uint32_t key, uint8_t part) const;
  std::array<uint8_t, 33> PublicKey(uint32_t key, uint8_t part) const;
  Bytes TwoOfThree(uint32_t key) const;
  Bytes Noise(size_t size);
  // A DER signature and its sighash byte.
  Bytes EcdsaSignature(uint32_t key, uint8_t part, const Digest256& sighash);
  Bytes SchnorrSignature(uint32_t key, size_t input, SighashMaker* sighashes);

  const uint64_t seed_;
  const bool sign_;
  uint64_t noise_ = 0;
};

// The weight (BIP 141) that an input or output of the kind adds to a transaction, at most.
uint64_t InputWeight(AddressKind kind);
uint64_t OutputWeight(AddressKind kind);
inline uint64_t DataOutputWeight(size_t script_size) { return 4 * (9 + script_size); }
// What is left of a transaction without inputs and outputs; counts may take three bytes each.
inline constexpr uint64_t kEmptyTransactionWeight = 4 * (8 + 6) + 2;

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_KEYS_H_
