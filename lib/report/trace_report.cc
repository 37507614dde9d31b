#include "spoor/report/trace_report.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/bounds_report.h"
#include "lib/report/json.h"
#include "lib/report/names.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/clusters.h"

namespace spoor {
namespace {

std::vector<NameCache> MakeCaches(const TraceReport& report) {
  std::vector<NameCache> caches;
  for (size_t i = 0; i < report.views.size(); ++i) {
    caches.emplace_back(report.views[i], report.labels.empty() ? nullptr : &report.labels[i]);
  }
  return caches;
}

std::string PlaceOf(const Endpoint& end) {
  if (!end.pool.empty()) return end.pool;
  if (!end.at_output) return ToText(end.txid);
  return absl::StrCat(ToText(end.txid), ":", end.output);
}

std::vector<std::string> WarningsOf(const TraceReport& report, const PolicyResult& policy) {
  std::vector<std::string> warnings;
  if (!policy.conserving) {
    warnings.push_back(absl::StrCat(policy.policy,
                                    " is a ceiling, not an account of the units: it does not "
                                    "conserve, and its figures do not add up to what was stolen"));
  }
  if (policy.unresolved_inputs > 0) {
    warnings.push_back(absl::StrCat(
        policy.unresolved_inputs,
        " inputs of the transactions followed are unresolved: the ledger begins after the outputs "
        "they spend, their amounts are only the least possible, and every share computed beside "
        "them is uncertain"));
  }
  if (policy.no_paths) {
    warnings.push_back(absl::StrCat("no paths under ", policy.policy,
                                    ": by it the units at a place are a share of all that came "
                                    "there, and went no way of their own"));
  }
  for (const CoinJoinOnTheWay& coinjoin : policy.coinjoins) {
    warnings.push_back(absl::StrCat("CoinJoin on the way (", CoinJoinName(coinjoin.kind), ", ",
                                    report.views[coinjoin.chain]->chain().name,
                                    "): ", ToText(coinjoin.txid)));
  }
  return warnings;
}

// What was stolen, by chain.
std::map<uint32_t, Units> StolenByChain(const PolicyResult& policy) {
  std::map<uint32_t, Units> sums;
  for (const Stolen& stolen : policy.stolen) sums[stolen.chain] += stolen.units;
  return sums;
}

void WriteBySource(const TraceResult& result,
                   const std::vector<std::pair<SourceId, Units>>& by_source, Json* json) {
  std::map<std::string, Units> sorted;
  for (const auto& [source, units] : by_source) sorted[result.sources[source - 1]] = units;
  json->BeginObject();
  for (const auto& [name, units] : sorted) json->Key(name).Amount(units);
  json->EndObject();
}

void WriteTips(const TraceReport& report, Json* json) {
  json->BeginArray();
  for (const LedgerView* view : report.views) {
    const auto tip = view->tip();
    if (!tip.has_value()) continue;
    json->BeginObject();
    json->Key("chain").String(view->chain().name);
    json->Key("height").Number(tip->height);
    json->Key("hash").String(ToText(tip->hash));
    json->Key("time").String(IsoTime(tip->time));
    json->EndObject();
  }
  json->EndArray();
}

void WriteSeeds(const TraceReport& report, Json* json) {
  json->BeginArray();
  for (const Seed& seed : report.seeds) {
    json->BeginObject();
    json->Key("source").String(seed.request.source);
    json->Key("seed").String(seed.request.seed);
    json->Key("asset").String(report.views[seed.chain]->chain().NativeAsset());
    json->Key("amount").Amount(seed.amount);
    json->Key("credits").Number(seed.credits.size());
    json->EndObject();
  }
  json->EndArray();
}

std::string PlaceOf(const Path::Place& place) {
  return place.at_output ? absl::StrCat(ToText(place.txid), ":", place.output) : ToText(place.txid);
}

void WritePaths(const TraceResult& result, const Endpoint& end, Json* json) {
  json->BeginArray();
  for (const Path& path : end.paths) {
    json->BeginObject();
    json->Key("source").String(result.sources[path.source - 1]);
    json->Key("tainted").Amount(path.tainted);
    json->Key("places").BeginArray();
    for (const Path::Place& place : path.places) json->String(PlaceOf(place));
    json->EndArray();
    json->EndObject();
  }
  json->EndArray();
}

absl::Status WriteEndpoint(const TraceReport& report, const Endpoint& end, NameCache* names,
                           Json* json) {
  // The pool of a cluster has no address of its own.
  const bool cluster_pool = absl::StartsWith(end.pool, kClusterPrefix);
  SPOOR_ASSIGN_OR_RETURN(const OwnerName owner,
                         names->Owner(cluster_pool ? AddressId() : end.owner));
  SPOOR_ASSIGN_OR_RETURN(const int64_t time, names->Time(end.height));
  SPOOR_ASSIGN_OR_RETURN(const Label label, names->LabelOf(end.owner));
  SPOOR_ASSIGN_OR_RETURN(const std::string cluster, names->ClusterOf(end.owner));
  json->BeginObject();
  json->Key("kind").String(EndpointKindName(end.kind));
  json->Key("asset").String(names->view().chain().NativeAsset());
  json->Key("place").String(PlaceOf(end));
  WriteOwner(owner, json);
  json->Key("amount").Amount(end.amount);
  json->Key("tainted").Amount(end.tainted);
  json->Key("stolen_units").Amount(end.tainted);
  json->Key("by_source");
  WriteBySource(*report.result, end.by_source, json);
  json->Key("hops").Number(end.hops);
  json->Key("first").String(IsoTime(time));
  json->Key("last").String(IsoTime(time));
  if (!end.paths.empty()) {
    json->Key("paths");
    WritePaths(*report.result, end, json);
  }
  json->Key("cluster");
  cluster.empty() ? json->Null() : json->String(cluster);
  WriteLabel(label, json);
  json->EndObject();
  return absl::OkStatus();
}

absl::StatusOr<std::string> FlowEnd(AddressId id, NameCache* names) {
  if (id == Flow::kToFees) return std::string("fee");
  if (id == Flow::kToBurned) return std::string("burned");
  if (id == Flow::kFromMinted) return std::string("minted");
  SPOOR_ASSIGN_OR_RETURN(OwnerName name, names->Owner(id));
  return std::move(name.text);
}

// Sorted by tainted descending, then the texts of asset, from and to.
absl::Status WriteFlows(const PolicyResult& policy, std::vector<NameCache>* caches, Json* json) {
  struct Row {
    const Flow* flow;
    std::string asset;
    std::string from;
    std::string to;
  };
  std::vector<Row> rows;
  for (const Flow& flow : policy.flows) {
    NameCache* names = &(*caches)[flow.chain];
    SPOOR_ASSIGN_OR_RETURN(std::string from, FlowEnd(flow.from, names));
    SPOOR_ASSIGN_OR_RETURN(std::string to, FlowEnd(flow.to, names));
    rows.push_back({&flow, names->view().chain().NativeAsset(), std::move(from), std::move(to)});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    if (a.flow->tainted != b.flow->tainted) return a.flow->tainted > b.flow->tainted;
    return std::tie(a.asset, a.from, a.to) < std::tie(b.asset, b.from, b.to);
  });
  json->BeginArray();
  for (const Row& row : rows) {
    json->BeginObject();
    json->Key("from").String(row.from);
    json->Key("to").String(row.to);
    json->Key("asset").String(row.asset);
    json->Key("tainted").Amount(row.flow->tainted);
    json->Key("movements").Number(row.flow->movements);
    json->EndObject();
  }
  json->EndArray();
  return absl::OkStatus();
}

absl::Status WritePeelChains(const PolicyResult& policy, std::vector<NameCache>* caches,
                             Json* json) {
  json->BeginArray();
  for (const PeelChainOnTheWay& found : policy.peel_chains) {
    NameCache* names = &(*caches)[found.chain];
    const auto write = [&](const PeelChain::Payment& payment) -> absl::Status {
      SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, names->Owner(payment.to));
      json->BeginObject();
      json->Key("place").String(absl::StrCat(ToText(payment.txid), ":", payment.output));
      WriteOwner(owner, json);
      json->Key("amount").Amount(payment.amount);
      json->EndObject();
      return absl::OkStatus();
    };
    const PeelChain& chain = found.peel_chain;
    json->BeginObject();
    json->Key("asset").String(names->view().chain().NativeAsset());
    json->Key("start").String(ToText(chain.payments.front().txid));
    json->Key("steps").Number(chain.payments.size());
    json->Key("peeled").BeginArray();
    for (const PeelChain::Payment& payment : chain.payments) {
      SPOOR_RETURN_IF_ERROR(write(payment));
    }
    json->EndArray();
    json->Key("left");
    SPOOR_RETURN_IF_ERROR(write(chain.rest));
    json->EndObject();
  }
  json->EndArray();
  return absl::OkStatus();
}

