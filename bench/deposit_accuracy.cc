// Prints how right the deposit-address heuristic is about made-up economies whose owners are known:
//   deposit_accuracy SEED...
// docs/clusters.md has what it printed. A merge is right if its two addresses are one owner's.
// Recall: of the deposit addresses that were emptied at least once and that no list tags.

#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <set>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/ledger/memory_ledger.h"
#include "tests/support/account_economy.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

absl::Status Measure(const std::vector<uint64_t>& seeds) {
  std::cout << "| decoys | accounts | merges | right, % | recall, % | held back |\n"
               "|--:|--:|--:|--:|--:|--:|\n";
  for (const int decoys : {0, 1, 5, 20}) {
    uint64_t accounts = 0;
    uint64_t merges = 0;
    uint64_t right = 0;
    uint64_t conflicts = 0;
    uint64_t swept = 0;
    uint64_t found = 0;
    for (const uint64_t seed : seeds) {
      AccountEconomyOptions options;
      options.blocks = 4'000;
      options.users = 400;
      options.exchanges = 6;
      options.decoys = decoys;
      const AccountEconomy economy = MakeAccountEconomy(seed, options);
      MemoryLedger ledger(economy.chain);
      SPOOR_RETURN_IF_ERROR(AppendAll(economy.blocks, &ledger));
      std::vector<TaggedAddress> tags;
      for (const auto& [id, owner] : economy.tagged) {
        tags.emplace_back(id, static_cast<uint64_t>(owner) | kServiceTag);
      }
      MemoryTable table;
      SPOOR_ASSIGN_OR_RETURN(const auto builder, ClusterBuilder::Open(&table, {}));
      SPOOR_RETURN_IF_ERROR(builder->Update(ledger, tags));
      SPOOR_ASSIGN_OR_RETURN(const Clusters clusters, Clusters::Open(&table));
      std::set<AddressId> merged;
      SPOOR_RETURN_IF_ERROR(clusters.VisitMerges([&](const Evidence& evidence) {
        ++merges;
        const bool one_owner =
            economy.owners[evidence.from.number] == economy.owners[evidence.to.number];
        right += one_owner ? 1 : 0;
        if (one_owner) merged.insert({evidence.from, evidence.to});
        return absl::OkStatus();
      }));
      accounts += economy.owners.size();
      conflicts += clusters.state().conflicts;
      swept += economy.swept.size();
      for (const AddressId id : economy.swept) found += merged.contains(id) ? 1 : 0;
    }
    std::cout << absl::StrFormat("| %d | %d | %d | %.2f | %.2f | %d |\n", decoys, accounts, merges,
                                 100.0 * static_cast<double>(right) / static_cast<double>(merges),
                                 100.0 * static_cast<double>(found) / static_cast<double>(swept),
                                 conflicts);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  std::vector<uint64_t> seeds;
  for (int i = 1; i < argc; ++i) {
    uint64_t seed = 0;
    if (!absl::SimpleAtoi(argv[i], &seed)) {
      std::cerr << "usage: deposit_accuracy SEED...\n";
      return EXIT_FAILURE;
    }
    seeds.push_back(seed);
  }
  const absl::Status status =
      spoor::Measure(seeds.empty() ? std::vector<uint64_t>{1, 2, 3} : seeds);
  if (!status.ok()) std::cerr << status << "\n";
  return status.ok() ? EXIT_SUCCESS : EXIT_FAILURE;
}
