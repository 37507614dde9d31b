#include "lib/ingest/spent_log.h"

#include <random>
#include <set>

#include "gtest/gtest.h"

namespace spoor {
namespace {

TEST(SpentLog, HasWhatWasAddedAndNothingElse) {
  std::mt19937_64 rng(1);
  SpentLog log;
  std::set<Holding> added;
  for (int round = 0; round < 200'000; ++round) {
    const Holding holding{rng() % 20'000, static_cast<uint32_t>(rng() % 3)};
    if (rng() % 4 != 0) {
      log.Add(holding);
      added.insert(holding);
    } else if (rng() % 64 == 0) {
      ASSERT_EQ(log.Has(holding), added.contains(holding)) << round;
    }
    if (rng() % 50'000 == 0) {
      log.Clear();
      added.clear();
    }
  }
  log.Add({1, 2});
  log.Clear();
  EXPECT_FALSE(log.Has({1, 2}));
}

}  // namespace
}  // namespace spoor
