#include "lib/report/show_account.h"

#include <limits>
#include <optional>
#include <queue>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/json.h"
#include "lib/report/names.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

constexpr size_t kJsonRows = 1000;

const char* KindText(MovementKind kind) {
  switch (kind) {
    case MovementKind::kFee:
      return "fee";
    case MovementKind::kReward:
      return "reward";
    default:
      return "transfer";
  }
}

// An asset as it is shown: by its number of decimals, and a word for people.
struct ShownAsset {
  std::string name;
  std::string word;
  int decimals = 0;
  bool lying = false;

  std::string Amount(const Units& units) const {
    return absl::StrCat(FormatUnits(units, decimals), " ", word);
  }
};
absl::StatusOr<ShownAsset> ReadShownAsset(const LedgerView& view, AssetId id) {
  ShownAsset shown;
  SPOOR_ASSIGN_OR_RETURN(shown.name, NameAsset(view, id));
  SPOOR_ASSIGN_OR_RETURN(const AssetInfo asset, view.ReadAsset(id));
  // Anybody may call a token ETH: what it is called is never without its contract.
  shown.word = id == kNativeAsset     ? asset.symbol
               : asset.symbol.empty() ? shown.name
                                      : absl::StrCat(asset.symbol, " (", shown.name, ")");
  // Beyond what 256 bits have digits for, the point says nothing to anybody.
  shown.decimals = asset.decimals < 0 || asset.decimals > 77 ? 0 : asset.decimals;
  shown.lying = asset.lying;
  return shown;
}

// What moves from whom to whom.
struct Moved {
  Units amount;
  Units burned;
  std::string from;  // empty: minted
  std::string to;    // empty: burned, or a fee
  Units opening;     // of the giver
};
absl::StatusOr<Moved> ReadMoved(const Movement& movement, NameCache* names) {
  Moved moved;
  if (!movement.gives.empty()) {
    SPOOR_ASSIGN_OR_RETURN(const OwnerName from, names->Owner(movement.gives[0].owner));
    moved.from = from.text;
    moved.opening = movement.gives[0].opening;
  }
  for (size_t i = 0; i < movement.takes.size(); ++i) {
    const Take& take = movement.takes[i];
    if (movement.IsChange(i)) continue;
    moved.amount += take.amount;
    if (take.kind == TakerKind::kBurned) moved.burned += take.amount;
    if (take.kind != TakerKind::kHolding) continue;
    SPOOR_ASSIGN_OR_RETURN(const OwnerName to, names->Owner(take.owner));
    moved.to = to.text;
  }
  return moved;
}

void WriteName(absl::string_view key, const std::string& name, Json* json) {
  json->Key(key);
  name.empty() ? json->Null() : json->String(name);
}

// "TXID:N", or the txid of a fee.
absl::StatusOr<std::string> PlaceOf(const LedgerView& view, const Movement& movement) {
  SPOOR_ASSIGN_OR_RETURN(std::string place, NameTransaction(view, movement.txid));
  if (movement.kind != MovementKind::kFee) absl::StrAppend(&place, ":", movement.index);
  return place;
}

absl::Status WriteMovement(const LedgerView& view, const Movement& movement, NameCache* names,
                           Json* json) {
  SPOOR_ASSIGN_OR_RETURN(const Moved moved, ReadMoved(movement, names));
  SPOOR_ASSIGN_OR_RETURN(const std::string asset, NameAsset(view, movement.asset));
  json->Key("kind").String(KindText(movement.kind));
  json->Key("asset").String(asset);
  json->Key("amount").Amount(moved.amount);
  json->Key("burned").Amount(moved.burned);
  WriteName("from", moved.from, json);
  WriteName("to", moved.to, json);
  json->Key("from_opening").Amount(moved.opening);
  return absl::OkStatus();
}

// The last movements of the balances, the last first, at most `most`, each once.
absl::StatusOr<std::vector<Movement>> LastMovements(const LedgerView& view,
                                                    const std::vector<BalanceInfo>& balances,
                                                    size_t most) {
  std::priority_queue<std::pair<Position, Holding>> ahead;
  for (const BalanceInfo& balance : balances) ahead.push({balance.last, balance.holding});
  std::vector<Movement> last;
  while (!ahead.empty() && last.size() < most) {
    const auto [position, holding] = ahead.top();
    ahead.pop();
    SPOOR_ASSIGN_OR_RETURN(Movement movement, ReadMovement(view, position));
    std::optional<Position> previous;
    for (const Give& give : movement.gives) {
      if (give.holding == holding) previous = give.previous;
    }
    for (size_t i = 0; i < movement.takes.size(); ++i) {
      const Take& take = movement.takes[i];
      if (take.kind != TakerKind::kHolding || take.holding != holding) continue;
      if (take.previous.has_value()) previous = take.previous;
    }
    if (previous.has_value()) ahead.push({*previous, holding});
    last.push_back(std::move(movement));
  }
  return last;
}

