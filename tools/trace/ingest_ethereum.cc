#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/ethereum/etl.h"
#include "spoor/ethereum/node.h"
#include "spoor/ingest/ethereum.h"
#include "spoor/ingest/transfers.h"
#include "spoor/report/ingest_report.h"
#include "tools/trace/ingest.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

struct Options {
  std::string etl;
  std::string rlp;
  std::string rpc;
  bool follow = false;
  std::string chain = "ethereum";
  std::string asset;
  std::optional<uint64_t> first_height;
};

using Clock = std::chrono::steady_clock;

// A ledger's chain, open for writing.
struct Target {
  std::unique_ptr<LedgerStore> store;
  std::unique_ptr<LedgerWriter> writer;
};

// `store` is nullptr for a ledger that is not there yet: a wrong source must not leave one behind.
absl::StatusOr<Target> OpenTarget(const Session& session, const Options& options,
                                  std::unique_ptr<LedgerStore> store, bool has_traces) {
  Target target;
  target.store = std::move(store);
  if (target.store == nullptr) {
    SPOOR_ASSIGN_OR_RETURN(target.store, OpenToAppend(session));
  }
  std::string symbol = options.asset;
  if (symbol.empty()) {
    symbol = options.chain == "ethereum" ? "ETH" : absl::AsciiStrToUpper(options.chain);
  }
  ChainInfo chain = EthereumChainInfo(options.chain, symbol);
  chain.internal_transfers_missing = !has_traces;
  for (const ChainInfo& there : target.store->chains()) {
    if (there.name == chain.name && options.asset.empty()) chain.symbol = there.symbol;
  }
  const std::unique_ptr<LedgerTable> table = target.store->Table(TransferTableName(chain.name));
  SPOOR_ASSIGN_OR_RETURN(const bool from_files, HasTransfers(*table));
  if (from_files) {
    return absl::FailedPreconditionError(
        absl::StrCat("the ledger's chain ", chain.name,
                     " came from files of transfers; give this one another --chain"));
  }
  SPOOR_ASSIGN_OR_RETURN(target.writer, target.store->Writer(chain));
  return target;
}

absl::Status PrintReport(const Session& session, const LedgerView& view,
                         const EthereumReport& report, Clock::time_point begun) {
  for (const std::string& warning : EthereumWarnings(report)) Warn(warning);
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  return Print(session.json ? IngestToJson(view, seconds) : EthereumToText(view, report, seconds));
}

EthereumOptions MakeOptions(const Session& session, Progress* bar) {
  EthereumOptions options;
  options.memory = LedgerStore::ShareForIngest(session.MemoryBudget());
  options.progress = [bar](const EthereumOptions::Progress& p) {
    bar->Update(p.what, p.done, p.total, p.unit);
  };
  return options;
}

absl::Status IngestFiles(const Session& session, const Options& options) {
  const auto begun = Clock::now();
  std::unique_ptr<LedgerStore> store;
  if (LedgerStore::Exists(session.ledger)) {
    SPOOR_ASSIGN_OR_RETURN(store, OpenToAppend(session));
  }
  Progress bar(session.quiet);
  const EthereumOptions ingest = MakeOptions(session, &bar);
  ethereum::EtlFiles files;
  const bool rlp = !options.rlp.empty();
  if (!rlp) {
    SPOOR_ASSIGN_OR_RETURN(files, ethereum::FindEtlFiles(options.etl));
  } else {
    SPOOR_RETURN_IF_ERROR(CheckRlpFile(options.rlp));
  }
  const bool has_traces = !rlp && !files[ethereum::EtlKind::kTraces].empty();
  SPOOR_ASSIGN_OR_RETURN(const Target target,
                         OpenTarget(session, options, std::move(store), has_traces));
  SPOOR_ASSIGN_OR_RETURN(const EthereumReport report,
                         rlp ? IngestRlp(options.rlp, target.writer.get(), ingest)
                             : IngestEtl(files, target.writer.get(), ingest));
  bar.End();
  return PrintReport(session, target.writer->view(), report, begun);
}

