#include "spoor/base/varint.h"

#include <limits>
#include <random>
#include <string>

#include "gtest/gtest.h"
#include "spoor/base/bytes.h"

namespace spoor {
namespace {

std::string Encode(uint64_t v) {
  std::string out;
  AppendVarint(v, &out);
  return out;
}

TEST(Varint, IsLeb128) {
  struct Case {
    uint64_t value;
    const char* hex;
  };
  // 624485 is the example of the DWARF standard; 300 that of protocol buffers.
  for (const Case& c : {Case{0, "00"}, Case{127, "7f"}, Case{128, "8001"}, Case{300, "ac02"},
                        Case{16383, "ff7f"}, Case{16384, "808001"}, Case{624485, "e58e26"},
                        Case{std::numeric_limits<uint64_t>::max(), "ffffffffffffffffff01"}}) {
    SCOPED_TRACE(c.hex);
    EXPECT_EQ(ToHex(AsBytes(Encode(c.value))), c.hex);
  }
}

TEST(Varint, RoundTripsAndRefusesEveryCut) {
  std::mt19937_64 rng(/*seed=*/7);
  for (int i = 0; i < 2000; ++i) {
    const uint64_t value = rng() >> (rng() % 64);
    const std::string encoded = Encode(value);
    SCOPED_TRACE(value);
    uint64_t decoded = ~value;
    // With and without eight bytes to read at once.
    for (const std::string rest : {"", "\x80rest", "\x80\x81\xff\x7f rest of eight and more"}) {
      const std::string followed = encoded + rest;
      absl::string_view in = followed;
      ASSERT_TRUE(ConsumeVarint(&in, &decoded));
      EXPECT_EQ(decoded, value);
      EXPECT_EQ(in, rest);
    }
    for (size_t n = 0; n < encoded.size(); ++n) {
      absl::string_view cut = absl::string_view(encoded).substr(0, n);
      EXPECT_FALSE(ConsumeVarint(&cut, &decoded));
    }
  }
}

TEST(Varint, RefusesMoreThan64Bits) {
  for (const char* hex : {"ffffffffffffffffff02", "80808080808080808002", "8080808080808080808001",
                          "ffffffffffffffffffff"}) {
    SCOPED_TRACE(hex);
    const Bytes bytes = FromHex(hex).value();
    absl::string_view in = AsChars(bytes);
    uint64_t decoded;
    EXPECT_FALSE(ConsumeVarint(&in, &decoded));
  }
}

}  // namespace
}  // namespace spoor
