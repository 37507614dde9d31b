#include "spoor/simulate/simulate.h"

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/amount.h"
#include "spoor/chain/network.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

using simulate::SimulationOptions;
using simulate::SimulationProgress;
using simulate::SimulationSummary;

struct Options {
  std::string out;
  std::string network = "regtest";
  std::vector<std::string> patterns;
  SimulationOptions simulation;
};

absl::Status RunSimulation(const Session& session, const Options& options) {
  SimulationOptions simulation = options.simulation;
  SPOOR_ASSIGN_OR_RETURN(const Network* network, FindNetwork(options.network));
  simulation.network = network->id;
  for (const std::string& name : options.patterns) {
    SPOOR_ASSIGN_OR_RETURN(const simulate::Pattern pattern, simulate::PatternFromName(name));
    simulation.patterns.push_back(pattern);
  }
  Progress bar(session.quiet);
  SPOOR_ASSIGN_OR_RETURN(
      const SimulationSummary summary,
      simulate::Simulate(simulation, options.out, [&](const SimulationProgress& p) {
        bar.Update("simulating", p.blocks_done, p.blocks, "blocks");
      }));
  bar.End();
  if (session.json) {
    std::ifstream in(options.out + "/truth/summary.json");
    return Print(std::string((std::istreambuf_iterator<char>(in)), {}));
  }
  return Print(
      absl::StrFormat("%d blocks, %d transactions, %d inputs, %d outputs, %d addresses\n"
                      "%d thefts of %s in all; %d coinjoins\n"
                      "blocks in %s/blocks, the truth about them in %s/truth\n"
                      "next: trace ingest bitcoin --network %s --blocks %s/blocks\n",
                      summary.blocks, summary.transactions, summary.inputs, summary.outputs,
                      summary.addresses, summary.thefts, FormatUnits(summary.stolen, 8),
                      summary.coinjoins, options.out, options.out, network->name, options.out));
}

}  // namespace

void AddSimulate(CLI::App* app, const Session* session, Run* run) {
  auto options = std::make_shared<Options>();
  SimulationOptions* simulation = &options->simulation;
  CLI::App* command =
      app->add_subcommand("simulate", "Make a ledger with thefts in it, and the truth about them");
  command->fallthrough();
  command->footer(
      "Writes DIR/blocks, block files as a node has them, and DIR/truth: who owns each address, "
      "what\n"
      "was stolen, how it was laundered and where each unit truly ended, and tags.yaml, a TagPack "
      "of\n"
      "what an investigator would know. The same options give the same bytes.\n\n"
      "Example: trace simulate --out world --transactions 100000 --thefts 3");
  command->add_option("--out", options->out, "Where to write")->required()->type_name("DIR");
  command->add_option("--blocks", simulation->blocks, "Blocks; 0: as many as it takes")
      ->check(kDecimal)
      ->capture_default_str();
  command->add_option("--transactions", simulation->transactions, "Transactions besides coinbases")
      ->check(kDecimal)
      ->capture_default_str();
  command->add_option("--users", simulation->users, "Ordinary users; 0: to fit the transactions")
      ->check(kDecimal)
      ->capture_default_str();
  command->add_option("--seed", simulation->seed, "Chooses one of all possible worlds")
      ->check(kDecimal)
      ->capture_default_str();
  command->add_option("--thefts", simulation->thefts, "Thefts")
      ->check(kDecimal)
      ->capture_default_str();
  command
      ->add_option("--patterns", options->patterns,
                   "What the thieves do, in order: consolidation, peel-chain, split-merge, mixer, "
                   "coinjoin, dormancy, exchange-deposits, broker, bridge; by default a mix")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME,...");
  command->add_option("--chain", simulation->chain, "Family of ledger; only bitcoin so far")
      ->capture_default_str();
  command->add_option("--network", options->network, "regtest or litecoin-regtest")
      ->capture_default_str();
  command->add_flag("--sign", simulation->sign,
                    "Real keys and signatures: a node takes the blocks");
  command->add_flag("--messy", simulation->messy, "Blocks out of order, and stale branches");
  command->add_flag("--xor", simulation->xor_blocks, "Obfuscate the files, with xor.dat");
  command->callback([=] { *run = [=] { return RunSimulation(*session, *options); }; });
}

}  // namespace spoor::tools
