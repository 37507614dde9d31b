#include "spoor/taint/seed.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "spoor/base/csv.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

absl::Status BadSeed(const SeedRequest& request, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat("seed ", request.seed, ": ", why));
}

struct TimeRange {
  int64_t from = std::numeric_limits<int64_t>::min();
  int64_t to = std::numeric_limits<int64_t>::max();
};

absl::StatusOr<TimeRange> ParseTimeRange(absl::string_view text) {
  const size_t dots = text.find("..");
  if (dots == absl::string_view::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"@", text, "\" is no time range, wanted @FROM..TO"));
  }
  TimeRange range;
  if (const absl::string_view from = text.substr(0, dots); !from.empty()) {
    SPOOR_ASSIGN_OR_RETURN(range.from, ParseTime(from, /*end=*/false));
  }
  if (const absl::string_view to = text.substr(dots + 2); !to.empty()) {
    SPOOR_ASSIGN_OR_RETURN(range.to, ParseTime(to, /*end=*/true));
  }
  if (range.from > range.to) {
    return absl::InvalidArgumentError(absl::StrCat("\"@", text, "\" ends before it begins"));
  }
  return range;
}

// What the text of a seed says of one chain, before its ledger is asked.
struct ParsedSeed {
  std::optional<Txid> txid;  // else an address
  std::optional<uint32_t> index;
  absl::string_view address;
  TimeRange range;
};

// The N of TXID:N; nullopt if it is none.
std::optional<uint32_t> ParseIndex(absl::string_view digits) {
  uint32_t index = 0;
  const bool plain = !digits.empty() &&
                     digits.find_first_not_of("0123456789") == absl::string_view::npos &&
                     (digits.size() == 1 || digits[0] != '0');
  return plain && absl::SimpleAtoi(digits, &index) ? std::optional(index) : std::nullopt;
}

absl::StatusOr<ParsedSeed> ParseSeed(const ChainInfo& chain, absl::string_view text) {
  ParsedSeed parsed;
  const absl::string_view head = text.substr(0, text.find(':'));
  if (const auto txid = FromText<Txid>(head, HashTextOf(chain)); txid.ok()) {
    parsed.txid = *txid;
    if (head.size() < text.size()) {
      parsed.index = ParseIndex(text.substr(head.size() + 1));
      if (!parsed.index.has_value()) {
        return absl::InvalidArgumentError(
            absl::StrCat("\"", text.substr(head.size()), "\" is no ",
                         chain.family == Family::kUtxo ? "output" : "transfer",
                         ", wanted TXID:N with N from 0"));
      }
    }
    return parsed;
  }
  // Names of accounts may have any characters, but hardly two dots after an @.
  const size_t at = chain.family == Family::kUtxo ? text.find('@') : text.rfind('@');
  parsed.address = text.substr(0, at);
  if (at == absl::string_view::npos) return parsed;
  const absl::string_view range = text.substr(at + 1);
  if (chain.family == Family::kAccount && !absl::StrContains(range, "..")) {
    parsed.address = text;
    return parsed;
  }
  SPOOR_ASSIGN_OR_RETURN(parsed.range, ParseTimeRange(range));
  return parsed;
}

// What one chain has of a seed.
struct Found {
  std::vector<Credit> credits;
  std::vector<SeededAsset> assets;
  // Why there are none, if the chain has the seed's transaction or address all the same.
  std::string why_none;

  void Add(const Movement& movement, size_t take) {
    credits.push_back({movement.position, static_cast<uint32_t>(take), movement.asset, false});
    SeededAsset& seeded = Of(movement.asset);
    seeded.amount += movement.takes[take].amount;
    seeded.credits += 1;
  }

  // The opening balance that the movement's take `take` is of.
  void AddOpening(const Movement& movement, size_t take, const Units& amount) {
    credits.push_back({movement.position, static_cast<uint32_t>(take), movement.asset, true});
    SeededAsset& seeded = Of(movement.asset);
    seeded.amount += amount;
    seeded.opening += amount;
  }

  SeededAsset& Of(AssetId asset) {
    auto it = std::find_if(assets.begin(), assets.end(),
                           [&](const SeededAsset& known) { return known.asset >= asset; });
    if (it == assets.end() || it->asset != asset) it = assets.insert(it, {asset, 0, 0, 0});
    return *it;
  }
};

