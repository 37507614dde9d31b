#ifndef SPOOR_LIB_REPORT_CASE_VIEW_H_
#define SPOOR_LIB_REPORT_CASE_VIEW_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "spoor/chain/amount.h"
#include "spoor/report/trace_document.h"

namespace spoor {

// A trace as its readers look at it: one row for each endpoint and each flow, with what every
// policy says of it side by side. Its texts are Visible().
class CaseView {
 public:
  using Document = TraceDocument;

  // What each policy has of a place, in the order of results(); null where it has nothing there.
  struct Endpoint {
    const Document::Endpoint* any = nullptr;
    std::vector<const Document::Endpoint*> by_policy;
  };
  struct Flow {
    const Document::Flow* any = nullptr;
    std::vector<const Document::Flow*> by_policy;
  };
  // All endpoints of one kind, category (empty: unknown) and asset.
  struct Total {
    std::string kind;
    std::string category;
    std::string asset;
    std::vector<Units> tainted;  // by policy
    std::vector<Units> stolen_units;
    std::vector<uint64_t> endpoints;
  };
  // Who gives or takes in a flow: an address, a descriptor, or fee, burned or minted.
  struct Owner {
    std::string chain;
    std::string name;
    std::string cluster;
    std::string actor;
    std::string category;
    bool sanctioned = false;
    bool seed = false;  // a seed names it
    // By asset and policy: what rests there; and what went on or rests, but did not come by a flow:
    // it was stolen there, or came of another asset, or backwards is where it all led to.
    std::map<std::string, std::vector<Units>> resting;
    std::map<std::string, std::vector<Units>> begins;
  };
  // A part of what a source lost of one asset: where it is, whatever it is by now, by policy, in
  // units of what was stolen.
  struct Share {
    std::string source;
    std::string asset;  // stolen
    std::string kind;
    std::string category;
    std::string actor;
    std::vector<Units> stolen_units;
  };

  explicit CaseView(const Document& document);
  CaseView(const CaseView&) = delete;
  CaseView& operator=(const CaseView&) = delete;

  const Document& document() const { return document_; }
  const std::vector<Document::Result>& results() const { return document_.results; }
  // The policy to show where only one can be shown: the first that conserves, else the first;
  // nullopt if there is none.
  std::optional<size_t> main_policy() const;

  // By the most stolen units that a conserving policy finds there, descending; then kind and place.
  const std::vector<Endpoint>& endpoints() const { return endpoints_; }
  // By the most units under any policy, descending; then asset, from and to.
  const std::vector<Flow>& flows() const { return flows_; }
  const std::vector<Total>& totals() const { return totals_; }  // by kind, category and asset
  const std::vector<Share>& shares() const { return shares_; }  // by source, asset, kind, ...
  // By chain and name.
  const std::map<std::pair<std::string, std::string>, Owner>& owners() const { return owners_; }
  // Those of flow.any.
  std::pair<std::string, std::string> From(const Flow& flow) const;
  std::pair<std::string, std::string> To(const Flow& flow) const;

  // "50.00000000 BTC"; base units of an asset whose decimals nobody states.
  std::string Coins(const Units& units, const std::string& asset) const;
  std::string Symbol(const std::string& asset) const;
  std::optional<int> Decimals(const std::string& asset) const;
  // The time of the latest block known; "1970-01-01T00:00:00Z" if there is none.
  std::string AsOf() const;

 private:
  void JoinEndpoints();
  void JoinFlows();
  void FindOwners();
  void FindBeginnings();
  void Sum();

  Document document_;
  std::vector<Endpoint> endpoints_;
  std::vector<Flow> flows_;
  std::vector<Total> totals_;
  std::vector<Share> shares_;
  std::map<std::pair<std::string, std::string>, Owner> owners_;
};

// "bitcoin" of "bitcoin:BTC".
std::string ChainOf(absl::string_view asset);
// The TXID of "TXID:N"; empty if `place` is no output.
std::string TransactionOf(absl::string_view place);
// What holds an endpoint: its address, else its script, else its place.
const std::string& HolderOf(const TraceDocument::Endpoint& end);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_CASE_VIEW_H_
