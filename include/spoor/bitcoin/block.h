#ifndef SPOOR_BITCOIN_BLOCK_H_
#define SPOOR_BITCOIN_BLOCK_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/base/apportion.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/transaction.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/hash.h"
#include "spoor/chain/network.h"

namespace spoor::bitcoin {

struct BlockHeader {
  static constexpr size_t kSize = 80;

  int32_t version = 0;
  BlockHash previous;
  Digest256 merkle_root{};
  uint32_t time = 0;  // seconds since 1970-01-01 UTC, as the miner says
  uint32_t bits = 0;
  uint32_t nonce = 0;
};

// Requires BlockHeader::kSize bytes at least.
BlockHeader DecodeBlockHeader(ByteSpan bytes);
void EncodeBlockHeader(const BlockHeader& header, Bytes* out);
// Double SHA-256 of the 80 bytes, on Litecoin too.
BlockHash HashBlockHeader(ByteSpan header_bytes);

struct Block {
  BlockHeader header;
  BlockHash hash;
  std::vector<Transaction> transactions;
};

// Decodes one whole block; the transactions point into `bytes`. DATA_LOSS as DecodeTransaction(),
// and for no transactions, a first that is no coinbase, a coinbase elsewhere, bytes left over (on
// networks with MWEB, a HogEx as last transaction may be followed by an extension block, which is
// skipped).
absl::StatusOr<Block> DecodeBlock(const Network& network, ByteSpan bytes);
// The same into a block that may have held another one, and whose memory is used again; after an
// error it is good for nothing else.
absl::Status DecodeBlock(const Network& network, ByteSpan bytes, Block* block);
void EncodeBlock(const Block& block, Bytes* out);

// The merkle root of txids (BIP-less; Bitcoin's own rule of doubling the last). `mutated`, if not
// null, is set when two neighbours are equal, by which a block could hide a repeated transaction
// behind an honest root (CVE-2012-2459).
Digest256 MerkleRoot(absl::Span<const Digest256> leaves, bool* mutated = nullptr);

// DATA_LOSS, naming what was found and wanted, unless: the merkle root is that of the transactions,
// without CVE-2012-2459's doubling; the proof of work meets the header's target and that is no
// easier than the network's limit; the witnesses, if there are any, are those that the coinbase
// commits to (BIP 141). A commitment in a block without witnesses is let be: miners wrote some
// before the rule was in force. That the target is the right one for its height is not checked:
// with the most-work rule, a chain of easy blocks loses.
absl::Status CheckBlock(const Network& network, const Block& block);
// The header's part of it alone.
absl::Status CheckProofOfWork(const Network& network, ByteSpan header_bytes);

// Expected number of hashes to find a block with these bits: floor(2^256 / (target + 1)); 0 if bits
// encode no valid target.
Uint256 BlockWork(uint32_t bits);

// The height that a coinbase states (BIP 34); nullopt if its first push is no number. Only to be
// believed where the header's version is at least 2.
std::optional<uint32_t> CoinbaseHeight(const Transaction& coinbase);

// The witness root that a BIP 141 commitment hashes together with the coinbase's reserved value.
// Requires the coinbase first; its own wtxid counts as zero.
Digest256 WitnessRoot(absl::Span<const Transaction> transactions);

}  // namespace spoor::bitcoin

#endif  // SPOOR_BITCOIN_BLOCK_H_
