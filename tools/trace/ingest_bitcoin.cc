#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/bitcoin/node.h"
#include "spoor/chain/network.h"
#include "spoor/ingest/bitcoin_node.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/names.h"
#include "spoor/report/ingest_report.h"
#include "tools/trace/cluster_keeper.h"
#include "tools/trace/ingest.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

struct BitcoinOptions {
  std::string blocks;
  std::string rpc;
  std::string cookie;
  bool follow = false;
  std::string network;
  std::optional<uint32_t> first_height;
};

using Clock = std::chrono::steady_clock;

absl::Status PrintReport(const Session& session, const LedgerView& view, const IngestReport& report,
                         Clock::time_point begun) {
  for (const std::string& warning : IngestWarnings(report)) Warn(warning);
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  return Print(session.json ? IngestToJson(view, seconds) : IngestToText(view, report, seconds));
}

// What to say to whoever stopped an ingest.
absl::Status StoppedAt(absl::string_view before, const std::optional<BlockInfo>& tip) {
  return absl::CancelledError(
      absl::StrCat("stopped before ", before,
                   tip.has_value() ? absl::StrCat(", at height ", tip->height) : std::string(),
                   "; run the same command again to go on"));
}

absl::Status IngestBlocks(const Session& session, const BitcoinOptions& options) {
  const auto begun = Clock::now();
  const std::function<bool()> stop = StopOnSignals();
  SPOOR_ASSIGN_OR_RETURN(const Network* network,
                         FindNetwork(options.network.empty() ? "main" : options.network));
  SPOOR_ASSIGN_OR_RETURN(const auto directory,
                         bitcoin::BlockDirectory::Open(options.blocks, *network));
  // A ledger in use, or of another format, is to be heard of before the headers of a whole chain
  // are read; a new one must not be left behind by a wrong directory.
  std::unique_ptr<LedgerStore> store;
  if (LedgerStore::Exists(session.ledger)) {
    SPOOR_ASSIGN_OR_RETURN(store, OpenToAppend(session));
  }
  Progress bar(session.quiet);
  IngestOptions ingest;
  ingest.memory = LedgerStore::ShareForIngest(session.MemoryBudget());
  ingest.first_height = options.first_height;
  ingest.progress = [&](const IngestProgress& p) {
    if (p.stage == IngestProgress::Stage::kScan) {
      bar.Update("reading headers", p.done, p.total, "bytes");
    } else {
      bar.Update("ingesting", p.bytes, p.total_bytes,
                 absl::StrCat("bytes, ", p.done, " of ", p.total, " blocks"));
    }
  };
  ingest.stop = stop;
  const absl::StatusOr<BlockFileScan> scan = ScanBlockFiles(directory.get(), ingest);
  bar.End();
  if (absl::IsCancelled(scan.status())) return StoppedAt("the first new block", std::nullopt);
  SPOOR_RETURN_IF_ERROR(scan.status());
  if (store == nullptr) {
    SPOOR_ASSIGN_OR_RETURN(store, OpenToAppend(session));
  }
  SPOOR_ASSIGN_OR_RETURN(const auto writer, store->Writer(ChainInfoOf(*network)));
  const absl::StatusOr<IngestReport> report =
      IngestBlockFiles(directory.get(), *scan, *network, writer.get(), ingest);
  bar.End();
  if (absl::IsCancelled(report.status())) {
    return StoppedAt("the last block", writer->view().tip());
  }
  SPOOR_RETURN_IF_ERROR(report.status());
  return PrintReport(session, writer->view(), *report, begun);
}

// What a follower does when it has come to the tip.
class AtTip {
 public:
  AtTip(LedgerStore* store, std::string chain, Progress* bar, uint64_t memory, bool quiet)
      : store_(store), chain_(std::move(chain)), bar_(bar), memory_(memory), quiet_(quiet) {}

  absl::Status operator()(const BlockInfo& tip) {
    bar_->End();
    const absl::Status kept = KeepClusters();
    if (!kept.ok()) {
      Warn(absl::StrCat("the clusters of ", chain_, " stay as they were: ", kept.message(),
                        "; trace cluster brings them up to date"));
      keeper_.reset();
    }
    if (!first_ || quiet_) return absl::OkStatus();
    first_ = false;
    std::fprintf(stderr, "at the tip, block %u %s%s; waiting for more\n", tip.height,
                 ToText(tip.hash).c_str(),
                 keeper_ != nullptr ? ", and so are the clusters, which are kept there" : "");
    return absl::OkStatus();
  }

 private:
  absl::Status KeepClusters() {
    if (!opened_) {
      opened_ = true;
      SPOOR_ASSIGN_OR_RETURN(keeper_, ClusterKeeper::Open(store_, chain_, memory_));
    }
    return keeper_ == nullptr ? absl::OkStatus() : keeper_->Update();
  }

  LedgerStore* store_;
  std::string chain_;
  Progress* bar_;
  uint64_t memory_;
  bool quiet_;
  bool first_ = true;
  bool opened_ = false;
  std::unique_ptr<ClusterKeeper> keeper_;
};

// A ledger of something else is not to be mixed up by a wrong port.
absl::Status CheckChains(const LedgerStore& store, const Network& network) {
  std::vector<std::string> names;
  for (const ChainInfo& chain : store.chains()) {
    if (chain.name == network.chain) return absl::OkStatus();
    names.push_back(chain.name);
  }
  if (names.empty()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      "the node's network is ", network.name, ", the ledger has ", absl::StrJoin(names, ", "),
      "; to add a chain to it, say --network ", network.name));
}

