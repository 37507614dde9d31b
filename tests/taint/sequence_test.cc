#include "lib/taint/sequence.h"

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"

namespace spoor {
namespace {

using Lots = std::vector<Lot<uint64_t>>;

// Added lot by lot, or whole parcels at a time, the same comes of it: neighbours of one source and
// giver are one lot.
TEST(SequenceTest, JoinsNeighboursHoweverTheyAreAdded) {
  std::mt19937 random(1);
  Sequence<uint64_t> sequence;
  for (int round = 0; round < 2'000; ++round) {
    sequence.Clear();
    EXPECT_TRUE(sequence.lots().empty());
    Lots plain;
    const auto add_plain = [&](const Lot<uint64_t>& lot) {
      if (!plain.empty() && plain.back().source == lot.source && plain.back().giver == lot.giver) {
        plain.back().units += lot.units;
      } else {
        plain.push_back(lot);
      }
    };
    const bool tells_givers = round % 2 == 0;
    for (uint32_t giver = 0; giver < 1 + random() % 5; ++giver) {
      const size_t size = 1 + random() % (random() % 4 == 0 ? 100 : 3);
      Slices<uint64_t> slices;
      Lot<uint64_t>* const begin = slices.Begin(1, size);
      for (size_t i = 0; i < size; ++i) {
        // Neighbours differ in source.
        const uint64_t before = i == 0 ? random() : begin[i - 1].source;
        begin[i] = {1 + random() % 10, static_cast<SourceId>((before + 1) % 3)};
      }
      slices.Set(0, begin, begin + size);
      if (!tells_givers && random() % 2 == 0) {
        sequence.AddPadded(slices[0]);
      } else {
        for (const auto& lot : slices[0]) {
          sequence.Add(lot.units, lot.source, tells_givers ? giver : 0);
        }
      }
      for (const auto& lot : slices[0]) {
        add_plain({lot.units, lot.source, tells_givers ? giver : 0});
      }
    }
    ASSERT_EQ(Lots(sequence.lots().begin(), sequence.lots().end()), plain);
  }
}

TEST(SlicesTest, KeepsWhatTheTakersGot) {
  Slices<uint64_t> slices;
  Lot<uint64_t>* out = slices.Begin(3, 3);
  out[0] = {1, 1};
  out[1] = {2, 0};
  out[2] = {3, 1};
  slices.Set(2, out, out + 2);
  slices.Set(0, out + 2, out + 3);
  const auto lots = [&](size_t taker) { return Lots(slices[taker].begin(), slices[taker].end()); };
  EXPECT_EQ(lots(0), (Lots{{3, 1}}));
  EXPECT_EQ(lots(1), Lots());
  EXPECT_EQ(lots(2), (Lots{{1, 1}, {2, 0}}));
  // As many as did not fit before, while the others stand.
  const Lots many(1'000, {7, 2});
  slices.Replace(1, many);
  EXPECT_EQ(lots(1), many);
  EXPECT_EQ(lots(0), (Lots{{3, 1}}));
  slices.Shorten(2, 1);
  EXPECT_EQ(lots(2), (Lots{{1, 1}}));
  slices.Begin(2, 0);
  EXPECT_EQ(slices.size(), 2U);
  EXPECT_EQ(lots(0), Lots());
}

}  // namespace
}  // namespace spoor
