#include "lib/ingest/block_hashes.h"

#include <algorithm>
#include <array>

namespace spoor {

KeyHash HashOf(const KeyHasher& hasher, const bitcoin::OutPoint& outpoint) {
  std::array<uint8_t, Txid::kSize + 4> key;
  std::copy(outpoint.txid.bytes().begin(), outpoint.txid.bytes().end(), key.begin());
  for (size_t i = 0; i < 4; ++i) {
    key[Txid::kSize + i] = static_cast<uint8_t>(outpoint.index >> (8 * i));
  }
  return hasher.Of(key);
}

KeyHash HashOf(const KeyHasher& hasher, ByteSpan script_pubkey) {
  return IsShort(script_pubkey) ? hasher.Of(script_pubkey) : KeyHash();
}

void BlockHashes::Set(const KeyHasher& hasher, const bitcoin::Block& block,
                      absl::Span<const std::optional<bitcoin::Revealed>> block_revealed) {
  for (auto* hashes : {&spent, &revealed, &paid, &made}) hashes->clear();
  for (size_t t = 0; t < block.transactions.size(); ++t) {
    const bitcoin::Transaction& tx = block.transactions[t];
    if (t > 0) {
      for (const bitcoin::TxIn& input : tx.inputs) spent.push_back(HashOf(hasher, input.prevout));
    }
    for (uint32_t i = 0; i < tx.outputs.size(); ++i) {
      paid.push_back(HashOf(hasher, tx.outputs[i].script_pubkey));
      made.push_back(HashOf(hasher, {tx.txid, i}));
    }
  }
  for (const std::optional<bitcoin::Revealed>& shown : block_revealed) {
    revealed.push_back(shown.has_value() ? HashOf(hasher, shown->script_pubkey()) : KeyHash());
  }
}

uint64_t BlockHashes::MemoryUse() const {
  return (spent.capacity() + revealed.capacity() + paid.capacity() + made.capacity()) *
         sizeof(KeyHash);
}

}  // namespace spoor
