#include "spoor/report/show.h"

#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/json.h"
#include "lib/report/names.h"
#include "lib/report/show_account.h"
#include "lib/report/show_keys.h"
#include "lib/report/tags_of_address.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/ledger/find_address.h"
#include "spoor/taint/seed.h"

namespace spoor {
namespace {

absl::StatusOr<std::string> SpenderText(const LedgerView& view,
                                        const std::optional<Position>& spender) {
  if (!spender.has_value()) return std::string();
  SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(view, *spender));
  return ToText(movement.txid);
}

// The cluster that an address is in; without a name if the chain has no clusters.
struct ClusterOfAddress {
  std::string name;
  uint64_t size = 0;
  KnownTags known;
};
absl::StatusOr<ClusterOfAddress> FindClusterOf(const LedgerView& view, AddressId id,
                                               const TagTable* tags,
                                               absl::Span<const ChainClusters> clusters) {
  ClusterOfAddress found;
  for (const ChainClusters& chain : clusters) {
    if (chain.view != &view) continue;
    SPOOR_ASSIGN_OR_RETURN(const AddressId first, chain.clusters->First(id));
    SPOOR_ASSIGN_OR_RETURN(found.name, ClusterName(view, first));
    SPOOR_ASSIGN_OR_RETURN(found.size, chain.clusters->Size(id));
    SPOOR_ASSIGN_OR_RETURN(found.known, ReadClusterTags(view, *chain.clusters, tags, id));
  }
  return found;
}

absl::StatusOr<std::string> ShowAddress(absl::Span<const LedgerView* const> views,
                                        const LedgerView& view, AddressId id, const TagTable* tags,
                                        absl::Span<const ChainClusters> clusters, ReportForm form,
                                        size_t rows) {
  if (view.chain().family == Family::kAccount) {
    ShownAccount account;
    account.id = id;
    SPOOR_ASSIGN_OR_RETURN(const ClusterOfAddress cluster, FindClusterOf(view, id, tags, clusters));
    account.cluster = cluster.name;
    account.cluster_size = cluster.size;
    account.cluster_tags = cluster.known;
    SPOOR_ASSIGN_OR_RETURN(const std::string tag_key, TagKeyOfOwner(view, id));
    SPOOR_ASSIGN_OR_RETURN(account.tags, ReadTags(tags, tag_key));
    return ShowAccount(view, account, form, rows);
  }
  SPOOR_ASSIGN_OR_RETURN(const AddressSummary summary, SummarizeAddress(view, id));
  SPOOR_ASSIGN_OR_RETURN(const ClusterOfAddress cluster, FindClusterOf(view, id, tags, clusters));
  SPOOR_ASSIGN_OR_RETURN(const std::string key, TagKeyOfOwner(view, id));
  SPOOR_ASSIGN_OR_RETURN(const KnownTags known, ReadTags(tags, key));
  SPOOR_ASSIGN_OR_RETURN(const ShownKeys keys, FindShownKeys(views, view, id, tags));
  const ChainInfo& chain = view.chain();
  if (form == ReportForm::kText) {
    std::string who = TagsText(known, rows);
    if (cluster.known.tags.size() > known.tags.size()) {
      who += TagsText(cluster.known, rows, /*of_cluster=*/true);
    }
    const auto coins = [&](const Units& units) { return FormatUnits(units, chain.decimals); };
    std::string out = absl::StrCat("address  ", summary.name, " (", chain.name, ")\n", "balance  ",
                                   coins(summary.balance), " ", chain.symbol, "\nreceived ",
                                   coins(summary.received), " in ", summary.receipts.size(),
                                   " outputs\nsent     ", coins(summary.sent));
    if (!cluster.name.empty()) {
      absl::StrAppend(&out, "\ncluster  ", cluster.name, " of ", cluster.size,
                      cluster.size == 1 ? " address" : " addresses");
    }
    absl::StrAppend(&out, "\n", KeysText(keys), "seen     ");
    if (summary.transactions == 0) {
      absl::StrAppend(&out, "only where it spends what it had before the ledger begins\n", who);
      return out;
    }
    absl::StrAppend(&out, TableTime(summary.first), " to ", TableTime(summary.last), " UTC, in ",
                    summary.transactions, " transactions\n", who, "\n");
    absl::StrAppendFormat(&out, "  %18s  %-16s  %-70s  %s\n", chain.symbol, "time (UTC)", "output",
                          "spent by");
    size_t shown = 0;
    for (const Receipt& receipt : summary.receipts) {
      if (shown++ == rows) {
        absl::StrAppend(&out, "  (", summary.receipts.size() - rows, " more, in --json)\n");
        break;
      }
      SPOOR_ASSIGN_OR_RETURN(const std::string spender, SpenderText(view, receipt.spender));
      absl::StrAppendFormat(
          &out, "  %18s  %-16s  %-70s  %s\n", coins(receipt.amount), TableTime(receipt.time),
          absl::StrCat(ToText(receipt.txid), ":", receipt.output), spender.empty() ? "-" : spender);
    }
    return out;
  }
  SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, NameOwner(view, id));
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.show.v1");
  json.Key("kind").String("address");
  json.Key("chain").String(chain.name);
  WriteOwner(owner, &json);
  json.Key("asset").String(chain.NativeAsset());
  json.Key("balance").Amount(summary.balance);
  json.Key("received").Amount(summary.received);
  json.Key("sent").Amount(summary.sent);
  json.Key("transactions").Number(summary.transactions);
  const bool seen = summary.transactions > 0;
  json.Key("first");
  seen ? json.String(IsoTime(summary.first)) : json.Null();
  json.Key("last");
  seen ? json.String(IsoTime(summary.last)) : json.Null();
  json.Key("cluster");
  cluster.name.empty() ? json.Null() : json.String(cluster.name);
  json.Key("cluster_size");
  cluster.name.empty() ? json.Null() : json.Number(cluster.size);
  json.Key("cluster_known");
  if (cluster.name.empty()) {
    json.Null();
  } else {
    json.BeginObject();
    WriteTags(cluster.known, &json);
    json.EndObject();
  }
  WriteKeys(keys, &json);
  json.Key("outputs").BeginArray();
  for (const Receipt& receipt : summary.receipts) {
    SPOOR_ASSIGN_OR_RETURN(const std::string spender, SpenderText(view, receipt.spender));
    json.BeginObject();
    json.Key("place").String(absl::StrCat(ToText(receipt.txid), ":", receipt.output));
    json.Key("amount").Amount(receipt.amount);
    json.Key("time").String(IsoTime(receipt.time));
    json.Key("spent_by");
    spender.empty() ? json.Null() : json.String(spender);
    json.EndObject();
  }
  json.EndArray();
  WriteTags(known, &json);
  json.EndObject();
  return json.Take();
}

