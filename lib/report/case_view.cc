#include "lib/report/case_view.h"

#include <algorithm>
#include <tuple>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/report/visible.h"

namespace spoor {
namespace {

using Document = TraceDocument;

void MakeVisible(std::string* text) { *text = Visible(*text); }

void MakeVisible(Document::BySource* by_source) {
  Document::BySource visible;
  for (const auto& [source, units] : *by_source) visible[Visible(source)] += units;
  *by_source = std::move(visible);
}

void MakeVisible(Document::Endpoint* end) {
  for (std::string* text : {&end->kind, &end->asset, &end->place, &end->address, &end->script,
                            &end->first, &end->last, &end->cluster, &end->actor, &end->category}) {
    MakeVisible(text);
  }
  MakeVisible(&end->by_source);
  for (auto& origin : end->origins) {
    MakeVisible(&origin.source);
    MakeVisible(&origin.asset);
  }
  for (Document::Path& path : end->paths) {
    MakeVisible(&path.source);
    for (std::string& place : path.places) MakeVisible(&place);
  }
}

void MakeVisible(Document::Flow* flow) {
  for (std::string* text : {&flow->from, &flow->to, &flow->asset}) MakeVisible(text);
  for (Document::FlowStep& step : flow->transactions) {
    MakeVisible(&step.tx);
    MakeVisible(&step.time);
  }
}

void MakeVisible(Document::Result* result) {
  MakeVisible(&result->policy);
  for (Document::Stolen& stolen : result->stolen) {
    MakeVisible(&stolen.asset);
    MakeVisible(&stolen.by_source);
  }
  for (Document::Endpoint& end : result->endpoints) MakeVisible(&end);
  for (Document::Flow& flow : result->flows) MakeVisible(&flow);
  for (Document::PeelChain& chain : result->peel_chains) {
    MakeVisible(&chain.asset);
    MakeVisible(&chain.start);
  }
  for (Document::Dormancy& dormancy : result->dormancies) {
    for (std::string* text : {&dormancy.asset, &dormancy.place, &dormancy.address, &dormancy.from,
                              &dormancy.to, &dormancy.tx}) {
      MakeVisible(text);
    }
  }
  for (std::vector<Document::Spread>* spreads : {&result->splits, &result->merges}) {
    for (Document::Spread& spread : *spreads) {
      for (std::string* text : {&spread.asset, &spread.tx, &spread.time}) MakeVisible(text);
    }
  }
  for (std::string& warning : result->warnings) MakeVisible(&warning);
}

Document MadeVisible(Document document) {
  for (Document::Tip& tip : document.tip) {
    for (std::string* text : {&tip.chain, &tip.hash, &tip.time}) MakeVisible(text);
  }
  for (Document::Seed& seed : document.seeds) {
    for (std::string* text : {&seed.source, &seed.seed, &seed.asset}) MakeVisible(text);
  }
  std::map<std::string, Document::Asset> assets;
  for (auto& [name, asset] : document.assets) {
    assets[Visible(name)] = {Visible(asset.symbol), asset.decimals};
  }
  document.assets = std::move(assets);
  for (Document::Result& result : document.results) MakeVisible(&result);
  for (Document::Bound& bound : document.bounds) {
    for (std::string* text :
         {&bound.kind, &bound.category, &bound.group, &bound.asset, &bound.tightness}) {
      MakeVisible(text);
    }
  }
  for (std::string& warning : document.bounds_warnings) MakeVisible(&warning);
  return document;
}

// The largest of what the policies say.
template <typename Row, typename Figure>
Units Largest(const Row& row, const Figure& figure) {
  Units most = 0;
  for (size_t i = 0; i < row.by_policy.size(); ++i) {
    if (row.by_policy[i] != nullptr) most = std::max(most, figure(i, *row.by_policy[i]));
  }
  return most;
}

// `rows` with their sort keys, in order.
template <typename Row, typename Key>
void SortBy(std::vector<Row>* rows, const Key& key) {
  std::vector<std::pair<decltype(key(rows->front())), size_t>> keys;
  keys.reserve(rows->size());
  for (size_t i = 0; i < rows->size(); ++i) keys.emplace_back(key((*rows)[i]), i);
  std::sort(keys.begin(), keys.end());
  std::vector<Row> sorted;
  sorted.reserve(rows->size());
  for (const auto& [k, i] : keys) sorted.push_back(std::move((*rows)[i]));
  *rows = std::move(sorted);
}

// Sorts the larger first.
struct Descending {
  Units units;
  friend bool operator<(const Descending& a, const Descending& b) { return a.units > b.units; }
  friend bool operator==(const Descending& a, const Descending& b) { return a.units == b.units; }
};

}  // namespace

std::string ChainOf(absl::string_view asset) {
  return std::string(asset.substr(0, asset.find(':')));
}

std::string TransactionOf(absl::string_view place) {
  const size_t colon = place.rfind(':');
  const absl::string_view txid = place.substr(0, colon);
  const bool hex = txid.find_first_not_of("0123456789abcdefx") == absl::string_view::npos;
  return hex && txid.size() >= 64 ? std::string(txid) : "";
}

const std::string& HolderOf(const Document::Endpoint& end) {
  if (!end.address.empty()) return end.address;
  return end.script.empty() ? end.place : end.script;
}

CaseView::CaseView(const Document& document) : document_(MadeVisible(document)) {
  JoinEndpoints();
  JoinFlows();
  FindOwners();
  FindBeginnings();
  Sum();
}

std::optional<size_t> CaseView::main_policy() const {
  for (size_t i = 0; i < results().size(); ++i) {
    if (results()[i].conserving) return i;
  }
  return results().empty() ? std::nullopt : std::optional<size_t>(0);
}

void CaseView::JoinEndpoints() {
  // Where there are several of one description, the first of each policy are one, and so on.
  using Key = std::tuple<absl::string_view, absl::string_view, absl::string_view, absl::string_view,
                         absl::string_view, size_t>;
  std::map<Key, size_t> rows;
  for (size_t policy = 0; policy < results().size(); ++policy) {
    std::map<Key, size_t> seen;
    for (const Document::Endpoint& end : results()[policy].endpoints) {
      Key key{end.kind, end.asset, end.place, end.address, end.script, 0};
      std::get<5>(key) = seen[key]++;
      const auto [row, is_new] = rows.emplace(key, endpoints_.size());
      if (is_new) {
        endpoints_.push_back({&end, std::vector<const Document::Endpoint*>(results().size())});
      }
      endpoints_[row->second].by_policy[policy] = &end;
    }
  }
  SortBy(&endpoints_, [&](const Endpoint& row) {
    const Units most = Largest(row, [&](size_t policy, const Document::Endpoint& end) {
      return results()[policy].conserving ? end.stolen_units : Units(0);
    });
    return std::tuple(Descending{most}, absl::string_view(row.any->kind),
                      absl::string_view(row.any->place));
  });
}

void CaseView::JoinFlows() {
  using Key = std::tuple<absl::string_view, absl::string_view, absl::string_view>;
  std::map<Key, size_t> rows;
  for (size_t policy = 0; policy < results().size(); ++policy) {
    for (const Document::Flow& flow : results()[policy].flows) {
      const auto [row, is_new] = rows.emplace(Key{flow.asset, flow.from, flow.to}, flows_.size());
      if (is_new) flows_.push_back({&flow, std::vector<const Document::Flow*>(results().size())});
      flows_[row->second].by_policy[policy] = &flow;
    }
  }
  SortBy(&flows_, [](const Flow& row) {
    const Units most =
        Largest(row, [](size_t, const Document::Flow& flow) { return flow.tainted; });
    return std::tuple(Descending{most}, absl::string_view(row.any->asset),
                      absl::string_view(row.any->from), absl::string_view(row.any->to));
  });
}

std::pair<std::string, std::string> CaseView::From(const Flow& flow) const {
  return {ChainOf(flow.any->asset), flow.any->from};
}

std::pair<std::string, std::string> CaseView::To(const Flow& flow) const {
  return {ChainOf(flow.any->asset), flow.any->to};
}

void CaseView::FindOwners() {
  const auto add = [&](const std::pair<std::string, std::string>& key) -> Owner& {
    Owner& owner = owners_[key];
    owner.chain = key.first;
    owner.name = key.second;
    return owner;
  };
  for (const Flow& flow : flows_) {
    add(From(flow));
    add(To(flow));
  }
  for (const Endpoint& row : endpoints_) {
    const Document::Endpoint& end = *row.any;
    // A fee's and a burned output's owner is the flow's word for it.
    const std::string& holder = end.kind == "fee" || end.kind == "burned" || end.kind == "minted"
                                    ? end.kind
                                    : HolderOf(end);
    Owner& owner = add({ChainOf(end.asset), holder});
    if (owner.cluster.empty()) owner.cluster = end.cluster;
    if (owner.actor.empty()) owner.actor = end.actor;
    if (owner.category.empty()) owner.category = end.category;
    owner.sanctioned |= end.sanctioned;
    std::vector<Units>& resting = owner.resting[end.asset];
    resting.resize(results().size());
    for (size_t i = 0; i < row.by_policy.size(); ++i) {
      if (row.by_policy[i] != nullptr) resting[i] += row.by_policy[i]->tainted;
    }
  }
  for (const Document::Seed& seed : document_.seeds) {
    // "CHAIN:ADDRESS@FROM..TO", all but the address optional.
    absl::string_view name = seed.seed;
    name = name.substr(0, name.find('@'));
    const std::string chain = ChainOf(seed.asset);
    if (absl::StartsWith(name, chain + ":")) name.remove_prefix(chain.size() + 1);
    const auto owner = owners_.find({chain, std::string(name)});
    if (owner != owners_.end()) owner->second.seed = true;
  }
}

void CaseView::FindBeginnings() {
  using Sums = std::map<std::string, std::vector<Units>>;
  std::map<std::pair<std::string, std::string>, std::pair<Sums, Sums>> in_and_out;
  const auto add = [&](Sums* sums, const Flow& flow) {
    std::vector<Units>& of = (*sums)[flow.any->asset];
    of.resize(results().size());
    for (size_t i = 0; i < flow.by_policy.size(); ++i) {
      if (flow.by_policy[i] != nullptr) of[i] += flow.by_policy[i]->tainted;
    }
  };
  for (const Flow& flow : flows_) {
    add(&in_and_out[To(flow)].first, flow);
    add(&in_and_out[From(flow)].second, flow);
  }
  for (auto& [key, owner] : owners_) {
    auto& [in, out] = in_and_out[key];
    // Backwards units rest where they came from.
    if (document_.back) std::swap(in, out);
    for (const Sums* sums :
         {static_cast<const Sums*>(&out), static_cast<const Sums*>(&owner.resting)}) {
      for (const auto& [asset, units] : *sums) {
        std::vector<Units>& begins = owner.begins[asset];
        begins.resize(results().size());
        for (size_t i = 0; i < units.size(); ++i) begins[i] += units[i];
      }
    }
    for (auto& [asset, begins] : owner.begins) {
      const std::vector<Units>& came = in[asset];
      for (size_t i = 0; i < came.size(); ++i) {
        begins[i] = begins[i] > came[i] ? Units(begins[i] - came[i]) : Units(0);
      }
    }
  }
}

void CaseView::Sum() {
  std::map<std::tuple<std::string, std::string, std::string>, Total> totals;
  std::map<std::tuple<std::string, std::string, std::string, std::string, std::string>, Share>
      shares;
  const auto add = [&](const std::string& source, const std::string& asset,
                       const Document::Endpoint& end, size_t policy, const Units& units) {
    Share& share = shares[{source, asset, end.kind, end.category, end.actor}];
    if (share.stolen_units.empty()) {
      share = {source,       asset,     end.kind,
               end.category, end.actor, std::vector<Units>(results().size())};
    }
    share.stolen_units[policy] += units;
  };
  for (const Endpoint& row : endpoints_) {
    for (size_t policy = 0; policy < row.by_policy.size(); ++policy) {
      if (row.by_policy[policy] == nullptr) continue;
      const Document::Endpoint& end = *row.by_policy[policy];
      Total& total = totals[{end.kind, end.category, end.asset}];
      if (total.tainted.empty()) {
        total = {end.kind,
                 end.category,
                 end.asset,
                 std::vector<Units>(results().size()),
                 std::vector<Units>(results().size()),
                 std::vector<uint64_t>(results().size())};
      }
      total.tainted[policy] += end.tainted;
      total.stolen_units[policy] += end.stolen_units;
      ++total.endpoints[policy];
      if (end.origins.empty()) {
        // Without conversions the asset is the one stolen.
        const auto& stolen = results()[policy].stolen;
        const std::string& asset = stolen.size() == 1 ? stolen[0].asset : end.asset;
        for (const auto& [source, units] : end.by_source) add(source, asset, end, policy, units);
      }
      for (const Document::Origin& origin : end.origins) {
        add(origin.source, origin.asset, end, policy, origin.stolen_units);
      }
    }
  }
  for (auto& [key, total] : totals) totals_.push_back(std::move(total));
  for (auto& [key, share] : shares) shares_.push_back(std::move(share));
}

std::optional<int> CaseView::Decimals(const std::string& asset) const {
  const auto known = document_.assets.find(asset);
  if (known != document_.assets.end()) return known->second.decimals;
  return std::nullopt;
}

std::string CaseView::Symbol(const std::string& asset) const {
  const auto known = document_.assets.find(asset);
  if (known != document_.assets.end() && !known->second.symbol.empty()) return known->second.symbol;
  return asset.substr(asset.find(':') + 1);
}

std::string CaseView::Coins(const Units& units, const std::string& asset) const {
  const std::optional<int> decimals = Decimals(asset);
  if (decimals.has_value()) return absl::StrCat(FormatUnits(units, *decimals), " ", Symbol(asset));
  return absl::StrCat(ToDecimal(units), " base units of ", asset);
}

std::string CaseView::AsOf() const {
  std::string latest = "1970-01-01T00:00:00Z";
  for (const Document::Tip& tip : document_.tip) latest = std::max(latest, tip.time);
  return latest;
}

}  // namespace spoor