absl::Status WriteDormancies(const PolicyResult& policy, std::vector<NameCache>* caches,
                             Json* json) {
  json->BeginArray();
  for (const Dormancy& found : policy.dormancies) {
    NameCache* names = &(*caches)[found.chain];
    SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, names->Owner(found.owner));
    SPOOR_ASSIGN_OR_RETURN(const int64_t from, names->Time(found.from_height));
    SPOOR_ASSIGN_OR_RETURN(const int64_t to, names->Time(found.to_height));
    json->BeginObject();
    json->Key("asset").String(names->view().chain().NativeAsset());
    json->Key("place").String(absl::StrCat(ToText(found.txid), ":", found.output));
    WriteOwner(owner, json);
    json->Key("amount").Amount(found.amount);
    json->Key("tainted").Amount(found.tainted);
    json->Key("from").String(IsoTime(from));
    json->Key("to").String(IsoTime(to));
    json->Key("tx").String(ToText(found.moved_by));
    json->EndObject();
  }
  json->EndArray();
  return absl::OkStatus();
}

absl::Status WriteSpreads(const std::vector<Spread>& spreads, std::vector<NameCache>* caches,
                          Json* json) {
  json->BeginArray();
  for (const Spread& found : spreads) {
    NameCache* names = &(*caches)[found.chain];
    SPOOR_ASSIGN_OR_RETURN(const int64_t time, names->Time(found.height));
    json->BeginObject();
    json->Key("asset").String(names->view().chain().NativeAsset());
    json->Key("tx").String(ToText(found.txid));
    json->Key("time").String(IsoTime(time));
    json->Key("outputs").Number(found.outputs);
    json->Key("tainted").Amount(found.tainted);
    json->EndObject();
  }
  json->EndArray();
  return absl::OkStatus();
}