// Where an input's value came from, as text: "TXID:N", or why it has no place here.
absl::StatusOr<std::string> PrevoutText(const LedgerView& view, const Give& give) {
  switch (give.kind) {
    case GiveKind::kOutside:
      return std::string("(before the ledger begins)");
    case GiveKind::kUnresolved:
      return std::string("(unresolved: amount is the least possible)");
    case GiveKind::kHolding:
      break;
  }
  SPOOR_ASSIGN_OR_RETURN(const Movement made, ReadMovement(view, Position{give.holding.major}));
  return absl::StrCat(ToText(made.txid), ":", give.holding.minor);
}

absl::StatusOr<std::string> ShowTransaction(const LedgerView& view, const Movement& movement,
                                            ReportForm form) {
  const ChainInfo& chain = view.chain();
  SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, view.BlockAt(movement.height));
  NameCache names(&view);
  Units fee = 0;
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.show.v1");
  json.Key("kind").String("transaction");
  json.Key("chain").String(chain.name);
  json.Key("txid").String(ToText(movement.txid));
  json.Key("block").Number(block.height);
  json.Key("block_hash").String(ToText(block.hash));
  json.Key("time").String(IsoTime(block.time));
  json.Key("position").Number(movement.position.number);
  json.Key("coinbase").Bool(movement.coinbase);
  json.Key("asset").String(chain.NativeAsset());
  std::string text =
      absl::StrCat("transaction ", ToText(movement.txid), " (", chain.name, ")\nblock       ",
                   block.height, ", ", TableTime(block.time), " UTC\n");
  const auto row = [&](const Units& units, const OwnerName& owner, absl::string_view rest) {
    absl::StrAppendFormat(&text, "  %18s  %-42s  %s\n", FormatUnits(units, chain.decimals),
                          owner.is_address ? owner.text : owner.text.substr(0, 42), rest);
  };
  json.Key("inputs").BeginArray();
  text += "inputs\n";
  if (movement.coinbase) row(movement.minted, OwnerName(), "(new coins and fees)");
  for (const Give& give : movement.gives) {
    SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, names.Owner(give.owner));
    SPOOR_ASSIGN_OR_RETURN(const std::string prevout, PrevoutText(view, give));
    row(give.amount, owner, prevout);
    json.BeginObject();
    json.Key("place");
    give.kind == GiveKind::kHolding ? json.String(prevout) : json.Null();
    json.Key("resolved").Bool(give.kind != GiveKind::kUnresolved);
    json.Key("amount").Amount(give.amount);
    WriteOwner(owner, &json);
    json.EndObject();
  }
  json.EndArray();
  json.Key("outputs").BeginArray();
  text += "outputs\n";
  for (size_t i = 0; i < movement.takes.size(); ++i) {
    const Take& take = movement.takes[i];
    if (take.kind == TakerKind::kFee) {
      fee = take.amount;
      continue;
    }
    SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, names.Owner(take.owner));
    SPOOR_ASSIGN_OR_RETURN(const std::string spender, SpenderText(view, take.next));
    const bool burned = take.kind == TakerKind::kBurned;
    row(take.amount, owner,
        burned            ? absl::StrCat(":", i, " nobody can spend it")
        : spender.empty() ? absl::StrCat(":", i, " unspent")
                          : absl::StrCat(":", i, " spent by ", spender));
    json.BeginObject();
    json.Key("index").Number(i);
    json.Key("amount").Amount(take.amount);
    WriteOwner(owner, &json);
    json.Key("burned").Bool(burned);
    json.Key("spent_by");
    spender.empty() ? json.Null() : json.String(spender);
    json.EndObject();
  }
  json.EndArray();
  json.Key("fee").Amount(fee);
  json.Key("wallet");
  movement.coinbase ? json.Null() : json.String(ToText(movement.fingerprint));
  json.EndObject();
  absl::StrAppend(&text, "fee\n");
  row(fee, OwnerName(), "");
  if (!movement.coinbase) {
    absl::StrAppend(&text, "wallet      ", ToText(movement.fingerprint), "\n");
  }
  return form == ReportForm::kJson ? json.Take() : text;
}

