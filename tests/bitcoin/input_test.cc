// What inputs reveal, and what transactions tell of wallets: published examples, and inputs made to
// look like what they are not.

#include "spoor/bitcoin/input.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/chain/address.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/network.h"
#include "spoor/chain/revealed.h"
#include "spoor/chain/script.h"
#include "tests/bitcoin/vectors.h"

namespace spoor::bitcoin {
namespace {

constexpr char kGenerator[] = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
constexpr char kGeneratorUncompressed[] =
    "0479be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
// A signature as BIP 143 prints one, R of 32 bytes, and one with R of 33.
constexpr char kLowR[] =
    "304402203609e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561"
    "406f90300e8f3358f51928d43c212a8caed02de67eebee01";
constexpr char kHighR[] =
    "304502210083c6bd2b1bc0e5a4b1d1fd04b7a0c9f383c6bd2b1bc0e5a4b1d1fd04b7a0c9f3022057"
    "3a954c4518331561406f90300e8f3358f51928d43c212a8caed02de67eebee01";

// An input and what it is made of.
struct MadeInput {
  Bytes script_sig;
  Bytes witness;

  TxIn in() const {
    TxIn input;
    input.script_sig = script_sig;
    input.witness = witness;
    return input;
  }
};

Bytes Push(const Bytes& data) {
  Bytes script;
  if (data.size() > 75) script.push_back(data.size() > 255 ? 0x4d : 0x4c);
  script.push_back(static_cast<uint8_t>(data.size()));
  if (data.size() > 255) script.push_back(static_cast<uint8_t>(data.size() >> 8));
  AppendBytes(data, &script);
  return script;
}

MadeInput Make(const std::vector<std::string>& pushes, const std::vector<std::string>& items) {
  MadeInput made;
  for (const std::string& push : pushes) AppendBytes(Push(Hex(push)), &made.script_sig);
  if (items.empty()) return made;
  made.witness.push_back(static_cast<uint8_t>(items.size()));
  for (const std::string& item : items) {
    const Bytes bytes = Hex(item);
    made.witness.push_back(static_cast<uint8_t>(bytes.size()));
    AppendBytes(bytes, &made.witness);
  }
  return made;
}

// What a block says of an input that stands in it between others.
std::optional<Revealed> RevealedAmongOthers(const TxIn& input, const TxIn& other) {
  Block block;
  block.transactions.resize(3);
  block.transactions[0].inputs = {input};  // a coinbase's, which is passed over
  block.transactions[1].inputs = {other, input};
  block.transactions[2].inputs = {other, other};
  std::vector<std::optional<Revealed>> revealed(7);
  RevealedByInputs(block, &revealed);
  EXPECT_EQ(revealed.size(), 4u);
  for (const size_t i : {0, 2, 3}) {
    EXPECT_TRUE(revealed[i].has_value() && revealed[i]->bytes == other.witness.last(33)) << i;
  }
  return revealed[1];
}

// The address whose script the input opens, and what it reveals; "" for nothing.
std::string Tell(const MadeInput& made) {
  const TxIn input = made.in();
  const std::optional<Revealed> revealed = RevealedBy(input);
  const MadeInput other = Make({}, {kLowR, kGenerator});
  const std::optional<Revealed> same = RevealedAmongOthers(input, other.in());
  EXPECT_EQ(same.has_value(), revealed.has_value());
  if (same.has_value() && revealed.has_value()) {
    EXPECT_EQ(same->bytes, revealed->bytes);
    EXPECT_EQ(same->script_pubkey(), revealed->script_pubkey());
  }
  if (!revealed.has_value()) return "";
  const ScriptId id = ClassifyScript(revealed->script_pubkey());
  EXPECT_TRUE(IsRevealedBy(id, revealed->bytes));
  return absl::StrCat(ScriptText(GetNetwork(NetworkId::kMain), id), " ", ToHex(revealed->bytes));
}

// BIP 67's first vector: 2 of 2.
constexpr char kMultisig[] =
    "522102fe6f0a5a297eb38c391581c4413e084773ea23954d93f7753db7dc0adc188b2f2102ff12471208c14bd58070"
    "9cb2358d98975247d8765f92bc25eab3b2763ed605f852ae";

TEST(RevealedBy, PublishedExamples) {
  struct Case {
    const char* name;
    MadeInput made;
    std::string wanted;
  };
  const std::string genesis =
      "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51e"
      "c1"
      "12de5c384df7ba0b8d578a4c702b6bf11d5f";
  const std::string bip143 = "025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357";
  const std::string bip143_nested =
      "03ad1d8e89212f0b92c74d23bb710c00662ad1470198ac48c43f7d6f93a2a26873";
  for (const Case& c : {
           Case{"P2PKH compressed", Make({kLowR, kGenerator}, {}),
                absl::StrCat("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH ", kGenerator)},
           Case{"P2PKH uncompressed", Make({kLowR, kGeneratorUncompressed}, {}),
                absl::StrCat("1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm ", kGeneratorUncompressed)},
           Case{"P2PKH of the genesis block's key", Make({kHighR, genesis}, {}),
                absl::StrCat("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa ", genesis)},
           Case{"more on the stack than is needed", Make({"aabb", kLowR, kGenerator}, {}),
                absl::StrCat("1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH ", kGenerator)},
           Case{"P2WPKH", Make({}, {kLowR, kGenerator}),
                absl::StrCat("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4 ", kGenerator)},
           Case{"P2SH-P2WPKH",
                Make({"0014751e76e8199196d454941c45d1b3a323f1433bd6"}, {kLowR, kGenerator}),
                absl::StrCat("3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN ", kGenerator)},
           Case{"P2SH multisig", Make({"", kLowR, kLowR, kMultisig}, {}),
                absl::StrCat("39bgKC7RFbpoCRbtD5KEdkYKtNyhpsNa3Z ", kMultisig)},
       }) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Tell(c.made), c.wanted);
  }
  // BIP 143 gives scripts, not addresses.
  const auto script_of = [](const MadeInput& made) {
    const TxIn input = made.in();
    const std::optional<Revealed> revealed = RevealedBy(input);
    return revealed.has_value() ? ToHex(revealed->script_pubkey()) : "";
  };
  EXPECT_EQ(script_of(Make({}, {kLowR, bip143})), "00141d0f172a0ecb48aee1be1f2687d2963ae33f71a1");
  EXPECT_EQ(
      script_of(Make({"001479091972186c449eb1ded22b78e40d009bdf0089"}, {kLowR, bip143_nested})),
      "a9144733f37cf4db86fbc2efed2500b4f4e49f31202387");
  const Digest256 hash = Sha256(Hex(kMultisig));
  const std::string program = absl::StrCat("0020", ToHex(hash));
  EXPECT_EQ(script_of(Make({}, {"", kLowR, kLowR, kMultisig})), program);
  EXPECT_EQ(script_of(Make({program}, {"", kLowR, kLowR, kMultisig})),
            absl::StrCat("a914", ToHex(Hash160(Hex(program))), "87"));
}

