#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using rapidjson::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

uint64_t Amount64(const Value& value) { return std::stoull(value.GetString()); }

const Value& ResultOf(const Value& document, const std::string& policy) {
  for (const Value& result : document["results"].GetArray()) {
    if (result["policy"].GetString() == policy) return result;
  }
  ADD_FAILURE() << "no result of " << policy;
  return document["results"][0];
}

// "kind place tainted hops" of every endpoint.
std::vector<std::string> Ends(const Value& result) {
  std::vector<std::string> ends;
  for (const Value& end : result["endpoints"].GetArray()) {
    ends.push_back(absl::StrCat(end["kind"].GetString(), " ", end["place"].GetString(), " ",
                                end["tainted"].GetString(), " ", end["hops"].GetUint()));
  }
  return ends;
}

bool IsAmount(const Value& value) {
  const std::string text = value.IsString() ? value.GetString() : "";
  return !text.empty() && std::all_of(text.begin(), text.end(), absl::ascii_isdigit) &&
         (text == "0" || text[0] != '0');
}

bool IsTime(const Value& value) {
  return value.IsString() && std::string(value.GetString()).size() == 20 &&
         value.GetString()[10] == 'T' && value.GetString()[19] == 'Z';
}

void ExpectEndpointKeepsTheContract(const Value& end, bool conserving) {
  const std::string kind = end["kind"].GetString();
  EXPECT_THAT(kind, ::testing::AnyOf("unspent", "fee", "burned"));
  EXPECT_STREQ(end["asset"].GetString(), "bitcoin-regtest:BTC");
  const std::string place = end["place"].GetString();
  EXPECT_EQ(place.find(':') == std::string::npos, kind == "fee") << place;
  EXPECT_EQ(place.find_first_of(':'), kind == "fee" ? std::string::npos : 64) << place;
  EXPECT_EQ(end["address"].IsString(), kind == "unspent");
  for (const char* amount : {"amount", "tainted", "stolen_units"}) {
    EXPECT_TRUE(IsAmount(end[amount])) << amount;
  }
  EXPECT_LE(Amount64(end["tainted"]), Amount64(end["amount"]));
  EXPECT_GT(Amount64(end["tainted"]), 0u);
  if (!conserving) {
    EXPECT_EQ(Amount64(end["tainted"]), Amount64(end["amount"]));
  }
  uint64_t by_source = 0;
  ASSERT_GT(end["by_source"].MemberCount(), 0u);
  for (const auto& source : end["by_source"].GetObject()) {
    EXPECT_TRUE(IsAmount(source.value));
    by_source += Amount64(source.value);
  }
  if (conserving) {
    EXPECT_EQ(by_source, Amount64(end["stolen_units"]));
  }
  EXPECT_TRUE(end["hops"].IsUint());
  EXPECT_TRUE(IsTime(end["first"]));
  EXPECT_TRUE(IsTime(end["last"]));
  for (const char* unknown : {"cluster", "actor", "category"}) EXPECT_TRUE(end[unknown].IsNull());
}

