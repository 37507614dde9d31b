#include "lib/ingest/block_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
BlockReader::BlockReader(bitcoin::BlockDirectory* directory, const Network& network,
                         const KeyHasher* hasher, const std::vector<bitcoin::BlockRecord>* records,
                         const std::vector<std::vector<size_t>>* blocks, uint64_t memory)
    : directory_(directory),
      network_(network),
      hasher_(*hasher),
      records_(*records),
      blocks_(*blocks),
      ahead_(
          blocks->size(), [this](Read* read) { return ReadOne(blocks_[next_++], read); }, memory) {}

absl::Status BlockReader::ReadOne(const std::vector<size_t>& alternatives, Read* read) {
  absl::Status first_error;
  for (const size_t i : alternatives) {
    read->record = &records_[i];
    const absl::Status status = [&]() -> absl::Status {
      {
        const std::lock_guard<std::mutex> lock(directory_mutex_);
        SPOOR_RETURN_IF_ERROR(directory_->ReadBlock(*read->record, &read->bytes));
      }
      return read->Decode(network_, hasher_);
    }();
    if (status.ok()) return status;
    first_error.Update(
        Annotate(status, absl::StrCat("block ", ToText(read->record->hash), " (blk file ",
                                      read->record->file, ", offset ", read->record->offset, ")")));
  }
  return first_error;
}

absl::StatusOr<SpentOutputs> BlockReader::ReadUndo(const Read& read, Bytes* buffer) {
  const std::lock_guard<std::mutex> lock(directory_mutex_);
  return directory_->ReadUndo(*read.record, read.block, buffer);
}

}  // namespace spoor
