#include "spoor/entity/tag_file.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace spoor {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Three of Bitcoin's (the genesis block's and BIP 173's), one of Ethereum's.
constexpr char kA[] = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa";
constexpr char kB[] = "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4";
constexpr char kEther[] = "0x52908400098527886E0F7030069857D2E4169EE7";

struct Collected : TagSink {
  std::vector<Tag> tags;
  std::vector<uint64_t> lines;
  std::vector<std::string> refused;
  absl::Status Add(Tag tag, uint64_t line) override {
    tags.push_back(std::move(tag));
    lines.push_back(line);
    return absl::OkStatus();
  }
  absl::Status Refuse(TagRefusal refusal) override {
    refused.push_back(absl::StrCat(refusal.line, " ", refusal.entry, ": ", refusal.reason));
    return absl::OkStatus();
  }
};

struct Outcome : Collected {
  absl::StatusOr<TagFileInfo> info = absl::UnknownError("");
};

Outcome Read(absl::string_view text, absl::string_view name = "list") {
  Outcome out;
  out.info = ReadTagFile(name, text, &out);
  return out;
}

std::string Keys(const Collected& found) {
  std::string keys;
  for (const Tag& tag : found.tags) absl::StrAppend(&keys, keys.empty() ? "" : " ", tag.key);
  return keys;
}

