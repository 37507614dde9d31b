#include "lib/taint/frontier.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace spoor {
namespace {

struct Kept {
  std::vector<Lot<uint64_t>> parcel;
  uint32_t hops = 0;
  uint32_t height = 0;
};

class FrontierTest : public testing::Test {
 protected:
  Kept MakeUp() {
    Kept kept;
    kept.parcel.resize(1 + random_() % 4);
    for (auto& lot : kept.parcel) lot = {random_(), static_cast<SourceId>(random_() % 3)};
    kept.hops = random_();
    kept.height = random_();
    return kept;
  }
  // Of `holding`, whose next movement is the one at `position`, as the plain map has it.
  void ExpectAt(const Holding& holding, uint64_t position, Frontier<uint64_t>* frontier) {
    const auto here = plain_[position].find(holding);
    const auto found = frontier->Find(holding, Position{position});
    ASSERT_EQ(found.has_value(), here != plain_[position].end());
    if (!found.has_value()) return;
    EXPECT_EQ(found->parcel, absl::MakeConstSpan(here->second.parcel));
    EXPECT_EQ(found->hops, here->second.hops);
    EXPECT_EQ(found->height, here->second.height);
  }

  std::mt19937 random_;
  std::map<uint64_t, std::map<Holding, Kept>> plain_;  // by the position that they wait for
};

// Steps over random holdings, each of which waits for a later step (backwards, an earlier one).
// Windows are so small that most waits go beyond them; and now and then a step is in a window that
// was left before, as a coinbase that takes its block's fees is.
TEST_F(FrontierTest, KnowsWhatAPlainMapKnows) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    random_.seed(seed);
    plain_.clear();
    Frontier<uint64_t> frontier(/*window_bits=*/static_cast<int>(random_() % 4));
    constexpr uint64_t kSteps = 200;
    uint64_t made = 0;
    uint64_t size = 0;
    const auto put = [&](const Holding& holding, uint64_t position) {
      const Kept& kept = plain_[position][holding] = MakeUp();
      frontier.Put(holding, Position{position}, {kept.parcel, kept.hops, kept.height});
    };
    std::vector<uint64_t> order;
    for (uint64_t i = 0; i < kSteps; ++i) order.push_back(seed % 2 == 0 ? i : kSteps - 1 - i);
    // Neighbours change places: what is then before its time waits for nothing that is made later.
    for (size_t i = 0; i + 5 < order.size(); i += 1 + random_() % 40) {
      std::swap(order[i], order[i + random_() % 5]);
    }
    for (size_t at = 0; at < order.size(); ++at) {
      const uint64_t position = order[at];
      std::vector<Holding> here;
      for (const auto& [holding, unused] : plain_[position]) here.push_back(holding);
      here.push_back({kSteps + ++made, 0});  // where nothing is
      std::shuffle(here.begin(), here.end(), random_);
      for (const Holding& holding : here) {
        ExpectAt(holding, position, &frontier);
        // Backwards a seed changes what is there.
        if (random_() % 4 == 0) {
          size += frontier.Take(holding, Position{position}).has_value() ? 0 : 1;
          put(holding, position);
        }
        ExpectAt(holding, position, &frontier);
        size -= plain_[position].count(holding);
        EXPECT_EQ(frontier.Take(holding, Position{position}).has_value(),
                  plain_[position].erase(holding) > 0);
        EXPECT_FALSE(frontier.Find(holding, Position{position}).has_value());
      }
      for (uint32_t i = random_() % 4; i > 0 && at + 1 < order.size(); --i) {
        put({kSteps + ++made, static_cast<uint32_t>(random_() % 3)},
            order[at + 1 + random_() % (order.size() - at - 1)]);
        ++size;
      }
      ASSERT_EQ(frontier.size(), size);
    }
    for (const auto& [position, left] : plain_) EXPECT_TRUE(left.empty()) << position;
    EXPECT_EQ(size, 0U);
  }
}

TEST_F(FrontierTest, TakesTheMemoryOfWhatWaits) {
  Frontier<uint64_t> frontier(/*window_bits=*/3);
  const Kept kept = {std::vector<Lot<uint64_t>>(100, {1, 1})};
  const uint64_t before = frontier.memory();
  constexpr uint64_t kHoldings = 100;
  for (uint64_t i = 0; i < kHoldings; ++i) {
    frontier.Put({i, 0}, Position{i}, {kept.parcel});
  }
  const uint64_t lots = kHoldings * kept.parcel.size() * sizeof(Lot<uint64_t>);
  EXPECT_GE(frontier.memory(), before + lots);
  EXPECT_LE(frontier.memory(), before + 4 * lots);
  const uint64_t most = frontier.memory();
  for (uint64_t i = 0; i < kHoldings; ++i) frontier.Take({i, 0}, Position{i});
  frontier.Find({0, 0}, Position{2 * kHoldings});  // leaves the last of them
  EXPECT_LE(frontier.memory(), most - lots);
}

}  // namespace
}  // namespace spoor