Uint512 SentOf(const BalanceInfo& balance) {
  return balance.received + Uint512(balance.opening) - Uint512(balance.amount);
}

// Amounts in all may pass 256 bits, then without a point.
std::string SumText(const Uint512& units, const ShownAsset& asset) {
  if (units > Uint512(std::numeric_limits<Units>::max())) return units.str();
  return FormatUnits(static_cast<Units>(units), asset.decimals);
}

}  // namespace

absl::StatusOr<std::string> ShowAccount(const LedgerView& view, const ShownAccount& account,
                                        ReportForm form, size_t rows) {
  const ChainInfo& chain = view.chain();
  const bool json_form = form == ReportForm::kJson;
  const size_t most = json_form ? kJsonRows : rows;
  NameCache names(&view);
  SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, names.Owner(account.id));
  std::vector<BalanceInfo> balances;
  uint64_t all_balances = 0;
  uint64_t movements = 0;
  uint64_t openings = 0;
  SPOOR_RETURN_IF_ERROR(view.ScanBalances(account.id, [&](const BalanceInfo& balance) {
    all_balances += 1;
    movements += balance.movements;
    openings += balance.opening != 0 ? 1 : 0;
    if (balances.size() < most) balances.push_back(balance);
    return absl::OkStatus();
  }));
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Movement> last, LastMovements(view, balances, most));
  BalanceInfo native;
  if (!balances.empty() && balances[0].holding.minor == kNativeAsset) native = balances[0];

  std::string text = absl::StrCat("account  ", owner.text, " (", chain.name, ")\n");
  if (!account.cluster.empty()) {
    absl::StrAppend(&text, "cluster  ", account.cluster, " of ", account.cluster_size,
                    account.cluster_size == 1 ? " address\n" : " addresses\n");
  }
  absl::StrAppend(&text, TagsText(account.tags, rows));
  if (account.cluster_tags.tags.size() > account.tags.tags.size()) {
    absl::StrAppend(&text, TagsText(account.cluster_tags, rows, /*of_cluster=*/true));
  }
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.show.v1");
  json.Key("kind").String("address");
  json.Key("chain").String(chain.name);
  WriteOwner(owner, &json);
  json.Key("asset").String(chain.NativeAsset());
  json.Key("balance").Amount(native.amount);
  json.Key("received").String(native.received.str());
  json.Key("sent").String(SentOf(native).str());
  json.Key("movements").Number(movements);
  json.Key("opening_balances").Number(openings);
  json.Key("internal_transfers_missing").Bool(chain.internal_transfers_missing);
  json.Key("last");
  if (last.empty()) {
    json.Null();
  } else {
    SPOOR_ASSIGN_OR_RETURN(const int64_t time, names.Time(last[0].height));
    json.String(IsoTime(time));
  }
  WriteName("cluster", account.cluster, &json);
  json.Key("cluster_size");
  account.cluster.empty() ? json.Null() : json.Number(account.cluster_size);
  json.Key("cluster_known");
  if (account.cluster.empty()) {
    json.Null();
  } else {
    json.BeginObject();
    WriteTags(account.cluster_tags, &json);
    json.EndObject();
  }
  json.Key("balances_in_all").Number(all_balances);
  json.Key("balances").BeginArray();
  absl::StrAppendFormat(&text, "\n  %28s  %28s  %28s  %9s  %s\n", "balance", "received", "sent",
                        "movements", "asset");
  for (const BalanceInfo& balance : balances) {
    SPOOR_ASSIGN_OR_RETURN(const ShownAsset asset, ReadShownAsset(view, balance.holding.minor));
    absl::StrAppendFormat(
        &text, "  %28s  %28s  %28s  %9d  %s%s\n", FormatUnits(balance.amount, asset.decimals),
        SumText(balance.received, asset), SumText(SentOf(balance), asset), balance.movements,
        asset.word, asset.lying ? " (its transfers do not add up)" : "");
    if (balance.opening != 0) {
      absl::StrAppendFormat(&text, "  %28s  before the ledger begins, at the least\n",
                            FormatUnits(balance.opening, asset.decimals));
    }
    json.BeginObject();
    json.Key("asset").String(asset.name);
    json.Key("balance").Amount(balance.amount);
    json.Key("opening").Amount(balance.opening);
    json.Key("received").String(balance.received.str());
    json.Key("sent").String(SentOf(balance).str());
    json.Key("movements").Number(balance.movements);
    json.Key("lying").Bool(asset.lying);
    json.EndObject();
  }
  json.EndArray();
  if (all_balances > balances.size()) {
    absl::StrAppend(&text, "  (", all_balances - balances.size(), " more)\n");
  }
  if (openings > 0) {
    absl::StrAppend(&text, "  Its history begins before the ledger's: ", openings,
                    openings == 1 ? " balance was" : " balances were",
                    " taken to be as large as what was paid later needs.\n");
  }
  if (chain.internal_transfers_missing) {
    absl::StrAppend(&text, "  Internal transfers are missing on this chain.\n");
  }
  absl::StrAppend(&text, "\nlast movements, of ", movements, "\n");
  json.Key("last_movements").BeginArray();
  for (const Movement& movement : last) {
    SPOOR_ASSIGN_OR_RETURN(const std::string place, PlaceOf(view, movement));
    SPOOR_ASSIGN_OR_RETURN(const int64_t time, names.Time(movement.height));
    json.BeginObject();
    json.Key("place").String(place);
    json.Key("time").String(IsoTime(time));
    SPOOR_RETURN_IF_ERROR(WriteMovement(view, movement, &names, &json));
    json.EndObject();
    if (json_form) continue;
    SPOOR_ASSIGN_OR_RETURN(const Moved moved, ReadMoved(movement, &names));
    SPOOR_ASSIGN_OR_RETURN(const ShownAsset asset, ReadShownAsset(view, movement.asset));
    const bool out = moved.from == owner.text;
    const std::string& other = out ? moved.to : moved.from;
    absl::StrAppendFormat(&text, "  %s  %s %s %s\n      %s\n", TableTime(time), out ? "-" : "+",
                          asset.Amount(moved.amount),
                          movement.kind == MovementKind::kFee ? std::string("fee")
                          : other.empty() ? std::string(out ? "burned" : "minted")
                                          : absl::StrCat(out ? "to " : "from ", other),
                          place);
  }
  json.EndArray();
  WriteTags(account.tags, &json);
  json.EndObject();
  return json_form ? json.Take() : text;
}

