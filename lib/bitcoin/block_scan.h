#ifndef SPOOR_LIB_BITCOIN_BLOCK_SCAN_H_
#define SPOOR_LIB_BITCOIN_BLOCK_SCAN_H_

#include <bitset>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/bitcoin/file.h"
#include "spoor/bitcoin/block_file.h"

namespace spoor::bitcoin {

// Before each block and undo record: the network's magic and the size, little-endian.
inline constexpr size_t kFrameSize = 8;
// No block of any network is larger, so a size above this is no size, and what precedes it no
// magic.
inline constexpr uint32_t kMaxBlockSize = 8 << 20;

// Walks the records of one blk file.
class BlockScan {
 public:
  // Adds to `*skips`, and to `*foreign` the records of each other network. Owns none of them.
  BlockScan(const Network& network, const XorFile* file, uint32_t number, BlockFileSkips* skips,
            std::map<const Network*, uint64_t>* foreign);

  // The next block of this network; nullopt at the end of the file. FAILED_PRECONDITION if it is
  // another network's first block under this network's magic.
  absl::StatusOr<std::optional<BlockRecord>> Next();
  uint64_t offset() const { return offset_; }

 private:
  struct Frame {
    const Network* network = nullptr;  // null: no frame stands here
    bool whole_header = false;         // it is all there
    bool valid_header = false;         // and has the proof of work that can be seen
    // Of its record, perhaps past that of the file.
    uint64_t end = std::numeric_limits<uint64_t>::max();
    BlockRecord record;
  };
  absl::StatusOr<Frame> ReadFrame(uint64_t at);
  // What is at the place where a record should end. The end of the file is as good as a record.
  enum class Behind { kRecord, kPadding, kOther };
  absl::StatusOr<Behind> LookBehind(uint64_t end);
  // Whether the block is all there. What it holds may be anybody's, even the frame and header of a
  // real block, so where its end is in doubt nothing less than CheckBlock() tells.
  absl::StatusOr<bool> IsWhole(const BlockRecord& record);
  // Where the first whole block of this network in [begin, end) has its frame; else `end`.
  absl::StatusOr<uint64_t> FindWhole(uint64_t begin, uint64_t end);
  // The next place from `begin` on, before `end`, with a known magic; else `end`. Adds to
  // `*garbage` the bytes passed that are no padding.
  absl::StatusOr<uint64_t> SkipToMagic(uint64_t begin, uint64_t end, uint64_t* garbage);
  // Null if no network's magic stands at the front of `bytes`.
  const Network* NetworkOf(ByteSpan bytes) const;
  absl::Status CheckGenesis(const BlockRecord& record) const;

  const Network& network_;
  const XorFile* file_;
  FileWindow window_;
  uint32_t number_;
  BlockFileSkips* skips_;
  std::map<const Network*, uint64_t>* foreign_;
  std::bitset<256> magic_begins_;  // the bytes with which some network's magic begins
  uint64_t offset_ = 0;
};

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_BLOCK_SCAN_H_
