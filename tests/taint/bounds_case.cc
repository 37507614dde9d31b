#include "tests/taint/bounds_case.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace spoor {

std::string NameOf(const Bound& bound) {
  if (!bound.kind.has_value()) return absl::StrCat("in ", bound.group);
  return absl::StrCat(EndpointKindName(*bound.kind), bound.category.empty() ? "" : "/",
                      bound.category);
}

std::string CategoryOf(AddressId owner) {
  const char* const categories[] = {"", "exchange", "mixer"};
  return categories[owner.number % 3];
}

Case RandomCase(std::mt19937_64& rng, const RandomLedger& ledger) {
  Case c;
  c.back = rng() % 3 == 0;
  const auto some_time = [&] {
    return ledger.blocks[rng() % ledger.blocks.size()].time + static_cast<int64_t>(rng() % 3) - 1;
  };
  if (rng() % 6 == 0) c.limits.since = some_time();
  if (rng() % 6 == 0) c.limits.until = some_time();
  if (rng() % 4 == 0) c.limits.max_hops = rng() % 5;
  if (rng() % 4 == 0) c.limits.min_taint = rng() % 40;
  for (uint64_t id = 0; id < 200; ++id) {
    if (rng() % 6 == 0) c.group.insert(AddressId{id});
    if (rng() % 6 == 0) c.services.insert(AddressId{id});
  }
  if (rng() % 3 == 0) c.services.clear();
  const FeeRule rules[] = {FeeRule::kEnd, FeeRule::kSubsidyFirst, FeeRule::kFeesFirst};
  c.limits.fees = rules[rng() % 3];
  if (rng() % 3 == 0) {
    const uint64_t size = 1 + rng() % 4;  // of a pool
    // A pool is in a group whole.
    for (const AddressId owner : std::set<AddressId>(c.group)) {
      const uint64_t first = owner.number - owner.number % size;
      for (uint64_t i = first; i < first + size; ++i) c.group.insert(AddressId{i});
    }
    c.limits.pool.of = [size](uint32_t, AddressId owner) -> absl::StatusOr<AddressId> {
      return AddressId{owner.number - owner.number % size};
    };
    uint64_t addresses = 0;
    for (const NewBlock& block : ledger.blocks) addresses += block.new_addresses.size();
    c.limits.pool.members = [size, addresses](uint32_t, AddressId pool) {
      std::vector<AddressId> members;
      for (uint64_t i = pool.number; i < std::min(pool.number + size, addresses); ++i) {
        members.push_back({i});
      }
      return members;
    };
  }
  c.limits.flows = false;
  c.limits.patterns = false;
  c.limits.stop_at = [services = c.services](uint32_t, AddressId owner) -> absl::StatusOr<bool> {
    return services.contains(owner);
  };
  c.options.category = [](uint32_t, AddressId owner) -> absl::StatusOr<std::string> {
    return CategoryOf(owner);
  };
  c.options.groups = {
      {"some", [group = c.group](uint32_t, AddressId owner) -> absl::StatusOr<bool> {
         return group.contains(owner);
       }}};
  return c;
}

absl::StatusOr<BoundsResult> Compute(const LedgerView& view, const std::vector<Seed>& seeds,
                                     const Case& c) {
  const LedgerView* const views[] = {&view};
  return c.back ? ComputeBoundsBack(views, seeds, c.limits, c.options)
                : ComputeBounds(views, seeds, c.limits, c.options);
}

}  // namespace spoor
