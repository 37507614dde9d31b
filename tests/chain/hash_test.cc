#include "spoor/chain/hash.h"

#include <string>
#include <type_traits>

#include "absl/hash/hash.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

static_assert(!std::is_convertible_v<BlockHash, Txid>);
static_assert(!std::is_constructible_v<Txid, BlockHash>);

constexpr char kGenesisText[] = "000000000019d6689c085ae165831e934ff763ae46a2a6c172b3f1b60a8ce26f";
constexpr char kGenesisBytes[] = "6fe28c0ab6f1b372c1a6a246ae63f74f931e8365e15a089c68d6190000000000";

TEST(HashText, BitcoinPrintsTheLastByteFirst) {
  const auto hash = FromText<BlockHash>(kGenesisText);
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_EQ(ToHex(hash->span()), kGenesisBytes);
  EXPECT_EQ(ToText(*hash), kGenesisText);
}

TEST(HashText, EthereumPrintsTheFirstByteFirst) {
  const std::string text = absl::StrCat("0x", kGenesisBytes);
  const auto hash = FromText<Txid>(text, HashText::kPrefixed);
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_EQ(ToHex(hash->span()), kGenesisBytes);
  EXPECT_EQ(ToText(*hash, HashText::kPrefixed), text);
}

TEST(HashText, ReadsEitherCaseWithOrWithoutPrefix) {
  const BlockHash hash = FromText<BlockHash>(kGenesisText).value();
  for (const std::string& text :
       {std::string("000000000019D6689C085AE165831E934FF763AE46A2A6C172B3F1B60A8CE26F"),
        absl::StrCat("0x", kGenesisText), absl::StrCat("0X", kGenesisText)}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(FromText<BlockHash>(text).value(), hash);
  }
}

TEST(HashText, RefusesWhatIsNoHash) {
  const std::string good = kGenesisText;
  struct Case {
    const char* name;
    std::string text;
    const char* message;
  };
  for (const Case& c : {Case{"empty", "", "0 hexadecimal digits"},
                        Case{"prefix alone", "0x", "0 hexadecimal digits"},
                        Case{"a digit short", good.substr(1), "63 hexadecimal digits"},
                        Case{"a byte long", good + "00", "66 hexadecimal digits"},
                        Case{"no digit", "x" + good.substr(1), "digit 0"},
                        Case{"space in front", " " + good.substr(1), "digit 0"}}) {
    SCOPED_TRACE(c.name);
    const auto hash = FromText<Txid>(c.text);
    EXPECT_EQ(hash.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(hash.status().message()), HasSubstr(c.message));
  }
}

TEST(Hash256, ComparesByBytesAndStartsAtZero) {
  Bytes bytes(32);
  EXPECT_TRUE(Txid().IsZero());
  EXPECT_EQ(Txid::FromBytes(bytes), Txid());
  bytes[0] = 1;
  const Txid first = Txid::FromBytes(bytes);
  EXPECT_FALSE(first.IsZero());
  bytes[0] = 0;
  bytes[31] = 0xff;
  EXPECT_GT(first, Txid::FromBytes(bytes));
}

TEST(Hash256, HashesByItsMiddleBytes) {
  const absl::Hash<Txid> hash;
  for (size_t i = 8; i < 16; ++i) {
    SCOPED_TRACE(i);
    Bytes bytes(32);
    bytes[i] = 0x80;
    EXPECT_EQ(hash(Txid::FromBytes(bytes)), hash(Txid::FromBytes(bytes)));
    EXPECT_NE(hash(Txid::FromBytes(bytes)), hash(Txid()));
  }
}

TEST(Hash256DeathTest, IsOf32Bytes) { EXPECT_DEATH(Txid::FromBytes(Bytes(31)), "kSize"); }

}  // namespace
}  // namespace spoor
