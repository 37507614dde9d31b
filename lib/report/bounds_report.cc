#include "lib/report/bounds_report.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/account_table.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// In words.
std::string WhatOf(const Bound& bound, bool back) {
  if (!bound.kind.has_value()) {
    return absl::StrCat(back ? "came from " : "arrived at ", bound.group);
  }
  return absl::StrCat(EndpointKindName(*bound.kind), bound.category.empty() ? "" : ", ",
                      bound.category);
}

// In the units in which they were stolen.
Units FigureOf(const PolicyResult& policy, const Bound& bound) {
  Units sum = 0;
  for (const Endpoint& end : policy.endpoints) {
    if (end.chain != bound.chain || end.kind != bound.kind) continue;
    if (end.origins.empty()) sum += end.stolen;
    for (const OfOrigin& part : end.origins) {
      if (part.asset == bound.asset) sum += part.stolen;
    }
  }
  return sum;
}

bool Any(const BoundsResult& bounds, BoundTightness tightness) {
  return std::any_of(bounds.bounds.begin(), bounds.bounds.end(),
                     [&](const Bound& bound) { return bound.tightness == tightness; });
}

// Each column as wide as it must be, to the right, but the last.
void AppendTable(const std::vector<std::vector<std::string>>& table, std::string* out) {
  for (const std::vector<std::string>& row : table) {
    for (size_t column = 0; column + 1 < row.size(); ++column) {
      size_t width = 0;
      for (const auto& other : table) width = std::max(width, other[column].size());
      absl::StrAppendFormat(out, "  %*s", static_cast<int>(width), row[column]);
    }
    absl::StrAppend(out, "  ", row.back(), "\n");
  }
}

}  // namespace

absl::Status WriteBounds(const TraceReport& report, std::vector<NameCache>* caches, Json* json) {
  json->BeginArray();
  if (report.bounds != nullptr) {
    for (const Bound& bound : report.bounds->bounds) {
      json->BeginObject();
      json->Key("kind");
      if (bound.kind.has_value()) {
        json->String(EndpointKindName(*bound.kind));
      } else {
        json->Null();
      }
      json->Key("category");
      if (bound.category.empty()) {
        json->Null();
      } else {
        json->String(bound.category);
      }
      json->Key("for");
      if (bound.group.empty()) {
        json->Null();
      } else {
        json->String(bound.group);
      }
      SPOOR_ASSIGN_OR_RETURN(const std::string asset, (*caches)[bound.chain].Asset(bound.asset));
      json->Key("asset").String(asset);
      json->Key("stolen").Amount(bound.stolen);
      json->Key("stolen_least").Amount(bound.stolen_least);
      json->Key("lower").Amount(bound.lower);
      json->Key("upper").Amount(bound.upper);
      json->Key("tightness").String(BoundTightnessName(bound.tightness));
      json->EndObject();
    }
  }
  json->EndArray();
  return absl::OkStatus();
}

std::vector<std::string> BoundsWarnings(const TraceReport& report) {
  std::vector<std::string> warnings;
  if (report.bounds == nullptr) return warnings;
  if (Any(*report.bounds, BoundTightness::kTooLarge)) {
    warnings.push_back(
        "so many transactions can have been reached that only sums were taken for the bounds: they "
        "hold, but are wider than need be");
  }
  if (Any(*report.bounds, BoundTightness::kLoose)) {
    warnings.push_back(
        "whether a limit stops some coins, or how many of those that came back a seed marks, hangs "
        "on the policy: the bounds hold for every one, but may be wider than need be");
  }
  if (report.bounds->conversions) {
    warnings.push_back(
        "some can have been exchanged for other assets: what came of those is not followed for the "
        "bounds, and counted as if it could be anywhere");
  }
  if (report.bounds->unresolved_inputs > 0) {
    warnings.push_back(absl::StrCat(
        report.bounds->unresolved_inputs,
        " inputs of the transactions that can have been reached are unresolved, and taken to have "
        "held the least that is possible: the bounds hold for that"));
  }
  return warnings;
}

absl::Status BoundsTable(const TraceReport& report, std::vector<NameCache>* caches,
                         std::string* out) {
  if (report.bounds == nullptr) return absl::OkStatus();
  const std::vector<PolicyResult>& policies = report.result->policies;
  // More policies do not fit beside each other: then the least and the most of their figures.
  constexpr size_t kMostPolicies = 2;
  std::vector<std::string> columns;
  for (const PolicyResult& policy : policies) {
    if (policy.conserving) columns.push_back(policy.policy);
  }
  if (columns.size() > kMostPolicies) columns = {"policies from", "to"};
  std::set<std::pair<uint32_t, AssetId>> assets;
  for (const Bound& bound : report.bounds->bounds) assets.insert({bound.chain, bound.asset});
  for (const auto& [chain, asset] : assets) {
    SPOOR_ASSIGN_OR_RETURN(const AssetInfo info, (*caches)[chain].InfoOf(asset));
    SPOOR_ASSIGN_OR_RETURN(const std::string symbol, SymbolOf(asset, &(*caches)[chain]));
    const auto coins = [&, decimals = info.decimals](const Units& units) {
      return FormatUnits(units, decimals);
    };
    std::vector<std::vector<std::string>> table;
    Units stolen;
    for (const Bound& bound : report.bounds->bounds) {
      if (bound.chain != chain || bound.asset != asset) continue;
      stolen = bound.stolen;
      if (table.empty()) {
        table.push_back({absl::StrCat("at least ", symbol), absl::StrCat("at most ", symbol)});
        for (const std::string& column : columns) table[0].push_back(column);
        table[0].emplace_back(report.back ? "from" : "is");
      }
      std::vector<std::string>& row = table.emplace_back();
      row = {coins(bound.lower), coins(bound.upper)};
      const bool comparable = bound.kind.has_value() && bound.category.empty();
      std::vector<Units> figures;
      for (const PolicyResult& policy : policies) {
        if (policy.conserving) figures.push_back(FigureOf(policy, bound));
      }
      if (figures.size() > kMostPolicies) {
        const auto [least, most] = std::minmax_element(figures.begin(), figures.end());
        figures = {*least, *most};
      }
      for (const Units& figure : figures) row.push_back(comparable ? coins(figure) : "");
      row.push_back(WhatOf(bound, report.back));
    }
    if (table.empty()) continue;
    absl::StrAppend(out, "\nbounds, ", report.views[chain]->chain().name,
                    ": what no account leaves that loses no unit and makes none, of ",
                    coins(stolen), " ", symbol, report.back ? " asked for\n" : " stolen\n");
    AppendTable(table, out);
  }
  bool by_size = false;
  for (const PolicyResult& policy : report.result->policies) {
    for (const Endpoint& end : policy.endpoints) by_size |= end.by_size > 0;
  }
  absl::StrAppend(out, "  Services are those that tags name", by_size ? " or their size shows" : "",
                  report.back ? "; what came through others counts where it had come from then.\n"
                              : "; what went through others counts where it came to then.\n");
  for (const std::string& warning : BoundsWarnings(report)) {
    absl::StrAppend(out, "  warning: ", warning, "\n");
  }
  return absl::OkStatus();
}

}  // namespace spoor
