#include "lib/report/account_table.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/trace_parts.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// What ended in one way as one asset.
struct KindSum {
  Units tainted = 0;
  size_t count = 0;
  size_t shown = 0;
};

std::string Counted(EndpointKind kind, size_t count) {
  const bool fee = kind == EndpointKind::kFee || kind == EndpointKind::kBurned ||
                   kind == EndpointKind::kMinted || kind == EndpointKind::kUnresolved;
  return fee ? absl::StrCat(count, count == 1 ? " transfer" : " transfers")
             : absl::StrCat(count, count == 1 ? " address" : " addresses");
}

// Symbols are made up by whoever made the token: they must not command a terminal, nor fill it.
std::string Tame(absl::string_view symbol) {
  std::string tame;
  for (const char c : symbol.substr(0, 12)) {
    if (absl::ascii_isgraph(static_cast<unsigned char>(c))) tame.push_back(c);
  }
  return tame;
}

class Table {
 public:
  Table(const TraceReport& report, const PolicyResult& policy,
        const std::vector<TraceTotal>& totals, uint32_t chain, size_t rows, NameCache* names,
        std::string* out)
      : report_(report),
        policy_(policy),
        totals_(totals),
        chain_(chain),
        rows_(rows),
        names_(names),
        out_(out) {}

  absl::Status Write() {
    const ChainInfo& info = names_->view().chain();
    absl::StrAppendFormat(out_, "\n%s%s, %s: %d transfers moved %s\n", policy_.policy,
                          policy_.conserving ? "" : " (a ceiling: does not add up)", info.name,
                          policy_.movements, report_.back ? "units asked for" : "stolen units");
    if (const std::string text = TotalsText(report_, totals_, chain_, rows_); !text.empty()) {
      absl::StrAppendFormat(out_, "  %18s  %-11s  %s\n", info.symbol, report_.back ? "from" : "is",
                            "whose");
      absl::StrAppend(out_, text, "\n");
    }
    absl::StrAppendFormat(out_, "  %24s  %-11s %5s  %-16s  %s\n",
                          report_.back ? "asked for" : "stolen", report_.back ? "from" : "is",
                          "hops", "last (UTC)", "address");
    for (const Endpoint& end : policy_.endpoints) {
      if (end.chain == chain_) SPOOR_RETURN_IF_ERROR(AddRow(end));
    }
    for (const auto& [of, sum] : sums_) {
      if (sum.shown == sum.count || !IsShown(of.first)) continue;
      absl::StrAppendFormat(out_, "  (%d more %s, in --json)\n", sum.count - sum.shown,
                            EndpointKindName(of.first));
    }
    absl::StrAppendFormat(out_, "  %s\n", std::string(24, '-'));
    for (const auto& [of, sum] : sums_) {
      SPOOR_ASSIGN_OR_RETURN(const std::string units, Coins(sum.tainted, of.second));
      absl::StrAppendFormat(out_, "  %24s  %s, %s\n", units, EndpointKindName(of.first),
                            Counted(of.first, sum.count));
    }
    SPOOR_RETURN_IF_ERROR(AddUp());
    return AddConversions();
  }

 private:
  static bool IsShown(EndpointKind kind) { return kind != EndpointKind::kFee; }

  absl::StatusOr<std::string> Coins(const Units& units, AssetId asset) {
    SPOOR_ASSIGN_OR_RETURN(const AssetInfo info, names_->InfoOf(asset));
    SPOOR_ASSIGN_OR_RETURN(const std::string symbol, SymbolOf(asset, names_));
    return absl::StrCat(FormatUnits(units, info.decimals), " ", symbol);
  }

  absl::Status AddRow(const Endpoint& end) {
    KindSum& sum = sums_[{end.kind, end.asset}];
    sum.tainted += end.tainted;
    ++sum.count;
    if (!IsShown(end.kind) || sum.shown == rows_) return absl::OkStatus();
    ++sum.shown;
    SPOOR_ASSIGN_OR_RETURN(const std::string units, Coins(end.tainted, end.asset));
    SPOOR_ASSIGN_OR_RETURN(const int64_t time, names_->Time(end.height));
    SPOOR_ASSIGN_OR_RETURN(const Label label, names_->LabelOf(end.owner));
    absl::StrAppendFormat(out_, "  %24s  %-11s %5d  %-16s  %s", units, EndpointKindName(end.kind),
                          end.hops, TableTime(time), PlaceText(end));
    absl::StrAppend(out_, label.tags() == 0 ? "" : "  ", LabelText(label));
    if (end.by_size > 0) {
      absl::StrAppend(out_, "  unnamed service, ", end.by_size, " transfers");
    }
    for (const OfOrigin& part : end.origins) {
      if (part.asset == end.asset || !policy_.conserving) continue;
      SPOOR_ASSIGN_OR_RETURN(const std::string stolen, Coins(part.stolen, part.asset));
      absl::StrAppend(out_, "  (stolen as ", stolen, ")");
    }
    absl::StrAppend(out_, "\n");
    for (const Path& path : end.paths) {
      SPOOR_ASSIGN_OR_RETURN(const std::string came, Coins(path.tainted, end.asset));
      SPOOR_RETURN_IF_ERROR(AddPathLines(path, came, 24, names_, out_));
    }
    return absl::OkStatus();
  }