absl::StatusOr<std::string> ShowAccountTransaction(const LedgerView& view,
                                                   const std::vector<Position>& positions,
                                                   ReportForm form) {
  const ChainInfo& chain = view.chain();
  std::vector<Movement> movements;
  SPOOR_RETURN_IF_ERROR(view.ReadMovements(positions, &movements));
  NameCache names(&view);
  SPOOR_ASSIGN_OR_RETURN(const std::string name, NameTransaction(view, movements[0].txid));
  SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, view.BlockAt(movements[0].height));
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.show.v1");
  json.Key("kind").String("transaction");
  json.Key("chain").String(chain.name);
  json.Key("txid").String(name);
  json.Key("block").Number(block.height);
  json.Key("block_hash").String(ToText(block.hash, HashTextOf(chain)));
  json.Key("time").String(IsoTime(block.time));
  json.Key("internal_transfers_missing").Bool(chain.internal_transfers_missing);
  std::string text = absl::StrCat("transaction ", name, " (", chain.name, ")\nblock       ",
                                  block.height, ", ", TableTime(block.time), " UTC\n");
  if (chain.internal_transfers_missing) {
    absl::StrAppend(&text, "internal transfers are missing on this chain\n");
  }
  json.Key("movements").BeginArray();
  for (const Movement& movement : movements) {
    json.BeginObject();
    json.Key("index");
    movement.kind == MovementKind::kFee ? json.Null() : json.Number(movement.index);
    json.Key("block").Number(movement.height);
    SPOOR_RETURN_IF_ERROR(WriteMovement(view, movement, &names, &json));
    json.EndObject();
    SPOOR_ASSIGN_OR_RETURN(const Moved moved, ReadMoved(movement, &names));
    SPOOR_ASSIGN_OR_RETURN(const ShownAsset asset, ReadShownAsset(view, movement.asset));
    absl::StrAppendFormat(
        &text, "  %-6s %s%s\n",
        movement.kind == MovementKind::kFee ? "fee" : absl::StrCat(":", movement.index),
        asset.Amount(moved.amount),
        movement.kind == MovementKind::kReward ? " (reward)"
        : movement.kind == MovementKind::kFee && moved.burned != 0
            ? absl::StrCat(", ", asset.Amount(moved.burned), " of it burned")
            : "");
    if (!moved.from.empty()) absl::StrAppend(&text, "         from ", moved.from, "\n");
    if (moved.opening != 0) {
      absl::StrAppend(&text, "              who held ", asset.Amount(moved.opening),
                      " before the ledger begins, at the least\n");
    }
    if (!moved.to.empty()) absl::StrAppend(&text, "         to   ", moved.to, "\n");
  }
  json.EndArray();
  json.EndObject();
  return form == ReportForm::kJson ? json.Take() : text;
}

}  // namespace spoor
