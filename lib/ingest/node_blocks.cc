#include "lib/ingest/node_blocks.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr uint64_t kHashesAtOnce = 1000;

}  // namespace

absl::Status NodeBlocks::Fetch() {
  if (hashes_.empty()) {
    std::vector<uint32_t> heights;
    for (uint64_t height = next_; height <= last_ && heights.size() < kHashesAtOnce; ++height) {
      heights.push_back(static_cast<uint32_t>(height));
    }
    const auto hashes = node_->BlockHashes(heights);
    if (absl::IsNotFound(hashes.status())) {
      return absl::AbortedError("the node's chain has become shorter");
    }
    SPOOR_RETURN_IF_ERROR(hashes.status());
    hashes_.assign(hashes->begin(), hashes->end());
  }
  const std::vector<BlockHash> wanted(hashes_.begin(), hashes_.end());
  absl::StatusOr<std::vector<Bytes>> blocks = node_->Blocks(wanted);
  if (absl::IsNotFound(blocks.status())) {
    return absl::FailedPreconditionError(
        absl::StrCat("the node does not have the blocks from height ", next_,
                     " on, or no more: ", blocks.status().message()));
  }
  SPOOR_RETURN_IF_ERROR(blocks.status());
  for (Bytes& block : *blocks) blocks_.push_back(std::move(block));
  return absl::OkStatus();
}

absl::Status NodeBlocks::Next(CheckedBlock* read) {
  if (blocks_.empty()) SPOOR_RETURN_IF_ERROR(Fetch());
  read->bytes = std::move(blocks_.front());
  const BlockHash hash = hashes_.front();
  SPOOR_RETURN_IF_ERROR(Annotate(read->Decode(network_, hasher_),
                                 absl::StrCat("block ", ToText(hash), " at height ", next_)));
  if (previous_.has_value() && read->block.header.previous != *previous_) {
    return absl::AbortedError(absl::StrCat("the node's block at height ", next_, " follows ",
                                           ToText(read->block.header.previous), ", wanted ",
                                           ToText(*previous_)));
  }
  previous_ = hash;
  ++next_;
  hashes_.pop_front();
  blocks_.pop_front();
  return absl::OkStatus();
}

}  // namespace spoor
