#include "spoor/taint/seed.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/ascii.h"
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

// What the text of a seed says, before any ledger is asked.
struct ParsedSeed {
  absl::string_view text;    // without the chain
  std::optional<Txid> txid;  // else an address
  std::optional<uint32_t> output;
  absl::string_view address;
  TimeRange range;
};

absl::StatusOr<ParsedSeed> ParseSeed(absl::string_view text) {
  ParsedSeed parsed;
  parsed.text = text;
  const absl::string_view head = text.substr(0, text.find(':'));
  if (const auto txid = FromText<Txid>(head); txid.ok()) {
    parsed.txid = *txid;
    if (head.size() < text.size()) {
      uint32_t output = 0;
      const absl::string_view digits = text.substr(head.size() + 1);
      const bool plain = !digits.empty() &&
                         digits.find_first_not_of("0123456789") == absl::string_view::npos &&
                         (digits.size() == 1 || digits[0] != '0');
      if (!plain || !absl::SimpleAtoi(text.substr(head.size() + 1), &output)) {
        return absl::InvalidArgumentError(absl::StrCat(
            "\"", text.substr(head.size()), "\" is no output, wanted TXID:N with N from 0"));
      }
      parsed.output = output;
    }
    return parsed;
  }
  const size_t at = text.find('@');
  parsed.address = text.substr(0, at);
  if (at != absl::string_view::npos) {
    SPOOR_ASSIGN_OR_RETURN(parsed.range, ParseTimeRange(text.substr(at + 1)));
  }
  return parsed;
}

void AddCredits(const Movement& movement, std::vector<Credit>* credits) {
  for (size_t i = 0; i < movement.takes.size(); ++i) {
    if (movement.takes[i].kind != TakerKind::kFee) {
      credits->push_back({movement.position, static_cast<uint32_t>(i)});
    }
  }
}

// What one chain has of a seed.
struct Found {
  std::vector<Credit> credits;
  // Why there are none, if the chain has the seed's transaction or address all the same.
  std::string why_none;
};

// The transaction's outputs, or the one named. Where two coinbases share a txid (BIP 30) the later
// one is meant: it replaced the other's outputs.
absl::StatusOr<Found> TransactionCredits(const LedgerView& view, const ParsedSeed& seed) {
  Found found;
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> positions, view.FindTransaction(*seed.txid));
  if (positions.empty()) return found;
  SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(view, positions.back()));
  AddCredits(movement, &found.credits);
  if (!seed.output.has_value()) return found;
  if (*seed.output < found.credits.size()) {
    found.credits = {found.credits[*seed.output]};
  } else {
    found.why_none = absl::StrCat("the transaction has ", found.credits.size(),
                                  found.credits.size() == 1 ? " output" : " outputs",
                                  ", numbered from 0; no output ", *seed.output);
    found.credits.clear();
  }
  return found;
}

// What the address received in the seed's range of time. INVALID_ARGUMENT if the text is no address
// of this chain.
absl::StatusOr<Found> AddressCredits(const LedgerView& view, const ParsedSeed& seed) {
  Found found;
  SPOOR_ASSIGN_OR_RETURN(const std::string key, AddressKeyFromText(view.chain(), seed.address));
  SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> id, view.FindAddress(key));
  if (!id.has_value()) return found;
  SPOOR_ASSIGN_OR_RETURN(const std::vector<Position> positions, view.Receipts(*id));
  std::vector<Movement> movements;
  SPOOR_RETURN_IF_ERROR(view.ReadMovements(positions, &movements));
  for (const Movement& movement : movements) {
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, view.BlockAt(movement.height));
    if (block.time < seed.range.from || block.time > seed.range.to) continue;
    for (size_t i = 0; i < movement.takes.size(); ++i) {
      if (movement.takes[i].owner == *id) {
        found.credits.push_back({movement.position, static_cast<uint32_t>(i)});
      }
    }
  }
  if (found.credits.empty()) {
    found.why_none =
        absl::StrCat("the address received nothing in that time; it received ", movements.size(),
                     movements.size() == 1 ? " payment" : " payments", " in all");
  }
  return found;
}

// A name is printed in tables and reports; it must not command the terminal that shows them.
absl::Status CheckSource(absl::string_view source) {
  if (std::any_of(source.begin(), source.end(),
                  [](char c) { return absl::ascii_iscntrl(static_cast<unsigned char>(c)); })) {
    return absl::InvalidArgumentError("the name of a source has control characters in it");
  }
  return absl::OkStatus();
}

absl::StatusOr<Units> CreditedUnits(const LedgerView& view, absl::Span<const Credit> credits) {
  Units sum = 0;
  Movement movement;
  for (size_t i = 0; i < credits.size(); ++i) {
    if (i == 0 || credits[i].position != credits[i - 1].position) {
      SPOOR_ASSIGN_OR_RETURN(movement, ReadMovement(view, credits[i].position));
    }
    sum += movement.takes[credits[i].take].amount;
  }
  return sum;
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

  const absl::StatusOr<ParsedSeed> parsed = ParseSeed(text);
  if (!parsed.ok()) return BadSeed(request, parsed.status().message());
  Seed seed;
  seed.request = request;
  // Why no chain has it: the nearest miss counts.
  std::string why_none;
  absl::Status no_address;
  bool understood = false;
  for (size_t i = 0; i < views.size(); ++i) {
    if (wanted.value_or(i) != i) continue;
    absl::StatusOr<Found> found = parsed->txid.has_value() ? TransactionCredits(*views[i], *parsed)
                                                           : AddressCredits(*views[i], *parsed);
    if (absl::IsInvalidArgument(found.status())) {
      no_address = found.status();
      continue;
    }
    SPOOR_RETURN_IF_ERROR(found.status());
    understood = true;
    if (!found->why_none.empty()) why_none = found->why_none;
    if (found->credits.empty()) continue;
    if (!seed.credits.empty()) {
      return BadSeed(request, absl::StrCat("it is on ", views[seed.chain]->chain().name, " and on ",
                                           views[i]->chain().name, "; write ",
                                           views[i]->chain().name, ":", text, " for one of them"));
    }
    seed.chain = i;
    seed.credits = std::move(found->credits);
  }
  if (seed.credits.empty()) {
    if (why_none.empty() && !understood && !no_address.ok()) {
      const std::string chain = wanted.has_value() ? "" : NoSuchChain(views, text);
      why_none = chain.empty() ? std::string(no_address.message()) : chain;
    }
    if (why_none.empty()) {
      why_none = parsed->txid.has_value() ? "no such transaction in the ledger"
                                          : "the ledger has never seen this address";
    }
    return BadSeed(request, why_none);
  }
  SPOOR_ASSIGN_OR_RETURN(seed.amount, CreditedUnits(*views[seed.chain], seed.credits));
  if (request.limit.has_value()) seed.amount = std::min(seed.amount, *request.limit);
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
  // "script:" names scripts without an address.
  if (name.empty() || name == "script" || known || number ||
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
