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
  uint64_t amount = 0;
  uint32_t hops = 0;
  uint32_t height = 0;
};

using Place = std::pair<uint32_t, Holding>;  // under a policy

class FrontierTest : public testing::Test {
 protected:
  Kept MakeUp() {
    Kept kept;
    kept.parcel.resize(1 + random_() % (random_() % 4 == 0 ? 40 : 4));
    for (auto& lot : kept.parcel) lot = {random_(), static_cast<SourceId>(random_() % 3)};
    kept.amount = random_();
    kept.hops = random_();
    kept.height = random_();
    return kept;
  }
  // At `place`, whose next movement is the one at `position`, as the plain map has it.
  void ExpectAt(const Place& place, uint64_t position, Frontier<uint64_t>* frontier) {
    const auto here = plain_[position].find(place);
    const auto found = frontier->Find(place.first, place.second, Position{position});
    ASSERT_EQ(found.has_value(), here != plain_[position].end());
    if (!found.has_value()) return;
    EXPECT_EQ(found->parcel, absl::MakeConstSpan(here->second.parcel));
    EXPECT_EQ(found->amount, here->second.amount);
    EXPECT_EQ(found->hops, here->second.hops);
    EXPECT_EQ(found->height, here->second.height);
  }

  std::mt19937 random_;
  std::map<uint64_t, std::map<Place, Kept>> plain_;  // by the position that they wait for
};

// Steps over random holdings, each of which waits for a later step (backwards, an earlier one).
// Windows are so small that most waits go beyond them; and now and then a step is in a window that
// was left before, as a coinbase that takes its block's fees is.
TEST_F(FrontierTest, KnowsWhatAPlainMapKnows) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    random_.seed(seed);
    plain_.clear();
    Frontier<uint64_t> frontier(/*policies=*/2, /*window_bits=*/static_cast<int>(random_() % 4));
    constexpr uint64_t kSteps = 200;
    uint64_t made = 0;
    uint64_t size = 0;
    const auto put = [&](const Place& place, uint64_t position) {
      const Kept& kept = plain_[position][place] = MakeUp();
      Frontier<uint64_t>::Held held = {kept.parcel, kept.amount, kept.hops, kept.height};
      Slices<uint64_t> slices;
      if (random_() % 2 == 0) {
        Lot<uint64_t>* const begin = slices.Begin(1, kept.parcel.size());
        slices.Set(0, begin, std::copy(kept.parcel.begin(), kept.parcel.end(), begin));
        held.parcel = slices[0];
        held.padded = true;
      }
      frontier.Put(place.first, place.second, Position{position}, held);
    };
    std::vector<uint64_t> order;
    for (uint64_t i = 0; i < kSteps; ++i) order.push_back(seed % 2 == 0 ? i : kSteps - 1 - i);
    // Neighbours change places: what is then before its time waits for nothing that is made later.
    for (size_t i = 0; i + 5 < order.size(); i += 1 + random_() % 40) {
      std::swap(order[i], order[i + random_() % 5]);
    }
    for (size_t at = 0; at < order.size(); ++at) {
      const uint64_t position = order[at];
      std::vector<Place> here;
      for (const auto& [place, unused] : plain_[position]) {
        here.push_back(place);
        // Where nothing is, or something under another policy.
        const Place other = {place.first ^ 1, place.second};
        if (plain_[position].count(other) == 0) here.push_back(other);
      }
      here.push_back({0, {kSteps + ++made, 0}});
      std::shuffle(here.begin(), here.end(), random_);
      for (const Place& place : here) {
        const auto& [policy, holding] = place;
        ExpectAt(place, position, &frontier);
        // Backwards a seed changes what is there.
        if (random_() % 4 == 0) {
          size += frontier.Take(policy, holding, Position{position}).has_value() ? 0 : 1;
          put(place, position);
        }
        ExpectAt(place, position, &frontier);
        size -= plain_[position].count(place);
        EXPECT_EQ(frontier.Take(policy, holding, Position{position}).has_value(),
                  plain_[position].erase(place) > 0);
        EXPECT_FALSE(frontier.Find(policy, holding, Position{position}).has_value());
      }
      for (uint32_t i = random_() % 4; i > 0 && at + 1 < order.size(); --i) {
        const Holding holding = {kSteps + ++made, static_cast<uint32_t>(random_() % 3)};
        const uint64_t next = order[at + 1 + random_() % (order.size() - at - 1)];
        const uint32_t policies = 1 + random_() % 3;  // the first, the second or both
        for (uint32_t policy = 0; policy < 2; ++policy) {
          if ((policies >> policy & 1) == 0) continue;
          put({policy, holding}, next);
          ++size;
        }
      }
      ASSERT_EQ(frontier.size(), size);
    }
    for (const auto& [position, left] : plain_) EXPECT_TRUE(left.empty()) << position;
    EXPECT_EQ(size, 0U);
  }
}

