#include "spoor/report/cluster_report.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "lib/report/json.h"
#include "lib/report/names.h"
#include "lib/report/tags_of_address.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/same_key.h"
#include "spoor/ledger/find_address.h"

namespace spoor {
namespace {

// The balance of a cluster is added up from its addresses' outputs, unless it has more than this.
constexpr size_t kMostSummed = 10'000;

absl::string_view ReasonText(ClusterConflict::Reason reason) {
  return reason == ClusterConflict::Reason::kTwoLarge ? "two large clusters"
                                                      : "tagged as different actors";
}

struct Found {
  const ChainClusters* chain = nullptr;
  std::vector<AddressId> ids;
};

// The only chain that has all of the addresses.
absl::StatusOr<Found> FindAll(absl::Span<const ChainClusters> chains,
                              absl::Span<const absl::string_view> texts) {
  std::vector<const LedgerView*> views;
  for (const ChainClusters& chain : chains) views.push_back(chain.view);
  std::vector<Found> found;
  for (const ChainClusters& chain : chains) found.push_back({&chain, {}});
  for (const absl::string_view text : texts) {
    SPOOR_ASSIGN_OR_RETURN(const AddressSearch search, FindAddressOnChains(views, text));
    if (search.places.empty()) return absl::InvalidArgumentError(search.why_none);
    for (const AddressPlace& place : search.places) found[place.chain].ids.push_back(place.id);
  }
  std::erase_if(found, [&](const Found& one) { return one.ids.size() < texts.size(); });
  if (found.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat(absl::StrJoin(texts, " and "), " are not on one chain"));
  }
  if (found.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(texts[0], " is on more than one chain; write CHAIN:", texts[0]));
  }
  return found[0];
}

absl::StatusOr<std::string> TxOf(const LedgerView& view, Position position) {
  SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(view, position));
  return NameTransaction(view, movement.txid);
}

void WriteState(const ClusterState& state, Json* json) {
  json->Key("addresses").Number(state.addresses);
  json->Key("clusters").Number(state.clusters);
  json->Key("of_two_or_more").Number(state.shared);
  json->Key("largest").Number(state.largest);
  json->Key("merges").BeginObject();
  for (const HeuristicInfo& info : Heuristics()) {
    const auto it = state.merges.find(info.heuristic);
    if (it != state.merges.end()) json->Key(info.name).Number(it->second);
  }
  json->EndObject();
  json->Key("conflicts").Number(state.conflicts);
}

}  // namespace

