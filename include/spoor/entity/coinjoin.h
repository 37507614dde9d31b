#ifndef SPOOR_ENTITY_COINJOIN_H_
#define SPOOR_ENTITY_COINJOIN_H_

#include <optional>

#include "absl/strings/string_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Transactions that several people make together so that nobody can tell whose coins are whose.
enum class CoinJoinKind {
  kWhirlpool,   // five inputs, five equal outputs of one of four sizes
  kWasabi1,     // ZeroLink: ten equal outputs or more of about a tenth of a coin, and change
  kWasabi2,     // WabiSabi: fifty inputs or more, outputs of many standard sizes
  kJoinMarket,  // one equal output for each who takes part, and change
  kGeneric,     // five equal outputs or more, for as many owners of inputs, of another make
};
// "Whirlpool", "Wasabi 1", "Wasabi 2", "JoinMarket", "equal outputs".
absl::string_view CoinJoinName(CoinJoinKind kind);

// What kind of CoinJoin a Bitcoin transaction looks like, if like one: by its inputs' owners and
// its amounts alone, after Schnoering and Vazirgiannis, "Heuristics for Detecting CoinJoin
// Transactions on the Bitcoin Blockchain" (2023). A shape is a sign and no proof: an exchange that
// pays equal amounts to many from many of its addresses looks alike.
std::optional<CoinJoinKind> RecogniseCoinJoin(const Movement& movement);

}  // namespace spoor

#endif  // SPOOR_ENTITY_COINJOIN_H_
