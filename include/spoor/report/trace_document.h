#ifndef SPOOR_REPORT_TRACE_DOCUMENT_H_
#define SPOOR_REPORT_TRACE_DOCUMENT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/chain/amount.h"

namespace spoor {

// A JSON document `spoor.trace.v1` (docs/trace.md) in values. Texts are as the document has them:
// names, labels and warnings may be an enemy's words. A text that is null or missing is empty.
// Amounts are base units of the asset beside them.
struct TraceDocument {
  using BySource = std::map<std::string, Units>;

  struct Tip {
    std::string chain;
    uint64_t height = 0;
    std::string hash;
    std::string time;
  };
  struct Seed {
    std::string source;
    std::string seed;
    std::string asset;
    Units amount;
    uint64_t credits = 0;
    std::string first;  // when the first of them came, ISO 8601
  };
  // How an asset is written for people; only of assets that the document describes.
  struct Asset {
    std::string symbol;
    int decimals = 0;
  };
  struct Stolen {
    std::string asset;
    Units amount;
    BySource by_source;
  };
  struct Path {
    std::string source;
    Units tainted;
    std::vector<std::string> places;
    uint64_t omitted = 0;  // places left out in the middle
  };
  // Units at an endpoint that one source stole as one asset.
  struct Origin {
    std::string source;
    std::string asset;
    Units tainted;       // of the endpoint's asset
    Units stolen_units;  // of `asset`
  };
  struct Endpoint {
    std::string kind;
    std::string asset;
    std::string place;
    std::string address;
    std::string script;
    Units amount;
    Units tainted;
    Units stolen_units;  // of what was stolen, whatever the asset now
    BySource by_source;
    std::vector<Origin> origins;  // of account chains; else empty
    uint64_t hops = 0;
    std::string first;  // times, ISO 8601
    std::string last;
    std::string cluster;
    std::string actor;
    std::string category;
    bool sanctioned = false;
    std::vector<Path> paths;
  };
  // A transaction that carried a part of a flow.
  struct FlowStep {
    std::string tx;
    std::string time;
    Units tainted;
  };
  struct Flow {
    std::string from;
    std::string to;
    std::string asset;
    Units tainted;
    uint64_t movements = 0;
    std::vector<FlowStep> transactions;  // some of them, in the chain's order
  };
  struct Dormancy {
    std::string asset;
    std::string place;
    std::string address;
    Units amount;
    Units tainted;
    std::string from;
    std::string to;
    std::string tx;
  };
  // A split into many outputs, or a merge of many.
  struct Spread {
    std::string asset;
    std::string tx;
    std::string time;
    uint64_t outputs = 0;
    Units tainted;
  };
  struct PeelChain {
    std::string asset;
    std::string start;
    uint64_t steps = 0;
  };
  struct Result {
    std::string policy;
    bool conserving = false;
    std::vector<Stolen> stolen;
    std::vector<Endpoint> endpoints;
    std::vector<Flow> flows;
    std::vector<PeelChain> peel_chains;
    std::vector<Dormancy> dormancies;
    std::vector<Spread> splits;
    std::vector<Spread> merges;
    uint64_t movements = 0;
    uint64_t unresolved_inputs = 0;
    uint64_t opening_balances = 0;
    std::vector<std::string> warnings;
  };
  struct Bound {
    std::string kind;      // empty: of `group`
    std::string category;  // empty: all of the kind
    std::string group;
    std::string asset;
    Units stolen;
    Units stolen_least;
    Units lower;
    Units upper;
    std::string tightness;
  };

  bool back = false;  // of `trace back`
  std::vector<Tip> tip;
  std::vector<Seed> seeds;
  std::map<std::string, Asset> assets;  // by the name that amounts stand beside
  std::vector<Result> results;
  std::vector<Bound> bounds;
  std::vector<std::string> bounds_warnings;
};

// Reads what `trace follow --json` or `trace back --json` printed, or anybody else: nothing in it
// is taken for granted. Members it does not know are passed over. DATA_LOSS, naming the place in
// the document, if `json` is no UTF-8, no JSON, deeper or larger than any trace, of another schema,
// has something else where a member belongs, two results of one policy, or a conserving policy
// whose endpoints do not add up to what was stolen.
absl::StatusOr<TraceDocument> ReadTraceDocument(absl::string_view json);

}  // namespace spoor

#endif  // SPOOR_REPORT_TRACE_DOCUMENT_H_
