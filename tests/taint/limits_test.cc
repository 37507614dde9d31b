#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
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

// Where each unit of every output came from: "POSITION KIND INDEX" of a coinbase, or of an input
// from outside.
using UnitOrigins = std::map<Holding, std::vector<std::string>>;

// Moves every single unit of the ledger, with its origin on it.
UnitOrigins MoveEveryUnit(const std::string& policy, const std::vector<Movement>& movements) {
  UnitOrigins origins;
  for (const Movement& movement : movements) {
    std::vector<std::string> sequence(static_cast<size_t>(movement.minted),
                                      absl::StrCat(movement.position.number, " minted 0"));
    for (size_t i = 0; i < movement.gives.size(); ++i) {
      const Give& give = movement.gives[i];
      const char* kind = give.kind == GiveKind::kOutside ? " outside " : " unresolved ";
      std::vector<std::string> units(static_cast<size_t>(give.amount),
                                     absl::StrCat(movement.position.number, kind, i));
      if (give.kind == GiveKind::kHolding) units = origins.at(give.holding);
      sequence.insert(sequence.end(), units.begin(), units.end());
    }
    size_t taken = 0;
    for (const Take& take : movement.takes) {
      const auto amount = static_cast<size_t>(take.amount);
      const size_t from = policy == "fifo" ? taken : sequence.size() - taken - amount;
      taken += amount;
      if (take.kind == TakerKind::kFee) continue;
      const auto begin = sequence.begin() + static_cast<ptrdiff_t>(from);
      origins[take.holding] = {begin, begin + static_cast<ptrdiff_t>(amount)};
    }
  }
  return origins;
}

Seed SeedOf(std::vector<Credit> credits) {
  Seed seed;
  seed.request.source = "x";
  seed.credits = std::move(credits);
  return seed;
}

