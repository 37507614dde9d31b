// The simulator's parts by themselves.

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>
#include <set>
#include <vector>

#include "gtest/gtest.h"
#include "lib/simulate/coin_selection.h"
#include "lib/simulate/keys.h"
#include "lib/simulate/random.h"
#include "lib/simulate/world.h"
#include "spoor/chain/script.h"

namespace spoor::simulate {
namespace {

TEST(Random, LogarithmAndExponentialAgreeWithTheLibrary) {
  Random random(1, 2);
  for (int i = 0; i < 20'000; ++i) {
    const double x = (random.Unit() - 0.5) * 200;
    EXPECT_NEAR(PortableExp(x) / std::exp(x), 1, 1e-12) << x;
    const double y = std::exp(x);
    EXPECT_NEAR(PortableLog(y), x, 1e-12 * (1 + std::abs(x))) << y;
  }
  EXPECT_EQ(PortableLog(1), 0);
  EXPECT_EQ(PortableExp(0), 1);
}

// The first numbers of a seed are part of what "the same seed, the same bytes" promises.
TEST(Random, IsTheSameOnEveryMachine) {
  Random random(42, 0), other(42, 1);
  std::mt19937_64 standard;  // its 10,000th number is fixed by the standard
  standard.discard(9'999);
  EXPECT_EQ(standard(), 9'981'545'732'273'789'042u);
  EXPECT_NE(random.Next(), other.Next());
}

TEST(Random, DrawsFollowTheirLaws) {
  Random random(20240607, 0);
  constexpr int kDraws = 200'000;
  double exponential = 0, log_sum = 0, log_square = 0;
  int ones = 0, twos = 0;
  std::vector<int> weighted(3);
  for (int i = 0; i < kDraws; ++i) {
    exponential += random.Exponential(600);
    const double log = std::log(random.LogNormal(5, 1.5));
    log_sum += log;
    log_square += log * log;
    const uint64_t n = random.PowerLaw(1, 1'000, 2.2);
    ASSERT_TRUE(n >= 1 && n <= 1'000);
    ones += n == 1;
    twos += n == 2;
    const double weights[] = {1, 0, 3};
    ++weighted[random.Weighted(weights)];
  }
  EXPECT_NEAR(exponential / kDraws, 600, 6);
  EXPECT_NEAR(log_sum / kDraws, std::log(5), 0.02);
  EXPECT_NEAR(log_square / kDraws - std::pow(log_sum / kDraws, 2), 1.5 * 1.5, 0.05);
  // Of the continuous law: 1 - 2^-1.2, 2^-1.2 - 3^-1.2.
  EXPECT_NEAR(static_cast<double>(ones) / kDraws, 1 - std::pow(2, -1.2), 0.01);
  EXPECT_NEAR(static_cast<double>(twos) / kDraws, std::pow(2, -1.2) - std::pow(3, -1.2), 0.01);
  EXPECT_EQ(weighted[1], 0);
  EXPECT_NEAR(static_cast<double>(weighted[0]) / kDraws, 0.25, 0.01);
}

int64_t SumOf(const std::vector<size_t>& places, const std::vector<int64_t>& values) {
  int64_t sum = 0;
  for (const size_t i : places) sum += values[i];
  return sum;
}

// Against every subset of small wallets.
TEST(CoinSelection, AgreesWithTryingEverything) {
  std::mt19937_64 rng(/*seed=*/20240607);
  int exact_found = 0;
  for (int round = 0; round < 3'000; ++round) {
    std::vector<int64_t> values(rng() % 9);
    int64_t all = 0;
    for (int64_t& value : values) {
      value = static_cast<int64_t>(rng() % 60) - 5;
      all += std::max<int64_t>(0, value);
    }
    const auto target = static_cast<int64_t>(1 + rng() % 150);
    const auto slack = static_cast<int64_t>(rng() % 3);
    bool exact_exists = false;
    for (uint32_t subset = 0; subset < 1u << values.size(); ++subset) {
      int64_t sum = 0;
      bool positive = true;
      for (size_t i = 0; i < values.size(); ++i) {
        if ((subset >> i & 1) == 0) continue;
        sum += values[i];
        positive &= values[i] > 0;
      }
      exact_exists |= positive && sum >= target && sum <= target + slack;
    }
    for (const CoinSelection how : {CoinSelection::kOldestFirst, CoinSelection::kLargestFirst,
                                    CoinSelection::kBranchAndBound}) {
      SCOPED_TRACE(static_cast<int>(how));
      const auto places = SelectCoins(how, values, target, slack);
      ASSERT_EQ(places.has_value(), all >= target);
      if (!places) continue;
      EXPECT_EQ(std::set<size_t>(places->begin(), places->end()).size(), places->size());
      EXPECT_TRUE(std::is_sorted(places->begin(), places->end()));
      EXPECT_GE(SumOf(*places, values), target);
      for (const size_t i : *places) EXPECT_GT(values[i], 0);
      if (how == CoinSelection::kOldestFirst) {
        // No newer coin while an older one is left out.
        for (size_t i = 0; i < places->back(); ++i) {
          EXPECT_TRUE(values[i] <= 0 || std::count(places->begin(), places->end(), i) == 1);
        }
      }
      if (how == CoinSelection::kLargestFirst) {
        std::vector<int64_t> sorted = values;
        std::sort(sorted.rbegin(), sorted.rend());
        EXPECT_EQ(
            SumOf(*places, values),
            std::accumulate(sorted.begin(), sorted.begin() + static_cast<ptrdiff_t>(places->size()),
                            int64_t{0}));
      }
      if (how == CoinSelection::kBranchAndBound && exact_exists) {
        EXPECT_LE(SumOf(*places, values), target + slack);
        ++exact_found;
      }
    }
  }
  EXPECT_GT(exact_found, 100);
}

TEST(World, TakesAndGivesCoins) {
  std::mt19937_64 rng(/*seed=*/7);
  World world;
  const ActorId user = world.AddActor(ActorKind::kUser);
  const AddressId address = world.AddAddress(user, AddressKind::kP2wpkh, Role::kWallet);
  std::vector<CoinId> model;
  for (int round = 0; round < 2'000; ++round) {
    if (model.size() < 3 || rng() % 2 == 0) {
      Coin coin = {};
      coin.value = 1 + rng() % 100;
      coin.address = address;
      const CoinId id = world.AddCoin(coin);
      world.Release(id);
      model.push_back(id);
    } else {
      std::vector<size_t> places;
      for (size_t i = 0; i < model.size(); ++i) {
        if (rng() % 4 == 0) places.push_back(i);
      }
      std::vector<CoinId> wanted, rest;
      for (size_t i = 0; i < model.size(); ++i) {
        const bool taken = std::count(places.begin(), places.end(), i) == 1;
        (taken ? wanted : rest).push_back(model[i]);
      }
      EXPECT_EQ(world.TakeCoins(user, places), wanted);
      for (const CoinId id : wanted) world.RemoveCoin(id);
      model = rest;
    }
    EXPECT_EQ(world.actor(user).coins, model);
    uint64_t total = 0;
    for (const CoinId id : model) total += world.coin(id).value;
    EXPECT_EQ(world.actor(user).balance, total);
    EXPECT_EQ(world.coin_total(), total);
    EXPECT_EQ(world.coin_count(), model.size());
  }
}

// A transaction never weighs more than was estimated for its fee, nor much less.
TEST(KeyRing, WeightsAreThoseOfTheBytes) {
  for (const bool sign : {false, true}) {
    KeyRing keys(/*seed=*/5, sign);
    for (const AddressKind kind :
         {AddressKind::kP2pk, AddressKind::kP2pkh, AddressKind::kP2shP2wpkh, AddressKind::kP2wpkh,
          AddressKind::kP2tr, AddressKind::kP2wsh}) {
      SCOPED_TRACE(static_cast<int>(kind));
      const Address address = {0, 77, kind, Role::kWallet, false, false};
      const Bytes script = keys.Script(address);
      Arena arena;
      bitcoin::Transaction tx;
      tx.inputs.push_back({{}, {}, 0, {}});
      tx.outputs.push_back({*Amount::FromSat(1'000), script});
      const std::vector<bitcoin::TxOut> spent = {{*Amount::FromSat(2'000), script}};
      keys.Sign({&address, 1}, spent, &tx, &arena);
      const size_t total = bitcoin::EncodeTransaction(tx).size();
      const size_t witness = tx.HasWitness() ? 2 + tx.inputs[0].witness.size() : 0;
      const uint64_t weight = 4 * (total - witness) + witness;
      const uint64_t estimate = kEmptyTransactionWeight + InputWeight(kind) + OutputWeight(kind);
      EXPECT_LE(weight, estimate);
      EXPECT_GE(weight + 40, estimate);
    }
  }
}

}  // namespace
}  // namespace spoor::simulate
