#ifndef SPOOR_LIB_BITCOIN_UNDO_INDEX_H_
#define SPOOR_LIB_BITCOIN_UNDO_INDEX_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/bitcoin/file.h"
#include "spoor/bitcoin/block.h"
#include "spoor/chain/network.h"

namespace spoor::bitcoin {

// Where the records of one rev file are. They say only how many transactions they undo, and stand
// in the order in which the node connected the blocks, which is not always that of the blk file.
class UndoIndex {
 public:
  static absl::StatusOr<UndoIndex> Build(const Network& network, const XorFile* file);

  // Reads the body of the record whose checksum fits a block after `previous` with `spenders`
  // transactions besides the coinbase. NOT_FOUND if there is none.
  absl::Status Read(const XorFile& file, const BlockHash& previous, uint64_t spenders, Bytes* body);

 private:
  struct Entry {
    uint64_t offset = 0;  // of the body
    uint32_t size = 0;
    uint64_t spenders = 0;
  };
  std::vector<Entry> entries_;
  size_t next_ = 0;  // where to look first: behind the record found last
};

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_UNDO_INDEX_H_
