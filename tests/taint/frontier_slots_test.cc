#include "lib/taint/frontier_slots.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace spoor {
namespace {

// Steps over random holdings, each of which waits for a later step (backwards, an earlier one),
// held against a plain map. Windows are so small that most waits go beyond them; and now and then a
// step is in a window that was left before, as a coinbase that takes its block's fees is.
TEST(FrontierSlots, KnowWhatAPlainMapKnows) {
  for (uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const bool forward = seed % 2 == 0;
    FrontierSlots slots(forward ? Direction::kForward : Direction::kBack,
                        /*window=*/1 + random() % 9);
    std::map<uint64_t, std::map<Holding, uint32_t>> waiting;  // by the step that they wait for
    std::set<uint32_t> in_use;
    constexpr uint64_t kSteps = 200;
    uint64_t made = 0;
    std::vector<uint64_t> order;
    for (uint64_t i = 0; i < kSteps; ++i) order.push_back(forward ? i : kSteps - 1 - i);
    // Neighbours change places: what is then before its time waits for nothing that is made later.
    for (size_t i = 0; i + 5 < order.size(); i += 1 + random() % 40) {
      std::swap(order[i], order[i + random() % 5]);
    }
    for (size_t at = 0; at < order.size(); ++at) {
      Step<uint64_t> step;
      step.position = Position{order[at]};
      std::map<Holding, uint32_t> here = std::exchange(waiting[order[at]], {});
      // In any order, with some that nothing waits at.
      for (const auto& [holding, slot] : here) step.entries.emplace_back().holding = holding;
      step.entries.emplace_back().holding = Holding{kSteps + ++made, 0};
      step.entries.emplace_back();
      std::shuffle(step.entries.begin(), step.entries.end(), random);
      step.exits.resize(random() % 4);
      slots.Begin(step);
      std::optional<uint32_t> needed;
      for (size_t i = 0; i < step.entries.size(); ++i) {
        const auto& holding = step.entries[i].holding;
        const auto found = holding.has_value() ? here.find(*holding) : here.end();
        ASSERT_EQ(slots.entry(i), found == here.end() ? FrontierSlots::kNone : found->second);
        if (found != here.end() || random() % 4 != 0 || needed.has_value()) continue;
        needed = slots.NeedEntry(i);
        ASSERT_TRUE(in_use.insert(*needed).second);
        ASSERT_EQ(slots.entry(i), *needed);
      }
      for (size_t i = 0; i < step.exits.size() && at + 1 < order.size(); ++i) {
        const Position next{order[at + 1 + random() % (order.size() - at - 1)]};
        const Holding holding{kSteps + ++made, static_cast<uint32_t>(random() % 3)};
        const uint32_t slot = slots.NeedExit(i, holding, next);
        ASSERT_EQ(slots.NeedExit(i, holding, next), slot);
        ASSERT_TRUE(in_use.insert(slot).second) << "a slot is given out that is in use";
        waiting[next.number][holding] = slot;
      }
      slots.End();
      for (const auto& [holding, slot] : here) in_use.erase(slot);
      if (needed.has_value()) in_use.erase(*needed);
    }
    for (const auto& [step, left] : waiting) EXPECT_TRUE(left.empty()) << step;
    EXPECT_TRUE(in_use.empty());
  }
}

}  // namespace
}  // namespace spoor
