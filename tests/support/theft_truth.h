#ifndef SPOOR_TESTS_SUPPORT_THEFT_TRUTH_H_
#define SPOOR_TESTS_SUPPORT_THEFT_TRUTH_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/simulate/simulate.h"

// Traces held against the truth of simulated ledgers.

namespace spoor {

// A theft, and where the simulator's books say that its units ended.
struct TrueTheft {
  std::string txid;  // all of its outputs are the theft
  std::string thief;
  uint64_t stolen = 0;
  std::map<std::string, uint64_t> arrived;  // by service
};

// A simulated ledger whose services and thefts are known.
struct TrueThefts {
  std::unique_ptr<MemoryLedger> ledger;
  std::vector<std::string> service;             // by AddressId; "" if the owner is none
  std::map<std::string, std::string> category;  // by service
  std::vector<TrueTheft> thefts;
};
absl::StatusOr<TrueThefts> SimulateThefts(const simulate::SimulationOptions& options);

// What was found of one service in one case, a case being one theft traced by itself.
struct ServiceFinding {
  std::string service;
  std::string category;
  uint64_t truth = 0;
  uint64_t lower = 0;
  uint64_t upper = 0;
  std::vector<uint64_t> figures;  // by policy, as PolicyNames()

  bool TruthWithin() const { return lower <= truth && truth <= upper; }
};

struct CaseFinding {
  // Whether its thief committed no other theft, whose loot could have been mixed with this one.
  bool only_theft = true;
  uint64_t stolen = 0;
  uint64_t movements = 0;  // that stolen units can have gone through
  // What all exchanges together can have got.
  uint64_t exchanges_lower = 0;
  uint64_t exchanges_upper = 0;
  uint64_t exchanges_truth = 0;
  // Every service that the truth, a policy or a bound names, by name.
  std::vector<ServiceFinding> services;
};

// Traces each theft by every policy and bounds it, stopping at the true services.
absl::StatusOr<std::vector<CaseFinding>> TraceThefts(const TrueThefts& truth);

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_THEFT_TRUTH_H_
