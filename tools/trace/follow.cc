#include "spoor/taint/follow.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/category.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ledger/find_address.h"
#include "spoor/ledger/names.h"
#include "spoor/report/trace_report.h"
#include "spoor/taint/bounds.h"
#include "spoor/taint/policy.h"
#include "spoor/taint/seed.h"
#include "tools/trace/clusters.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

// Of an account chain, what nobody does by hand: to read so much takes seconds still.
constexpr uint64_t kServiceDegree = 100'000;

// More to one end are nothing that a person reads.
constexpr size_t kMostPaths = 1000;

struct Options {
  bool back = false;
  std::vector<std::string> seeds;
  std::string seed_file;
  std::vector<std::string> policies = {"fifo"};
  std::string since;
  std::string until;
  std::optional<uint32_t> max_hops;
  std::string min_taint;
  std::string fees = "end";
  std::string pool = "output";
  std::optional<std::string> stop_at;
  int min_confidence = 0;
  std::optional<uint64_t> service_degree;
  size_t paths = 0;
  bool bounds = false;
  std::vector<std::string> bounds_for;
  size_t rows = 20;
  bool wide = false;
};

absl::StatusOr<std::vector<SeedRequest>> ReadRequests(const Options& options) {
  std::vector<SeedRequest> requests;
  for (const std::string& text : options.seeds) {
    SPOOR_ASSIGN_OR_RETURN(SeedRequest request, ParseSeedRequest(text));
    requests.push_back(std::move(request));
  }
  if (!options.seed_file.empty()) {
    SPOOR_ASSIGN_OR_RETURN(const std::string csv, ReadTextFile(options.seed_file));
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

// What the value of `flag` is; an error names the flag.
template <typename T>
absl::StatusOr<T> Flag(absl::string_view flag, absl::StatusOr<T> value) {
  if (!value.ok()) return Annotate(value.status(), flag);
  return value;
}

absl::StatusOr<FollowOptions> ReadOptions(const Options& options) {
  FollowOptions follow;
  follow.policies = options.policies;
  if (follow.policies == std::vector<std::string>{"all"}) {
    follow.policies.clear();
    for (const absl::string_view name : PolicyNames()) follow.policies.emplace_back(name);
  }
  if (!options.since.empty()) {
    SPOOR_ASSIGN_OR_RETURN(follow.since, Flag("--since", ParseTime(options.since, /*end=*/false)));
  }
  if (!options.until.empty()) {
    SPOOR_ASSIGN_OR_RETURN(follow.until, Flag("--until", ParseTime(options.until, /*end=*/true)));
  }
  if (follow.since.has_value() && follow.until.has_value() && *follow.since > *follow.until) {
    return absl::InvalidArgumentError(
        absl::StrCat("--since ", options.since, " is after --until ", options.until));
  }
  follow.max_hops = options.max_hops;
  if (!options.min_taint.empty()) {
    const absl::StatusOr<Units> least = UnitsFromDecimal(options.min_taint);
    if (!least.ok()) {
      return absl::InvalidArgumentError(absl::StrCat("--min-taint ", options.min_taint, ": ",
                                                     least.status().message(),
                                                     ": it counts base units, satoshis or wei"));
    }
    follow.min_taint = *least;
  }
  follow.paths = options.paths;
  if (options.fees == "subsidy-first") follow.fees = FeeRule::kSubsidyFirst;
  if (options.fees == "fees-first") follow.fees = FeeRule::kFeesFirst;
  return follow;
}

// Those that there are may be of a chain that has been reorganised since: then a warning says so.
constexpr char kNoClusters[] =
    ": the ledger has no clusters of the chains as they are; trace cluster computes them";

// The owners that a value of --bounds-for means; if clusters are `pooled`, whole ones.
absl::StatusOr<OwnerGroup> FindGroup(absl::Span<const LedgerView* const> views, const Owners& known,
                                     bool pooled, const std::string& name) {
  if (const auto categories = ParseCategories(name); categories.ok() && !categories->empty()) {
    return OwnerGroup{
        name,
        [&known, wanted = *categories](uint32_t chain, AddressId owner) -> absl::StatusOr<bool> {
          SPOOR_ASSIGN_OR_RETURN(const Label label, known.labels[chain].Of(owner));
          return wanted.contains(label.category());
        }};
  }
  const bool prefixed = absl::StartsWith(name, kClusterPrefix);
  const bool cluster = prefixed || pooled;
  const std::string address = prefixed ? name.substr(kClusterPrefix.size()) : name;
  SPOOR_ASSIGN_OR_RETURN(const AddressSearch search, FindAddressOnChains(views, address));
  if (search.places.empty()) {
    return absl::InvalidArgumentError(absl::StrCat("--bounds-for ", name, ": ", search.why_none));
  }
  std::set<std::pair<uint32_t, AddressId>> owners;
  for (const AddressPlace& place : search.places) {
    AddressId owner = place.id;
    if (cluster) {
      SPOOR_ASSIGN_OR_RETURN(owner, known.labels[place.chain].FirstOf(owner));
    }
    if (!owner.IsNobody()) owners.insert({static_cast<uint32_t>(place.chain), owner});
  }
  if (owners.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("--bounds-for ", name, kNoClusters));
  }
  if (cluster) {
    return OwnerGroup{name,
                      [&known, owners](uint32_t chain, AddressId owner) -> absl::StatusOr<bool> {
                        SPOOR_ASSIGN_OR_RETURN(owner, known.labels[chain].FirstOf(owner));
                        return owners.contains({chain, owner});
                      }};
  }
  return OwnerGroup{name, [owners](uint32_t chain, AddressId owner) -> absl::StatusOr<bool> {
                      return owners.contains({chain, owner});
                    }};
}

// Where tracing stops: at owners of a category that --stop-at names.
absl::StatusOr<std::set<Category>> StopCategories(const Options& options) {
  if (!options.stop_at.has_value()) return CustodialCategories();
  return Flag("--stop-at", ParseCategories(*options.stop_at));
}

// Whose coins act as one holding. `owners` must outlive `*follow`.
absl::Status SetPool(const Options& options, absl::Span<const LedgerView* const> views,
                     const Owners& owners, FollowOptions* follow) {
  if (options.pool == "address") {
    follow->pool.of = [](uint32_t, AddressId owner) { return owner; };
  }
  if (options.pool != "cluster") return absl::OkStatus();
  if (owners.clusters.chains.empty()) {
    return absl::FailedPreconditionError(absl::StrCat("--pool cluster", kNoClusters));
  }
  std::vector<const Clusters*> of_chain(views.size());
  for (const ChainClusters& chain : owners.clusters.chains) {
    of_chain[std::find(views.begin(), views.end(), chain.view) - views.begin()] = chain.clusters;
  }
  follow->pool.of = [of_chain](uint32_t chain, AddressId owner) -> absl::StatusOr<AddressId> {
    if (of_chain[chain] == nullptr) return owner;
    return of_chain[chain]->First(owner);
  };
  follow->pool.members = [of_chain](uint32_t chain,
                                    AddressId pool) -> absl::StatusOr<std::vector<AddressId>> {
    if (of_chain[chain] == nullptr) return std::vector<AddressId>{pool};
    return of_chain[chain]->Members(pool);
  };
  return absl::OkStatus();
}

// What two seeds both mean is one theft, the first's: most likely that is a mistake.
void WarnOfOverlaps(absl::Span<const Seed> seeds) {
  // An opening balance is no receipt, though the first one may stand for it.
  std::map<std::tuple<size_t, Position, uint32_t, bool>, size_t> first;
  std::map<std::pair<size_t, size_t>, size_t> shared;
  for (size_t i = 0; i < seeds.size(); ++i) {
    for (const Credit& credit : seeds[i].credits) {
      const auto [it, added] =
          first.try_emplace({seeds[i].chain, credit.position, credit.take, credit.opening}, i);
      if (!added) ++shared[{it->second, i}];
    }
  }
  constexpr size_t kMost = 10;
  size_t told = 0;
  for (const auto& [pair, count] : shared) {
    if (told++ == kMost) {
      Warn(absl::StrCat(shared.size() - kMost, " more pairs of seeds overlap"));
      break;
    }
    const SeedRequest& a = seeds[pair.first].request;
    const SeedRequest& b = seeds[pair.second].request;
    Warn(absl::StrCat("seeds ", a.seed, " and ", b.seed, " overlap: they share ", count,
                      count == 1 ? " credit" : " credits",
                      ", where what the first marks is not stolen a second time"));
  }
}

absl::Status TraceSeeds(const Session& session, const Options& options) {
  SPOOR_ASSIGN_OR_RETURN(const std::vector<SeedRequest> requests, ReadRequests(options));
  SPOOR_ASSIGN_OR_RETURN(FollowOptions follow, ReadOptions(options));
  SPOOR_ASSIGN_OR_RETURN(const std::set<Category> stops, StopCategories(options));
  Progress bar(session.quiet);
  follow.progress = [&](uint64_t done, uint64_t waiting) {
    bar.Update(options.back ? "going back" : "following", done, done + waiting, "transactions");
  };
  follow.flows = session.json;  // the table does not show them
  SPOOR_ASSIGN_OR_RETURN(const OpenLedger ledger, OpenForReading(session));
  const std::vector<const LedgerView*> views = ledger.Pointers();
  SPOOR_ASSIGN_OR_RETURN(const Owners owners, OwnersOf(ledger));
  const std::vector<OwnerLabels>& labels = owners.labels;
  // Where an account chain's units stop: an account is in a service's cluster for what it did once,
  // which its owner may do on purpose. If it really is the service's, they come to the service's
  // own wallet with the next transfer.
  std::vector<OwnerLabels> stopping;
  for (size_t i = 0; i < views.size(); ++i) {
    if (views[i]->chain().family == Family::kAccount) {
      stopping.emplace_back(views[i], ledger.tags.get());
    } else {
      stopping.push_back(labels[i]);
    }
  }
  if (owners.tags && !stops.empty()) {
    follow.stop_at = [&](uint32_t chain, AddressId owner) -> absl::StatusOr<bool> {
      SPOOR_ASSIGN_OR_RETURN(const Label label, stopping[chain].Of(owner));
      return std::any_of(
          label.claims().begin(), label.claims().end(), [&](const Label::Claim& claim) {
            return claim.confidence >= options.min_confidence && stops.contains(claim.category) &&
                   (claim.category == label.category() || claim.category == Category::kSanctioned);
          });
    };
  }
  // Who stops at nothing does not stop there either, unless it is asked for.
  follow.service_degree = options.service_degree.value_or(stops.empty() ? 0 : kServiceDegree);
  follow.is_known = [&](uint32_t chain, AddressId owner) -> absl::StatusOr<bool> {
    SPOOR_ASSIGN_OR_RETURN(const Label label, stopping[chain].Of(owner));
    return label.tags() > 0;
  };
  SPOOR_RETURN_IF_ERROR(SetPool(options, views, owners, &follow));
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Seed> seeds, FindSeeds(views, requests));
  WarnOfOverlaps(seeds);
  BoundsOptions bounds_options;
  if (owners.tags) {
    bounds_options.category = [&](uint32_t chain, AddressId owner) -> absl::StatusOr<std::string> {
      SPOOR_ASSIGN_OR_RETURN(const Label label, labels[chain].Of(owner));
      if (label.category() == Category::kUnknown) return std::string();
      return std::string(CategoryName(label.category()));
    };
  }
  for (const std::string& name : options.bounds_for) {
    SPOOR_ASSIGN_OR_RETURN(bounds_options.groups.emplace_back(),
                           FindGroup(views, owners, options.pool == "cluster", name));
  }
  follow.memory = session.MemoryBudget();
  absl::StatusOr<TraceResult> traced =
      options.back ? FollowBack(views, seeds, follow) : Follow(views, seeds, follow);
  if (absl::IsResourceExhausted(traced.status())) {
    return absl::ResourceExhaustedError(
        absl::StrCat(traced.status().message(),
                     "; ask for less with --max-hops, --min-taint, --stop-at, --until or fewer "
                     "policies, or give more with --memory"));
  }
  SPOOR_ASSIGN_OR_RETURN(const TraceResult result, std::move(traced));
  std::optional<BoundsResult> bounds;
  if (options.bounds || !bounds_options.groups.empty()) {
    SPOOR_ASSIGN_OR_RETURN(bounds, options.back
                                       ? ComputeBoundsBack(views, seeds, follow, bounds_options)
                                       : ComputeBounds(views, seeds, follow, bounds_options));
  }
  bar.End();
  if (!owners.tags && !stops.empty()) {
    Warn("the ledger has no tags, so nothing stops at services: trace tags reads lists of them");
  }
  SPOOR_ASSIGN_OR_RETURN(const TagTable tags, TagTable::Open(ledger.tags.get()));
  const TraceReport report{
      views, seeds, &result, options.back, bounds.has_value() ? &*bounds : nullptr, labels, &tags};
  SPOOR_ASSIGN_OR_RETURN(
      const std::string text,
      session.json ? TraceToJson(report) : TraceToTable(report, options.rows, options.wide));
  return Print(text);
}

