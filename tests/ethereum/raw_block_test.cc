// Transactions of every type, signed by keys whose addresses are known; EIP-155's own example; and
// contracts where they are known to have come to be.

#include "spoor/ethereum/raw_block.h"

#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/key.h"

namespace spoor::ethereum {
namespace {

TEST(DecodeTransaction, ReadsTheExampleOfEip155) {
  const Bytes bytes = *FromHex(
      "f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028"
      "ef"
      "61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800"
      "cc"
      "f555c9f3dc64214b297fb1966a3b6d83");
  const auto raw = DecodeTransaction(bytes);
  ASSERT_TRUE(raw.ok()) << raw.status();
  EXPECT_EQ(ToHex(raw->tx.from), "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f");
  EXPECT_EQ(ToHex(*raw->tx.to), "3535353535353535353535353535353535353535");
  EXPECT_EQ(raw->chain, 1u);
  EXPECT_EQ(raw->tx.nonce, 9u);
  EXPECT_EQ(raw->tx.gas, 21000u);
  EXPECT_EQ(raw->gas_price, 20'000'000'000);
  EXPECT_EQ(raw->tx.value, 1'000'000'000'000'000'000);
  EXPECT_EQ(raw->tx.intrinsic_gas, 21000u);
}

TEST(CreatedContract, IsWhereItIsKnownToBe) {
  Address sender;
  const Bytes bytes = *FromHex("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0");
  std::copy(bytes.begin(), bytes.end(), sender.begin());
  const std::vector<std::string> known = {
      "cd234a471b72ba2f1ccf0a70fcaba648a5eecd8d", "343c43a37d37dff08ae8c4a11544c718abb4fcf8",
      "f778b86fa74e846c4f0a1fbd1335fe81c00a0c91", "fffd933a0bc612844eaf0c6fe3e5b8e9b6c1d19c"};
  for (size_t nonce = 0; nonce < known.size(); ++nonce) {
    EXPECT_EQ(ToHex(CreatedContract(sender, nonce)), known[nonce]);
  }
}

// A transaction of a type, with whatever else in it.
struct Made {
  Bytes bytes;
  Address sender{};
};

Made Make(int type, bool with_chain, std::mt19937_64* rng) {
  Digest256 secret;
  for (uint8_t& b : secret) b = static_cast<uint8_t>((*rng)());
  const SecretKey key = *SecretKey::FromBytes(secret);
  const auto point = key.GetPublicKey().Uncompressed();
  const Digest256 hash = Keccak256(ByteSpan(point).subspan(1));
  Made made;
  std::copy(hash.begin() + 12, hash.end(), made.sender.begin());
  Bytes body;
  const uint64_t chain = 1 + (*rng)() % 100'000;
  if (type > 0) AppendRlpNumber(chain, &body);
  AppendRlpNumber((*rng)() % 1000, &body);  // nonce
  AppendRlpNumber(5, &body);
  if (type >= 2) AppendRlpNumber(7, &body);
  AppendRlpNumber(21'000, &body);
  const bool creates = type < 3 && (*rng)() % 4 == 0;
  AppendRlpBytes(creates ? Bytes() : Bytes(20, 0x35), &body);
  AppendRlpNumber(Units((*rng)()) << ((*rng)() % 100), &body);
  AppendRlpBytes(Bytes((*rng)() % 100, 0x42), &body);
  if (type > 0) AppendRlpList({}, &body);
  if (type == 3) AppendRlpNumber(9, &body);
  if (type >= 3) AppendRlpList({}, &body);
  Bytes to_sign = body;
  if (type == 0 && with_chain) {
    AppendRlpNumber(chain, &to_sign);
    AppendRlpNumber(0, &to_sign);
    AppendRlpNumber(0, &to_sign);
  }
  Bytes message;
  if (type > 0) message.push_back(static_cast<uint8_t>(type));
  AppendRlpList(to_sign, &message);
  int which = 0;
  const auto signature = key.SignRecoverable(Keccak256(message), &which);
  const auto parity = static_cast<uint64_t>(which);
  AppendRlpNumber(type > 0 ? parity : with_chain ? 35 + 2 * chain + parity : 27 + parity, &body);
  for (const size_t half : {0, 32}) {
    Units number = 0;
    for (size_t i = 0; i < 32; ++i) number = number << 8 | signature[half + i];
    AppendRlpNumber(number, &body);
  }
  if (type > 0) made.bytes.push_back(static_cast<uint8_t>(type));
  AppendRlpList(body, &made.bytes);
  return made;
}

TEST(DecodeTransaction, RecoversTheSenderOfEveryType) {
  std::mt19937_64 rng(/*seed=*/4844);
  for (int round = 0; round < 60; ++round) {
    const int type = round % 5;
    SCOPED_TRACE(type);
    const Made made = Make(type, round % 2 == 0, &rng);
    const auto raw = DecodeTransaction(made.bytes);
    ASSERT_TRUE(raw.ok()) << raw.status();
    EXPECT_EQ(raw->tx.from, made.sender);
    EXPECT_EQ(raw->tx.type, type);
    EXPECT_EQ(raw->tx.hash, Txid::FromBytes(Keccak256(made.bytes)));
    EXPECT_EQ(raw->chain.has_value(), type > 0 || round % 2 == 0);
    for (size_t cut = 0; cut < made.bytes.size(); ++cut) {
      EXPECT_FALSE(DecodeTransaction(ByteSpan(made.bytes).first(cut)).ok());
    }
    Bytes longer = made.bytes;
    longer.push_back(0);
    EXPECT_FALSE(DecodeTransaction(longer).ok());
  }
}

// From outside: transactions that are in chains, whose explorers say hash and sender, and, of the
// key of EIP-155's example, some that another library (ethers 6) has signed.
TEST(DecodeTransaction, ReadsWhatOthersSigned) {
  struct Case {
    const char* name;
    int type;
    std::optional<uint64_t> chain;
    const char* hash;
    const char* sender;
    const char* bytes;
  };
  const Case cases[] = {
      {"legacy, before EIP-155 and with a high s, of mainnet", 0, std::nullopt,
       "2084b8144eea4031c2fa7dfe343498c5e665ca85ed17825f2925f0b5b01c36ac",
       "7e9e359edf0dbacf96a9952fa63092d919b0842b",
       "f8ea0c850ba43b7400832dc6c0942935aa0a2d2fbb791622c29eb1c117b65b7a908580b884590528a90000"
       "00000000000000000001878ace42092b7f1ae1f28d16c1272b1aa80ca46700000000000000000000000000"
       "00000000000000000000000000000000000002000000000000000000000000000000000000000000000000"
       "d02ab486cedc0000000000000000000000000000000000000000000000000000557fe293cabc08cf1ca05b"
       "faf3fda0a56b49cc78b22125feb5ae6a99d2b4781f00507d8b02c173771c85a0b5da0dbe6c5bc53740d007"
       "1fc83eb17ba0f709e49e9ae7df60dee625ef51afc5"},
      {"EIP-155, of mainnet", 0, 1,
       "280cde7cdefe4b188750e76c888f13bd05ce9a4d7767730feefe8a0e50ca6fc4",
       "a12e1462d0ced572f396f58b6e2d03894cd7c8a4",
       "f9015482078b8505d21dba0083022ef1947a250d5630b4cf539739df2c5dacb4c659f2488d880c46549a52"
       "1b13d8b8e47ff36ab50000000000000000000000000000000000000000000066ab5a608bd00a23f2fe0000"
       "00000000000000000000000000000000000000000000000000000000008000000000000000000000000048"
       "c04ed5691981c42154c6167398f95e8f38a7ff000000000000000000000000000000000000000000000000"
       "00000000632ceac70000000000000000000000000000000000000000000000000000000000000002000000"
       "000000000000000000c02aaa39b223fe8d0a0e5c4f27ead9083c756cc20000000000000000000000006c6e"
       "e5e31d828de241282b9606c8e98ea48526e225a0c9077369501641a92ef7399ff81c21639ed4fd8fc69cb7"
       "93cfa1dbfab342e10aa0615facb2f1bcf3274a354cfe384a38d0cc008a11c2dd23a69111bc6930ba27a8"},
      {"EIP-1559, of mainnet", 2, 1,
       "86718885c4b4218c6af87d3d0b0d83e3cc465df2a05c048aa4db9f1a6f9de91f",
       "95222290dd7278aa3ddd389cc1e1d165cc4bafe5",
       "02f872018307910d808507204d2cb1827d0094388c818ca8b9251b393131c08a736a67ccb19297880320d0"
       "4823e2701c80c001a0cf024f4815304df2867a1a74e9d2707b6abda0337d2d54a4438d453f4160f190a07a"
       "c0e6b3bc9395b5b9c8b9e6d77204a236577a5b18467b9175c01de4faa208d9"},
      {"EIP-4844, of Sepolia", 3, 11155111,
       "9a22ccb0029bc8b0ddd073be1a1d923b7ae2b2ea52100bae0db4424f9107e9c0",
       "a83c816d4f9b2783761a22ba6fadb0eb0606d7b2",
       "03f9011d83aa36a7820fa28477359400852e90edd0008252089411e9ca82a3a762b4b5bd264d4173a242e7"
       "a770648080c08504a817c800f8a5a0012ec3d6f66766bedb002a190126b3549fce0047de0d4c25cffce0dc"
       "1c57921aa00152d8e24762ff22b1cfd9f8c0683786a7ca63ba49973818b3d1e9512cd2cec4a0013b98c6c8"
       "3e066d5b14af2b85199e3d4fc7d1e778dd53130d180f5077e2d1c7a001148b495d6e859114e670ca54fb6e"
       "2657f0cbae5b08063605093a4b3dc9f8f1a0011ac212f13c5dff2b2c6b600a79635103d6f580a422107995"
       "1181b25c7e654901a0c8de4cced43169f9aa3d36506363b2d2c44f6c49fc1fd91ea114c86f3757077ea01e"
       "11fdd0d1934eda0492606ee0bb80a7bf8f35cc5f86ec60fe5031ba48bfd544"},
      {"EIP-2930, with an access list", 1, 1,
       "b50e2b35bb035def1d7d4081b7dd1aa495a8af679713f2cedc3b3ff7883009cc",
       "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f",
       "01f8ce01098504a817c80082ea60943535353535353535353535353535353535353535880de0b6b3a76400"
       "0084a9059cbbf85bf859941111111111111111111111111111111111111111f842a0000000000000000000"
       "0000000000000000000000000000000000000000000001a000000000000000000000000000000000000000"
       "0000000000000000000000000301a059623261a2adab81badb09c82cc996852d3967f44ebc469c7044fba1"
       "4e46f7d4a03023b27efc04fa21f538805bf0324b22fd464e6fc555f99d160141308dbcecf9"},
      {"EIP-4844, with an access list", 3, 1,
       "331a2a91b49e81170886ee15d3a15fbc96a539e257178ce7d9b83e9ed0d48eef",
       "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f",
       "03f8f90109843b9aca008504a817c80082ea60943535353535353535353535353535353535353535880de0"
       "b6b3a764000084a9059cbbf85bf859941111111111111111111111111111111111111111f842a000000000"
       "00000000000000000000000000000000000000000000000000000001a00000000000000000000000000000"
       "000000000000000000000000000000000003832dc6c0e1a001abababababababababababababababababab"
       "ababababababababababababab80a072665b55b567137b3c66bf85b77b47d315ec5a0e699cd5c3a454c7ea"
       "df55d092a009f408b4063b1d66fc087127f22ef67384e78f69dfa4f01748001a49ec9306f7"},
      {"EIP-7702, with an authorisation", 4, 1,
       "3d1cc53bd3ee4e63ff91af0cbdf7f2f2d62ee106cba79d726452391dc4fc70ec",
       "9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f",
       "04f901310109843b9aca008504a817c80082ea60943535353535353535353535353535353535353535880d"
       "e0b6b3a764000084a9059cbbf85bf859941111111111111111111111111111111111111111f842a0000000"
       "0000000000000000000000000000000000000000000000000000000001a000000000000000000000000000"
       "00000000000000000000000000000000000003f85cf85a0194353535353535353535353535353535353535"
       "35350380a0f15614000fa7b3ec673d4ea166e43217be280e34fb9f8458970ab8a41ab41765a0572f93ad7f"
       "143655d0dc928f93c09ed65d5ff3c96ded2ea6b1e5df1ce9a2469480a0a0ed04b8564b86e57ab9f3e1092b"
       "3073a2d74c7944b49de04d1a03faabb52693a00dfc3823b631bcdc7eef6843ca86fa121934505adf62271b"
       "43e0ea094d1f554b"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const Bytes bytes = *FromHex(c.bytes);
    const auto raw = DecodeTransaction(bytes);
    ASSERT_TRUE(raw.ok()) << raw.status();
    EXPECT_EQ(raw->tx.type, c.type);
    EXPECT_EQ(raw->chain, c.chain);
    EXPECT_EQ(ToText(raw->tx.hash, HashText::kPrefixed), absl::StrCat("0x", c.hash));
    EXPECT_EQ(ToHex(raw->tx.from), c.sender);
    // No other byte of it means the same.
    for (size_t i = 0; i < bytes.size(); ++i) {
      Bytes other = bytes;
      other[i] ^= 1;
      const auto spoiled = DecodeTransaction(other);
      EXPECT_TRUE(!spoiled.ok() || ToHex(spoiled->tx.from) != c.sender) << i;
    }
  }
}

TEST(DecodeTransaction, RefusesTypesThatThereAreNot) {
  std::mt19937_64 rng(/*seed=*/1);
  Made made = Make(2, true, &rng);
  for (const int type : {0, 5, 0x7e}) {
    made.bytes[0] = static_cast<uint8_t>(type);
    EXPECT_FALSE(DecodeTransaction(made.bytes).ok());
  }
}

}  // namespace
}  // namespace spoor::ethereum
