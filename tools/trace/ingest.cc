#include "tools/trace/ingest.h"

#include <signal.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor::tools {
namespace {

std::atomic<bool> g_stop = false;

}  // namespace

std::function<bool()> StopOnSignals() {
  struct sigaction action = {};
  action.sa_handler = [](int) { g_stop = true; };
  action.sa_flags = SA_RESETHAND;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  return [] { return g_stop.load(); };
}

void ShowEvent(const NodeEvent& event, HashText form, bool quiet) {
  const auto line = [&](const std::string& text) {
    if (!quiet) std::fprintf(stderr, "%s\n", text.c_str());
  };
  switch (event.kind) {
    case NodeEvent::Kind::kAdded:
      return line(absl::StrCat("block ", event.block.height, " ", ToText(event.block.hash, form),
                               ", ", event.transactions, " transactions"));
    case NodeEvent::Kind::kTakenBack:
      return line(
          absl::StrCat("took back ", event.blocks, " blocks from height ", event.block.height));
    case NodeEvent::Kind::kTrouble:
      return Warn(absl::StrCat(event.message, "; trying until it answers"));
    case NodeEvent::Kind::kRecovered:
      return line("the node answers again");
    case NodeEvent::Kind::kBehind:
      return Warn(event.message);
  }
}

absl::Status CheckChainName(absl::string_view option, absl::string_view name) {
  const bool good =
      !name.empty() && name.size() <= 40 && std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '_' ||
               c == '.';
      });
  if (good) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(option, ": found \"", name.substr(0, 60),
                   "\", wanted 1 to 40 letters, digits, '-', '_', '.'"));
}

absl::StatusOr<std::unique_ptr<LedgerStore>> OpenToAppend(const Session& session) {
  LedgerStore::Options options;
  options.memory = LedgerStore::ShareForIngest(session.MemoryBudget());
  options.accept_lost_blocks = true;
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<LedgerStore> store,
                         LedgerStore::OpenForWriting(session.ledger, options));
  for (const LostBlocks& lost : store->lost_blocks()) {
    Warn(absl::StrCat(ToText(lost), "; going on from what is there"));
  }
  return store;
}

void AddIngest(CLI::App* app, const Session* session, Run* run) {
  CLI::App* ingest = app->add_subcommand("ingest", "Read a ledger's records into the store");
  ingest->require_subcommand(1);
  ingest->fallthrough();
  AddIngestBitcoin(ingest, session, run);
  AddIngestEthereum(ingest, session, run);
  AddIngestTransfers(ingest, session, run);
}

}  // namespace spoor::tools
