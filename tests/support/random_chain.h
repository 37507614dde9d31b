#ifndef SPOOR_TESTS_SUPPORT_RANDOM_CHAIN_H_
#define SPOOR_TESTS_SUPPORT_RANDOM_CHAIN_H_

#include <cstdint>
#include <random>
#include <utility>
#include <vector>

#include "tests/support/test_chain.h"

namespace spoor {

// A test chain in which coins move in every block. A copy is a fork.
class RandomChain {
 public:
  explicit RandomChain(uint64_t seed) : rng_(seed), coins_(1) {}

  const std::vector<TestBlock>& blocks() const { return chain_.blocks(); }
  const TestBlock& tip() const { return chain_.tip(); }

  void Grow(size_t blocks) {
    for (; blocks > 0; --blocks) {
      Coins coins = coins_.back();
      std::vector<Payment> payments;
      for (size_t count = rng_() % 4; count > 0 && !coins.empty(); --count) {
        std::swap(coins[rng_() % coins.size()], coins.back());
        const auto [coin, amount] = coins.back();
        coins.pop_back();
        const uint64_t first = rng_() % (amount + 1);
        const auto party = [&] { return PartyScript(static_cast<int>(rng_() % 100)); };
        payments.push_back({{coin}, {{first, party()}, {amount - first, party()}}});
        // The next payment may spend them in the same block.
        coins.emplace_back(payments.back().out(0), first);
        coins.emplace_back(payments.back().out(1), amount - first);
      }
      TestBlockOptions options;
      options.salt = static_cast<uint8_t>(rng_());
      const TestBlock& block = chain_.Add(payments, options);
      coins.emplace_back(block.reward, block.reward_sat);
      coins_.push_back(std::move(coins));
    }
  }

  // Takes `depth` blocks away and adds others, one more.
  void Reorganise(size_t depth) {
    chain_.Truncate(chain_.blocks().size() - depth);
    coins_.resize(coins_.size() - depth);
    Grow(depth + 1);
  }

 private:
  // Unspent outputs, with their amounts.
  using Coins = std::vector<std::pair<bitcoin::OutPoint, uint64_t>>;

  std::mt19937_64 rng_;
  TestChain chain_;
  std::vector<Coins> coins_;  // after each block
};

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_RANDOM_CHAIN_H_
