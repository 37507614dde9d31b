#ifndef SPOOR_LIB_ETHEREUM_NODE_JSON_H_
#define SPOOR_LIB_ETHEREUM_NODE_JSON_H_

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/ethereum/rpc.h"
#include "spoor/ethereum/block_data.h"

// What a node's replies say, DATA_LOSS where they cannot be; ABORTED where they are of another
// block.

namespace spoor::ethereum {

// eth_getBlockByNumber with whole transactions. `*uncles` is how many there are; what they are, the
// node is yet to be asked.
absl::Status ParseBlock(const JsonValue& json, BlockData* data, size_t* uncles);
absl::StatusOr<Uncle> ParseUncle(const JsonValue& json);
// eth_getBlockReceipts, or the replies of eth_getTransactionReceipt one by one: receipts and logs.
absl::Status AddReceipts(const JsonValue& json, BlockData* data);
absl::Status AddReceipt(const JsonValue& json, BlockData* data);
// trace_block.
absl::Status AddParityTraces(const JsonValue& json, BlockData* data);
// debug_traceBlockByNumber with the callTracer.
absl::Status AddCallTraces(const JsonValue& json, BlockData* data);

}  // namespace spoor::ethereum

#endif  // SPOOR_LIB_ETHEREUM_NODE_JSON_H_
