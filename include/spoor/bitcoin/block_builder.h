#ifndef SPOOR_BITCOIN_BLOCK_BUILDER_H_
#define SPOOR_BITCOIN_BLOCK_BUILDER_H_

#include <cstdint>
#include <deque>
#include <vector>

#include "absl/types/span.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/transaction.h"
#include "spoor/chain/network.h"

namespace spoor::bitcoin {

// Makes transactions and blocks that a node would take (signatures are the caller's), for tests and
// simulation.

// TxIn::witness of these items; of none, a stack of no items.
Bytes EncodeWitness(absl::Span<const Bytes> items);

// A transaction being made, with the bytes that it points at.
class TransactionBuilder {
 public:
  explicit TransactionBuilder(int32_t version = 2) { tx_.version = version; }
  // A move leaves the bytes where they are; a copy would point into the original.
  TransactionBuilder(TransactionBuilder&&) = default;
  TransactionBuilder& operator=(TransactionBuilder&&) = default;

  TransactionBuilder& AddInput(const OutPoint& prevout, ByteSpan script_sig = {},
                               uint32_t sequence = 0xffffffff);
  TransactionBuilder& AddOutput(Amount value, ByteSpan script_pubkey);
  TransactionBuilder& SetLockTime(uint32_t lock_time);
  // Of inputs added before: signatures come after what they sign.
  TransactionBuilder& SetScriptSig(size_t input, ByteSpan script_sig);
  TransactionBuilder& SetWitness(size_t input, absl::Span<const Bytes> items);

  // The transaction so far, its ids set. Points into this builder and is good as long as it.
  Transaction Build() const;

 private:
  ByteSpan Keep(Bytes bytes);

  Transaction tx_;
  std::deque<Bytes> kept_;
};

// What a block is made of; all that it points at need only live until it is built.
struct BlockPlan {
  BlockHash previous = {};
  uint32_t height = 0;
  uint32_t time = 0;
  uint32_t bits = 0;  // 0: the easiest that the network allows
  std::vector<TxOut> payouts =
      {};               // of the coinbase; a witness commitment is added where one is needed
  ByteSpan extra = {};  // up to 75 bytes in the coinbase: sets blocks of one height apart
  absl::Span<const Transaction> transactions = {};  // besides the coinbase, their ids set
};

struct BuiltBlock {
  Bytes bytes;
  BlockHash hash;
  Txid coinbase;
};

// The block, mined: bearable at the limit of regtest's networks only.
BuiltBlock BuildBlock(const Network& network, const BlockPlan& plan);

// Raises header->nonce, and the time when all have been tried, until CheckProofOfWork() holds.
void Mine(const Network& network, BlockHeader* header);

}  // namespace spoor::bitcoin

#endif  // SPOOR_BITCOIN_BLOCK_BUILDER_H_
