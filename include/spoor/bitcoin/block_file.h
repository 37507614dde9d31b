#ifndef SPOOR_BITCOIN_BLOCK_FILE_H_
#define SPOOR_BITCOIN_BLOCK_FILE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/block.h"
#include "spoor/chain/network.h"

namespace spoor::bitcoin {

// Where one block stands in a directory of block files, with what its header says.
struct BlockRecord {
  BlockHash hash;
  BlockHash previous;
  uint32_t time = 0;
  uint32_t bits = 0;
  uint32_t file = 0;    // the N of blkN.dat
  uint64_t offset = 0;  // of the block's first byte, after magic and size
  uint32_t size = 0;    // bytes of the block
};

// What a scan passed over, so that nothing is passed over in silence.
struct BlockFileSkips {
  uint64_t foreign_records = 0;    // well-formed, with another known network's magic
  uint64_t truncated_records = 0;  // cut off by the end of their file, by padding, or by the
                                   // next record
  uint64_t garbage_bytes = 0;  // outside of records, and not zero; an impossible size (more than
                               // 8 MiB) makes garbage of the magic before it
  uint64_t bad_headers = 0;    // a record whose header fails its own proof of work
};

// A Bitcoin Core `blocks/` directory: blk*.dat, with xor.dat and rev*.dat where they are. Holds one
// buffer of bounded size per open file, never a whole file. Not for use by several threads at once.
class BlockDirectory {
 public:
  // NOT_FOUND if `path` is no directory or has no blk*.dat; DATA_LOSS if xor.dat is not 8 bytes.
  static absl::StatusOr<std::unique_ptr<BlockDirectory>> Open(const std::string& path,
                                                              const Network& network);
  virtual ~BlockDirectory() = default;

  // Bytes in all blk files.
  virtual uint64_t total_bytes() const = 0;

  // Reads the headers of all records, in the files' order, and passes each to `visit`. `progress`,
  // if set, hears how many bytes have been passed. After damage the scan looks for the next magic.
  // FAILED_PRECONDITION, saying which network it looks like, if there is not one record of this
  // network but there are of another, or if another network's first block stands under this one's
  // magic; errors of reading as they come; what `visit` returns.
  // Proof of work is checked, so that bytes that happen to look like a record are not taken for
  // one; on networks that use scrypt only CheckBlock() does it, for its cost.
  virtual absl::StatusOr<BlockFileSkips> Scan(
      const std::function<absl::Status(const BlockRecord&)>& visit,
      const std::function<void(uint64_t bytes)>& progress) = 0;

  // The block's bytes, `*buffer` reused. DATA_LOSS if the file has changed or ends too soon.
  virtual absl::Status ReadBlock(const BlockRecord& record, Bytes* buffer) = 0;

  // What the block's inputs spent, from rev*.dat: for every transaction but the coinbase, for every
  // input, the output it spends (value and script_pubkey; the P2PK keys that Core compresses are
  // restored). Scripts point into `*buffer`. NOT_FOUND if no undo record of this block is there
  // (a record is known to be this block's by its checksum, which covers the previous block's hash);
  // DATA_LOSS if it is and does not decode or fit the block. A block of only a coinbase spends
  // nothing: an empty list, whether it has a record or not. Finding a record is quick while blocks
  // are asked for in about the order in which the node connected them.
  virtual absl::StatusOr<std::vector<std::vector<TxOut>>> ReadUndo(const BlockRecord& record,
                                                                   const Block& block,
                                                                   Bytes* buffer) = 0;
};

// Decodes the body of an undo record (Bitcoin Core's CBlockUndo): for each transaction the outputs
// its inputs spent. Scripts are put into `*arena`, whose bytes are replaced. DATA_LOSS if it is not
// exactly that (on networks with MWEB, what undoes an extension block may follow, and is skipped).
absl::StatusOr<std::vector<std::vector<TxOut>>> DecodeBlockUndo(const Network& network,
                                                                ByteSpan bytes, Bytes* arena);
// Bytes that decode to `spent`, for tests and simulation: scripts and amounts compressed as Core
// does it, but no height is kept of the outputs (0, as if of the first block).
Bytes EncodeBlockUndo(absl::Span<const std::vector<TxOut>> spent);

// Writes block files: for tests and simulation. One blk file a time is open; a new one is begun
// when the next record would pass `max_file_size`.
class BlockFileWriter {
 public:
  struct Options {
    std::vector<uint8_t> xor_key = {};  // empty: no xor.dat; else 8 bytes
    uint64_t max_file_size = 128 << 20;
  };
  // Makes the directory if need be. ALREADY_EXISTS if it has block files.
  static absl::StatusOr<std::unique_ptr<BlockFileWriter>> Create(const std::string& path,
                                                                 const Network& network,
                                                                 const Options& options);
  virtual ~BlockFileWriter() = default;
  virtual absl::Status Append(ByteSpan block) = 0;
  // Puts an undo record into the rev file that goes with the open blk file. `previous` is the hash
  // before that of the block it undoes.
  virtual absl::Status AppendUndo(const BlockHash& previous, ByteSpan undo) = 0;
  // Anything at all, for tests of damaged files.
  virtual absl::Status AppendRaw(ByteSpan bytes) = 0;
  virtual absl::Status Close() = 0;
};

}  // namespace spoor::bitcoin

#endif  // SPOOR_BITCOIN_BLOCK_FILE_H_
