#include "spoor/taint/policy.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/taint/plain_model.h"

namespace spoor {
namespace {

using plain::Number;
using ::testing::HasSubstr;

// A lot as the tables write it: "3a" is three units of source a, "2-" two clean ones.
struct PlainLot {
  Number units;
  SourceId source = kClean;
};

std::vector<PlainLot> ParseRuns(absl::string_view text) {
  std::vector<PlainLot> runs;
  for (const absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const char name = word.back();
    runs.push_back({Number(std::string(word.substr(0, word.size() - 1))),
                    name == '-' ? kClean : static_cast<SourceId>(name - 'a' + 1)});
  }
  return runs;
}

// "4 4 f2": two takers of 4, then a fee of 2.
std::vector<plain::Taker> ParseTakers(absl::string_view text) {
  std::vector<plain::Taker> takers;
  for (absl::string_view word : absl::StrSplit(text, ' ', absl::SkipEmpty())) {
    const bool fee = absl::ConsumePrefix(&word, "f");
    takers.push_back({Number(std::string(word)), fee});
  }
  return takers;
}

// One way to write a slice: neighbours of one source joined; under haircut, where order has no
// meaning, all of one source joined and sorted, clean last.
std::string SliceText(const std::string& policy, std::vector<PlainLot> runs) {
  const auto rank = [](const PlainLot& run) {
    return run.source == kClean ? ~SourceId{0} : run.source;
  };
  if (policy == "haircut") {
    std::stable_sort(runs.begin(), runs.end(),
                     [&](const PlainLot& a, const PlainLot& b) { return rank(a) < rank(b); });
  }
  std::vector<PlainLot> joined;
  for (const PlainLot& run : runs) {
    if (run.units == 0 && policy != "poison") continue;
    if (!joined.empty() && joined.back().source == run.source) {
      joined.back().units += run.units;
    } else {
      joined.push_back(run);
    }
  }
  return absl::StrJoin(joined, " ", [](std::string* out, const PlainLot& run) {
    absl::StrAppend(
        out, run.units.str(),
        std::string(1, run.source == kClean ? '-' : static_cast<char>('a' - 1 + run.source)));
  });
}

// Each run is a giver of its own.
std::string PlainShare(const std::string& policy, const std::vector<PlainLot>& sequence,
                       const std::vector<plain::Taker>& takers) {
  std::vector<std::string> slices;
  if (policy == "haircut") {
    std::vector<plain::HaircutRules::Content> givers;
    for (const PlainLot& run : sequence)
      givers.push_back({{static_cast<int>(run.source), run.units}});
    for (const auto& slice : plain::HaircutRules().Share(givers, takers)) {
      std::vector<PlainLot> runs;
      for (const auto& [source, units] : slice)
        runs.push_back({units, static_cast<SourceId>(source)});
      slices.push_back(SliceText(policy, runs));
    }
  } else if (policy == "poison") {
    std::vector<plain::PoisonRules::Content> givers;
    for (const PlainLot& run : sequence) {
      givers.push_back({run.units, {}});
      if (run.source != kClean) givers.back().sources = {static_cast<int>(run.source)};
    }
    for (const auto& slice : plain::PoisonRules().Share(givers, takers)) {
      std::vector<PlainLot> runs;
      for (const int source : slice.sources) {
        runs.push_back({slice.amount, static_cast<SourceId>(source)});
      }
      slices.push_back(SliceText(policy, runs));
    }
  } else {
    std::vector<plain::UnitRules::Content> givers;
    for (const PlainLot& run : sequence) {
      givers.emplace_back(static_cast<size_t>(run.units),
                          plain::Unit{static_cast<int>(run.source), 0});
    }
    for (const auto& slice : plain::UnitRules(policy).Share(givers, takers)) {
      std::vector<PlainLot> runs;
      for (const plain::Unit& unit : slice) {
        runs.push_back({1, static_cast<SourceId>(unit.source)});
      }
      slices.push_back(SliceText(policy, runs));
    }
  }
  return absl::StrJoin(slices, " | ");
}

template <typename U>
std::string LibraryShare(const std::string& name, const std::vector<PlainLot>& sequence,
                         const std::vector<plain::Taker>& takers) {
  const auto policy = MakePolicy<U>(name);
  if (!policy.ok()) return policy.status().ToString();
  std::vector<Lot<U>> pieces;
  // By giver, where the policy says whose units are whose, and source.
  std::map<std::pair<uint32_t, SourceId>, Number> given;
  for (const PlainLot& run : sequence) {
    const auto giver = static_cast<uint32_t>(pieces.size());
    // Under a policy that conserves, who brings nothing is left out.
    if ((*policy)->conserving() && run.units == 0) continue;
    pieces.push_back({static_cast<U>(run.units), run.source, giver});
    if (run.source == kClean || run.units == 0) continue;
    given[{(*policy)->ordered() ? giver : 0, run.source}] += run.units;
  }
  std::vector<Taker<U>> library_takers;
  for (const plain::Taker& taker : takers) {
    library_takers.push_back({static_cast<U>(taker.amount), taker.fee});
  }
  Slices<U> slices;
  (*policy)->Share(pieces, library_takers, &slices);
  std::vector<std::string> texts;
  std::map<std::pair<uint32_t, SourceId>, Number> got;
  for (size_t i = 0; i < takers.size(); ++i) {
    std::vector<PlainLot> runs;
    for (const Lot<U>& piece : slices[i]) {
      runs.push_back({Number(piece.units), piece.source});
      if (piece.source == kClean) continue;
      got[{(*policy)->ordered() ? piece.giver : 0, piece.source}] += Number(piece.units);
    }
    texts.push_back(SliceText(name, runs));
  }
  // Of neighbours that differ in source come neighbours that do.
  std::vector<Lot<U>> joined;
  for (const Lot<U>& piece : pieces) {
    if (joined.empty() || joined.back().source != piece.source) {
      joined.push_back({piece.units, piece.source});
    } else {
      joined.back().units += piece.units;
    }
  }
  (*policy)->Share(joined, library_takers, &slices);
  for (size_t i = 0; i < takers.size(); ++i) {
    std::vector<PlainLot> runs;
    for (const Lot<U>& lot : slices[i]) {
      EXPECT_TRUE(runs.empty() || runs.back().source != lot.source);
      EXPECT_TRUE(lot.units > 0 || !(*policy)->conserving());
      EXPECT_EQ(lot.giver, 0U);
      runs.push_back({Number(lot.units), lot.source});
    }
    EXPECT_EQ(SliceText(name, runs), texts[i]);
  }
  // The takers together have what each giver brought.
  if ((*policy)->conserving()) {
    EXPECT_EQ(got, given);
  }
  return absl::StrJoin(texts, " | ");
}

bool InLibrary(const std::string& policy) {
  const auto& names = PolicyNames();
  return std::find(names.begin(), names.end(), policy) != names.end();
}

struct Case {
  std::string name;
  std::string sequence;
  std::string takers;
  std::map<std::string, std::string> want;  // by policy
};

TEST(Policy, SharesAsDesignedByHand) {
  const std::vector<Case> cases = {
      {"two sources with clean units between them",
       "3a 2- 5b",
       "4 4 f2",
       {{"fifo", "3a 1- | 1- 3b | 2b"},
        {"lifo", "4b | 1a 2- 1b | 2a"},
        // floor(8*4/10) = 3, of it a floor(3*3/8) = 1; floor(5*4/6) = 3, a floor(3*2/5) = 1.
        {"haircut", "1a 2b 1- | 1a 2b 1- | 1a 1b"},
        {"tiho", "3a 1b | 4b | 2-"},
        {"libr", "2a 2- | 1a 3b | 2b"},
        {"poison", "4a 4b | 4a 4b | 2a 2b"}}},
      {"the order of sources is the request's, not the sequence's",
       "5b 3a 2-",
       "4 4 f2",
       {{"fifo", "4b | 1b 3a | 2-"}, {"haircut", "1a 2b 1- | 1a 2b 1- | 1a 1b"}}},
      {"the smaller taker first, and a fee larger than both",
       "2- 4a 4-",
       "1 3 f6",
       {{"fifo", "1- | 1- 2a | 2a 4-"},
        {"lifo", "1- | 3- | 2- 4a"},
        // floor(4*1/10) = 0, floor(4*3/9) = 1, the rest.
        {"haircut", "1- | 1a 2- | 3a 3-"},
        {"tiho", "1a | 3a | 6-"},
        {"libr", "1- | 3- | 4a 2-"},
        {"poison", "1a | 3a | 6a"}}},
      {"takers alike are filled in their order",
       "1a 1b 1c 3-",
       "2 2 2 f0",
       {{"fifo", "1a 1b | 1c 1- | 2- | "},
        {"lifo", "2- | 1c 1- | 1a 1b | "},
        // 1 to each: floor(3*2/6), floor(2*2/4), 1. Among three sources with one unit each,
        // floor(1/3) = 0, floor(1/2) = 0, so the last has it, and so on backwards.
        {"haircut", "1c 1- | 1b 1- | 1a 1- | "},
        {"tiho", "1a 1b | 1c 1- | 2- | "},
        {"libr", "2- | 1a 1- | 1b 1c | "},
        {"poison", "2a 2b 2c | 2a 2b 2c | 2a 2b 2c | 0a 0b 0c"}}},
      {"all of it tainted",
       "7a",
       "0 5 0 2 f0",
       {{"fifo", " | 5a |  | 2a | "},
        {"lifo", " | 5a |  | 2a | "},
        {"haircut", " | 5a |  | 2a | "},
        {"tiho", " | 5a |  | 2a | "},
        {"libr", " | 5a |  | 2a | "}}},
      {"givers of nothing",
       "0- 0a 2- 0b 1a 0-",
       "1 1 1",
       {{"fifo", "1- | 1- | 1a"},
        {"lifo", "1a | 1- | 1-"},
        {"haircut", "1- | 1- | 1a"},
        {"tiho", "1a | 1- | 1-"},
        {"libr", "1- | 1- | 1a"},
        {"poison", "1a 1b | 1a 1b | 1a 1b"}}},
      {"the last taker has what rounding kept back",
       "1a 99-",
       "33 33 34",
       {{"fifo", "1a 32- | 33- | 34-"}, {"haircut", "33- | 33- | 1a 33-"}}},
  };
  for (const Case& c : cases) {
    for (const auto& [policy, want] : c.want) {
      SCOPED_TRACE(absl::StrCat(c.name, ": ", policy));
      const std::vector<PlainLot> sequence = ParseRuns(c.sequence);
      const std::vector<plain::Taker> takers = ParseTakers(c.takers);
      // What the other tests compare the library to stands on the same tables.
      EXPECT_EQ(PlainShare(policy, sequence, takers), want);
      if (!InLibrary(policy)) continue;
      EXPECT_EQ(LibraryShare<uint64_t>(policy, sequence, takers), want);
      EXPECT_EQ(LibraryShare<Uint256>(policy, sequence, takers), want);
    }
  }
}

// A sequence of up to `most_total` units with a tainted one in it, and takers of as many.
void RandomMovement(std::mt19937_64& rng, const Number& most_total, std::vector<PlainLot>* sequence,
                    std::vector<plain::Taker>* takers) {
  const auto below = [&](const Number& end) {
    Number wide = 0;
    for (int i = 0; i < 5; ++i) wide = (wide << 64) | rng();
    return Number(wide % end);
  };
  const size_t runs = 1 + rng() % 8;
  const Number most = most_total / runs;
  sequence->clear();
  Number total = 0;
  for (size_t i = 0; i < runs; ++i) {
    const Number units = rng() % 6 == 0 ? Number(0) : below((most >> (rng() % 4)) + 1);
    sequence->push_back({units, static_cast<SourceId>(rng() % 5)});
    total += units;
  }
  (*sequence)[rng() % runs].source = 1;
  takers->clear();
  const size_t count = 1 + rng() % 6;
  for (size_t i = 0; i < count; ++i) {
    const bool last = i + 1 == count;
    const Number amount = last ? total : rng() % 6 == 0 ? Number(0) : below(total + 1);
    takers->push_back({amount, last && rng() % 2 == 0});
    total -= amount;
  }
}

TEST(Policy, SharesAsThePlainModelDoes) {
  std::mt19937_64 rng(/*seed=*/20240608);
  std::vector<PlainLot> sequence;
  std::vector<plain::Taker> takers;
  for (int round = 0; round < 3'000; ++round) {
    RandomMovement(rng, 1 + rng() % 80, &sequence, &takers);
    for (const absl::string_view name : PolicyNames()) {
      const std::string policy(name);
      ASSERT_TRUE(plain::Knows(policy));
      SCOPED_TRACE(absl::StrCat("round ", round, ": ", policy));
      const std::string want = PlainShare(policy, sequence, takers);
      ASSERT_EQ(LibraryShare<uint64_t>(policy, sequence, takers), want);
      ASSERT_EQ(LibraryShare<Uint256>(policy, sequence, takers), want);
    }
  }
}

TEST(Policy, BothWidthsGiveTheSameAnswersOnLargeAmounts) {
  std::mt19937_64 rng(/*seed=*/20240609);
  const Number most = (Number(1) << 64) - 1;
  std::vector<PlainLot> sequence;
  std::vector<plain::Taker> takers;
  for (int round = 0; round < 2'000; ++round) {
    RandomMovement(rng, most >> (rng() % 30), &sequence, &takers);
    for (const absl::string_view name : PolicyNames()) {
      const std::string policy(name);
      SCOPED_TRACE(absl::StrCat("round ", round, ": ", policy));
      ASSERT_EQ(LibraryShare<uint64_t>(policy, sequence, takers),
                LibraryShare<Uint256>(policy, sequence, takers));
    }
  }
}

TEST(Policy, HaircutIsExactUpToTheLargestAmounts) {
  std::mt19937_64 rng(/*seed=*/20240610);
  std::vector<PlainLot> sequence;
  std::vector<plain::Taker> takers;
  for (int round = 0; round < 2'000; ++round) {
    SCOPED_TRACE(round);
    RandomMovement(rng, (Number(1) << 64) - 1, &sequence, &takers);
    ASSERT_EQ(LibraryShare<uint64_t>("haircut", sequence, takers),
              PlainShare("haircut", sequence, takers));
    RandomMovement(rng, (Number(1) << 256) - 1, &sequence, &takers);
    ASSERT_EQ(LibraryShare<Uint256>("haircut", sequence, takers),
              PlainShare("haircut", sequence, takers));
  }
}

TEST(Policy, OnlyPoisonDoesNotConserve) {
  for (const absl::string_view name : PolicyNames()) {
    SCOPED_TRACE(name);
    const auto narrow = MakePolicy<uint64_t>(name);
    const auto wide = MakePolicy<Uint256>(name);
    ASSERT_TRUE(narrow.ok() && wide.ok());
    EXPECT_EQ((*narrow)->name(), name);
    EXPECT_EQ((*wide)->name(), name);
    EXPECT_EQ((*narrow)->conserving(), name != "poison");
    EXPECT_EQ((*wide)->conserving(), name != "poison");
  }
}

TEST(Policy, AnUnknownNameIsAnsweredWithTheNamesThereAre) {
  for (const absl::string_view name : {"", "FIFO", "fifo ", "first"}) {
    SCOPED_TRACE(name);
    const absl::Status status = MakePolicy<uint64_t>(name).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    for (const absl::string_view known : PolicyNames()) {
      EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(known)));
    }
  }
}

}  // namespace
}  // namespace spoor