TEST_F(FrontierTest, TakesTheMemoryOfWhatWaits) {
  constexpr uint64_t kHoldings = 100'000;
  const Kept kept = {std::vector<Lot<uint64_t>>(10, {1, 1})};
  const uint64_t lots = kHoldings * kept.parcel.size() * sizeof(Lot<uint64_t>);
  Frontier<uint64_t> frontier(/*policies=*/2);
  const auto fill = [&](uint64_t from) {
    for (uint64_t i = from; i < from + kHoldings; ++i) {
      frontier.Put(0, {i, 0}, Position{i}, {kept.parcel});
    }
  };
  const auto empty = [&](uint64_t from) {
    for (uint64_t i = from; i < from + kHoldings; ++i) frontier.Take(0, {i, 0}, Position{i});
    frontier.Find(0, {0, 0}, Position{from + 10 * kHoldings});  // leaves the last of them
  };
  fill(0);
  const uint64_t full = frontier.memory();
  EXPECT_GE(full, lots);
  EXPECT_LE(full, 2 * lots);
  // What is left is used again.
  for (uint64_t from : {kHoldings, 2 * kHoldings}) {
    empty(from - kHoldings);
    fill(from);
    EXPECT_LE(frontier.memory(), full + full / 4);
  }
}

// The leak checker sees whether they do.
TEST_F(FrontierTest, GivesBackWhatIsNeverTaken) {
  Frontier<uint64_t> frontier(/*policies=*/2);
  const std::vector<Lot<uint64_t>> many(100'000, {1, 1});
  frontier.Put(0, {1, 0}, Position{1}, {many});
  frontier.Put(1, {2, 0}, Position{1'000'000}, {many});
  EXPECT_TRUE(frontier.Find(0, {1, 0}, Position{1}).has_value());
  EXPECT_GE(frontier.memory(), 2 * many.size() * sizeof(many[0]));
}

// A parcel of any size, among others.
TEST_F(FrontierTest, HasRoomForManyLots) {
  Frontier<uint64_t> frontier(/*policies=*/2);
  const uint64_t before = frontier.memory();
  std::map<uint64_t, Kept> kept;
  for (uint64_t i = 0; i < 20; ++i) {
    Kept& one = kept[i] = MakeUp();
    if (i % 3 == 0) one.parcel.resize(1'000 << i / 3, {i, 1});
    frontier.Put(0, {i, 0}, Position{1 + i % 2}, {one.parcel, one.amount, one.hops, one.height});
  }
  for (uint64_t i = 0; i < 20; ++i) {
    const auto found = frontier.Take(0, {i, 0}, Position{1 + i % 2});
    ASSERT_TRUE(found.has_value());
    EXPECT_EQ(found->parcel, absl::MakeConstSpan(kept[i].parcel));
  }
  // The largest had memory of their own.
  frontier.Find(0, {0, 0}, Position{1'000'000});
  EXPECT_LE(frontier.memory(), before + (uint64_t{4} << 20));
}

}  // namespace
}  // namespace spoor
