#ifndef SPOOR_TESTS_TAINT_BOUNDS_CASE_H_
#define SPOOR_TESTS_TAINT_BOUNDS_CASE_H_

#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/bounds.h"
#include "tests/support/random_ledger.h"

// What bounds are asked for in tests.

namespace spoor {

// Which endpoints a figure is about, in words: "KIND", "KIND/CATEGORY" or "in GROUP".
std::string NameOf(const Bound& bound);

std::string CategoryOf(AddressId owner);

// A request with its limits; the category of service N is CategoryOf(N).
struct Case {
  FollowOptions limits;
  BoundsOptions options;
  std::set<AddressId> group;  // the one in `options`
  std::set<AddressId> services;
  bool back = false;
};

Case RandomCase(std::mt19937_64& rng, const RandomLedger& ledger);

absl::StatusOr<BoundsResult> Compute(const LedgerView& view, const std::vector<Seed>& seeds,
                                     const Case& c);

}  // namespace spoor

#endif  // SPOOR_TESTS_TAINT_BOUNDS_CASE_H_
