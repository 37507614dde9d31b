#ifndef SPOOR_ETHEREUM_RAW_BLOCK_H_
#define SPOOR_ETHEREUM_RAW_BLOCK_H_

#include <cstdint>
#include <optional>

#include "absl/status/statusor.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/amount.h"
#include "spoor/ethereum/block_data.h"
#include "spoor/ethereum/rlp.h"

// Blocks and transactions as they go over the wire. Only what is in them is known then: not how
// much gas was used, whether a transaction succeeded, nor what contracts did.

namespace spoor::ethereum {

// A transaction that its sender signed: legacy, with or without a chain in the signature (EIP-155),
// or of type 1 to 4 (EIP-2930, 1559, 4844, 7702).
struct RawTransaction {
  Transaction tx;  // its sender recovered from the signature
  std::optional<uint64_t> chain;
  Units gas_price;  // at most, for each unit of gas: of types 2 to 4 the highest fee
};

// As nodes take and give it. DATA_LOSS, naming the offset, for what is none, or whose signature
// fits no key.
absl::StatusOr<RawTransaction> DecodeTransaction(ByteSpan bytes);

// The next of several blocks that stand one after another: header, transactions, uncles and, since
// Shanghai, withdrawals. That the uncles are the header's is checked, and its hash made of it.
// DATA_LOSS as above.
absl::StatusOr<BlockData> DecodeBlock(RlpReader* in);

}  // namespace spoor::ethereum

#endif  // SPOOR_ETHEREUM_RAW_BLOCK_H_
