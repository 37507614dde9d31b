#include "spoor/taint/follow.h"

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/report/trace_report.h"
#include "spoor/taint/policy.h"
#include "spoor/taint/seed.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

struct Options {
  std::vector<std::string> seeds;
  std::string seed_file;
  std::vector<std::string> policies = {"fifo"};
  size_t rows = 20;
};

absl::StatusOr<std::vector<SeedRequest>> ReadRequests(const Options& options) {
  std::vector<SeedRequest> requests;
  for (const std::string& text : options.seeds) {
    SPOOR_ASSIGN_OR_RETURN(SeedRequest request, ParseSeedRequest(text));
    requests.push_back(std::move(request));
  }
  if (!options.seed_file.empty()) {
    std::ifstream in(options.seed_file, std::ios::binary);
    const std::string csv((std::istreambuf_iterator<char>(in)), {});
    if (!in) {
      return absl::UnavailableError(absl::StrCat("cannot read the seeds in ", options.seed_file));
    }
    absl::StatusOr<std::vector<SeedRequest>> more = ParseSeedFile(csv);
    if (!more.ok()) return Annotate(more.status(), options.seed_file);
    requests.insert(requests.end(), more->begin(), more->end());
  }
  if (requests.empty()) {
    return absl::InvalidArgumentError(
        "no seeds: name an ADDRESS, TXID:N or TXID, or a file of them with --seeds");
  }
  return requests;
}

absl::Status FollowSeeds(const Session& session, const Options& options) {
  SPOOR_ASSIGN_OR_RETURN(const std::vector<SeedRequest> requests, ReadRequests(options));
  FollowOptions follow;
  follow.policies = options.policies;
  if (follow.policies == std::vector<std::string>{"all"}) {
    follow.policies.clear();
    for (const absl::string_view name : PolicyNames()) follow.policies.emplace_back(name);
  }
  Progress bar(session.quiet);
  follow.progress = [&](uint64_t done, uint64_t waiting) {
    bar.Update("following", done, done + waiting, "transactions");
  };
  follow.flows = session.json;  // the table does not show them
  SPOOR_ASSIGN_OR_RETURN(const OpenLedger ledger, OpenForReading(session));
  const std::vector<const LedgerView*> views = ledger.Pointers();
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Seed> seeds, FindSeeds(views, requests));
  SPOOR_ASSIGN_OR_RETURN(const TraceResult result, Follow(views, seeds, follow));
  bar.End();
  const TraceReport report{views, seeds, &result};
  SPOOR_ASSIGN_OR_RETURN(const std::string text,
                         session.json ? TraceToJson(report) : TraceToTable(report, options.rows));
  return Print(text);
}

}  // namespace

void AddFollow(CLI::App* app, const Session* session, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* follow =
      app->add_subcommand("follow", "Follow stolen coins forward to where they rest");
  follow->fallthrough();
  follow->footer(
      "A SEED is what was stolen:\n"
      "  ADDRESS            everything the address ever received\n"
      "  ADDRESS@FROM..TO   what it received between two times: 2024-05-31..2024-06-02\n"
      "  TXID:N             output N of a transaction, from 0\n"
      "  TXID               all outputs of a transaction\n"
      "NAME=SEED names it in the results; CHAIN:SEED says which chain it is on.\n\n"
      "Policies answer which of several mixed coins is the stolen one. Courts and papers "
      "disagree:\n"
      "  fifo     first in, first out (Clayton's Case)\n"
      "  lifo     last in, first out\n"
      "  haircut  pro rata: every coin takes its share of the taint\n"
      "  tiho     taint in, highest out: stolen coins fill the largest payment first\n"
      "  libr     lowest intermediate balance: clean coins leave first, stolen ones stay\n"
      "  poison   one stolen unit taints the whole transaction: a ceiling, not an account\n\n"
      "Example: trace follow "
      "hack=0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9:0");
  follow->add_option("SEED", options->seeds, "What was stolen");
  follow
      ->add_option("--seeds", options->seed_file, "CSV source,seed[,amount], amounts in base units")
      ->type_name("FILE");
  follow->add_option("--policy", options->policies, "Policies, separated by commas, or all")
      ->delimiter(',')
      ->capture_default_str()
      ->type_name("NAME,...");
  follow->add_option("--rows", options->rows, "Endpoints of each kind that the table shows at most")
      ->capture_default_str()
      ->type_name("N");
  follow->callback([=] { *run = [=] { return FollowSeeds(*session, *options); }; });
}

}  // namespace spoor::tools
