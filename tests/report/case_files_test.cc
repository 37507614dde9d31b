#include "spoor/report/case_files.h"

#include <libxml/parser.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/report/case_view.h"
#include "lib/report/uuid.h"
#include "lib/report/visible.h"
#include "rapidjson/document.h"
#include "spoor/base/csv.h"

namespace spoor {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kTxid[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

// Two policies that disagree, and a ceiling. `actor` and `source` are anybody's words.
TraceDocument Case(const std::string& actor = "Binance", const std::string& source = "hack") {
  TraceDocument document;
  document.tip = {{"bitcoin", 12, "00ff", "2024-01-02T03:04:05Z"}};
  document.assets = {{"bitcoin:BTC", {"BTC", 8}}};
  document.seeds = {{source, "1thief", "bitcoin:BTC", 100, 1, ""}};
  const auto end = [&](std::string kind, std::string place, std::string address, uint64_t units) {
    TraceDocument::Endpoint e;
    e.kind = kind;
    e.asset = "bitcoin:BTC";
    e.place = place;
    e.address = address;
    e.amount = 500'000'000;
    e.tainted = e.stolen_units = units;
    e.by_source = {{source, units}};
    e.hops = 2;
    e.first = e.last = "2024-01-01T00:00:00Z";
    if (kind == "service") {
      e.actor = actor;
      e.category = "exchange";
      e.sanctioned = true;
    }
    return e;
  };
  const auto result = [&](std::string policy, bool conserving, uint64_t service, uint64_t unspent) {
    TraceDocument::Result r;
    r.policy = policy;
    r.conserving = conserving;
    r.stolen = {{"bitcoin:BTC", 100, {{source, 100}}}};
    if (service > 0)
      r.endpoints.push_back(end("service", absl::StrCat(kTxid, ":0"), "1svc", service));
    r.endpoints.push_back(end("unspent", absl::StrCat(kTxid, ":1"), "1rest", unspent));
    r.endpoints.push_back(end("fee", kTxid, "", 100 - std::min<uint64_t>(100, service + unspent)));
    r.flows = {
        {"1thief", "1rest", "bitcoin:BTC", unspent, 1, {{kTxid, "2024-01-01T00:00:00Z", unspent}}},
        {"1thief", "fee", "bitcoin:BTC", 5, 1, {}}};
    if (service > 0) {
      r.flows.push_back({"1thief",
                         "1svc",
                         "bitcoin:BTC",
                         service,
                         1,
                         {{kTxid, "2024-01-01T00:00:00Z", service}}});
    }
    r.movements = 1;
    r.warnings = {"beware"};
    return r;
  };
  document.results = {result("fifo", true, 60, 35), result("lifo", true, 0, 95),
                      result("poison", false, 500, 500)};
  document.bounds = {{"service", "exchange", "", "bitcoin:BTC", 100, 100, 0, 100, "attained"}};
  return document;
}

std::vector<std::vector<std::string>> Table(const TraceDocument& document,
                                            const std::string& name) {
  for (const CaseFile& file : CaseToCsv(document)) {
    if (file.name != name) continue;
    EXPECT_TRUE(absl::EndsWith(file.text, "\r\n"));
    std::vector<std::vector<std::string>> rows;
    CsvReader reader(file.text);
    std::vector<std::string> row;
    while (true) {
      const auto more = reader.Next(&row);
      EXPECT_TRUE(more.ok()) << more.status();
      if (!more.ok() || !*more) return rows;
      rows.push_back(row);
    }
  }
  ADD_FAILURE() << "no " << name;
  return {};
}

TEST(CaseToCsv, HasEveryPolicySideBySide) {
  const auto rows = Table(Case(), "endpoints.csv");
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_THAT(rows[0],
              ElementsAre("kind", "category", "actor", "sanctioned", "cluster", "address", "place",
                          "asset", "amount", "hops", "first", "last", "tainted_fifo",
                          "tainted_lifo", "tainted_poison", "stolen_units_fifo",
                          "stolen_units_lifo", "stolen_units_poison"));
  EXPECT_THAT(rows[1], ElementsAre("unspent", "", "", "no", "", "1rest", absl::StrCat(kTxid, ":1"),
                                   "bitcoin:BTC", "500000000", "2", "2024-01-01T00:00:00Z",
                                   "2024-01-01T00:00:00Z", "35", "95", "500", "35", "95", "500"));
  EXPECT_THAT(rows[2], ElementsAre("service", "exchange", "Binance", "yes", "", "1svc",
                                   absl::StrCat(kTxid, ":0"), "bitcoin:BTC", "500000000", "2",
                                   "2024-01-01T00:00:00Z", "2024-01-01T00:00:00Z", "60", "0", "500",
                                   "60", "0", "500"));
  EXPECT_THAT(Table(Case(), "flows.csv")[1],
              ElementsAre("1thief", "1rest", "bitcoin:BTC", "35", "95", "500", "1", "1", "1"));
  EXPECT_THAT(Table(Case(), "bounds.csv")[1], ElementsAre("service", "exchange", "", "bitcoin:BTC",
                                                          "0", "100", "100", "100", "attained"));
  EXPECT_THAT(Table(Case(), "totals.csv")[2],
              ElementsAre("service", "exchange", "bitcoin:BTC", "8", "60", "0", "500", "60", "0",
                          "500", "1", "0", "1"));
}

// What an enemy may call himself, and no format may take for more than a name.
const std::vector<std::string>& Enemies() {
  static const auto* const kNames =
      new std::vector<std::string>{"<script>alert(1)</script>",
                                   "</script><script>alert(1)</script>",
                                   "<!--<script>",
                                   "\"]; evil [label=\"",
                                   "\\",
                                   "a\\\"b",
                                   "=cmd|' /C calc'!A0",
                                   "+1",
                                   "-1",
                                   "@SUM(A1)",
                                   "\t=1",
                                   "\r\n=1",
                                   "a\"b,c",
                                   "]]>",
                                   "&amp;<x/>",
                                   "\xe2\x80\xae"
                                   "gpj.exe",
                                   "zero\xe2\x80\x8bwidth",
                                   "line\xe2\x80\xa8sep",
                                   std::string("nul\0byte", 8),
                                   "\xef\xbf\xbf",
                                   "\\N\\L",
                                   "{\"a\":1}",
                                   "\xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7"};
  return *kNames;
}

TEST(CaseToCsv, LetsNoCellBeAFormula) {
  for (const std::string& enemy : Enemies()) {
    SCOPED_TRACE(enemy);
    for (const CaseFile& file : CaseToCsv(Case(enemy, enemy))) {
      EXPECT_EQ(file.text.find('\0'), std::string::npos);
      EXPECT_EQ(file.text.find("\xe2\x80\xae"), std::string::npos);
    }
    // An enemy may be a seed, an owner, an actor, a category or an asset.
    TraceDocument document = Case(enemy, enemy);
    for (TraceDocument::Result& result : document.results) {
      result.flows[0].to = enemy;
      for (TraceDocument::Endpoint& end : result.endpoints) {
        end.category = end.cluster = end.address = enemy;
      }
    }
    document.bounds[0].category = document.bounds[0].group = enemy;
    for (const auto& [name, columns] :
         {std::pair("endpoints.csv", 18u), std::pair("flows.csv", 9u), std::pair("bounds.csv", 9u),
          std::pair("totals.csv", 13u)}) {
      for (const auto& row : Table(document, name)) {
        ASSERT_EQ(row.size(), columns) << name;
        for (const std::string& cell : row) {
          EXPECT_TRUE(cell.empty() || std::string("=+-@\t\r").find(cell[0]) == std::string::npos)
              << cell;
        }
      }
    }
  }
  const auto rows = Table(Case("=1+1"), "endpoints.csv");
  EXPECT_EQ(rows[2][2], "'=1+1");
}

TEST(CaseToGraphml, IsXmlWithTheNamesInIt) {
  for (const std::string& enemy : Enemies()) {
    SCOPED_TRACE(enemy);
    const std::string xml = CaseToGraphml(Case(enemy, enemy));
    xmlDoc* const parsed =
        xmlReadMemory(xml.data(), static_cast<int>(xml.size()), nullptr, nullptr, XML_PARSE_NONET);
    ASSERT_NE(parsed, nullptr);
    // The name comes back as it was shown.
    std::string all;
    for (const xmlNode* node = xmlDocGetRootElement(parsed)->children; node != nullptr;
         node = node->next) {
      if (xmlChar* const text = xmlNodeGetContent(node); text != nullptr) {
        absl::StrAppend(&all, reinterpret_cast<const char*>(text));
        xmlFree(text);
      }
    }
    EXPECT_THAT(all,
                HasSubstr(absl::StrReplaceAll(Visible(enemy), {{"\xef\xbf\xbf", "[U+FFFF]"}})));
    xmlFreeDoc(parsed);
  }
}

TEST(CaseToDot, QuotesAllTexts) {
  for (const std::string& enemy : Enemies()) {
    SCOPED_TRACE(enemy);
    const std::string dot = CaseToDot(Case(enemy, enemy));
    // Outside of quoted texts there is nothing of the enemy's.
    std::string outside;
    for (size_t i = 0, in = 0; i < dot.size(); ++i) {
      if (in != 0 && dot[i] == '\\') {
        ++i;
      } else if (dot[i] == '"') {
        in = 1 - in;
      } else if (in == 0) {
        outside += dot[i];
      }
    }
    EXPECT_EQ(outside.find_first_not_of("abcdefghijklmnopqrstuvwxyzLR0123456789 _[]{},;=->\n"),
              std::string::npos)
        << outside;
    EXPECT_THAT(outside, Not(HasSubstr("script")));
    EXPECT_THAT(outside, Not(HasSubstr("evil")));
  }
}

rapidjson::Document Parsed(const std::string& json) {
  rapidjson::Document document;
  document.Parse<rapidjson::kParseValidateEncodingFlag>(json.c_str());
  EXPECT_FALSE(document.HasParseError()) << json;
  return document;
}

TEST(CaseToStix, HasIdsThatAnybodyComputes) {
  // From the community's own test data.
  EXPECT_EQ(StixObservableUuid("bc1qexamplewallet0000000000000000000000000"),
            "63c69546-406d-5b56-8079-ecd9c86d38df");
  EXPECT_EQ(CaseToStix(Case()), CaseToStix(Case()));
}

TEST(CaseToStix, RefersOnlyToWhatIsInIt) {
  for (const std::string& enemy : Enemies()) {
    SCOPED_TRACE(enemy);
    const rapidjson::Document bundle = Parsed(CaseToStix(Case(enemy, enemy)));
    std::map<std::string, std::string> types;
    for (const auto& object : bundle["objects"].GetArray()) {
      const std::string id = object["id"].GetString();
      EXPECT_TRUE(absl::StartsWith(id, absl::StrCat(object["type"].GetString(), "--")));
      EXPECT_TRUE(types.emplace(id, object["type"].GetString()).second) << id;
    }
    size_t wallets = 0;
    for (const auto& object : bundle["objects"].GetArray()) {
      const std::string type = object["type"].GetString();
      if (type == "extension-definition") continue;
      for (const char* ref : {"created_by_ref", "source_ref", "target_ref", "holder_ref"}) {
        if (!object.HasMember(ref)) continue;
        EXPECT_TRUE(types.contains(object[ref].GetString())) << ref;
      }
      if (object.HasMember("object_refs")) {
        EXPECT_EQ(object["object_refs"].Size(), types.size() - 3);  // not extensions and itself
        for (const auto& ref : object["object_refs"].GetArray()) {
          EXPECT_TRUE(types.contains(ref.GetString()));
        }
      }
      if (type == "cryptocurrency-wallet") {
        ++wallets;
        EXPECT_TRUE(object["extensions"].HasMember(
            "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7"));
      }
    }
    EXPECT_EQ(wallets, 3u);  // a fee is nobody's
  }
}

TEST(CaseToMisp, HasObjectsOfTheTemplates) {
  for (const std::string& enemy : Enemies()) {
    SCOPED_TRACE(enemy);
    const rapidjson::Document document = Parsed(CaseToMisp(Case(enemy, enemy)));
    const auto& event = document["Event"];
    EXPECT_STREQ(event["info"].GetString(), "Trace of 0.00000100 BTC stolen");
    EXPECT_STREQ(event["date"].GetString(), "2024-01-02");
    std::set<std::string> uuids;
    std::map<std::string, size_t> objects;
    for (const auto& object : event["Object"].GetArray()) {
      EXPECT_TRUE(uuids.insert(object["uuid"].GetString()).second);
      ++objects[object["name"].GetString()];
      std::set<std::string> relations;
      for (const auto& attribute : object["Attribute"].GetArray()) {
        EXPECT_TRUE(uuids.insert(attribute["uuid"].GetString()).second);
        relations.insert(attribute["object_relation"].GetString());
      }
      EXPECT_TRUE(relations.contains("address") || relations.contains("transaction-number"));
    }
    EXPECT_EQ(objects["coin-address"], 3u);
    EXPECT_EQ(objects["cryptocurrency-transaction"], 1u);
    for (const auto& object : event["Object"].GetArray()) {
      if (!object.HasMember("ObjectReference")) continue;
      for (const auto& reference : object["ObjectReference"].GetArray()) {
        EXPECT_TRUE(uuids.contains(reference["referenced_uuid"].GetString()));
      }
    }
  }
}

TEST(CaseToHtml, KeepsDataInItsElement) {
  if (!HasCasePage()) GTEST_SKIP() << "built without the page";
  const auto plain = CaseToHtml(Case("plain", "plain"), "");
  ASSERT_TRUE(plain.ok()) << plain.status();
  const auto count = [](const std::string& page, absl::string_view what) {
    return std::vector<std::string>(absl::StrSplit(page, what)).size() - 1;
  };
  EXPECT_THAT(*plain, HasSubstr("default-src 'none'"));
  for (const std::string& enemy : Enemies()) {
    SCOPED_TRACE(enemy);
    const auto page = CaseToHtml(Case(enemy, enemy), "");
    ASSERT_TRUE(page.ok());
    for (const char* what : {"<", "</script", "<!--", "\xe2\x80\xae", "\xe2\x80\xa8"}) {
      EXPECT_EQ(count(*page, what), count(*plain, what)) << what;
    }
  }
}

// What cannot be seen, or turns the direction of writing, is in no file.
TEST(CaseFiles, ShowWhatIsNotSeen) {
  for (const std::string& enemy : Enemies()) {
    SCOPED_TRACE(enemy);
    TraceDocument document = Case(enemy, enemy);
    document.results[0].warnings = {enemy};
    document.assets["bitcoin:BTC"].symbol = enemy;
    for (const std::string& file : {CaseToStix(document), CaseToMisp(document),
                                    CaseToGraphml(document), CaseToDot(document)}) {
      for (const char* hidden :
           {"\xe2\x80\xae", "\xe2\x80\x8b", "\xe2\x80\xa8", "\\u202e", "\\u0000"}) {
        EXPECT_THAT(file, Not(HasSubstr(hidden)));
      }
      EXPECT_EQ(file.find('\0'), std::string::npos);
    }
  }
}

TEST(CaseToHtml, RefusesAnEstimateOfAnotherTrace) {
  if (!HasCasePage()) GTEST_SKIP() << "built without the page";
  const auto with = [](const char* stolen) {
    return CaseToHtml(Case(),
                      absl::StrCat(R"({"schema":"spoor.estimate.v1","stolen":[)", stolen, "]}"))
        .status();
  };
  EXPECT_TRUE(with(R"({"asset":"bitcoin:BTC","least":"100","most":"100"})").ok());
  // One without a trace goes with any.
  EXPECT_TRUE(with("").ok());
  for (const char* other : {R"({"asset":"bitcoin:BTC","least":"100","most":"101"})",
                            R"({"asset":"bitcoin:BCH","least":"100","most":"100"})"}) {
    const absl::Status status = with(other);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("found an estimate of another trace"));
  }
  EXPECT_TRUE(absl::IsDataLoss(with(R"({"asset":"bitcoin:BTC","most":100})")));
}

// Coins stolen as one asset and exchanged for another are told in units of what was stolen.
TEST(CaseView, SharesAreOfWhatWasStolen) {
  TraceDocument document = Case();
  TraceDocument::Result& result = document.results[0];
  result.stolen = {{"x:A", 100, {{"hack", 100}}}, {"x:B", 7, {{"hack", 7}}}};
  result.endpoints.resize(1);
  TraceDocument::Endpoint& end = result.endpoints[0];
  end.asset = "x:C";
  end.tainted = 5000;
  end.stolen_units = 107;
  end.by_source = {{"hack", 107}};
  end.origins = {{"hack", "x:A", 4000, 100}, {"hack", "x:B", 1000, 7}};
  document.results.resize(1);
  const CaseView view(document);
  ASSERT_EQ(view.shares().size(), 2u);
  EXPECT_EQ(view.shares()[0].asset, "x:A");
  EXPECT_EQ(view.shares()[0].stolen_units[0], 100);
  EXPECT_EQ(view.shares()[1].asset, "x:B");
  EXPECT_EQ(view.shares()[1].stolen_units[0], 7);
}

TEST(CaseToHtml, RefusesAnotherDocumentForAnEstimate) {
  if (!HasCasePage()) GTEST_SKIP() << "built without the page";
  for (const char* bad : {"{", "[]", "{}", R"({"schema":"spoor.trace.v1"})", R"({"schema":1})"}) {
    EXPECT_TRUE(absl::IsDataLoss(CaseToHtml(Case(), bad).status())) << bad;
  }
  EXPECT_TRUE(CaseToHtml(Case(), R"({"schema":"spoor.estimate.v1","usable":null})").ok());
}

TEST(CaseFiles, TakeAnEmptyTrace) {
  const TraceDocument nothing;
  EXPECT_EQ(CaseToCsv(nothing).size(), 4u);
  EXPECT_THAT(CaseToDot(nothing), HasSubstr("digraph"));
  EXPECT_THAT(CaseToGraphml(nothing), HasSubstr("</graphml>"));
  EXPECT_STREQ(Parsed(CaseToStix(nothing))["type"].GetString(), "bundle");
  EXPECT_TRUE(Parsed(CaseToMisp(nothing)).HasMember("Event"));
  EXPECT_EQ(CaseToHtml(nothing, "").ok(), HasCasePage());
}

TEST(Visible, ShowsWhatIsNotSeen) {
  EXPECT_EQ(Visible("plain \xd9\x85 \xf0\x9f\x92\xb0"), "plain \xd9\x85 \xf0\x9f\x92\xb0");
  EXPECT_EQ(Visible("a\nb"), "a[U+000A]b");
  EXPECT_EQ(Visible("\xe2\x80\xae"
                    "x"),
            "[U+202E]x");
  EXPECT_EQ(Visible("\xf3\xa0\x80\x81"), "[U+E0001]");
  EXPECT_EQ(Visible(std::string(1, '\0')), "[U+0000]");
}

}  // namespace
}  // namespace spoor