absl::StatusOr<std::string> ReportClusters(absl::Span<const ChainClusters> chains, ReportForm form,
                                           size_t rows) {
  ClusterState sum;
  for (const ChainClusters& chain : chains) {
    const ClusterState& state = chain.clusters->state();
    sum.addresses += state.addresses;
    sum.clusters += state.clusters;
    sum.shared += state.shared;
    sum.largest = std::max(sum.largest, state.largest);
    sum.conflicts += state.conflicts;
    for (const auto& [heuristic, merges] : state.merges) sum.merges[heuristic] += merges;
  }
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.clusters.v1");
  WriteState(sum, &json);
  json.Key("chains").BeginArray();
  std::string text;
  for (const ChainClusters& chain : chains) {
    const ClusterState& state = chain.clusters->state();
    NameCache names(chain.view);
    json.BeginObject();
    json.Key("chain").String(chain.view->chain().name);
    json.Key("height").Number(state.height);
    json.Key("hash").String(ToText(state.hash, HashTextOf(chain.view->chain())));
    json.Key("heuristics").String(HeuristicsText(state.heuristics));
    json.Key("guard").Number(state.guard);
    WriteState(state, &json);
    absl::StrAppendFormat(&text,
                          "%s, up to block %d\n  %d addresses in %d clusters, %d of two addresses "
                          "or more, the largest of %d\n",
                          chain.view->chain().name, state.height, state.addresses, state.clusters,
                          state.shared, state.largest);
    for (const HeuristicInfo& info : Heuristics()) {
      const auto it = state.merges.find(info.heuristic);
      if (it == state.merges.end()) continue;
      absl::StrAppendFormat(&text, "  %12d merges by %-20s %s\n", it->second, info.name, info.what);
    }
    json.Key("held_back").BeginArray();
    absl::StrAppendFormat(&text, "  %12d merges held back\n", state.conflicts);
    // A table has no more of them than it shows.
    const uint64_t most = form == ReportForm::kJson ? state.conflicts : rows;
    SPOOR_RETURN_IF_ERROR(
        chain.clusters->VisitConflicts(most, [&](const ClusterConflict& conflict) -> absl::Status {
          SPOOR_ASSIGN_OR_RETURN(const OwnerName from, names.Owner(conflict.evidence.from));
          SPOOR_ASSIGN_OR_RETURN(const OwnerName to, names.Owner(conflict.evidence.to));
          SPOOR_ASSIGN_OR_RETURN(const std::string tx,
                                 TxOf(*chain.view, conflict.evidence.position));
          json.BeginObject();
          json.Key("from").String(from.text);
          json.Key("to").String(to.text);
          json.Key("heuristic").String(HeuristicName(conflict.evidence.heuristic));
          json.Key("tx").String(tx);
          json.Key("reason").String(ReasonText(conflict.reason));
          json.Key("from_size").Number(conflict.from_size);
          json.Key("to_size").Number(conflict.to_size);
          json.EndObject();
          absl::StrAppend(&text, "    ", ReasonText(conflict.reason), ", of ", conflict.from_size,
                          " and ", conflict.to_size, " addresses: ", from.text, " and ", to.text,
                          " by ", HeuristicName(conflict.evidence.heuristic), " in ", tx, "\n");
          return absl::OkStatus();
        }));
    if (state.conflicts > most) {
      absl::StrAppend(&text, "    (", state.conflicts - most, " more, in --json)\n");
    }
    json.EndArray();
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  if (chains.empty()) text = "the ledger is empty\n";
  return form == ReportForm::kJson ? json.Take() : text;
}

namespace {

// The key by which two addresses are one's, as an input has revealed it of either; nothing if none
// has: then their hashes alone show it.
struct StepKey {
  std::string key;
  std::string revealed_in;  // a txid
};
absl::StatusOr<StepKey> KeyOfStep(const LedgerView& view, const Evidence& step) {
  StepKey found;
  if (step.heuristic != Heuristic::kSameKey) return found;
  for (const AddressId id : {step.from, step.to}) {
    SPOOR_ASSIGN_OR_RETURN(const AddressKeys keys, KeysOfAddress(view, id));
    if (!keys.key.has_value() || !keys.revealed.has_value() || *keys.revealed > step.position) {
      continue;
    }
    found.key = ToHex(keys.key->Compressed());
    SPOOR_ASSIGN_OR_RETURN(found.revealed_in, TxOf(view, *keys.revealed));
    break;
  }
  return found;
}

}  // namespace

namespace {

// Tells which signs would join the clusters of the two, and were not followed.
absl::Status AddHeldBack(const ChainClusters& chain, AddressId from, AddressId to, Json* json,
                         std::string* text) {
  constexpr uint64_t kMostLookedAt = 10'000;
  constexpr int kMostTold = 10;
  std::vector<ClusterConflict> conflicts;
  SPOOR_RETURN_IF_ERROR(
      chain.clusters->VisitConflicts(kMostLookedAt, [&](const ClusterConflict& conflict) {
        conflicts.push_back(conflict);
        return absl::OkStatus();
      }));
  std::vector<AddressId> ids = {from, to};
  for (const ClusterConflict& conflict : conflicts) {
    ids.insert(ids.end(), {conflict.evidence.from, conflict.evidence.to});
  }
  std::vector<AddressId> roots;
  SPOOR_RETURN_IF_ERROR(chain.clusters->Find(ids, &roots));
  const auto asked = std::minmax(roots[0], roots[1]);
  NameCache names(chain.view);
  int told = 0;
  json->Key("held_back").BeginArray();
  for (size_t i = 0; i < conflicts.size() && told < kMostTold; ++i) {
    if (std::minmax(roots[2 * i + 2], roots[2 * i + 3]) != asked) continue;
    ++told;
    const Evidence& evidence = conflicts[i].evidence;
    SPOOR_ASSIGN_OR_RETURN(const OwnerName one, names.Owner(evidence.from));
    SPOOR_ASSIGN_OR_RETURN(const OwnerName other, names.Owner(evidence.to));
    SPOOR_ASSIGN_OR_RETURN(const std::string tx, TxOf(*chain.view, evidence.position));
    json->BeginObject();
    json->Key("from").String(one.text);
    json->Key("to").String(other.text);
    json->Key("heuristic").String(HeuristicName(evidence.heuristic));
    json->Key("tx").String(tx);
    json->Key("reason").String(ReasonText(conflicts[i].reason));
    json->EndObject();
    absl::StrAppend(text, "  held back, ", ReasonText(conflicts[i].reason), ": ", one.text, " and ",
                    other.text, " by ", HeuristicName(evidence.heuristic), " in ", tx, "\n");
  }
  json->EndArray();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> ReportWhy(absl::Span<const ChainClusters> chains,
                                      absl::string_view from, absl::string_view to,
                                      ReportForm form) {
  SPOOR_ASSIGN_OR_RETURN(const Found found, FindAll(chains, {from, to}));
  SPOOR_ASSIGN_OR_RETURN(const auto path, found.chain->clusters->Why(found.ids[0], found.ids[1]));
  NameCache names(found.chain->view);
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.why.v1");
  json.Key("same_cluster").Bool(path.has_value());
  json.Key("path").BeginArray();
  std::string text;
  if (path.has_value()) {
    SPOOR_ASSIGN_OR_RETURN(const OwnerName first, names.Owner(found.ids[0]));
    absl::StrAppend(&text, first.text, "\n");
    absl::flat_hash_map<Heuristic, absl::string_view> words;
    for (const HeuristicInfo& info : Heuristics()) words[info.heuristic] = info.what;
    for (const Evidence& step : *path) {
      SPOOR_ASSIGN_OR_RETURN(const OwnerName step_from, names.Owner(step.from));
      SPOOR_ASSIGN_OR_RETURN(const OwnerName step_to, names.Owner(step.to));
      SPOOR_ASSIGN_OR_RETURN(const Movement movement,
                             ReadMovement(*found.chain->view, step.position));
      SPOOR_ASSIGN_OR_RETURN(const int64_t time, names.Time(movement.height));
      SPOOR_ASSIGN_OR_RETURN(const std::string tx,
                             NameTransaction(*found.chain->view, movement.txid));
      json.BeginObject();
      json.Key("from").String(step_from.text);
      json.Key("to").String(step_to.text);
      json.Key("heuristic").String(HeuristicName(step.heuristic));
      json.Key("tx").String(tx);
      json.Key("block").Number(movement.height);
      json.Key("time").String(IsoTime(time));
      SPOOR_ASSIGN_OR_RETURN(const StepKey key, KeyOfStep(*found.chain->view, step));
      if (!key.key.empty()) {
        json.Key("key").String(key.key);
        json.Key("key_revealed_in").String(key.revealed_in);
      }
      json.EndObject();
      absl::StrAppend(&text, "  ", words[step.heuristic], " (", HeuristicName(step.heuristic),
                      "): ", tx, ", ", TableTime(time), " UTC\n");
      if (!key.key.empty()) {
        absl::StrAppend(&text, "  the key is ", key.key, ", revealed in ", key.revealed_in, "\n");
      }
      absl::StrAppend(&text, step_to.text, "\n");
    }
    absl::StrAppend(&text, path->size(), path->size() == 1 ? " step\n" : " steps\n");
  } else {
    absl::StrAppend(&text, "not in one cluster: no sign that was followed joins them\n");
  }
  json.EndArray();
  if (!path.has_value()) {
    SPOOR_RETURN_IF_ERROR(AddHeldBack(*found.chain, found.ids[0], found.ids[1], &json, &text));
  }
  json.EndObject();
  return form == ReportForm::kJson ? json.Take() : text;
}

absl::StatusOr<std::string> ShowCluster(absl::Span<const ChainClusters> chains,
                                        const TagTable* tags, absl::string_view what,
                                        ReportForm form, size_t rows) {
  if (absl::StartsWith(what, kClusterPrefix)) what.remove_prefix(kClusterPrefix.size());
  SPOOR_ASSIGN_OR_RETURN(const Found found, FindAll(chains, {what}));
  const LedgerView& view = *found.chain->view;
  const ChainInfo& chain = view.chain();
  SPOOR_ASSIGN_OR_RETURN(const std::vector<AddressId> members,
                         found.chain->clusters->Members(found.ids[0]));
  SPOOR_ASSIGN_OR_RETURN(const std::string name, ClusterName(view, members.front()));
  SPOOR_ASSIGN_OR_RETURN(const KnownTags known,
                         ReadClusterTags(view, *found.chain->clusters, tags, members.front()));
  AddressSummary sum;
  const bool summed = members.size() <= kMostSummed;
  for (size_t i = 0; summed && i < members.size(); ++i) {
    SPOOR_ASSIGN_OR_RETURN(const AddressSummary one, SummarizeAddress(view, members[i]));
    sum.balance += one.balance;
    sum.received += one.received;
    sum.sent += one.sent;
  }
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.show.v1");
  json.Key("kind").String("cluster");
  json.Key("chain").String(chain.name);
  json.Key("cluster").String(name);
  json.Key("size").Number(members.size());
  json.Key("asset").String(chain.NativeAsset());
  for (const auto& [key, amount] :
       {std::pair("balance", &sum.balance), std::pair("received", &sum.received),
        std::pair("sent", &sum.sent)}) {
    json.Key(key);
    summed ? json.Amount(*amount) : json.Null();
  }
  WriteTags(known, &json);
  json.Key("addresses").BeginArray();
  const auto coins = [&](const Units& units) { return FormatUnits(units, chain.decimals); };
  std::string text =
      absl::StrCat("cluster  ", name, " (", chain.name, ")\nsize     ", members.size(),
                   members.size() == 1 ? " address\n" : " addresses\n");
  if (summed) {
    absl::StrAppend(&text, "balance  ", coins(sum.balance), " ", chain.symbol, "\nreceived ",
                    coins(sum.received), "\nsent     ", coins(sum.sent),
                    " (what it sent to itself counts in both)\n");
  }
  absl::StrAppend(&text, TagsText(known, rows, /*of_cluster=*/true), "addresses\n");
  for (size_t i = 0; i < members.size(); ++i) {
    if (form == ReportForm::kText && i == rows) {
      absl::StrAppend(&text, "  (", members.size() - rows, " more, in --json)\n");
      break;
    }
    SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, NameOwner(view, members[i]));
    json.String(owner.text);
    absl::StrAppend(&text, "  ", owner.text, "\n");
  }
  json.EndArray();
  json.EndObject();
  return form == ReportForm::kJson ? json.Take() : text;
}

}  // namespace spoor