absl::Status IngestNode(const Session& session, const Options& options) {
  const auto begun = Clock::now();
  const std::function<bool()> stop = StopOnSignals();
  ethereum::NodeClient::Options client;
  client.url = options.rpc;
  client.stop = stop;
  SPOOR_ASSIGN_OR_RETURN(const auto node, ethereum::NodeClient::Create(client));
  std::unique_ptr<LedgerStore> store;
  if (LedgerStore::Exists(session.ledger)) {
    SPOOR_ASSIGN_OR_RETURN(store, OpenToAppend(session));
  }
  Progress bar(session.quiet);
  EthereumNodeOptions ingest;
  ingest.ingest = MakeOptions(session, &bar);
  ingest.first_height = options.first_height;
  ingest.follow = options.follow;
  ingest.stop = stop;
  ingest.event = [&](const NodeEvent& event) {
    bar.End();
    ShowEvent(event, HashText::kPrefixed,
              session.quiet || (!options.follow && event.kind == NodeEvent::Kind::kAdded));
  };
  const absl::StatusOr<bool> has_traces = HasTraces(node.get(), ingest);
  // Stopped while it waited for a node that it was to follow.
  if (options.follow && absl::IsCancelled(has_traces.status())) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(has_traces.status());
  SPOOR_ASSIGN_OR_RETURN(const Target target,
                         OpenTarget(session, options, std::move(store), *has_traces));
  const absl::StatusOr<EthereumReport> report =
      IngestFromNode(node.get(), target.writer.get(), ingest);
  bar.End();
  if (absl::IsCancelled(report.status())) {
    return absl::CancelledError(
        "stopped before the node's last block; run the same command again to go on");
  }
  SPOOR_RETURN_IF_ERROR(report.status());
  return PrintReport(session, target.writer->view(), *report, begun);
}

}  // namespace

void AddIngestEthereum(CLI::App* ingest, const Session* session, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* ethereum = ingest->add_subcommand(
      "ethereum", "Exports, raw blocks, or a running node, of Ethereum or one of its kin");
  ethereum->fallthrough();
  ethereum->footer(
      "DIR has what ethereum-etl exports: blocks*, transactions*, receipts*, logs*,\n"
      "token_transfers*, traces*, tokens*, CSV or JSON lines, plain or gzip, cut into any number\n"
      "of files. Without receipts there are no fees, without traces no transfers that contracts\n"
      "made: what is missing is said. FILE has raw blocks (RLP), of which only what senders "
      "signed\n"
      "is known. A node is asked over HTTP for blocks, receipts and, by trace_block or\n"
      "debug_traceBlockByNumber, whichever it offers, for traces; blocks that it gave up are "
      "taken\n"
      "back. Run the same command again to add what is new, or to go on after an interruption.\n\n"
      "Examples: trace ingest ethereum --etl output/\n"
      "          trace ingest ethereum --rpc http://127.0.0.1:8545 --follow\n"
      "          trace ingest ethereum --etl bsc/ --chain bsc --asset BNB");
  CLI::Option* etl =
      ethereum->add_option("--etl", options->etl, "Directory with an export")->type_name("DIR");
  CLI::Option* rlp =
      ethereum->add_option("--rlp", options->rlp, "File of raw blocks, one after another")
          ->type_name("FILE")
          ->excludes(etl);
  CLI::Option* rpc =
      ethereum->add_option("--rpc", options->rpc, "A node, as in http://127.0.0.1:8545")
          ->type_name("URL")
          ->excludes(etl)
          ->excludes(rlp);
  ethereum
      ->add_flag("--follow", options->follow,
                 "Stay at the tip: add blocks as they come, until interrupted")
      ->needs(rpc);
  ethereum
      ->add_option("--first-height", options->first_height,
                   "The first block of a new ledger, where not all of the node's are wanted")
      ->check(kDecimal)
      ->needs(rpc)
      ->type_name("N");
  ethereum
      ->add_option("--chain", options->chain,
                   "What the ledger calls the chain: ethereum is the main network, whose rewards "
                   "are known; give any other another name")
      ->type_name("NAME");
  ethereum->add_option("--asset", options->asset, "The chain's coin: ETH on ethereum")
      ->type_name("A");
  ethereum->callback([=] {
    *run = [=]() -> absl::Status {
      SPOOR_RETURN_IF_ERROR(CheckChainName("--chain", options->chain));
      if (!options->asset.empty()) {
        SPOOR_RETURN_IF_ERROR(CheckChainName("--asset", options->asset));
      }
      if (!options->rpc.empty()) return IngestNode(*session, *options);
      if (!options->etl.empty() || !options->rlp.empty()) return IngestFiles(*session, *options);
      return absl::InvalidArgumentError(
          "found no source, wanted --etl DIR, --rpc URL or --rlp FILE");
    };
  });
}

}  // namespace spoor::tools