  // Asset by asset as they were stolen: whatever they have been converted to since.
  absl::Status AddUp() {
    for (const auto& [of, stolen] : StolenByAsset(policy_)) {
      if (of.first != chain_) continue;
      Units ended = 0;
      for (const Endpoint& end : policy_.endpoints) {
        if (end.chain != chain_) continue;
        for (const OfOrigin& part : end.origins) {
          if (part.asset == of.second) ended += part.stolen;
        }
      }
      const absl::string_view were = report_.back ? "asked for" : "stolen";
      SPOOR_ASSIGN_OR_RETURN(const std::string all, Coins(stolen, of.second));
      if (!policy_.conserving) {
        absl::StrAppendFormat(out_, "  %24s  were %s\n", all, were);
        continue;
      }
      SPOOR_ASSIGN_OR_RETURN(const std::string found, Coins(ended, of.second));
      absl::StrAppendFormat(out_, "  %24s  in all; %s %s: %s\n", found, were, all,
                            ended == stolen ? "it adds up, to the unit" : "IT DOES NOT ADD UP");
    }
    return absl::OkStatus();
  }

  absl::Status AddConversions() {
    size_t shown = 0;
    for (const ConversionOnTheWay& found : policy_.conversions) {
      if (found.chain != chain_) continue;
      if (++shown > rows_) continue;
      SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, names_->Owner(found.owner));
      SPOOR_ASSIGN_OR_RETURN(const std::string gave, Coins(found.gave, found.from));
      SPOOR_ASSIGN_OR_RETURN(const std::string tainted, Coins(found.tainted, found.from));
      SPOOR_ASSIGN_OR_RETURN(const std::string got, Coins(found.got, found.to));
      SPOOR_ASSIGN_OR_RETURN(const std::string tx, names_->Transaction(found.txid));
      absl::StrAppend(out_, "  converted: ", owner.text, " gave ", gave, " (stolen: ", tainted,
                      ") for ", got, " in ", tx, "\n");
    }
    if (shown > rows_) {
      absl::StrAppend(out_, "  (", shown - rows_, " more conversions, in --json)\n");
    }
    return absl::OkStatus();
  }

  const TraceReport& report_;
  const PolicyResult& policy_;
  const std::vector<TraceTotal>& totals_;
  uint32_t chain_;
  size_t rows_;
  NameCache* names_;
  std::string* out_;
  std::map<std::pair<EndpointKind, AssetId>, KindSum> sums_;
};

}  // namespace

absl::StatusOr<std::string> SymbolOf(AssetId asset, NameCache* names) {
  if (asset == kNativeAsset) return names->view().chain().symbol;
  SPOOR_ASSIGN_OR_RETURN(const AssetInfo info, names->InfoOf(asset));
  SPOOR_ASSIGN_OR_RETURN(const std::string contract, AccountText(info.key));
  const std::string symbol = Tame(info.symbol);
  if (symbol.empty()) return contract;
  return absl::StrCat(symbol, "@", contract.substr(0, 8));
}

absl::Status AccountTables(const TraceReport& report, const PolicyResult& policy,
                           const std::vector<TraceTotal>& totals, size_t rows,
                           std::vector<NameCache>* caches, std::string* out) {
  std::set<uint32_t> chains;
  for (const Stolen& stolen : policy.stolen) chains.insert(stolen.chain);
  for (const uint32_t chain : chains) {
    NameCache& names = (*caches)[chain];
    if (names.view().chain().family != Family::kAccount) continue;
    SPOOR_RETURN_IF_ERROR(Table(report, policy, totals, chain, rows, &names, out).Write());
  }
  return absl::OkStatus();
}

}  // namespace spoor