TEST(RevealedBy, WhatIsNoneOfTheForms) {
  struct Case {
    const char* name;
    MadeInput made;
  };
  MadeInput cut = Make({kLowR, kGenerator}, {});
  cut.script_sig.pop_back();
  MadeInput not_pushes = Make({kLowR, kGenerator}, {});
  not_pushes.script_sig.push_back(0x61);  // OP_NOP
  MadeInput cut_size;
  cut_size.script_sig = {0x4d, 0x01};
  for (const Case& c : {
           Case{"nothing at all", MadeInput()},
           Case{"P2PK", Make({kLowR}, {})},
           Case{"BIP 86", Make({}, {std::string(128, 'a')})},
           Case{"BIP 86 with an annex", Make({}, {std::string(128, 'a'), "50ff"})},
           Case{"a P2TR script path", Make({}, {kLowR, "51", std::string(66, 'c')})},
           Case{"three items and a key", Make({}, {"", kLowR, kGenerator})},
           Case{"a nested program of another key",
                Make({"0014751e76e8199196d454941c45d1b3a323f1433bd7"}, {kLowR, kGenerator})},
           Case{"a nested program and another push",
                Make({"00", "0014751e76e8199196d454941c45d1b3a323f1433bd6"}, {kLowR, kGenerator})},
           Case{"a nested program of version 1",
                Make({"5114751e76e8199196d454941c45d1b3a323f1433bd6"}, {kLowR, kGenerator})},
           Case{"a key of the wrong size", Make({kLowR, absl::StrCat(kGenerator, "00")}, {})},
           Case{"a key of the wrong form", Make({kLowR, "05" + std::string(64, '1')}, {})},
           Case{"a multisig script of too few keys",
                Make({"", kLowR, absl::StrCat("5221", kGenerator, "52ae")}, {})},
           Case{"a push cut short", cut},
           Case{"no push alone", not_pushes},
           Case{"a size cut short", cut_size},
       }) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Tell(c.made), "");
  }
}

// A P2SH script may have the size and first byte of a key: then the form is that of P2PKH, and the
// script that of P2PKH, which is not the address's.
TEST(RevealedBy, AScriptThatLooksLikeAKeyIsNotBelieved) {
  const Bytes redeem = Hex("02" + std::string(60, '0') + "5151");
  ASSERT_TRUE(IsKeySized(redeem) && redeem.size() == 33);
  Bytes payload;
  AppendBytes(Hash160(redeem), &payload);
  EXPECT_FALSE(IsRevealedBy({ScriptKind::kP2sh, payload}, redeem));
  EXPECT_TRUE(IsRevealedBy({ScriptKind::kP2pkh, payload}, redeem));
  const MadeInput made = Make({ToHex(redeem)}, {});
  const TxIn input = made.in();
  EXPECT_EQ(ToHex(RevealedBy(input)->script_pubkey()),
            absl::StrCat("76a914", ToHex(payload), "88ac"));
}