// What CONTRACT says of every document of schema spoor.trace.v1.
void ExpectKeepsTheContract(const Value& document) {
  EXPECT_STREQ(document["schema"].GetString(), "spoor.trace.v1");
  for (const Value& tip : document["tip"].GetArray()) {
    EXPECT_STREQ(tip["chain"].GetString(), "bitcoin-regtest");
    EXPECT_TRUE(tip["height"].IsUint());
    EXPECT_EQ(tip["hash"].GetStringLength(), 64u);
    EXPECT_TRUE(IsTime(tip["time"]));
  }
  EXPECT_TRUE(document["bounds"].IsArray());
  ASSERT_EQ(document["assets"].Size(), 1u);
  EXPECT_STREQ(document["assets"][0]["asset"].GetString(), "bitcoin-regtest:BTC");
  EXPECT_EQ(document["assets"][0]["decimals"].GetUint(), 8u);
  uint64_t seeded = 0;
  for (const Value& seed : document["seeds"].GetArray()) {
    for (const char* text : {"source", "seed", "asset"}) EXPECT_TRUE(seed[text].IsString());
    EXPECT_TRUE(IsAmount(seed["amount"]));
    EXPECT_TRUE(seed["credits"].IsUint());
    seeded += Amount64(seed["amount"]);
  }
  for (const Value& result : document["results"].GetArray()) {
    SCOPED_TRACE(result["policy"].GetString());
    const bool conserving = result["conserving"].GetBool();
    EXPECT_EQ(conserving, std::string(result["policy"].GetString()) != "poison");
    ASSERT_EQ(result["stolen"].Size(), 1u);
    EXPECT_STREQ(result["stolen"][0]["asset"].GetString(), "bitcoin-regtest:BTC");
    const uint64_t stolen = Amount64(result["stolen"][0]["amount"]);
    EXPECT_LE(stolen, seeded);
    uint64_t total = 0;
    std::vector<std::tuple<int64_t, std::string>> order;
    for (const Value& end : result["endpoints"].GetArray()) {
      SCOPED_TRACE(end["place"].GetString());
      ExpectEndpointKeepsTheContract(end, conserving);
      total += Amount64(end["stolen_units"]);
      order.emplace_back(-static_cast<int64_t>(Amount64(end["tainted"])), end["place"].GetString());
    }
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    if (conserving) {
      EXPECT_EQ(total, stolen);
    }
    for (const Value& flow : result["flows"].GetArray()) {
      for (const char* text : {"from", "to", "asset"}) EXPECT_TRUE(flow[text].IsString());
      EXPECT_TRUE(IsAmount(flow["tainted"]));
      EXPECT_GT(flow["movements"].GetUint(), 0u);
      EXPECT_EQ(flow["transactions"].Size(), std::min(flow["movements"].GetUint(), 8u));
      uint64_t carried = 0;
      for (const Value& transaction : flow["transactions"].GetArray()) {
        EXPECT_EQ(transaction["tx"].GetStringLength(), 64u);
        EXPECT_TRUE(IsTime(transaction["time"]));
        carried += Amount64(transaction["tainted"]);
      }
      if (flow["movements"].GetUint() <= 8) {
        EXPECT_EQ(carried, Amount64(flow["tainted"]));
      }
    }
    EXPECT_TRUE(result["movements"].IsUint());
    EXPECT_EQ(result["unresolved_inputs"].GetUint(), 0u);
    EXPECT_TRUE(result["warnings"].IsArray());
  }
}

class FollowTest : public TraceTest {
 protected:
  std::string Seed() const { return PlaceText(world_.theft.out(0)); }
  rapidjson::Document Follow(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    rapidjson::Document document = ParseJson(Run(std::move(arguments)));
    ExpectKeepsTheContract(document);
    return document;
  }
};

TEST_F(FollowTest, Fifo) {
  const auto document = Follow({"follow", Seed()});
  ASSERT_EQ(document["results"].Size(), 1u);
  EXPECT_STREQ(document["results"][0]["policy"].GetString(), "fifo");
  EXPECT_EQ(document["tip"][0]["height"].GetUint(), 7u);
  EXPECT_EQ(document["tip"][0]["hash"].GetString(), ToText(world_.chain.tip().hash));
  ASSERT_EQ(document["seeds"].Size(), 1u);
  EXPECT_EQ(document["seeds"][0]["source"].GetString(), Seed());
  EXPECT_EQ(document["seeds"][0]["seed"].GetString(), Seed());
  EXPECT_STREQ(document["seeds"][0]["amount"].GetString(), "3000000000");
  EXPECT_EQ(document["seeds"][0]["credits"].GetUint(), 1u);
  const Value& result = document["results"][0];
  EXPECT_THAT(
      Ends(result),
      ElementsAre(absl::StrCat("unspent ", PlaceText(world_.split.out(0)), " 2000000000 2"),
                  absl::StrCat("unspent ", PlaceText(world_.joined.out(0)), " 1000000000 1")));
  EXPECT_EQ(result["endpoints"][0]["address"].GetString(), PartyAddress(6));
  EXPECT_STREQ(result["endpoints"][0]["amount"].GetString(), "2000000000");
  EXPECT_STREQ(result["endpoints"][0]["first"].GetString(), "2011-02-03T00:26:42Z");
  EXPECT_EQ(result["movements"].GetUint(), 2u);
}

