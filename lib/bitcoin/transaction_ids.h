#ifndef SPOOR_LIB_BITCOIN_TRANSACTION_IDS_H_
#define SPOOR_LIB_BITCOIN_TRANSACTION_IDS_H_

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "spoor/base/bytes.h"
#include "spoor/bitcoin/transaction.h"

namespace spoor::bitcoin {

// Bits of the flag byte that follows an empty list of inputs.
inline constexpr uint8_t kFlagWitness = 1;  // BIP 144
inline constexpr uint8_t kFlagMweb = 8;     // LIP-0002

// A transaction as it stands in the bytes that it was decoded from.
struct TransactionBytes {
  uint8_t flags = 0;
  ByteSpan whole;
  ByteSpan inputs_and_outputs;
  ByteSpan witnesses;
};

// Sets the ids of the transactions of a block, all at once.
class TransactionIds {
 public:
  // The transactions to come have that many bytes together, at most.
  explicit TransactionIds(size_t most_bytes) { copies_.reserve(2 * most_bytes); }

  // `*tx` and `bytes` must stay until Set().
  void Add(const TransactionBytes& bytes, Transaction* tx);
  void Set();

 private:
  // Pieces that do not stand together, copied so that they do.
  ByteSpan Join(std::initializer_list<ByteSpan> pieces);

  std::vector<Transaction*> transactions_;
  std::vector<ByteSpan>
      messages_;  // of each transaction: for its txid, and if it is another, its wtxid
  std::vector<bool> has_other_wtxid_;  // by transaction
  Bytes copies_;  // never grows beyond what is reserved, so that spans stay good
};

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_TRANSACTION_IDS_H_
