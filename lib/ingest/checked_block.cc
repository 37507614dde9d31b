#include "lib/ingest/checked_block.h"

#include "spoor/base/status_macros.h"

namespace spoor {

absl::Status CheckedBlock::Decode(const Network& network, const KeyHasher& hasher) {
  SPOOR_RETURN_IF_ERROR(bitcoin::DecodeBlock(network, bytes, &block));
  SPOOR_RETURN_IF_ERROR(bitcoin::CheckBlock(network, block));
  bitcoin::RevealedByInputs(block, &revealed);
  hashes.Set(hasher, block, revealed);
  fingerprints.clear();
  for (const bitcoin::Transaction& tx : block.transactions) {
    fingerprints.push_back(bitcoin::FingerprintOf(tx));
  }
  return absl::OkStatus();
}

uint64_t CheckedBlock::MemoryUse() const {
  // What it has room for counts: it may have held another block.
  uint64_t use = bytes.capacity() + revealed.capacity() * sizeof(revealed[0]) +
                 block.transactions.capacity() * sizeof(bitcoin::Transaction) + hashes.MemoryUse() +
                 fingerprints.capacity() * sizeof(Fingerprint);
  for (const bitcoin::Transaction& tx : block.transactions) {
    use += tx.inputs.capacity() * sizeof(bitcoin::TxIn) +
           tx.outputs.capacity() * sizeof(bitcoin::TxOut);
  }
  return use;
}

}  // namespace spoor
