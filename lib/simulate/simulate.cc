#include "spoor/simulate/simulate.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/simulate/chain_writer.h"
#include "lib/simulate/coinjoin.h"
#include "lib/simulate/economy.h"
#include "lib/simulate/laundering.h"
#include "lib/simulate/ledger_builder.h"
#include "lib/simulate/random.h"
#include "lib/simulate/services.h"
#include "lib/simulate/truth.h"
#include "lib/simulate/world.h"
#include "spoor/base/status_macros.h"

namespace spoor::simulate {
namespace {

// Blocks before this one hold only coinbases.
constexpr uint32_t kFirstSpendable = 101;
// Without a wish, so many blocks of life at least, and so many transactions to a block.
constexpr uint32_t kLeastLife = 220;
constexpr uint64_t kTransactionsPerBlock = 2'000;
constexpr uint32_t kMostBlocks = 1'000'000;

constexpr absl::string_view kPatternNames[] = {
    "consolidation", "peel-chain",        "split-merge", "mixer", "coinjoin",
    "dormancy",      "exchange-deposits", "broker",      "bridge"};

absl::Status Check(const SimulationOptions& options) {
  if (options.chain == "ethereum" || options.chain == "both") {
    return absl::UnimplementedError(
        absl::StrCat("chain: \"", options.chain, "\" is not offered yet, only \"bitcoin\" is"));
  }
  if (options.chain != "bitcoin") {
    return absl::InvalidArgumentError(
        absl::StrCat("chain: \"", options.chain, "\" is unknown, wanted \"bitcoin\""));
  }
  if (options.network != NetworkId::kRegtest && options.network != NetworkId::kLitecoinRegtest) {
    return absl::InvalidArgumentError(
        absl::StrCat("network: ", GetNetwork(options.network).name,
                     " takes real proof of work, wanted regtest or litecoin-regtest"));
  }
  if (options.blocks != 0 && (options.blocks < 2 || options.blocks > kMostBlocks)) {
    return absl::InvalidArgumentError(
        absl::StrCat("blocks: found ", options.blocks, ", wanted 2 to ", kMostBlocks, ", or 0"));
  }
  constexpr uint64_t kMostTransactions = 1'000'000'000;
  if (options.transactions > kMostTransactions) {
    return absl::InvalidArgumentError(absl::StrCat("transactions: found ", options.transactions,
                                                   ", wanted at most ", kMostTransactions));
  }
  if (options.thefts > 0 && options.blocks != 0 && options.blocks < kFirstSpendable + 30) {
    return absl::InvalidArgumentError(absl::StrCat("blocks: found ", options.blocks, ", wanted ",
                                                   kFirstSpendable + 30,
                                                   " at least where there are thefts"));
  }
  return absl::OkStatus();
}

uint32_t BlocksFor(const SimulationOptions& options) {
  if (options.blocks != 0) return options.blocks;
  const uint64_t life =
      std::max<uint64_t>(kLeastLife, options.transactions / kTransactionsPerBlock);
  return static_cast<uint32_t>(std::min<uint64_t>(kMostBlocks, kFirstSpendable + life));
}

uint32_t UsersFor(const SimulationOptions& options) {
  if (options.users != 0) return options.users;
  return static_cast<uint32_t>(std::clamp<uint64_t>(options.transactions / 10, 300, 50'000'000));
}

// One block's worth of life, up to `wanted` transactions.
void Live(uint64_t wanted, LedgerBuilder* ledger, Economy* economy, Underworld* underworld) {
  // What thieves do stands among what others do.
  const uint64_t thieves_from = wanted == 0 ? 0 : ledger->random().Below(wanted / 2 + 1);
  bool thieves_done = false;
  for (uint64_t idle = 0; ledger->transactions_in_block() < wanted && !ledger->Full();) {
    if (!thieves_done && ledger->transactions_in_block() >= thieves_from) {
      thieves_done = !underworld->Act();
      continue;
    }
    idle = economy->Act() ? 0 : idle + 1;
    // Early on there is too little money for everybody's wishes.
    if (idle > 200) return;
  }
}

}  // namespace

absl::string_view PatternName(Pattern pattern) {
  return kPatternNames[static_cast<size_t>(pattern)];
}

absl::StatusOr<Pattern> PatternFromName(absl::string_view name) {
  for (size_t i = 0; i < std::size(kPatternNames); ++i) {
    if (kPatternNames[i] == name) return static_cast<Pattern>(i);
  }
  return absl::InvalidArgumentError(absl::StrCat("pattern: found \"", name, "\", wanted one of ",
                                                 absl::StrJoin(kPatternNames, ", ")));
}

absl::StatusOr<SimulationSummary> Simulate(
    const SimulationOptions& options, const std::string& out_dir,
    const std::function<void(const SimulationProgress&)>& progress) {
  SPOOR_RETURN_IF_ERROR(Check(options));
  const Network& network = GetNetwork(options.network);
  const uint32_t blocks = BlocksFor(options);
  ChainWriter::Options chain_options;
  chain_options.blocks = blocks;
  chain_options.messy = options.messy;
  chain_options.xor_blocks = options.xor_blocks;
  chain_options.seed = options.seed;
  SPOOR_ASSIGN_OR_RETURN(const std::unique_ptr<ChainWriter> chain,
                         ChainWriter::Create(out_dir + "/blocks", network, chain_options));
  SPOOR_ASSIGN_OR_RETURN(const std::unique_ptr<TruthWriter> truth,
                         TruthWriter::Create(out_dir + "/truth", network, options.seed));
  World world;
  Random random(options.seed, /*stream=*/0);
  LedgerBuilder ledger(options, network, &world, &random, chain.get(), truth.get());
  Services services(&ledger);
  CoinJoins coinjoins(&ledger);
  Economy economy(&ledger, &services, &coinjoins, UsersFor(options), blocks);
  Underworld underworld(options, blocks, &ledger, &services, &coinjoins);

  while (chain->height() < blocks) {
    ledger.BeginBlock();
    economy.BeginBlock();
    if (ledger.height() >= kFirstSpendable) {
      const uint64_t left =
          options.transactions - std::min(options.transactions, ledger.transactions());
      const uint32_t blocks_left = blocks - ledger.height();
      // Real blocks differ in size, too; the last one takes what is left.
      uint64_t wanted = left / blocks_left;
      if (blocks_left > 1) wanted = wanted * random.Between(70, 130) / 100;
      if (blocks_left == 1) wanted = left;
      Live(wanted, &ledger, &economy, &underworld);
    }
    std::string tag;
    std::vector<Output> shares = economy.MinerShares(&tag);
    SPOOR_RETURN_IF_ERROR(ledger.EndBlock(tag, std::move(shares)));
    if (progress) progress({chain->height(), blocks, ledger.transactions()});
  }
  underworld.Finish();
  services.WriteTags();
  SPOOR_RETURN_IF_ERROR(chain->Close());
  SimulationSummary summary = ledger.Summary();
  summary.thefts = underworld.book().thefts();
  summary.stolen = underworld.book().stolen();
  SPOOR_RETURN_IF_ERROR(truth->Close(summary));
  return summary;
}

}  // namespace spoor::simulate
