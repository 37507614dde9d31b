#include "lib/report/trace_parts.h"

#include "absl/strings/str_cat.h"

namespace spoor {

std::vector<NameCache> MakeCaches(const TraceReport& report) {
  std::vector<NameCache> caches;
  for (size_t i = 0; i < report.views.size(); ++i) {
    caches.emplace_back(report.views[i], report.labels.empty() ? nullptr : &report.labels[i]);
  }
  return caches;
}

std::string PlaceText(const Endpoint& end) {
  if (!end.pool.empty()) return end.pool;
  if (!end.at_output) return ToText(end.txid);
  return absl::StrCat(ToText(end.txid), ":", end.output);
}

std::string PlaceText(const Path::Place& place) {
  return place.at_output ? absl::StrCat(ToText(place.txid), ":", place.output) : ToText(place.txid);
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
  for (const CoinJoinOnTheWay& coinjoin : policy.coinjoins) {
    warnings.push_back(absl::StrCat("CoinJoin on the way (", CoinJoinName(coinjoin.kind), ", ",
                                    report.views[coinjoin.chain]->chain().name,
                                    "): ", ToText(coinjoin.txid)));
  }
  return warnings;
}

std::map<uint32_t, Units> StolenByChain(const PolicyResult& policy) {
  std::map<uint32_t, Units> sums;
  for (const Stolen& stolen : policy.stolen) sums[stolen.chain] += stolen.units;
  return sums;
}

}  // namespace spoor
