#include "spoor/base/bytes.h"

#include <limits>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

TEST(Hex, WritesLowerCaseInMemoryOrder) {
  EXPECT_EQ(ToHex({}), "");
  EXPECT_EQ(ToHex(Bytes{0x00, 0x0f, 0xf0, 0xab, 0xff}), "000ff0abff");
}

TEST(Hex, RoundTripsEveryByte) {
  Bytes all;
  for (int i = 0; i < 256; ++i) all.push_back(static_cast<uint8_t>(i));
  const auto back = FromHex(ToHex(all));
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_EQ(*back, all);
}

TEST(Hex, ReadsEitherCase) {
  const auto bytes = FromHex("aBCdeF09");
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  EXPECT_EQ(*bytes, (Bytes{0xab, 0xcd, 0xef, 0x09}));
}

TEST(Hex, RefusesWhatIsNotHex) {
  struct Case {
    const char* name;
    const char* text;
    const char* message;
  };
  for (const Case& c :
       {Case{"odd", "abc", "3 digits"}, Case{"letter after f", "0g", "digit 1"},
        Case{"prefix", "0x00", "digit 1"}, Case{"space", "00 0", "digit 2"},
        Case{"slash, before 0", "/0", "digit 0"}, Case{"colon, after 9", ":0", "digit 0"},
        Case{"at sign, before A", "@0", "digit 0"}, Case{"backquote, before a", "`0", "digit 0"}}) {
    SCOPED_TRACE(c.name);
    const auto bytes = FromHex(c.text);
    EXPECT_EQ(bytes.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(bytes.status().message()), HasSubstr(c.message));
  }
}

TEST(CompactSize, HasOneFormForEachNumber) {
  struct Case {
    uint64_t value;
    const char* hex;
  };
  for (const Case& c :
       {Case{0, "00"}, Case{1, "01"}, Case{252, "fc"}, Case{253, "fdfd00"}, Case{254, "fdfe00"},
        Case{255, "fdff00"}, Case{0xffff, "fdffff"}, Case{0x10000, "fe00000100"},
        Case{0xffffffff, "feffffffff"}, Case{0x100000000, "ff0000000001000000"},
        Case{std::numeric_limits<uint64_t>::max(), "ffffffffffffffffff"}}) {
    SCOPED_TRACE(c.hex);
    Bytes encoded;
    AppendCompactSize(c.value, &encoded);
    EXPECT_EQ(ToHex(encoded), c.hex);
    ByteReader in(encoded);
    const auto decoded = in.ReadCompactSize();
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, c.value);
    EXPECT_TRUE(in.empty());

    for (size_t n = 0; n < encoded.size(); ++n) {
      SCOPED_TRACE(n);
      ByteReader cut(ByteSpan(encoded).first(n));
      EXPECT_EQ(cut.ReadCompactSize().status().code(), absl::StatusCode::kDataLoss);
    }
  }
}

TEST(CompactSize, RefusesStretchedForms) {
  struct Case {
    const char* name;
    const char* hex;
  };
  for (const Case& c : {Case{"0 in three", "fd0000"}, Case{"252 in three", "fdfc00"},
                        Case{"253 in five", "fefd000000"}, Case{"65535 in five", "feffff0000"},
                        Case{"65536 in nine", "ff0000010000000000"},
                        Case{"2^32 - 1 in nine", "ffffffffff00000000"}}) {
    SCOPED_TRACE(c.name);
    const Bytes bytes = FromHex(c.hex).value();
    ByteReader in(bytes);
    const auto size = in.ReadCompactSize();
    EXPECT_EQ(size.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(size.status().message()), HasSubstr("shortest form"));
  }
}

TEST(ByteReader, ReadsFixedWidthsLittleEndian) {
  Bytes bytes = {0x7f};
  AppendLe16(0x0201, &bytes);
  AppendLe32(0x06050403, &bytes);
  AppendLe64(0x0e0d0c0b0a090807, &bytes);
  AppendBytes(Bytes{0xaa, 0xbb}, &bytes);
  EXPECT_EQ(ToHex(bytes), "7f0102030405060708090a0b0c0d0eaabb");

  ByteReader in(bytes);
  EXPECT_EQ(in.ReadU8().value(), 0x7f);
  EXPECT_EQ(in.ReadLe16().value(), 0x0201);
  EXPECT_EQ(in.ReadLe32().value(), 0x06050403u);
  EXPECT_EQ(in.offset(), 7u);
  EXPECT_EQ(in.remaining(), 10u);
  EXPECT_EQ(in.ReadLe64().value(), 0x0e0d0c0b0a090807u);
  EXPECT_EQ(ToHex(in.ReadBytes(2).value()), "aabb");
  EXPECT_TRUE(in.empty());
  EXPECT_EQ(ToHex(in.Since(13)), "0d0eaabb");
  EXPECT_TRUE(in.ReadBytes(0).ok());
}

TEST(ByteReader, NamesTheOffsetWhenThereIsTooLittle) {
  const Bytes bytes(9);
  for (size_t width : {2, 4, 8}) {
    SCOPED_TRACE(width);
    ByteReader in(bytes);
    ASSERT_TRUE(in.ReadBytes(bytes.size() - width + 1).ok());
    const absl::Status status = width == 2   ? in.ReadLe16().status()
                                : width == 4 ? in.ReadLe32().status()
                                             : in.ReadLe64().status();
    EXPECT_EQ(status, absl::DataLossError("offset " + std::to_string(10 - width) + ": need " +
                                          std::to_string(width) + " bytes, " +
                                          std::to_string(width - 1) + " remain"));
  }
  ByteReader in(bytes);
  EXPECT_EQ(in.ReadBytes(std::numeric_limits<size_t>::max()).status().code(),
            absl::StatusCode::kDataLoss);
  ByteReader empty((ByteSpan()));
  EXPECT_EQ(empty.ReadU8().status().code(), absl::StatusCode::kDataLoss);
}

TEST(ByteReader, CountsOnlyWhatCanBeThere) {
  struct Case {
    const char* name;
    const char* hex;
    size_t least_size;
    bool ok;
  };
  for (const Case& c :
       {Case{"none", "00", 41, true}, Case{"two of two bytes", "0211112222", 2, true},
        Case{"one byte short", "02111122", 2, false},
        Case{"a product that overflows", "ffffffffffffffffff0000", 4, false},
        Case{"4 GiB in five bytes", "feffffffff", 1, false}}) {
    SCOPED_TRACE(c.name);
    const Bytes bytes = FromHex(c.hex).value();
    ByteReader in(bytes);
    const auto count = in.ReadCount(c.least_size);
    EXPECT_EQ(count.ok(), c.ok) << count.status();
    if (c.ok) {
      EXPECT_EQ(*count, bytes[0]);
    } else {
      EXPECT_EQ(count.status().code(), absl::StatusCode::kDataLoss);
    }
  }
}

TEST(ByteReader, ReadsSizedBytesAtEveryCut) {
  Bytes bytes;
  AppendCompactSize(300, &bytes);
  bytes.resize(bytes.size() + 300, 0x5a);
  for (size_t n = 0; n <= bytes.size(); ++n) {
    SCOPED_TRACE(n);
    ByteReader in(ByteSpan(bytes).first(n));
    const auto sized = in.ReadSizedBytes();
    if (n < bytes.size()) {
      EXPECT_EQ(sized.status().code(), absl::StatusCode::kDataLoss);
    } else {
      ASSERT_TRUE(sized.ok()) << sized.status();
      EXPECT_EQ(*sized, ByteSpan(bytes).subspan(3));
    }
  }
}

}  // namespace
}  // namespace spoor
