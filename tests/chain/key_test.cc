#include "spoor/chain/key.h"

#include <algorithm>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

Bytes Hex(absl::string_view hex) { return FromHex(hex).value(); }

template <typename Array = Digest256>
Array ArrayOf(absl::string_view hex) {
  const Bytes bytes = Hex(hex);
  Array out;
  SPOOR_CHECK(bytes.size() == out.size());
  std::copy(bytes.begin(), bytes.end(), out.begin());
  return out;
}

SecretKey SecretOf(absl::string_view hex) { return SecretKey::FromBytes(ArrayOf(hex)).value(); }

// The generator of the group, which is the public key of the secret 1.
constexpr char kGx[] = "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";
constexpr char kGy[] = "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
constexpr char kOne[] = "0000000000000000000000000000000000000000000000000000000000000001";
constexpr char kOrderLessOne[] = "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140";

TEST(PublicKey, ReadsEveryForm) {
  struct Case {
    const char* name;
    std::string sec1;
  };
  for (const Case& c : {Case{"compressed", absl::StrCat("02", kGx)},
                        Case{"uncompressed", absl::StrCat("04", kGx, kGy)},
                        Case{"hybrid", absl::StrCat("06", kGx, kGy)}}) {
    SCOPED_TRACE(c.name);
    const auto key = PublicKey::Parse(Hex(c.sec1));
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(ToHex(key->Compressed()), absl::StrCat("02", kGx));
    EXPECT_EQ(ToHex(key->Uncompressed()), absl::StrCat("04", kGx, kGy));
    EXPECT_EQ(ToHex(key->XOnly()), kGx);
    EXPECT_EQ(*key, SecretOf(kOne).GetPublicKey());
  }
  const PublicKey negative = PublicKey::Parse(Hex(absl::StrCat("03", kGx))).value();
  EXPECT_EQ(negative, SecretOf(kOrderLessOne).GetPublicKey());
  EXPECT_FALSE(negative == SecretOf(kOne).GetPublicKey());
  EXPECT_EQ(ToHex(negative.XOnly()), kGx);
}

