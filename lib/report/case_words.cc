#include "lib/report/case_words.h"

#include <cmath>
#include <map>

#include "absl/strings/str_cat.h"

namespace spoor {

std::string CaseTitle(const CaseView& view) {
  const std::optional<size_t> policy = view.main_policy();
  std::string what;
  if (policy.has_value()) {
    for (const TraceDocument::Stolen& stolen : view.results()[*policy].stolen) {
      absl::StrAppend(&what, what.empty() ? "" : ", ", view.Coins(stolen.amount, stolen.asset));
    }
  }
  return absl::StrCat("Trace of ", what.empty() ? "nothing" : what,
                      view.document().back ? ", to where it came from" : " stolen");
}

std::vector<std::string> CaseRemarks(const CaseView& view) {
  std::vector<std::string> remarks;
  const bool back = view.document().back;
  for (const TraceDocument::Bound& bound : view.document().bounds) {
    remarks.push_back(absl::StrCat(
        "Under any account of the units that conserves them, at least ",
        view.Coins(bound.lower, bound.asset), " and at most ", view.Coins(bound.upper, bound.asset),
        bound.kind.empty() ? (back ? " came from " : " arrived at ")
                           : (back ? " began as " : " ended as "),
        bound.kind.empty() ? bound.group : bound.kind, bound.category.empty() ? "" : ", ",
        bound.category, " (", bound.tightness.empty() ? "tightness unknown" : bound.tightness,
        ")."));
  }
  for (const std::string& warning : view.document().bounds_warnings) {
    remarks.push_back(absl::StrCat("Bounds: ", warning, "."));
  }
  for (const TraceDocument::Result& result : view.results()) {
    for (const std::string& warning : result.warnings) {
      remarks.push_back(absl::StrCat(result.policy, ": ", warning, "."));
    }
  }
  return remarks;
}

std::optional<absl::Time> CaseTime(absl::string_view text) {
  absl::Time time;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, nullptr)) return std::nullopt;
  if (time < absl::UnixEpoch() || time >= absl::FromUnixSeconds(253402300800)) return std::nullopt;
  return time;
}

std::optional<double> CoinNumber(const CaseView& view, const Units& units,
                                 const std::string& asset) {
  const std::optional<int> decimals = view.Decimals(asset);
  if (!decimals.has_value()) return std::nullopt;
  return units.convert_to<double>() / std::pow(10.0, *decimals);
}

std::vector<CaseTransaction> CaseTransactions(const CaseView& view) {
  const std::optional<size_t> policy = view.main_policy();
  std::map<std::string, CaseTransaction> by_txid;
  if (!policy.has_value()) return {};
  const TraceDocument::Result& result = view.results()[*policy];
  const auto at = [&](const std::string& txid, const std::string& time,
                      const std::string& asset) -> CaseTransaction& {
    CaseTransaction& transaction = by_txid[txid];
    transaction.txid = txid;
    if (transaction.asset.empty()) transaction.asset = asset;
    if (transaction.time.empty()) transaction.time = time;
    return transaction;
  };
  for (const TraceDocument::Flow& flow : result.flows) {
    for (const TraceDocument::FlowStep& step : flow.transactions) {
      CaseTransaction& transaction = at(step.tx, step.time, flow.asset);
      if (transaction.asset == flow.asset) transaction.tainted += step.tainted;
      if (transaction.flows.empty() || transaction.flows.back() != &flow) {
        transaction.flows.push_back(&flow);
      }
    }
  }
  for (const TraceDocument::Endpoint& end : result.endpoints) {
    const std::string txid = TransactionOf(end.place);
    if (!txid.empty()) at(txid, end.first, end.asset).ends.push_back(&end);
  }
  std::vector<CaseTransaction> transactions;
  for (auto& [txid, transaction] : by_txid) transactions.push_back(std::move(transaction));
  return transactions;
}

}  // namespace spoor
