#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/network.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/names.h"
#include "spoor/report/ingest_report.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

struct BitcoinOptions {
  std::string blocks;
  std::string network = "main";
  std::optional<uint32_t> first_height;
};

absl::Status IngestBitcoin(const Session& session, const BitcoinOptions& options) {
  const auto begun = std::chrono::steady_clock::now();
  SPOOR_ASSIGN_OR_RETURN(const Network* network, FindNetwork(options.network));
  SPOOR_ASSIGN_OR_RETURN(const auto directory,
                         bitcoin::BlockDirectory::Open(options.blocks, *network));
  LedgerStore::Options store_options;
  store_options.memory = session.MemoryBudget() / 2;
  // A ledger in use, or of another format, is to be heard of before the headers of a whole chain
  // are read; a new one must not be left behind by a wrong directory.
  std::unique_ptr<LedgerStore> store;
  const auto open_store = [&]() -> absl::Status {
    SPOOR_ASSIGN_OR_RETURN(store, LedgerStore::OpenForWriting(session.ledger, store_options));
    return absl::OkStatus();
  };
  if (LedgerStore::Exists(session.ledger)) SPOOR_RETURN_IF_ERROR(open_store());
  Progress bar(session.quiet);
  IngestOptions ingest;
  ingest.memory = session.MemoryBudget() / 2;
  ingest.first_height = options.first_height;
  ingest.progress = [&](const IngestProgress& p) {
    if (p.stage == IngestProgress::Stage::kScan) {
      bar.Update("reading headers", p.done, p.total, "bytes");
    } else {
      bar.Update("ingesting", p.done, p.total, "blocks");
    }
  };
  SPOOR_ASSIGN_OR_RETURN(const BlockFileScan scan, ScanBlockFiles(directory.get(), ingest));
  if (store == nullptr) SPOOR_RETURN_IF_ERROR(open_store());
  SPOOR_ASSIGN_OR_RETURN(const auto writer, store->Writer(ChainInfoOf(*network)));
  SPOOR_ASSIGN_OR_RETURN(const IngestReport report,
                         IngestBlockFiles(directory.get(), scan, *network, writer.get(), ingest));
  bar.End();
  for (const std::string& warning : IngestWarnings(report)) Warn(warning);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return Print(session.json ? IngestToJson(writer->view(), seconds)
                            : IngestToText(writer->view(), report, seconds));
}

}  // namespace

void AddIngest(CLI::App* app, const Session* session, Run* run) {
  CLI::App* ingest = app->add_subcommand("ingest", "Read a ledger's records into the store");
  ingest->require_subcommand(1);
  ingest->fallthrough();
  auto options = std::make_shared<BitcoinOptions>();
  CLI::App* bitcoin =
      ingest->add_subcommand("bitcoin", "Block files of Bitcoin Core or one of its descendants");
  bitcoin->fallthrough();
  bitcoin->footer(
      "DIR is a node's blocks/ directory, or a copy of it; the node may be running. Run the same\n"
      "command again to add what is new, or to go on after an interruption. xor.dat is read if it\n"
      "is there; rev*.dat tells the values of inputs whose outputs are not in the files.\n\n"
      "Example: trace ingest bitcoin --blocks ~/.bitcoin/blocks");
  bitcoin->add_option("--blocks", options->blocks, "Directory with blk*.dat")
      ->required()
      ->type_name("DIR");
  bitcoin
      ->add_option("--network", options->network,
                   "main, test, testnet4, signet, regtest, litecoin or litecoin-regtest")
      ->capture_default_str()
      ->type_name("NAME");
  bitcoin
      ->add_option("--first-height", options->first_height,
                   "Height of the first block, where the files begin in mid-chain with blocks too "
                   "old to state it")
      ->type_name("N");
  bitcoin->callback([=] { *run = [=] { return IngestBitcoin(*session, *options); }; });
}

}  // namespace spoor::tools