TEST_F(FollowTest, HaircutAndPoison) {
  const auto document = Follow({"follow", Seed(), "--policy", "haircut,poison"});
  ASSERT_EQ(document["results"].Size(), 2u);
  const std::string joined = ToText(world_.joined.txid());
  const std::string split = ToText(world_.split.txid());
  // 30 of 80 stolen; 22.5 of 60.
  EXPECT_THAT(Ends(ResultOf(document, "haircut")),
              UnorderedElementsAre(absl::StrCat("unspent ", split, ":0 750000000 2"),
                                   absl::StrCat("unspent ", split, ":1 750000000 2"),
                                   absl::StrCat("unspent ", split, ":2 562500000 2"),
                                   absl::StrCat("fee ", split, " 187500000 2"),
                                   absl::StrCat("unspent ", joined, ":0 375000000 1"),
                                   absl::StrCat("burned ", joined, ":2 187500000 1"),
                                   absl::StrCat("fee ", joined, " 187500000 1")));
  EXPECT_THAT(Ends(ResultOf(document, "poison")),
              UnorderedElementsAre(absl::StrCat("unspent ", split, ":0 2000000000 2"),
                                   absl::StrCat("unspent ", split, ":1 2000000000 2"),
                                   absl::StrCat("unspent ", split, ":2 1500000000 2"),
                                   absl::StrCat("fee ", split, " 500000000 2"),
                                   absl::StrCat("unspent ", joined, ":0 1000000000 1"),
                                   absl::StrCat("burned ", joined, ":2 500000000 1"),
                                   absl::StrCat("fee ", joined, " 500000000 1")));
}

TEST_F(FollowTest, AllPolicies) {
  const auto document = Follow({"follow", Seed(), "--policy", "all"});
  std::vector<std::string> names;
  for (const Value& result : document["results"].GetArray()) {
    names.push_back(result["policy"].GetString());
  }
  EXPECT_THAT(names, ::testing::IsSupersetOf({"fifo", "haircut", "poison"}));
}

TEST_F(FollowTest, TheCommandMayBeLeftOut) {
  const std::string want = Run({"follow", Seed(), "--json"}).out;
  EXPECT_NE(want, "");
  EXPECT_EQ(Run({Seed(), "--json"}).out, want);
  EXPECT_EQ(Run({"--json", Seed()}).out, want);
  EXPECT_EQ(Run({"--policy", "fifo", Seed(), "--json"}).out, want);
  EXPECT_EQ(Run({PartyAddress(1), "--json"}).out, Run({"follow", PartyAddress(1), "--json"}).out);
}

TEST_F(FollowTest, AMisspeltCommandIsToldFromASeed) {
  const ProcessResult misspelt = Run({"estimat", "result.json"});
  EXPECT_EQ(misspelt.exit_status, 2);
  EXPECT_THAT(misspelt.err, ::testing::HasSubstr("seed estimat: "));
  EXPECT_THAT(misspelt.err, ::testing::HasSubstr("estimat was taken for a seed, being no command"));
  // What is said to be a seed, or cannot be a command's name, is none.
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"follow", "estimat"}, std::vector<std::string>{"0x12"}}) {
    EXPECT_THAT(Run(arguments).err, ::testing::Not(::testing::HasSubstr("command")));
  }
}

TEST_F(FollowTest, OptionsStandWhereTheyLike) {
  const std::string want = Run({"follow", Seed(), "--json"}).out;
  EXPECT_EQ(Trace({"follow", "--ledger", world_.ledger(), "--json", Seed()}).out, want);
  EXPECT_EQ(Trace({"follow", Seed(), "--json", "--ledger=" + world_.ledger()}).out, want);
  EXPECT_EQ(Trace({"--json", "--quiet", "follow", Seed(), "--ledger", world_.ledger()}).out, want);
  EXPECT_EQ(Trace({"follow", Seed(), "--json"}, {"SPOOR_LEDGER=" + world_.ledger()}).out, want);
  // What is typed comes before what is in the environment.
  EXPECT_EQ(Trace({"--ledger", world_.ledger(), Seed(), "--json"}, {"SPOOR_LEDGER=/nowhere"}).out,
            want);
}

TEST_F(FollowTest, TheSameQuestionGivesTheSameBytes) {
  const std::vector<std::string> question = {"follow",   "a=" + Seed(), PartyAddress(2),
                                             "--policy", "all",         "--json"};
  EXPECT_EQ(Run(question).out, Run(question).out);
}

TEST_F(FollowTest, HexMayBeUpperCase) {
  EXPECT_EQ(Ends(Follow({absl::AsciiStrToUpper(Seed())})["results"][0]),
            Ends(Follow({Seed()})["results"][0]));
}

TEST_F(FollowTest, ATransactionIsAllItsOutputs) {
  const auto document = Follow({"follow", "bitcoin-regtest:" + ToText(world_.theft.txid())});
  EXPECT_EQ(document["seeds"][0]["credits"].GetUint(), 2u);
  EXPECT_STREQ(document["seeds"][0]["amount"].GetString(), "4950000000");
  // The one that was never moved is an endpoint itself.
  EXPECT_THAT(Ends(document["results"][0]),
              ::testing::Contains(
                  absl::StrCat("unspent ", PlaceText(world_.theft.out(1)), " 1950000000 0")));
}

