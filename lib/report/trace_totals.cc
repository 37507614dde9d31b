#include "lib/report/trace_totals.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/category.h"
#include "spoor/ledger/names.h"

namespace spoor {

absl::StatusOr<std::vector<TraceTotal>> TotalsOf(const PolicyResult& policy,
                                                 std::vector<NameCache>* caches) {
  using Key = std::tuple<uint32_t, AssetId, EndpointKind, std::string, std::string>;
  std::map<Key, TraceTotal> sums;
  std::map<Key, std::map<SourceId, Units>> by_source;
  for (const Endpoint& end : policy.endpoints) {
    SPOOR_ASSIGN_OR_RETURN(const Label label, (*caches)[end.chain].LabelOf(end.owner));
    const std::string category(
        label.category() == Category::kUnknown ? "" : CategoryName(label.category()));
    const Key key(end.chain, end.asset, end.kind, category, std::string(label.actor()));
    TraceTotal& sum = sums[key];
    ++sum.endpoints;
    sum.tainted += end.tainted;
    for (const auto& [source, units] : end.by_source) by_source[key][source] += units;
  }
  std::vector<TraceTotal> totals;
  for (auto& [key, sum] : sums) {
    TraceTotal& total = totals.emplace_back(std::move(sum));
    total.chain = std::get<0>(key);
    total.kind = std::get<2>(key);
    total.category = std::get<3>(key);
    total.actor = std::get<4>(key);
    SPOOR_ASSIGN_OR_RETURN(total.asset, NameAsset((*caches)[total.chain].view(), std::get<1>(key)));
    const auto& sources = by_source[key];
    total.by_source.assign(sources.begin(), sources.end());
  }
  std::stable_sort(totals.begin(), totals.end(), [](const TraceTotal& a, const TraceTotal& b) {
    if (a.tainted != b.tainted) return a.tainted > b.tainted;
    return std::tuple(a.asset, EndpointKindName(a.kind), a.category, a.actor) <
           std::tuple(b.asset, EndpointKindName(b.kind), b.category, b.actor);
  });
  return totals;
}

void WriteTotals(const TraceReport& report, const std::vector<TraceTotal>& totals, Json* json) {
  const auto text = [&](absl::string_view key, absl::string_view value) {
    json->Key(key);
    value.empty() ? json->Null() : json->String(value);
  };
  json->BeginArray();
  for (const TraceTotal& total : totals) {
    json->BeginObject();
    json->Key("kind").String(EndpointKindName(total.kind));
    text("category", total.category);
    text("actor", total.actor);
    json->Key("asset").String(total.asset);
    json->Key("endpoints").Number(total.endpoints);
    json->Key("tainted").Amount(total.tainted);
    std::map<std::string, Units> by_source;
    for (const auto& [source, units] : total.by_source) {
      by_source[report.result->sources[source - 1]] = units;
    }
    json->Key("by_source").BeginObject();
    for (const auto& [name, units] : by_source) json->Key(name).Amount(units);
    json->EndObject();
    json->EndObject();
  }
  json->EndArray();
}

std::string TotalsText(const TraceReport& report, const std::vector<TraceTotal>& totals,
                       uint32_t chain, size_t rows) {
  const ChainInfo& info = report.views[chain]->chain();
  const std::vector<std::string>& sources = report.result->sources;
  std::vector<const TraceTotal*> shown;
  bool known = false;
  for (const TraceTotal& total : totals) {
    if (total.chain != chain || total.asset != info.NativeAsset()) continue;
    shown.push_back(&total);
    known |= !total.category.empty() || !total.actor.empty();
  }
  if (shown.empty() || (!known && sources.size() < 2)) return "";
  std::string out;
  for (size_t i = 0; i < shown.size() && i < rows; ++i) {
    const TraceTotal& total = *shown[i];
    const std::string who =
        absl::StrCat(total.actor, total.actor.empty() || total.category.empty() ? "" : " ",
                     total.category.empty() ? "" : absl::StrCat("(", total.category, ")"));
    absl::StrAppendFormat(&out, "  %18s  %-11s  %s\n", FormatUnits(total.tainted, info.decimals),
                          EndpointKindName(total.kind), who.empty() ? "nobody known" : who);
    if (sources.size() < 2) continue;
    for (size_t s = 0; s < total.by_source.size() && s < rows; ++s) {
      const auto& [source, units] = total.by_source[s];
      absl::StrAppendFormat(&out, "  %18s    %18s of %s\n", "", FormatUnits(units, info.decimals),
                            sources[source - 1]);
    }
    if (total.by_source.size() > rows) {
      absl::StrAppendFormat(&out, "  %18s    (%d more thefts, in --json)\n", "",
                            total.by_source.size() - rows);
    }
  }
  if (shown.size() > rows) {
    absl::StrAppendFormat(&out, "  (%d more totals, in --json)\n", shown.size() - rows);
  }
  return out;
}

}  // namespace spoor
