#include "lib/ingest/block_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// What a decoded block takes beside its bytes, as a multiple of them.
constexpr uint64_t kDecodedFactor = 3;

}  // namespace

BlockReader::BlockReader(bitcoin::BlockDirectory* directory, const Network& network,
                         const std::vector<bitcoin::BlockRecord>* records,
                         const std::vector<std::vector<size_t>>* blocks, uint64_t memory)
    : directory_(directory),
      network_(network),
      records_(*records),
      blocks_(*blocks),
      memory_(memory),
      thread_([this] { Run(); }) {}

BlockReader::~BlockReader() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

uint64_t BlockReader::Size(const absl::StatusOr<std::unique_ptr<Read>>& read) {
  return read.ok() ? (*read)->bytes.size() * (1 + kDecodedFactor) : 0;
}

void BlockReader::Run() {
  for (const std::vector<size_t>& alternatives : blocks_) {
    absl::StatusOr<std::unique_ptr<Read>> read = ReadOne(alternatives);
    const bool ok = read.ok();
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return stop_ || ready_.empty() || ready_bytes_ < memory_; });
    if (stop_) return;
    ready_bytes_ += Size(read);
    ready_.push_back(std::move(read));
    changed_.notify_all();
    if (!ok) return;
  }
}

absl::StatusOr<std::unique_ptr<BlockReader::Read>> BlockReader::ReadOne(
    const std::vector<size_t>& alternatives) {
  absl::Status first_error;
  for (const size_t i : alternatives) {
    auto read = std::make_unique<Read>();
    read->record = &records_[i];
    const absl::Status status = [&]() -> absl::Status {
      {
        const std::lock_guard<std::mutex> lock(directory_mutex_);
        SPOOR_RETURN_IF_ERROR(directory_->ReadBlock(*read->record, &read->bytes));
      }
      SPOOR_ASSIGN_OR_RETURN(read->block, bitcoin::DecodeBlock(network_, read->bytes));
      return bitcoin::CheckBlock(network_, read->block);
    }();
    if (status.ok()) return read;
    first_error.Update(
        Annotate(status, absl::StrCat("block ", ToText(read->record->hash), " (blk file ",
                                      read->record->file, ", offset ", read->record->offset, ")")));
  }
  return first_error;
}

absl::StatusOr<std::unique_ptr<BlockReader::Read>> BlockReader::Next() {
  std::unique_lock<std::mutex> lock(mutex_);
  changed_.wait(lock, [&] { return !ready_.empty(); });
  absl::StatusOr<std::unique_ptr<Read>> read = std::move(ready_.front());
  ready_.pop_front();
  ready_bytes_ -= Size(read);
  changed_.notify_all();
  return read;
}

absl::StatusOr<SpentOutputs> BlockReader::ReadUndo(const Read& read, Bytes* buffer) {
  const std::lock_guard<std::mutex> lock(directory_mutex_);
  return directory_->ReadUndo(*read.record, read.block, buffer);
}

}  // namespace spoor