constexpr char kSeedHelp[] =
    "A SEED is what was stolen:\n"
    "  ADDRESS            everything the address ever received\n"
    "  ADDRESS@FROM..TO   what it received between two times: 2024-05-31..2024-06-02\n"
    "  TXID:N             output N of a transaction, from 0\n"
    "  TXID               all outputs of a transaction\n"
    "NAME=SEED names it in the results; CHAIN:SEED says which chain it is on.\n\n";
constexpr char kPolicyHelp[] =
    "Policies answer which of several mixed coins is the stolen one. Courts and papers "
    "disagree:\n"
    "  fifo     first in, first out (Clayton's Case)\n"
    "  lifo     last in, first out\n"
    "  haircut  pro rata: every coin takes its share of the taint\n"
    "  tiho     taint in, highest out: stolen coins fill the largest payment first\n"
    "  libr     lowest intermediate balance: clean coins leave first, stolen ones stay\n"
    "  poison   one stolen unit taints the whole transaction: a ceiling, not an account\n\n";
constexpr char kBoundsHelp[] =
    "No policy is the truth. With --bounds, each kind of end also has the least and the most that "
    "can be there whatever one believes, if only no transaction loses units or makes them.\n\n";
constexpr char kLimitHelp[] =
    "A limit is an end of its own, so that the ends still add up: hop-limit, time-limit, "
    "below-least.\n"
    "Transactions before --since are not followed either: what they would have moved ends where it "
    "was. To count only what an address received in a time, write ADDRESS@FROM..TO.\n"
    "Fees end where they are paid, or go on into the block's coinbase, behind its subsidy or "
    "before "
    "it.\n\n";