// The transaction's outputs, or transfers, or the one named.
absl::StatusOr<Found> TransactionCredits(const LedgerView& view, const Txid& txid,
                                         std::optional<uint32_t> index) {
  Found found;
  std::vector<Movement> movements;
  SPOOR_RETURN_IF_ERROR(view.ReadTransaction(txid, &movements));
  if (movements.empty()) return found;
  const bool utxo = view.chain().family == Family::kUtxo;
  // Where two coinbases share a txid (BIP 30) the later one is meant: it replaced the other's
  // outputs.
  if (utxo) movements.erase(movements.begin(), movements.end() - 1);
  size_t count = 0;
  for (const Movement& movement : movements) {
    for (size_t i = 0; i < movement.takes.size(); ++i) {
      if (movement.takes[i].kind == TakerKind::kFee || movement.kind == MovementKind::kFee ||
          movement.IsChange(i)) {
        continue;
      }
      // A transfer of nothing is no credit, unless it is asked for.
      if (index.has_value() ? count == *index : utxo || movement.takes[i].amount != 0) {
        found.Add(movement, i);
      }
      ++count;
    }
  }
  if (!found.credits.empty()) return found;
  const absl::string_view what = utxo ? "output" : "transfer";
  found.why_none = absl::StrCat("the transaction has ", count, " ", what, count == 1 ? "" : "s",
                                ", numbered from 0; ");
  if (index.has_value()) {
    absl::StrAppend(&found.why_none, "no ", what, " ", *index);
  } else {
    absl::StrAppend(&found.why_none, "they move nothing");
  }
  return found;
}

// The first movement to touch a balance, which the one at `position` touches too, and the take that
// does: of a payment, the change.
absl::StatusOr<std::pair<Movement, size_t>> FirstTouch(const LedgerView& view,
                                                       const Holding& balance, Position position) {
  while (true) {
    SPOOR_ASSIGN_OR_RETURN(Movement movement, ReadMovement(view, position));
    std::optional<Position> previous;
    size_t touches = movement.takes.size();
    if (!movement.gives.empty() && movement.gives[0].holding == balance) {
      previous = movement.gives[0].previous;
      touches = movement.takes.size() - 1;
    } else {
      for (size_t i = 0; i < movement.takes.size(); ++i) {
        const Take& take = movement.takes[i];
        if (take.kind != TakerKind::kHolding || take.holding != balance) continue;
        previous = take.previous;
        touches = i;
      }
    }
    if (touches == movement.takes.size() || (previous.has_value() && *previous >= position)) {
      return absl::DataLossError(
          absl::StrCat("movement ", position.number, " does not touch the balance it is said to"));
    }
    if (!previous.has_value()) return std::pair(std::move(movement), touches);
    position = *previous;
  }
}

// What the address had when the ledger begins it has received too.
absl::Status AddOpenings(const LedgerView& view, AddressId id, Found* found) {
  std::vector<BalanceInfo> balances;
  SPOOR_RETURN_IF_ERROR(view.ScanBalances(id, [&](const BalanceInfo& balance) {
    if (balance.opening != 0) balances.push_back(balance);
    return absl::OkStatus();
  }));
  const std::vector<Credit> received = found->credits;
  for (const BalanceInfo& balance : balances) {
    // What came to it first is nearer to the beginning than what touched it last.
    Position from = balance.last;
    for (const Credit& credit : received) {
      if (credit.asset == balance.holding.minor) from = std::min(from, credit.position);
    }
    SPOOR_ASSIGN_OR_RETURN(const auto first, FirstTouch(view, balance.holding, from));
    found->AddOpening(first.first, first.second, balance.opening);
  }
  std::stable_sort(found->credits.begin(), found->credits.end(),
                   [](const Credit& a, const Credit& b) {
                     if (a.position != b.position) return a.position < b.position;
                     return a.opening && !b.opening;
                   });
  return absl::OkStatus();
}

// What the address received in the seed's range of time.
absl::StatusOr<Found> ReceivedBy(const LedgerView& view, AddressId id, const TimeRange& range) {
  constexpr size_t kBatch = 4096;
  Found found;
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> positions, view.Receipts(id));
  std::vector<Movement> movements;
  std::optional<BlockInfo> block;
  for (size_t begin = 0; begin < positions.size(); begin += kBatch) {
    SPOOR_RETURN_IF_ERROR(
        view.ReadMovements(absl::MakeConstSpan(positions).subspan(begin, kBatch), &movements));
    for (const Movement& movement : movements) {
      if (!block.has_value() || block->height != movement.height) {
        SPOOR_ASSIGN_OR_RETURN(block, view.BlockAt(movement.height));
      }
      if (block->time < range.from || block->time > range.to) continue;
      for (size_t i = 0; i < movement.takes.size(); ++i) {
        if (movement.takes[i].owner != id || movement.IsChange(i)) continue;
        if (view.chain().family == Family::kAccount && movement.takes[i].amount == 0) continue;
        found.Add(movement, i);
      }
    }
  }
  if (view.chain().family == Family::kAccount && range.from == TimeRange().from) {
    SPOOR_RETURN_IF_ERROR(AddOpenings(view, id, &found));
  }
  if (found.credits.empty()) {
    found.why_none =
        absl::StrCat("the address received nothing in that time; it received ", positions.size(),
                     positions.size() == 1 ? " payment" : " payments", " in all");
  }
  return found;
}

