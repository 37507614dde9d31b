#include "spoor/report/trace_document.h"

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace spoor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

// All that a document can have, once.
constexpr char kGood[] = R"({"schema":"spoor.trace.v1","direction":"forward","unknown":[{"a":1.5}],
"tip":[{"chain":"bitcoin","height":12,"hash":"00ff","time":"2024-01-02T03:04:05Z"}],
"seeds":[{"source":"hack","seed":"aa:0","asset":"bitcoin:BTC","amount":"70","credits":1}],
"assets":[{"asset":"ethereum:0xdac1","symbol":"USDT","decimals":6}],
"results":[{"policy":"fifo","conserving":true,
"stolen":[{"asset":"bitcoin:BTC","amount":"70","by_source":{"hack":"70"}}],
"endpoints":[{"kind":"service","asset":"bitcoin:BTC","place":"bb:1","address":"1abc","amount":"60",
"tainted":"50","stolen_units":"50","by_source":{"hack":"50"},"hops":3,
"first":"2024-01-01T00:00:00Z","last":"2024-01-02T00:00:00Z","cluster":"cluster:1abd",
"actor":"Binance","category":"exchange","sanctioned":true,
"paths":[{"source":"hack","tainted":"50","places":["aa:0","bb:1"],"omitted":7}]},
{"kind":"fee","asset":"bitcoin:BTC","place":"cc","address":null,"amount":"20","tainted":"20",
"stolen_units":"20","by_source":{"hack":"20"},"hops":1,"first":"2024-01-01T00:00:00Z",
"last":"2024-01-01T00:00:00Z","cluster":null,"actor":null,"category":null}],
"flows":[{"from":"1thief","to":"1abc","asset":"bitcoin:BTC","tainted":"50","movements":2,
"transactions":[{"tx":"bb","time":"2024-01-01T00:00:00Z","tainted":"40"}]}],
"peel_chains":[{"asset":"bitcoin:BTC","start":"dd","steps":4,"peeled":[],"left":{}}],
"dormancies":[{"asset":"bitcoin:BTC","place":"ee:0","address":null,"amount":"9","tainted":"8",
"from":"2020-01-01T00:00:00Z","to":"2021-01-01T00:00:00Z","tx":"ff"}],
"splits":[{"asset":"bitcoin:BTC","tx":"gg","time":"2020-01-01T00:00:00Z","outputs":12,"tainted":"5"}],
"merges":[],"movements":5,"unresolved_inputs":1,"opening_balances":2,"warnings":["beware"]}],
"bounds":[{"kind":"service","category":"exchange","for":null,"asset":"bitcoin:BTC","stolen":"70",
"stolen_least":"69","lower":"10","upper":"60","tightness":"attained"}],
"bounds_warnings":["loose"]})";

