// Transactions of every type, signed by keys whose addresses are known; EIP-155's own example; and
// contracts where they are known to have come to be.

#include "spoor/ethereum/raw_block.h"

#include <random>
#include <vector>

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
