// Whether what really happened lies within the bounds, on simulated ledgers whose truth is known.
// bench/accuracy.cc asks more of larger ones.

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/simulate/simulate.h"
#include "spoor/taint/policy.h"
#include "tests/support/theft_truth.h"

namespace spoor {
namespace {

TEST(Accuracy, TheTruthIsAlwaysWithinTheBounds) {
  using simulate::Pattern;
  size_t arrived = 0, must_have_arrived = 0, undecided = 0, mistaken = 0;
  uint64_t seed = 40;
  for (const std::vector<Pattern>& patterns :
       {std::vector<Pattern>{}, std::vector<Pattern>{Pattern::kCoinJoin, Pattern::kPeelChain},
        std::vector<Pattern>{Pattern::kSplitMerge, Pattern::kMixer},
        std::vector<Pattern>{Pattern::kCoinJoin, Pattern::kExchangeDeposits}}) {
    simulate::SimulationOptions options;
    options.transactions = 3'000;
    options.thefts = 3;
    options.seed = ++seed;
    options.patterns = patterns;
    const auto truth = SimulateThefts(options);
    ASSERT_TRUE(truth.ok()) << truth.status();
    ASSERT_FALSE(truth->thefts.empty());
    const auto cases = TraceThefts(*truth);
    ASSERT_TRUE(cases.ok()) << cases.status();
    for (const CaseFinding& found : *cases) {
      EXPECT_LE(found.exchanges_lower, found.exchanges_truth);
      EXPECT_LE(found.exchanges_truth, found.exchanges_upper);
      for (const ServiceFinding& service : found.services) {
        SCOPED_TRACE(absl::StrCat("seed ", seed, " ", service.service));
        EXPECT_TRUE(service.TruthWithin())
            << service.truth << " in " << service.lower << ".." << service.upper;
        arrived += service.truth > 0 ? 1 : 0;
        must_have_arrived += service.lower > 0 ? 1 : 0;
        undecided += service.lower < service.upper ? 1 : 0;
        for (size_t i = 0; i < service.figures.size(); ++i) {
          if (PolicyNames()[i] == "poison") continue;
          EXPECT_LE(service.lower, service.figures[i]) << PolicyNames()[i];
          EXPECT_LE(service.figures[i], service.upper) << PolicyNames()[i];
          mistaken += service.figures[i] != service.truth ? 1 : 0;
        }
      }
    }
  }
  // The question was a real one.
  EXPECT_GT(arrived, 20);
  EXPECT_GT(must_have_arrived, 10);
  EXPECT_GT(undecided, 20);
  EXPECT_GT(mistaken, 20);
}

}  // namespace
}  // namespace spoor
