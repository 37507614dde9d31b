#ifndef SPOOR_BITCOIN_TRANSACTION_H_
#define SPOOR_BITCOIN_TRANSACTION_H_

#include <cstdint>
#include <limits>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/amount.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/hash.h"
#include "spoor/chain/network.h"

namespace spoor::bitcoin {

// An output, by the transaction that has it and its place there.
struct OutPoint {
  Txid txid;
  uint32_t index = 0;

  // What a coinbase's only input points at.
  static OutPoint Null() { return {Txid(), std::numeric_limits<uint32_t>::max()}; }
  bool IsNull() const { return *this == Null(); }

  friend bool operator==(const OutPoint&, const OutPoint&) = default;
  friend auto operator<=>(const OutPoint&, const OutPoint&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const OutPoint& v) {
    return H::combine(std::move(h), v.txid, v.index);
  }
};

// The ByteSpans of these three point into the buffer that was decoded, or, in a transaction made by
// hand, into whatever its maker keeps alive.
struct TxIn {
  OutPoint prevout;
  ByteSpan script_sig;
  uint32_t sequence = 0xffffffff;
  // The items of the input's witness as serialised: a CompactSize count, then each item with its
  // size. Empty in a transaction without witnesses.
  ByteSpan witness;
};

struct TxOut {
  Amount value;
  ByteSpan script_pubkey;
};

struct Transaction {
  int32_t version = 1;
  std::vector<TxIn> inputs;
  std::vector<TxOut> outputs;
  uint32_t lock_time = 0;
  // Litecoin's last transaction of a block with a MimbleWimble extension (LIP-0002): it carries
  // flag 8 and a null extension of one byte. Always false elsewhere.
  bool hogex = false;
  // Double SHA-256 of the serialisation without, and with, witnesses. Set by the decoder;
  // ComputeIds() sets them in a transaction made by hand.
  Txid txid;
  Digest256 wtxid{};

  bool HasWitness() const;
  bool IsCoinbase() const { return inputs.size() == 1 && inputs[0].prevout.IsNull(); }
};

// Takes one transaction from the front of `in`. Strict: DATA_LOSS on bytes cut short, a count that
// cannot be, a CompactSize not in its shortest form, an unknown flag, witness flags with no witness
// in it, no inputs, no outputs, an output or a sum of outputs over the network's max_money.
absl::StatusOr<Transaction> DecodeTransaction(const Network& network, ByteReader* in);
// The same for bytes that hold one transaction and nothing after it.
absl::StatusOr<Transaction> DecodeTransaction(const Network& network, ByteSpan bytes);

// The exact bytes that decode to `tx`.
void EncodeTransaction(const Transaction& tx, Bytes* out);
Bytes EncodeTransaction(const Transaction& tx);

// Sets tx->txid and tx->wtxid from the other fields.
void ComputeIds(Transaction* tx);

// The items of TxIn::witness. Empty if it has none. The items point into `witness`, which must come
// from a decoded transaction (or have the same form).
std::vector<ByteSpan> WitnessItems(ByteSpan witness);

}  // namespace spoor::bitcoin

#endif  // SPOOR_BITCOIN_TRANSACTION_H_
