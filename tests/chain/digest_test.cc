#include "spoor/chain/digest.h"

#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

namespace spoor {
namespace {

std::string Hex(ByteSpan bytes) { return ToHex(bytes); }

TEST(Sha256, MatchesFips180) {
  EXPECT_EQ(Hex(Sha256(ByteSpan())),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256(AsBytes("abc"))),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256(AsBytes("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(Hex(Sha256(Bytes(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256d, IsSha256OfSha256) {
  EXPECT_EQ(Hex(Sha256d(AsBytes("hello"))),
            "9595c9df90075148eb06860365df33584b75bff782a510c6cd4883a419833d50");
  for (size_t n = 0; n < 200; ++n) {
    SCOPED_TRACE(n);
    const Bytes message(n, static_cast<uint8_t>(n));
    EXPECT_EQ(Sha256d(message), Sha256(Sha256(message)));
  }
}

TEST(Sha256, DoesNotSeeWhereItsInputIsCut) {
  Bytes message;
  for (int i = 0; i < 200; ++i) message.push_back(static_cast<uint8_t>(i * 7));
  const ByteSpan all = message;
  for (size_t i = 0; i <= all.size(); ++i) {
    for (size_t j = i; j <= all.size(); j += 13) {
      ASSERT_EQ(Sha256({all.first(i), all.subspan(i, j - i), all.subspan(j)}), Sha256(all));
      ASSERT_EQ(Sha256d({all.first(i), all.subspan(i, j - i), all.subspan(j)}), Sha256d(all));
    }
  }
  EXPECT_EQ(Sha256({}), Sha256(ByteSpan()));
}

TEST(Sha256OfEach, IsThatOfEachAlone) {
  std::mt19937 random(7);
  // None, fewer than there are lanes, more than are under way at once, and lengths around the size
  // of a block, so short that nothing is left of one, and beyond what is hashed with others.
  for (const size_t count : {0, 1, 2, 3, 7, 16, 17, 300, 1000}) {
    SCOPED_TRACE(count);
    std::vector<Bytes> messages(count);
    for (Bytes& message : messages) {
      const size_t long_one = random() % 50 == 0 ? 4000 + random() % 3000 : 0;
      message.resize(random() % 200 + long_one);
      for (uint8_t& byte : message) byte = static_cast<uint8_t>(random());
    }
    const std::vector<ByteSpan> spans(messages.begin(), messages.end());
    std::vector<Digest256> once(count);
    std::vector<Digest256> twice(count);
    Sha256OfEach(spans, absl::MakeSpan(once));
    Sha256dOfEach(spans, absl::MakeSpan(twice));
    for (size_t i = 0; i < count; ++i) {
      EXPECT_EQ(once[i], Sha256(messages[i])) << i;
      EXPECT_EQ(twice[i], Sha256d(messages[i])) << i;
    }
  }
}

TEST(Sha256OfEach, MayBeAskedByManyThreads) {
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (uint8_t t = 0; t < 4; ++t) {
    threads.emplace_back([t, &wrong] {
      const std::vector<Bytes> messages(100, Bytes(100, t));
      std::vector<Digest256> digests(messages.size());
      for (int round = 0; round < 20; ++round) {
        Sha256OfEach(std::vector<ByteSpan>(messages.begin(), messages.end()),
                     absl::MakeSpan(digests));
        for (const Digest256& digest : digests) wrong += digest == Sha256(messages[0]) ? 0 : 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST(Hash160, IsRipemd160OfSha256) {
  EXPECT_EQ(Hex(Hash160({})), "b472a266d0bd89c13706a4132ccfb16f7c3b9fcb");
  // The key of BIP 173's examples: the point G.
  EXPECT_EQ(
      Hex(Hash160(
          FromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798").value())),
      "751e76e8199196d454941c45d1b3a323f1433bd6");
}

TEST(Keccak256, HasEthereumsPadding) {
  EXPECT_EQ(Hex(Keccak256({})), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
  // The topic of every ERC-20 transfer.
  EXPECT_EQ(Hex(Keccak256(AsBytes("Transfer(address,address,uint256)"))),
            "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");
}

TEST(TaggedHash, IsThatOfBip340) {
  const Digest256 tag = Sha256(AsBytes("TapTweak"));
  EXPECT_EQ(Hex(tag), "e80fe1639c9ca050e3af1b39c143c63e429cbceb15d940fbb5c5a1f4af57c5e9");
  const Bytes message = {1, 2, 3};
  EXPECT_EQ(TaggedHash("TapTweak", {message}), Sha256({tag, tag, message}));
  EXPECT_EQ(TaggedHash("TapTweak", {ByteSpan(message).first(1), ByteSpan(message).subspan(1)}),
            Sha256({tag, tag, message}));
}

}  // namespace
}  // namespace spoor
