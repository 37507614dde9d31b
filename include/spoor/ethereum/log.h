#ifndef SPOOR_ETHEREUM_LOG_H_
#define SPOOR_ETHEREUM_LOG_H_

#include <cstdint>
#include <vector>

#include "spoor/base/bytes.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/hash.h"
#include "spoor/ethereum/block_data.h"

namespace spoor::ethereum {

struct Log {
  Txid tx;
  uint32_t index = 0;  // in its block
  Address address{};
  std::vector<Digest256> topics;
  Bytes data;
};

// Whether logs with this first topic may be what DecodeTokenEvents() knows: all others can be left
// unread.
bool IsTokenTopic(const Digest256& topic);

// Appends what the log says of tokens: Transfer of ERC-20 and ERC-721, with arguments indexed or
// not; TransferSingle and TransferBatch of ERC-1155; Deposit and Withdrawal as WETH9 has them. A
// log that is none of these, or not of the right shape, says nothing. That a contract logs a
// transfer does not prove that anything moved.
void DecodeTokenEvents(const Log& log, std::vector<TokenEvent>* events);

}  // namespace spoor::ethereum

#endif  // SPOOR_ETHEREUM_LOG_H_
