#include "lib/bitcoin/undo_index.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/bitcoin/block_scan.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"

namespace spoor::bitcoin {
namespace {

// After the body: the double SHA-256 of the previous block's hash and the body.
constexpr size_t kChecksumSize = 32;
// How far to look for the next magic at a time. It mostly stands right at the front.
constexpr size_t kLook = 4 << 10;

}  // namespace

absl::StatusOr<UndoIndex> UndoIndex::Build(const Network& network, const XorFile* file) {
  UndoIndex index;
  FileWindow window(file);
  uint64_t at = 0;
  while (at < file->size()) {
    SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, window.Peek(at, kLook));
    const auto magic =
        std::search(bytes.begin(), bytes.end(), network.magic.begin(), network.magic.end());
    at += static_cast<uint64_t>(magic - bytes.begin());
    if (magic == bytes.end()) {
      // The magic may straddle the end of what was read.
      if (at < file->size()) at -= network.magic.size() - 1;
      continue;
    }
    SPOOR_ASSIGN_OR_RETURN(const ByteSpan frame, window.Peek(at, kFrameSize + 9));
    if (frame.size() <= kFrameSize) break;
    const uint32_t size = LoadLe32(frame.data() + 4);
    const uint64_t end = at + kFrameSize + size + kChecksumSize;
    ByteReader body(frame.subspan(kFrameSize));
    const absl::StatusOr<uint64_t> spenders = body.ReadCompactSize();
    if (size == 0 || end > file->size() || !spenders.ok()) {
      at += network.magic.size();
      continue;
    }
    index.entries_.push_back({at + kFrameSize, size, *spenders});
    at = end;
  }
  return index;
}

absl::Status UndoIndex::Read(const XorFile& file, const BlockHash& previous, uint64_t spenders,
                             Bytes* body) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    const size_t candidate = (next_ + i) % entries_.size();
    const Entry& entry = entries_[candidate];
    if (entry.spenders != spenders) continue;
    body->resize(entry.size + kChecksumSize);
    SPOOR_RETURN_IF_ERROR(file.Read(entry.offset, absl::MakeSpan(*body)));
    const ByteSpan bytes = *body;
    const Digest256 checksum = Sha256d({previous.span(), bytes.first(entry.size)});
    if (bytes.subspan(entry.size) != ByteSpan(checksum)) continue;
    body->resize(entry.size);
    next_ = candidate + 1;
    return absl::OkStatus();
  }
  return absl::NotFoundError(absl::StrCat("none fits in ", file.path()));
}

}  // namespace spoor::bitcoin
