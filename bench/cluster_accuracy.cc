// Prints how right each clustering heuristic is about simulated ledgers whose owners are known:
//   cluster_accuracy TRANSACTIONS SEED...
// As markdown, or with --json first as JSON. docs/clusters.md has what it printed.
//
// A pair is two addresses of one cluster. Precision is the share of pairs that one owner has,
// recall the share of owners' pairs that were found; both by clusters too: clusters of two or more
// that one owner has, and owners of two or more whose addresses are all in one cluster. A claim is
// a merge; its two addresses are one owner's or not. "Services merged" counts pairs of different
// services with an address each in one cluster.

#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "spoor/base/status_macros.h"
#include "tests/support/cluster_truth.h"

namespace spoor {
namespace {

struct Row {
  std::string name;
  ClusterAccuracy sum;
};

absl::Status Measure(uint64_t transactions, const std::vector<uint64_t>& seeds, bool json) {
  std::vector<Row> rows;
  const auto add = [&](const std::string& name, const ClusterAccuracy& one) {
    for (Row& row : rows) {
      if (row.name == name) return row.sum.Add(one);
    }
    rows.push_back({name, one});
  };
  for (const uint64_t seed : seeds) {
    simulate::SimulationOptions options;
    options.transactions = transactions;
    options.seed = seed;
    options.thefts = 3;
    SPOOR_ASSIGN_OR_RETURN(const std::unique_ptr<TrueLedger> ledger, MakeTrueLedger(options));
    std::vector<std::pair<std::string, HeuristicSet>> sets;
    for (const HeuristicInfo& info : Heuristics()) {
      if (info.family != Family::kUtxo) continue;
      sets.emplace_back(info.name, HeuristicSet({info.heuristic}));
    }
    sets.emplace_back("default", DefaultHeuristics());
    sets.emplace_back("all", *ParseHeuristics("all"));
    for (const auto& [name, set] : sets) {
      SPOOR_ASSIGN_OR_RETURN(const ClusterAccuracy one, MeasureClusters(*ledger, set, {}));
      add(name, one);
    }
    // CoinJoins taken for what they look like to one who does not know them.
    SPOOR_ASSIGN_OR_RETURN(const ClusterAccuracy blind,
                           MeasureClusters(*ledger, DefaultHeuristics(), {.hide_coinjoins = true}));
    add("default, CoinJoins not recognised", blind);
    SPOOR_ASSIGN_OR_RETURN(const ClusterAccuracy without,
                           MeasureClusters(*ledger, DefaultHeuristics(), {.drop_coinjoins = true}));
    add("default, CoinJoins left out", without);
  }
  if (json) {
    std::cout << "[\n";
    for (size_t i = 0; i < rows.size(); ++i) {
      const ClusterAccuracy& a = rows[i].sum;
      std::cout << absl::StrFormat(
          "  {\"heuristics\":\"%s\",\"merges\":%d,\"right_merges\":%d,\"pairs\":%d,"
          "\"right_pairs\":%d,\"true_pairs\":%d,\"clusters\":%d,\"pure_clusters\":%d,"
          "\"owners\":%d,\"whole_owners\":%d,\"services_merged\":%d,\"conflicts\":%d}%s\n",
          rows[i].name, a.merges, a.right_merges, a.pairs, a.right_pairs, a.true_pairs, a.clusters,
          a.pure_clusters, a.owners, a.whole_owners, a.services_merged, a.conflicts,
          i + 1 < rows.size() ? "," : "");
    }
    std::cout << "]\n";
    return absl::OkStatus();
  }
  std::cout
      << "| heuristics | merges | right, % | pairs: precision, % | recall, % | clusters pure, % "
         "| owners whole, % | services merged | conflicts "
         "|\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  const auto percent = [](uint64_t part, uint64_t whole) {
    return whole == 0 ? std::string("–")
                      : absl::StrFormat(
                            "%.2f", 100.0 * static_cast<double>(part) / static_cast<double>(whole));
  };
  for (const Row& row : rows) {
    const ClusterAccuracy& a = row.sum;
    std::cout << absl::StrFormat(
        "| %s | %d | %s | %s | %s | %s | %s | %d | %d |\n", row.name, a.merges,
        percent(a.right_merges, a.merges), percent(a.right_pairs, a.pairs),
        percent(a.right_pairs, a.true_pairs), percent(a.pure_clusters, a.clusters),
        percent(a.whole_owners, a.owners), a.services_merged, a.conflicts);
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  const bool json = !args.empty() && args[0] == "--json";
  if (json) args.erase(args.begin());
  uint64_t transactions = 0;
  std::vector<uint64_t> seeds;
  bool good = args.size() >= 2 && absl::SimpleAtoi(args[0], &transactions);
  for (size_t i = 1; i < args.size(); ++i) {
    uint64_t seed = 0;
    good = good && absl::SimpleAtoi(args[i], &seed);
    seeds.push_back(seed);
  }
  if (!good) {
    std::cerr << "usage: cluster_accuracy [--json] TRANSACTIONS SEED...\n";
    return 2;
  }
  const absl::Status status = spoor::Measure(transactions, seeds, json);
  if (!status.ok()) {
    std::cerr << status << "\n";
    return 1;
  }
  return 0;
}
