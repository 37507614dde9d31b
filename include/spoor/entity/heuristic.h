#ifndef SPOOR_ENTITY_HEURISTIC_H_
#define SPOOR_ENTITY_HEURISTIC_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Signs that two addresses of a chain have one controller. Each has a file in lib/entity that says
// where it was published. The numbers are stored, in four bits: never renumber.
enum class Heuristic : uint8_t {
  kCoSpend = 1,
  kSameKey = 2,
  kOneTimeChange = 3,
  kAddressTypeChange = 4,
  kOptimalChange = 5,
  kRoundAmountChange = 6,
  kPeelingChange = 7,
  kLockTimeChange = 8,
  kFingerprintChange = 9,
  kDepositAddress = 15,
};

struct HeuristicInfo {
  Heuristic heuristic = Heuristic::kCoSpend;
  absl::string_view name;      // "co-spend", as options and results write it
  absl::string_view what;      // what it takes for a sign
  absl::string_view source;    // who published it
  absl::string_view weakness;  // where it is known to be wrong
  bool by_default = false;
  Family family = Family::kUtxo;  // of the chains that it looks at
};

// All there are, in the order in which they look at a transaction.
absl::Span<const HeuristicInfo> Heuristics();
absl::string_view HeuristicName(Heuristic heuristic);

// Some of the heuristics.
class HeuristicSet {
 public:
  HeuristicSet() = default;
  explicit HeuristicSet(absl::Span<const Heuristic> heuristics) {
    for (const Heuristic heuristic : heuristics) Add(heuristic);
  }

  void Add(Heuristic heuristic) { bits_ |= Bit(heuristic); }
  bool Has(Heuristic heuristic) const { return (bits_ & Bit(heuristic)) != 0; }
  // One bit for each, by its number: what is stored.
  uint32_t bits() const { return bits_; }
  static HeuristicSet FromBits(uint32_t bits) {
    HeuristicSet set;
    set.bits_ = bits;
    return set;
  }

  friend HeuristicSet operator&(HeuristicSet a, HeuristicSet b) {
    return FromBits(a.bits_ & b.bits_);
  }
  friend bool operator==(const HeuristicSet&, const HeuristicSet&) = default;

 private:
  static uint32_t Bit(Heuristic heuristic) { return uint32_t{1} << static_cast<int>(heuristic); }
  uint32_t bits_ = 0;
};

// All those that look at chains of the family.
HeuristicSet HeuristicsFor(Family family);
// Those whose precision is known to be high (docs/clusters.md).
HeuristicSet DefaultHeuristics(Family family = Family::kUtxo);
// From names with commas between them; "default" and "all" stand for several, of all families.
// INVALID_ARGUMENT, saying which names there are, for anything else.
absl::StatusOr<HeuristicSet> ParseHeuristics(absl::string_view list);
// The names, with commas between them, in the order of Heuristics().
std::string HeuristicsText(HeuristicSet set);

}  // namespace spoor

#endif  // SPOOR_ENTITY_HEURISTIC_H_
