#include "lib/report/trace_parts.h"

#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "spoor/base/status_macros.h"

namespace spoor {

std::vector<NameCache> MakeCaches(const TraceReport& report) {
  std::vector<NameCache> caches;
  for (size_t i = 0; i < report.views.size(); ++i) {
    caches.emplace_back(report.views[i], report.labels.empty() ? nullptr : &report.labels[i]);
  }
  return caches;
}

std::string PlaceText(const Endpoint& end) {
  if (!end.place.empty()) return end.place;
  if (!end.at_output) return ToText(end.txid);
  return absl::StrCat(ToText(end.txid), ":", end.output);
}

absl::StatusOr<std::string> PlaceText(const Path::Place& place, NameCache* names) {
  SPOOR_ASSIGN_OR_RETURN(const std::string name, names->Transaction(place.txid));
  return place.at_output ? absl::StrCat(name, ":", place.output) : name;
}

absl::Status AddPathLines(const Path& path, const std::string& units, int column, NameCache* names,
                          std::string* out) {
  absl::StrAppendFormat(out, "  %*s  %s by:\n", column, "", units);
  for (size_t i = 0; i < path.places.size(); ++i) {
    if (path.omitted > 0 && i == Path::kToldAtEachEnd) {
      absl::StrAppendFormat(out, "  %*s    (%d more)\n", column, "", path.omitted);
    }
    SPOOR_ASSIGN_OR_RETURN(const std::string place, PlaceText(path.places[i], names));
    absl::StrAppendFormat(out, "  %*s    %s\n", column, "", place);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::string>> WarningsOf(const TraceReport& report,
                                                    const PolicyResult& policy,
                                                    std::vector<NameCache>* caches) {
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
  if (policy.opening_balances > 0) {
    warnings.push_back(absl::StrCat(
        policy.opening_balances,
        policy.opening_balances == 1 ? " balance on the way has" : " balances on the way have",
        " an opening balance: the ledger begins later, and the least that is possible is taken "
        "to have been there, clean; every share computed beside it is uncertain"));
  }
  std::set<std::pair<uint32_t, AddressId>> by_size;
  for (const Endpoint& end : policy.endpoints) {
    if (end.by_size > 0) by_size.insert({end.chain, end.owner});
  }
  if (!by_size.empty()) {
    warnings.push_back(absl::StrCat(
        by_size.size(), by_size.size() == 1 ? " service has" : " services have", " no tag and ",
        by_size.size() == 1 ? "was" : "were",
        " found by size alone: more transfers than --service-degree allows one person"));
  }
  std::set<uint32_t> chains;
  for (const Stolen& stolen : policy.stolen) chains.insert(stolen.chain);
  for (const uint32_t chain : chains) {
    const ChainInfo& info = report.views[chain]->chain();
    if (!info.internal_transfers_missing) continue;
    warnings.push_back(absl::StrCat(
        "the ledger of ", info.name, " lacks internal transfers: what contracts passed on of ",
        info.symbol, " is not followed, and balances of it may be wrong"));
  }
  std::set<ChainAsset> assets;
  for (const Endpoint& end : policy.endpoints) assets.insert({end.chain, end.asset});
  for (const auto& [chain, asset] : assets) {
    NameCache& names = (*caches)[chain];
    SPOOR_ASSIGN_OR_RETURN(const AssetInfo info, names.InfoOf(asset));
    if (!info.lying) continue;
    SPOOR_ASSIGN_OR_RETURN(const std::string name, names.Asset(asset));
    warnings.push_back(absl::StrCat("the transfers of ", name,
                                    " are not what they say: its figures cannot be trusted"));
  }
  for (const CoinJoinOnTheWay& coinjoin : policy.coinjoins) {
    warnings.push_back(absl::StrCat("CoinJoin on the way (", CoinJoinName(coinjoin.kind), ", ",
                                    report.views[coinjoin.chain]->chain().name,
                                    "): ", ToText(coinjoin.txid)));
  }
  return warnings;
}

std::map<ChainAsset, Units> StolenByAsset(const PolicyResult& policy) {
  std::map<ChainAsset, Units> sums;
  for (const Stolen& stolen : policy.stolen) sums[{stolen.chain, stolen.asset}] += stolen.units;
  return sums;
}

}  // namespace spoor
