#include "lib/bitcoin/block_scan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "lib/bitcoin/decode.h"
#include "lib/bitcoin/proof_of_work.h"
#include "spoor/base/status_macros.h"

namespace spoor::bitcoin {
namespace {

// How many blocks within a block are looked at, so that one made of nothing else costs no more.
constexpr int kMaxTries = 64;
constexpr uint32_t kMinBlockSize = BlockHeader::kSize + 1 + kMinTransactionSize;

// Scrypt costs a millisecond, and Litecoin has millions of headers: there only the target is looked
// at, and the rest left to CheckBlock().
bool HasWork(const Network& network, ByteSpan header) {
  if (network.scrypt_pow) return CheckTarget(network, DecodeBlockHeader(header).bits).ok();
  return CheckProofOfWork(network, header).ok();
}

// Null if it is no network's first block.
const Network* NetworkOfGenesis(const BlockHash& hash) {
  for (const Network* network : AllNetworks()) {
    if (network->genesis == hash) return network;
  }
  return nullptr;
}

}  // namespace

BlockScan::BlockScan(const Network& network, const XorFile* file, uint32_t number,
                     BlockFileSkips* skips, std::map<const Network*, uint64_t>* foreign)
    : network_(network),
      file_(file),
      window_(file),
      number_(number),
      skips_(skips),
      foreign_(foreign) {
  for (const Network* known : AllNetworks()) magic_begins_.set(known->magic[0]);
}

absl::StatusOr<std::optional<BlockRecord>> BlockScan::Next() {
  while (offset_ < file_->size()) {
    SPOOR_ASSIGN_OR_RETURN(offset_, SkipToMagic(offset_, file_->size(), &skips_->garbage_bytes));
    if (offset_ == file_->size()) break;
    SPOOR_ASSIGN_OR_RETURN(const Frame frame, ReadFrame(offset_));
    const uint64_t begin = offset_;
    const bool own = frame.network == &network_;
    if (own && !frame.whole_header) {
      ++skips_->truncated_records;
      offset_ = file_->size();
      break;
    }
    SPOOR_ASSIGN_OR_RETURN(const Behind behind, LookBehind(frame.end));
    if (own && frame.valid_header) {
      SPOOR_RETURN_IF_ERROR(CheckGenesis(frame.record));
      offset_ = std::min(frame.end, file_->size());
      if (behind == Behind::kRecord) return frame.record;
      SPOOR_ASSIGN_OR_RETURN(const bool whole, IsWhole(frame.record));
      if (whole) return frame.record;
      // Cut off: by the end of the file, by space allocated for it and never written, or by another
      // record, in which case its size points anywhere.
      ++skips_->truncated_records;
      SPOOR_ASSIGN_OR_RETURN(offset_, FindWhole(begin + kFrameSize + BlockHeader::kSize, offset_));
      continue;
    }
    if (frame.network != nullptr && behind != Behind::kOther) {
      // A litter of bytes that looks like a frame seldom ends where another record begins.
      if (own) {
        ++skips_->bad_headers;
      } else if (frame.valid_header) {
        ++skips_->foreign_records;
        ++(*foreign_)[frame.network];
      }
      if (own || frame.valid_header) {
        offset_ = frame.end;
        continue;
      }
    }
    skips_->garbage_bytes += network_.magic.size();
    offset_ = begin + network_.magic.size();
  }
  return std::nullopt;
}

absl::StatusOr<BlockScan::Frame> BlockScan::ReadFrame(uint64_t at) {
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, window_.Peek(at, kFrameSize + BlockHeader::kSize));
  Frame frame;
  frame.network = NetworkOf(bytes);
  if (frame.network == nullptr || bytes.size() < kFrameSize) return frame;
  const uint32_t size = LoadLe32(bytes.data() + 4);
  if (size < kMinBlockSize || size > kMaxBlockSize) return Frame();
  frame.end = at + kFrameSize + size;
  if (bytes.size() < kFrameSize + BlockHeader::kSize) return frame;
  const ByteSpan header_bytes = bytes.subspan(kFrameSize);
  const BlockHeader header = DecodeBlockHeader(header_bytes);
  frame.whole_header = true;
  frame.record = {.hash = HashBlockHeader(header_bytes),
                  .previous = header.previous,
                  .time = header.time,
                  .bits = header.bits,
                  .file = number_,
                  .offset = at + kFrameSize,
                  .size = size};
  // A first block is known by its hash, so that another network's can be told from damage even
  // where two networks have one magic and different proofs of work.
  frame.valid_header =
      NetworkOfGenesis(frame.record.hash) != nullptr || HasWork(*frame.network, header_bytes);
  return frame;
}

