#include <memory>
#include <string>

#include "spoor/base/status_macros.h"
#include "spoor/report/cluster_report.h"
#include "tools/trace/clusters.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

struct Options {
  std::string from;
  std::string to;
};

absl::Status TellWhy(const Session& session, const Options& options) {
  SPOOR_ASSIGN_OR_RETURN(const OpenLedger ledger, OpenForReading(session));
  SPOOR_ASSIGN_OR_RETURN(const OpenClusters clusters, NeedClustersOf(ledger));
  SPOOR_ASSIGN_OR_RETURN(const std::string text,
                         ReportWhy(clusters.chains, options.from, options.to,
                                   session.json ? ReportForm::kJson : ReportForm::kText));
  return Print(text);
}

}  // namespace

void AddWhy(CLI::App* app, const Session* session, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* why =
      app->add_subcommand("why", "Tell the transactions that join two addresses in one cluster");
  why->fallthrough();
  why->footer(
      "Each step names two addresses, the heuristic that joins them, and the transaction in\n"
      "which it does: what anybody can look up and check. trace cluster comes first.\n\n"
      "Example: trace why 1FROM... 1TO...");
  why->add_option("FROM", options->from, "An address, CHAIN: before it if need be")->required();
  why->add_option("TO", options->to, "Another")->required();
  why->callback([=] { *run = [=] { return TellWhy(*session, *options); }; });
}

}  // namespace spoor::tools
