#include "spoor/report/trace_document.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "lib/report/json_reader.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

using Document = TraceDocument;

constexpr char kSchema[] = "spoor.trace.v1";
// Far above any trace that a person can look at: six policies of 200,000 endpoints each.
constexpr size_t kMostBytes = size_t{1} << 30;
constexpr size_t kMostValues = 40'000'000;
// More digits than any asset has, and than 256 bits have.
constexpr int kMostDecimals = 77;

absl::Status ReadText(const JsonPlace& at, std::string* out) { return at.Read(out); }

absl::Status ReadTip(const JsonPlace& at, Document::Tip* tip) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "chain", &tip->chain));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "height", &tip->height));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "hash", &tip->hash));
  return ReadMember(at, "time", &tip->time);
}

absl::Status ReadSeed(const JsonPlace& at, Document::Seed* seed) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "source", &seed->source));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "seed", &seed->seed));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &seed->asset));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "amount", &seed->amount));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "credits", &seed->credits));
  return ReadOptional(at, "first", &seed->first);
}

absl::Status ReadStolen(const JsonPlace& at, Document::Stolen* stolen) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &stolen->asset));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "amount", &stolen->amount));
  return ReadOptional(at, "by_source", &stolen->by_source);
}

absl::Status ReadPath(const JsonPlace& at, Document::Path* path) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "source", &path->source));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "tainted", &path->tainted));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "omitted", &path->omitted));
  return ReadList(at, "places", &path->places, ReadText);
}

absl::Status ReadOrigin(const JsonPlace& at, Document::Origin* origin) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "source", &origin->source));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &origin->asset));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "tainted", &origin->tainted));
  return ReadMember(at, "stolen_units", &origin->stolen_units);
}

absl::Status ReadEndpoint(const JsonPlace& at, Document::Endpoint* end) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "kind", &end->kind));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &end->asset));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "place", &end->place));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "address", &end->address));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "script", &end->script));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "amount", &end->amount));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "tainted", &end->tainted));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "stolen_units", &end->stolen_units));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "by_source", &end->by_source));
  SPOOR_RETURN_IF_ERROR(ReadList(at, "origins", &end->origins, ReadOrigin));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "hops", &end->hops));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "first", &end->first));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "last", &end->last));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "cluster", &end->cluster));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "actor", &end->actor));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "category", &end->category));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "sanctioned", &end->sanctioned));
  return ReadList(at, "paths", &end->paths, ReadPath);
}

absl::Status ReadFlowStep(const JsonPlace& at, Document::FlowStep* step) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "tx", &step->tx));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "time", &step->time));
  return ReadMember(at, "tainted", &step->tainted);
}

absl::Status ReadFlow(const JsonPlace& at, Document::Flow* flow) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "from", &flow->from));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "to", &flow->to));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &flow->asset));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "tainted", &flow->tainted));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "movements", &flow->movements));
  return ReadList(at, "transactions", &flow->transactions, ReadFlowStep);
}

absl::Status ReadPeelChain(const JsonPlace& at, Document::PeelChain* chain) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &chain->asset));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "start", &chain->start));
  return ReadMember(at, "steps", &chain->steps);
}

absl::Status ReadDormancy(const JsonPlace& at, Document::Dormancy* dormancy) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &dormancy->asset));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "place", &dormancy->place));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "address", &dormancy->address));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "amount", &dormancy->amount));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "tainted", &dormancy->tainted));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "from", &dormancy->from));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "to", &dormancy->to));
  return ReadMember(at, "tx", &dormancy->tx);
}

absl::Status ReadSpread(const JsonPlace& at, Document::Spread* spread) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &spread->asset));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "tx", &spread->tx));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "time", &spread->time));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "outputs", &spread->outputs));
  return ReadMember(at, "tainted", &spread->tainted);
}

// Whether the endpoints hold what was stolen, to the unit, and sums of them are amounts.
absl::Status CheckSums(const JsonPlace& at, const Document::Result& result) {
  // Wide enough that what a liar writes does not wrap around to the right sum.
  using Sum = boost::multiprecision::uint512_t;
  Sum stolen = 0;
  for (const Document::Stolen& part : result.stolen) stolen += Sum(part.amount);
  Sum ends = 0;
  Sum tainted = 0;
  for (const Document::Endpoint& end : result.endpoints) {
    ends += Sum(end.stolen_units);
    tainted += Sum(end.tainted);
  }
  if (std::max({stolen, ends, tainted}) > Sum(std::numeric_limits<Units>::max())) {
    return at.Error("sums of more than 256 bits", "amounts that there can be");
  }
  if (!result.conserving || stolen == ends) return absl::OkStatus();
  return at.Error(absl::StrCat("endpoints with ", ends.str(), " stolen units in all"),
                  absl::StrCat(stolen.str(), ", what was stolen"));
}