absl::StatusOr<BlockScan::Behind> BlockScan::LookBehind(uint64_t end) {
  if (end > file_->size()) return Behind::kOther;
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan next, window_.Peek(end, network_.magic.size()));
  if (next.empty() || NetworkOf(next) != nullptr) return Behind::kRecord;
  return file_->IsPadding(end, next[0]) ? Behind::kPadding : Behind::kOther;
}

absl::StatusOr<bool> BlockScan::IsWhole(const BlockRecord& record) {
  if (record.offset + record.size > file_->size()) return false;
  Bytes bytes(record.size);
  SPOOR_RETURN_IF_ERROR(file_->Read(record.offset, absl::MakeSpan(bytes)));
  const absl::StatusOr<Block> block = DecodeBlock(network_, bytes);
  return block.ok() && CheckBlock(network_, *block).ok();
}

absl::StatusOr<uint64_t> BlockScan::FindWhole(uint64_t begin, uint64_t end) {
  uint64_t passed = 0;
  for (int tries = 0; begin < end && tries < kMaxTries; begin += network_.magic.size()) {
    SPOOR_ASSIGN_OR_RETURN(begin, SkipToMagic(begin, end, &passed));
    if (begin >= end) break;
    SPOOR_ASSIGN_OR_RETURN(const Frame frame, ReadFrame(begin));
    if (frame.network != &network_ || !frame.valid_header) continue;
    ++tries;
    SPOOR_ASSIGN_OR_RETURN(const bool whole, IsWhole(frame.record));
    if (whole) return begin;
  }
  return end;
}

absl::StatusOr<uint64_t> BlockScan::SkipToMagic(uint64_t begin, uint64_t end, uint64_t* garbage) {
  // Mostly it is right here, and nothing need be read ahead.
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan front, window_.Peek(begin, network_.magic.size()));
  if (NetworkOf(front) != nullptr) return begin;
  while (begin < end) {
    SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, window_.Peek(begin, FileWindow::kMaxPeek));
    for (size_t i = 0; i < bytes.size() && begin < end; ++i, ++begin) {
      // The last few bytes before the window's end are looked at again in the next.
      if (i + network_.magic.size() > bytes.size() && begin + (bytes.size() - i) < file_->size()) {
        break;
      }
      if (magic_begins_[bytes[i]] && NetworkOf(bytes.subspan(i)) != nullptr) return begin;
      if (!file_->IsPadding(begin, bytes[i])) ++*garbage;
    }
  }
  return end;
}

const Network* BlockScan::NetworkOf(ByteSpan bytes) const {
  if (bytes.size() < network_.magic.size()) return nullptr;
  const auto has_magic = [&](const Network& network) {
    return std::equal(network.magic.begin(), network.magic.end(), bytes.begin());
  };
  if (has_magic(network_)) return &network_;
  for (const Network* network : AllNetworks()) {
    if (has_magic(*network)) return network;
  }
  return nullptr;
}

absl::Status BlockScan::CheckGenesis(const BlockRecord& record) const {
  const Network* actual = NetworkOfGenesis(record.hash);
  if (actual == nullptr || actual == &network_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat(file_->path(), " has the first block of network ", actual->name, ", wanted ",
                   network_.name, ", which has the same magic"));
}

}  // namespace spoor::bitcoin