// An address that is in no chain of the ledger, by its tags; empty if it has none.
absl::StatusOr<std::string> ShowTagsAlone(const TagTable* tags, absl::string_view what,
                                          ReportForm form, size_t rows) {
  const size_t colon = what.find(':');
  absl::StatusOr<std::string> key = colon == absl::string_view::npos
                                        ? TagKey(what, "")
                                        : TagKey(what.substr(colon + 1), what.substr(0, colon));
  if (!key.ok()) return std::string();
  SPOOR_ASSIGN_OR_RETURN(const KnownTags known, ReadTags(tags, *key));
  if (known.tags.empty()) return std::string();
  if (form == ReportForm::kText) {
    return absl::StrCat("address  ", known.tags[0].tag.address, " (in no chain of the ledger)\n",
                        TagsText(known, rows));
  }
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.show.v1");
  json.Key("kind").String("address");
  json.Key("chain").Null();
  json.Key("address").String(known.tags[0].tag.address);
  WriteTags(known, &json);
  json.EndObject();
  return json.Take();
}

// The native balance alone: the list of what a busy account received may be of any length.
absl::StatusOr<AddressSummary> SummarizeAccount(const LedgerView& view, AddressSummary summary) {
  SPOOR_ASSIGN_OR_RETURN(const auto balance,
                         view.ReadBalance(Holding::Balance(summary.id, kNativeAsset)));
  if (!balance.has_value()) return summary;
  summary.transactions = balance->movements;
  summary.balance = balance->amount;
  // The chain's own asset has fewer than 2^256 units in all that ever moved.
  summary.received = static_cast<Units>(balance->received);
  summary.sent = summary.received + balance->opening - balance->amount;
  NameCache names(&view);
  SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(view, balance->last));
  SPOOR_ASSIGN_OR_RETURN(summary.last, names.Time(movement.height));
  summary.first = summary.last;
  return summary;
}

}  // namespace

