#ifndef SPOOR_ENTITY_CATEGORY_H_
#define SPOOR_ENTITY_CATEGORY_H_

#include <cstdint>
#include <set>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace spoor {

// What kind of party holds an address: one small vocabulary for the many that label lists use. The
// numbers are stored in ledgers: never renumber.
enum class Category : uint8_t {
  kUnknown = 0,  // nobody says, or says what is not in this list
  kExchange = 1,
  kMixingService = 2,     // custodial or not: what leaves it cannot be told apart
  kPaymentProcessor = 3,  // acquirers, merchants' services, cards
  kGambling = 4,
  kMarket = 5,        // goods for sale, dark or not
  kBridge = 6,        // value goes on elsewhere
  kHostedWallet = 7,  // somebody keeps coins for others
  kDefi = 8,          // contracts: decentralised exchanges, lending, staking
  kMiner = 9,         // pools too
  kShop = 10,         // sells for itself
  kDonation = 11,     // charities, collections
  kThief = 12,        // who stole, extorted or defrauded, and what belongs to them
  kSanctioned = 13,   // nothing else is known than that a state has listed it
  kUser = 14,         // a person or an organisation for itself
  kOther = 15,        // a known party of another kind
  kOtcBroker = 16,    // trades for others outside exchanges
  kFrozen = 17,       // whoever holds it can move it no more
  kSeized = 18,       // a state has taken it
  kStateActor = 19,   // acts for a state
};
inline constexpr int kCategories = 20;

// As results print it and --stop-at takes it: "exchange", "mixing service", ...; "unknown".
absl::string_view CategoryName(Category category);

// The category that `text` means: a name above, or one of GraphSense's or INTERPOL's taxonomies or
// other lists; in any case, with `_`, `-` or spaces between its words, and with or without "spoor:"
// before it. kUnknown if it is in none of them.
Category CategoryFromText(absl::string_view text);

// Where tracing stops by default: custodial services, in whose pools units cannot be told apart
// (docs/model.md).
const std::set<Category>& CustodialCategories();

// What --stop-at says: category names with commas between them, or "none". INVALID_ARGUMENT,
// listing the names there are, if one is none.
absl::StatusOr<std::set<Category>> ParseCategories(absl::string_view text);

}  // namespace spoor

#endif  // SPOOR_ENTITY_CATEGORY_H_
