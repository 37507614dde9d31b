#include "spoor/bitcoin/transaction.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/bitcoin/block_builder.h"
#include "tests/bitcoin/vectors.h"

namespace spoor::bitcoin {
namespace {

using ::testing::HasSubstr;

const Network& Main() { return GetNetwork(NetworkId::kMain); }
const Network& Litecoin() { return GetNetwork(NetworkId::kLitecoin); }

TEST(Transaction, DecodesTheGenesisCoinbase) {
  const Bytes bytes = Hex(kGenesisCoinbase);
  const auto tx = DecodeTransaction(Main(), bytes);
  ASSERT_TRUE(tx.ok()) << tx.status();
  EXPECT_EQ(ToText(tx->txid), "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b");
  EXPECT_EQ(tx->wtxid, tx->txid.bytes());
  EXPECT_EQ(tx->version, 1);
  EXPECT_TRUE(tx->IsCoinbase());
  EXPECT_FALSE(tx->HasWitness());
  ASSERT_EQ(tx->outputs.size(), 1u);
  EXPECT_EQ(tx->outputs[0].value.sat(), 5'000'000'000u);
  EXPECT_EQ(tx->outputs[0].script_pubkey.size(), 67u);
  EXPECT_THAT(std::string(AsChars(tx->inputs[0].script_sig)),
              HasSubstr("Chancellor on brink of second bailout for banks"));
  // Nothing is copied.
  EXPECT_GE(tx->outputs[0].script_pubkey.data(), bytes.data());
  EXPECT_LT(tx->outputs[0].script_pubkey.data(), bytes.data() + bytes.size());
}

TEST(Transaction, DecodesWitnesses) {
  const Bytes bytes = Hex(kBip143Transaction);
  const auto tx = DecodeTransaction(Main(), bytes);
  ASSERT_TRUE(tx.ok()) << tx.status();
  EXPECT_EQ(ToText(tx->txid), "e8151a2af31c368a35053ddd4bdb285a8595c769a3ad83e0fa02314a602d4609");
  EXPECT_EQ(HashToText(tx->wtxid, HashText::kReversed),
            "c36c38370907df2324d9ce9d149d191192f338b37665a82e78e76a12c909b762");
  EXPECT_TRUE(tx->HasWitness());
  EXPECT_EQ(tx->lock_time, 17u);
  ASSERT_EQ(tx->inputs.size(), 2u);
  EXPECT_EQ(tx->inputs[0].sequence, 0xffffffeeu);
  EXPECT_EQ(tx->inputs[1].prevout.index, 1u);
  EXPECT_TRUE(tx->inputs[1].script_sig.empty());
  EXPECT_TRUE(WitnessItems(tx->inputs[0].witness).empty());
  const std::vector<ByteSpan> items = WitnessItems(tx->inputs[1].witness);
  ASSERT_EQ(items.size(), 2u);
  EXPECT_EQ(items[0].size(), 71u);
  EXPECT_EQ(ToHex(items[1]), "025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357");
  EXPECT_EQ(tx->outputs[0].value.sat(), 112340000u);
  EXPECT_EQ(tx->outputs[1].value.sat(), 223450000u);
}

TEST(Transaction, ComputesTheIdsThatItDecodes) {
  for (const absl::string_view hex : {kGenesisCoinbase, kBip143Transaction}) {
    SCOPED_TRACE(hex);
    const Bytes bytes = Hex(hex);
    auto tx = DecodeTransaction(Main(), bytes);
    ASSERT_TRUE(tx.ok()) << tx.status();
    EXPECT_EQ(EncodeTransaction(*tx), bytes);
    Transaction same = *tx;
    same.txid = Txid();
    same.wtxid = {};
    ComputeIds(&same);
    EXPECT_EQ(same.txid, tx->txid);
    EXPECT_EQ(same.wtxid, tx->wtxid);
  }
}

TEST(Transaction, RefusesEveryPrefix) {
  for (const absl::string_view hex : {kGenesisCoinbase, kBip143Transaction}) {
    const Bytes bytes = Hex(hex);
    for (size_t n = 0; n < bytes.size(); ++n) {
      // A copy of just the size, for the address sanitizer to guard its end.
      const Bytes prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
      EXPECT_EQ(DecodeTransaction(Main(), prefix).status().code(), absl::StatusCode::kDataLoss)
          << n << " bytes of " << hex;
    }
  }
}

// One input without a script, spending output 0 of transaction 1.
const std::string kIn = absl::StrCat("01", std::string(62, '0'), "00000000", "00", "ffffffff");
// One satoshi to a script of one byte.
const std::string kOut =
    "0100000000000000"
    "0151";

TEST(Transaction, RefusesWhatIsNotInItsOnlyForm) {
  struct Case {
    absl::string_view name;
    std::string hex;
    absl::string_view message;
  };
  const std::string million_btc_21 = "0040075af0750700";  // 21 million BTC
  for (const Case& c : {
           Case{"no inputs", absl::StrCat("02000000", "00", "00", "00000000"), "without inputs"},
           Case{"no inputs in the extended form",
                absl::StrCat("02000000", "0001", "00", "01", kOut, "00000000"), "without inputs"},
           Case{"no outputs", absl::StrCat("02000000", "01", kIn, "00", "00000000"),
                "offset 46: a transaction without outputs"},
           Case{"count of inputs stretched to three bytes",
                absl::StrCat("02000000", "fd0100", kIn, "01", kOut, "00000000"),
                "offset 4: compact size 1 is not in its shortest form"},
           Case{"count of inputs stretched to nine bytes",
                absl::StrCat("02000000", "ff0100000000000000", kIn, "01", kOut, "00000000"),
                "not in its shortest form"},
           Case{"script size stretched to five bytes",
                absl::StrCat("02000000", "01", kIn, "01", "0100000000000000", "fe0100000051",
                             "00000000"),
                "not in its shortest form"},
           Case{"four billion inputs", absl::StrCat("02000000", "feffffffff", kIn),
                "a count of 4294967295 needs at least 41 bytes each, 41 remain"},
           Case{"more outputs than there is room for",
                absl::StrCat("02000000", "01", kIn, "03", kOut, "00000000"),
                "a count of 3 needs at least 9 bytes each"},
           Case{"a script longer than the rest",
                absl::StrCat("02000000", "01", kIn, "01", "0100000000000000", "fd0002", "51"),
                "a count of 512"},
           Case{"flag 2", absl::StrCat("02000000", "0002", "01", kIn, "01", kOut, "00000000"),
                "offset 5: unknown transaction flag 2"},
           Case{"Litecoin's flag",
                absl::StrCat("02000000", "0008", "01", kIn, "01", kOut, "00", "00000000"),
                "unknown transaction flag 8"},
           Case{"a witness flag and no witness",
                absl::StrCat("02000000", "0001", "01", kIn, "01", kOut, "00", "00000000"),
                "there is no witness"},
           Case{"a satoshi more than can exist",
                absl::StrCat("02000000", "01", kIn, "01", "0140075af0750700", "0151", "00000000"),
                "an output of 2100000000000001 units, at most 2100000000000000 can exist"},
           Case{"a negative amount",
                absl::StrCat("02000000", "01", kIn, "01", "ffffffffffffffff", "0151", "00000000"),
                "can exist"},
           Case{"a sum of more than can exist",
                absl::StrCat("02000000", "01", kIn, "02", kOut, million_btc_21, "0151", "00000000"),
                "outputs of more than 2100000000000000"},
           Case{"a byte too many",
                absl::StrCat("02000000", "01", kIn, "01", kOut, "00000000", "00"),
                "1 bytes left over"},
       }) {
    SCOPED_TRACE(c.name);
    const absl::Status status = DecodeTransaction(Main(), Hex(c.hex)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(c.message)));
  }
  // The same frame with nothing wrong in it.
  EXPECT_TRUE(DecodeTransaction(Main(), Hex(absl::StrCat("02000000", "01", kIn, "01",
                                                         million_btc_21, "0151", "00000000")))
                  .ok());
}

TEST(Transaction, IsTakenFromTheFrontOfAReader) {
  Bytes two = Hex(kBip143Transaction);
  const size_t first = two.size();
  AppendBytes(Hex(kGenesisCoinbase), &two);
  ByteReader in(two);
  ASSERT_TRUE(DecodeTransaction(Main(), &in).ok());
  EXPECT_EQ(in.offset(), first);
  const auto second = DecodeTransaction(Main(), &in);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_TRUE(second->IsCoinbase());
  EXPECT_TRUE(in.empty());
  // Places in messages are the reader's.
  EXPECT_THAT(std::string(DecodeTransaction(Main(), &in).status().message()),
              HasSubstr(absl::StrCat("offset ", two.size())));
}

TEST(Transaction, HogExIdsCoverNoMimbleWimble) {
  const std::string plain = absl::StrCat("02000000", "01", kIn, "01", kOut, "00000000");
  const std::string hogex =
      absl::StrCat("02000000", "0008", "01", kIn, "01", kOut, "00", "00000000");
  const std::string witness = "0101aa";
  const std::string plain_witness =
      absl::StrCat("02000000", "0001", "01", kIn, "01", kOut, witness, "00000000");
  const std::string hogex_witness =
      absl::StrCat("02000000", "0009", "01", kIn, "01", kOut, witness, "00", "00000000");
  for (const auto& [with, without] :
       {std::make_pair(hogex, plain), std::make_pair(hogex_witness, plain_witness)}) {
    SCOPED_TRACE(with);
    const Bytes bytes = Hex(with);
    const Bytes bytes_without = Hex(without);
    const auto tx = DecodeTransaction(Litecoin(), bytes);
    const auto same = DecodeTransaction(Litecoin(), bytes_without);
    ASSERT_TRUE(tx.ok()) << tx.status();
    ASSERT_TRUE(same.ok()) << same.status();
    EXPECT_TRUE(tx->hogex);
    EXPECT_FALSE(same->hogex);
    EXPECT_EQ(tx->txid, same->txid);
    EXPECT_EQ(tx->wtxid, same->wtxid);
    EXPECT_EQ(EncodeTransaction(*tx), bytes);
    Transaction computed = *tx;
    ComputeIds(&computed);
    EXPECT_EQ(computed.txid, tx->txid);
    EXPECT_EQ(computed.wtxid, tx->wtxid);
  }
}

TEST(Transaction, RefusesAMimbleWimbleTransactionOutsideItsBlock) {
  const Bytes bytes =
      Hex(absl::StrCat("02000000", "0008", "01", kIn, "01", kOut, "01", "00000000"));
  const absl::Status status = DecodeTransaction(Litecoin(), bytes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("MimbleWimble"));
}

TEST(Transaction, LimitsAmountsByNetwork) {
  const Bytes bytes =
      Hex(absl::StrCat("02000000", "01", kIn, "01", "0140075af0750700", "0151", "00000000"));
  EXPECT_FALSE(DecodeTransaction(Main(), bytes).ok());
  EXPECT_TRUE(DecodeTransaction(Litecoin(), bytes).ok());
}

TEST(Transaction, TellsNullOutPointsApart) {
  EXPECT_TRUE(OutPoint::Null().IsNull());
  EXPECT_FALSE((OutPoint{Txid(), 0}).IsNull());
  EXPECT_FALSE((OutPoint{Txid::FromBytes(Sha256d(ByteSpan())), 0xffffffff}).IsNull());
}

TEST(Witness, ItemsAreTheInverseOfEncoding) {
  for (const std::vector<Bytes>& items : {std::vector<Bytes>{},
                                          {{}},
                                          {{1, 2}, {}, Bytes(300, 7)},
                                          std::vector<Bytes>(260, Bytes{9})}) {
    const Bytes witness = EncodeWitness(items);
    const std::vector<ByteSpan> spans = WitnessItems(witness);
    ASSERT_EQ(spans.size(), items.size());
    for (size_t i = 0; i < items.size(); ++i) EXPECT_EQ(spans[i], ByteSpan(items[i]));
  }
  EXPECT_TRUE(WitnessItems({}).empty());
}

}  // namespace
}  // namespace spoor::bitcoin
