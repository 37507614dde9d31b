#include "spoor/chain/script.h"

#include <string>

#include "absl/hash/hash_testing.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/chain/digest.h"
#include "tests/chain/random_scripts.h"

namespace spoor {
namespace {

Bytes Hex(absl::string_view hex) { return FromHex(hex).value(); }

// The key of the genesis block's output.
constexpr char kGenesisKey[] =
    "04678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51e"
    "c112de5c384df7ba0b8d578a4c702b6bf11d5f";
constexpr char kG[] = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
constexpr char kHash20[] = "751e76e8199196d454941c45d1b3a323f1433bd6";
constexpr char kHash32[] = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

TEST(ClassifyScript, KnowsTheStandardForms) {
  struct Case {
    const char* name;
    std::string script;
    ScriptKind kind;
    std::string payload;
  };
  const std::string one_of_one = absl::StrCat("5121", kG, "51ae");
  for (const Case& c : {
           Case{"P2PK, the genesis output", absl::StrCat("41", kGenesisKey, "ac"),
                ScriptKind::kP2pk, kGenesisKey},
           Case{"P2PK, compressed", absl::StrCat("21", kG, "ac"), ScriptKind::kP2pk, kG},
           Case{"P2PKH", absl::StrCat("76a914", kHash20, "88ac"), ScriptKind::kP2pkh, kHash20},
           Case{"P2SH", absl::StrCat("a914", kHash20, "87"), ScriptKind::kP2sh, kHash20},
           Case{"P2WPKH", absl::StrCat("0014", kHash20), ScriptKind::kP2wpkh, kHash20},
           Case{"P2WSH", absl::StrCat("0020", kHash32), ScriptKind::kP2wsh, kHash32},
           Case{"P2TR", absl::StrCat("5120", kHash32), ScriptKind::kP2tr, kHash32},
           Case{"P2A", "51024e73", ScriptKind::kWitness, "014e73"},
           Case{"version 16", "6002751e", ScriptKind::kWitness, "10751e"},
           Case{"version 0 of an odd length", "0002751e", ScriptKind::kWitness, "00751e"},
           Case{"version 2 of 32 bytes", absl::StrCat("5220", kHash32), ScriptKind::kWitness,
                absl::StrCat("02", kHash32)},
           Case{"1-of-1", one_of_one, ScriptKind::kMultisig, one_of_one},
           Case{"OP_RETURN", "6a", ScriptKind::kUnspendable, ""},
           Case{"OP_RETURN with data", "6a0461626364", ScriptKind::kUnspendable, ""},
       }) {
    SCOPED_TRACE(c.name);
    const Bytes script = Hex(c.script);
    const ScriptId id = ClassifyScript(script);
    EXPECT_EQ(id.kind, c.kind);
    EXPECT_EQ(ToHex(id.payload), c.payload);
    const auto back = ScriptFromId(id);
    if (c.kind == ScriptKind::kUnspendable) {
      EXPECT_FALSE(back.has_value());
    } else {
      ASSERT_TRUE(back.has_value());
      EXPECT_EQ(ToHex(*back), c.script);
    }
  }
}

TEST(ClassifyScript, KnowsWhatOnlyLooksStandard) {
  struct Case {
    const char* name;
    std::string script;
  };
  for (const Case& c : {
           Case{"empty", ""},
           Case{"OP_TRUE", "51"},
           Case{"P2PK with a compressed prefix on 65 bytes",
                absl::StrCat("4102", std::string(128, '0'), "ac")},
           Case{"P2PK with prefix 05", absl::StrCat("2105", std::string(64, '0'), "ac")},
           Case{"P2PK with a byte after it", absl::StrCat("21", kG, "ac00")},
           Case{"P2PKH with OP_EQUAL", absl::StrCat("76a914", kHash20, "87ac")},
           Case{"P2PKH with OP_PUSHDATA1", absl::StrCat("76a94c14", kHash20, "88ac")},
           Case{"P2SH of 19 bytes", absl::StrCat("a913", std::string(kHash20).substr(2), "87")},
           Case{"HASH256 for HASH160", absl::StrCat("aa14", kHash20, "87")},
           Case{"a witness program of one byte", "510175"},
           Case{"a witness program of 41 bytes", absl::StrCat("5129", std::string(82, 'a'))},
           Case{"a witness program cut short", "5103751e"},
           Case{"OP_1NEGATE for a version", "4f02751e"},
           Case{"OP_NOP for a version", "6102751e"},
           Case{"OP_RETURN not in front", "516a"},
       }) {
    SCOPED_TRACE(c.name);
    const Bytes script = Hex(c.script);
    const ScriptId id = ClassifyScript(script);
    EXPECT_EQ(id.kind, ScriptKind::kOther);
    EXPECT_EQ(ToHex(id.payload), ToHex(Sha256(script)));
    EXPECT_FALSE(ScriptFromId(id).has_value());
  }
}

TEST(ClassifyScript, BoundsSpendableScriptsAt10000Bytes) {
  EXPECT_EQ(ClassifyScript(Bytes(10'000, 0x51)).kind, ScriptKind::kOther);
  EXPECT_EQ(ClassifyScript(Bytes(10'001, 0x51)).kind, ScriptKind::kUnspendable);
}

TEST(ClassifyScript, IsUndoneWhereTheScriptIsKept) {
  // Every first byte, with every length that some form has, and a second byte that fits it or not.
  for (size_t size = 1; size <= 70; ++size) {
    for (int first = 0; first < 256; ++first) {
      for (size_t second : {size - 2, size_t{20}, size_t{2}}) {
        for (int last : {0x87, 0xac, 0xae}) {
          Bytes script(size, 0x03);
          script.back() = static_cast<uint8_t>(last);
          if (size > 1) script[1] = static_cast<uint8_t>(second);
          script[0] = static_cast<uint8_t>(first);
          const ScriptId id = ClassifyScript(script);
          const auto back = ScriptFromId(id);
          if (back.has_value()) {
            ASSERT_EQ(*back, script) << ToHex(script);
          } else if (id.kind == ScriptKind::kOther) {
            ASSERT_EQ(ToHex(id.payload), ToHex(Sha256(script)));
          } else {
            ASSERT_EQ(id, (ScriptId{ScriptKind::kUnspendable, {}}));
          }
        }
      }
    }
  }
}

TEST(ScriptFromId, IsUndoneByClassify) {
  std::mt19937_64 rng(/*seed=*/340);
  std::vector<ScriptId> ids;
  for (int i = 0; i < 5'000; ++i) {
    const ScriptId id = RandomScriptId(rng);
    const auto script = ScriptFromId(id);
    ASSERT_EQ(script.has_value(),
              id.kind != ScriptKind::kOther && id.kind != ScriptKind::kUnspendable);
    if (script.has_value()) {
      ASSERT_EQ(ClassifyScript(*script), id) << ToHex(*script);
    }
    if (i < 50) ids.push_back(id);
  }
  EXPECT_TRUE(absl::VerifyTypeImplementsAbslHashCorrectly(ids, std::equal_to<ScriptId>()));
}

TEST(IsValid, HoldsForEveryIdOfThisLayer) {
  std::mt19937_64 rng(/*seed=*/7);
  for (int i = 0; i < 2'000; ++i) {
    const ScriptId id = RandomScriptId(rng);
    EXPECT_TRUE(IsValid(id)) << static_cast<int>(id.kind) << " " << ToHex(id.payload);
  }
}

TEST(IsValid, RefusesPayloadsThatTheKindCannotHave) {
  struct Case {
    const char* name;
    int kind;
    std::string payload;
  };
  for (const Case& c : {
           Case{"kind 0", 0, kHash20},
           Case{"kind 11", 11, kHash20},
           Case{"kind 255", 255, ""},
           Case{"P2PK, empty", 1, ""},
           Case{"P2PK, prefix 05", 1, absl::StrCat("05", kHash32)},
           Case{"P2PKH, 32 bytes", 2, kHash32},
           Case{"P2SH, empty", 3, ""},
           Case{"P2WPKH, 32 bytes", 4, kHash32},
           Case{"P2WSH, 20 bytes", 5, kHash20},
           Case{"P2TR, 20 bytes", 6, kHash20},
           Case{"witness, empty", 7, ""},
           Case{"witness, version alone", 7, "02"},
           Case{"witness, one byte", 7, "0203"},
           Case{"witness, 41 bytes", 7, absl::StrCat("02", std::string(82, 'a'))},
           Case{"witness, version 17", 7, "114e73"},
           Case{"witness, version 255", 7, "ff4e73"},
           Case{"witness that is P2WPKH", 7, absl::StrCat("00", kHash20)},
           Case{"witness that is P2TR", 7, absl::StrCat("01", kHash32)},
           Case{"multisig, empty", 8, ""},
           Case{"multisig that is P2WPKH", 8, absl::StrCat("0014", kHash20)},
           Case{"other, 20 bytes", 9, kHash20},
           Case{"unspendable with a payload", 10, "6a"},
       }) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(IsValid({static_cast<ScriptKind>(c.kind), Hex(c.payload)}));
  }
}

TEST(ParseMultisig, TakesEveryMOfN) {
  std::mt19937_64 rng(/*seed=*/11);
  for (size_t keys = 1; keys <= 20; ++keys) {
    for (size_t required = 1; required <= keys; ++required) {
      SCOPED_TRACE(::testing::Message() << required << " of " << keys);
      const Bytes script = RandomMultisig(rng, required, keys);
      const auto parsed = ParseMultisig(script);
      ASSERT_TRUE(parsed.has_value()) << ToHex(script);
      EXPECT_EQ(parsed->required, static_cast<int>(required));
      ASSERT_EQ(parsed->public_keys.size(), keys);
      size_t offset = required > 16 ? 2 : 1;
      for (const ByteSpan key : parsed->public_keys) {
        EXPECT_EQ(key.data(), script.data() + offset + 1);
        EXPECT_EQ(key.size(), script[offset]);
        offset += 1 + key.size();
      }
    }
  }
}

TEST(ParseMultisig, RefusesEveryPrefixAndWhatFollows) {
  std::mt19937_64 rng(/*seed=*/12);
  Bytes script = RandomMultisig(rng, 2, 3);
  for (size_t n = 0; n < script.size(); ++n) {
    EXPECT_FALSE(ParseMultisig(ByteSpan(script).first(n)).has_value()) << n;
  }
  script.push_back(0xae);
  EXPECT_FALSE(ParseMultisig(script).has_value());
}

TEST(ParseMultisig, RefusesWhatOnlyLooksLikeIt) {
  const std::string key = absl::StrCat("21", kG);
  std::string sixteen;
  for (int i = 0; i < 16; ++i) absl::StrAppend(&sixteen, key);
  const std::string twenty_one = absl::StrCat(sixteen, key, key, key, key, key);
  struct Case {
    const char* name;
    std::string script;
  };
  for (const Case& c : {
           Case{"none of one", absl::StrCat("00", key, "51ae")},
           Case{"none of none", "0000ae"},
           Case{"one of none", "5100ae"},
           Case{"three of two", absl::StrCat("53", key, key, "52ae")},
           Case{"fewer keys than it says", absl::StrCat("51", key, "52ae")},
           Case{"more keys than it says", absl::StrCat("51", key, key, "51ae")},
           Case{"a key with prefix 05", absl::StrCat("5121", "05", std::string(64, 'a'), "51ae")},
           Case{"a key of 33 bytes with prefix 04",
                absl::StrCat("5121", "04", std::string(64, 'a'), "51ae")},
           Case{"a key of 32 bytes", absl::StrCat("5120", std::string(64, 'a'), "51ae")},
           Case{"OP_CHECKSIG", absl::StrCat("51", key, "51ac")},
           Case{"21 keys", absl::StrCat("51", twenty_one, "0115ae")},
           Case{"16 pushed as data", absl::StrCat("51", sixteen, "0110ae")},
           Case{"the operator alone", "ae"},
       }) {
    SCOPED_TRACE(c.name);
    EXPECT_FALSE(ParseMultisig(Hex(c.script)).has_value());
  }
}

}  // namespace
}  // namespace spoor
