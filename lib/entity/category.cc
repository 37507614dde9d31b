#include "spoor/entity/category.h"

#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace spoor {
namespace {

constexpr std::array<absl::string_view, kCategories> kNames = {
    "unknown",    "exchange",   "mixing service", "payment processor",
    "gambling",   "market",     "bridge",         "hosted wallet",
    "defi",       "miner",      "shop",           "donation",
    "thief",      "sanctioned", "user",           "other",
    "otc broker", "frozen",     "seized",         "state actor"};

struct Synonym {
  absl::string_view text;
  Category category;
};
// Ids of GraphSense's taxonomy of entities, which is INTERPOL's DW-VA
// (https://graphsense.github.io/tagpack-tool,
// https://interpol-innovation-centre.github.io/DW-VA-Taxonomy), its predecessors and a few plain
// words.
constexpr Synonym kSynonyms[] = {
    {"atm", Category::kExchange},
    {"cex", Category::kExchange},
    {"coinatmradar", Category::kExchange},
    {"vasp", Category::kExchange},
    {"coinjoin", Category::kMixingService},
    {"mixer", Category::kMixingService},
    {"mixing", Category::kMixingService},
    {"tumbler", Category::kMixingService},
    {"cold wallet", Category::kHostedWallet},
    {"hot wallet", Category::kHostedWallet},
    {"card", Category::kPaymentProcessor},
    {"payment", Category::kPaymentProcessor},
    {"payment service", Category::kPaymentProcessor},
    {"casino", Category::kGambling},
    {"lottery", Category::kGambling},
    {"darknet market", Category::kMarket},
    {"marketplace", Category::kMarket},
    {"cross chain bridge", Category::kBridge},
    {"defi bridge", Category::kBridge},
    {"custodian", Category::kHostedWallet},
    {"hosted wallet service", Category::kHostedWallet},
    {"wallet", Category::kHostedWallet},
    {"wallet service", Category::kHostedWallet},
    {"defi dex", Category::kDefi},
    {"defi lending", Category::kDefi},
    {"dex", Category::kDefi},
    {"lending", Category::kDefi},
    {"mining", Category::kMiner},
    {"mining pool", Category::kMiner},
    {"mining service", Category::kMiner},
    {"merchant", Category::kShop},
    {"retailer", Category::kShop},
    {"charity", Category::kDonation},
    {"donations", Category::kDonation},
    {"exploit", Category::kThief},
    {"hack", Category::kThief},
    {"hacker", Category::kThief},
    {"hacking", Category::kThief},
    {"perpetrator", Category::kThief},
    {"phishing", Category::kThief},
    {"ponzi scheme", Category::kThief},
    {"ransomware", Category::kThief},
    {"scam", Category::kThief},
    {"service hack", Category::kThief},
    {"sextortion", Category::kThief},
    {"theft", Category::kThief},
    {"ofac", Category::kSanctioned},
    {"sanction", Category::kSanctioned},
    {"sanctions", Category::kSanctioned},
    {"individual", Category::kUser},
    {"organization", Category::kUser},
    {"person", Category::kUser},
    {"victim", Category::kUser},
    {"faucet", Category::kOther},
    {"hosting", Category::kOther},
    {"money laundering", Category::kOther},
    {"service", Category::kOther},
    {"vpn", Category::kOther},
    {"otc", Category::kOtcBroker},
    {"otc desk", Category::kOtcBroker},
};

}  // namespace

absl::string_view CategoryName(Category category) { return kNames[static_cast<size_t>(category)]; }

Category CategoryFromText(absl::string_view text) {
  // What is longer than every name is none of them.
  if (text.size() > 64) return Category::kUnknown;
  const std::string words = absl::StrJoin(
      absl::StrSplit(absl::AsciiStrToLower(text), absl::ByAnyChar("_- \t"), absl::SkipEmpty()),
      " ");
  const absl::string_view name = absl::StripPrefix(words, "spoor:");
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<Category>(i);
  }
  for (const Synonym& synonym : kSynonyms) {
    if (words == synonym.text) return synonym.category;
  }
  return Category::kUnknown;
}

const std::set<Category>& CustodialCategories() {
  static const auto* const kCustodial = new std::set<Category>{
      Category::kExchange, Category::kMixingService, Category::kPaymentProcessor,
      Category::kGambling, Category::kMarket,        Category::kBridge};
  return *kCustodial;
}

absl::StatusOr<std::set<Category>> ParseCategories(absl::string_view text) {
  std::set<Category> categories;
  if (text == "none") return categories;
  for (const absl::string_view name : absl::StrSplit(text, ',')) {
    const Category category = CategoryFromText(name);
    if (category == Category::kUnknown) {
      return absl::InvalidArgumentError(
          absl::StrCat("found \"", name, "\", wanted none, or of ",
                       absl::StrJoin(kNames.begin() + 1, kNames.end(), ", ")));
    }
    categories.insert(category);
  }
  return categories;
}

}  // namespace spoor