absl::Status WritePolicy(const TraceReport& report, const PolicyResult& policy,
                         std::vector<NameCache>* caches, Json* json) {
  json->BeginObject();
  json->Key("policy").String(policy.policy);
  json->Key("conserving").Bool(policy.conserving);
  json->Key("stolen").BeginArray();
  for (const auto& [chain, units] : StolenByChain(policy)) {
    std::vector<std::pair<SourceId, Units>> by_source;
    for (const Stolen& stolen : policy.stolen) {
      if (stolen.chain == chain) by_source.emplace_back(stolen.source, stolen.units);
    }
    json->BeginObject();
    json->Key("asset").String(report.views[chain]->chain().NativeAsset());
    json->Key("amount").Amount(units);
    json->Key("by_source");
    WriteBySource(*report.result, by_source, json);
    json->EndObject();
  }
  json->EndArray();
  json->Key("endpoints").BeginArray();
  for (const Endpoint& end : policy.endpoints) {
    SPOOR_RETURN_IF_ERROR(WriteEndpoint(report, end, &(*caches)[end.chain], json));
  }
  json->EndArray();
  json->Key("flows");
  SPOOR_RETURN_IF_ERROR(WriteFlows(policy, caches, json));
  json->Key("peel_chains");
  SPOOR_RETURN_IF_ERROR(WritePeelChains(policy, caches, json));
  json->Key("dormancies");
  SPOOR_RETURN_IF_ERROR(WriteDormancies(policy, caches, json));
  json->Key("splits");
  SPOOR_RETURN_IF_ERROR(WriteSpreads(policy.splits, caches, json));
  json->Key("merges");
  SPOOR_RETURN_IF_ERROR(WriteSpreads(policy.merges, caches, json));
  json->Key("movements").Number(policy.movements);
  json->Key("unresolved_inputs").Number(policy.unresolved_inputs);
  json->Key("warnings").BeginArray();
  for (const std::string& warning : WarningsOf(report, policy)) json->String(warning);
  json->EndArray();
  json->EndObject();
  return absl::OkStatus();
}

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
                            HolderText(end, owner), PlaceOf(end));
      absl::StrAppend(out, label.tags() == 0 ? "" : "  ", LabelText(label), "\n");
      for (const Path& path : end.paths) {
        absl::StrAppendFormat(out, "  %18s  %s by:\n", "", coins(path.tainted));
        for (const Path::Place& place : path.places) {
          absl::StrAppendFormat(out, "  %18s    %s\n", "", PlaceOf(place));
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

absl::StatusOr<std::string> TraceToJson(const TraceReport& report) {
  std::vector<NameCache> caches = MakeCaches(report);
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.trace.v1");
  json.Key("direction").String(report.back ? "back" : "forward");
  json.Key("tip");
  WriteTips(report, &json);
  json.Key("seeds");
  WriteSeeds(report, &json);
  json.Key("results").BeginArray();
  for (const PolicyResult& policy : report.result->policies) {
    SPOOR_RETURN_IF_ERROR(WritePolicy(report, policy, &caches, &json));
  }
  json.EndArray();
  json.Key("bounds");
  WriteBounds(report, &json);
  json.Key("bounds_warnings").BeginArray();
  for (const std::string& warning : BoundsWarnings(report)) json.String(warning);
  json.EndArray();
  json.EndObject();
  return json.Take();
}

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
