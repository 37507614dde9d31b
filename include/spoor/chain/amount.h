#ifndef SPOOR_CHAIN_AMOUNT_H_
#define SPOOR_CHAIN_AMOUNT_H_

#include <compare>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/base/apportion.h"

namespace spoor {

// A number of satoshis, or of a sister chain's smallest units. Invariant: 0 <= sat() <= kMaxSat.
class Amount {
 public:
  // The largest supply among the chains in network.h: 84 million coins, Litecoin's. A chain's own
  // limit (Network::max_money) is checked where its transactions are decoded.
  static constexpr uint64_t kMaxSat = 84'000'000ull * 100'000'000;

  constexpr Amount() = default;
  // OUT_OF_RANGE if `sat` exceeds kMaxSat.
  static absl::StatusOr<Amount> FromSat(uint64_t sat);

  constexpr uint64_t sat() const { return sat_; }

  friend bool operator==(const Amount&, const Amount&) = default;
  friend auto operator<=>(const Amount&, const Amount&) = default;

 private:
  explicit constexpr Amount(uint64_t sat) : sat_(sat) {}
  uint64_t sat_ = 0;
};

// A number of base units of any asset: wide enough for every chain (an ERC-20 balance is 256 bits).
// Where a chain is known to need no more than 64 bits, the code that computes uses uint64_t.
using Units = Uint256;

// `units` with a decimal point before the last `decimals` digits: FormatUnits(5'000'000'000, 8) is
// "50.00000000". For people only; programs get ToDecimal().
std::string FormatUnits(const Units& units, int decimals);
std::string ToDecimal(const Units& units);
// Decimal digits only. INVALID_ARGUMENT if empty, anything else, or more than 256 bits.
absl::StatusOr<Units> UnitsFromDecimal(absl::string_view text);

}  // namespace spoor

#endif  // SPOOR_CHAIN_AMOUNT_H_
