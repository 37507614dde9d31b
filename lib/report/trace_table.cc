#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/bounds_report.h"
#include "lib/report/names.h"
#include "lib/report/trace_parts.h"
#include "spoor/base/status_macros.h"
#include "spoor/report/trace_report.h"

namespace spoor {
namespace {

// Who has what ends there, for a table.
std::string HolderText(const Endpoint& end, const OwnerName& owner) {
  if (end.kind == EndpointKind::kMinted) return "(mined)";
  if (end.kind == EndpointKind::kUnresolved) return "(the ledger does not know)";
  if (!end.at_output && end.kind != EndpointKind::kOutside) return "(a fee)";
  if (end.owner.IsNobody()) return "(nobody can spend it)";
  return owner.is_address ? owner.text : owner.text.substr(0, 39) + "...";
}

// What `count` endpoints of one kind are.
std::string Counted(EndpointKind kind, size_t count) {
  absl::string_view what = "output";
  if (kind == EndpointKind::kFee) what = "transaction";
  if (kind == EndpointKind::kMinted) what = "coinbase";
  if (kind == EndpointKind::kOutside || kind == EndpointKind::kUnresolved) what = "input";
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

// Sums that a table shows of one kind of endpoint on one chain.
struct KindSum {
  Units tainted = 0;
  size_t count = 0;
  size_t shown = 0;
};

absl::Status DormancyLines(const PolicyResult& policy, size_t rows, std::vector<NameCache>* caches,
                           std::string* out) {
  for (size_t i = 0; i < policy.dormancies.size() && i < rows; ++i) {
    const Dormancy& found = policy.dormancies[i];
    NameCache* names = &(*caches)[found.chain];
    const ChainInfo& info = names->view().chain();
    SPOOR_ASSIGN_OR_RETURN(const int64_t from, names->Time(found.from_height));
    SPOOR_ASSIGN_OR_RETURN(const int64_t to, names->Time(found.to_height));
    absl::StrAppend(out, "  dormant: ", FormatUnits(found.tainted, info.decimals), " ", info.symbol,
                    " from ", TableTime(from), " to ", TableTime(to), " in ", ToText(found.txid),
                    ":", found.output, "\n");
  }
  if (policy.dormancies.size() > rows) {
    absl::StrAppend(out, "  (", policy.dormancies.size() - rows, " more dormancies, in --json)\n");
  }
  return absl::OkStatus();
}

void SpreadLines(absl::string_view name, absl::string_view how, const std::vector<Spread>& spreads,
                 size_t rows, const std::vector<NameCache>& caches, std::string* out) {
  for (size_t i = 0; i < spreads.size() && i < rows; ++i) {
    const Spread& found = spreads[i];
    const ChainInfo& info = caches[found.chain].view().chain();
    absl::StrAppend(out, "  ", name, ": ", FormatUnits(found.tainted, info.decimals), " ",
                    info.symbol, " ", how, " ", found.outputs, " outputs by ", ToText(found.txid),
                    "\n");
  }
  if (spreads.size() > rows) {
    absl::StrAppend(out, "  (", spreads.size() - rows, " more ", name, "s, in --json)\n");
  }
}

absl::Status PolicyTable(const TraceReport& report, const PolicyResult& policy, size_t rows,
                         std::vector<NameCache>* caches, std::string* out) {
  const bool back = report.back;
  const absl::string_view stolen_coins = back ? "coins asked for" : "stolen coins";
  const absl::string_view were_stolen = back ? "asked for" : "stolen";
  for (const auto& [chain, stolen] : StolenByChain(policy)) {
    NameCache& names = (*caches)[chain];
    const ChainInfo& info = names.view().chain();
    const auto coins = [&](const Units& units) { return FormatUnits(units, info.decimals); };
    absl::StrAppendFormat(out, "\n%s%s, %s: %d transactions moved %s\n", policy.policy,
                          policy.conserving ? "" : " (a ceiling: does not add up)", info.name,
                          policy.movements, stolen_coins);
    absl::StrAppendFormat(out, "  %18s  %-11s %5s  %-16s  %-42s  %s\n",
                          back ? info.symbol : absl::StrCat("stolen ", info.symbol),
                          back ? "from" : "is", "hops", "since (UTC)", "address", "output");
    std::map<EndpointKind, KindSum> sums;
    for (const Endpoint& end : policy.endpoints) {
      if (end.chain != chain) continue;
      KindSum& sum = sums[end.kind];
      sum.tainted += end.tainted;
      ++sum.count;
      if (end.kind == EndpointKind::kFee || sum.shown == rows) continue;
      ++sum.shown;
      SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, names.Owner(end.owner));
      SPOOR_ASSIGN_OR_RETURN(const int64_t time, names.Time(end.height));
      SPOOR_ASSIGN_OR_RETURN(const Label label, names.LabelOf(end.owner));
      absl::StrAppendFormat(out, "  %18s  %-11s %5d  %-16s  %-42s  %s", coins(end.tainted),
                            EndpointKindName(end.kind), end.hops, TableTime(time),
                            HolderText(end, owner), PlaceText(end));
      absl::StrAppend(out, label.tags() == 0 ? "" : "  ", LabelText(label), "\n");
      for (const Path& path : end.paths) {
        absl::StrAppendFormat(out, "  %18s  %s by:\n", "", coins(path.tainted));
        for (size_t i = 0; i < path.places.size(); ++i) {
          if (path.omitted > 0 && i == Path::kToldAtEachEnd) {
            absl::StrAppendFormat(out, "  %18s    (%d more)\n", "", path.omitted);
          }
          absl::StrAppendFormat(out, "  %18s    %s\n", "", PlaceText(path.places[i]));
        }
      }
    }
    Units total = 0;
    for (const auto& [kind, sum] : sums) {
      total += sum.tainted;
      if (sum.shown < sum.count && kind != EndpointKind::kFee) {
        absl::StrAppendFormat(out, "  (%d more %s, in --json)\n", sum.count - sum.shown,
                              EndpointKindName(kind));
      }
    }
    absl::StrAppendFormat(out, "  %s\n", std::string(18, '-'));
    for (const auto& [kind, sum] : sums) {
      absl::StrAppendFormat(out, "  %18s  %s, %s\n", coins(sum.tainted), EndpointKindName(kind),
                            Counted(kind, sum.count));
    }
    if (policy.conserving) {
      absl::StrAppendFormat(out, "  %18s  in all; %s %s: %s\n", coins(total), were_stolen,
                            coins(stolen),
                            total == stolen ? "it adds up, to the unit" : "IT DOES NOT ADD UP");
    } else {
      absl::StrAppendFormat(out, "  %18s  at most, of which %s were %s\n", coins(total),
                            coins(stolen), were_stolen);
    }
  }
  for (size_t i = 0; i < policy.peel_chains.size() && i < rows; ++i) {
    const PeelChainOnTheWay& found = policy.peel_chains[i];
    const PeelChain& chain = found.peel_chain;
    const ChainInfo& info = (*caches)[found.chain].view().chain();
    Units peeled = 0;
    for (const PeelChain::Payment& payment : chain.payments) peeled += payment.amount;
    absl::StrAppend(out, "  peel chain: ", chain.payments.size(), " payments from ",
                    ToText(chain.payments.front().txid), " on, ",
                    FormatUnits(peeled, info.decimals), " ", info.symbol, " in all; ",
                    FormatUnits(chain.rest.amount, info.decimals), " left in ",
                    ToText(chain.rest.txid), ":", chain.rest.output, "\n");
  }
  if (policy.peel_chains.size() > rows) {
    absl::StrAppend(out, "  (", policy.peel_chains.size() - rows,
                    " more peel chains, in --json)\n");
  }
  SPOOR_RETURN_IF_ERROR(DormancyLines(policy, rows, caches, out));
  SpreadLines("split", "into", policy.splits, rows, *caches, out);
  SpreadLines("merge", "from", policy.merges, rows, *caches, out);
  const std::vector<std::string> warnings = WarningsOf(report, policy);
  for (size_t i = 0; i < warnings.size() && i < rows; ++i) {
    absl::StrAppend(out, "  warning: ", warnings[i], "\n");
  }
  if (warnings.size() > rows) {
    absl::StrAppend(out, "  (", warnings.size() - rows, " more warnings, in --json)\n");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> TraceToTable(const TraceReport& report, size_t rows) {
  std::vector<NameCache> caches = MakeCaches(report);
  std::string out;
  for (const Seed& seed : report.seeds) {
    const ChainInfo& chain = report.views[seed.chain]->chain();
    absl::StrAppend(
        &out, report.back ? "asked for: " : "stolen: ", FormatUnits(seed.amount, chain.decimals),
        " ", chain.symbol, " in ", seed.credits.size(),
        seed.credits.size() == 1 ? " output" : " outputs", ", ", seed.request.seed,
        seed.request.source == seed.request.seed ? ""
                                                 : absl::StrCat(" (", seed.request.source, ")"),
        "\n");
  }
  for (const LedgerView* view : report.views) {
    const auto tip = view->tip();
    if (!tip.has_value()) continue;
    absl::StrAppend(&out, "ledger: ", view->chain().name, " up to block ", tip->height, " of ",
                    TableTime(tip->time), " UTC\n");
  }
  for (const PolicyResult& policy : report.result->policies) {
    SPOOR_RETURN_IF_ERROR(PolicyTable(report, policy, rows, &caches, &out));
  }
  BoundsTable(report, &out);
  return out;
}

}  // namespace spoor
