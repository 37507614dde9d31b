#include "spoor/chain/address.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/chain/random_scripts.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

Bytes Hex(absl::string_view hex) { return FromHex(hex).value(); }
ScriptId IdOf(absl::string_view script) { return ClassifyScript(Hex(script)); }

struct Address {
  NetworkId network;
  const char* text;
  const char* script;
};

// Written by others: Bitcoin Core's and Litecoin Core's key_io_valid.json, BIP 86, BIP 350, wallets
// of both nodes, and addresses known to everybody.
const Address kAddresses[] = {
    // The address of the genesis block's key, and two that nobody holds.
    {NetworkId::kMain, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
     "76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac"},
    {NetworkId::kMain, "1111111111111111111114oLvT2",
     "76a914000000000000000000000000000000000000000088ac"},
    {NetworkId::kMain, "1BitcoinEaterAddressDontSendf59kuE",
     "76a914759d6677091e973b9e9d99f19c68fbf43e3f05f988ac"},
    {NetworkId::kMain, "1FsSia9rv4NeEwvJ2GvXrX7LyxYspbN2mo",
     "76a914a31c06bd463e3923bc1aadbde48b16976c08071788ac"},
    {NetworkId::kMain, "36j4NfKv6Akva9amjWrLG6MuSQym1GuEmm",
     "a914373b819a068f32b7a6b38b6b38729647cfde01c287"},
    {NetworkId::kMain, "bc1qvyq0cc6rahyvsazfdje0twl7ez82ndmuac2lhv",
     "00146100fc6343edc8c874496cb2f5bbfec88ea9b77c"},
    {NetworkId::kMain, "bc1qyucykdlhp62tezs0hagqury402qwhk589q80tqs5myh3rxq34nwqhkdhv7",
     "002027304b37f70e94bc8a0fbf500e0c957a80ebda87280ef58214d92f119811acdc"},
    {NetworkId::kMain, "bc1p83n3au0rjylefxq2nc2xh2y4jzz4pm6zxj4mw5pagdjjr2a9f36s6jjnnu",
     "51203c671ef1e3913f94980a9e146ba895908550ef4234abb7503d436521aba54c75"},
    {NetworkId::kMain, "bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr",
     "5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c"},
    {NetworkId::kMain, "bc1z2rksukkjr8", "520250ed"},
    {NetworkId::kMain, "bc1pfeessrawgf", "51024e73"},
    {NetworkId::kMain, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
     "0014751e76e8199196d454941c45d1b3a323f1433bd6"},
    {NetworkId::kMain, "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
     "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6"},
    {NetworkId::kMain, "bc1sw50qgdz25j", "6002751e"},
    {NetworkId::kMain, "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
     "5210751e76e8199196d454941c45d1b3a323"},
    {NetworkId::kMain, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
     "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"},
    {NetworkId::kTest, "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
     "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262"},
    {NetworkId::kTest, "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
     "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433"},
    {NetworkId::kTest, "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
     "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433"},
    {NetworkId::kTest, "tb1pfees9rn5nz", "51024e73"},
    {NetworkId::kTestnet4, "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
     "76a914ce28b26c57472737f5c3561a1761185bd8589a4388ac"},
    {NetworkId::kTestnet4, "2NC2hEhe28ULKAJkW5MjZ3jtTMJdvXmByvK",
     "a914ce0bba75891ff9ec60148d4bd4a09ee2dc5c933187"},
    {NetworkId::kTestnet4, "tb1rgv5m6uvdk3kc7qsuz0c79v88ycr5w4wa",
     "53104329bd718db46d8f021c13f1e2b0e726"},
    {NetworkId::kSignet, "mww4LvqtTMKvmeQvizPz2EQv26xTneWrbg",
     "76a914b4110ba93ac54afc14da3bdd19614774a2d55d2988ac"},
    {NetworkId::kSignet, "2N1r7aC69VHeE7yQJPDLi9T1PYq4wnwvjuT",
     "a9145e5a35ab44b3efaea5129ba22b88ba3e2976614587"},
    {NetworkId::kSignet, "tb1pae5um27ahn8n73pgexe3kcwlp8dhswpn684h2k2w6t9a7w3eq65qephd5y",
     "5120ee69cdabddbccf3f4428c9b31b61df09db783833d1eb75594ed2cbdf3a3906a8"},
    {NetworkId::kRegtest, "n4fajahJrAuKbN7uNsKjLjQkz9Qn5ewJXQ",
     "76a914fdeca3b08e38af53d7c4c60e3ad208ce5066441088ac"},
    {NetworkId::kRegtest, "2MxFajLApXpYk4VodBSZSt7rw8y4ryABkfA",
     "a91436e9f191e0b75036a77f65e2eaa4752443233fbe87"},
    {NetworkId::kRegtest, "bcrt1qdavt4j2sd7dlhqsavtnfxvzppw6k7qy97tmnu9",
     "00146f58bac9506f9bfb821d62e69330410bb56f0085"},
    {NetworkId::kRegtest,
     "bcrt1sx6p8njlx7h9mc2agz4yg82dzne23050ncq72cneeecez2pst8mahn8xecsf8g6hzx94420",
     "6028368279cbe6f5cbbc2ba8154883a9a29e5517d1f3c03cac4f39ce3225060b3efb799cd9c412746ae2"},
    {NetworkId::kLitecoin, "LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA",
     "76a914558dbca7118cd5894502767c7b2ffc21a22f54db88ac"},
    {NetworkId::kLitecoin, "MHrYRxAiMNBTku3eoDHwhA1LQGDjUStZW2",
     "a9146d328a5b2a20d943a641c8d29b6cc3c2d2df85d387"},
    {NetworkId::kLitecoin, "ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9",
     "0014751e76e8199196d454941c45d1b3a323f1433bd6"},
    {NetworkId::kLitecoin, "ltc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxq4arnzx",
     "5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c"},
    {NetworkId::kLitecoinRegtest, "mt3o5ueiJm2dXjVDBZkLVV1H5DiUNPFLNf",
     "76a9148976b772ec5ad2e8681f7467a93d1af8bee389e888ac"},
    {NetworkId::kLitecoinRegtest, "QSf2VTgXsEeGBzvwLwDLB2nUnjbSqKpqH7",
     "a9144263fdb694f907a4ea81606d067986d855cfc9e687"},
    {NetworkId::kLitecoinRegtest, "rltc1qy9dkgxpe3c88hf07dte73c402tr0ahny3pjpjk",
     "0014215b6418398e0e7ba5fe6af3e8e2af52c6fede64"},
    {NetworkId::kLitecoinRegtest,
     "rltc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqytm4cm",
     "5120a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c"},
};