TEST(PublicKey, RefusesWhatIsNoPoint) {
  struct Case {
    const char* name;
    std::string sec1;
  };
  for (const Case& c : {
           Case{"empty", ""},
           Case{"infinity", "00"},
           Case{"x-only", kGx},
           Case{"cut short", absl::StrCat("02", std::string(kGx).substr(2))},
           Case{"a byte long", absl::StrCat("02", kGx, "00")},
           Case{"prefix 05", absl::StrCat("05", kGx)},
           Case{"prefix 02 on 65 bytes", absl::StrCat("02", kGx, kGy)},
           Case{"hybrid of the wrong sign", absl::StrCat("07", kGx, kGy)},
           Case{"y of another point", absl::StrCat("04", kGx, kGx)},
           // BIP 340, vector 5.
           Case{"x not on the curve",
                "02eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34"},
           // BIP 340, vector 14.
           Case{"x above the field",
                "02fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc30"},
       }) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(PublicKey::Parse(Hex(c.sec1)).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(PublicKey, RefusesEveryPrefix) {
  const Bytes good = Hex(absl::StrCat("04", kGx, kGy));
  for (size_t n = 0; n < good.size(); ++n) {
    SCOPED_TRACE(n);
    EXPECT_FALSE(PublicKey::Parse(ByteSpan(good).first(n)).ok());
  }
}

TEST(PublicKey, TaprootOutputKeyIsThatOfBip86) {
  struct Case {
    const char* internal;
    const char* output;
  };
  for (const Case& c : {
           Case{"cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115",
                "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c"},
           Case{"83dfe85a3151d2517290da461fe2815591ef69f2b18a2ce63f01697a8b313145",
                "a82f29944d65b86ae6b5e5cc75e294ead6c59391a1edc5e016e3498c67fc7bbb"},
           Case{"399f1b2f4393f29a18c937859c5dd8a77350103157eb880f02e8c08214277cef",
                "882d74e5d0572d5a816cef0041a96b6c1de832f6f9676d9605c44d5e9a97d3dc"},
           // BIP 341, the output without a script tree.
           Case{"d6889cb081036e0faefa3a35157ad71086b123b2b144b649798b494c300a961d",
                "53a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343"},
       }) {
    SCOPED_TRACE(c.internal);
    for (const char* sign : {"02", "03"}) {  // the internal key is x-only
      const auto key = PublicKey::Parse(Hex(absl::StrCat(sign, c.internal)));
      ASSERT_TRUE(key.ok()) << key.status();
      EXPECT_EQ(ToHex(key->TaprootOutputKey()), c.output);
    }
  }
}

TEST(SecretKey, IsBelowTheOrder) {
  EXPECT_TRUE(SecretKey::FromBytes(ArrayOf(kOne)).ok());
  EXPECT_TRUE(SecretKey::FromBytes(ArrayOf(kOrderLessOne)).ok());
  for (const char* hex : {"0000000000000000000000000000000000000000000000000000000000000000",
                          "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141",
                          "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"}) {
    SCOPED_TRACE(hex);
    EXPECT_EQ(SecretKey::FromBytes(ArrayOf(hex)).status().code(),
              absl::StatusCode::kInvalidArgument);
  }
}

// The vectors for deterministic signatures over secp256k1 that Trezor, bitcoinjs and others share.
TEST(SecretKey, SignsEcdsaByRfc6979) {
  struct Case {
    const char* secret;
    const char* message;
    const char* der;
  };
  for (const Case& c :
       {Case{kOne, "Satoshi Nakamoto",
             "3045022100934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8022"
             "02442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5"},
        Case{kOne, "Everything should be made as simple as possible, but not simpler.",
             "3044022033a69cd2065432a30f3d1ce4eb0d59b8ab58c74f27c41a7fdb5696ad4e6108c902206f80"
             "7982866f785d3f6418d24163ddae117b7db4d5fdf0071de069fa54342262"},
        Case{kOne, "All those moments will be lost in time, like tears in rain. Time to die...",
             "30450221008600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b0220547fe"
             "64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21"},
        Case{kOrderLessOne, "Satoshi Nakamoto",
             "3045022100fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d002206b39c"
             "d0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5"}}) {
    SCOPED_TRACE(c.message);
    const SecretKey key = SecretOf(c.secret);
    const Digest256 hash = Sha256(AsBytes(c.message));
    const Bytes signature = key.SignEcdsa(hash);
    EXPECT_EQ(ToHex(signature), c.der);
    EXPECT_TRUE(VerifyEcdsa(key.GetPublicKey(), hash, signature));
  }
}

TEST(VerifyEcdsa, TakesOnlyTheSignatureOfThisKeyAndMessage) {
  const SecretKey key = SecretOf(kOne);
  const Digest256 hash = Sha256(AsBytes("message"));
  const Bytes signature = key.SignEcdsa(hash);
  EXPECT_TRUE(VerifyEcdsa(key.GetPublicKey(), hash, signature));
  EXPECT_FALSE(VerifyEcdsa(SecretOf(kOrderLessOne).GetPublicKey(), hash, signature));
  EXPECT_FALSE(VerifyEcdsa(key.GetPublicKey(), Sha256(AsBytes("another")), signature));
  for (size_t n = 0; n < signature.size(); ++n) {
    EXPECT_FALSE(VerifyEcdsa(key.GetPublicKey(), hash, ByteSpan(signature).first(n))) << n;
  }
}

TEST(VerifyEcdsa, TakesTheHigherS) {
  // n - s of the first vector above: early wallets signed so.
  const Digest256 hash = Sha256(AsBytes("Satoshi Nakamoto"));
  EXPECT_TRUE(VerifyEcdsa(
      SecretOf(kOne).GetPublicKey(), hash,
      Hex("3046022100934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8022100dbbd3162"
          "d46e9f9bef7feb87c16dc13b4f6568a87f4e83f728e2443ba586675c")));
}

TEST(SecretKey, SignsSchnorrByBip340) {
  // Vector 0, whose auxiliary randomness is zero as ours is.
  const SecretKey key =
      SecretOf("0000000000000000000000000000000000000000000000000000000000000003");
  EXPECT_EQ(ToHex(key.GetPublicKey().XOnly()),
            "f9308a019258c31049344f85f89d5229b531c845836f99b08601f113bce036f9");
  EXPECT_EQ(ToHex(key.SignSchnorr(Digest256{}, /*taproot=*/false)),
            "e907831f80848d1069a5371b402410364bdf1c5f8307b0084c55f1ce2dca8215"
            "25f66a4a85ea8b71e482a74f382d2ce5ebeee8fdb2172f477df4900d310536c0");
}

TEST(VerifySchnorr, AgreesWithBip340) {
  constexpr char kKey[] = "dff1d77f2a671c5f36183726db2341be58feae1da2deced843240f7b502ba659";
  constexpr char kMessage[] = "243f6a8885a308d313198a2e03707344a4093822299f31d0082efa98ec4e6c89";
  struct Case {
    const char* name;
    const char* key;
    const char* message;
    const char* signature;
    bool valid;
  };
  for (const Case& c : {
           Case{"1", kKey, kMessage,
                "6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de3341"
                "8906d11ac976abccb20b091292bff4ea897efcb639ea871cfa95f6de339e4b0a",
                true},
           Case{"4", "d69c3509bb99e412e68b0fe8544e72837dfa30746d8be2aa65975f29d22dc7b9",
                "4df3c3f68fcc83b27e9d42c90431a72499f17875c81a599b566c9889b9696703",
                "00000000000000000000003b78ce563f89a0ed9414f5aa28ad0d96d6795f9c63"
                "76afb1548af603b3eb45c9f8207dee1060cb71c04e80f593060b07d28308d7f4",
                true},
           Case{"5: public key not on the curve",
                "eefdea4cdb677750a420fee807eacf21eb9898ae79b9768766e4faa04a2d4a34", kMessage,
                "6cff5c3ba86c69ea4b7376f31a9bcb4f74c1976089b2d9963da2e5543e177769"
                "69e89b4c5564d00349106b8497785dd7d1d713a8ae82b32fa79d5f7fc407d39b",
                false},
           Case{"6: R of the wrong sign", kKey, kMessage,
                "fff97bd5755eeea420453a14355235d382f6472f8568a18b2f057a1460297556"
                "3cc27944640ac607cd107ae10923d9ef7a73c643e166be5ebeafa34b1ac553e2",
                false},
           Case{"7: negated message", kKey, kMessage,
                "1fa62e331edbc21c394792d2ab1100a7b432b013df3f6ff4f99fcb33e0e1515f"
                "28890b3edb6e7189b630448b515ce4f8622a954cfe545735aaea5134fccdb2bd",
                false},
           Case{"8: negated s", kKey, kMessage,
                "6cff5c3ba86c69ea4b7376f31a9bcb4f74c1976089b2d9963da2e5543e177769"
                "961764b3aa9b2ffcb6ef947b6887a226e8d7c93e00c5ed0c1834ff0d0c2e6da6",
                false},
           Case{"cut short", kKey, kMessage,
                "6896bd60eeae296db48a229ff71dfe071bde413e6d43f917dc8dcf8c78de3341", false},
           Case{"empty", kKey, kMessage, "", false},
       }) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(VerifySchnorr(ArrayOf(c.key), ArrayOf(c.message), Hex(c.signature)), c.valid);
  }
}

TEST(SecretKey, SignsForItsTaprootOutput) {
  std::mt19937_64 rng(/*seed=*/86);
  for (int i = 0; i < 20; ++i) {
    SCOPED_TRACE(i);
    Digest256 bytes;
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng());
    const SecretKey key = SecretKey::FromBytes(bytes).value();
    const PublicKey public_key = key.GetPublicKey();
    const Digest256 hash = Sha256(bytes);
    const auto tweaked = key.SignSchnorr(hash, /*taproot=*/true);
    EXPECT_TRUE(VerifySchnorr(public_key.TaprootOutputKey(), hash, tweaked));
    EXPECT_FALSE(VerifySchnorr(public_key.XOnly(), hash, tweaked));
    EXPECT_TRUE(VerifySchnorr(public_key.XOnly(), hash, key.SignSchnorr(hash, /*taproot=*/false)));
    EXPECT_EQ(PublicKey::Parse(public_key.Uncompressed()).value(), public_key);
  }
}

TEST(Keys, MayBeUsedFromSeveralThreads) {
  const Digest256 hash = Sha256(AsBytes("threads"));
  const Bytes expected = SecretOf(kOrderLessOne).SignEcdsa(hash);
  std::vector<Bytes> signatures(4);
  std::vector<std::thread> threads;
  for (Bytes& signature : signatures) {
    threads.emplace_back([&signature, &hash] {
      for (int i = 0; i < 50; ++i) signature = SecretOf(kOrderLessOne).SignEcdsa(hash);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Bytes& signature : signatures) EXPECT_EQ(signature, expected);
}

}  // namespace
}  // namespace spoor
