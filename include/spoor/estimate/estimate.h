#ifndef SPOOR_ESTIMATE_ESTIMATE_H_
#define SPOOR_ESTIMATE_ESTIMATE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "spoor/chain/amount.h"
#include "spoor/estimate/model.h"
#include "spoor/estimate/prices.h"
#include "spoor/estimate/traced_case.h"

namespace spoor {

// How much of a theft a state could use, and how much of that could reach its weapons programmes:
// docs/estimate.md has the model. Three layers that are never mixed: what was traced, what of it
// could be used, what of that could reach the programmes.

struct EstimateOptions {
  int horizon_days = 365;  // after the ledger's last block; 0 to 36500
  uint64_t seed = 1;
  uint64_t samples = 1'000'000;  // of independent draws; 1000 to 10^9
};

// Percentiles, and the least and the most that the parameters' ranges allow at all.
struct Interval {
  double low = 0, p5 = 0, p50 = 0, p95 = 0, high = 0;
};
// If the thief is who they say; and times the chance of that.
struct Figures {
  Interval conditional, weighted;
};
struct Layers {
  Figures usable, programmes;
};
// The same in two measures.
struct Measures {
  Layers units;  // shares of the stolen units
  Layers value;  // shares of what those were worth at the theft, prices having moved since
};

// One policy's, drawn in two ways. Of several stolen assets without prices it is not known what
// weighs how much: then low and p5 are of that asset of which least can be used, p95 and high of
// that of which most can, whatever they weigh, and p50 is midway.
struct PolicyEstimate {
  std::string policy;
  Measures independent;  // by sampling: each parameter drawn for itself
  Measures
      dependent;  // exactly: all at the same quantile, from the worst for the state to the best
  std::optional<double> stolen_usd;  // at the theft; times `value` it is US dollars
};

// Where traced units are, by policy, asset, kind and category.
struct TracedRow {
  std::string policy;
  std::string asset;  // stolen
  std::string kind;
  std::string category;  // empty: unknown
  Bucket bucket = Bucket::kUnknown;
  Units stolen;
  double share = 0;  // of what was stolen of that asset
  uint64_t endpoints = 0;
  std::optional<double> usd;  // at the theft
};

// What one parameter moves: the figure with it at its 5th and at its 95th percentile, all others at
// their medians, under the policy where that is most.
struct Swing {
  std::string parameter;  // or "policy": from the policy with least to the one with most
  std::string of;         // "usable", "value", "weighted" (usable), "programmes"
  double from = 0, to = 0;
  double swing = 0;  // |to - from|
};

struct Estimate {
  EstimateOptions options;
  Model model;
  bool traced_case = false;  // whether there was a trace at all
  int64_t as_of = 0;         // seconds since 1970; 0 without a trace
  int64_t horizon = 0;       // likewise
  bool prices = false;       // whether prices were given
  bool gaps = false;         // TracedCase::gaps

  // Layer 1.
  std::vector<TracedRow>
      traced;  // by policy as traced, then asset, share descending, kind, category
  std::vector<TracedBound> bounds;
  std::map<std::string, Units> stolen_least, stolen_most;  // over the policies, by asset
  std::map<std::string, TracedCase::Asset> assets;

  // Layers 2 and 3: over all policies and both ways to draw, the least low and p5 and the greatest
  // p95 and high; p50 is midway between the least and the greatest median.
  Measures envelope;
  std::optional<Layers> usd;  // the same envelope in US dollars of the day of conversion
  std::optional<double> stolen_usd_least, stolen_usd_most;
  // If the trace has bounds: the least and the most usable share of the units under any account of
  // them that conserves, policy or not.
  std::optional<Interval> any_account;  // low and high only

  std::vector<PolicyEstimate> policies;
  // What moves usable units, greatest first; then what moves the other figures alone.
  std::vector<Swing> sensitivity;
  // Two seeds differ by no more than this in any percentile of `units`, of `value`: 99.99 % sure
  // for each.
  double sampling_error = 0;
  double sampling_error_value = 0;
  std::vector<std::string> warnings;
};

// The estimate. The same question gives the same answer to the last digit printed, on any machine.
// INVALID_ARGUMENT: options out of range; nothing stolen, no policy that conserves, more than 64
// policies or 1000 stolen assets; a parameter's low > mode or mode > high. DATA_LOSS: a policy
// whose ends do not add up to what was stolen. `prices` may be null.
absl::StatusOr<Estimate> MakeEstimate(const TracedCase& traced, const Model& model,
                                      const Prices* prices, const EstimateOptions& options);

}  // namespace spoor

#endif  // SPOOR_ESTIMATE_ESTIMATE_H_
