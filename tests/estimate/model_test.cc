#include "spoor/estimate/model.h"

#include <fstream>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/estimate/traced_case.h"

namespace spoor {
namespace {

using testing::AllOf;
using testing::HasSubstr;

absl::Status Override(const std::string& yaml, Model* model) {
  return OverrideModel("mine.yaml", yaml, model);
}

TEST(DefaultModel, HasEveryParameterWithItsSourceAndMark) {
  const Model& model = DefaultModel();
  for (size_t i = 0; i < kParameters; ++i) {
    const auto id = static_cast<ParameterId>(i);
    SCOPED_TRACE(std::string(ParameterName(id)));
    EXPECT_FALSE(model[id].source.empty());
    EXPECT_FALSE(model[id].meaning.empty());
    EXPECT_THAT(model[id].mark, testing::AnyOf("S", "C", "J", "U"));
    EXPECT_LT(model[id].low, model[id].mode);
    EXPECT_LE(model[id].mode, model[id].high);
    EXPECT_THAT(model[id].weight, testing::AnyOf(4, 2));
  }
  EXPECT_EQ(model.attribution_level, "suspected");
  EXPECT_EQ(model.attribution_levels.size(), 3u);
  EXPECT_EQ(model[ParameterId::kAttribution].high, 0.70);
  EXPECT_EQ(model[ParameterId::kFrozen].high, 0.25);
  EXPECT_EQ(model[ParameterId::kDaysToCash].mode, 45);
}

TEST(DefaultModel, TakenAsAUsersFileChangesNothing) {
  Model model = DefaultModel();
  ASSERT_TRUE(Override(std::string(DefaultModelText()), &model).ok());
  for (size_t i = 0; i < kParameters; ++i) {
    const Parameter &a = model.parameters[i], &b = DefaultModel().parameters[i];
    EXPECT_EQ(a.low, b.low);
    EXPECT_EQ(a.mode, b.mode);
    EXPECT_EQ(a.high, b.high);
    EXPECT_EQ(a.weight, b.weight);
    EXPECT_EQ(a.source, b.source);
  }
}

TEST(Override, TakesTheNamedParametersAndNoOthers) {
  Model model = DefaultModel();
  ASSERT_TRUE(Override("parameters:\n"
                       "- {name: retained, low: 0.1, mode: 0.2, high: 0.3, weight: 2,\n"
                       "   source: an interview, date: 2025-01-01, mark: S}\n"
                       "- {name: frozen, low: 0, mode: 0, high: 0}\n",
                       &model)
                  .ok());
  const Parameter& retained = model[ParameterId::kRetained];
  EXPECT_EQ(retained.mode, 0.2);
  EXPECT_EQ(retained.weight, 2);
  EXPECT_EQ(retained.source, "an interview");
  EXPECT_EQ(retained.date, "2025-01-01");
  EXPECT_EQ(retained.mark, "S");
  EXPECT_EQ(retained.meaning, DefaultModel()[ParameterId::kRetained].meaning);
  EXPECT_EQ(model[ParameterId::kFrozen].high, 0);
  EXPECT_EQ(model[ParameterId::kFrozen].source, "mine.yaml, which names no source");
  EXPECT_EQ(model[ParameterId::kFrozen].mark, "user");
  EXPECT_EQ(model[ParameterId::kHeld1y].source, DefaultModel()[ParameterId::kHeld1y].source);

  // A bare list does too.
  ASSERT_TRUE(Override("- {name: held_1y, low: 0.5, mode: 0.6, high: 0.7}\n", &model).ok());
  EXPECT_EQ(model[ParameterId::kHeld1y].mode, 0.6);
}

TEST(Override, OfAttributionByLevelOrAtOnce) {
  Model model = DefaultModel();
  ASSERT_TRUE(
      Override("- {name: attribution, level: vendor, low: 0.6, mode: 0.7, high: 0.8}", &model)
          .ok());
  EXPECT_EQ(model[ParameterId::kAttribution].low, 0.30);
  ASSERT_TRUE(SetAttribution("vendor", &model).ok());
  EXPECT_EQ(model[ParameterId::kAttribution].low, 0.6);
  EXPECT_THAT(SetAttribution("rumour", &model).message(),
              HasSubstr("wanted of government, suspected, vendor"));
  ASSERT_TRUE(Override("- {name: attribution, low: 1, mode: 1, high: 1}", &model).ok());
  EXPECT_EQ(model[ParameterId::kAttribution].low, 1);
  EXPECT_EQ(model.attribution_level, "");
}

TEST(Override, RefusesByName) {
  struct Case {
    const char* name;
    std::string yaml;
    const char* wanted;
  };
  const std::string long_text(3000, 'x');
  for (const Case& c : {
           Case{"no such parameter", "- {name: frozzen, low: 0, mode: 0, high: 0}",
                "found a parameter \"frozzen\", wanted of frozen, held_1y"},
           Case{"too large", "- {name: frozen, low: 0, mode: 0.1, high: 1.5}",
                "parameter frozen: high: found 1.5, wanted 0 to 1"},
           Case{"negative", "- {name: price_ratio, low: -1, mode: 0.1, high: 0.5}",
                "parameter price_ratio: low: found -1"},
           Case{
               "out of order", "- {name: retained, low: 0.3, mode: 0.2, high: 0.4}",
               "parameter retained: found low 0.3, mode 0.2, high 0.4, wanted low <= mode <= high"},
           Case{"mode above high", "- {name: retained, low: 0.3, mode: 0.5, high: 0.4}",
                "wanted low <= mode <= high"},
           Case{"missing", "- {name: retained, low: 0.3, mode: 0.5}",
                "parameter retained: high: found nothing, wanted a number"},
           Case{"no number", "- {name: retained, low: 0.3, mode: half, high: 1}",
                "mode: found \"half\", wanted a number"},
           Case{"not a number", "- {name: retained, low: nan, mode: .nan, high: 1}", "low: found"},
           Case{"infinite", "- {name: price_ratio, low: 0, mode: 1, high: inf}", "high: found"},
           Case{"weight", "- {name: retained, low: 0, mode: 0, high: 1, weight: -4}",
                "parameter retained: weight: found -4"},
           Case{"unknown member", "- {name: retained, low: 0, mode: 0, high: 1, median: 1}",
                "found a member \"median\""},
           Case{"twice",
                "- {name: retained, low: 0, mode: 0, high: 1}\n"
                "- {name: retained, low: 0, mode: 0, high: 1}",
                "parameter retained: stands there twice"},
           Case{"member twice", "- {name: retained, low: 0, low: 0, mode: 0, high: 1}",
                "\"low\" stands there twice"},
           Case{"level", "- {name: retained, level: vendor, low: 0, mode: 0, high: 1}",
                "found a level, which only attribution has"},
           Case{"a map within", "- {name: retained, low: {a: 1}, mode: 0, high: 1}",
                "\"low\" is no single value"},
           Case{"no name", "- {low: 0, mode: 0, high: 1}",
                "line 1: found a parameter without a name"},
           Case{"no map", "- retained", "line 1: found no map"},
           Case{"no list", "retained: 0.5", "found \"retained\" beside the parameters"},
           Case{"a word", "hello", "found no list of parameters"},
           Case{"empty", "", "found no list of parameters"},
           Case{"no YAML", "- {name: retained", "line "},
           Case{"itself", "&a [*a]", "found no map"},
           Case{"long", "- {name: retained, low: 0, mode: 0, high: 1, source: " + long_text + "}",
                "\"source\" has 3000 bytes"},
           Case{"huge", std::string((1 << 20) + 1, ' '), "wanted at most 1048576"},
           Case{"deep", std::string(100'000, '['), ""},
       }) {
    SCOPED_TRACE(c.name);
    Model model = DefaultModel();
    const absl::Status status = Override(c.yaml, &model);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr("mine.yaml: "), HasSubstr(c.wanted)));
    EXPECT_EQ(model[ParameterId::kRetained].high, 0.20);
  }
}

TEST(Override, EveryPrefixOfAGoodFileIsReadOrRefused) {
  const std::string text(DefaultModelText());
  for (size_t n = 0; n < text.size(); n += 7) {
    Model model = DefaultModel();
    const absl::Status status = Override(text.substr(0, n), &model);
    if (!status.ok()) {
      EXPECT_EQ(model[ParameterId::kPassOtc].mode, 0.95);
    }
  }
}

TEST(Bucket, OfKindAndCategory) {
  struct Case {
    const char* kind;
    const char* category;
    Bucket bucket;
  };
  for (const Case& c : {Case{"unspent", "", Bucket::kHeld},
                        Case{"unspent", "thief", Bucket::kHeld},
                        Case{"unspent", "user", Bucket::kHeld},
                        Case{"unspent", "Hosted_Wallet", Bucket::kExchange},
                        Case{"service", "exchange", Bucket::kExchange},
                        Case{"service", "mixing service", Bucket::kMixer},
                        Case{"service", "mixing_service", Bucket::kMixer},
                        Case{"service", "spoor:otc_broker", Bucket::kOtc},
                        Case{"service", "defi_bridge", Bucket::kBridge},
                        Case{"service", "bridge", Bucket::kBridge},
                        Case{"unspent", "spoor:frozen", Bucket::kFrozen},
                        Case{"service", "spoor:seized", Bucket::kFrozen},
                        Case{"service", "victim", Bucket::kFrozen},
                        Case{"service", "", Bucket::kUnknown},
                        Case{"service", "miner", Bucket::kUnknown},
                        Case{"hop-limit", "", Bucket::kUnknown},
                        Case{"hop-limit", "exchange", Bucket::kExchange},
                        Case{"fee", "exchange", Bucket::kLost},
                        Case{"burned", "", Bucket::kLost},
                        Case{"nonsense", "", Bucket::kUnknown}}) {
    EXPECT_EQ(BucketOf(c.kind, c.category), c.bucket)
        << c.kind << ", " << c.category << ": " << BucketName(BucketOf(c.kind, c.category));
  }
}

}  // namespace
}  // namespace spoor
