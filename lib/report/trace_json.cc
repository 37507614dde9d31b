#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/report/bounds_report.h"
#include "lib/report/json.h"
#include "lib/report/names.h"
#include "lib/report/tag_behind.h"
#include "lib/report/trace_parts.h"
#include "lib/report/trace_totals.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/clusters.h"
#include "spoor/report/trace_report.h"

namespace spoor {
namespace {

void WriteBySource(const TraceResult& result,
                   absl::Span<const std::pair<SourceId, Units>> by_source, Json* json) {
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
    json->Key("hash").String(ToText(tip->hash, HashTextOf(view->chain())));
    json->Key("time").String(IsoTime(tip->time));
    json->EndObject();
  }
  json->EndArray();
}

// The chains' own, and what stolen units were or came to be.
absl::Status WriteAssets(const TraceReport& report, std::vector<NameCache>* caches, Json* json) {
  std::set<ChainAsset> assets;
  for (uint32_t i = 0; i < report.views.size(); ++i) assets.insert({i, kNativeAsset});
  for (const PolicyResult& policy : report.result->policies) {
    for (const Stolen& stolen : policy.stolen) assets.insert({stolen.chain, stolen.asset});
    for (const Endpoint& end : policy.endpoints) assets.insert({end.chain, end.asset});
  }
  json->BeginArray();
  for (const auto& [chain, asset] : assets) {
    SPOOR_ASSIGN_OR_RETURN(const std::string name, (*caches)[chain].Asset(asset));
    SPOOR_ASSIGN_OR_RETURN(const AssetInfo info, (*caches)[chain].InfoOf(asset));
    json->BeginObject();
    json->Key("asset").String(name);
    json->Key("symbol").String(info.symbol);
    json->Key("decimals").Number(static_cast<uint64_t>(info.decimals));
    json->EndObject();
  }
  json->EndArray();
  return absl::OkStatus();
}

// When the first of a seed's credits of an asset came.
absl::Status WriteFirst(const Seed& seed, AssetId asset, NameCache* names, Json* json) {
  json->Key("first");
  const auto first = std::find_if(seed.credits.begin(), seed.credits.end(),
                                  [&](const Credit& credit) { return credit.asset == asset; });
  if (first == seed.credits.end()) return json->Null(), absl::OkStatus();
  std::vector<Movement> movements;
  SPOOR_RETURN_IF_ERROR(names->view().ReadMovements({&first->position, 1}, &movements));
  SPOOR_ASSIGN_OR_RETURN(const int64_t time, names->Time(movements.front().height));
  json->String(IsoTime(time));
  return absl::OkStatus();
}

// A seed that means several assets is as many entries.
absl::Status WriteSeeds(const TraceReport& report, std::vector<NameCache>* caches, Json* json) {
  json->BeginArray();
  for (const Seed& seed : report.seeds) {
    for (const SeededAsset& seeded : seed.assets) {
      SPOOR_ASSIGN_OR_RETURN(const std::string asset, (*caches)[seed.chain].Asset(seeded.asset));
      json->BeginObject();
      json->Key("source").String(seed.request.source);
      json->Key("seed").String(seed.request.seed);
      json->Key("asset").String(asset);
      json->Key("amount").Amount(seeded.amount);
      json->Key("credits").Number(seeded.credits);
      SPOOR_RETURN_IF_ERROR(WriteFirst(seed, seeded.asset, &(*caches)[seed.chain], json));
      if (seeded.opening != 0) json->Key("opening").Amount(seeded.opening);
      json->EndObject();
    }
  }
  json->EndArray();
  return absl::OkStatus();
}

// Whose the units of an endpoint were, and as what they were stolen: on account chains.
absl::Status WriteOrigins(const TraceReport& report, const Endpoint& end, NameCache* names,
                          Json* json) {
  if (end.origins.empty()) return absl::OkStatus();
  json->Key("origins").BeginArray();
  for (const OfOrigin& part : end.origins) {
    SPOOR_ASSIGN_OR_RETURN(const std::string asset, names->Asset(part.asset));
    json->BeginObject();
    json->Key("source").String(report.result->sources[part.source - 1]);
    json->Key("asset").String(asset);
    json->Key("tainted").Amount(part.tainted);
    json->Key("stolen_units").Amount(part.stolen);
    json->EndObject();
  }
  json->EndArray();
  return absl::OkStatus();
}

absl::Status WritePaths(const TraceResult& result, const Endpoint& end, NameCache* names,
                        Json* json) {
  json->BeginArray();
  for (const Path& path : end.paths) {
    json->BeginObject();
    json->Key("source").String(result.sources[path.source - 1]);
    json->Key("tainted").Amount(path.tainted);
    json->Key("places").BeginArray();
    for (const Path::Place& place : path.places) {
      SPOOR_ASSIGN_OR_RETURN(const std::string text, PlaceText(place, names));
      json->String(text);
    }
    json->EndArray();
    json->Key("omitted").Number(path.omitted);
    json->EndObject();
  }
  json->EndArray();
  return absl::OkStatus();
}

absl::Status WriteEndpoint(const TraceReport& report, const TagsBehind& tags, const Endpoint& end,
                           NameCache* names, Json* json) {
  // The pool of a cluster has no address of its own.
  const bool cluster_pool = absl::StartsWith(end.place, kClusterPrefix);
  SPOOR_ASSIGN_OR_RETURN(const OwnerName owner,
                         names->Owner(cluster_pool ? AddressId() : end.owner));
  SPOOR_ASSIGN_OR_RETURN(const int64_t first, names->Time(end.first_height));
  SPOOR_ASSIGN_OR_RETURN(const int64_t last, names->Time(end.height));
  SPOOR_ASSIGN_OR_RETURN(const Label label, names->LabelOf(end.owner));
  SPOOR_ASSIGN_OR_RETURN(const std::string cluster, names->ClusterOf(end.owner));
  SPOOR_ASSIGN_OR_RETURN(const std::string asset, names->Asset(end.asset));
  json->BeginObject();
  json->Key("kind").String(EndpointKindName(end.kind));
  json->Key("asset").String(asset);
  json->Key("place").String(PlaceText(end));
  WriteOwner(owner, json);
  json->Key("amount").Amount(end.amount);
  json->Key("tainted").Amount(end.tainted);
  json->Key("stolen_units").Amount(end.stolen);
  json->Key("by_source");
  WriteBySource(*report.result, end.by_source, json);
  SPOOR_RETURN_IF_ERROR(WriteOrigins(report, end, names, json));
  json->Key("hops").Number(end.hops);
  json->Key("first").String(IsoTime(first));
  json->Key("last").String(IsoTime(last));
  if (!end.paths.empty()) {
    json->Key("paths");
    SPOOR_RETURN_IF_ERROR(WritePaths(*report.result, end, names, json));
  }
  json->Key("cluster");
  cluster.empty() ? json->Null() : json->String(cluster);
  WriteLabel(label, json);
  if (end.kind == EndpointKind::kService) {
    json->Key("tag");
    WriteTagBehind(tags, end.chain, end.owner, json);
    if (end.by_size > 0) json->Key("by_size").Number(end.by_size);
  }
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
    size_t i;  // which of them
    Units tainted;
    std::string asset;
    std::string from;
    std::string to;
  };
  std::vector<Row> rows;
  rows.reserve(policy.flows.size());
  for (size_t i = 0; i < policy.flows.size(); ++i) {
    const Flow flow = policy.flows[i];
    NameCache* names = &(*caches)[flow.chain];
    SPOOR_ASSIGN_OR_RETURN(std::string from, FlowEnd(flow.from, names));
    SPOOR_ASSIGN_OR_RETURN(std::string to, FlowEnd(flow.to, names));
    SPOOR_ASSIGN_OR_RETURN(std::string asset, names->Asset(flow.asset));
    rows.push_back({i, flow.tainted, std::move(asset), std::move(from), std::move(to)});
  }
  std::sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    if (a.tainted != b.tainted) return a.tainted > b.tainted;
    return std::tie(a.asset, a.from, a.to) < std::tie(b.asset, b.from, b.to);
  });
  json->BeginArray();
  for (const Row& row : rows) {
    const Flow flow = policy.flows[row.i];
    json->BeginObject();
    json->Key("from").String(row.from);
    json->Key("to").String(row.to);
    json->Key("asset").String(row.asset);
    json->Key("tainted").Amount(flow.tainted);
    json->Key("movements").Number(flow.movements);
    NameCache* names = &(*caches)[flow.chain];
    json->Key("transactions").BeginArray();
    for (const Flow::Transaction& transaction : flow.transactions) {
      SPOOR_ASSIGN_OR_RETURN(const int64_t time, names->Time(transaction.height));
      SPOOR_ASSIGN_OR_RETURN(const std::string tx, names->Transaction(transaction.txid));
      json->BeginObject();
      json->Key("tx").String(tx);
      json->Key("time").String(IsoTime(time));
      json->Key("tainted").Amount(transaction.tainted);
      json->EndObject();
    }
    json->EndArray();
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
      SPOOR_ASSIGN_OR_RETURN(const Label label, names->LabelOf(payment.to));
      json->BeginObject();
      json->Key("place").String(absl::StrCat(ToText(payment.txid), ":", payment.output));
      WriteOwner(owner, json);
      json->Key("amount").Amount(payment.amount);
      WriteLabel(label, json);
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

absl::Status WriteConversions(const PolicyResult& policy, std::vector<NameCache>* caches,
                              Json* json) {
  json->BeginArray();
  for (const ConversionOnTheWay& found : policy.conversions) {
    NameCache* names = &(*caches)[found.chain];
    SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, names->Owner(found.owner));
    SPOOR_ASSIGN_OR_RETURN(const int64_t time, names->Time(found.height));
    SPOOR_ASSIGN_OR_RETURN(const std::string tx, names->Transaction(found.txid));
    SPOOR_ASSIGN_OR_RETURN(const std::string from, names->Asset(found.from));
    SPOOR_ASSIGN_OR_RETURN(const std::string to, names->Asset(found.to));
    json->BeginObject();
    json->Key("tx").String(tx);
    json->Key("time").String(IsoTime(time));
    WriteOwner(owner, json);
    json->Key("from").String(from);
    json->Key("gave").Amount(found.gave);
    json->Key("tainted").Amount(found.tainted);
    json->Key("to").String(to);
    json->Key("got").Amount(found.got);
    json->EndObject();
  }
  json->EndArray();
  return absl::OkStatus();
}