TEST(TraceDocument, HasAllThatTheJsonHas) {
  const auto document = ReadTraceDocument(kGood);
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_FALSE(document->back);
  ASSERT_EQ(document->tip.size(), 1u);
  EXPECT_EQ(document->tip[0].chain, "bitcoin");
  EXPECT_EQ(document->tip[0].height, 12u);
  EXPECT_EQ(document->tip[0].time, "2024-01-02T03:04:05Z");
  ASSERT_EQ(document->seeds.size(), 1u);
  EXPECT_EQ(document->seeds[0].seed, "aa:0");
  EXPECT_EQ(document->seeds[0].amount, 70);
  EXPECT_EQ(document->assets.at("ethereum:0xdac1").symbol, "USDT");
  EXPECT_EQ(document->assets.at("ethereum:0xdac1").decimals, 6);

  ASSERT_EQ(document->results.size(), 1u);
  const TraceDocument::Result& result = document->results[0];
  EXPECT_EQ(result.policy, "fifo");
  EXPECT_TRUE(result.conserving);
  EXPECT_THAT(result.stolen[0].by_source, ElementsAre(Pair("hack", 70)));
  ASSERT_EQ(result.endpoints.size(), 2u);
  const TraceDocument::Endpoint& end = result.endpoints[0];
  EXPECT_EQ(end.kind, "service");
  EXPECT_EQ(end.place, "bb:1");
  EXPECT_EQ(end.address, "1abc");
  EXPECT_EQ(end.amount, 60);
  EXPECT_EQ(end.tainted, 50);
  EXPECT_EQ(end.stolen_units, 50);
  EXPECT_THAT(end.by_source, ElementsAre(Pair("hack", 50)));
  EXPECT_EQ(end.hops, 3u);
  EXPECT_EQ(end.last, "2024-01-02T00:00:00Z");
  EXPECT_EQ(end.cluster, "cluster:1abd");
  EXPECT_EQ(end.actor, "Binance");
  EXPECT_EQ(end.category, "exchange");
  EXPECT_TRUE(end.sanctioned);
  ASSERT_EQ(end.paths.size(), 1u);
  EXPECT_THAT(end.paths[0].places, ElementsAre("aa:0", "bb:1"));
  EXPECT_EQ(end.paths[0].omitted, 7u);
  EXPECT_EQ(result.endpoints[1].address, "");
  EXPECT_FALSE(result.endpoints[1].sanctioned);
  ASSERT_EQ(result.flows.size(), 1u);
  EXPECT_EQ(result.flows[0].to, "1abc");
  EXPECT_EQ(result.flows[0].movements, 2u);
  EXPECT_EQ(result.flows[0].transactions[0].tainted, 40);
  EXPECT_EQ(result.peel_chains[0].steps, 4u);
  EXPECT_EQ(result.dormancies[0].tx, "ff");
  EXPECT_EQ(result.splits[0].outputs, 12u);
  EXPECT_EQ(result.movements, 5u);
  EXPECT_EQ(result.unresolved_inputs, 1u);
  EXPECT_EQ(result.opening_balances, 2u);
  EXPECT_THAT(result.warnings, ElementsAre("beware"));
  ASSERT_EQ(document->bounds.size(), 1u);
  EXPECT_EQ(document->bounds[0].category, "exchange");
  EXPECT_EQ(document->bounds[0].stolen_least, 69);
  EXPECT_EQ(document->bounds[0].lower, 10);
  EXPECT_EQ(document->bounds[0].tightness, "attained");
  EXPECT_THAT(document->bounds_warnings, ElementsAre("loose"));
}

TEST(TraceDocument, SaysWhatIsWrongAndWhere) {
  struct Case {
    const char* name;
    const char* from;
    const char* to;
    const char* said;
  };
  for (const Case& c : {
           Case{"another schema", "spoor.trace.v1", "spoor.estimate.v1",
                "found schema \"spoor.estimate.v1\", wanted spoor.trace.v1"},
           Case{"a number for an amount", R"("amount":"60")", R"("amount":60)",
                "results[0].endpoints[0].amount: found a number, wanted an amount"},
           Case{"a negative amount", R"("tainted":"20")", R"("tainted":"-20")",
                "results[0].endpoints[1].tainted: found \"-20\", wanted an amount"},
           Case{"half a hop", R"("hops":3)", R"("hops":3.5)",
                "results[0].endpoints[0].hops: found a number, wanted a whole number"},
           Case{"a list for an object", R"("by_source":{"hack":"20"})", R"("by_source":["20"])",
                "results[0].endpoints[1].by_source: found a list, wanted an object"},
           Case{"no list", R"("bounds_warnings":["loose"])", R"("bounds_warnings":7)",
                "bounds_warnings: found no list"},
           Case{"no place", R"("place":"bb:1",)", "",
                "results[0].endpoints[0]: found no \"place\", wanted one"},
           Case{"a unit too few", R"("stolen_units":"20")", R"("stolen_units":"19")",
                "results[0]: found endpoints with 69 stolen units in all, wanted 70"},
           Case{"a lower bound above the upper", R"("lower":"10")", R"("lower":"61")",
                "bounds[0]: found a lower bound of 61"},
           Case{"a source twice", R"({"hack":"70"})", R"({"hack":"70","hack":"0"})",
                "results[0].stolen[0].by_source: found \"hack\" twice, wanted it once"},
           Case{"bad UTF-8", "Binance", "Bin\xff\x66", "no JSON: at byte"},
           Case{"half a surrogate pair", "Binance", "Bin\\ud800", "no JSON: at byte"},
           Case{"another direction", "forward", "sideways", "found direction \"sideways\""},
       }) {
    SCOPED_TRACE(c.name);
    const std::string json = absl::StrReplaceAll(kGood, {{c.from, c.to}});
    ASSERT_NE(json, kGood);
    const absl::Status status = ReadTraceDocument(json).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.said));
  }
}

