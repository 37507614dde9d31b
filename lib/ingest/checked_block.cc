#include "lib/ingest/checked_block.h"

#include "spoor/base/status_macros.h"

namespace spoor {

absl::Status CheckedBlock::Decode(const Network& network) {
  SPOOR_RETURN_IF_ERROR(bitcoin::DecodeBlock(network, bytes, &block));
  SPOOR_RETURN_IF_ERROR(bitcoin::CheckBlock(network, block));
  bitcoin::RevealedByInputs(block, &revealed);
  return absl::OkStatus();
}

uint64_t CheckedBlock::MemoryUse() const {
  // What a decoded block takes beside its bytes, as a multiple of them.
  constexpr uint64_t kDecodedFactor = 3;
  return bytes.capacity() * (1 + kDecodedFactor);
}

}  // namespace spoor
