#ifndef SPOOR_LIB_BITCOIN_DECODE_H_
#define SPOOR_LIB_BITCOIN_DECODE_H_

#include "lib/bitcoin/cursor.h"
#include "lib/bitcoin/transaction_ids.h"
#include "spoor/bitcoin/transaction.h"
#include "spoor/chain/network.h"

namespace spoor::bitcoin {

// Least bytes of a transaction on the wire: version, one input and one output with empty scripts,
// lock time.
inline constexpr size_t kMinTxInSize = 32 + 4 + 1 + 4;
inline constexpr size_t kMinTxOutSize = 8 + 1;
inline constexpr size_t kMinTransactionSize = 4 + 1 + kMinTxInSize + 1 + kMinTxOutSize + 4;

// DecodeTransaction() into `*tx`, whatever that was before, all but its ids; where it stands is
// left in `*bytes`, and what is wrong in `*in`.
void DecodeTransaction(const Network& network, Cursor* in, Transaction* tx,
                       TransactionBytes* bytes);

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_DECODE_H_