TEST(Address, MatchesTheScriptThatOthersGiveIt) {
  for (const Address& a : kAddresses) {
    SCOPED_TRACE(a.text);
    const Network& network = GetNetwork(a.network);
    const auto id = DecodeAddress(network, a.text);
    ASSERT_TRUE(id.ok()) << id.status();
    EXPECT_EQ(*id, IdOf(a.script));
    EXPECT_EQ(EncodeAddress(network, IdOf(a.script)), a.text);
    if (absl::StrContains(a.text, absl::StrCat(network.bech32_hrp, "1"))) {
      EXPECT_EQ(DecodeAddress(network, absl::AsciiStrToUpper(a.text)).value(), *id);
    }
  }
}

TEST(Address, PayToAnchorIsAWitnessProgram) {
  const auto id = DecodeAddress(GetNetwork(NetworkId::kMain), "bc1pfeessrawgf");
  ASSERT_TRUE(id.ok()) << id.status();
  EXPECT_EQ(id->kind, ScriptKind::kWitness);
}

TEST(Address, OldScriptPrefixesAreReadAndWrittenAnew) {
  struct Case {
    NetworkId network;
    const char* old_text;
    const char* text;
  };
  // Two pairs as litecoind's validateaddress gives them.
  for (const Case& c : {Case{NetworkId::kLitecoin, "3CK4fEwbMP7heJarmU4eqA3sMbVJyEnU3V",
                             "MJXCy8MZJVy8SorksM3zeoJGgJ5m2itsWw"},
                        Case{NetworkId::kLitecoinRegtest, "2N9hLwkSqr1cPQAPxbrGVUjxyjD11G2e1he",
                             "Qd474mK5s7fUYMA1DxJWZSQQsbSq6maeug"}}) {
    SCOPED_TRACE(c.old_text);
    const Network& network = GetNetwork(c.network);
    const auto id = DecodeAddress(network, c.old_text);
    ASSERT_TRUE(id.ok()) << id.status();
    EXPECT_EQ(id->kind, ScriptKind::kP2sh);
    EXPECT_EQ(EncodeAddress(network, *id), c.text);
    EXPECT_EQ(DecodeAddress(network, c.text).value(), *id);
  }
}