absl::Status IngestNode(const Session& session, const BitcoinOptions& options) {
  const auto begun = Clock::now();
  const std::function<bool()> stop = StopOnSignals();
  const Network* wanted = nullptr;
  if (!options.network.empty()) {
    SPOOR_ASSIGN_OR_RETURN(wanted, FindNetwork(options.network));
  }
  bitcoin::NodeClient::Options client;
  client.url = options.rpc;
  client.cookie_file = options.cookie;
  client.stop = stop;
  SPOOR_ASSIGN_OR_RETURN(const auto node, bitcoin::NodeClient::Create(client));
  // As with block files: neither a long wait for nothing, nor a ledger left behind by a wrong URL.
  std::unique_ptr<LedgerStore> store;
  if (LedgerStore::Exists(session.ledger)) {
    SPOOR_ASSIGN_OR_RETURN(store, OpenToAppend(session));
  }
  Progress bar(session.quiet);
  NodeIngestOptions ingest;
  // Clusters that are kept take a half of what otherwise is the ingest's, and less than so much is
  // of no use to them.
  constexpr uint64_t kLeastForClusters = uint64_t{16} << 20;
  const uint64_t share = LedgerStore::ShareForIngest(session.MemoryBudget());
  ingest.ingest.memory = options.follow ? share / 2 : share;
  ingest.ingest.first_height = options.first_height;
  ingest.ingest.progress = [&](const IngestProgress& p) {
    bar.Update("ingesting", p.done, p.total, "blocks");
  };
  ingest.follow = options.follow;
  ingest.stop = client.stop;
  ingest.event = [&](const NodeEvent& event) {
    bar.End();
    ShowEvent(event, HashText::kReversed,
              session.quiet || (!options.follow && event.kind == NodeEvent::Kind::kAdded));
  };
  const absl::StatusOr<const Network*> network = FindNetworkOfNode(node.get(), ingest);
  // Stopped while it waited for a node that it was to follow.
  if (options.follow && absl::IsCancelled(network.status())) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(network.status());
  if (wanted == nullptr && store != nullptr) {
    SPOOR_RETURN_IF_ERROR(CheckChains(*store, **network));
  } else if (wanted != nullptr && wanted != *network) {
    return absl::FailedPreconditionError(
        absl::StrCat("the node's network is ", (*network)->name, ", wanted ", wanted->name));
  }
  if (store == nullptr) {
    SPOOR_ASSIGN_OR_RETURN(store, OpenToAppend(session));
  }
  SPOOR_ASSIGN_OR_RETURN(const auto writer, store->Writer(ChainInfoOf(**network)));
  AtTip at_tip(store.get(), std::string((*network)->chain), &bar,
               std::max(share / 2, kLeastForClusters), session.quiet);
  ingest.at_tip = [&](const BlockInfo& tip) { return at_tip(tip); };
  const absl::StatusOr<IngestReport> report =
      IngestFromNode(node.get(), **network, writer.get(), ingest);
  bar.End();
  if (absl::IsCancelled(report.status())) {
    return StoppedAt("the node's last block", writer->view().tip());
  }
  SPOOR_RETURN_IF_ERROR(report.status());
  return PrintReport(session, writer->view(), *report, begun);
}

}  // namespace

void AddIngestBitcoin(CLI::App* ingest, const Session* session, Run* run) {
  auto options = std::make_shared<BitcoinOptions>();
  CLI::App* bitcoin = ingest->add_subcommand(
      "bitcoin", "Block files, or a running node, of Bitcoin Core or one of its descendants");
  bitcoin->fallthrough();
  bitcoin->footer(
      "DIR is a node's blocks/ directory, or a copy of it; the node may be running. xor.dat is\n"
      "read if it is there; rev*.dat tells the values of inputs whose outputs are not in the\n"
      "files. A node is asked over its RPC port (server=1); blocks that it gave up for a branch\n"
      "with more work are taken back. Either way: run the same command again to add what is new,\n"
      "or to go on after an interruption. Both sources give the same ledger, in any order.\n\n"
      "Examples: trace ingest bitcoin --blocks ~/.bitcoin/blocks\n"
      "          trace ingest bitcoin --rpc http://127.0.0.1:8332 --cookie ~/.bitcoin/.cookie "
      "--follow");
  CLI::Option* blocks =
      bitcoin->add_option("--blocks", options->blocks, "Directory with blk*.dat")->type_name("DIR");
  CLI::Option* rpc =
      bitcoin
          ->add_option("--rpc", options->rpc, "A node, as in http://USER:PASSWORD@127.0.0.1:8332")
          ->type_name("URL")
          ->excludes(blocks);
  bitcoin
      ->add_option("--cookie", options->cookie,
                   "File with USER:PASSWORD, which a node writes when it starts")
      ->type_name("FILE")
      ->needs(rpc);
  bitcoin
      ->add_flag(
          "--follow", options->follow,
          "Stay at the tip: add blocks as they come, until interrupted; the chain's clusters, "
          "if it has any, stay there too")
      ->needs(rpc);
  bitcoin
      ->add_option("--network", options->network,
                   "main, test, testnet4, signet, regtest, litecoin or litecoin-regtest; by "
                   "default main, or the node's")
      ->type_name("NAME");
  bitcoin
      ->add_option("--first-height", options->first_height,
                   "Height of the first block of a new ledger: of the files, where they begin in "
                   "mid-chain with blocks too old to state it; of the node's, where not all are "
                   "wanted")
      ->type_name("N");
  bitcoin->callback([=] {
    *run = [=] {
      if (!options->rpc.empty()) return IngestNode(*session, *options);
      if (!options->blocks.empty()) return IngestBlocks(*session, *options);
      return absl::InvalidArgumentError("found no source, wanted --blocks DIR or --rpc URL");
    };
  });
}

}  // namespace spoor::tools