absl::StatusOr<AddressSummary> SummarizeAddress(const LedgerView& view, AddressId id) {
  AddressSummary summary;
  summary.id = id;
  SPOOR_ASSIGN_OR_RETURN(OwnerName owner, NameOwner(view, id));
  summary.name = std::move(owner.text);
  if (view.chain().family == Family::kAccount) return SummarizeAccount(view, std::move(summary));
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> positions, view.Receipts(id));
  std::vector<Movement> movements;
  SPOOR_RETURN_IF_ERROR(view.ReadMovements(positions, &movements));
  NameCache names(&view);
  std::set<Position> touched(positions.begin(), positions.end());
  for (const Movement& movement : movements) {
    SPOOR_ASSIGN_OR_RETURN(const int64_t time, names.Time(movement.height));
    for (size_t i = 0; i < movement.takes.size(); ++i) {
      const Take& take = movement.takes[i];
      if (take.owner != id) continue;
      summary.receipts.push_back({movement.position, movement.txid, static_cast<uint32_t>(i), time,
                                  take.amount, take.next});
      summary.received += take.amount;
      if (take.next.has_value()) {
        summary.sent += take.amount;
        touched.insert(*take.next);
      }
    }
  }
  summary.balance = summary.received - summary.sent;
  summary.transactions = touched.size();
  if (touched.empty()) return summary;
  for (const auto& [position, time] :
       {std::pair(*touched.begin(), &summary.first), std::pair(*touched.rbegin(), &summary.last)}) {
    SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(view, position));
    SPOOR_ASSIGN_OR_RETURN(*time, names.Time(movement.height));
  }
  return summary;
}

std::string ShowLedger(absl::Span<const LedgerView* const> views, ReportForm form) {
  Json json;
  std::string text;
  json.BeginObject();
  json.Key("schema").String("spoor.show.v1");
  json.Key("kind").String("ledger");
  json.Key("chains").BeginArray();
  for (const LedgerView* view : views) {
    const ChainInfo& chain = view->chain();
    const auto tip = view->tip();
    const LedgerTotals totals = tip.has_value() ? tip->totals : LedgerTotals();
    json.BeginObject();
    json.Key("chain").String(chain.name);
    json.Key("asset").String(chain.NativeAsset());
    json.Key("blocks").Number(totals.blocks);
    json.Key("transactions").Number(totals.transactions);
    json.Key("inputs").Number(totals.inputs);
    json.Key("outputs").Number(totals.outputs);
    json.Key("addresses").Number(totals.addresses);
    json.Key("transfers").Number(totals.transfers);
    json.Key("unresolved_inputs").Number(totals.unresolved_inputs);
    if (chain.family == Family::kAccount) {
      json.Key("assets").Number(totals.assets);
      json.Key("internal_transfers_missing").Bool(chain.internal_transfers_missing);
    }
    json.Key("tip");
    if (chain.family == Family::kAccount) {
      absl::StrAppendFormat(
          &text, "%s\n  %d blocks, %d transactions, %d transfers, %d addresses, %d tokens\n",
          chain.name, totals.blocks, totals.transactions, totals.transfers, totals.addresses,
          totals.assets);
      if (totals.unresolved_inputs > 0) {
        absl::StrAppendFormat(&text, "  %d balances begin before the ledger does\n",
                              totals.unresolved_inputs);
      }
      if (chain.internal_transfers_missing) {
        absl::StrAppend(&text, "  internal transfers are missing\n");
      }
    } else {
      absl::StrAppendFormat(
          &text, "%s\n  %d blocks, %d transactions, %d inputs, %d outputs, %d addresses\n",
          chain.name, totals.blocks, totals.transactions, totals.inputs, totals.outputs,
          totals.addresses);
    }
    if (totals.unresolved_inputs > 0 && chain.family == Family::kUtxo) {
      absl::StrAppendFormat(&text, "  %d inputs are unresolved\n", totals.unresolved_inputs);
    }
    WriteTip(tip, &json);
    if (tip.has_value()) {
      absl::StrAppendFormat(&text, "  tip: block %d, %s, %s UTC\n", tip->height,
                            ToText(tip->hash, HashTextOf(chain)), TableTime(tip->time));
    }
    json.EndObject();
  }
  json.EndArray();
  json.EndObject();
  if (views.empty()) text = "the ledger is empty\n";
  return form == ReportForm::kJson ? json.Take() : text;
}

