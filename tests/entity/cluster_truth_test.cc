#include "tests/support/cluster_truth.h"

#include <memory>

#include "gtest/gtest.h"
#include "spoor/entity/heuristic.h"

namespace spoor {
namespace {

std::unique_ptr<TrueLedger> MakeLedger(uint64_t seed) {
  simulate::SimulationOptions options;
  options.transactions = 6'000;
  options.seed = seed;
  options.thefts = 2;
  auto ledger = MakeTrueLedger(options);
  EXPECT_TRUE(ledger.ok()) << ledger.status();
  return ledger.ok() ? *std::move(ledger) : nullptr;
}

TEST(ClusterTruth, NoDefaultRunMergesTwoOwners) {
  for (uint64_t seed = 1; seed <= 3; ++seed) {
    const std::unique_ptr<TrueLedger> ledger = MakeLedger(seed);
    ASSERT_NE(ledger, nullptr);
    EXPECT_GT(ledger->coinjoins.size(), 3u);
    for (const bool use_tags : {false, true}) {
      const auto a = MeasureClusters(*ledger, DefaultHeuristics(), {.use_tags = use_tags});
      ASSERT_TRUE(a.ok()) << a.status();
      EXPECT_EQ(a->services_merged, 0u);
      EXPECT_EQ(a->right_pairs, a->pairs);
      EXPECT_EQ(a->right_merges, a->merges);
      // It is not by doing nothing.
      EXPECT_GT(a->merges, 1'000u);
      EXPECT_GT(a->right_pairs * 20, a->true_pairs);
    }
    // CoinJoins are what would join them.
    const auto blind = MeasureClusters(*ledger, DefaultHeuristics(), {.hide_coinjoins = true});
    ASSERT_TRUE(blind.ok()) << blind.status();
    EXPECT_LT(blind->right_pairs, blind->pairs);
  }
}

TEST(ClusterTruth, TagsKeepServicesApartWhereHeuristicsAreWrong) {
  const std::unique_ptr<TrueLedger> ledger = MakeLedger(4);
  ASSERT_NE(ledger, nullptr);
  const HeuristicSet all = *ParseHeuristics("all");
  const auto without = MeasureClusters(*ledger, all, {});
  const auto with = MeasureClusters(*ledger, all, {.use_tags = true});
  ASSERT_TRUE(without.ok() && with.ok());
  EXPECT_GT(without->services_merged, 0u);
  EXPECT_GT(with->conflicts, 0u);
  // What is not tagged is still joined with what should not be, but it is less.
  EXPECT_LT(with->pairs - with->right_pairs, without->pairs - without->right_pairs);
}

}  // namespace
}  // namespace spoor
