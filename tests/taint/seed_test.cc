#include "spoor/taint/seed.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/chain/address.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kNoon = 1'717'156'800;  // 2024-05-31T12:00:00Z
constexpr int64_t kHour = 3600;

Txid TxidOf(uint8_t byte) { return Txid::FromBytes(Bytes(32, byte)); }

ScriptId Script(uint8_t byte) { return {ScriptKind::kP2pkh, Bytes(20, byte)}; }

std::string Address(NetworkId network, uint8_t byte) {
  return *EncodeAddress(GetNetwork(network), Script(byte));
}

// A block for each element of `txids`, an hour apart from noon on, whose coinbase pays 10 to
// address 1, 20 to address 2 (in even blocks only; else burned), 30 to address 1.
void Fill(const std::vector<Txid>& txids, MemoryLedger* ledger) {
  BlockHash previous;
  for (size_t i = 0; i < txids.size(); ++i) {
    NewBlock block;
    block.height = static_cast<uint32_t>(i);
    block.previous = previous;
    block.hash = previous = BlockHash::FromBytes(Bytes(32, static_cast<uint8_t>(i + 1)));
    block.time = kNoon + static_cast<int64_t>(i) * kHour;
    if (i == 0) block.new_addresses = {AddressKey(Script(1)), AddressKey(Script(2))};
    Movement& m = block.movements.emplace_back();
    m.position = Position{i};
    m.height = block.height;
    m.txid = txids[i];
    m.coinbase = true;
    m.minted = 60;
    for (uint32_t n = 0; n < 3; ++n) {
      Take& take = m.takes.emplace_back();
      take.holding = Holding::Output(m.position, n);
      take.amount = 10 * (n + 1);
      take.owner = AddressId{n % 2};
      if (n == 1 && i % 2 == 1) {
        take.kind = TakerKind::kBurned;
        take.owner = AddressId();
      }
    }
    block.transactions = 1;
    const absl::Status status = ledger->Append(block);
    EXPECT_TRUE(status.ok()) << status;
  }
}

class FindSeedsTest : public ::testing::Test {
 protected:
  // Both chains have transaction 9; 7 is twice on the first, as BIP 30 tells of.
  FindSeedsTest()
      : bitcoin_(ChainInfoOf(GetNetwork(NetworkId::kMain))),
        litecoin_(ChainInfoOf(GetNetwork(NetworkId::kLitecoin))) {
    Fill({TxidOf(0xab), TxidOf(7), TxidOf(9), TxidOf(7)}, &bitcoin_);
    Fill({TxidOf(8), TxidOf(9)}, &litecoin_);
  }

  absl::StatusOr<Seed> Find(const std::string& text, std::optional<Units> limit = {}) {
    const LedgerView* const views[] = {&bitcoin_, &litecoin_};
    const auto seeds = FindSeeds(views, std::vector<SeedRequest>{{"x", text, limit}});
    if (!seeds.ok()) return seeds.status();
    return seeds->at(0);
  }

  MemoryLedger bitcoin_;
  MemoryLedger litecoin_;
};