absl::Status ReadResult(const JsonPlace& at, Document::Result* result) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "policy", &result->policy));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "conserving", &result->conserving));
  SPOOR_RETURN_IF_ERROR(ReadList(at, "stolen", &result->stolen, ReadStolen));
  SPOOR_RETURN_IF_ERROR(ReadList(at, "endpoints", &result->endpoints, ReadEndpoint));
  SPOOR_RETURN_IF_ERROR(ReadList(at, "flows", &result->flows, ReadFlow));
  SPOOR_RETURN_IF_ERROR(ReadList(at, "peel_chains", &result->peel_chains, ReadPeelChain));
  SPOOR_RETURN_IF_ERROR(ReadList(at, "dormancies", &result->dormancies, ReadDormancy));
  SPOOR_RETURN_IF_ERROR(ReadList(at, "splits", &result->splits, ReadSpread));
  SPOOR_RETURN_IF_ERROR(ReadList(at, "merges", &result->merges, ReadSpread));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "movements", &result->movements));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "unresolved_inputs", &result->unresolved_inputs));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "opening_balances", &result->opening_balances));
  SPOOR_RETURN_IF_ERROR(ReadList(at, "warnings", &result->warnings, ReadText));
  return CheckSums(at, *result);
}

absl::Status ReadBound(const JsonPlace& at, Document::Bound* bound) {
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "kind", &bound->kind));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "category", &bound->category));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "for", &bound->group));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "asset", &bound->asset));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "stolen", &bound->stolen));
  bound->stolen_least = bound->stolen;
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "stolen_least", &bound->stolen_least));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "lower", &bound->lower));
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "upper", &bound->upper));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "tightness", &bound->tightness));
  if (bound->lower <= bound->upper) return absl::OkStatus();
  return at.Error(absl::StrCat("a lower bound of ", ToDecimal(bound->lower)),
                  absl::StrCat("no more than the upper, ", ToDecimal(bound->upper)));
}

struct NamedAsset {
  std::string name;
  Document::Asset asset;
};

absl::Status ReadAsset(const JsonPlace& at, NamedAsset* asset) {
  SPOOR_RETURN_IF_ERROR(ReadMember(at, "asset", &asset->name));
  SPOOR_RETURN_IF_ERROR(ReadOptional(at, "symbol", &asset->asset.symbol));
  return ReadMember(at, "decimals", &asset->asset.decimals);
}

}  // namespace

absl::StatusOr<TraceDocument> ReadTraceDocument(absl::string_view json) {
  if (json.size() > kMostBytes) {
    return absl::DataLossError(
        absl::StrCat("found ", json.size(), " bytes, wanted at most ", kMostBytes));
  }
  SPOOR_ASSIGN_OR_RETURN(const rapidjson::Document parsed, ParseJsonDocument(json, kMostValues));
  const JsonPlace root(parsed);
  std::string schema;
  SPOOR_RETURN_IF_ERROR(ReadMember(root, "schema", &schema));
  if (schema != kSchema) {
    return root.Error(absl::StrCat("schema \"", schema.substr(0, 80), "\""), kSchema);
  }
  TraceDocument document;
  std::string direction = "forward";
  SPOOR_RETURN_IF_ERROR(ReadOptional(root, "direction", &direction));
  if (direction != "forward" && direction != "back") {
    return root.Error(absl::StrCat("direction \"", direction.substr(0, 80), "\""),
                      "forward or back");
  }
  document.back = direction == "back";
  SPOOR_RETURN_IF_ERROR(ReadList(root, "tip", &document.tip, ReadTip));
  SPOOR_RETURN_IF_ERROR(ReadList(root, "seeds", &document.seeds, ReadSeed));
  std::vector<NamedAsset> assets;
  SPOOR_RETURN_IF_ERROR(ReadList(root, "assets", &assets, ReadAsset));
  for (NamedAsset& asset : assets) {
    // A token may say anything of itself.
    if (asset.asset.decimals > kMostDecimals) continue;
    document.assets[asset.name] = std::move(asset.asset);
  }
  SPOOR_RETURN_IF_ERROR(ReadList(root, "results", &document.results, ReadResult));
  SPOOR_RETURN_IF_ERROR(ReadList(root, "bounds", &document.bounds, ReadBound));
  SPOOR_RETURN_IF_ERROR(ReadList(root, "bounds_warnings", &document.bounds_warnings, ReadText));
  std::set<std::string> policies;
  for (const Document::Result& result : document.results) {
    if (!policies.insert(result.policy).second) {
      return root.Error(absl::StrCat("two results of ", result.policy.substr(0, 80)), "one");
    }
  }
  return document;
}

}  // namespace spoor
