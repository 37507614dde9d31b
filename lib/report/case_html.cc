#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "lib/report/case_page.h"
#include "lib/report/case_view.h"
#include "lib/report/json.h"
#include "lib/report/json_reader.h"
#include "lib/report/visible.h"
#include "spoor/base/status_macros.h"
#include "spoor/report/case_files.h"

namespace spoor {
namespace {

// What a browser still shows at once. What is left out is counted on the page.
constexpr size_t kMostEndpoints = 20'000;
constexpr size_t kMostFlows = 5'000;
constexpr size_t kMostRemarks = 2'000;  // of each sort
constexpr size_t kMostEstimateValues = 1'000'000;

void WriteBySource(const TraceDocument::BySource& by_source, Json* json) {
  json->BeginObject();
  for (const auto& [source, units] : by_source) json->Key(source).Amount(units);
  json->EndObject();
}

void WriteAsset(const CaseView& view, const std::string& asset, Json* json) {
  json->Key(asset).BeginObject().Key("symbol").String(view.Symbol(asset));
  const std::optional<int> decimals = view.Decimals(asset);
  json->Key("decimals");
  decimals.has_value() ? json->Number(static_cast<uint64_t>(*decimals)) : json->Null();
  json->EndObject();
}

void WriteCase(const CaseView& view, Json* json) {
  const TraceDocument& document = view.document();
  json->Key("back").Bool(document.back);
  json->Key("tip").BeginArray();
  for (const TraceDocument::Tip& tip : document.tip) {
    json->BeginObject().Key("chain").String(tip.chain).Key("height").Number(tip.height);
    json->Key("hash").String(tip.hash).Key("time").String(tip.time).EndObject();
  }
  json->EndArray();
  std::set<std::string> assets;
  json->Key("seeds").BeginArray();
  for (const TraceDocument::Seed& seed : document.seeds) {
    assets.insert(seed.asset);
    json->BeginObject().Key("source").String(seed.source).Key("seed").String(seed.seed);
    json->Key("asset").String(seed.asset).Key("amount").Amount(seed.amount);
    json->Key("credits").Number(seed.credits).EndObject();
  }
  json->EndArray();
  for (const CaseView::Total& total : view.totals()) assets.insert(total.asset);
  for (const CaseView::Flow& flow : view.flows()) assets.insert(flow.any->asset);
  for (const TraceDocument::Bound& bound : document.bounds) assets.insert(bound.asset);
  json->Key("assets").BeginObject();
  for (const std::string& asset : assets) WriteAsset(view, asset, json);
  json->EndObject();
}

void WriteSpreads(const std::vector<TraceDocument::Spread>& spreads, Json* json) {
  json->BeginArray();
  for (size_t i = 0; i < std::min(spreads.size(), kMostRemarks); ++i) {
    const TraceDocument::Spread& spread = spreads[i];
    json->BeginObject().Key("asset").String(spread.asset).Key("tx").String(spread.tx);
    json->Key("time").String(spread.time).Key("outputs").Number(spread.outputs);
    json->Key("tainted").Amount(spread.tainted).EndObject();
  }
  json->EndArray();
}

void WritePolicies(const CaseView& view, Json* json) {
  json->Key("policies").BeginArray();
  for (const TraceDocument::Result& result : view.results()) {
    json->BeginObject().Key("name").String(result.policy);
    json->Key("conserving").Bool(result.conserving);
    json->Key("stolen").BeginArray();
    for (const TraceDocument::Stolen& stolen : result.stolen) {
      json->BeginObject().Key("asset").String(stolen.asset).Key("amount").Amount(stolen.amount);
      json->Key("by_source");
      WriteBySource(stolen.by_source, json);
      json->EndObject();
    }
    json->EndArray();
    json->Key("endpoints").Number(result.endpoints.size());
    json->Key("movements").Number(result.movements);
    json->Key("unresolved_inputs").Number(result.unresolved_inputs);
    json->Key("opening_balances").Number(result.opening_balances);
    json->Key("peel_chains").Number(result.peel_chains.size());
    json->Key("dormancies").BeginArray();
    for (size_t i = 0; i < std::min(result.dormancies.size(), kMostRemarks); ++i) {
      const TraceDocument::Dormancy& dormancy = result.dormancies[i];
      json->BeginObject().Key("asset").String(dormancy.asset).Key("place").String(dormancy.place);
      json->Key("from").String(dormancy.from).Key("to").String(dormancy.to);
      json->Key("tx").String(dormancy.tx).Key("tainted").Amount(dormancy.tainted).EndObject();
    }
    json->EndArray();
    json->Key("splits");
    WriteSpreads(result.splits, json);
    json->Key("merges");
    WriteSpreads(result.merges, json);
    json->Key("warnings").BeginArray();
    for (size_t i = 0; i < std::min(result.warnings.size(), kMostRemarks); ++i) {
      json->String(result.warnings[i]);
    }
    json->EndArray();
    json->Key("warnings_in_all").Number(result.warnings.size());
    json->EndObject();
  }
  json->EndArray();
}

void WriteEndpoints(const CaseView& view, Json* json) {
  json->Key("endpoints_in_all").Number(view.endpoints().size());
  json->Key("endpoints").BeginArray();
  for (size_t i = 0; i < std::min(view.endpoints().size(), kMostEndpoints); ++i) {
    const CaseView::Endpoint& row = view.endpoints()[i];
    const TraceDocument::Endpoint& end = *row.any;
    json->BeginObject();
    for (const auto& [name, text] :
         {std::pair("kind", &end.kind), std::pair("asset", &end.asset),
          std::pair("place", &end.place), std::pair("address", &end.address),
          std::pair("script", &end.script), std::pair("first", &end.first),
          std::pair("last", &end.last), std::pair("cluster", &end.cluster),
          std::pair("actor", &end.actor), std::pair("category", &end.category)}) {
      if (!text->empty()) json->Key(name).String(*text);
    }
    if (end.sanctioned) json->Key("sanctioned").Bool(true);
    json->Key("amount").Amount(end.amount).Key("hops").Number(end.hops);
    json->Key("by").BeginArray();
    for (const TraceDocument::Endpoint* of : row.by_policy) {
      if (of == nullptr) {
        json->Null();
      } else {
        json->BeginArray().Amount(of->tainted).Amount(of->stolen_units).EndArray();
      }
    }
    json->EndArray().EndObject();
  }
  json->EndArray();
}

void WriteFlows(const CaseView& view, Json* json) {
  json->Key("flows_in_all").Number(view.flows().size());
  json->Key("flows").BeginArray();
  for (size_t i = 0; i < std::min(view.flows().size(), kMostFlows); ++i) {
    const CaseView::Flow& row = view.flows()[i];
    json->BeginObject().Key("from").String(row.any->from).Key("to").String(row.any->to);
    json->Key("asset").String(row.any->asset).Key("by").BeginArray();
    for (const TraceDocument::Flow* of : row.by_policy) {
      if (of == nullptr) {
        json->Null();
        continue;
      }
      json->BeginArray().Amount(of->tainted).Number(of->movements).BeginArray();
      for (const TraceDocument::FlowStep& step : of->transactions) {
        json->BeginArray().String(step.tx).String(step.time).Amount(step.tainted).EndArray();
      }
      json->EndArray().EndArray();
    }
    json->EndArray().EndObject();
  }
  json->EndArray();
}

void WriteOwners(const CaseView& view, Json* json) {
  // Those of the flows written.
  std::set<std::pair<std::string, std::string>> shown;
  for (size_t i = 0; i < std::min(view.flows().size(), kMostFlows); ++i) {
    shown.insert(view.From(view.flows()[i]));
    shown.insert(view.To(view.flows()[i]));
  }
  json->Key("owners").BeginArray();
  for (const auto& [key, owner] : view.owners()) {
    // A theft that never moved has no flow.
    if (!shown.contains(key) && !owner.seed) continue;
    json->BeginObject().Key("chain").String(owner.chain).Key("name").String(owner.name);
    if (!owner.cluster.empty()) json->Key("cluster").String(owner.cluster);
    if (!owner.actor.empty()) json->Key("actor").String(owner.actor);
    if (!owner.category.empty()) json->Key("category").String(owner.category);
    if (owner.sanctioned) json->Key("sanctioned").Bool(true);
    if (owner.seed) json->Key("seed").Bool(true);
    for (const auto& [name, sums] :
         {std::pair("resting", &owner.resting), std::pair("begins", &owner.begins)}) {
      json->Key(name).BeginObject();
      for (const auto& [asset, units] : *sums) {
        json->Key(asset).BeginArray();
        for (const Units& of : units) json->Amount(of);
        json->EndArray();
      }
      json->EndObject();
    }
    json->EndObject();
  }
  json->EndArray();
}

void WriteSums(const CaseView& view, Json* json) {
  json->Key("totals").BeginArray();
  for (const CaseView::Total& total : view.totals()) {
    json->BeginObject().Key("kind").String(total.kind).Key("category").String(total.category);
    json->Key("asset").String(total.asset).Key("tainted").BeginArray();
    for (const Units& units : total.tainted) json->Amount(units);
    json->EndArray().Key("stolen_units").BeginArray();
    for (const Units& units : total.stolen_units) json->Amount(units);
    json->EndArray().Key("endpoints").BeginArray();
    for (const uint64_t count : total.endpoints) json->Number(count);
    json->EndArray().EndObject();
  }
  json->EndArray().Key("shares").BeginArray();
  for (const CaseView::Share& share : view.shares()) {
    json->BeginObject().Key("source").String(share.source).Key("asset").String(share.asset);
    json->Key("kind").String(share.kind);
    json->Key("category").String(share.category).Key("actor").String(share.actor);
    json->Key("stolen_units").BeginArray();
    for (const Units& units : share.stolen_units) json->Amount(units);
    json->EndArray().EndObject();
  }
  json->EndArray();
}

void WriteBounds(const CaseView& view, Json* json) {
  json->Key("bounds").BeginArray();
  for (const TraceDocument::Bound& bound : view.document().bounds) {
    json->BeginObject().Key("kind").String(bound.kind).Key("category").String(bound.category);
    json->Key("for").String(bound.group).Key("asset").String(bound.asset);
    json->Key("stolen").Amount(bound.stolen).Key("stolen_least").Amount(bound.stolen_least);
    json->Key("lower").Amount(bound.lower).Key("upper").Amount(bound.upper);
    json->Key("tightness").String(bound.tightness).EndObject();
  }
  json->EndArray().Key("bounds_warnings").BeginArray();
  for (const std::string& warning : view.document().bounds_warnings) json->String(warning);
  json->EndArray();
}

// Whatever stands there, with its texts made visible.
void WriteValue(const rapidjson::Value& value, Json* json) {
  switch (value.GetType()) {
    case rapidjson::kObjectType:
      json->BeginObject();
      for (const auto& member : value.GetObject()) {
        json->Key(Visible({member.name.GetString(), member.name.GetStringLength()}));
        WriteValue(member.value, json);
      }
      json->EndObject();
      return;
    case rapidjson::kArrayType:
      json->BeginArray();
      for (const rapidjson::Value& element : value.GetArray()) WriteValue(element, json);
      json->EndArray();
      return;
    case rapidjson::kStringType:
      json->String(Visible({value.GetString(), value.GetStringLength()}));
      return;
    case rapidjson::kNumberType:
      value.IsUint64() ? json->Number(value.GetUint64()) : json->Decimal(value.GetDouble());
      return;
    case rapidjson::kNullType:
      json->Null();
      return;
    default:
      json->Bool(value.GetBool());
  }
}

// Of each asset, the most that a conserving policy finds stolen.
std::map<std::string, Units> StolenBy(const TraceDocument& document) {
  std::map<std::string, Units> most;
  for (const TraceDocument::Result& result : document.results) {
    if (!result.conserving) continue;
    for (const TraceDocument::Stolen& stolen : result.stolen) {
      Units& units = most[stolen.asset];
      units = std::max(units, stolen.amount);
    }
  }
  return most;
}

// The estimate of one theft under the trace of another would be read as of both. One without a
// trace goes with any.
absl::Status CheckEstimateIsOf(const TraceDocument& document, const JsonPlace& root) {
  std::vector<std::pair<std::string, Units>> stolen;
  const auto read = [](const JsonPlace& at, std::pair<std::string, Units>* entry) -> absl::Status {
    SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &entry->first));
    return ReadMember(at, "most", &entry->second);
  };
  SPOOR_RETURN_IF_ERROR(ReadList(root, "stolen", &stolen, read));
  if (stolen.empty()) return absl::OkStatus();
  const std::map<std::string, Units> of_trace = StolenBy(document);
  if (std::map<std::string, Units>(stolen.begin(), stolen.end()) == of_trace) {
    return absl::OkStatus();
  }
  const auto say = [](const auto& amounts) {
    return absl::StrJoin(amounts, ", ", [](std::string* out, const auto& entry) {
      absl::StrAppend(out, ToDecimal(entry.second), " of ", Visible(entry.first));
    });
  };
  return absl::InvalidArgumentError(absl::StrCat("found an estimate of another trace, of ",
                                                 say(stolen), " stolen, wanted one of ",
                                                 say(of_trace)));
}