TEST(TagKey, OneAddressHasOneKey) {
  EXPECT_EQ(*TagKey(kA, "BTC"), absl::StrCat("btc:", kA));
  EXPECT_EQ(*TagKey(kA, ""), *TagKey(kA, "XBT"));
  EXPECT_EQ(*TagKey(kA, "USDT"), *TagKey(kA, "btc"));
  EXPECT_EQ(*TagKey(kB, "BTC"), "btc:bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");
  EXPECT_EQ(*TagKey(kEther, "ETH"), "evm:0x52908400098527886e0f7030069857d2e4169ee7");
  EXPECT_EQ(*TagKey(kEther, "USDC"), *TagKey(kEther, ""));
  EXPECT_EQ(*TagKey("TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq", "TRX"),
            "trx:TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq");
  // The same script on Litecoin has an address of its own, old ones had Bitcoin's.
  EXPECT_EQ(TagKey("3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "LTC")->substr(0, 5), "ltc:M");
  EXPECT_EQ(TagKey("3P14159f73E4gFr7JterCCQh9QjiTjiZrG", "")->substr(0, 5), "btc:3");
}

TEST(TagKey, WhatIsNoAddress) {
  for (const auto& [address, currency] : std::vector<std::pair<std::string, std::string>>{
           {"", "BTC"},
           {"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb", "BTC"},
           {kEther, "BTC"},
           {kA, "ETH"},
           {kA, "LTC"},
           {"TUCsTq7TofTCJRRoHk6RvhMoS2mJLm5Yzq", ""},
           {"two words", "TRX"},
           {std::string("a\0b", 3), "TRX"},
           {std::string(1000, 'a'), "TRX"},
           {kA, "no symbol"}}) {
    SCOPED_TRACE(address);
    EXPECT_EQ(TagKey(address, currency).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

TEST(Confidence, GraphSensesLevelsAndNumbers) {
  EXPECT_EQ(*ConfidenceFromText("ownership"), 100);
  EXPECT_EQ(*ConfidenceFromText("authority_data"), 60);
  EXPECT_EQ(*ConfidenceFromText("forensic_investigation"), 70);
  EXPECT_EQ(*ConfidenceFromText("web_crawl"), 20);
  EXPECT_EQ(*ConfidenceFromText(""), 5);
  EXPECT_EQ(*ConfidenceFromText("hearsay"), 5);
  EXPECT_EQ(*ConfidenceFromText("90"), 90);
  EXPECT_EQ(*ConfidenceFromText("0.9"), 90);
  EXPECT_EQ(*ConfidenceFromText("1.0"), 100);
  EXPECT_FALSE(ConfidenceFromText("101").ok());
  EXPECT_FALSE(ConfidenceFromText("-1").ok());
  EXPECT_FALSE(ConfidenceFromText("1.5").ok());
}

TEST(TagPack, HeaderHoldsWhereATagSaysNothing) {
  const Outcome found = Read(absl::StrCat(
      "---\ntitle: A pack\nlabel: from header\nconfidence: service_data\ncurrency: BTC\n"
      "lastmod: 2022-11-16\ntags:\n- address: ",
      kA, "\n- address: ", kB,
      "\n  label: &own its own\n  category: mixing_service\n  confidence: ownership\n"
      "  lastmod: 2023-01-02 03:04:05\n  concepts: [a, {b: c}]\n  context: '{\"x\": 1}'\n"
      "- {address: \"",
      kEther, "\", currency: ETH, label: *own, abuse: service_hack, category: exchange}\n",
      "actor: someone\nsource: https://example.org\n"));
  ASSERT_TRUE(found.info.ok()) << found.info.status();
  EXPECT_EQ(found.info->kind, TagFileKind::kTagPack);
  EXPECT_EQ(found.info->title, "A pack");
  EXPECT_THAT(found.refused, IsEmpty());
  ASSERT_EQ(found.tags.size(), 3u);
  EXPECT_THAT(found.lines, ElementsAre(8, 9, 16));
  EXPECT_EQ(found.tags[0].label, "from header");
  EXPECT_EQ(found.tags[0].actor, "someone");  // that stands behind the tags
  EXPECT_EQ(found.tags[0].source, "https://example.org");
  EXPECT_EQ(found.tags[0].confidence, 50);
  EXPECT_EQ(found.tags[0].date, 1668556800);
  EXPECT_EQ(found.tags[0].category, Category::kUnknown);
  EXPECT_EQ(found.tags[1].label, "its own");
  EXPECT_EQ(found.tags[1].category, Category::kMixingService);
  EXPECT_EQ(found.tags[1].confidence, 100);
  EXPECT_EQ(found.tags[1].date, 1672628645);
  EXPECT_EQ(found.tags[2].label, "its own");
  // What was taken from an exchange is not the exchange's.
  EXPECT_EQ(found.tags[2].category, Category::kThief);
  EXPECT_EQ(found.tags[2].category_text, "exchange");
}

TEST(TagPack, EntriesThatCannotBeTaken) {
  const Outcome found = Read(absl::StrCat(
      "label: x\ntags:\n- address: nonsense\n  currency: BTC\n- just text\n- [a, list]\n- "
      "{address: ",
      kA, ", address: ", kA, "}\n- {address: ", kA, ", label: [a]}\n- {address: ", kA,
      ", lastmod: yesterday}\n- {label: y}\n- {address: ", kA,
      ", label: \"a\\x1b[2Jb\"}\n- {address: ", kA, ", label: ''}\n- {address: ", kA, "}\n"));
  ASSERT_TRUE(found.info.ok()) << found.info.status();
  EXPECT_EQ(Keys(found), absl::StrCat("btc:", kA));
  EXPECT_THAT(found.refused,
              ElementsAre(HasSubstr("3 nonsense: not a Bitcoin address"),
                          HasSubstr("5 : not a map"), HasSubstr("6 : not a map"),
                          HasSubstr("a field stands there twice"), HasSubstr("a field is no text"),
                          HasSubstr("the date is none"), HasSubstr("y: no address"),
                          HasSubstr("control characters"), HasSubstr("no label")));
}

TEST(TagPack, ConceptsAreCategories) {
  const Outcome found = Read(absl::StrCat(
      "concepts: [defi, gambling]\ncurrency: BTC\nlabel: x\ntags:\n- address: ", kA,
      "\n- address: ", kB, "\n  concepts: [novel_concept, mixing_service, exchange]\n- address: ",
      kA, "\n  label: y\n  category: miner\n  concepts: [exchange]\n"));
  ASSERT_TRUE(found.info.ok()) << found.info.status();
  ASSERT_EQ(found.tags.size(), 3u);
  EXPECT_EQ(found.tags[0].category, Category::kDefi);
  EXPECT_EQ(found.tags[1].category, Category::kMixingService);
  EXPECT_EQ(found.tags[2].category, Category::kMiner);
}

// What would command a terminal or turn its text around.
TEST(TagPack, ControlCharactersAreRefused) {
  for (const char* bad : {"a\x1b[2J",
                          "a\xc2\x9b"
                          "2J",
                          "a\xc2\x85"
                          "b",
                          "a\xe2\x80\xae"
                          "b",
                          "a\xe2\x80\xa8"
                          "b",
                          "a\xe2\x81\xa6"
                          "b",
                          "a\x7f"}) {
    const Outcome found = Read(absl::StrCat("address,label\n", kA, ",", bad, "\n"));
    ASSERT_TRUE(found.info.ok()) << found.info.status();
    EXPECT_THAT(found.refused, ElementsAre(HasSubstr("control characters")));
  }
  for (const char* good : {"B\xc3\xb6rse", "\xe2\x82\xac", "\xe2\x80\x93", "\xc2\xa0z"}) {
    EXPECT_EQ(Read(absl::StrCat("address,label\n", kA, ",", good, "\n")).tags.size(), 1u) << good;
  }
}

TEST(OfacSdn, AddressesOfEveryParty) {
  const Outcome found = Read(absl::StrCat(
      R"(<?xml version="1.0" standalone="yes"?>
<sdnList xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns="http://tempuri.org/sdnList.xsd">
<publshInformation><Publish_Date>08/30/2023</Publish_Date></publshInformation>
<sdnEntry><uid>1</uid><firstName>A</firstName><lastName>B &amp; C</lastName>
<programList><program>CYBER2</program><program>DPRK3</program></programList>
<idList><id><uid>7</uid><idType>Passport</idType><idNumber>123</idNumber></id>
<id><uid>8</uid><idType>Digital Currency Address - XBT</idType><idNumber>)",
      kA, R"(</idNumber></id></idList>
<akaList><aka><uid>9</uid><lastName>Other</lastName></aka></akaList></sdnEntry>
<sdnEntry><uid>2</uid><lastName>NOBODY</lastName></sdnEntry>
<sdnEntry><uid>3</uid><lastName>D</lastName><idList>
<id><idType>Digital Currency Address - ETH</idType><idNumber> )",
      kEther, R"( </idNumber></id>
<id><idType>Digital Currency Address - XBT</idType><idNumber>damaged</idNumber></id>
</idList></sdnEntry></sdnList>)"));
  ASSERT_TRUE(found.info.ok()) << found.info.status();
  EXPECT_EQ(found.info->kind, TagFileKind::kOfacSdn);
  ASSERT_EQ(found.tags.size(), 2u);
  EXPECT_EQ(found.tags[0].label, "A B & C");
  EXPECT_EQ(found.tags[0].source, "OFAC SDN list, entry 1, CYBER2 DPRK3");
  EXPECT_EQ(found.tags[0].category, Category::kSanctioned);
  EXPECT_EQ(found.tags[0].confidence, 60);
  EXPECT_EQ(found.tags[0].date, 1693353600);
  EXPECT_EQ(found.lines[0], 7u);
  EXPECT_EQ(found.tags[1].label, "D");
  EXPECT_EQ(found.tags[1].source, "OFAC SDN list, entry 3");
  EXPECT_THAT(found.refused, ElementsAre(HasSubstr("12 damaged: not a Bitcoin address")));
}

std::string Advanced(absl::string_view features) {
  return absl::StrCat(R"(<?xml version="1.0" encoding="utf-8"?>
<Sanctions xmlns="http://www.un.org/sanctions/1.0">
<DateOfIssue CalendarTypeID="1"><Year>2024</Year><Month>2</Month><Day>9</Day></DateOfIssue>
<ReferenceValueSets><FeatureTypeValues><FeatureType ID="8">Birthdate</FeatureType>
<FeatureType ID="344">Digital Currency Address - XBT</FeatureType>
<FeatureType ID="345">Digital Currency Address - ETH</FeatureType></FeatureTypeValues></ReferenceValueSets>
<DistinctParties><DistinctParty FixedRef="27307"><Profile ID="27307"><Identity>
<Alias Primary="true"><DocumentedName><DocumentedNamePart><NamePartValue>Lazarus</NamePartValue>
</DocumentedNamePart><DocumentedNamePart><NamePartValue>Group</NamePartValue></DocumentedNamePart>
</DocumentedName></Alias><Alias Primary="false"><DocumentedName><DocumentedNamePart>
<NamePartValue>Hidden Cobra</NamePartValue></DocumentedNamePart></DocumentedName></Alias></Identity>)",
                      features, "</Profile></DistinctParty></DistinctParties></Sanctions>");
}

TEST(OfacAdvanced, AddressesOfEveryParty) {
  const Outcome found = Read(Advanced(absl::StrCat(
      R"(<Feature FeatureTypeID="8"><FeatureVersion><VersionDetail>1948</VersionDetail></FeatureVersion></Feature>
<Feature FeatureTypeID="344"><FeatureVersion><VersionDetail DetailTypeID="1431"/><VersionDetail>)",
      kA, R"(</VersionDetail></FeatureVersion></Feature>
<Feature FeatureTypeID="345"><FeatureVersion><VersionDetail>)",
      kEther, "</VersionDetail></FeatureVersion></Feature>")));
  ASSERT_TRUE(found.info.ok()) << found.info.status();
  EXPECT_EQ(found.info->kind, TagFileKind::kOfacAdvanced);
  EXPECT_THAT(found.refused, IsEmpty());
  ASSERT_EQ(found.tags.size(), 2u);
  EXPECT_EQ(found.tags[0].actor, "Lazarus Group");
  EXPECT_EQ(found.tags[0].source, "OFAC SDN list, entry 27307");
  EXPECT_EQ(found.tags[0].date, 1707436800);
  EXPECT_EQ(found.tags[1].currency, "ETH");
}

TEST(AddressList, OneALine) {
  const Outcome found =
      Read(absl::StrCat(kA, "\r\n\n# a remark\n  ", kB, "\nnonsense\n"), "sanctioned_XBT.txt");
  ASSERT_TRUE(found.info.ok()) << found.info.status();
  EXPECT_EQ(found.info->kind, TagFileKind::kAddressList);
  ASSERT_EQ(found.tags.size(), 2u);
  EXPECT_THAT(found.lines, ElementsAre(1, 4));
  EXPECT_EQ(found.tags[0].currency, "BTC");
  EXPECT_EQ(found.tags[0].category, Category::kSanctioned);
  EXPECT_THAT(found.refused, ElementsAre(HasSubstr("5 nonsense: not a Bitcoin")));
}

TEST(TagCsv, WithAndWithoutAHeader) {
  const std::string rows = absl::StrCat(kA, ",\"An \"\"exchange\"\", the big one\",exchange\n", kB,
                                        ",M,mixer,me,0.7,BTC\n");
  for (const std::string& text : {rows,
                                  "\xef\xbb\xbf"
                                  "Address,label,category,source,confidence,currency\r\n" +
                                      rows,
                                  absl::StrReplaceAll(rows, {{"\n", "\r\n"}})}) {
    SCOPED_TRACE(text);
    const Outcome found = Read(text, "mine.csv");
    ASSERT_TRUE(found.info.ok()) << found.info.status();
    EXPECT_EQ(found.info->kind, TagFileKind::kCsv);
    EXPECT_THAT(found.refused, IsEmpty());
    ASSERT_EQ(found.tags.size(), 2u);
    EXPECT_EQ(found.tags[0].label, "An \"exchange\", the big one");
    EXPECT_EQ(found.tags[0].actor, found.tags[0].label);
    EXPECT_EQ(found.tags[0].category, Category::kExchange);
    EXPECT_EQ(found.tags[0].source, "mine.csv");
    EXPECT_EQ(found.tags[0].confidence, 5);
    EXPECT_EQ(found.tags[1].category, Category::kMixingService);
    EXPECT_EQ(found.tags[1].confidence, 70);
    EXPECT_EQ(found.tags[1].source, "me");
  }
  const Outcome found = Read(absl::StrCat("address,label,category\n", kA, ",x,exchange,too,many\n",
                                          kA, "\n,x,exchange\n", kA, ",caf\xe9,exchange\n"));
  ASSERT_TRUE(found.info.ok());
  EXPECT_THAT(found.tags, IsEmpty());
  EXPECT_THAT(found.refused, ElementsAre(HasSubstr("2 "), HasSubstr("no label"),
                                         HasSubstr("no address"), HasSubstr("is not UTF-8")));
}

TEST(TagFile, WhatCannotBeReadIsSaid) {
  std::string entities = "<!DOCTYPE sdnList [<!ENTITY a \"aaaaaaaaaa\">";
  for (char c = 'b'; c <= 'k'; ++c) {
    absl::StrAppend(&entities, "<!ENTITY ", std::string(1, c), " \"&", std::string(1, c - 1), ";&",
                    std::string(1, c - 1), ";\">");
  }
  absl::StrAppend(&entities, "]><sdnList>&k;</sdnList>");
  std::string deep_xml = "<sdnList>";
  for (int i = 0; i < 100'000; ++i) deep_xml += "<a>";
  std::string attributes = "<sdnList><!-- " + std::string(9'000, '-') + " --><a";
  for (int i = 0; i < 300'000; ++i) absl::StrAppend(&attributes, " a", i, "='>'");
  std::string anchors = "x:\n";
  for (int i = 0; i < 20'000; ++i) absl::StrAppend(&anchors, "- &a", i, " b\n");
  absl::StrAppend(&anchors, "tags: []\n");
  struct Case {
    const char* name;
    std::string text;
    const char* why;
  };
  for (const Case& c : {
           Case{"nothing", "", "found nothing, wanted a GraphSense TagPack"},
           Case{"blank", "\n \n", "found nothing"},
           Case{"remarks only", "# a\n# b", "found nothing"},
           Case{"UTF-16", std::string("\xff\xfe<\0?\0", 6), "found UTF-16, wanted UTF-8"},
           Case{"binary", std::string("ab\0cd", 5), "found bytes that are no text"},
           Case{"other XML", "<html></html>", "another kind of XML"},
           Case{"prose", "once upon a time", "found \"once upon a time\""},
           Case{"YAML of another kind", "a: b\n", "without tags"},
           Case{"an ActorPack", "title: x\nactors:\n- id: binance\n", "found an ActorPack"},
           Case{"tags that are no list", "tags: 5\n", "line 1: tags are no list"},
           Case{"tags that are a map", "tags: {a: b}\n", "tags are no list"},
           Case{"bad YAML", "title: x\ntags:\n- {address: ", "line"},
           Case{"deep YAML", "tags:\n- " + std::string(100'000, '['), "line"},
           Case{"deep YAML maps", "tags:\n- " + std::string(100'000, '{'), "line"},
           Case{"two documents", "tags: []\n---\ntags: []\n", "second document"},
           Case{"an unknown alias", "tags: *a\n", "line 1"},
           Case{"XML cut short", "<sdnList><sdnEntry>", "line 1"},
           Case{"entities", entities, "document type declaration"},
           Case{"an external entity",
                "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><sdnList></sdnList>",
                "document type declaration"},
           Case{"an undefined entity", "<sdnList>&x;</sdnList>", "line 1"},
           Case{"deep XML", deep_xml, "line 1"},
           Case{"attributes without end", attributes + "></a></sdnList>",
                "line 1: a tag has more than 4096 bytes"},
           Case{"anchors without end", anchors, "line 10002: more than 10000 anchors"},
           Case{"NUL in XML",
                std::string("<sdnList>") + std::string(70'000, ' ') +
                    std::string("\0</sdnList>", 11),
                "line 1"},
           Case{"not the encoding it names",
                "<?xml version=\"1.0\" encoding=\"utf-8\"?><sdnList>\xe9</sdnList>", "line 1"},
           Case{"CSV with an open quote", absl::StrCat("address,label\n\"", kA), "not closed"},
       }) {
    SCOPED_TRACE(c.name);
    const Outcome found = Read(c.text);
    EXPECT_EQ(found.info.status().code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(found.info.status().message()), HasSubstr(c.why));
    EXPECT_THAT(found.tags, IsEmpty());
  }
}

TEST(TagFile, AliasesDoNotGrow) {
  std::string bomb = absl::StrCat("a: &a [x, x, x, x, x, x, x, x, x]\n");
  for (char c = 'b'; c <= 'z'; ++c) {
    const std::string before(1, c - 1);
    absl::StrAppend(&bomb, std::string(1, c), ": &", std::string(1, c), " [*", before, ", *",
                    before, ", *", before, ", *", before, "]\n");
  }
  absl::StrAppend(&bomb, "label: x\ntags:\n- {address: ", kA, ", category: *z}\n- {address: ", kA,
                  ", z: *z}\n");
  const Outcome found = Read(bomb);
  ASSERT_TRUE(found.info.ok()) << found.info.status();
  EXPECT_EQ(found.tags.size(), 1u);
  EXPECT_THAT(found.refused, ElementsAre(HasSubstr("a field is no text")));
}

TEST(TagFile, EveryPrefixEnds) {
  const std::string whole =
      Advanced(absl::StrCat(R"(<Feature FeatureTypeID="344"><FeatureVersion><VersionDetail>)", kA,
                            "</VersionDetail></FeatureVersion></Feature>"));
  for (size_t n = 0; n < whole.size(); ++n) {
    ASSERT_FALSE(Read(whole.substr(0, n)).info.ok()) << n;
  }
}

}  // namespace
}  // namespace spoor
