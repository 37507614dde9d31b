#include "spoor/entity/heuristic.h"

#include <algorithm>
#include <array>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "spoor/base/status_macros.h"

namespace spoor {

absl::Span<const HeuristicInfo> Heuristics() {
  static constexpr std::array<HeuristicInfo, 10> kAll = {{
      {Heuristic::kSameKey, "same-key", "two addresses stand for one public key",
       "the definitions of the addresses (BIP 13, 141, 173, 341, 86)",
       "a key that somebody else holds too, because it was sold or leaked; it knows P2TR and the "
       "other encoding of a key from when an input or a P2PK output shows the key",
       true},
      {Heuristic::kCoSpend, "co-spend", "two addresses give inputs to one transaction",
       "Nakamoto 2008, section 10; Ron and Shamir 2013",
       "CoinJoins of a shape that is not recognised, PayJoin (BIP 78), and services that spend for "
       "their customers from addresses that those control too",
       true},
      {Heuristic::kOneTimeChange, "one-time-change",
       "the only output to an address never seen before is change",
       "Androulaki et al. 2013; Meiklejohn et al. 2013",
       "wrong where the payee gives out a new address and change goes to a used one", false},
      {Heuristic::kAddressTypeChange, "address-type-change",
       "the only output of the kind that all inputs are of is change",
       "BlockSci (Kalodner et al. 2020)",
       "wrong where a wallet changes the kind of its addresses, as services do when they sweep",
       false},
      {Heuristic::kOptimalChange, "optimal-change",
       "the only output smaller than every input is change",
       "Nick 2015; BlockSci (Kalodner et al. 2020)",
       "says nothing of one input; wrong where a wallet adds inputs for the fee or spends all it "
       "has",
       false},
      {Heuristic::kRoundAmountChange, "round-amount-change",
       "the only output that is not a round amount is change",
       "Androulaki et al. 2013; BlockSci (Kalodner et al. 2020)",
       "wrong where a price is in another currency and change happens to be round", false},
      {Heuristic::kPeelingChange, "peeling-change",
       "in a chain of payments from one coin the larger output is change",
       "Meiklejohn et al. 2013; Kappos et al. 2022; BlockSci (Kalodner et al. 2020)",
       "wrong at the end of the chain, where the rest is paid to somebody", false},
      {Heuristic::kLockTimeChange, "locktime-change",
       "all outputs are spent, and only this one with a lock time as the payment has it",
       "BlockSci (Kalodner et al. 2020)",
       "knows two kinds of wallets only; wrong where change is spent by another wallet of its "
       "owner",
       false},
      {Heuristic::kFingerprintChange, "fingerprint-change",
       "all outputs are spent, and only this one by a wallet that fills in transactions alike and "
       "spends from the same kinds of addresses",
       "Kappos et al. 2022",
       "few wallets make most transactions; wrong where an owner's wallet changes how it does, or "
       "takes up a new kind of addresses",
       false},
      {Heuristic::kDepositAddress, "deposit-address",
       "an account that passes on all it gets to a service's tagged wallet is that service's",
       "Victor 2020, \"Address Clustering Heuristics for Ethereum\"",
       "as good as the tags: wrong where somebody pays all they have straight into a wallet that "
       "tags put to a service, and finds nothing of services without tags",
       true, Family::kAccount},
  }};
  return kAll;
}

absl::string_view HeuristicName(Heuristic heuristic) {
  for (const HeuristicInfo& info : Heuristics()) {
    if (info.heuristic == heuristic) return info.name;
  }
  return "";
}

HeuristicSet HeuristicsFor(Family family) {
  HeuristicSet set;
  for (const HeuristicInfo& info : Heuristics()) {
    if (info.family == family) set.Add(info.heuristic);
  }
  return set;
}

HeuristicSet DefaultHeuristics(Family family) {
  HeuristicSet set;
  for (const HeuristicInfo& info : Heuristics()) {
    if (info.by_default && info.family == family) set.Add(info.heuristic);
  }
  return set;
}

absl::StatusOr<HeuristicSet> ParseHeuristics(absl::string_view list) {
  HeuristicSet set;
  for (const absl::string_view name : absl::StrSplit(list, ',')) {
    bool found = false;
    for (const HeuristicInfo& info : Heuristics()) {
      if (name == info.name || name == "all" || (name == "default" && info.by_default)) {
        set.Add(info.heuristic);
        found = true;
      }
    }
    if (!found) {
      return absl::InvalidArgumentError(absl::StrCat(
          "found \"", name, "\", wanted heuristics: ",
          absl::StrJoin(
              Heuristics(), ", ",
              [](std::string* out, const HeuristicInfo& info) { absl::StrAppend(out, info.name); }),
          "; or default, or all"));
    }
  }
  return set;
}

std::string HeuristicsText(HeuristicSet set) {
  std::vector<absl::string_view> names;
  for (const HeuristicInfo& info : Heuristics()) {
    if (set.Has(info.heuristic)) names.push_back(info.name);
  }
  return absl::StrJoin(names, ",");
}

}  // namespace spoor
