#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/taint/follow.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/against_plain.h"
#include "tests/taint/plain_model.h"

// Limits, services, fees that go on into coinbases, and the way back, all at once, against the
// plain model; and what only the library can get wrong.

namespace spoor {
namespace {

using plain::Number;

// At such heights a block's subsidy is a few hundred units, or none.
void RaiseHeights(RandomLedger* ledger) {
  for (NewBlock& block : ledger->blocks) {
    block.height += 5'000'000;
    for (Movement& movement : block.movements) movement.height = block.height;
  }
}

// The movements whose blocks stand outside the time, by the order of the blocks.
std::set<uint64_t> MovementsOutside(const RandomLedger& ledger, const FollowOptions& options) {
  std::set<uint64_t> outside;
  int64_t time = std::numeric_limits<int64_t>::min();
  for (const NewBlock& block : ledger.blocks) {
    time = std::max(time, block.time);
    if (time < options.since.value_or(time) || time > options.until.value_or(time)) {
      for (const Movement& movement : block.movements) outside.insert(movement.position.number);
    }
  }
  return outside;
}

Question RandomQuestion(std::mt19937_64& rng, const RandomLedger& ledger) {
  Question question;
  FollowOptions& options = question.options;
  options.policies = AllPolicies();
  question.back = rng() % 2 == 0;
  const auto some_time = [&] {
    return ledger.blocks[rng() % ledger.blocks.size()].time + static_cast<int64_t>(rng() % 3) - 1;
  };
  if (rng() % 4 == 0) options.since = some_time();
  if (rng() % 4 == 0) options.until = some_time();
  question.plain.not_followed = MovementsOutside(ledger, options);
  if (rng() % 3 == 0) question.plain.max_hops = options.max_hops = rng() % 5;
  if (rng() % 3 == 0) {
    options.min_taint = rng() % 40;
    question.plain.min_taint = Number(options.min_taint);
  }
  if (rng() % 3 == 0) {
    const uint64_t one_in = 2 + rng() % 5;
    for (uint64_t id = 0; id < 200; ++id) {
      if (rng() % one_in == 0) question.plain.services.insert(AddressId{id});
    }
    options.stop_at = [services = question.plain.services](
                          uint32_t, AddressId owner) -> absl::StatusOr<bool> {
      return services.contains(owner);
    };
  }
  const std::pair<FeeRule, std::string> rules[] = {{FeeRule::kEnd, "end"},
                                                   {FeeRule::kSubsidyFirst, "subsidy-first"},
                                                   {FeeRule::kFeesFirst, "fees-first"}};
  std::tie(options.fees, question.plain.fees) = rules[rng() % 3];
  question.plain.subsidy = [](uint32_t height) {
    return Number(BlockSubsidy(GetNetwork(NetworkId::kMain), height));
  };
  return question;
}

TEST(Limits, AllAtOnceFindWhatThePlainModelFinds) {
  std::mt19937_64 rng(/*seed=*/20240620);
  uint64_t tainted = 0;
  RandomLedgerOptions ledger_options;
  ledger_options.mature = true;
  for (int round = 0; round < 3'000 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    RandomLedger ledger = SmallLedger(rng, ledger_options);
    RaiseHeights(&ledger);
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const Question question = RandomQuestion(rng, ledger);
    SCOPED_TRACE(absl::StrCat(question.back ? "back" : "forward", ", fees ", question.plain.fees));
    ExpectAsPlain(memory, ledger, ThiefOf(ledger, rng()).Steal(), question, &tainted);
  }
  EXPECT_GT(tainted, 20'000u);
}

}  // namespace
}  // namespace spoor
