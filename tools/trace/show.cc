#include "spoor/report/show.h"

#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/tag_table.h"
#include "tools/trace/clusters.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

struct Options {
  std::string what;
  size_t rows = 20;
};

absl::Status ShowWhat(const Session& session, const Options& options) {
  SPOOR_ASSIGN_OR_RETURN(const OpenLedger ledger, OpenForReading(session));
  const std::vector<const LedgerView*> views = ledger.Pointers();
  const ReportForm form = session.json ? ReportForm::kJson : ReportForm::kText;
  if (options.what.empty()) return Print(ShowLedger(views, form));
  SPOOR_ASSIGN_OR_RETURN(const TagTable tags, TagTable::Open(ledger.tags.get()));
  if (absl::StartsWith(options.what, kClusterPrefix)) {
    SPOOR_ASSIGN_OR_RETURN(const OpenClusters clusters, NeedClustersOf(ledger));
    SPOOR_ASSIGN_OR_RETURN(const std::string text,
                           ShowCluster(clusters.chains, &tags, options.what, form, options.rows));
    return Print(text);
  }
  SPOOR_ASSIGN_OR_RETURN(const Owners owners, OwnersOf(ledger));
  SPOOR_ASSIGN_OR_RETURN(const std::string text, Show(views, &tags, owners.clusters.chains,
                                                      options.what, form, options.rows));
  return Print(text);
}

}  // namespace

void AddShow(CLI::App* app, const Session* session, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* show = app->add_subcommand(
      "show",
      "Show what the ledger knows of an address, a transaction or a cluster, or what is in it");
  show->fallthrough();
  show->footer(
      "Without an argument: the chains in the ledger, their tips and totals.\n\n"
      "Example: trace show cluster:12c6DSiU4Rq3P4ZxziKxzrL5LmMBrzjrJX");
  show->add_option("WHAT", options->what,
                   "An address or a txid, CHAIN: before it if need be; or cluster:ADDRESS");
  show->add_option("--rows", options->rows,
                   "Outputs and tags of an address that the table shows at most")
      ->check(kDecimal)
      ->capture_default_str()
      ->type_name("N");
  show->callback([=] { *run = [=] { return ShowWhat(*session, *options); }; });
}

}  // namespace spoor::tools
