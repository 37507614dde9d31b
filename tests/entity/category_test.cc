#include "spoor/entity/category.h"

#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace spoor {
namespace {

TEST(Category, NamesAreReadBack) {
  std::set<absl::string_view> names;
  for (int i = 0; i < kCategories; ++i) {
    const Category category = static_cast<Category>(i);
    const std::string name(CategoryName(category));
    SCOPED_TRACE(name);
    EXPECT_TRUE(names.insert(CategoryName(category)).second);
    EXPECT_EQ(CategoryFromText(name), category);
    EXPECT_EQ(CategoryFromText(absl::AsciiStrToUpper(name)), category);
    EXPECT_EQ(CategoryFromText(absl::StrReplaceAll(name, {{" ", "_"}})), category);
    EXPECT_EQ(CategoryFromText(name + "x"), Category::kUnknown);
  }
}

TEST(Category, TheWordsOfLabelLists) {
  struct Case {
    const char* text;
    Category category;
  };
  for (const Case& c :
       {Case{"mixing_service", Category::kMixingService},
        Case{"wallet_service", Category::kHostedWallet},
        Case{"Hosted-Wallet", Category::kHostedWallet}, Case{"defi_bridge", Category::kBridge},
        Case{"service_hack", Category::kThief}, Case{"hacking", Category::kThief},
        Case{"spoor:otc_broker", Category::kOtcBroker}, Case{"spoor:frozen", Category::kFrozen},
        Case{"spoor:seized", Category::kSeized}, Case{"spoor:state_actor", Category::kStateActor},
        Case{"hot_wallet", Category::kHostedWallet}, Case{"money_laundering", Category::kOther},
        Case{"victim", Category::kUser}, Case{"spoor:nothing", Category::kUnknown},
        Case{"  exchange ", Category::kExchange}, Case{"", Category::kUnknown},
        Case{"exchanges of blows", Category::kUnknown}}) {
    SCOPED_TRACE(c.text);
    EXPECT_EQ(CategoryFromText(c.text), c.category);
  }
}

TEST(Category, WhereToStop) {
  EXPECT_EQ(*ParseCategories("none"), std::set<Category>());
  EXPECT_EQ(*ParseCategories("exchange,mixing_service,Payment processor,gambling,market,bridge"),
            CustodialCategories());
  EXPECT_EQ(*ParseCategories("thief"), std::set<Category>{Category::kThief});
  for (const char* bad : {"", "exchange,", "exchange,none", "exchnge", "unknown"}) {
    SCOPED_TRACE(bad);
    const auto categories = ParseCategories(bad);
    EXPECT_EQ(categories.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(categories.status().message()), testing::HasSubstr("hosted wallet"));
  }
}

}  // namespace
}  // namespace spoor