TEST_F(FindSeedsTest, FindsTheCreditsMeant) {
  const std::string ab = ToText(TxidOf(0xab));
  const std::string nine = ToText(TxidOf(9));
  const std::string one = Address(NetworkId::kMain, 1);
  const std::string two = Address(NetworkId::kMain, 2);
  const std::string all_of_two = "0/0:1 0/2:1 = 40";
  struct Case {
    std::string name;
    std::string seed;
    std::string want;  // "CHAIN/POSITION:TAKE ... = AMOUNT"
  };
  for (const Case& c : std::vector<Case>{
           {"an output", ab + ":2", "0/0:2 = 30"},
           {"a transaction", ab, "0/0:0 0/0:1 0/0:2 = 60"},
           {"upper-case hex", absl::AsciiStrToUpper(ab) + ":0", "0/0:0 = 10"},
           {"a burned output", "bitcoin:" + ToText(TxidOf(7)) + ":1", "0/3:1 = 20"},
           {"of two with one txid the later", ToText(TxidOf(7)), "0/3:0 0/3:1 0/3:2 = 60"},
           {"on the second chain alone", ToText(TxidOf(8)) + ":0", "1/0:0 = 10"},
           {"on two chains, the first named", "bitcoin:" + nine + ":0", "0/2:0 = 10"},
           {"on two chains, the second named", "litecoin:" + nine, "1/1:0 1/1:1 1/1:2 = 60"},
           {"an address", two, all_of_two},
           {"an address with its chain", "bitcoin:" + two, all_of_two},
           {"an address of the second chain", Address(NetworkId::kLitecoin, 2), "1/0:1 = 20"},
           {"two credits of one movement", one + "@2024-05-31T13:00:00Z..2024-05-31T13:00:00Z",
            "0/1:0 0/1:2 = 40"},
           {"a day", two + "@2024-05-31..2024-05-31", all_of_two},
           {"no ends", two + "@..", all_of_two},
           {"from", two + "@2024-05-31T12:00:01Z..", "0/2:1 = 20"},
           {"from, the very second", two + "@2024-05-31T14:00:00Z..", "0/2:1 = 20"},
           {"to, the very second", two + "@..2024-05-31T12:00:00Z", "0/0:1 = 20"},
           {"to, in UTC if it does not say", two + "@..2024-05-31T13:59:59", "0/0:1 = 20"},
           {"to, in another time zone", two + "@..2024-05-31T15:59:59+02:00", "0/0:1 = 20"},
           {"to the end of a day, with the chain", "bitcoin:" + two + "@..2024-05-31", all_of_two},
       }) {
    SCOPED_TRACE(c.name);
    const auto seed = Find(c.seed);
    if (!seed.ok()) {
      ADD_FAILURE() << seed.status();
      continue;
    }
    EXPECT_EQ(seed->request.seed, c.seed);
    std::vector<std::string> credits;
    for (const Credit& credit : seed->credits) {
      credits.push_back(absl::StrCat(seed->chain, "/", credit.position.number, ":", credit.take));
    }
    EXPECT_EQ(
        absl::StrCat(absl::StrJoin(credits, " "), " = ", ToDecimal(seed->AmountOf(kNativeAsset))),
        c.want);
  }
}

TEST_F(FindSeedsTest, TheAmountIsNoMoreThanTheLimit) {
  const std::string ab = ToText(TxidOf(0xab));
  for (const auto& [limit, want] :
       std::vector<std::pair<Units, Units>>{{0, 0}, {59, 59}, {60, 60}, {1000, 60}}) {
    SCOPED_TRACE(ToDecimal(limit));
    const auto seed = Find(ab, limit);
    ASSERT_TRUE(seed.ok()) << seed.status();
    EXPECT_EQ(seed->AmountOf(kNativeAsset), want);
    EXPECT_EQ(seed->credits.size(), 3u);
  }
}

TEST_F(FindSeedsTest, SaysWhatIsWrongWithASeed) {
  const std::string ab = ToText(TxidOf(0xab));
  const std::string nine = ToText(TxidOf(9));
  const std::string one = Address(NetworkId::kMain, 1);
  const std::string two = Address(NetworkId::kMain, 2);
  struct Case {
    std::string name;
    std::string seed;
    std::string says;
  };
  for (const Case& c : std::vector<Case>{
           {"nothing", "", "seed"},
           {"a chain and nothing", "bitcoin:", "seed"},
           {"no such transaction", ToText(TxidOf(1)), "no such transaction"},
           {"no such transaction on the chain named", "litecoin:" + ab, "no such transaction"},
           {"output out of range", ab + ":3", "3 outputs"},
           {"output not a number", ab + ":x", "no output"},
           {"output missing", ab + ":", "no output"},
           {"output negative", ab + ":-1", "no output"},
           {"output of 33 bits", ab + ":4294967296", "no output"},
           {"txid one digit short", ab.substr(1), "seed"},
           {"txid one digit long", ab + "0", "seed"},
           {"on two chains", nine, "write litecoin:" + nine + " for"},
           {"output on two chains", nine + ":1", "on bitcoin and on litecoin"},
           {"address never seen", Address(NetworkId::kMain, 3), "never seen"},
           {"wrong checksum", one.substr(0, one.size() - 1) + (one.back() == '1' ? "2" : "1"),
            "seed"},
           {"address of a chain not there", Address(NetworkId::kTest, 1), "seed"},
           {"chain not there", "dogecoin:" + two, "seed"},
           {"address on another chain than named", "litecoin:" + two, "seed"},
           {"received nothing then", two + "@2024-06-01..", "received nothing in that time"},
           {"half a range", two + "@2024-06-01", "FROM..TO"},
           {"no time", two + "@yesterday..", "is no time"},
           {"no such day", two + "@2024-02-30..", "is no time"},
           {"ends before it begins", two + "@2024-06-02..2024-06-01", "ends before it begins"},
       }) {
    SCOPED_TRACE(c.name);
    const absl::Status status = Find(c.seed).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.says));
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.seed));
    EXPECT_EQ(status.message().find('\n'), absl::string_view::npos);
  }
}

