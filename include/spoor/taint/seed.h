#ifndef SPOOR_TAINT_SEED_H_
#define SPOOR_TAINT_SEED_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// A claim that some units were stolen, as a user states it.
struct SeedRequest {
  // What the units are called from then on. Several seeds may share a source.
  std::string source;
  // [CHAIN:]TXID:N, [CHAIN:]TXID or [CHAIN:]ADDRESS[@FROM..TO] (docs/trace.md), where N is an
  // output, on an account chain a transfer. FROM and TO
  // bound the time of receipt, FROM <= time <= TO, each may be empty: a date, which means its first
  // second as FROM and its last as TO, or a date and time, in ISO 8601, UTC, with a "T" or a space
  // between them; seconds may be left out.
  std::string seed;
  // How many units are stolen at most, in base units: the first clean ones that arrive. nullopt:
  // all.
  std::optional<Units> limit;
};

// A time as seeds and limits are given it, in seconds since 1970: SeedRequest::seed says how it is
// written. A date, or a time to the minute, means its last second if `end`, else its first.
// INVALID_ARGUMENT.
absl::StatusOr<int64_t> ParseTime(absl::string_view text, bool end);

// "NAME=SEED" or "SEED", which then names itself. INVALID_ARGUMENT if a part is empty.
absl::StatusOr<SeedRequest> ParseSeedRequest(absl::string_view text);
// CSV with a header `source,seed[,amount]`, as `--seeds` takes it. INVALID_ARGUMENT, naming the
// line.
absl::StatusOr<std::vector<SeedRequest>> ParseSeedFile(absl::string_view csv);

// Units entering a holding: one take of one movement.
struct Credit {
  Position position;
  uint32_t take = 0;  // which of the movement's takes
  AssetId asset = kNativeAsset;
  // On an account chain: not what the take brings, but the opening balance of its holding, which
  // this movement is the first to touch.
  bool opening = false;

  friend bool operator==(const Credit&, const Credit&) = default;
};

// What a seed means of one asset.
struct SeededAsset {
  AssetId asset = kNativeAsset;
  Units amount;  // of its credits together, but no more than the limit
  size_t credits = 0;
  Units opening;  // of the amount, what was there before the ledger begins

  friend bool operator==(const SeededAsset&, const SeededAsset&) = default;
};

// A seed found in a ledger.
struct Seed {
  SeedRequest request;
  size_t chain = 0;             // which of the views
  std::vector<Credit> credits;  // in order of position; an opening balance before what comes to it
  // By asset. A seed with a limit has one.
  std::vector<SeededAsset> assets;

  // Of one asset; 0 if the seed means none of it.
  Units AmountOf(AssetId asset) const;
};

// Finds the seeds in the chains of `views`, in the order of `requests`. INVALID_ARGUMENT, saying
// what was wanted, if one is not well-formed, is nowhere to be found, is found on two chains and
// does not say which, or limits how much is stolen but means several assets.
absl::StatusOr<std::vector<Seed>> FindSeeds(absl::Span<const LedgerView* const> views,
                                            absl::Span<const SeedRequest> requests);

// If `text`, which is nothing that any of the chains knows, begins as CHAIN:ADDRESS does, what
// chains there are instead; else empty.
std::string NoSuchChain(absl::Span<const LedgerView* const> views, absl::string_view text);

}  // namespace spoor

#endif  // SPOOR_TAINT_SEED_H_
