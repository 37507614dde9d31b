#include "spoor/ethereum/rlp.h"

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor::ethereum {
namespace {

// First bytes: below, the byte itself; then strings of up to 55 bytes, longer ones, lists of up to
// 55 bytes, longer ones.
constexpr uint8_t kString = 0x80;
constexpr uint8_t kLongString = 0xb7;
constexpr uint8_t kList = 0xc0;
constexpr uint8_t kLongList = 0xf7;
constexpr size_t kShort = 55;

void AppendHead(uint8_t first, uint8_t first_long, size_t size, Bytes* out) {
  if (size <= kShort) {
    out->push_back(static_cast<uint8_t>(first + size));
    return;
  }
  size_t bytes = 8;
  while (size >> (8 * (bytes - 1)) == 0) --bytes;
  out->push_back(static_cast<uint8_t>(first_long + bytes));
  for (; bytes > 0; --bytes) out->push_back(static_cast<uint8_t>(size >> (8 * (bytes - 1))));
}

}  // namespace

absl::Status RlpReader::Bad(size_t at, absl::string_view what) const {
  return absl::DataLossError(absl::StrCat("RLP at offset ", base_ + at, ": ", what));
}

absl::StatusOr<RlpReader::Item> RlpReader::Next() {
  const size_t begin = at_;
  const size_t remain = input_.size() - at_;
  if (remain == 0) return Bad(at_, "found the end, wanted another item");
  const uint8_t first = input_[at_];
  Item item;
  item.list = first >= kList;
  if (first < kString) {
    item.begin = at_;
    item.size = 1;
    ++at_;
    return item;
  }
  const uint8_t base = item.list ? kList : kString;
  const uint8_t base_long = item.list ? kLongList : kLongString;
  size_t head = 1;
  item.size = first - base;
  if (first > base_long) {
    const size_t bytes = first - base_long;
    head += bytes;
    if (bytes >= remain) return Bad(begin, "a length is cut off");
    if (input_[at_ + 1] == 0) return Bad(begin, "a length has a leading zero");
    uint64_t size = 0;
    for (size_t i = 0; i < bytes; ++i) size = size << 8 | input_[at_ + 1 + i];
    if (size <= kShort) return Bad(begin, "a length is not in its shortest form");
    item.size = size;
  }
  if (item.size > remain - head) {
    return Bad(begin, absl::StrCat("need ", item.size, " bytes, ", remain - head, " remain"));
  }
  item.begin = at_ + head;
  if (!item.list && item.size == 1 && input_[item.begin] < kString) {
    return Bad(begin, "a byte is not in its shortest form");
  }
  at_ = item.begin + item.size;
  return item;
}

absl::StatusOr<ByteSpan> RlpReader::ReadBytes() {
  const size_t begin = at_;
  SPOOR_ASSIGN_OR_RETURN(const Item item, Next());
  if (item.list) return Bad(begin, "found a list, wanted bytes");
  return input_.subspan(item.begin, item.size);
}

absl::StatusOr<ByteSpan> RlpReader::ReadBytes(size_t size) {
  const size_t begin = at_;
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, ReadBytes());
  if (bytes.size() == size) return bytes;
  return Bad(begin, absl::StrCat("found ", bytes.size(), " bytes, wanted ", size));
}

absl::StatusOr<Units> RlpReader::ReadUnits() {
  const size_t begin = at_;
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, ReadBytes());
  if (bytes.size() > 32) {
    return Bad(begin, absl::StrCat("a number of ", bytes.size(), " bytes, wanted at most 32"));
  }
  if (!bytes.empty() && bytes[0] == 0) return Bad(begin, "a number has a leading zero");
  Units number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

absl::StatusOr<uint64_t> RlpReader::ReadNumber() {
  const size_t begin = at_;
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, ReadBytes());
  if (bytes.size() > 8) {
    return Bad(begin, absl::StrCat("a number of ", bytes.size(), " bytes, wanted at most 8"));
  }
  if (!bytes.empty() && bytes[0] == 0) return Bad(begin, "a number has a leading zero");
  uint64_t number = 0;
  for (const uint8_t byte : bytes) number = number << 8 | byte;
  return number;
}

absl::StatusOr<RlpReader> RlpReader::ReadList() {
  const size_t begin = at_;
  SPOOR_ASSIGN_OR_RETURN(const Item item, Next());
  if (!item.list) return Bad(begin, "found bytes, wanted a list");
  return RlpReader(input_.subspan(item.begin, item.size), base_ + item.begin);
}

absl::Status RlpReader::Skip() { return Next().status(); }

absl::Status RlpReader::ExpectEnd() const {
  if (empty()) return absl::OkStatus();
  return Bad(at_, absl::StrCat("found ", input_.size() - at_, " bytes more, wanted the end"));
}

void AppendRlpBytes(ByteSpan bytes, Bytes* out) {
  if (bytes.size() == 1 && bytes[0] < kString) {
    out->push_back(bytes[0]);
    return;
  }
  AppendHead(kString, kLongString, bytes.size(), out);
  AppendBytes(bytes, out);
}

void AppendRlpNumber(const Units& number, Bytes* out) {
  Bytes bytes;
  export_bits(number, std::back_inserter(bytes), 8);
  if (number == 0) bytes.clear();
  AppendRlpBytes(bytes, out);
}

void AppendRlpList(ByteSpan items, Bytes* out) {
  AppendHead(kList, kLongList, items.size(), out);
  AppendBytes(items, out);
}

}  // namespace spoor::ethereum
