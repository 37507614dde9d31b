// The recursive-length prefix: the examples that Ethereum's own wiki gives, every way of writing a
// value that is not the shortest, and every prefix of good input.

#include "spoor/ethereum/rlp.h"

#include <random>
#include <string>

#include "gtest/gtest.h"

namespace spoor::ethereum {
namespace {

Bytes Hex(absl::string_view hex) { return *FromHex(hex); }
std::string Encoded(absl::string_view text) {
  Bytes out;
  AppendRlpBytes(AsBytes(text), &out);
  return ToHex(out);
}

TEST(Rlp, EncodesAndDecodesTheKnownExamples) {
  EXPECT_EQ(Encoded("dog"), "83646f67");
  EXPECT_EQ(Encoded(""), "80");
  EXPECT_EQ(Encoded(std::string(1, '\0')), "00");
  EXPECT_EQ(Encoded("\x0f"), "0f");
  EXPECT_EQ(
      Encoded("Lorem ipsum dolor sit amet, consectetur adipisicing elit"),
      "b8384c6f72656d20697073756d20646f6c6f722073697420616d65742c20636f6e7365637465747572206164"
      "6970697369"
      "63696e6720656c6974");
  Bytes number;
  AppendRlpNumber(1024, &number);
  EXPECT_EQ(ToHex(number), "820400");
  number.clear();
  AppendRlpNumber(0, &number);
  EXPECT_EQ(ToHex(number), "80");
  const Bytes cat_dog = Hex("c88363617483646f67");
  RlpReader in(cat_dog);
  auto list = in.ReadList();
  ASSERT_TRUE(list.ok());
  EXPECT_EQ(AsChars(*list->ReadBytes()), "cat");
  EXPECT_EQ(AsChars(*list->ReadBytes()), "dog");
  EXPECT_TRUE(list->ExpectEnd().ok());
  EXPECT_TRUE(in.empty());
}

TEST(Rlp, RefusesWhatIsNotTheOneForm) {
  for (const char* hex : {"8100", "817f", "b800", "b837", "b90038", "b9ffff", "bfffffffffffffffff",
                          "c1", "f800", "f90001", "ffffffffffffffffff", "83646f"}) {
    SCOPED_TRACE(hex);
    const Bytes bytes = Hex(hex);
    RlpReader in(bytes);
    const absl::Status status = in.Skip();
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
  }
  for (const char* hex : {"00", "820001", "c0"}) {
    const Bytes bytes = Hex(hex);
    EXPECT_TRUE(absl::IsDataLoss(RlpReader(bytes).ReadNumber().status())) << hex;
    EXPECT_TRUE(absl::IsDataLoss(RlpReader(bytes).ReadUnits().status())) << hex;
  }
  const Bytes nine = Hex("89010000000000000000");
  EXPECT_FALSE(RlpReader(nine).ReadNumber().ok());
  EXPECT_EQ(*RlpReader(nine).ReadUnits(), Units(1) << 64);
  Bytes of_33 = {0xa1, 1};
  of_33.resize(34);
  EXPECT_FALSE(RlpReader(of_33).ReadUnits().ok());
}

TEST(Rlp, IsItsOwnInverse) {
  std::mt19937_64 rng(/*seed=*/7);
  for (int round = 0; round < 300; ++round) {
    Bytes items;
    std::vector<Bytes> strings;
    std::vector<Units> numbers;
    for (int i = 0; i < 5; ++i) {
      Bytes bytes(rng() % (round % 3 == 0 ? 400 : 60));
      for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng());
      strings.push_back(bytes);
      AppendRlpBytes(bytes, &items);
      Units number = rng() >> (rng() % 64);
      number <<= rng() % 190;
      numbers.push_back(number);
      AppendRlpNumber(number, &items);
    }
    Bytes list;
    AppendRlpList(items, &list);
    RlpReader in(list);
    auto inside = in.ReadList();
    ASSERT_TRUE(inside.ok()) << inside.status();
    for (int i = 0; i < 5; ++i) {
      EXPECT_EQ(*inside->ReadBytes(), ByteSpan(strings[static_cast<size_t>(i)]));
      EXPECT_EQ(*inside->ReadUnits(), numbers[static_cast<size_t>(i)]);
    }
    EXPECT_TRUE(inside->ExpectEnd().ok());
    for (size_t cut = 0; cut < list.size(); ++cut) {
      EXPECT_FALSE(RlpReader(ByteSpan(list).first(cut)).ReadList().ok());
    }
  }
}

}  // namespace
}  // namespace spoor::ethereum
