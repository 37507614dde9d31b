#ifndef SPOOR_LIB_BITCOIN_PROOF_OF_WORK_H_
#define SPOOR_LIB_BITCOIN_PROOF_OF_WORK_H_

#include <cstdint>

#include "absl/status/status.h"
#include "spoor/chain/network.h"

namespace spoor::bitcoin {

// DATA_LOSS unless `bits` encode a target no easier than the network's limit: the part of
// CheckProofOfWork() that needs no hash.
absl::Status CheckTarget(const Network& network, uint32_t bits);

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_PROOF_OF_WORK_H_