void AddTrace(CLI::App* command, bool back, const Session* session, Run* run) {
  auto options = std::make_shared<Options>();
  options->back = back;
  command->fallthrough();
  command->add_option("SEED", options->seeds, back ? "What came from where" : "What was stolen");
  command
      ->add_option("--seeds", options->seed_file, "CSV source,seed[,amount], amounts in base units")
      ->type_name("FILE");
  command->add_option("--policy", options->policies, "Policies, separated by commas, or all")
      ->allow_extra_args(false)
      ->delimiter(',')
      ->allow_extra_args(false)  // what follows is a seed
      ->capture_default_str()
      ->type_name("NAME,...");
  command->add_option("--since", options->since, "Leave alone what moved before")
      ->type_name("TIME");
  command->add_option("--until", options->until, "Leave alone what moved after")->type_name("TIME");
  command->add_option("--max-hops", options->max_hops, "Follow through so many transactions")
      ->check(kDecimal)
      ->type_name("N");
  command
      ->add_option("--min-taint", options->min_taint,
                   "Leave alone an output with fewer stolen base units")
      ->type_name("N");
  command
      ->add_option("--pool", options->pool,
                   "Whose coins act as one account: an output's alone, an address's or a "
                   "cluster's; costs all that the owner ever did, so stop at busy services")
      ->check(CLI::IsMember({"output", "address", "cluster"}))
      ->capture_default_str()
      ->type_name("OWNER");
  command->add_option("--fees", options->fees, "end, or on by: subsidy-first, fees-first")
      ->check(CLI::IsMember({"end", "subsidy-first", "fees-first"}))
      ->capture_default_str()
      ->type_name("RULE");
  command
      ->add_option("--stop-at", options->stop_at,
                   "Stop at owners that tags, of their cluster too, say are such; by default "
                   "exchange, mixing service, "
                   "payment processor, gambling, market and bridge")
      ->type_name("CATEGORY,...|none");
  command
      ->add_option("--min-confidence", options->min_confidence,
                   "Stop only at what a tag of such confidence or more says, 0 to 100")
      ->check(CLI::Range(0, 100))
      ->type_name("N");
  command
      ->add_option("--service-degree", options->service_degree,
                   absl::StrCat("On account chains, take an address without tags for a service, "
                                "and stop there, if its balance of what comes has more "
                                "transfers than this; 0: do not (by default ",
                                kServiceDegree, ", with --stop-at none 0)"))
      ->check(kDecimal)
      ->type_name("N");
  command
      ->add_option("--paths", options->paths,
                   "Tell the ways by which most came to each end, so many at most: output by "
                   "output, on account chains transfer by transfer (not under haircut and poison)")
      ->check(CLI::Range(size_t{0}, kMostPaths))
      ->type_name("N");
  command->add_flag("--bounds", options->bounds,
                    "Tell the least and the most that any account can find at each end");
  command
      ->add_option("--bounds-for", options->bounds_for,
                   "And that can have arrived there (of trace back, come from there): at "
                   "[CHAIN:]ADDRESS, at cluster:ADDRESS, at all that tags put in a category; again "
                   "for more")
      ->allow_extra_args(false)
      ->type_name("WHERE");
  command
      ->add_option("--rows", options->rows, "Endpoints of each kind that the table shows at most")
      ->check(kDecimal)
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--wide", options->wide,
                    "Do not shorten transactions and addresses in the table, nor break lines");
  command->callback([=] { *run = [=] { return TraceSeeds(*session, *options); }; });
}

}  // namespace

void AddFollow(CLI::App* app, const Session* session, Run* run) {
  CLI::App* follow =
      app->add_subcommand("follow", "Follow stolen coins forward to where they rest");
  follow->footer(
      absl::StrCat(kSeedHelp, kPolicyHelp, kBoundsHelp, kLimitHelp,
                   "Example: trace follow "
                   "hack=0437cd7f8525ceed2324359c2d0ba26006d92d856a9c20fa0241106ee5a597c9"
                   ":0"));
  AddTrace(follow, /*back=*/false, session, run);

  CLI::App* back = app->add_subcommand("back", "Find where coins came from: the source of funds");
  back->footer(absl::StrCat(
      "The same seeds, policies and limits as trace follow, the other way: a SEED is what is asked "
      "about, and its coins end where they were minted, at a service, or where they come from "
      "outside the ledger. Under "
      "fifo "
      "and lifo every coin is led back to just where follow leads it from.\n\n",
      kPolicyHelp, kBoundsHelp, kLimitHelp,
      "Example: trace back f4184fc596403b9d638783cf57adfe4c75c605f6356fbc91338530e9831e9e16:0"));
  AddTrace(back, /*back=*/true, session, run);
}

}  // namespace spoor::tools
