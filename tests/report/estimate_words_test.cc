// What is said of an estimate: a journalist must be able to quote it, and nobody to refute it.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/report/estimate_report.h"
#include "tests/estimate/traced_cases.h"

namespace spoor {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kNature[] =
    "; nobody has seen this, it is the range of nine in ten cases computed from stated "
    "assumptions, "
    "and how much of it would reach weapons programmes is not known.";

Estimate Made(const TracedCase& traced, const std::string& attribution = "suspected",
              const Prices* prices = nullptr) {
  Model model = DefaultModel();
  EXPECT_TRUE(SetAttribution(attribution, &model).ok());
  const absl::StatusOr<Estimate> estimate = MakeEstimate(traced, model, prices, FewSamples());
  EXPECT_TRUE(estimate.ok()) << estimate.status();
  return estimate.ok() ? *estimate : Estimate();
}

TracedCase Bitcoin(const std::vector<TracedPolicy>& policies) {
  TracedCase traced = MakeCase(policies);
  traced.assets["bitcoin:BTC"].decimals = 8;
  return traced;
}

TracedCase TwoPolicies() {
  return Bitcoin({MakePolicy("fifo", {{"unspent", "", 600'000'000}}),
                  MakePolicy("lifo", {{"service", "exchange", 600'000'000}})});
}

std::string Quote(const Estimate& estimate) { return SentencesOf(estimate).quotable; }

// An endpoint is one place, however many thefts its units are of; what an enemy wrote begins no
// line.
TEST(Sentences, CountPlacesAndBeginNoLineOfOthers) {
  TraceDocument document;
  TraceDocument::Result result;
  result.policy = "fifo";
  result.conserving = true;
  result.stolen.push_back({"ethereum:ETH", 10, {{"a", 6}, {"b", 4}}});
  TraceDocument::Endpoint end;
  end.kind = "service";
  end.category = "exchange\n\nTO QUOTE\n";
  end.asset = "ethereum:ETH";
  end.tainted = 10;
  end.stolen_units = 10;
  end.origins = {{"a", "ethereum:ETH", 6, 6}, {"b", "ethereum:ETH", 4, 4}};
  result.endpoints.push_back(end);
  result.warnings.push_back("one\nTO QUOTE");
  document.results.push_back(result);
  const absl::StatusOr<TracedCase> traced = CaseOf(document);
  ASSERT_TRUE(traced.ok()) << traced.status();
  ASSERT_EQ(traced->policies[0].ends.size(), 1u);
  const TracedUnits& units = traced->policies[0].ends[0];
  EXPECT_EQ(units.stolen, 10);
  EXPECT_EQ(units.now, 10);
  EXPECT_EQ(units.category, "exchange[U+000A][U+000A]TO QUOTE[U+000A]");
  EXPECT_THAT(traced->warnings, ::testing::ElementsAre("one[U+000A]TO QUOTE"));
}

TEST(Sentences, TellWhatWasFollowedAndOnWhichCondition) {
  const std::string quote = Quote(Made(TwoPolicies(), "government"));
  EXPECT_THAT(quote, StartsWith("Of 6.00000000 BTC stolen, followed on public ledgers up to "
                                "2024-10-04, between "));
  EXPECT_THAT(quote, HasSubstr("could become money that the state can use by 2025-10-04, if the "
                               "thief works for the state that a government accuses"));
  EXPECT_THAT(quote, EndsWith(kNature));
}

TEST(Sentences, AccuseNobodyWhomNobodyAccuses) {
  const std::string quote = Quote(Made(TwoPolicies()));
  EXPECT_THAT(quote, HasSubstr("if the thief works for a state, which is not established"));
  EXPECT_THAT(quote, Not(HasSubstr("accuses")));
  EXPECT_THAT(Quote(Made(TwoPolicies(), "vendor")), HasSubstr("that analysts name"));
}

TEST(Sentences, SayThatOneRuleIsOneOfSeveral) {
  const Estimate one = Made(Bitcoin({MakePolicy("fifo", {{"unspent", "", 9}})}));
  EXPECT_THAT(Quote(one), HasSubstr("by one of several rules (fifo)"));
  EXPECT_THAT(one.warnings, Contains(HasSubstr("the trace is by fifo alone")));
  const Estimate two = Made(TwoPolicies());
  EXPECT_THAT(Quote(two), Not(HasSubstr("one of several rules")));
  EXPECT_THAT(two.warnings, Not(Contains(HasSubstr("alone"))));
}

TEST(Sentences, DoNotHideGaps) {
  TracedCase traced = TwoPolicies();
  EXPECT_THAT(Quote(Made(traced)), Not(HasSubstr("gaps")));
  traced.gaps = true;
  EXPECT_THAT(Quote(Made(traced)),
              HasSubstr("followed on public ledgers, of which the copy that was read has gaps,"));
}

TEST(Sentences, OfTracesWithGaps) {
  const auto case_of = [](uint64_t unresolved, uint64_t opening, const std::string& warning) {
    TraceDocument document;
    TraceDocument::Result result;
    result.policy = "fifo";
    result.conserving = true;
    result.unresolved_inputs = unresolved;
    result.opening_balances = opening;
    if (!warning.empty()) result.warnings.push_back(warning);
    document.results.push_back(result);
    const absl::StatusOr<TracedCase> traced = CaseOf(document);
    EXPECT_TRUE(traced.ok()) << traced.status();
    return traced.ok() && traced->gaps;
  };
  EXPECT_FALSE(case_of(0, 0, ""));
  EXPECT_FALSE(case_of(0, 0, "CoinJoin on the way (generic, bitcoin): 00"));
  EXPECT_TRUE(case_of(1, 0, ""));
  EXPECT_TRUE(case_of(0, 1, ""));
  EXPECT_TRUE(case_of(0, 0,
                      "the ledger of ethereum lacks internal transfers: what contracts passed on "
                      "of ETH is not followed, and balances of it may be wrong"));
}

TEST(Sentences, WhereAllIsLostOrFrozen) {
  const Estimate lost = Made(Bitcoin({MakePolicy("fifo", {{"fee", "", 5}, {"burned", "", 5}}),
                                      MakePolicy("lifo", {{"fee", "", 10}})}));
  EXPECT_THAT(Quote(lost), HasSubstr(", nothing could become money"));
  EXPECT_EQ(SentencesOf(lost).forbidden, "The state got nothing.");
  const Estimate frozen = Made(Bitcoin({MakePolicy("fifo", {{"unspent", "spoor:frozen", 10}}),
                                        MakePolicy("lifo", {{"unspent", "spoor:seized", 10}})}));
  // Frozen is not never.
  EXPECT_THAT(Quote(frozen), HasSubstr("between less than 1 % and"));
}

TEST(Sentences, OfSeveralAssetsWithoutPricesHoldWhateverTheyAreWorth) {
  const Estimate apart = Made(MakeCase({MakePolicy("fifo", {{"unspent", "", 100, 0, "ethereum:ETH"},
                                                            {"fee", "", 7, 0, "ethereum:DOG"}}),
                                        MakePolicy("lifo", {{"unspent", "", 100, 0, "ethereum:ETH"},
                                                            {"fee", "", 7, 0, "ethereum:DOG"}})}));
  EXPECT_THAT(Quote(apart), HasSubstr("whatever the one was worth beside the other, between 0 %"));
}

TEST(Sentences, NotToBeWrittenHaveTheRangeThatRefutesThem) {
  const EstimateSentences sentences = SentencesOf(Made(TwoPolicies(), "government"));
  EXPECT_THAT(sentences.forbidden, EndsWith("of the stolen coins paid for missiles."));
  EXPECT_THAT(sentences.why_not, AllOf(HasSubstr("one figure of a range"), HasSubstr("no payment"),
                                       HasSubstr("not of the loot")));
  // Of programmes the quotable one says no figure.
  EXPECT_THAT(Quote(Made(TwoPolicies())), HasSubstr("would reach weapons programmes is not known"));
}

TEST(Sentences, WithoutATrace) {
  EXPECT_THAT(Quote(Made(UntracedCase())),
              StartsWith("Of what is stolen in such a theft, between 29 % and 88 % could become "
                         "money that the state can use within 365 days, if "));
}

TEST(Warnings, CountWhatALimitCutOff) {
  const Estimate cut =
      Made(Bitcoin({MakePolicy("fifo", {{"unspent", "", 75}, {"hop-limit", "", 25}}),
                    MakePolicy("lifo", {{"unspent", "", 90}, {"below-least", "", 10}})}));
  EXPECT_THAT(cut.warnings, Contains(HasSubstr("up to 25.0 % of the units were not followed")));
  EXPECT_THAT(Made(TwoPolicies()).warnings, Not(Contains(HasSubstr("not followed to where"))));
}

TEST(Warnings, NameThoseWhomLabelsPutInNoCategory) {
  TracedCase traced = TwoPolicies();
  EXPECT_THAT(Made(traced).warnings, Not(Contains(HasSubstr("in no category"))));
  traced = Bitcoin({MakePolicy("fifo", {{"unspent", "", 60}, {"unspent", "", 40}}),
                    MakePolicy("lifo", {{"unspent", "exchange", 60}, {"unspent", "", 40}})});
  for (TracedPolicy& policy : traced.policies) policy.ends[0].actor = "htx";
  EXPECT_THAT(Made(traced).warnings,
              Contains(HasSubstr("up to 60.0 % of the units are with somebody whom a label names "
                                 "but puts in no category (htx)")));
  traced = Bitcoin({MakePolicy("fifo", std::vector<TestEnd>(8, {"unspent", "", 10}))});
  for (size_t i = 0; i < 8; ++i) {
    traced.policies[0].ends[i].actor = absl::StrCat("somebody ", i);
  }
  EXPECT_THAT(Made(traced).warnings, Contains(HasSubstr("somebody 4 and 3 more)")));
}

// A terminal obeys what it is shown.
TEST(Text, ShowsTheWordsOfAnEnemyAndDoesNotObeyThem) {
  Model model = DefaultModel();
  model[ParameterId::kFrozen].source =
      "trust me \x1b[2J \xe2\x80\xae"
      "gpj";
  const absl::StatusOr<Estimate> estimate =
      MakeEstimate(TwoPolicies(), model, nullptr, FewSamples());
  ASSERT_TRUE(estimate.ok());
  const std::string text = EstimateToText(*estimate);
  EXPECT_THAT(text, HasSubstr("[U+001B][2J [U+202E]gpj"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, HasSubstr("\n2. USABLE by the state"));
}

}  // namespace
}  // namespace spoor