// What `text` means on a chain. INVALID_ARGUMENT if it is neither transaction nor address of it.
absl::StatusOr<Found> FindOn(const LedgerView& view, absl::string_view text) {
  SPOOR_ASSIGN_OR_RETURN(const ParsedSeed seed, ParseSeed(view.chain(), text));
  if (seed.txid.has_value()) return TransactionCredits(view, *seed.txid, seed.index);
  SPOOR_ASSIGN_OR_RETURN(const std::string key, AddressKeyFromText(view.chain(), seed.address));
  SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> id, view.FindAddress(key));
  if (id.has_value()) return ReceivedBy(view, *id, seed.range);
  if (view.chain().family == Family::kUtxo) return Found();
  // Transactions may be called by any name, too.
  SPOOR_ASSIGN_OR_RETURN(const Txid whole, TxidFromText(view.chain(), text));
  SPOOR_ASSIGN_OR_RETURN(Found found, TransactionCredits(view, whole, std::nullopt));
  const size_t colon = text.rfind(':');
  if (!found.credits.empty() || !found.why_none.empty() || colon == absl::string_view::npos ||
      colon == 0) {
    return found;
  }
  const std::optional<uint32_t> index = ParseIndex(text.substr(colon + 1));
  if (!index.has_value()) return found;
  SPOOR_ASSIGN_OR_RETURN(const Txid head, TxidFromText(view.chain(), text.substr(0, colon)));
  return TransactionCredits(view, head, index);
}

// A name is printed in tables and reports; it must not command the terminal that shows them.
absl::Status CheckSource(absl::string_view source) {
  if (std::any_of(source.begin(), source.end(),
                  [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); })) {
    return absl::InvalidArgumentError("the name of a source has control characters in it");
  }
  return absl::OkStatus();
}

absl::StatusOr<Seed> FindSeed(absl::Span<const LedgerView* const> views,
                              const SeedRequest& request) {
  absl::string_view text = request.seed;
  std::optional<size_t> wanted;
  const absl::string_view prefix = text.substr(0, text.find(':'));
  for (size_t i = 0; i < views.size(); ++i) {
    if (prefix.size() < text.size() && views[i]->chain().name == prefix) wanted = i;
  }
  if (wanted.has_value()) text.remove_prefix(prefix.size() + 1);

  Seed seed;
  seed.request = request;
  // Why no chain has it: the nearest miss counts.
  std::string why_none;
  absl::Status not_understood;
  bool understood = false;
  bool transaction = false;
  for (size_t i = 0; i < views.size(); ++i) {
    if (wanted.value_or(i) != i) continue;
    absl::StatusOr<Found> found = FindOn(*views[i], text);
    if (absl::IsInvalidArgument(found.status())) {
      not_understood = found.status();
      continue;
    }
    SPOOR_RETURN_IF_ERROR(found.status());
    understood = true;
    const auto parsed = ParseSeed(views[i]->chain(), text);
    transaction |= parsed.ok() && parsed->txid.has_value();
    if (!found->why_none.empty()) why_none = found->why_none;
    if (found->credits.empty()) continue;
    if (!seed.credits.empty()) {
      return BadSeed(request, absl::StrCat("it is on ", views[seed.chain]->chain().name, " and on ",
                                           views[i]->chain().name, "; write ",
                                           views[i]->chain().name, ":", text, " for one of them"));
    }
    seed.chain = i;
    seed.credits = std::move(found->credits);
    seed.assets = std::move(found->assets);
  }
  if (seed.credits.empty()) {
    if (why_none.empty() && !understood && !not_understood.ok()) {
      const std::string chain = wanted.has_value() ? "" : NoSuchChain(views, text);
      why_none = chain.empty() ? std::string(not_understood.message()) : chain;
    }
    if (why_none.empty()) {
      why_none = transaction ? "no such transaction in the ledger"
                             : "the ledger has never seen this address";
    }
    return BadSeed(request, why_none);
  }
  if (!request.limit.has_value()) return seed;
  if (seed.assets.size() > 1) {
    return BadSeed(request, absl::StrCat("it has an amount and means ", seed.assets.size(),
                                         " assets; name single transfers, TXID:N, to say of which "
                                         "one"));
  }
  seed.assets[0].amount = std::min(seed.assets[0].amount, *request.limit);
  return seed;
}

}  // namespace