absl::Status WritePolicy(const TraceReport& report, const TagsBehind& tags,
                         const PolicyResult& policy, std::vector<NameCache>* caches, Json* json) {
  json->BeginObject();
  json->Key("policy").String(policy.policy);
  json->Key("conserving").Bool(policy.conserving);
  json->Key("stolen").BeginArray();
  for (const auto& [of, units] : StolenByAsset(policy)) {
    std::vector<std::pair<SourceId, Units>> by_source;
    for (const Stolen& stolen : policy.stolen) {
      if (ChainAsset(stolen.chain, stolen.asset) == of) {
        by_source.emplace_back(stolen.source, stolen.units);
      }
    }
    SPOOR_ASSIGN_OR_RETURN(const std::string asset, (*caches)[of.first].Asset(of.second));
    json->BeginObject();
    json->Key("asset").String(asset);
    json->Key("amount").Amount(units);
    json->Key("by_source");
    WriteBySource(*report.result, by_source, json);
    json->EndObject();
  }
  json->EndArray();
  SPOOR_ASSIGN_OR_RETURN(const std::vector<TraceTotal> totals, TotalsOf(policy, caches));
  json->Key("totals");
  WriteTotals(report, totals, json);
  json->Key("endpoints").BeginArray();
  for (const Endpoint& end : policy.endpoints) {
    SPOOR_RETURN_IF_ERROR(WriteEndpoint(report, tags, end, &(*caches)[end.chain], json));
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
  json->Key("conversions");
  SPOOR_RETURN_IF_ERROR(WriteConversions(policy, caches, json));
  json->Key("movements").Number(policy.movements);
  json->Key("unresolved_inputs").Number(policy.unresolved_inputs);
  json->Key("opening_balances").Number(policy.opening_balances);
  json->Key("most_lots").Number(policy.most_lots);
  json->Key("warnings").BeginArray();
  SPOOR_ASSIGN_OR_RETURN(const std::vector<std::string> warnings,
                         WarningsOf(report, policy, caches));
  for (const std::string& warning : warnings) json->String(warning);
  json->EndArray();
  json->EndObject();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> TraceToJson(const TraceReport& report) {
  std::vector<NameCache> caches = MakeCaches(report);
  SPOOR_ASSIGN_OR_RETURN(const TagsBehind tags, FindTagsBehind(report, &caches));
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.trace.v1");
  json.Key("direction").String(report.back ? "back" : "forward");
  json.Key("tip");
  WriteTips(report, &json);
  json.Key("assets");
  SPOOR_RETURN_IF_ERROR(WriteAssets(report, &caches, &json));
  json.Key("seeds");
  SPOOR_RETURN_IF_ERROR(WriteSeeds(report, &caches, &json));
  json.Key("results").BeginArray();
  for (const PolicyResult& policy : report.result->policies) {
    SPOOR_RETURN_IF_ERROR(WritePolicy(report, tags, policy, &caches, &json));
  }
  json.EndArray();
  json.Key("bounds");
  SPOOR_RETURN_IF_ERROR(WriteBounds(report, &caches, &json));
  json.Key("bounds_warnings").BeginArray();
  for (const std::string& warning : BoundsWarnings(report)) json.String(warning);
  json.EndArray();
  json.EndObject();
  return json.Take();
}

}  // namespace spoor
