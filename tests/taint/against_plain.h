#ifndef SPOOR_TESTS_TAINT_AGAINST_PLAIN_H_
#define SPOOR_TESTS_TAINT_AGAINST_PLAIN_H_

#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/follow.h"
#include "tests/support/random_ledger.h"
#include "tests/taint/plain_model.h"

// Random thefts in random ledgers, put to the library and to the plain model.

namespace spoor {

std::vector<std::string> AllPolicies();

std::vector<Movement> MovementsOf(const RandomLedger& ledger);

// Small enough for the plain model's lists of units.
RandomLedger SmallLedger(std::mt19937_64& rng, RandomLedgerOptions options = {});

// A request as a user types it, and what it should mean, read off the blocks.
struct Theft {
  std::vector<SeedRequest> requests;
  std::vector<plain::Seed> seeds;
  std::vector<plain::Number> amounts;  // of each request
  std::vector<std::string> sources;    // in the order in which they are first named
};

// Makes up thefts.
class ThiefOf {
 public:
  ThiefOf(const RandomLedger& ledger, uint64_t seed);
  Theft Steal();

 private:
  std::set<std::pair<uint64_t, size_t>> SomeCredits(std::string* text);

  const RandomLedger& ledger_;
  std::vector<Movement> movements_;
  std::vector<int64_t> times_;  // by position
  std::vector<std::string> keys_;
  std::mt19937_64 rng_;
};

// One question in the words of both.
struct Question {
  FollowOptions options;
  plain::Options plain;
  bool back = false;
};

// A library's result in the words of the plain model.
plain::Result Plainly(const PolicyResult& result);
std::string FlowsText(const plain::Result& result);

// Traces `theft` through `view`, holds every policy against the plain model and adds up what they
// moved.
void ExpectAsPlain(const LedgerView& view, const RandomLedger& ledger, const Theft& theft,
                   const Question& question, uint64_t* tainted_movements);
// The same, following all forward under `policies`.
void ExpectAsPlain(const LedgerView& view, const RandomLedger& ledger, const Theft& theft,
                   const std::vector<std::string>& policies, uint64_t* tainted_movements);

}  // namespace spoor

#endif  // SPOOR_TESTS_TAINT_AGAINST_PLAIN_H_