TEST(TraceDocument, RefusesTwoResultsOfOnePolicy) {
  const std::string json = R"({"schema":"spoor.trace.v1","results":[
      {"policy":"fifo","conserving":true},{"policy":"fifo","conserving":true}]})";
  EXPECT_THAT(std::string(ReadTraceDocument(json).status().message()),
              HasSubstr("found two results of fifo"));
}

TEST(TraceDocument, SumsDoNotWrapAround) {
  // Twice 2^255 is nothing in 256 bits.
  const std::string half =
      "57896044618658097711785492504343953926634992332820282019728792003956564819968";
  const std::string end = absl::StrCat(
      R"({"kind":"unspent","asset":"a","place":"p","amount":"0","tainted":"0","stolen_units":")",
      half, R"(","by_source":{},"hops":0})");
  const std::string json = absl::StrCat(
      R"({"schema":"spoor.trace.v1","results":[{"policy":"fifo","conserving":true,"endpoints":[)",
      end, ",", end, "]}]}");
  EXPECT_THAT(std::string(ReadTraceDocument(json).status().message()),
              HasSubstr("results[0]: found sums of more than 256 bits"));
}

TEST(TraceDocument, DoesNotBelieveATokenOfManyDecimals) {
  const auto document =
      ReadTraceDocument(absl::StrReplaceAll(kGood, {{R"("decimals":6)", R"("decimals":78)"}}));
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_TRUE(document->assets.empty());
}

TEST(TraceDocument, BoundsDepth) {
  for (const size_t depth : {33, 1'000'000}) {
    const std::string json = absl::StrCat(R"({"x":)", std::string(depth, '['));
    EXPECT_THAT(std::string(ReadTraceDocument(json).status().message()),
                HasSubstr("found values nested deeper than 32"));
  }
}

TEST(TraceDocument, IsWholeOrAnError) {
  const std::string good = kGood;
  for (size_t n = 0; n < good.size(); ++n) {
    EXPECT_TRUE(absl::IsDataLoss(ReadTraceDocument(good.substr(0, n)).status())) << n;
  }
}

TEST(TraceDocument, TakesAnyBytesWithoutHarm) {
  std::mt19937_64 rng(/*seed=*/20261124);
  const std::string good = kGood;
  size_t refused = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string json = good;
    for (uint64_t n = 1 + rng() % 3; n > 0; --n) {
      const size_t at = rng() % json.size();
      switch (rng() % 3) {
        case 0:
          json[at] = static_cast<char>(rng());
          break;
        case 1:
          json.erase(at, rng() % 8);
          break;
        default:
          json.insert(at, json.substr(rng() % json.size(), rng() % 8));
      }
    }
    const absl::Status status = ReadTraceDocument(json).status();
    if (status.ok()) continue;
    ++refused;
    EXPECT_TRUE(absl::IsDataLoss(status)) << status;
    EXPECT_LT(status.message().size(), 500u);
  }
  EXPECT_GT(refused, 10'000u);
}

}  // namespace
}  // namespace spoor