TEST(FollowBack, FindsTheVeryUnitsThatForwardsArriveThere) {
  std::mt19937_64 rng(/*seed=*/20240621);
  uint64_t asked = 0;
  uint64_t arrived = 0;
  for (int round = 0; round < 300 && !::testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(absl::StrCat("round ", round));
    const RandomLedger ledger = SmallLedger(rng);
    const std::vector<Movement> movements = MovementsOf(ledger);
    std::set<Holding> spent;
    for (const Movement& movement : movements) {
      for (const Give& give : movement.gives) spent.insert(give.holding);
    }
    MemoryLedger memory(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
    const LedgerView* const views[] = {&memory};
    for (const std::string policy : {"fifo", "lifo"}) {
      SCOPED_TRACE(policy);
      const UnitOrigins origins = MoveEveryUnit(policy, movements);
      FollowOptions options;
      options.policies = {policy};
      for (int n = 0; n < 10; ++n) {
        const auto place =
            std::next(origins.begin(), static_cast<ptrdiff_t>(rng() % origins.size()));
        const Position position{place->first.major};
        const auto back =
            FollowBack(views, std::vector<Seed>{SeedOf({{position, place->first.minor}})}, options);
        ASSERT_TRUE(back.ok()) << back.status();
        std::map<std::string, uint64_t> want;
        for (const std::string& origin : place->second) ++want[origin];
        std::map<std::string, uint64_t> got;
        for (const Endpoint& end : back->policies[0].endpoints) {
          got[absl::StrCat(end.position.number, " ", EndpointKindName(end.kind), " ",
                           end.output)] += static_cast<uint64_t>(end.tainted);
        }
        EXPECT_EQ(got, want);
        asked += place->second.size();

        // And of all that a coinbase found minted, just as many units arrive.
        if (spent.contains(place->first)) continue;
        for (const Endpoint& origin : back->policies[0].endpoints) {
          if (origin.kind != EndpointKind::kMinted) continue;
          std::vector<Credit> outputs;
          for (uint32_t i = 0; i < movements[origin.position.number].takes.size(); ++i) {
            outputs.push_back({origin.position, i});
          }
          const auto forward = Follow(views, std::vector<Seed>{SeedOf(outputs)}, options);
          ASSERT_TRUE(forward.ok()) << forward.status();
          Units here = 0;
          for (const Endpoint& end : forward->policies[0].endpoints) {
            if (end.position == position && end.at_output && end.output == place->first.minor) {
              here += end.tainted;
            }
          }
          EXPECT_EQ(here, origin.tainted);
          arrived += static_cast<uint64_t>(here);
        }
      }
    }
  }
  EXPECT_GT(asked, 20'000u);
  EXPECT_GT(arrived, 5'000u);
}

TEST(Limits, ErrorsOfTheStopListAreTheTraces) {
  std::mt19937_64 rng(/*seed=*/20240622);
  const RandomLedger ledger = SmallLedger(rng);
  MemoryLedger memory(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &memory).ok());
  const LedgerView* const views[] = {&memory};
  std::vector<Credit> credits;
  for (const Movement& movement : MovementsOf(ledger)) {
    if (movement.coinbase) credits.push_back({movement.position, 0});
  }
  FollowOptions options;
  int asked = 0;
  options.stop_at = [&](uint32_t chain, AddressId owner) -> absl::StatusOr<bool> {
    EXPECT_EQ(chain, 0u);
    EXPECT_LT(owner.number, 1'000u);
    ++asked;
    return absl::UnavailableError("no tags today");
  };
  const auto result = Follow(views, std::vector<Seed>{SeedOf(credits)}, options);
  EXPECT_EQ(result.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(asked, 1);
}

TEST(Limits, FeesAreNotFollowedWhereTheSubsidyIsNotKnownOrACoinbaseIsSpentTooSoon) {
  for (const bool known : {false, true}) {
    SCOPED_TRACE(known);
    // Block 0 mints 10; block 1 mints 5, pays a fee of 1, and, which no real block does, spends
    // what it minted.
    NewBlock blocks[2];
    ChainInfo chain = ChainInfoOf(GetNetwork(NetworkId::kMain));
    if (!known) chain.network = "of nobody";
    Movement first, second, pays, spends;
    const auto output = [](Movement* movement, uint32_t index, uint64_t amount) {
      Take take;
      take.holding = Holding::Output(movement->position, index);
      take.owner = AddressId{0};
      take.amount = amount;
      movement->takes.push_back(take);
    };
    const auto fee = [](Movement* movement, uint64_t amount) {
      Take take;
      take.kind = TakerKind::kFee;
      take.amount = amount;
      movement->takes.push_back(take);
    };
    uint64_t number = 0;
    for (Movement* movement : {&first, &second, &pays, &spends}) {
      movement->position = Position{number++};
      movement->txid = Txid::FromBytes(Bytes(32, static_cast<uint8_t>(number)));
      movement->height = movement == &first ? 0 : 1;
    }
    first.coinbase = second.coinbase = true;
    first.minted = 10;
    output(&first, 0, 10);
    second.minted = 5;
    output(&second, 0, 5);
    pays.gives = {{GiveKind::kHolding, Holding::Output(Position{0}, 0), AddressId{0}, 10}};
    output(&pays, 0, 9);
    fee(&pays, 1);
    spends.gives = {{GiveKind::kHolding, Holding::Output(Position{1}, 0), AddressId{0}, 5}};
    output(&spends, 0, 5);
    fee(&spends, 0);
    blocks[0].hash = BlockHash::FromBytes(Bytes(32, 1));
    blocks[0].new_addresses = {AddressKey({ScriptKind::kP2pkh, Bytes(20, 1)})};
    blocks[0].movements = {first};
    blocks[0].transactions = 1;
    blocks[1].height = 1;
    blocks[1].hash = BlockHash::FromBytes(Bytes(32, 2));
    blocks[1].previous = blocks[0].hash;
    blocks[1].movements = {second, pays, spends};
    blocks[1].transactions = 3;
    MemoryLedger memory(chain);
    const absl::Status appended = AppendAll(blocks, &memory);
    ASSERT_TRUE(appended.ok()) << appended;
    const LedgerView* const views[] = {&memory};
    const std::vector<Seed> seeds = {SeedOf({{Position{0}, 0}})};
    FollowOptions options;
    EXPECT_TRUE(Follow(views, seeds, options).ok());
    options.fees = FeeRule::kFeesFirst;
    EXPECT_EQ(Follow(views, seeds, options).status().code(),
              known ? absl::StatusCode::kDataLoss : absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace spoor