absl::Status WriteEstimate(const TraceDocument& document, absl::string_view estimate_json,
                           Json* json) {
  json->Key("estimate");
  if (estimate_json.empty()) {
    json->Null();
    return absl::OkStatus();
  }
  SPOOR_ASSIGN_OR_RETURN(const rapidjson::Document estimate,
                         ParseJsonDocument(estimate_json, kMostEstimateValues));
  const JsonPlace root(estimate);
  std::string schema;
  SPOOR_RETURN_IF_ERROR(ReadMember(root, "schema", &schema));
  if (schema != "spoor.estimate.v1") {
    return root.Error(absl::StrCat("schema \"", schema.substr(0, 80), "\""), "spoor.estimate.v1");
  }
  SPOOR_RETURN_IF_ERROR(CheckEstimateIsOf(document, root));
  WriteValue(estimate, json);
  return absl::OkStatus();
}

}  // namespace

bool HasCasePage() { return !CasePageBefore().empty(); }

absl::StatusOr<std::string> CaseToHtml(const TraceDocument& document,
                                       absl::string_view estimate_json) {
  if (!HasCasePage()) {
    return absl::FailedPreconditionError(
        "this libspoor was built without the page of reports: install nodejs and npm, and build it "
        "again");
  }
  const CaseView view(document);
  Json json;
  json.BeginObject();
  WriteCase(view, &json);
  WritePolicies(view, &json);
  WriteEndpoints(view, &json);
  WriteFlows(view, &json);
  WriteOwners(view, &json);
  WriteSums(view, &json);
  WriteBounds(view, &json);
  SPOOR_RETURN_IF_ERROR(WriteEstimate(document, estimate_json, &json));
  json.EndObject();
  // So that nothing in it ends the element that it stands in, or begins a comment.
  return absl::StrCat(CasePageBefore(), absl::StrReplaceAll(json.Take(), {{"<", "\\u003c"}}),
                      CasePageAfter());
}

}  // namespace spoor