std::string NoSuchChain(absl::Span<const LedgerView* const> views, absl::string_view text) {
  const size_t colon = text.find(':');
  if (colon == absl::string_view::npos) return "";
  const absl::string_view name = text.substr(0, colon);
  // An output of a mistyped txid.
  const bool number = text.find_first_not_of("0123456789", colon + 1) == absl::string_view::npos;
  const bool known = std::any_of(views.begin(), views.end(), [&](const LedgerView* view) {
    return view->chain().name == name;
  });
  // "script:" names scripts without an address; and so long a name is a transaction's.
  if (name.empty() || name.size() >= 64 || name == "script" || known || number ||
      !std::all_of(name.begin(), name.end(), [](char c) {
        return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-';
      })) {
    return "";
  }
  return absl::StrCat("the ledger has no chain \"", name, "\"; it has ",
                      absl::StrJoin(views, ", ", [](std::string* out, const LedgerView* view) {
                        out->append(view->chain().name);
                      }));
}

absl::StatusOr<int64_t> ParseTime(absl::string_view text, bool end) {
  absl::Time time;
  std::string error;
  if (absl::ParseTime("%Y-%m-%d", text, &time, &error)) {
    if (end) time += absl::Hours(24) - absl::Seconds(1);
    return absl::ToUnixSeconds(time);
  }
  for (const char* const minutes : {"%Y-%m-%d%ET%H:%M", "%Y-%m-%d %H:%M"}) {
    if (!absl::ParseTime(minutes, text, &time, &error)) continue;
    if (end) time += absl::Seconds(59);
    return absl::ToUnixSeconds(time);
  }
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error) ||
      absl::ParseTime("%Y-%m-%d%ET%H:%M:%S", text, &time, &error) ||
      absl::ParseTime("%Y-%m-%d %H:%M:%S", text, &time, &error)) {
    return absl::ToUnixSeconds(time);
  }
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", text, "\" is no time, wanted 2024-05-31, 2024-05-31 05:23 or 2024-05-31T05:23:00Z"));
}

absl::StatusOr<SeedRequest> ParseSeedRequest(absl::string_view text) {
  SeedRequest request;
  const size_t equals = text.find('=');
  request.seed = std::string(equals == absl::string_view::npos ? text : text.substr(equals + 1));
  request.source =
      equals == absl::string_view::npos ? request.seed : std::string(text.substr(0, equals));
  if (request.seed.empty() || request.source.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", text, "\" is no seed, wanted SEED or NAME=SEED"));
  }
  SPOOR_RETURN_IF_ERROR(CheckSource(request.source));
  return request;
}

absl::StatusOr<std::vector<SeedRequest>> ParseSeedFile(absl::string_view csv) {
  std::vector<SeedRequest> requests;
  CsvReader reader(csv);
  std::vector<std::string> fields;
  bool header = false;
  while (true) {
    SPOOR_ASSIGN_OR_RETURN(const bool more, reader.Next(&fields));
    if (!more) break;
    const auto error = [&](absl::string_view what) {
      return absl::InvalidArgumentError(absl::StrCat("line ", reader.line(), ": ", what));
    };
    const std::string line = absl::StrJoin(fields, ",");
    if (!header) {
      header = true;
      if (line != "source,seed" && line != "source,seed,amount") {
        return error(absl::StrCat("found \"", line, "\", wanted the header source,seed[,amount]"));
      }
      continue;
    }
    if (fields.size() < 2 || fields.size() > 3 || fields[0].empty() || fields[1].empty()) {
      return error(absl::StrCat("found \"", line, "\", wanted source,seed[,amount]"));
    }
    SeedRequest request{fields[0], fields[1], std::nullopt};
    if (fields.size() == 3 && !fields[2].empty()) {
      const absl::StatusOr<Units> limit = UnitsFromDecimal(fields[2]);
      if (!limit.ok()) {
        return error(absl::StrCat("amount \"", fields[2], "\": ", limit.status().message(),
                                  ": it counts base units, satoshis or wei"));
      }
      request.limit = *limit;
    }
    if (const absl::Status status = CheckSource(request.source); !status.ok()) {
      return error(status.message());
    }
    requests.push_back(std::move(request));
  }
  if (!header) {
    return absl::InvalidArgumentError("it is empty, wanted the header source,seed[,amount]");
  }
  return requests;
}

Units Seed::AmountOf(AssetId asset) const {
  for (const SeededAsset& seeded : assets) {
    if (seeded.asset == asset) return seeded.amount;
  }
  return 0;
}

absl::StatusOr<std::vector<Seed>> FindSeeds(absl::Span<const LedgerView* const> views,
                                            absl::Span<const SeedRequest> requests) {
  std::vector<Seed> seeds;
  for (const SeedRequest& request : requests) {
    SPOOR_ASSIGN_OR_RETURN(Seed seed, FindSeed(views, request));
    seeds.push_back(std::move(seed));
  }
  return seeds;
}

}  // namespace spoor
