#ifndef SPOOR_LIB_INGEST_BLOCK_READER_H_
#define SPOOR_LIB_INGEST_BLOCK_READER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/ingest/checked_block.h"
#include "lib/ingest/keyed_hash.h"
#include "lib/ingest/resolver.h"
#include "spoor/base/bytes.h"
#include "spoor/base/read_ahead.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/network.h"

namespace spoor {

// Reads, decodes and checks blocks on a thread of its own, ahead of whoever takes them.
class BlockReader {
 public:
  struct Read : CheckedBlock {
    const bitcoin::BlockRecord* record = nullptr;
  };

  // `blocks` are to be read in this order: each a list of indices into `records`, of which the
  // first that holds up serves. `hasher` is the resolver's. No more than about `memory` bytes are
  // read ahead. The pointers must stay good as long as the reader; nobody else may use the
  // directory meanwhile.
  BlockReader(bitcoin::BlockDirectory* directory, const Network& network, const KeyHasher* hasher,
              const std::vector<bitcoin::BlockRecord>* records,
              const std::vector<std::vector<size_t>>* blocks, uint64_t memory);

  // The next block. Must not be called more often than there are blocks. Errors as
  // BlockDirectory::ReadBlock(), DecodeBlock() and CheckBlock(), saying where the block stands.
  absl::StatusOr<std::unique_ptr<Read>> Next() { return ahead_.Next(); }

  // Takes back what is not needed any more, so that its memory serves another block.
  void GiveBack(std::unique_ptr<Read> read) { ahead_.GiveBack(std::move(read)); }

  // BlockDirectory::ReadUndo().
  absl::StatusOr<SpentOutputs> ReadUndo(const Read& read, Bytes* buffer);

 private:
  absl::Status ReadOne(const std::vector<size_t>& alternatives, Read* read);

  bitcoin::BlockDirectory* directory_;
  const Network& network_;
  const KeyHasher& hasher_;
  const std::vector<bitcoin::BlockRecord>& records_;
  const std::vector<std::vector<size_t>>& blocks_;
  size_t next_ = 0;  // of blocks_; the reading thread's

  std::mutex directory_mutex_;
  ReadAhead<Read> ahead_;  // last: its thread uses the others
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_BLOCK_READER_H_
