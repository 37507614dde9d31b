#ifndef SPOOR_TESTS_TAINT_PLAIN_ACCOUNT_MODEL_H_
#define SPOOR_TESTS_TAINT_PLAIN_ACCOUNT_MODEL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "boost/multiprecision/cpp_int.hpp"

// What docs/model.md says of account chains, done in the plainest way there is, to hold lib/taint
// against. It shares no code with it, knows nothing of positions that follow each other, balances
// or openings but what it computes itself from the bare transfers, and goes through all of them.
// The policies that move units in some order have every single unit in a list; so amounts must be
// small.

namespace spoor::plain {

using Number = boost::multiprecision::cpp_int;

// A transfer as a chain tells it. Those of one transaction follow one another.
struct Transfer {
  enum Kind { kFee, kTransfer, kReward } kind = kTransfer;
  uint64_t transaction = 0;      // neighbours of one number are one transaction
  uint32_t height = 0;           // of its block
  std::optional<uint64_t> from;  // nullopt: minted
  std::optional<uint64_t> to;    // nullopt: burned, or a fee
  uint32_t asset = 0;
  Number amount;
  Number burned;  // of a fee
};

// A source, and the asset that it stole; {0, 0} is clean.
using Origin = std::pair<int, uint32_t>;

struct AccountSeed {
  int source = 0;
  std::set<uint64_t> transfers;  // by number
  // Accounts and assets whose opening balances it means. Not backwards.
  std::set<std::pair<uint64_t, uint32_t>> openings;
  std::optional<Number> limit;
};

struct AccountOptions {
  std::set<uint64_t> not_followed;  // transfers at the wrong time
  std::optional<uint32_t> max_hops;
  Number min_taint = 0;
  std::set<uint64_t> services;
  std::set<std::pair<uint64_t, uint32_t>> busy;  // accounts and assets that end units as they do
  std::map<uint32_t, uint64_t> issuers;          // the account that is an asset's contract
};

struct AccountEnd {
  std::string kind;
  std::optional<uint64_t> owner;
  uint32_t asset = 0;
  uint64_t last = 0;          // number of the transfer that brought stolen units there
  uint32_t first_height = 0;  // of the transfer that first did
  Number amount;
  Number tainted;
  std::map<Origin, std::pair<Number, Number>> origins;  // units, stolen units
  uint32_t hops = 0;
};

struct AccountResult {
  std::vector<AccountEnd> ends;
  std::map<Origin, Number> stolen;
  uint64_t movements = 0;
  uint64_t openings = 0;
  uint64_t conversions = 0;
  // By "FROM>TO/ASSET", of owners' names: "a7", "fees", "burned", "minted".
  std::map<std::string, Number> flows;

  // One thing to a line, sorted.
  std::string ToString() const;
};

AccountResult FollowAccounts(const std::string& policy, const std::vector<Transfer>& transfers,
                             const std::vector<AccountSeed>& seeds,
                             const AccountOptions& options = {});

// Where the units that the seeds name came from.
AccountResult BackAccounts(const std::string& policy, const std::vector<Transfer>& transfers,
                           const std::vector<AccountSeed>& seeds,
                           const AccountOptions& options = {});

}  // namespace spoor::plain

#endif  // SPOOR_TESTS_TAINT_PLAIN_ACCOUNT_MODEL_H_