TEST(Address, IsRefusedWithItsReason) {
  struct Case {
    NetworkId network;
    std::string text;
    const char* message;
  };
  for (const Case& c : {
           Case{NetworkId::kMain, "", "empty"},
           // Base 58.
           Case{NetworkId::kMain, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "checksum"},
           Case{NetworkId::kMain, "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf0a", "character 32 is '0'"},
           Case{NetworkId::kMain, " 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "character 0 is ' '"},
           Case{NetworkId::kMain, "1", "wanted a version and a checksum"},
           Case{NetworkId::kMain, std::string(201, '1'), "201 characters"},
           Case{NetworkId::kMain, "mzK2FFDEhxqHcmrJw1ysqFkVyhUULo45hZ",
                "version byte 111 (test, testnet4, signet, regtest, litecoin-regtest), wanted one "
                "of network main"},
           Case{NetworkId::kRegtest, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "version byte 0 (main)"},
           Case{NetworkId::kMain, "LT2KVaAy1ppRuxRgrS5RNU3vBsy7RibPeA",
                "version byte 48 (litecoin)"},
           Case{NetworkId::kMain, "DH5yaieqoZN36fDVciNyRueRGvGLR3mr7L",  // Dogecoin
                "no known network"},
           Case{NetworkId::kMain, "5JuW2AMDYu4xVwRG9DZW18VbzQrGcd5RCgb99sS6ehJsNQXu5b9",
                "32 bytes, wanted the 20"},
           // Of another network.
           Case{NetworkId::kTest, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
                "prefix \"bc\", wanted \"tb\" for network test"},
           Case{NetworkId::kMain, "tc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq5zuyut",
                "prefix \"tc\""},
           Case{NetworkId::kLitecoin, "rltc1qy9dkgxpe3c88hf07dte73c402tr0ahny3pjpjk",
                "prefix \"rltc\", wanted \"ltc\""},
           // BIP 350's list.
           Case{NetworkId::kMain, "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd",
                "version 1 with the checksum of bech32, wanted bech32m"},
           Case{NetworkId::kTest, "tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf",
                "version 2 with the checksum of bech32, wanted bech32m"},
           Case{NetworkId::kMain, "BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
                "version 16 with the checksum of bech32, wanted bech32m"},
           Case{NetworkId::kMain, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh",
                "version 0 with the checksum of bech32m, wanted bech32"},
           Case{NetworkId::kTest, "tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47",
                "version 0 with the checksum of bech32m, wanted bech32"},
           Case{NetworkId::kMain, "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4",
                "character 59 is 'o'"},
           Case{NetworkId::kMain, "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
                "witness version 17"},
           Case{NetworkId::kMain, "bc1pw5dgrnzv", "program of 1 bytes"},
           Case{NetworkId::kMain,
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav",
                "program of 41 bytes"},
           Case{NetworkId::kMain, "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
                "program of 16 bytes for version 0, wanted 20 or 32"},
           Case{NetworkId::kTest, "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
                "mixed case"},
           Case{NetworkId::kMain,
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", "whole byte"},
           Case{NetworkId::kTest, "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j",
                "whole byte"},
           Case{NetworkId::kMain, "bc1gmk9yu", "without data"},
           // More of bech32.
           Case{NetworkId::kMain, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "checksum"},
           Case{NetworkId::kMain, "bc1q", "at least six characters"},
           Case{NetworkId::kMain, absl::StrCat("bc1", std::string(88, 'q')), "91 characters"},
       }) {
    SCOPED_TRACE(c.text);
    const auto id = DecodeAddress(GetNetwork(c.network), c.text);
    EXPECT_EQ(id.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(id.status().message()), HasSubstr(c.message));
  }
}

TEST(Address, RefusesEveryPrefixAndEveryChangedCharacter) {
  for (const Address& a : kAddresses) {
    SCOPED_TRACE(a.text);
    const Network& network = GetNetwork(a.network);
    const std::string good = a.text;
    for (size_t i = 0; i < good.size(); ++i) {
      EXPECT_FALSE(DecodeAddress(network, good.substr(0, i)).ok()) << i;
      for (const char c : {'q', 'p', '2', '0', 'A', ' ', '\0', '\xff'}) {
        if (c == good[i]) continue;
        std::string changed = good;
        changed[i] = c;
        EXPECT_FALSE(DecodeAddress(network, changed).ok()) << changed;
      }
    }
  }
}

TEST(Address, RoundTripsOnEveryNetworkAndNoneOfAnotherPrefix) {
  std::mt19937_64 rng(/*seed=*/173);
  for (int i = 0; i < 2'000; ++i) {
    const ScriptId id = RandomScriptId(rng);
    for (const Network* network : AllNetworks()) {
      SCOPED_TRACE(network->name);
      const auto text = EncodeAddress(*network, id);
      if (!text.has_value()) continue;
      const auto back = DecodeAddress(*network, *text);
      ASSERT_TRUE(back.ok()) << *text << ": " << back.status();
      ASSERT_EQ(*back, id) << *text;
      for (const Network* other : AllNetworks()) {
        const bool shared =
            id.kind == ScriptKind::kP2pkh  ? network->pubkey_prefix == other->pubkey_prefix
            : id.kind == ScriptKind::kP2sh ? network->script_prefix == other->script_prefix ||
                                                 network->script_prefix == other->old_script_prefix
                                           : network->bech32_hrp == other->bech32_hrp;
        ASSERT_EQ(DecodeAddress(*other, *text).ok(), shared) << *text << " on " << other->name;
      }
    }
  }
}

TEST(Address, OnlySomeKindsHaveOne) {
  std::mt19937_64 rng(/*seed=*/174);
  const Network& network = GetNetwork(NetworkId::kMain);
  for (int i = 0; i < 1'000; ++i) {
    const ScriptId id = RandomScriptId(rng);
    const bool has_address = (id.kind >= ScriptKind::kP2pkh && id.kind <= ScriptKind::kP2tr) ||
                             (id.kind == ScriptKind::kWitness && id.payload[0] != 0);
    EXPECT_EQ(EncodeAddress(network, id).has_value(), has_address) << ScriptText(network, id);
  }
}

TEST(ScriptText, NamesEveryScript) {
  const Network& network = GetNetwork(NetworkId::kMain);
  const std::string g = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
  struct Case {
    std::string script;
    std::string text;
  };
  for (const Case& c : {
           Case{absl::StrCat("21", g, "ac"), absl::StrCat("pk(", g, ")")},
           Case{absl::StrCat("5121", g, "51ae"), absl::StrCat("raw(5121", g, "51ae)")},
           Case{"0002751e", "raw(0002751e)"},
           Case{"51", "script:4ae81572f06e1b88fd5ced7a1a000945432e83e1551e6f721ee9c00b8cc33260"},
           Case{"6a0461626364", "unspendable"},
           Case{"51024e73", "bc1pfeessrawgf"},
       }) {
    SCOPED_TRACE(c.script);
    EXPECT_EQ(ScriptText(network, IdOf(c.script)), c.text);
  }
}

TEST(ScriptText, RoundTripsForAllButUnspendable) {
  std::mt19937_64 rng(/*seed=*/380);
  for (int i = 0; i < 2'000; ++i) {
    const ScriptId id = RandomScriptId(rng);
    const Network& network = *AllNetworks()[rng() % AllNetworks().size()];
    const std::string text = ScriptText(network, id);
    SCOPED_TRACE(text);
    const auto back = ScriptFromText(network, text);
    if (id.kind == ScriptKind::kUnspendable) {
      EXPECT_EQ(back.status().code(), absl::StatusCode::kInvalidArgument);
    } else {
      ASSERT_TRUE(back.ok()) << back.status();
      EXPECT_EQ(*back, id);
    }
  }
}

TEST(ScriptFromText, TakesAnyScriptAsRaw) {
  const Network& network = GetNetwork(NetworkId::kMain);
  for (const Address& a : kAddresses) {
    EXPECT_EQ(ScriptFromText(network, absl::StrCat("raw(", a.script, ")")).value(), IdOf(a.script));
  }
  EXPECT_EQ(ScriptFromText(network, "raw(51)").value(), IdOf("51"));
}

TEST(ScriptFromText, IsRefusedWithItsReason) {
  const Network& network = GetNetwork(NetworkId::kMain);
  const std::string x(64, 'a');
  struct Case {
    const char* name;
    std::string text;
    const char* message;
  };
  for (const Case& c : {
           Case{"no key", "pk()", "0 bytes"},
           Case{"x-only key", absl::StrCat("pk(", x, ")"), "32 bytes"},
           Case{"prefix 05", absl::StrCat("pk(05", x, ")"), "wanted a public key"},
           Case{"a key as long as a script", absl::StrCat("pk(", std::string(20'002, '0'), ")"),
                "10001 bytes"},
           Case{"no hex", "pk(xyz0)", "digit 0"},
           Case{"not closed", absl::StrCat("pk(02", x), "base58 does not use"},
           Case{"odd raw", "raw(515)", "3 digits"},
           Case{"OP_RETURN", "raw(6a)", "nobody can spend"},
           Case{"short hash", "script:aa", "1 bytes, wanted 32"},
           Case{"unspendable", "unspendable", "base58 does not use"},
           Case{"no address", "bc1q", "at least six characters"},
       }) {
    SCOPED_TRACE(c.name);
    const auto id = ScriptFromText(network, c.text);
    EXPECT_EQ(id.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(id.status().message()), HasSubstr(c.message));
  }
}

TEST(Base58Check, MatchesBitcoinCore) {
  struct Case {
    uint8_t version;
    const char* payload;
    const char* text;
  };
  // Secret keys of key_io_valid.json: longer payloads than those of addresses.
  for (const Case& c : {
           Case{128, "8f8943bf956de595665c38ffff23827e17c10cdc1c27a028caae6c9810626198",
                "5JuW2AMDYu4xVwRG9DZW18VbzQrGcd5RCgb99sS6ehJsNQXu5b9"},
           Case{128, "ff778740f88ddcf102aeb81daee289c044c4a4571c4b6f287400f4b8e0b843f801",
                "L5nJeqKmpHp4P7F8ZYyjwc5a7P4d8EabuGAzfGJk7yC1BJyzNaEd"},
           Case{239, "80c32d81e91bdea04cd7a3819b32275fc3298af4c7ec87eb0099527d041ced5c",
                "92ZdE5HoLafywnTBbzPxbvRmp75pSfzvdU3XaZGh1cToipgdHVh"},
       }) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(EncodeBase58Check(c.version, Hex(c.payload)), c.text);
    Bytes expected = {c.version};
    AppendBytes(Hex(c.payload), &expected);
    EXPECT_EQ(DecodeBase58Check(c.text).value(), expected);
  }
}

TEST(Base58Check, RoundTripsAtEverySize) {
  std::mt19937_64 rng(/*seed=*/58);
  for (size_t size = 0; size <= 140; ++size) {
    SCOPED_TRACE(size);
    Bytes payload = RandomBytes(rng, size);
    for (size_t i = 0; i < std::min<size_t>(size, rng() % 4); ++i) payload[i] = 0;
    const auto version = static_cast<uint8_t>(rng() % 3);
    Bytes expected = {version};
    AppendBytes(payload, &expected);
    const auto decoded = DecodeBase58Check(EncodeBase58Check(version, payload));
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, expected);
  }
}

}  // namespace
}  // namespace spoor
