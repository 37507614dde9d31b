#ifndef SPOOR_LIB_SIMULATE_CHAIN_WRITER_H_
#define SPOOR_LIB_SIMULATE_CHAIN_WRITER_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "lib/simulate/random.h"
#include "spoor/bitcoin/block_builder.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/network.h"

namespace spoor::simulate {

// Turns lists of transactions into mined blocks in block files.
class ChainWriter {
 public:
  struct Options {
    uint32_t blocks = 0;  // how many there will be, the genesis included
    bool messy = false;
    bool xor_blocks = false;
    uint64_t seed = 0;  // of the disorder and the key; the best chain does not depend on it
  };
  // Writes the genesis block.
  static absl::StatusOr<std::unique_ptr<ChainWriter>> Create(const std::string& dir,
                                                             const Network& network,
                                                             const Options& options);

  // Of the next block.
  uint32_t height() const { return height_; }
  // What its time must exceed.
  uint32_t MedianTimePast() const;
  const BlockHash& tip() const { return tip_; }
  // What the genesis block's output pays.
  ByteSpan genesis_script() const { return genesis_script_; }
  uint64_t stale_blocks() const { return stale_blocks_; }

  // Mines a block of these transactions and a coinbase that pays `payouts`, with `tag` in its
  // script, and writes it. Gives the coinbase's txid.
  absl::StatusOr<Txid> Append(uint32_t time, absl::string_view tag,
                              const std::vector<bitcoin::TxOut>& payouts,
                              absl::Span<const bitcoin::Transaction> transactions);
  absl::Status Close();

 private:
  ChainWriter(const Network& network, const Options& options);

  absl::Status WriteStaleBranch(const bitcoin::BlockPlan& rival);
  absl::Status Write(Bytes block);
  // Writes one of the waiting blocks.
  absl::Status WriteWaiting();

  const Network& network_;
  const Options options_;
  Random random_;
  std::unique_ptr<bitcoin::BlockFileWriter> files_;
  uint32_t height_ = 0;
  BlockHash tip_;
  Bytes genesis_script_;
  std::deque<uint32_t> times_;  // of the last eleven blocks
  std::vector<Bytes> waiting_;  // messy: blocks not yet written
  uint64_t stale_blocks_ = 0;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_CHAIN_WRITER_H_
