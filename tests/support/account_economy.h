#ifndef SPOOR_TESTS_SUPPORT_ACCOUNT_ECONOMY_H_
#define SPOOR_TESTS_SUPPORT_ACCOUNT_ECONOMY_H_

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "spoor/ledger/ledger_writer.h"
#include "spoor/ledger/model.h"

namespace spoor {

struct AccountEconomyOptions {
  int blocks = 2'000;  // a minute apart
  int users = 150;
  int exchanges = 4;
  int tokens = 2;
  // Of what is most like a deposit address and is none, so much: 0 none, 1 as may be in the world,
  // more for a test that is harder than that.
  int decoys = 1;
};

// A random account ledger in which people pay each other and have accounts at exchanges, which give
// each a deposit address, sweep it into a hot wallet, and pay out from there. Who controls what is
// known.
struct AccountEconomy {
  ChainInfo chain;
  std::vector<NewBlock> blocks;
  std::vector<int> owners;  // by AddressId; exchanges are the first ones
  // Wallets that lists tag, rightly, and whose; now and then a deposit address is among them.
  std::vector<std::pair<AddressId, int>> tagged;
  std::set<AddressId> swept;  // deposit addresses that were emptied at least once, not tagged
};

// The same seed makes the same economy.
AccountEconomy MakeAccountEconomy(uint64_t seed, const AccountEconomyOptions& options = {});

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_ACCOUNT_ECONOMY_H_