absl::StatusOr<std::string> Show(absl::Span<const LedgerView* const> views, const TagTable* tags,
                                 absl::Span<const ChainClusters> clusters, absl::string_view what,
                                 ReportForm form, size_t rows) {
  const std::string asked(what);
  absl::string_view only;
  for (const LedgerView* view : views) {
    const std::string prefix = view->chain().name + ":";
    if (what.substr(0, prefix.size()) == prefix) {
      only = view->chain().name;
      what.remove_prefix(prefix.size());
      break;
    }
  }
  // Whether it looks like one: the names of transactions of account chains may look like anything.
  const bool is_txid = FromText<Txid>(what).ok();
  std::vector<std::pair<const LedgerView*, std::vector<Position>>> transactions;
  for (const LedgerView* view : views) {
    if (!only.empty() && view->chain().name != only) continue;
    const absl::StatusOr<Txid> txid = TxidFromText(view->chain(), what);
    if (!txid.ok()) continue;
    SPOOR_ASSIGN_OR_RETURN(std::vector<Position> found, view->FindTransaction(*txid));
    if (!found.empty()) transactions.emplace_back(view, std::move(found));
  }
  SPOOR_ASSIGN_OR_RETURN(const AddressSearch addresses, FindAddressOnChains(views, asked));
  if (transactions.size() + addresses.places.size() > 1) {
    if (transactions.size() == 1 && addresses.places.size() == 1 &&
        transactions[0].first == views[addresses.places[0].chain]) {
      return absl::InvalidArgumentError(absl::StrCat(
          asked, " is both an account and a transaction of ", transactions[0].first->chain().name));
    }
    return absl::InvalidArgumentError(
        absl::StrCat(asked, " is on more than one chain; write CHAIN:", what));
  }
  if (!transactions.empty()) {
    const auto& [view, positions] = transactions[0];
    if (view->chain().family == Family::kAccount) {
      return ShowAccountTransaction(*view, positions, form);
    }
    SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(*view, positions.back()));
    return ShowTransaction(*view, movement, form);
  }
  if (!addresses.places.empty()) {
    const AddressPlace& place = addresses.places[0];
    return ShowAddress(views, *views[place.chain], place.id, tags, clusters, form, rows);
  }
  SPOOR_ASSIGN_OR_RETURN(std::string alone,
                         ShowTagsAlone(tags, only.empty() ? asked : what, form, rows));
  if (!alone.empty()) return alone;
  if (is_txid) {
    return absl::InvalidArgumentError(absl::StrCat("no transaction ", what, " in the ledger"));
  }
  const std::string no_chain = NoSuchChain(views, asked);
  return absl::InvalidArgumentError(
      absl::StrCat(asked, ": ", no_chain.empty() ? addresses.why_none : no_chain));
}

}  // namespace spoor
