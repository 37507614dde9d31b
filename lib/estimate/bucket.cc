#include <array>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "spoor/estimate/traced_case.h"

namespace spoor {
namespace {

struct Meaning {
  absl::string_view category;
  Bucket bucket;
};
// Spoor's words, GraphSense's concepts, and its own ids for what GraphSense has none for.
constexpr Meaning kMeanings[] = {
    {"exchange", Bucket::kExchange},
    {"atm", Bucket::kExchange},
    {"payment processor", Bucket::kExchange},
    {"hosted wallet", Bucket::kExchange},
    {"wallet service", Bucket::kExchange},
    {"hot wallet", Bucket::kExchange},
    {"cold wallet", Bucket::kExchange},
    {"mixing service", Bucket::kMixer},
    {"mixer", Bucket::kMixer},
    {"coinjoin", Bucket::kMixer},
    {"spoor:otc broker", Bucket::kOtc},
    {"otc broker", Bucket::kOtc},
    {"market", Bucket::kOtc},
    {"gambling", Bucket::kOtc},
    {"money laundering", Bucket::kOtc},
    {"bridge", Bucket::kBridge},
    {"defi bridge", Bucket::kBridge},
    {"defi", Bucket::kBridge},
    {"defi dex", Bucket::kBridge},
    {"defi lending", Bucket::kBridge},
    {"spoor:frozen", Bucket::kFrozen},
    {"frozen", Bucket::kFrozen},
    {"spoor:seized", Bucket::kFrozen},
    {"seized", Bucket::kFrozen},
    // Back with those who were robbed.
    {"victim", Bucket::kFrozen},
};

}  // namespace

absl::string_view BucketName(Bucket bucket) {
  constexpr std::array<absl::string_view, kBuckets> kNames = {
      "held", "exchange", "mixer", "otc", "bridge", "unknown", "frozen", "lost"};
  return kNames[static_cast<size_t>(bucket)];
}

Bucket BucketOf(absl::string_view kind, absl::string_view category) {
  if (kind == "fee" || kind == "burned") return Bucket::kLost;
  const std::string words =
      absl::StrJoin(absl::StrSplit(absl::AsciiStrToLower(category.substr(0, 64)),
                                   absl::ByAnyChar("_- \t"), absl::SkipEmpty()),
                    " ");
  for (const Meaning& meaning : kMeanings) {
    if (words == meaning.category) return meaning.bucket;
  }
  return kind == "unspent" ? Bucket::kHeld : Bucket::kUnknown;
}

TracedCase UntracedCase() {
  TracedCase untraced;
  untraced.traced = false;
  TracedPolicy policy;
  policy.policy = "untraced";
  TracedUnits held;
  held.kind = "unspent";
  held.stolen = held.now = 1;
  policy.stolen[held.stolen_asset] = 1;
  policy.ends.push_back(held);
  untraced.policies.push_back(policy);
  return untraced;
}

}  // namespace spoor
