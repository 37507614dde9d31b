// Prints how far every policy is from the truth, and whether the truth is within the bounds, on
// simulated ledgers, by how the thieves laundered:
//   accuracy [--json [--commit ID]] TRANSACTIONS THEFTS SEED...
// For each way of laundering and each SEED it makes a ledger of so many transactions and thefts,
// traces every theft by itself and stops at the true services. bench/accuracy.md has what it
// printed, and says what the figures mean. Equal arguments print the same figures on any machine.
//
// Fails if the truth is anywhere outside the bounds, or a policy that conserves is.

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "spoor/base/status_macros.h"
#include "spoor/simulate/simulate.h"
#include "spoor/taint/policy.h"
#include "tests/support/theft_truth.h"

namespace spoor {
namespace {

using simulate::Pattern;

// Ways to launder: the simulator does what does not end the laundering in order, and then each of
// the others with its part. Empty: it mixes them all, differently for each theft.
const std::vector<std::vector<Pattern>>& Ways() {
  static const auto* const kWays = new std::vector<std::vector<Pattern>>{
      {Pattern::kDormancy},
      {Pattern::kConsolidation},
      {Pattern::kExchangeDeposits},
      {Pattern::kPeelChain},
      {Pattern::kBroker},
      {Pattern::kBridge},
      {Pattern::kMixer},
      {Pattern::kSplitMerge},
      {Pattern::kSplitMerge, Pattern::kExchangeDeposits},
      {Pattern::kMixer, Pattern::kPeelChain},
      {Pattern::kCoinJoin},
      {Pattern::kCoinJoin, Pattern::kExchangeDeposits},
      {Pattern::kCoinJoin, Pattern::kPeelChain},
      {Pattern::kCoinJoin, Pattern::kCoinJoin, Pattern::kExchangeDeposits},
      {},
  };
  return *kWays;
}

std::string NameOf(const std::vector<Pattern>& way) {
  if (way.empty()) return "a mix of all";
  return absl::StrJoin(way, " + ", [](std::string* out, Pattern pattern) {
    absl::StrAppend(out, simulate::PatternName(pattern));
  });
}

// Sums over the cases of a way; shares are of what was stolen in the case.
struct Errors {
  double misplaced = 0;  // of each case, the sum over services of |figure - truth|
  double bias = 0;       // of each case, the sum over services of figure - truth
  double at_exchanges = 0;
  double exchange_bias = 0;
  double worst = 0;  // the most by which one service's figure was off
  uint64_t exact = 0;
};

struct Row {
  std::string name;
  bool only_theft = true;
  uint64_t cases = 0;
  uint64_t movements = 0;
  uint64_t services = 0;  // pairs of a case and a service that stolen units can have reached
  uint64_t arrived = 0;   // of those, where some did
  uint64_t exchanges = 0;
  uint64_t truth_outside = 0;
  uint64_t policy_outside = 0;
  uint64_t settled = 0;          // where the two bounds are equal
  double width = 0;              // over pairs
  double widest = 0;             // of one pair
  double exchanges_width = 0;    // of all exchanges together, over cases
  double exchanges_arrived = 0;  // what truly arrived at exchanges, over cases
  std::vector<Errors> policies = std::vector<Errors>(PolicyNames().size());
};

void AddCase(const CaseFinding& found, Row* row) {
  const auto share = [&](double units) { return units / static_cast<double>(found.stolen); };
  const auto span = [&](uint64_t lower, uint64_t upper) {
    return share(static_cast<double>(upper) - static_cast<double>(lower));
  };
  ++row->cases;
  row->movements += found.movements;
  row->exchanges_width += span(found.exchanges_lower, found.exchanges_upper);
  row->exchanges_arrived += share(static_cast<double>(found.exchanges_truth));
  if (found.exchanges_truth < found.exchanges_lower ||
      found.exchanges_truth > found.exchanges_upper) {
    ++row->truth_outside;
  }
  for (const ServiceFinding& service : found.services) {
    const bool exchange = service.category == "exchange";
    ++row->services;
    row->arrived += service.truth > 0 ? 1 : 0;
    row->exchanges += exchange ? 1 : 0;
    row->truth_outside += service.TruthWithin() ? 0 : 1;
    row->settled += service.lower == service.upper ? 1 : 0;
    const double width = span(service.lower, service.upper);
    row->width += width;
    row->widest = std::max(row->widest, width);
    for (size_t i = 0; i < service.figures.size(); ++i) {
      const uint64_t figure = service.figures[i];
      const double error = span(service.truth, figure);
      Errors& errors = row->policies[i];
      errors.misplaced += std::abs(error);
      errors.bias += error;
      if (exchange) {
        errors.at_exchanges += std::abs(error);
        errors.exchange_bias += error;
      }
      errors.worst = std::max(errors.worst, std::abs(error));
      errors.exact += figure == service.truth ? 1 : 0;
      if (PolicyNames()[i] != "poison" && (figure < service.lower || figure > service.upper)) {
        ++row->policy_outside;
      }
    }
  }
}

double Mean(double sum, uint64_t count) {
  return count == 0 ? 0 : sum / static_cast<double>(count);
}
// -0.0 would print its sign.
std::string Percent(double share) {
  const std::string text = absl::StrFormat("%.1f", 100 * share);
  return text == "-0.0" ? "0.0" : text;
}

void PrintTables(const std::vector<Row>& all, bool only_theft) {
  std::vector<Row> rows;
  std::copy_if(all.begin(), all.end(), std::back_inserter(rows),
               [&](const Row& row) { return row.only_theft == only_theft; });
  std::cout
      << (only_theft ? "## Thieves of one theft\n\n"
                     : "\n## Thieves of two thefts, who mix their loot\n\n")
      << "| laundering | thefts | services reached | truth within bounds | bounds equal, % of "
         "services | width at a service, mean % | widest, % | width over all exchanges, mean % "
         "| truly at exchanges, mean % |\n|---|--:|--:|--:|--:|--:|--:|--:|--:|\n";
  for (const Row& row : rows) {
    const uint64_t asked = row.services + row.cases;
    std::cout << absl::StrFormat("| %s | %d | %d | %d of %d | %s | %s | %s | %s | %s |\n", row.name,
                                 row.cases, row.services, asked - row.truth_outside, asked,
                                 row.services == 0 ? "–"
                                                   : Percent(static_cast<double>(row.settled) /
                                                             static_cast<double>(row.services)),
                                 Percent(Mean(row.width, row.services)), Percent(row.widest),
                                 Percent(Mean(row.exchanges_width, row.cases)),
                                 Percent(Mean(row.exchanges_arrived, row.cases)));
  }
  const auto table = [&](const std::string& title, double Errors::*sum, auto count_of) {
    std::cout << "\n" << title << "\n\n| laundering |";
    for (const absl::string_view name : PolicyNames()) std::cout << " " << name << " |";
    std::cout << "\n|---|";
    for (size_t i = 0; i < PolicyNames().size(); ++i) std::cout << "--:|";
    std::cout << "\n";
    for (const Row& row : rows) {
      std::cout << "| " << row.name << " |";
      for (const Errors& errors : row.policies) {
        std::cout << " " << Percent(Mean(errors.*sum, count_of(row))) << " |";
      }
      std::cout << "\n";
    }
  };
  const auto cases = [](const Row& row) { return row.cases; };
  const auto services = [](const Row& row) { return row.services; };
  table("Error at a service, mean over services reached, % of what was stolen", &Errors::misplaced,
        services);
  table("Error at exchanges, summed over a theft's exchanges, mean over thefts, %",
        &Errors::at_exchanges, cases);
  table("Bias over all exchanges together, mean over thefts, %", &Errors::exchange_bias, cases);
}

void PrintJson(const std::vector<Row>& rows, const std::string& command,
               const std::string& commit) {
  std::cout << absl::StrFormat(
      "{\"schema\":\"spoor.accuracy.v1\",\"command\":\"%s\",\"commit\":\"%s\","
      "\"machine\":\"any: the figures do not depend on it\",\"compiler\":\"%s\",\n"
      "\"unit\":\"shares of what was stolen in a theft\",\"rows\":[\n",
      command, commit, __VERSION__);
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    std::cout << absl::StrFormat(
        "{\"laundering\":\"%s\",\"thieves_only_theft\":%s,\"thefts\":%d,\"movements\":%d,"
        "\"services_reached\":%d,\"of_those_exchanges\":%d,\"truly_arrived\":%d,"
        "\"truth_outside_bounds\":%d,\"policies_outside_bounds\":%d,\"bounds_equal\":%d,"
        "\"mean_width\":%.6f,\"widest\":%.6f,\"mean_width_all_exchanges\":%.6f,"
        "\"mean_truth_all_exchanges\":%.6f,\"policies\":[",
        row.name, row.only_theft ? "true" : "false", row.cases, row.movements, row.services,
        row.exchanges, row.arrived, row.truth_outside, row.policy_outside, row.settled,
        Mean(row.width, row.services), row.widest, Mean(row.exchanges_width, row.cases),
        Mean(row.exchanges_arrived, row.cases));
    for (size_t p = 0; p < row.policies.size(); ++p) {
      const Errors& errors = row.policies[p];
      std::cout << absl::StrFormat(
          "%s\n {\"policy\":\"%s\",\"mean_error_at_service\":%.6f,\"mean_bias_at_service\":%.6f,"
          "\"error_at_exchanges_per_theft\":%.6f,\"bias_at_exchanges_per_theft\":%.6f,"
          "\"worst_error_at_service\":%.6f,\"services_exact\":%d}",
          p == 0 ? "" : ",", std::string(PolicyNames()[p]), Mean(errors.misplaced, row.services),
          Mean(errors.bias, row.services), Mean(errors.at_exchanges, row.cases),
          Mean(errors.exchange_bias, row.cases), errors.worst, errors.exact);
    }
    std::cout << "]}" << (i + 1 < rows.size() ? ",\n" : "\n");
  }
  std::cout << "]}\n";
}

absl::StatusOr<std::vector<Row>> Measure(uint64_t transactions, uint32_t thefts,
                                         const std::vector<uint64_t>& seeds) {
  std::vector<Row> rows;
  for (const std::vector<Pattern>& way : Ways()) {
    Row one{.name = NameOf(way), .only_theft = true};
    Row two{.name = NameOf(way), .only_theft = false};
    for (const uint64_t seed : seeds) {
      simulate::SimulationOptions options;
      options.transactions = transactions;
      options.thefts = thefts;
      options.seed = seed;
      options.patterns = way;
      SPOOR_ASSIGN_OR_RETURN(const TrueThefts truth, SimulateThefts(options));
      SPOOR_ASSIGN_OR_RETURN(const std::vector<CaseFinding> cases, TraceThefts(truth));
      for (const CaseFinding& found : cases) AddCase(found, found.only_theft ? &one : &two);
    }
    std::cerr << one.name << ": " << one.cases + two.cases << " thefts\n";
    rows.push_back(std::move(one));
    rows.push_back(std::move(two));
  }
  return rows;
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  std::vector<std::string> args(argv + 1, argv + argc);
  const std::string command = absl::StrCat("accuracy ", absl::StrJoin(args, " "));
  std::string commit;
  const bool json = !args.empty() && args[0] == "--json";
  if (json) args.erase(args.begin());
  if (json && args.size() > 1 && args[0] == "--commit") {
    commit = args[1];
    args.erase(args.begin(), args.begin() + 2);
  }
  uint64_t transactions = 0;
  uint32_t thefts = 0;
  std::vector<uint64_t> seeds;
  bool good = args.size() >= 3 && absl::SimpleAtoi(args[0], &transactions) &&
              absl::SimpleAtoi(args[1], &thefts);
  for (size_t i = 2; i < args.size(); ++i) {
    uint64_t seed = 0;
    good = good && absl::SimpleAtoi(args[i], &seed);
    seeds.push_back(seed);
  }
  if (!good) {
    std::cerr << "usage: accuracy [--json [--commit ID]] TRANSACTIONS THEFTS SEED...\n";
    return 2;
  }
  const auto rows = spoor::Measure(transactions, thefts, seeds);
  if (!rows.ok()) {
    std::cerr << rows.status() << "\n";
    return 1;
  }
  if (json) {
    spoor::PrintJson(*rows, command, commit);
  } else {
    spoor::PrintTables(*rows, true);
    spoor::PrintTables(*rows, false);
  }
  uint64_t outside = 0;
  for (const spoor::Row& row : *rows) outside += row.truth_outside + row.policy_outside;
  if (outside > 0) {
    std::cerr << outside << " figures are outside the bounds\n";
    return 1;
  }
  return 0;
}