TEST_F(FindSeedsTest, OneBadSeedFailsTheRequest) {
  const LedgerView* const views[] = {&bitcoin_};
  const std::string ab = ToText(TxidOf(0xab));
  EXPECT_FALSE(
      FindSeeds(views, std::vector<SeedRequest>{{"x", ab, {}}, {"x", ab + ":9", {}}}).ok());
  const auto none = FindSeeds(views, std::vector<SeedRequest>());
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->empty());
}

TEST(ParseSeedRequest, TakesTheNameApart) {
  struct Case {
    std::string text;
    std::string source;
    std::string seed;
  };
  for (const Case& c : std::vector<Case>{{"1abc", "1abc", "1abc"},
                                         {"harmony=1abc", "harmony", "1abc"},
                                         {"a b=bitcoin:ff:0", "a b", "bitcoin:ff:0"},
                                         {"a=b=c", "a", "b=c"}}) {
    SCOPED_TRACE(c.text);
    const auto request = ParseSeedRequest(c.text);
    ASSERT_TRUE(request.ok()) << request.status();
    EXPECT_EQ(request->source, c.source);
    EXPECT_EQ(request->seed, c.seed);
    EXPECT_FALSE(request->limit.has_value());
  }
  for (const std::string text : {"", "=", "a=", "=1abc"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(ParseSeedRequest(text).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(ParseSeedFile, ReadsRows) {
  const auto requests = ParseSeedFile(
      "source,seed,amount\r\n"
      "harmony,1abc,\r\n"
      "\n"
      "harmony, 1def , 18446744073709551616 \n"
      "ronin,ff:0,0");
  ASSERT_TRUE(requests.ok()) << requests.status();
  ASSERT_EQ(requests->size(), 3u);
  EXPECT_EQ((*requests)[0].source, "harmony");
  EXPECT_EQ((*requests)[0].seed, "1abc");
  EXPECT_FALSE((*requests)[0].limit.has_value());
  EXPECT_EQ((*requests)[1].seed, "1def");
  EXPECT_EQ(*(*requests)[1].limit, Units(1) << 64);
  EXPECT_EQ((*requests)[2].source, "ronin");
  EXPECT_EQ(*(*requests)[2].limit, 0);

  const auto two_columns = ParseSeedFile("source,seed\na,b\nc,d\n");
  ASSERT_TRUE(two_columns.ok()) << two_columns.status();
  EXPECT_EQ(two_columns->size(), 2u);
  const auto none = ParseSeedFile("source,seed\n");
  ASSERT_TRUE(none.ok()) << none.status();
  EXPECT_TRUE(none->empty());
}

TEST(ParseSeedFile, NamesTheLineThatIsWrong) {
  struct Case {
    std::string name;
    std::string csv;
    std::string says;
  };
  for (const Case& c : std::vector<Case>{
           {"empty", "", "header"},
           {"blank lines", "\n\n", "header"},
           {"no header", "a,b\n", "line 1"},
           {"other columns", "seed,source\n", "line 1"},
           {"one field", "source,seed\na\n", "line 2"},
           {"four fields", "source,seed,amount\na,b,1,2\n", "line 2"},
           {"no source", "source,seed\n\na,b\n,b\n", "line 4"},
           {"no seed", "source,seed,amount\na,,5\n", "line 2"},
           {"a seed of blanks", "source,seed,amount\na, ,5\n", "line 2"},
           {"amount with a point", "source,seed,amount\na,b,1.5\n", "line 2"},
           {"negative amount", "source,seed,amount\na,b,-1\n", "line 2"},
           {"amount in hex", "source,seed,amount\na,b,0x10\n", "line 2"},
           {"amount of 257 bits",
            absl::StrCat("source,seed,amount\na,b,1", std::string(78, '0'), "\n"), "line 2"},
       }) {
    SCOPED_TRACE(c.name);
    const absl::Status status = ParseSeedFile(c.csv).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.says));
  }
}

}  // namespace
}  // namespace spoor
