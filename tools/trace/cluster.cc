#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/entity/tag_table.h"
#include "spoor/report/cluster_report.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

struct Options {
  std::optional<std::string> heuristics;  // nullopt: as before
  std::optional<uint64_t> guard;
  size_t rows = 20;
};

constexpr uint64_t kMostBatch = uint64_t{16} << 20;

std::string Gigabytes(uint64_t bytes) {
  return absl::StrFormat("%.1f GB", static_cast<double>(bytes) / 1e9);
}

absl::Status Update(const LedgerView& view, absl::Span<const TaggedAddress> tagged,
                    const ClusterOptions& options, LedgerTable* table) {
  SPOOR_ASSIGN_OR_RETURN(const auto builder, ClusterBuilder::Open(table, options));
  const ClusterState& state = builder->state();
  const HeuristicSet usual = DefaultHeuristics(view.chain().family);
  const bool goes_on = !options.heuristics.has_value() && state.heuristics != HeuristicSet() &&
                       (state.heuristics != usual || state.guard != kDefaultGuard);
  if (goes_on) {
    Warn(absl::StrCat(view.chain().name, " goes on with --heuristics ",
                      HeuristicsText(state.heuristics), " --guard ",
                      options.guard.value_or(state.guard), ", as it was begun; others begin anew"));
  }
  const absl::Status status = builder->Update(view, tagged);
  if (!absl::IsResourceExhausted(status)) return status;
  const HeuristicSet heuristics =
      options.heuristics.value_or(state.heuristics == HeuristicSet() ? usual : state.heuristics);
  const LedgerTotals totals = view.tip()->totals;
  const uint64_t needed = ClusterBuilder::BytesFor(heuristics, totals, options.batch_bytes);
  if (needed <= options.memory) return status;
  // A quarter of what is given is the store's.
  const uint64_t enough = ClusterBuilder::BytesFor(heuristics, totals, kMostBatch) / 3 * 4;
  return absl::ResourceExhaustedError(
      absl::StrCat(view.chain().name, ": grouping ", totals.addresses, " addresses takes ",
                   Gigabytes(needed), " of memory, found ", Gigabytes(options.memory),
                   " for it; wanted --memory ", enough / 1'000'000 + 1, "M"));
}

absl::Status ClusterAll(const Session& session, const Options& options) {
  ClusterOptions cluster;
  if (options.heuristics.has_value()) {
    absl::StatusOr<HeuristicSet> heuristics = ParseHeuristics(*options.heuristics);
    if (!heuristics.ok()) return Annotate(heuristics.status(), "--heuristics");
    cluster.heuristics = *heuristics;
  }
  cluster.guard = options.guard;
  // A quarter is the store's, whose cache is of little use here: everything is read once, in order.
  const uint64_t budget = session.MemoryBudget();
  cluster.memory = budget - budget / 4;
  cluster.batch_bytes = std::clamp<uint64_t>(budget / 32, uint64_t{1} << 20, kMostBatch);
  if (!LedgerStore::Exists(session.ledger)) {
    return absl::NotFoundError(absl::StrCat(
        session.ledger,
        " holds no ledger; make one with trace ingest, or name another with --ledger"));
  }
  LedgerStore::Options store_options;
  store_options.memory = budget / 4;
  SPOOR_ASSIGN_OR_RETURN(const std::unique_ptr<LedgerStore> store,
                         LedgerStore::OpenForWriting(session.ledger, store_options));
  const std::unique_ptr<LedgerTable> tags = store->Table(kTagTable);
  Progress bar(session.quiet);
  cluster.progress = [&bar](uint64_t done, uint64_t total) {
    bar.Update("clustering", done, total, "transactions");
  };
  std::vector<std::unique_ptr<LedgerView>> views;
  std::vector<std::unique_ptr<LedgerTable>> tables;
  std::vector<std::unique_ptr<Clusters>> all;
  std::vector<ChainClusters> chains;
  for (const ChainInfo& chain : store->chains()) {
    if (cluster.heuristics.has_value() &&
        (*cluster.heuristics & HeuristicsFor(chain.family)) == HeuristicSet()) {
      Warn(absl::StrCat(chain.name, " is left out: none of the --heuristics is for ",
                        chain.family == Family::kAccount ? "account chains" : "chains of outputs"));
      continue;
    }
    SPOOR_ASSIGN_OR_RETURN(views.emplace_back(), store->View(chain.name));
    const LedgerView& view = *views.back();
    tables.push_back(store->Table(ClusterTableName(chain.name)));
    SPOOR_ASSIGN_OR_RETURN(const auto tagged, TaggedActors(view, tags.get()));
    if (chain.family == Family::kAccount &&
        std::none_of(tagged.begin(), tagged.end(),
                     [](const TaggedAddress& tag) { return (tag.second & kServiceTag) != 0; })) {
      Warn(absl::StrCat(chain.name,
                        " has no address that tags put to a service, so no deposit "
                        "addresses are found: trace tags reads lists of them"));
    }
    SPOOR_RETURN_IF_ERROR(Update(view, tagged, cluster, tables.back().get()));
    SPOOR_ASSIGN_OR_RETURN(Clusters clusters, Clusters::Open(tables.back().get()));
    all.push_back(std::make_unique<Clusters>(std::move(clusters)));
    const Clusters* const here = all.back().get();
    SPOOR_RETURN_IF_ERROR(WriteClusterLabels(
        view, [here](AddressId id) { return here->Find(id); }, here->state(), tags.get()));
    chains.push_back({&view, here});
  }
  bar.End();
  if (chains.empty() && !store->chains().empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--heuristics ", *options.heuristics,
                                                   ": none of them is for a chain of this ledger"));
  }
  SPOOR_ASSIGN_OR_RETURN(
      const std::string text,
      ReportClusters(chains, session.json ? ReportForm::kJson : ReportForm::kText, options.rows));
  return Print(text);
}

std::string Footer() {
  std::string footer =
      "Groups the addresses of each chain by who controls them, or brings the groups up to date\n"
      "after more has been ingested. Every merge keeps its evidence: trace why A B tells it. "
      "Merges\n"
      "of two large clusters, or of clusters that tags say are different actors', are held back\n"
      "and listed. Other heuristics, another guard or other tags begin anew.\n\nHeuristics:\n";
  for (const HeuristicInfo& info : Heuristics()) {
    absl::StrAppendFormat(&footer, "  %-20s %s%s\n", info.name, info.what,
                          info.by_default ? " (default)" : "");
  }
  return footer;
}

}  // namespace

void AddCluster(CLI::App* app, const Session* session, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* cluster =
      app->add_subcommand("cluster", "Group addresses by who controls them, with evidence");
  cluster->fallthrough();
  cluster->footer(Footer());
  cluster
      ->add_option("--heuristics", options->heuristics,
                   "Names from the list below with commas between them; or default, or all\n"
                   "(as the groups were begun; at first default)")
      ->type_name("LIST");
  cluster
      ->add_option("--guard", options->guard,
                   absl::StrCat("Addresses from which on a cluster is large: two such are not "
                                "merged (as the groups\nwere begun; at first ",
                                kDefaultGuard, ")"))
      ->check(kDecimal)
      ->check(CLI::Range(uint64_t{2}, uint64_t{1} << 40))
      ->type_name("N");
  cluster->add_option("--rows", options->rows, "Merges held back that the table shows at most")
      ->check(kDecimal)
      ->capture_default_str()
      ->type_name("N");
  cluster->callback([=] { *run = [=] { return ClusterAll(*session, *options); }; });
}

}  // namespace spoor::tools
