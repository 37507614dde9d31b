#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "lib/report/account_table.h"
#include "lib/report/bounds_report.h"
#include "lib/report/names.h"
#include "lib/report/tag_behind.h"
#include "lib/report/trace_parts.h"
#include "lib/report/trace_totals.h"
#include "spoor/base/status_macros.h"
#include "spoor/report/trace_report.h"

namespace spoor {
namespace {

// Who has what ends there, for a table.
std::string HolderText(const Endpoint& end, const OwnerName& owner) {
  if (end.kind == EndpointKind::kMinted) return "(mined)";
  if (end.kind == EndpointKind::kUnresolved) return "(not in the ledger)";
  if (!end.at_output && end.kind != EndpointKind::kOutside) return "(a fee)";
  if (end.owner.IsNobody()) return "(unspendable)";
  return owner.text;
}

// How a table is written.
struct Style {
  size_t rows = 0;  // at most, of each thing
  bool wide = false;

  // A name, or a place that begins with one, no longer than the table has room for.
  std::string Fit(std::string text) const {
    constexpr size_t kHead = 8;
    constexpr size_t kTail = 6;
    // "TXID:N" keeps its N.
    const size_t colon = text.rfind(':');
    const bool place = colon != std::string::npos && text.size() - colon <= 6;
    const size_t name = place ? colon : text.size();
    if (wide || name <= 20) return text;
    return absl::StrCat(text.substr(0, kHead), "..", text.substr(name - kTail));
  }
};

// Breaks lines that are too long for a terminal, between words.
std::string Wrapped(absl::string_view text) {
  constexpr size_t kColumns = 100;
  std::string out;
  for (absl::string_view line : absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
    const size_t begin = std::min(line.find_first_not_of(' '), line.size());
    size_t indent = 0;  // of what is left of the line, which it no longer has
    while (indent + line.size() > kColumns) {
      const size_t space = line.rfind(' ', kColumns - indent);
      if (space == absl::string_view::npos || (indent == 0 && space <= begin)) break;
      absl::StrAppend(&out, std::string(indent, ' '), line.substr(0, space), "\n");
      line = absl::StripLeadingAsciiWhitespace(line.substr(space));
      indent = begin + 4;
    }
    absl::StrAppend(&out, std::string(indent, ' '), line, "\n");
  }
  return out;
}

std::string Plural(uint64_t count, absl::string_view what) {
  return absl::StrCat(count, " ", what, count == 1 ? "" : "s");
}

// What `count` endpoints of one kind are.
std::string Counted(EndpointKind kind, size_t count) {
  absl::string_view what = "output";
  if (kind == EndpointKind::kFee) what = "transaction";
  if (kind == EndpointKind::kMinted) what = "coinbase";
  if (kind == EndpointKind::kOutside || kind == EndpointKind::kUnresolved) what = "input";
  return Plural(count, what);
}

// Sums that a table shows of one kind of endpoint on one chain.
struct KindSum {
  Units tainted = 0;
  size_t count = 0;
  size_t shown = 0;
};

// Each chain, and to whom it paid most.
absl::Status PeelChainLines(const PolicyResult& policy, const Style& style,
                            std::vector<NameCache>* caches, std::string* out) {
  constexpr size_t kMostReceivers = 5;
  struct Receiver {
    std::string name;
    Units amount = 0;
    size_t payments = 0;
  };
  for (size_t i = 0; i < policy.peel_chains.size() && i < style.rows; ++i) {
    const PeelChain& chain = policy.peel_chains[i].peel_chain;
    NameCache* names = &(*caches)[policy.peel_chains[i].chain];
    const ChainInfo& info = names->view().chain();
    const auto coins = [&](const Units& units) {
      return absl::StrCat(FormatUnits(units, info.decimals), " ", info.symbol);
    };
    // Whole, and as the table has room for it.
    const auto name_of =
        [&](AddressId owner) -> absl::StatusOr<std::pair<std::string, std::string>> {
      SPOOR_ASSIGN_OR_RETURN(const Label label, names->LabelOf(owner));
      if (const std::string text = LabelText(label); !text.empty()) return std::pair(text, text);
      SPOOR_ASSIGN_OR_RETURN(const OwnerName name, names->Owner(owner));
      return std::pair(name.text, style.Fit(name.text));
    };
    std::map<std::string, Receiver> by_name;
    Units peeled = 0;
    for (const PeelChain::Payment& payment : chain.payments) {
      SPOOR_ASSIGN_OR_RETURN(const auto name, name_of(payment.to));
      Receiver& receiver = by_name[name.first];
      receiver.name = name.second;
      receiver.amount += payment.amount;
      ++receiver.payments;
      peeled += payment.amount;
    }
    SPOOR_ASSIGN_OR_RETURN(const auto keeper, name_of(chain.rest.to));
    absl::StrAppend(out, "  peel chain: ", Plural(chain.payments.size(), "payment"), " from ",
                    style.Fit(ToText(chain.payments.front().txid)), " on, ", coins(peeled),
                    " in all; ", coins(chain.rest.amount), " left with ", keeper.second, " in ",
                    style.Fit(absl::StrCat(ToText(chain.rest.txid), ":", chain.rest.output)), "\n");
    std::vector<Receiver> receivers;
    for (auto& [name, receiver] : by_name) receivers.push_back(std::move(receiver));
    std::stable_sort(receivers.begin(), receivers.end(),
                     [](const Receiver& a, const Receiver& b) { return a.amount > b.amount; });
    for (size_t j = 0; j < receivers.size() && j < kMostReceivers; ++j) {
      absl::StrAppend(out, "      ", coins(receivers[j].amount), " in ",
                      Plural(receivers[j].payments, "payment"), " to ", receivers[j].name, "\n");
    }
    if (receivers.size() > kMostReceivers) {
      absl::StrAppend(out, "      (", Plural(receivers.size() - kMostReceivers, "more receiver"),
                      ", in --json)\n");
    }
  }
  if (policy.peel_chains.size() > style.rows) {
    absl::StrAppend(out, "  (", policy.peel_chains.size() - style.rows,
                    " more peel chains, in --json)\n");
  }
  return absl::OkStatus();
}

absl::Status DormancyLines(const PolicyResult& policy, const Style& style,
                           std::vector<NameCache>* caches, std::string* out) {
  const size_t rows = style.rows;
  for (size_t i = 0; i < policy.dormancies.size() && i < rows; ++i) {
    const Dormancy& found = policy.dormancies[i];
    NameCache* names = &(*caches)[found.chain];
    const ChainInfo& info = names->view().chain();
    SPOOR_ASSIGN_OR_RETURN(const int64_t from, names->Time(found.from_height));
    SPOOR_ASSIGN_OR_RETURN(const int64_t to, names->Time(found.to_height));
    absl::StrAppend(out, "  dormant: ", FormatUnits(found.tainted, info.decimals), " ", info.symbol,
                    " from ", TableTime(from), " to ", TableTime(to), " in ",
                    style.Fit(absl::StrCat(ToText(found.txid), ":", found.output)), "\n");
  }
  if (policy.dormancies.size() > rows) {
    absl::StrAppend(out, "  (", policy.dormancies.size() - rows, " more dormancies, in --json)\n");
  }
  return absl::OkStatus();
}

void SpreadLines(absl::string_view name, absl::string_view how, const std::vector<Spread>& spreads,
                 const Style& style, const std::vector<NameCache>& caches, std::string* out) {
  const size_t rows = style.rows;
  for (size_t i = 0; i < spreads.size() && i < rows; ++i) {
    const Spread& found = spreads[i];
    const ChainInfo& info = caches[found.chain].view().chain();
    absl::StrAppend(out, "  ", name, ": ", FormatUnits(found.tainted, info.decimals), " ",
                    info.symbol, " ", how, " ", found.outputs, " outputs by ",
                    style.Fit(ToText(found.txid)), "\n");
  }
  if (spreads.size() > rows) {
    absl::StrAppend(out, "  (", spreads.size() - rows, " more ", name, "s, in --json)\n");
  }
}

absl::Status PolicyTable(const TraceReport& report, const TagsBehind& tags,
                         const PolicyResult& policy, const Style& style,
                         std::vector<NameCache>* caches, std::string* out) {
  const size_t rows = style.rows;
  SPOOR_ASSIGN_OR_RETURN(const std::vector<TraceTotal> totals, TotalsOf(policy, caches));
  const bool back = report.back;
  const absl::string_view stolen_coins = back ? "coins asked for" : "stolen coins";
  const absl::string_view were_stolen = back ? "asked for" : "stolen";
  for (const auto& [of, stolen] : StolenByAsset(policy)) {
    const uint32_t chain = of.first;
    NameCache& names = (*caches)[chain];
    const ChainInfo& info = names.view().chain();
    if (info.family == Family::kAccount) continue;
    const auto coins = [&](const Units& units) { return FormatUnits(units, info.decimals); };
    absl::StrAppendFormat(out, "\n%s%s, %s: %s %s %s\n", policy.policy,
                          policy.conserving ? "" : " (a ceiling: does not add up)", info.name,
                          Plural(policy.movements, "transaction"),
                          policy.conserving ? "moved" : "can have moved", stolen_coins);
    // What a ceiling reaches is not all stolen.
    const absl::string_view units = back ? "" : policy.conserving ? "stolen " : "reached ";
    if (const std::string text = TotalsText(report, totals, chain, rows); !text.empty()) {
      absl::StrAppendFormat(out, "  %18s  %-11s  %s\n", absl::StrCat(units, info.symbol),
                            back ? "from" : "is", "whose");
      absl::StrAppend(out, text, "\n");
    }
    const int holder_width = style.wide ? 42 : 20;
    absl::StrAppendFormat(out, "  %18s  %-11s %4s  %-16s  %-*s  %s\n",
                          absl::StrCat(units, info.symbol), back ? "from" : "is", "hops",
                          "since (UTC)", holder_width, "address", "output");
    std::map<EndpointKind, KindSum> sums;
    for (const Endpoint& end : policy.endpoints) {
      if (end.chain != chain) continue;
      KindSum& sum = sums[end.kind];
      sum.tainted += end.tainted;
      ++sum.count;
      if (end.kind == EndpointKind::kFee || sum.shown == rows) continue;
      ++sum.shown;
      SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, names.Owner(end.owner));
      SPOOR_ASSIGN_OR_RETURN(const int64_t time, names.Time(end.height));
      SPOOR_ASSIGN_OR_RETURN(const Label label, names.LabelOf(end.owner));
      absl::StrAppendFormat(out, "  %18s  %-11s %4d  %-16s  %-*s  %s\n", coins(end.tainted),
                            EndpointKindName(end.kind), end.hops, TableTime(time), holder_width,
                            style.Fit(HolderText(end, owner)), style.Fit(PlaceText(end)));
      if (label.tags() > 0) {
        const std::string tag = TagBehindText(tags, end.chain, end.owner);
        absl::StrAppendFormat(out, "  %18s  %s%s%s\n", "", LabelText(label),
                              tag.empty() ? "" : ", ", tag);
      }
      for (const Path& path : end.paths) {
        SPOOR_RETURN_IF_ERROR(AddPathLines(path, coins(path.tainted), 18, &names, out));
      }
    }
    Units total = 0;
    for (const auto& [kind, sum] : sums) {
      total += sum.tainted;
      if (sum.shown < sum.count && kind != EndpointKind::kFee) {
        absl::StrAppendFormat(out, "  (%d more %s, in --json)\n", sum.count - sum.shown,
                              EndpointKindName(kind));
      }
    }
    absl::StrAppendFormat(out, "  %s\n", std::string(18, '-'));
    for (const auto& [kind, sum] : sums) {
      absl::StrAppendFormat(out, "  %18s  %s, %s\n", coins(sum.tainted), EndpointKindName(kind),
                            Counted(kind, sum.count));
    }
    if (policy.conserving) {
      absl::StrAppendFormat(out, "  %18s  in all; %s %s: %s\n", coins(total), were_stolen,
                            coins(stolen),
                            total == stolen ? "it adds up, to the unit" : "IT DOES NOT ADD UP");
    } else {
      absl::StrAppendFormat(out, "  %18s  at most in all; %s %s\n", coins(total), were_stolen,
                            coins(stolen));
    }
  }
  SPOOR_RETURN_IF_ERROR(PeelChainLines(policy, style, caches, out));
  SPOOR_RETURN_IF_ERROR(DormancyLines(policy, style, caches, out));
  SpreadLines("split", "into", policy.splits, style, *caches, out);
  SpreadLines("merge", "from", policy.merges, style, *caches, out);
  SPOOR_RETURN_IF_ERROR(AccountTables(report, policy, totals, rows, caches, out));
  SPOOR_ASSIGN_OR_RETURN(const std::vector<std::string> warnings,
                         WarningsOf(report, policy, caches));
  for (size_t i = 0; i < warnings.size() && i < rows; ++i) {
    absl::StrAppend(out, "  warning: ", warnings[i], "\n");
  }
  if (warnings.size() > rows) {
    absl::StrAppend(out, "  (", warnings.size() - rows, " more warnings, in --json)\n");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> TraceToTable(const TraceReport& report, size_t rows, bool wide) {
  std::vector<NameCache> caches = MakeCaches(report);
  SPOOR_ASSIGN_OR_RETURN(const TagsBehind tags, FindTagsBehind(report, &caches));
  std::string out;
  for (const Seed& seed : report.seeds) {
    NameCache& names = caches[seed.chain];
    const bool utxo = names.view().chain().family == Family::kUtxo;
    for (const SeededAsset& seeded : seed.assets) {
      SPOOR_ASSIGN_OR_RETURN(const std::string symbol, SymbolOf(seeded.asset, &names));
      SPOOR_ASSIGN_OR_RETURN(const AssetInfo info, names.InfoOf(seeded.asset));
      absl::StrAppend(
          &out, report.back ? "asked for: " : "stolen: ", FormatUnits(seeded.amount, info.decimals),
          " ", symbol, " in ", Plural(seeded.credits, utxo ? "output" : "transfer"),
          seeded.opening == 0 ? "" : " and what it held before the ledger begins", ", ",
          seed.request.seed,
          seed.request.source == seed.request.seed ? ""
                                                   : absl::StrCat(" (", seed.request.source, ")"),
          "\n");
    }
  }
  for (const LedgerView* view : report.views) {
    const auto tip = view->tip();
    if (!tip.has_value()) continue;
    absl::StrAppend(&out, "ledger: ", view->chain().name, " up to block ", tip->height, " of ",
                    TableTime(tip->time), " UTC\n");
  }
  for (const PolicyResult& policy : report.result->policies) {
    SPOOR_RETURN_IF_ERROR(PolicyTable(report, tags, policy, {rows, wide}, &caches, &out));
  }
  SPOOR_RETURN_IF_ERROR(BoundsTable(report, &caches, &out));
  return wide ? out : Wrapped(out);
}

}  // namespace spoor
