#include "spoor/base/bytes.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// The value of a hexadecimal digit, or -1.
int DigitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::string ToHex(ByteSpan bytes) { return absl::BytesToHexString(AsChars(bytes)); }

absl::StatusOr<Bytes> FromHex(absl::string_view hex) {
  if (hex.size() % 2 != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("hex has ", hex.size(), " digits, wanted an even number"));
  }
  Bytes out;
  out.reserve(hex.size() / 2);
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = DigitValue(hex[i]);
    const int low = DigitValue(hex[i + 1]);
    if (high < 0 || low < 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("digit ", high < 0 ? i : i + 1, " of the hex is not one of 0-9 a-f A-F"));
    }
    out.push_back(static_cast<uint8_t>(high << 4 | low));
  }
  return out;
}

absl::Status ByteReader::Need(size_t n) const {
  if (n <= remaining()) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("offset ", offset_, ": need ", n, " bytes, ", remaining(), " remain"));
}

absl::StatusOr<uint8_t> ByteReader::ReadU8() {
  SPOOR_RETURN_IF_ERROR(Need(1));
  return input_[offset_++];
}

absl::StatusOr<uint16_t> ByteReader::ReadLe16() {
  SPOOR_RETURN_IF_ERROR(Need(2));
  const uint16_t v = LoadLe16(input_.data() + offset_);
  offset_ += 2;
  return v;
}

absl::StatusOr<uint32_t> ByteReader::ReadLe32() {
  SPOOR_RETURN_IF_ERROR(Need(4));
  const uint32_t v = LoadLe32(input_.data() + offset_);
  offset_ += 4;
  return v;
}

absl::StatusOr<uint64_t> ByteReader::ReadLe64() {
  SPOOR_RETURN_IF_ERROR(Need(8));
  const uint64_t v = LoadLe64(input_.data() + offset_);
  offset_ += 8;
  return v;
}

absl::StatusOr<ByteSpan> ByteReader::ReadBytes(size_t n) {
  SPOOR_RETURN_IF_ERROR(Need(n));
  const ByteSpan v = input_.subspan(offset_, n);
  offset_ += n;
  return v;
}

absl::StatusOr<uint64_t> ByteReader::ReadCompactSize() {
  const size_t begin = offset_;
  SPOOR_ASSIGN_OR_RETURN(const uint8_t first, ReadU8());
  if (first < 253) return first;
  uint64_t v = 0;
  uint64_t least = 0;
  if (first == 253) {
    SPOOR_ASSIGN_OR_RETURN(v, ReadLe16());
    least = 253;
  } else if (first == 254) {
    SPOOR_ASSIGN_OR_RETURN(v, ReadLe32());
    least = 0x10000;
  } else {
    SPOOR_ASSIGN_OR_RETURN(v, ReadLe64());
    least = 0x100000000;
  }
  if (v < least) {
    return absl::DataLossError(
        absl::StrCat("offset ", begin, ": compact size ", v, " is not in its shortest form"));
  }
  return v;
}

absl::StatusOr<size_t> ByteReader::ReadCount(size_t least_size) {
  const size_t begin = offset_;
  SPOOR_ASSIGN_OR_RETURN(const uint64_t count, ReadCompactSize());
  if (count > remaining() / least_size) {
    return absl::DataLossError(absl::StrCat("offset ", begin, ": a count of ", count,
                                            " needs at least ", least_size, " bytes each, ",
                                            remaining(), " remain"));
  }
  return static_cast<size_t>(count);
}

absl::StatusOr<ByteSpan> ByteReader::ReadSizedBytes() {
  SPOOR_ASSIGN_OR_RETURN(const size_t n, ReadCount(1));
  return ReadBytes(n);
}

namespace {

template <typename T>
void AppendLe(T v, Bytes* out) {
  for (size_t i = 0; i < sizeof(T); ++i) out->push_back(static_cast<uint8_t>(v >> (8 * i)));
}

}  // namespace

void AppendLe16(uint16_t v, Bytes* out) { AppendLe(v, out); }
void AppendLe32(uint32_t v, Bytes* out) { AppendLe(v, out); }
void AppendLe64(uint64_t v, Bytes* out) { AppendLe(v, out); }

void AppendCompactSize(uint64_t v, Bytes* out) {
  if (v < 253) {
    out->push_back(static_cast<uint8_t>(v));
  } else if (v <= 0xffff) {
    out->push_back(253);
    AppendLe16(static_cast<uint16_t>(v), out);
  } else if (v <= 0xffffffff) {
    out->push_back(254);
    AppendLe32(static_cast<uint32_t>(v), out);
  } else {
    out->push_back(255);
    AppendLe64(v, out);
  }
}

}  // namespace spoor
