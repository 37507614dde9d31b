#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/tools/trace_world.h"

namespace spoor {
namespace {

using testing::HasSubstr;

std::string WriteFile(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

double Figure(const rapidjson::Value& interval, const char* name) {
  return interval[name].GetDouble();
}

// The theft of the world, followed and written to a file.
class EstimateTest : public TraceTest {
 protected:
  std::string Result(const std::vector<std::string>& options = {}) {
    std::vector<std::string> arguments = {"follow", PlaceText(world_.theft.out(0)), "--json"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProcessResult traced = Run(arguments);
    EXPECT_EQ(traced.exit_status, 0) << traced.err;
    return WriteFile(world_.dir / "result.json", traced.out);
  }
};

TEST_F(EstimateTest, OfATraceInThreeLayers) {
  const std::string result = Result({"--policy", "all", "--bounds"});
  const auto document = ParseJson(Run({"estimate", result, "--samples", "20000", "--json"}));
  EXPECT_STREQ(document["schema"].GetString(), "spoor.estimate.v1");

  // Layer 1 adds up, policy by policy.
  std::map<std::string, uint64_t> sums;
  for (const auto& row : document["traced"].GetArray()) {
    sums[row["policy"].GetString()] += std::stoull(row["stolen_units"].GetString());
  }
  EXPECT_EQ(sums.size(), 5u);
  for (const auto& [policy, sum] : sums) EXPECT_EQ(sum, 30 * kCoin) << policy;
  EXPECT_GT(document["bounds"].Size(), 0u);

  // Layers 2 and 3.
  const auto& usable = document["usable"]["conditional"];
  EXPECT_LE(Figure(usable, "low"), Figure(usable, "p5"));
  EXPECT_LT(Figure(usable, "p5"), Figure(usable, "p50"));
  EXPECT_LT(Figure(usable, "p50"), Figure(usable, "p95"));
  EXPECT_LE(Figure(usable, "p95"), Figure(usable, "high"));
  EXPECT_LT(Figure(document["usable"]["weighted"], "p50"), Figure(usable, "p50"));
  EXPECT_LT(Figure(document["programmes"]["conditional"], "p50"), Figure(usable, "p50"));
  EXPECT_LE(document["any_account"]["low"].GetDouble(), Figure(usable, "low"));
  EXPECT_GE(document["any_account"]["high"].GetDouble(), Figure(usable, "high"));
  EXPECT_NEAR(std::stod(document["usable"]["amounts"]["conditional"]["p95"].GetString()),
              Figure(usable, "p95") * 30 * kCoin, 1e-6 * 30 * kCoin);
  EXPECT_EQ(document["policies"].Size(), 5u);
  EXPECT_EQ(document["parameters"].Size(), 16u);
  for (const auto& parameter : document["parameters"].GetArray()) {
    EXPECT_GT(parameter["source"].GetStringLength(), 0u);
    EXPECT_GT(parameter["mark"].GetStringLength(), 0u);
  }
  EXPECT_EQ(document["sensitivity"].Size(), 17u);
  EXPECT_THAT(document["sentence"].GetString(), HasSubstr("is not known"));
  EXPECT_THAT(document["sentence_not_to_write"].GetString(), HasSubstr("paid for missiles"));

  const std::string text = Run({"estimate", result, "--samples", "20000"}).out;
  for (const char* part : {"1. TRACED", "2. USABLE", "3. REACHING", "WHAT MOVES IT MOST",
                           "TO QUOTE", "NOT TO WRITE", "ASSUMPTIONS", "poison does not conserve"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  // The same question, the same bytes.
  EXPECT_EQ(Run({"estimate", result, "--samples", "20000", "--json"}).out,
            Run({"estimate", result, "--samples", "20000", "--json"}).out);
}

TEST_F(EstimateTest, LabelsModelAndPricesMoveIt) {
  // All that went to party 5 came to an exchange.
  const std::string tags = WriteFile(
      world_.dir / "tags.csv", "address,label,category\n" + PartyAddress(5) + ",bex,exchange\n" +
                                   PartyAddress(4) + ",held by the court,exchange\n");
  ASSERT_EQ(Run({"tags", tags}).exit_status, 0);
  const std::string result = Result();
  const std::string model = WriteFile(world_.dir / "model.yaml",
                                      "parameters:\n"
                                      "- {name: pass_exchange, low: 0.5, mode: 0.5, high: 0.5}\n"
                                      "- {name: broker_discount, low: 0, mode: 0, high: 0}\n"
                                      "- {name: retained, low: 0, mode: 0, high: 0}\n"
                                      "- {name: attribution, low: 0.5, mode: 0.5, high: 0.5,\n"
                                      "   source: a court}\n");
  const auto document =
      ParseJson(Run({"estimate", result, "--model", model, "--samples", "1000", "--json"}));
  EXPECT_STREQ(document["traced"][0]["category"].GetString(), "exchange");
  EXPECT_STREQ(document["traced"][0]["bucket"].GetString(), "exchange");
  EXPECT_NEAR(Figure(document["usable"]["conditional"], "p50"), 0.5, 1e-6);
  EXPECT_NEAR(Figure(document["usable"]["weighted"], "p95"), 0.25, 1e-6);
  EXPECT_STREQ(document["usable"]["amounts"]["conditional"]["low"].GetString(), "1500000000");
  bool found = false;
  for (const auto& parameter : document["parameters"].GetArray()) {
    if (parameter["name"] != "attribution") continue;
    found = true;
    EXPECT_STREQ(parameter["source"].GetString(), "a court");
  }
  EXPECT_TRUE(found);

  // The first blocks of a regtest chain are of 2011.
  std::string prices = "date,asset,usd\n";
  for (const char* date : {"2011-02-02", "2011-02-03", "2020-01-01"}) {
    prices += std::string(date) + ",BTC,100\n";
  }
  WriteFile(world_.dir / "prices.csv", prices);
  const auto stored = ParseJson(Run({"prices", world_.dir / "prices.csv", "--json"}));
  EXPECT_STREQ(stored["schema"].GetString(), "spoor.prices.v1");
  EXPECT_EQ(stored["ledger"]["prices"].GetUint(), 3u);
  EXPECT_EQ(Run({"estimate", result, "--prices", "ledger", "--samples", "1000"}).exit_status, 0);

  // At the price of the day of the theft, and of the deposits.
  rapidjson::Document traced;
  traced.Parse(Run({"follow", PlaceText(world_.theft.out(0)), "--json"}).out.c_str());
  const std::string theft = std::string(traced["seeds"][0]["first"].GetString()).substr(0, 10);
  const std::string of_day = WriteFile(world_.dir / "of_day.csv",
                                       "date,asset,usd\n" + theft + ",bitcoin-regtest:BTC,100\n");
  const auto in_usd = ParseJson(Run(
      {"estimate", result, "--model", model, "--prices", of_day, "--samples", "1000", "--json"}));
  if (in_usd["usable"]["usd"].IsNull()) {
    // Until results say how many decimals an asset has.
    EXPECT_THAT(in_usd["warnings"][0].GetString(), HasSubstr("decimals"));
  } else {
    EXPECT_NEAR(Figure(in_usd["usable"]["usd"]["conditional"], "p50"), 30 * 100 * 0.5, 0.01);
    EXPECT_NEAR(in_usd["stolen_usd"].GetDouble(), 30 * 100, 0.01);
  }
}

TEST_F(EstimateTest, RefusesWhatIsWrong) {
  const std::string result = Result();
  struct Case {
    std::vector<std::string> arguments;
    int status;
    const char* wanted;
  };
  const std::string bad_model = WriteFile(world_.dir / "bad.yaml", "- {name: frozzen, low: 0}");
  const std::string bad_prices = WriteFile(world_.dir / "bad.csv", "2020-01-01,BTC,much\n");
  const std::string back = WriteFile(world_.dir / "back.json",
                                     Run({"back", PlaceText(world_.split.out(0)), "--json"}).out);
  const std::string no_json = WriteFile(world_.dir / "no.json", "hello");
  for (const Case& c : {
           Case{{"estimate", result, "--model", bad_model}, 2, "found a parameter \"frozzen\""},
           Case{
               {"estimate", result, "--prices", bad_prices}, 2, "line 1: found the price \"much\""},
           Case{{"estimate", result, "--prices", "ledger"}, 2, "found no prices"},
           Case{{"estimate", result, "--attribution", "rumour"}, 2, "found attribution \"rumour\""},
           Case{{"estimate", result, "--horizon", "-5"}, 2, "wanted a whole number"},
           Case{{"estimate", result, "--horizon", "999999"}, 2, "found a horizon of 999999 days"},
           Case{{"estimate", result, "--samples", "10"}, 2, "found 10 samples"},
           Case{{"estimate", back}, 2, "wanted one of trace follow"},
           Case{{"estimate", no_json}, 1, "no.json"},
           Case{{"estimate", world_.dir / "none.json"}, 1, "none.json"},
           Case{{"prices", bad_prices}, 2, "line 1"},
       }) {
    SCOPED_TRACE(c.wanted);
    const ProcessResult refused = Run(c.arguments);
    EXPECT_EQ(refused.exit_status, c.status) << refused.err;
    EXPECT_THAT(refused.err, HasSubstr(c.wanted));
    EXPECT_EQ(refused.out, "");
  }
}

}  // namespace
}  // namespace spoor