TEST_F(FollowTest, AnAddressMayBeBoundedInTime) {
  struct Case {
    const char* range;
    unsigned credits;
    const char* amount;
  };
  // Party 1 receives at heights 4 and 7: 2011-02-02 23:56:42 and 2011-02-03 00:26:42.
  for (const Case& c : {
           Case{"", 2, "4500000000"},
           Case{"@..2011-02-02", 1, "3000000000"},
           Case{"@2011-02-03..", 1, "1500000000"},
           Case{"@2011-02-02T23:56:42Z..2011-02-02T23:56:42Z", 1, "3000000000"},
           Case{"@2011-02-02..2011-02-03", 2, "4500000000"},
       }) {
    SCOPED_TRACE(c.range);
    const auto document = Follow({"follow", PartyAddress(1) + c.range});
    EXPECT_EQ(document["seeds"][0]["credits"].GetUint(), c.credits);
    EXPECT_STREQ(document["seeds"][0]["amount"].GetString(), c.amount);
  }
  const ProcessResult none = Run({"follow", PartyAddress(1) + "@2012-01-01.."});
  EXPECT_EQ(none.exit_status, 2);
}

TEST_F(FollowTest, SeveralNamedSources) {
  const auto document =
      Follow({"follow", "hack=" + Seed(), "other=" + PlaceText(world_.clean.out(0)), "--policy",
              "fifo,haircut"});
  ASSERT_EQ(document["seeds"].Size(), 2u);
  EXPECT_STREQ(document["seeds"][0]["source"].GetString(), "hack");
  EXPECT_STREQ(document["seeds"][1]["source"].GetString(), "other");
  for (const Value& result : document["results"].GetArray()) {
    uint64_t hack = 0;
    uint64_t other = 0;
    for (const Value& end : result["endpoints"].GetArray()) {
      // Both were joined, so all is stolen.
      EXPECT_STREQ(end["tainted"].GetString(), end["amount"].GetString());
      for (const auto& source : end["by_source"].GetObject()) {
        (std::string(source.name.GetString()) == "hack" ? hack : other) += Amount64(source.value);
      }
    }
    EXPECT_EQ(hack, 30 * kCoin);
    EXPECT_EQ(other, 50 * kCoin);
  }
}

TEST_F(FollowTest, SeedsFromAFile) {
  const std::string file = world_.dir / "seeds.csv";
  const auto write = [&](const std::string& text) { bitcoin::WriteFile(file, AsBytes(text)); };
  write("source,seed,amount\nhack," + Seed() + ",700000000\n");
  const auto document = Follow({"follow", "--seeds", file});
  EXPECT_STREQ(document["seeds"][0]["source"].GetString(), "hack");
  EXPECT_STREQ(document["seeds"][0]["amount"].GetString(), "700000000");
  EXPECT_THAT(
      Ends(document["results"][0]),
      ElementsAre(absl::StrCat("unspent ", PlaceText(world_.joined.out(0)), " 700000000 1")));
  write("source,seed\nhack," + Seed() + "\n");
  EXPECT_EQ(Run({"follow", "--seeds", file, "--json"}).out,
            Run({"follow", "hack=" + Seed(), "--json"}).out);
}

TEST_F(FollowTest, TheTableSaysThatItAddsUp) {
  const ProcessResult result = Run({"follow", "hack=" + Seed(), "--policy", "fifo,haircut,poison"});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.err, testing::HasSubstr("the ledger has no tags"));
  EXPECT_EQ(std::count(result.err.begin(), result.err.end(), '\n'), 1);
  EXPECT_THAT(result.out, HasSubstr("30.00000000 BTC"));
  EXPECT_THAT(result.out, HasSubstr("hack"));
  const std::string wide = Run({"follow", Seed(), "--wide"}).out;
  EXPECT_THAT(wide, HasSubstr(PartyAddress(6)));
  EXPECT_THAT(wide, HasSubstr(PlaceText(world_.split.out(0))));
  const std::string sentence = "stolen 30.00000000: it adds up, to the unit";
  const size_t first = result.out.find(sentence);
  ASSERT_NE(first, std::string::npos) << result.out;
  EXPECT_NE(result.out.find(sentence, first + 1), std::string::npos) << "haircut";
  EXPECT_THAT(result.out, HasSubstr("a ceiling"));
  EXPECT_THAT(result.out, ::testing::Not(HasSubstr("DOES NOT ADD UP")));
  EXPECT_EQ(Run({"follow", "hack=" + Seed(), "--policy", "fifo,haircut,poison"}).out, result.out);
}

}  // namespace
}  // namespace spoor