TEST(KeysOfRevealed, LeavesOutWhatIsNoPoint) {
  EXPECT_EQ(KeysOfRevealed(Hex(kGenerator)).size(), 1u);
  EXPECT_EQ(KeysOfRevealed(Hex(kGenerator)), KeysOfRevealed(Hex(kGeneratorUncompressed)));
  EXPECT_EQ(KeysOfRevealed(Hex(kMultisig)).size(), 2u);
  EXPECT_TRUE(KeysOfRevealed(Hex("02" + std::string(64, 'f'))).empty());
  EXPECT_TRUE(KeysOfRevealed(Bytes()).empty());
}

Transaction MadeTransaction(int32_t version, uint32_t lock_time,
                            const std::vector<uint32_t>& sequences) {
  Transaction tx;
  tx.version = version;
  tx.lock_time = lock_time;
  for (const uint32_t sequence : sequences) {
    tx.inputs.emplace_back().sequence = sequence;
    tx.inputs.back().prevout.index = 0;
  }
  return tx;
}

TEST(Fingerprint, OfEachKind) {
  using F = Fingerprint;
  struct Case {
    int32_t version;
    uint32_t lock_time;
    std::vector<uint32_t> sequences;
    F::Version wanted_version;
    F::LockTime wanted_lock_time;
    int wanted_sequences;
  };
  constexpr uint32_t kHeight = 800'000;
  for (const Case& c : {
           Case{1, 0, {0xffffffff}, F::Version::kOne, F::LockTime::kNone, F::kFinal},
           Case{2,
                kHeight - 1,
                {0xfffffffe, 0xfffffffe},
                F::Version::kTwo,
                F::LockTime::kRecent,
                F::kNotFinal},
           Case{2,
                kHeight - 100,
                {0xfffffffd},
                F::Version::kTwo,
                F::LockTime::kRecent,
                F::kReplaceable},
           Case{3,
                kHeight - 101,
                {0xfffffffd, 0xffffffff},
                F::Version::kThree,
                F::LockTime::kHeight,
                F::kReplaceable | F::kFinal},
           Case{-1,
                kHeight,
                {0x80000000},
                F::Version::kOther,
                F::LockTime::kHeight,
                F::kOtherSequence},
           Case{1, 499'999'999, {10}, F::Version::kOne, F::LockTime::kHeight, F::kOtherSequence},
           Case{2, 500'000'000, {10}, F::Version::kTwo, F::LockTime::kTime, F::kRelative},
           Case{0, 0, {0}, F::Version::kOther, F::LockTime::kNone, F::kOtherSequence},
       }) {
    const Transaction tx = MadeTransaction(c.version, c.lock_time, c.sequences);
    Fingerprint f = FingerprintOf(tx);
    EXPECT_EQ(f.lock_time, F::LockTime::kNone);
    f.lock_time = LockTimeOf(tx, kHeight);
    EXPECT_EQ(f.version, c.wanted_version);
    EXPECT_EQ(f.lock_time, c.wanted_lock_time);
    EXPECT_EQ(f.sequences, c.wanted_sequences);
    EXPECT_FALSE(f.ecdsa || f.high_r);
    EXPECT_EQ(Fingerprint::FromCode(f.Code()), f);
  }
  Transaction coinbase = MadeTransaction(2, 7, {0xffffffff});
  coinbase.inputs[0].prevout = OutPoint::Null();
  EXPECT_EQ(FingerprintOf(coinbase), Fingerprint());
  EXPECT_EQ(LockTimeOf(coinbase, 8), Fingerprint::LockTime::kNone);
}

TEST(Fingerprint, FindsSignaturesWhereverTheyAre) {
  const MadeInput low = Make({kLowR, kGenerator}, {});
  const MadeInput low_witness = Make({}, {kLowR, kGenerator});
  const MadeInput high_nested =
      Make({"0014751e76e8199196d454941c45d1b3a323f1433bd6"}, {kHighR, kGenerator});
  const MadeInput schnorr = Make({}, {std::string(128, 'a')});
  const auto tell = [](const std::vector<TxIn>& inputs) {
    Transaction tx;
    tx.inputs = inputs;
    const Fingerprint f = FingerprintOf(tx);
    return (f.ecdsa ? 1 : 0) + (f.high_r ? 2 : 0);
  };
  EXPECT_EQ(tell({schnorr.in()}), 0);
  EXPECT_EQ(tell({low.in()}), 1);
  EXPECT_EQ(tell({low_witness.in(), schnorr.in()}), 1);
  EXPECT_EQ(tell({low.in(), high_nested.in()}), 3);
}

TEST(Fingerprint, EveryCodeIsOneOrNone) {
  for (uint32_t code = 0; code < 5000; ++code) {
    const std::optional<Fingerprint> f = Fingerprint::FromCode(code);
    if (f.has_value()) {
      EXPECT_EQ(f->Code(), code);
      EXPECT_FALSE(ToText(*f).empty());
    } else {
      EXPECT_TRUE(code > Fingerprint::kMostCode || (code >> 9 & 3) == 2) << code;
    }
  }
}

}  // namespace
}  // namespace spoor::bitcoin
